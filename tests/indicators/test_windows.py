"""Windows: half-open, N x 24 h or to date in local time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.windows import Rolling, ToDate, read_window
from schemas.instants import read_instant
from tests.indicators.telling import AMSTERDAM, VIET_NAM
from tests.profiles import steady

FROM, TO = read_instant("1995-01-01T00:00:00Z"), read_instant("2095-01-01T00:00:00Z")
PERIODS = ("month", "quarter", "half", "year")


def period(name: str, zone: ZoneInfo = AMSTERDAM) -> ToDate:
    window = read_window(name, zone)
    assert isinstance(window, ToDate)
    return window


@pytest.mark.parametrize(
    ("name", "at", "start"),
    [
        pytest.param("7d", "2024-03-10T12:00:00Z", "2024-03-03T12:00:00Z", id="seven days"),
        pytest.param("1d", "2024-03-31T12:00:00+02:00", "2024-03-30T11:00:00+01:00", id="24 hours"),
        pytest.param("month", "2024-03-10T12:00:00+07:00", "2024-03-01T00:00:00+07:00", id="month"),
        pytest.param(
            "quarter", "2024-03-10T12:00:00+07:00", "2024-01-01T00:00:00+07:00", id="first quarter"
        ),
        pytest.param(
            "quarter", "2024-12-31T23:59:59+07:00", "2024-10-01T00:00:00+07:00", id="last quarter"
        ),
        pytest.param(
            "half", "2024-06-30T23:59:59+07:00", "2024-01-01T00:00:00+07:00", id="first half"
        ),
        pytest.param(
            "half", "2024-07-01T00:00:00+07:00", "2024-07-01T00:00:00+07:00", id="a half begins"
        ),
        pytest.param("year", "2024-12-31T23:59:59+07:00", "2024-01-01T00:00:00+07:00", id="year"),
        pytest.param(
            "month",
            "2024-03-31T18:00:00Z",
            "2024-04-01T00:00:00+07:00",
            id="local means the configured zone, not UTC",
        ),
    ],
)
def test_start_in_viet_nam(name: str, at: str, start: str) -> None:
    assert read_window(name, VIET_NAM).start(read_instant(at)) == read_instant(start)


@pytest.mark.parametrize(
    ("name", "at", "start", "turns"),
    [
        pytest.param(
            "month",
            "2012-03-31T12:00:00+02:00",
            "2012-03-01T00:00:00+01:00",
            "2012-04-01T00:00:00+02:00",
            id="begun in winter, ending in summer",
        ),
        pytest.param(
            "quarter",
            "2012-10-01T00:00:00+02:00",
            "2012-10-01T00:00:00+02:00",
            "2013-01-01T00:00:00+01:00",
            id="begun in summer, ending in winter",
        ),
        pytest.param(
            "year",
            "2012-07-01T00:00:00+02:00",
            "2012-01-01T00:00:00+01:00",
            "2013-01-01T00:00:00+01:00",
            id="a year of both",
        ),
    ],
)
def test_to_date_in_a_zone_with_summer_time(name: str, at: str, start: str, turns: str) -> None:
    window = period(name)
    assert window.start(read_instant(at)) == read_instant(start)
    assert window.turns(read_instant(at)) == read_instant(turns)


@pytest.mark.parametrize("name", PERIODS)
@steady(40)
@given(at=st.integers(FROM, TO))
def test_a_period_turns_when_it_says(name: str, at: int) -> None:
    """The span starts where it did until one microsecond before, and then anew."""
    window = period(name)
    start, turns = window.start(at), window.turns(at)
    assert start <= at < turns
    assert window.start(turns - 1) == start
    assert window.start(turns) == turns


@steady(40)
@given(days=st.integers(1, 400), end=st.integers(FROM, TO))
def test_an_end_leaves_a_rolling_window_when_it_is_older_than_its_span(days: int, end: int) -> None:
    window = Rolling(days)
    assert window.start(end + window.span) == end  # still inside: the start belongs to it
    assert window.start(end + window.span + 1) > end


@pytest.mark.parametrize("name", ["1d", "30d", "365d", *PERIODS])
@steady(40)
@given(end=st.integers(FROM, TO))
def test_an_end_leaves_a_window_when_it_says(name: str, end: int) -> None:
    """It is inside [start, T) at every T up to one microsecond before."""
    window = read_window(name, AMSTERDAM)
    leaves = window.leaves(end)
    assert end < leaves
    assert window.start(leaves - 1) <= end < window.start(leaves)


@steady(60)
@given(instants=st.lists(st.integers(FROM, TO), min_size=2, max_size=8))
def test_what_was_asked_before_changes_no_answer(instants: list[int]) -> None:
    asked = period("month")
    for at in instants:
        fresh = period("month")
        assert (asked.start(at), asked.turns(at)) == (fresh.start(at), fresh.turns(at))


def test_the_edges_of_a_period() -> None:
    month = period("month", VIET_NAM)
    turn = read_instant("2024-04-01T00:00:00+07:00")
    assert month.turns(turn - 1) == turn
    assert month.start(turn - 1) == read_instant("2024-03-01T00:00:00+07:00")
    assert month.start(turn) == turn
    assert month.turns(turn) == read_instant("2024-05-01T00:00:00+07:00")


@pytest.mark.parametrize("name", ["1d", "7d", "365d", *PERIODS])
def test_a_window_has_its_name(name: str) -> None:
    assert read_window(name, VIET_NAM).text == name


@pytest.mark.parametrize("name", ["", "0d", "07d", "d", "-1d", "7 d", "week", "7D", "100000d"])
def test_what_is_no_window(name: str) -> None:
    with pytest.raises(ValueError, match="is no window: a number of days such as 30d"):
        read_window(name, VIET_NAM)
