"""Local days as instants, also where clocks are put on or back at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.instants import end_of_day, local_date, micros, start_of_day

VIET_NAM = "Asia/Ho_Chi_Minh"


def instant(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "day", "following"),
    [
        pytest.param(VIET_NAM, "2024-06-30", "2024-06-30T17:00", id="no change"),
        pytest.param("Europe/Amsterdam", "2024-03-31", "2024-03-31T22:00", id="a short day"),
        pytest.param("Europe/Amsterdam", "2024-10-27", "2024-10-27T23:00", id="a long day"),
        pytest.param("America/Sao_Paulo", "2017-10-14", "2017-10-15T03:00", id="no midnight"),
        pytest.param("America/Havana", "2023-11-04", "2023-11-05T04:00", id="from 1:00 to 0:00"),
        pytest.param(
            "America/St_Johns", "2006-10-28", "2006-10-29T03:30", id="back across midnight"
        ),
        pytest.param("America/St_Johns", "2006-10-27", "2006-10-28T02:30", id="the day before"),
    ],
)
def test_the_end_of_a_local_day(zone: str, day: str, following: str) -> None:
    """Its last microsecond, after which no instant near is of that day."""
    end = end_of_day(date.fromisoformat(day), ZoneInfo(zone))
    assert end == instant(following) - 1
    assert local_date(end, ZoneInfo(zone)).isoformat() == day
    for minutes in range(120):
        later = end + 1 + minutes * 60_000_000
        assert local_date(later, ZoneInfo(zone)).isoformat() != day


@pytest.mark.parametrize(
    "zone", [VIET_NAM, "Europe/Amsterdam", "America/Sao_Paulo", "America/Havana"]
)
def test_a_day_begins_where_the_one_before_it_ends(zone: str) -> None:
    for number in range(366):
        day = date(2017, 1, 1) + timedelta(days=number)
        assert start_of_day(day, ZoneInfo(zone)) == (
            end_of_day(day - timedelta(days=1), ZoneInfo(zone)) + 1
        )


def test_a_day_that_begins_twice_begins_the_first_time() -> None:
    assert start_of_day(date(2006, 10, 29), ZoneInfo("America/St_Johns")) == instant(
        "2006-10-29T02:30"
    )
