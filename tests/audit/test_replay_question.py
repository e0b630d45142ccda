"""The instants of `replay --every`, and their order among the single ones."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.replay_question import Instants, Period, iso_local, midnights
from schemas.instants import DAY, local_date, read_instant
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady

HOUR = DAY // 24
NEW_YORK = ZoneInfo("America/New_York")
BEGIN = "2025-01-29T10:00:00+07:00"


@pytest.mark.parametrize(
    ("period", "last", "expected"),
    [
        pytest.param("day", "2025-01-31T00:00:00+07:00", ["01-30", "01-31"], id="days, both ends"),
        pytest.param("day", "2025-01-30T23:59:59+07:00", ["01-30"], id="not the next midnight"),
        pytest.param(
            "week", "2025-02-17T00:00:00+07:00", ["02-03", "02-10", "02-17"], id="Mondays"
        ),
        pytest.param("month", "2025-03-31T00:00:00+07:00", ["02-01", "03-01"], id="firsts"),
        pytest.param("month", "2025-01-31T00:00:00+07:00", [], id="no first between"),
        pytest.param("day", "2025-01-29T09:00:00+07:00", [], id="the last before the first"),
    ],
)
def test_midnights(period: Period, last: str, expected: list[str]) -> None:
    found = midnights(period, read_instant(BEGIN), read_instant(last), VIET_NAM)
    assert [iso_local(at, VIET_NAM) for at in found] == [
        f"2025-{day}T00:00:00+07:00" for day in expected
    ]


def test_a_midnight_at_the_first_instant_is_one() -> None:
    at = read_instant("2025-01-29T00:00:00+07:00")
    assert list(midnights("day", at, at, VIET_NAM)) == [at]


def test_local_midnights_where_the_clocks_change() -> None:
    first, last = (read_instant(f"2025-03-{day}T12:00:00-05:00") for day in ("08", "10"))
    found = [iso_local(at, NEW_YORK) for at in midnights("day", first, last, NEW_YORK)]
    assert found == ["2025-03-09T00:00:00-05:00", "2025-03-10T00:00:00-04:00"]


@steady(60)
@given(
    period=st.sampled_from(["day", "week", "month"]),
    first=st.integers(10_000, 20_000),
    days=st.integers(0, 100),
    minutes=st.integers(0, 1_439),
)
def test_every_start_between_and_no_other(
    period: Period, first: int, days: int, minutes: int
) -> None:
    begin = first * DAY + minutes * (DAY // 1_440)
    end = begin + days * DAY
    starts = {
        at
        for number in range(first - 1, first + days + 3)
        if begin <= (at := number * DAY - 7 * HOUR) <= end
        and (period != "week" or local_date(at, VIET_NAM).weekday() == 0)
        and (period != "month" or local_date(at, VIET_NAM).day == 1)
    }
    assert list(midnights(period, begin, end, VIET_NAM)) == sorted(starts)


def test_single_instants_and_midnights_in_one_order_each_once() -> None:
    texts = ["2025-01-30T12:00:00Z", "2025-01-30T17:00:00Z", "2025-02-10T00:00:00Z"]
    asked = {read_instant(text): text for text in texts}
    bounds = read_instant(BEGIN), read_instant("2025-02-01T00:00:00+07:00")
    instants = Instants(asked, VIET_NAM, "day", *bounds)

    in_order = [text for _, text in instants.in_order()]

    assert in_order == [
        "2025-01-30T00:00:00+07:00",
        texts[0],
        texts[1],  # that is the midnight of the 31st, told as it was asked for
        "2025-02-01T00:00:00+07:00",
        texts[2],
    ]
    assert instants.count() == 5
    later = list(instants.in_order(read_instant(texts[1])))
    assert [text for _, text in later] == in_order[3:]
    assert later == list(instants.in_order())[3:]
