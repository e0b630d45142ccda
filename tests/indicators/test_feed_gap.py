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
from indicators.feed_gap import LEAST, UNKNOWN, is_given_up, silent_since, usual_gap
from schemas.instants import Millis, local_date, read_instant
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


@pytest.mark.parametrize(("taken_out", "usual"), [(0, 1), (19, 1), (20, 1), (21, 2), (40, 2)])
def test_the_99th_percentile_is_by_nearest_rank(taken_out: int, usual: int) -> None:
    """21 days of 100 gaps of a minute, and the nights: 2120 gaps, of which 2099 are usual.

    Taking out every other arrival makes one gap of two minutes out of two of one: after 20 of these
    2080 of 2100 gaps are at most a minute long and 2079 are wanted, after 21 only 2078 of 2099, and
    2079 are wanted.
    """
    calendar = vietnam(OFFICE.zone, hours=((7 * 60, 8 * 60 + 40),))
    days = working_days("2026-06-01", "2026-06-29")
    assert len(days) == 21
    arrivals = [at(f"{day}T07:00") + n * MINUTE for day in days for n in range(101)]
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


DAYS = working_days("2026-06-01", "2026-06-26")  # 20, and 160 hours of work


def spread(count: int, hour: str = "T09:00") -> list[Millis]:
    """So many arrivals, evenly over the 20 days, the last of them on the last day."""
    return [at(DAYS[-1 - number * 20 // count] + hour) for number in range(count)]


@pytest.mark.parametrize(
    ("arrivals", "hours"),
    [
        pytest.param(spread(20), 8, id="one a day"),
        pytest.param(spread(19), 162 / 19, id="one a day, but for one"),
        pytest.param(spread(10), 16, id="one in two days"),
        pytest.param(spread(5), 32, id="one in four days"),
        pytest.param(spread(4), 40, id="one a week"),
        pytest.param(spread(2), 160 / 3, id="two in a month: a third of the time at most"),
        pytest.param(spread(1), 160 / 3, id="one in a month"),
        pytest.param(
            spread(10) + [one + SECOND for one in spread(10)], 16, id="20, always two together"
        ),
        pytest.param(
            spread(4) + [one + n * SECOND for one in spread(4) for n in range(1, 5)],
            40,
            id="20 in four bursts",
        ),
        pytest.param([at(DAYS[-1] + "T09:00") + n * SECOND for n in range(20)], 8, id="one burst"),
        pytest.param([at(DAYS[-1] + "T09:00") + n * SECOND for n in range(40)], 4, id="a larger"),
    ],
)
def test_few_arrivals_say_little(arrivals: list[Millis], hours: float) -> None:
    """Not less than the time looked back over by their number, nor much more.

    The last day counts up to the arrival: two hours.
    """
    usual = usual_gap(arrivals, OFFICE, NOW)
    assert usual is not None
    assert hours * HOUR - 5 * SECOND <= usual <= hours * HOUR * 1.03 + SECOND


def test_without_any_arrival_nothing_is_known() -> None:
    assert usual_gap([], OFFICE, NOW) is None
    assert usual_gap([NOW, NOW + 1], OFFICE, NOW) is None


@pytest.mark.parametrize("count", range(15, 26))
def test_a_unit_of_about_one_arrival_a_day_has_three_days(count: int) -> None:
    """As many or a few less make no other unit of it: neither silent after a day, nor never."""
    arrivals = spread(count)
    usual = usual_gap(arrivals, OFFICE, NOW)
    last = arrivals[0]
    two_days, a_week = at("2026-06-30T09:00"), at("2026-07-07T09:00")
    assert silent_since(last, usual, two_days, OFFICE) is None
    assert silent_since(last, usual, a_week, OFFICE) == last


arrival_lists = st.lists(st.integers(WINDOW - DAY, NOW + DAY), min_size=15, max_size=60)


@steady()
@given(arrival_lists, st.randoms(use_true_random=False))
def test_order_does_not_matter(arrivals: list[Millis], chance: Random) -> None:
    usual = usual_gap(arrivals, OFFICE, NOW)
    chance.shuffle(arrivals)
    assert usual_gap(arrivals, OFFICE, NOW) == usual
    assert usual_gap([one for one in arrivals if one < NOW], OFFICE, NOW) == usual


@steady()
@given(arrival_lists)
def test_what_is_usual_has_been_or_is_the_mean_or_all_that_can_be_known(
    arrivals: list[Millis],
) -> None:
    known = sorted(one for one in arrivals if one < NOW)
    usual = usual_gap(arrivals, OFFICE, NOW)
    assert (usual is None) is (not known)
    if usual is None:
        return
    day = local_date(known[-1] * 1_000, OFFICE.zone)
    for _ in range(20):
        day = OFFICE.previous_working_day(day)
    since = at(f"{day}T00:00")
    within = [one for one in known if one >= since]
    looked_at = OFFICE.working_time(since * 1_000, known[-1] * 1_000) // 1_000
    gaps = [OFFICE.working_time(a * 1_000, b * 1_000) // 1_000 for a, b in pairwise(within)]
    assert usual in (*gaps, looked_at // len(within), looked_at // 3)
    assert min(looked_at // len(within), looked_at // 3) <= usual <= looked_at // 3
    if usual < looked_at // 3:
        assert 100 * sum(gap > usual for gap in gaps) <= len(gaps)


@steady()
@given(arrival_lists, st.integers(0, 60 * DAY))
def test_while_nothing_arrives_what_is_usual_stays(arrivals: list[Millis], later: Millis) -> None:
    """So no silence ends, and none begins, by what falls out of the time looked back over."""
    known = [one for one in arrivals if one < NOW]
    assert usual_gap(known, OFFICE, NOW + later) == usual_gap(known, OFFICE, NOW)


@steady()
@given(arrival_lists, st.lists(st.integers(0, 40 * DAY), min_size=2, max_size=8))
def test_a_silence_ends_by_an_arrival_only(arrivals: list[Millis], looks: list[Millis]) -> None:
    known = [one for one in arrivals if one < NOW]
    if not known:
        return
    seen = [
        silent_since(max(known), usual_gap(known, OFFICE, NOW + later), NOW + later, OFFICE)
        for later in sorted(looks)
    ]
    assert [one is not None for one in seen] == sorted(one is not None for one in seen)


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


# --- what is not waited for any more


@pytest.mark.parametrize(
    ("last", "usual", "days", "given_up"),
    [
        # Silent from 10:00 on Tuesday the 30th; the tenth working day after it is the 14th of July.
        ("2026-06-30T08:00", 10 * MINUTE, 10, "2026-07-14T17:00"),
        ("2026-06-30T08:00", 10 * MINUTE, 1, "2026-07-01T17:00"),
        # Silent from 09:00 on Wednesday.
        ("2026-06-29T09:00", 16 * HOUR // 3, 10, "2026-07-15T17:00"),
        # Over Tet: from the 13th of February on, and the offices open again on the 23rd.
        ("2026-02-13T08:00", 10 * MINUTE, 2, "2026-02-24T17:00"),
    ],
)
def test_when_a_silent_feed_is_given_up(last: str, usual: Millis, days: int, given_up: str) -> None:
    assert not is_given_up(at(last), usual, at(given_up), OFFICE, days)
    assert is_given_up(at(last), usual, at(given_up) + 1, OFFICE, days)


def test_one_that_is_never_given_up() -> None:
    assert not is_given_up(at("2020-01-02T08:00"), MINUTE, NOW, OFFICE, 0)


@steady()
@given(instants, st.integers(0, 60 * DAY), usuals, st.integers(1, 20))
def test_only_a_silent_feed_is_given_up_and_for_good(
    last: Millis, later: Millis, usual: Millis | None, days: int
) -> None:
    if not is_given_up(last, usual, last + later, OFFICE, days):
        return
    assert silent_since(last, usual, last + later, OFFICE) == last
    assert is_given_up(last, usual, last + later + DAY, OFFICE, days)
    assert not is_given_up(last + later, usual, last + later, OFFICE, days)


@steady()
@given(instants, usuals)
def test_silence_begins_as_documented(last: Millis, usual: Millis | None) -> None:
    limit = UNKNOWN * LEAST if usual is None else max(LEAST, 3 * usual)
    reached = OFFICE.add_working_time(last * 1_000, limit * 1_000)
    assert silent_since(last, usual, reached // 1_000, OFFICE) is None
    following = OFFICE.next_working_time(reached) // 1_000
    assert silent_since(last, usual, following + 1, OFFICE) == last
