"""When a feed is silent: the usual gap of a unit and the silence that is too long."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.calendar import vietnam
from indicators.feed_gap import LEAST, UNKNOWN, silent_since, usual_gap
from schemas.instants import Millis, read_instant
from tests.profiles import steady

OFFICE = vietnam(ZoneInfo("Asia/Ho_Chi_Minh"))
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
DAY = 24 * HOUR


def at(text: str) -> Millis:
    return read_instant(f"{text}+07:00") // 1_000


NOW = at("2026-06-30T10:00")  # a Tuesday
WINDOW = at("2026-06-02T00:00")  # begins 20 working days before, none of them a holiday


def working_days(first: str, last: str) -> list[str]:
    day, found = OFFICE.add_working_days(date.fromisoformat(first), 0), []
    while str(day) <= last:
        found.append(str(day))
        day = OFFICE.add_working_days(day, 1)
    return found


def every(step: Millis, since: Millis = WINDOW - 5 * DAY, until: Millis = NOW) -> list[Millis]:
    return list(range(since, until, step))


# --- what is usual


def test_a_feed_that_runs_day_and_night() -> None:
    assert usual_gap(every(10 * MINUTE), OFFICE, NOW) == 10 * MINUTE


def test_nights_weekends_and_holidays_are_no_gap() -> None:
    """Once at 08:00 and once at 16:00 of each working day, Tet between them."""
    arrivals = [
        at(f"{day}T{hour}:00")
        for day in working_days("2026-02-02", "2026-03-13")
        for hour in ("08", "16")
    ]
    assert (
        usual_gap(arrivals, OFFICE, at("2026-03-14T00:00")) == 6 * HOUR
    )  # 8 h less the noon break


def test_the_rest_of_the_day_is_a_habit() -> None:
    """A busy desk that sends its last at 16:00 and its first at 07:30, every day."""
    arrivals = [
        at(f"{day}T07:30") + n * MINUTE
        for day in working_days("2026-06-01", "2026-06-29")
        for n in range(8 * 60 + 31)
    ]
    assert usual_gap(arrivals, OFFICE, NOW) == 90 * MINUTE


@pytest.mark.parametrize("hour", ["02", "11", "16"])
def test_a_day_s_file_sent_at_once_is_a_habit(hour: str) -> None:
    arrivals = [
        at(f"{day}T{hour}:00") + n * 20
        for day in working_days("2026-06-01", "2026-06-29")
        for n in range(500)
    ]
    usual = usual_gap(arrivals, OFFICE, NOW)
    assert usual is not None
    assert 8 * HOUR - 10 * SECOND <= usual <= 8 * HOUR
    assert silent_since(arrivals[-1], usual, NOW, OFFICE) is None


@pytest.mark.parametrize(("taken_out", "usual"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2)])
def test_the_99th_percentile_is_by_nearest_rank(taken_out: int, usual: int) -> None:
    """Three days of 100 gaps of a minute and two nights: 302 gaps, of which 299 are usual.

    Taking out every other arrival makes one gap of two minutes out of two of one: after two of
    these 297 of 300 gaps are a minute long, after three only 296 of 299, and 297 are wanted.
    """
    calendar = vietnam(OFFICE.zone, hours=((7 * 60, 8 * 60 + 40),))
    arrivals = [at(f"2026-06-{day}T07:00") + n * MINUTE for day in (25, 26, 29) for n in range(101)]
    for n in range(taken_out):
        arrivals.remove(at("2026-06-26T07:01") + 2 * n * MINUTE)
    assert usual_gap(arrivals, calendar, NOW) == usual * MINUTE


def test_one_breakdown_does_not_become_usual() -> None:
    down = range(at("2026-06-17T08:00"), at("2026-06-18T15:00"))
    arrivals = [one for one in every(10 * MINUTE) if one not in down]
    assert usual_gap(arrivals, OFFICE, NOW) == 10 * MINUTE


def test_what_is_older_than_20_working_days_does_not_count() -> None:
    slow = every(4 * HOUR, WINDOW - 40 * DAY, WINDOW)
    assert usual_gap(slow + every(10 * MINUTE, WINDOW), OFFICE, NOW) == 10 * MINUTE
    assert usual_gap(slow, OFFICE, NOW) is None


@pytest.mark.parametrize(
    ("arrivals", "known"),
    [
        ([], False),
        (every(MINUTE, NOW - 19 * MINUTE), False),
        (every(MINUTE, NOW - 20 * MINUTE), True),
        (every(MINUTE, NOW - 19 * MINUTE, NOW + 5 * MINUTE), False),  # at `until` and later
        ([*every(MINUTE, NOW - 19 * MINUTE), WINDOW - 1], False),
        ([*every(MINUTE, NOW - 19 * MINUTE), WINDOW], True),
    ],
)
def test_twenty_arrivals_are_needed(arrivals: list[Millis], known: bool) -> None:
    assert (usual_gap(arrivals, OFFICE, NOW) is not None) is known


arrival_lists = st.lists(st.integers(WINDOW - DAY, NOW + DAY), min_size=15, max_size=60)


@steady()
@given(arrival_lists, st.randoms(use_true_random=False))
def test_order_does_not_matter(arrivals: list[Millis], chance: Random) -> None:
    usual = usual_gap(arrivals, OFFICE, NOW)
    chance.shuffle(arrivals)
    assert usual_gap(arrivals, OFFICE, NOW) == usual
    assert usual_gap([one for one in arrivals if WINDOW <= one < NOW], OFFICE, NOW) == usual


@steady()
@given(arrival_lists)
def test_what_is_usual_has_been_and_is_rarely_exceeded(arrivals: list[Millis]) -> None:
    within = sorted(one for one in arrivals if WINDOW <= one < NOW)
    usual = usual_gap(arrivals, OFFICE, NOW)
    assert (usual is None) is (len(within) < 20)
    if usual is not None:
        gaps = [OFFICE.working_time(a * 1_000, b * 1_000) // 1_000 for a, b in pairwise(within)]
        assert usual in gaps
        assert 100 * sum(gap > usual for gap in gaps) <= len(gaps)


# --- what is too long


@pytest.mark.parametrize(
    ("last", "usual", "first_silent"),
    [
        ("2026-06-30T08:00", 10 * MINUTE, "2026-06-30T10:00"),  # two hours at least
        ("2026-06-30T08:00", 0, "2026-06-30T10:00"),
        ("2026-06-30T08:00", HOUR, "2026-06-30T11:00"),
        ("2026-06-30T08:00", 2 * HOUR, "2026-06-30T16:00"),  # the noon break does not count
        ("2026-06-30T08:00", None, "2026-07-01T08:00"),  # unknown: a working day
        ("2026-06-26T16:59", 10 * MINUTE, "2026-06-29T08:59"),  # over a weekend
        ("2026-06-26T22:00", 10 * MINUTE, "2026-06-29T09:00"),
        ("2026-02-13T16:30", 10 * MINUTE, "2026-02-23T08:30"),  # over Tet
        ("2026-08-21T16:30", 10 * MINUTE, "2026-08-22T08:30"),  # a Saturday that is worked
    ],
)
def test_when_a_feed_is_silent(last: str, usual: Millis | None, first_silent: str) -> None:
    assert silent_since(at(last), usual, at(first_silent), OFFICE) is None
    assert silent_since(at(last), usual, at(first_silent) + 1, OFFICE) == at(last)


def test_factor_and_least_are_the_province_s() -> None:
    last = at("2026-06-30T08:00")

    def silent(now: str, usual: Millis | None) -> bool:
        found = silent_since(last, usual, at(now), OFFICE, factor=2, least=30 * MINUTE)
        return found is not None

    assert [silent("2026-06-30T08:30", 0), silent("2026-06-30T08:31", 0)] == [False, True]
    assert [silent("2026-06-30T10:00", HOUR), silent("2026-06-30T10:01", HOUR)] == [False, True]
    assert [silent("2026-06-30T10:00", None), silent("2026-06-30T10:01", None)] == [False, True]


instants = st.integers(WINDOW, NOW + 30 * DAY)
usuals = st.none() | st.integers(0, 20 * HOUR)


@steady()
@given(instants, instants, st.integers(0, 30 * DAY), usuals)
def test_a_silence_lasts_until_an_arrival(
    last: Millis, now: Millis, more: Millis, usual: Millis | None
) -> None:
    found = silent_since(last, usual, now, OFFICE)
    assert found in (None, last)
    if found is not None:
        assert now - last > LEAST
        assert silent_since(last, usual, now + more, OFFICE) == last
    assert silent_since(now, usual, now, OFFICE) is None
    assert silent_since(max(last, now), usual, min(last, now), OFFICE) is None


@steady()
@given(instants, usuals)
def test_silence_begins_as_documented(last: Millis, usual: Millis | None) -> None:
    limit = UNKNOWN * LEAST if usual is None else max(LEAST, 3 * usual)
    reached = OFFICE.add_working_time(last * 1_000, limit * 1_000)
    assert silent_since(last, usual, reached // 1_000, OFFICE) is None
    following = OFFICE.next_working_time(reached) // 1_000
    assert silent_since(last, usual, following + 1, OFFICE) == last
