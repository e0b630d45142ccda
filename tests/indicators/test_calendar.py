"""The working calendar: edges of days, hours and years, and what holds for every instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indicators import calendar as calendar_module
from indicators.calendar import (
    DEFAULT_HOURS,
    Hours,
    WorkingCalendar,
    YearFile,
    read_hours,
    read_year,
    vietnam,
)
from indicators.calendars import year_by_rule
from schemas.instants import DAY, MINUTE, Micros, micros, read_instant
from tests.profiles import steady

HOUR = 60 * MINUTE
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = vietnam(ZONE)
ROUND_THE_CLOCK: Hours = ((0, 24 * 60),)
AT_NIGHT: Hours = ((0, 90), (90, 135), (150, 240), (23 * 60, 24 * 60))  # where clocks are changed

CALENDARS = [
    OFFICE,
    vietnam(ZoneInfo("Europe/Amsterdam")),
    vietnam(ZoneInfo("Europe/Amsterdam"), hours=AT_NIGHT),
    vietnam(ZoneInfo("America/Havana"), hours=AT_NIGHT),  # changes its clocks at midnight
    vietnam(ZoneInfo("America/New_York"), hours=ROUND_THE_CLOCK),
    WorkingCalendar(ZoneInfo("Pacific/Apia"), AT_NIGHT),  # had no 30 December 2011
]
IDS = [f"{one.zone.key}-{len(one.hours)}" for one in CALENDARS]

calendars = st.sampled_from(CALENDARS)
instants = st.integers(
    micros(datetime(2010, 12, 1, tzinfo=UTC)), micros(datetime(2028, 3, 1, tzinfo=UTC))
)
spans = st.one_of(st.integers(0, 3 * DAY), st.integers(0, 900 * DAY))


def at(text: str) -> Micros:
    """An instant by the clocks of Viet Nam."""
    return read_instant(f"{text}+07:00")


def shown(instant: Micros, zone: ZoneInfo = ZONE) -> str:
    """What the clocks of a zone show."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(zone)
    return local.replace(tzinfo=None).isoformat(timespec="minutes")


# --- instants


@pytest.mark.parametrize(
    ("text", "working", "following"),
    [
        ("2026-11-20T06:59", False, "2026-11-20T07:00"),
        ("2026-11-20T07:00", True, "2026-11-20T07:00"),
        ("2026-11-20T11:29", True, "2026-11-20T11:29"),
        ("2026-11-20T11:30", False, "2026-11-20T13:30"),  # the noon break
        ("2026-11-20T13:30", True, "2026-11-20T13:30"),
        ("2026-11-20T16:59", True, "2026-11-20T16:59"),  # a Friday
        ("2026-11-20T17:00", False, "2026-11-23T07:00"),
        ("2026-11-21T00:00", False, "2026-11-23T07:00"),
        ("2026-11-23T17:00", False, "2026-11-25T07:00"),
        ("2026-02-13T17:00", False, "2026-02-23T07:00"),
        ("2026-08-21T17:00", False, "2026-08-22T07:00"),  # a Saturday that is worked
        ("2025-12-31T17:00", False, "2026-01-05T07:00"),
        ("2026-12-31T23:59", False, "2027-01-04T07:00"),
        ("2027-01-01T00:00", False, "2027-01-04T07:00"),
    ],
)
def test_which_time_is_working_time(text: str, working: bool, following: str) -> None:
    assert OFFICE.is_working_time(at(text)) is working
    assert shown(OFFICE.next_working_time(at(text))) == following


def test_the_last_microsecond_of_a_span_is_working_time() -> None:
    assert OFFICE.is_working_time(at("2026-11-20T17:00") - 1)
    assert OFFICE.working_time(at("2026-11-20T17:00") - 1, at("2026-11-23T07:00") + 1) == 2


@pytest.mark.parametrize(
    ("start", "stop", "minutes"),
    [
        ("2026-11-20T16:59", "2026-11-23T07:01", 2),
        ("2026-11-20T11:00", "2026-11-20T14:00", 60),
        ("2026-11-20T12:00", "2026-11-20T13:00", 0),
        ("2026-11-20T00:00", "2026-11-21T00:00", 480),
        ("2026-02-13T17:00", "2026-02-23T07:00", 0),  # Tet
        ("2025-04-29T17:00", "2025-05-05T07:00", 0),
        ("2024-05-03T17:00", "2024-05-06T07:00", 480),  # Saturday 4 May
        ("2025-12-31T16:00", "2026-01-05T08:00", 120),
        ("2025-01-01T00:00", "2026-01-01T00:00", 250 * 480),
        ("2026-11-20T14:00", "2026-11-20T14:00", 0),
        ("2026-11-20T14:00", "2026-11-20T08:00", 0),
        ("2020-11-20T14:00", "2019-11-20T08:00", 0),
    ],
)
def test_working_time(start: str, stop: str, minutes: int) -> None:
    assert OFFICE.working_time(at(start), at(stop)) == minutes * MINUTE


@pytest.mark.parametrize(
    ("start", "minutes", "reached"),
    [
        ("2026-11-20T16:59", 1, "2026-11-20T17:00"),  # the stop, not the next opening
        ("2026-11-20T16:59", 2, "2026-11-23T07:01"),
        ("2026-11-20T11:29", 2, "2026-11-20T13:31"),
        ("2026-11-20T20:00", 0, "2026-11-20T20:00"),
        ("2026-11-20T20:00", 1, "2026-11-23T07:01"),
        ("2026-11-20T00:00", 270, "2026-11-20T11:30"),
        ("2026-02-13T16:00", 120, "2026-02-23T08:00"),
        ("2025-12-31T16:00", 60 + 480, "2026-01-05T17:00"),
        ("2025-01-01T00:00", 250 * 480, "2025-12-31T17:00"),
        ("2025-01-01T00:00", 250 * 480 + 1, "2026-01-05T07:01"),
    ],
)
def test_add_working_time(start: str, minutes: int, reached: str) -> None:
    assert shown(OFFICE.add_working_time(at(start), minutes * MINUTE)) == reached


def test_a_negative_span_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        OFFICE.add_working_time(at("2026-11-20T16:59"), -1)
    with pytest.raises(ValueError, match="-1"):
        OFFICE.add_working_days(date(2026, 11, 20), -1)


@pytest.mark.parametrize(
    ("day", "days", "reached"),
    [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-23"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-20", 2, "2026-11-25"),
        ("2026-02-13", 1, "2026-02-23"),
        ("2026-08-21", 1, "2026-08-22"),
        ("2025-12-31", 1, "2026-01-05"),
        ("2026-12-31", 0, "2026-12-31"),
        ("2027-01-01", 0, "2027-01-04"),
        ("2024-12-31", 251, "2026-01-05"),  # 250 in 2025
    ],
)
def test_add_working_days(day: str, days: int, reached: str) -> None:
    assert str(OFFICE.add_working_days(date.fromisoformat(day), days)) == reached


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2026-11-24", "2026-11-23"),
        ("2026-11-23", "2026-11-20"),
        ("2026-02-23", "2026-02-13"),
        ("2026-08-24", "2026-08-22"),
        ("2026-01-05", "2025-12-31"),
        ("2026-01-01", "2025-12-31"),
    ],
)
def test_previous_working_day(day: str, before: str) -> None:
    assert str(OFFICE.previous_working_day(date.fromisoformat(day))) == before


def test_the_end_of_work_of_any_day() -> None:
    for day in ("2026-11-20", "2026-11-21", "2026-02-17"):
        assert shown(OFFICE.end_of_work(date.fromisoformat(day))) == f"{day}T17:00"


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("2026-11-20T07:14", "2026-11-20T07:15"),
        ("2026-11-20T07:15", "2026-11-23T07:15"),  # after, not at
        ("2026-11-21T03:00", "2026-11-23T07:15"),
        ("2026-02-13T08:00", "2026-02-23T07:15"),
        ("2025-12-31T08:00", "2026-01-05T07:15"),
        ("2026-08-21T08:00", "2026-08-22T07:15"),
    ],
)
def test_the_next_time_of_day(text: str, following: str) -> None:
    assert shown(OFFICE.next_time_of_day(at(text), 7 * 60 + 15)) == following


@pytest.mark.parametrize("minutes", [-1, 24 * 60])
def test_a_time_of_day_is_of_one_day(minutes: int) -> None:
    with pytest.raises(ValueError, match=str(minutes)):
        OFFICE.next_time_of_day(at("2026-11-20T08:00"), minutes)


# --- clocks that are changed

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def worked_on(day: date, hours: Hours) -> Micros:
    """Working time of a day made a working one by force, in Amsterdam."""
    off = frozenset(one for one in year_days(day.year) if one.weekday() < 5 and one != day)
    work = frozenset({day} if day.weekday() > 4 else ())
    calendar = WorkingCalendar(AMSTERDAM, hours, {day.year: YearFile(off, work)})
    start, stop = (datetime(day.year, month, 1, tzinfo=UTC) for month in (2, 12))
    return calendar.working_time(micros(start), micros(stop))


def year_days(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))


@pytest.mark.parametrize(
    ("day", "hours", "worked"),
    [
        ("2026-03-29", ROUND_THE_CLOCK, 23 * HOUR),  # 02:00 becomes 03:00
        ("2026-03-29", ((60, 240),), 2 * HOUR),
        ("2026-03-29", ((120, 180),), 0),  # skipped whole
        ("2026-03-29", ((60, 150),), HOUR),  # stops within what is skipped
        ("2026-03-29", ((150, 240),), HOUR),  # starts within it
        ("2026-03-29", ((60, 130), (140, 170), (170, 240)), 2 * HOUR),
        ("2026-03-29", DEFAULT_HOURS, 8 * HOUR),
        ("2026-10-25", ROUND_THE_CLOCK, 25 * HOUR),  # 03:00 becomes 02:00
        ("2026-10-25", ((60, 240),), 4 * HOUR),
        ("2026-10-25", ((60, 150),), 90 * MINUTE),  # 02:30 shown twice: the first
        ("2026-10-25", ((150, 240),), 150 * MINUTE),
        ("2026-10-25", DEFAULT_HOURS, 8 * HOUR),
    ],
)
def test_the_day_on_which_clocks_are_changed(day: str, hours: Hours, worked: Micros) -> None:
    assert worked_on(date.fromisoformat(day), hours) == worked


def test_the_zone_decides_which_instants_are_worked() -> None:
    summer, winter = read_instant("2026-07-01T05:00Z"), read_instant("2026-12-01T05:00Z")
    calendar = vietnam(AMSTERDAM)
    assert shown(calendar.next_working_time(summer - 6 * HOUR), AMSTERDAM) == "2026-07-01T07:00"
    assert calendar.is_working_time(summer)
    assert not calendar.is_working_time(winter)


# --- for every instant


@steady(400)
@given(calendars, st.tuples(instants, instants, instants))
def test_working_time_is_additive(calendar: WorkingCalendar, three: tuple[Micros, ...]) -> None:
    a, b, c = sorted(three)
    whole = calendar.working_time(a, c)
    assert calendar.working_time(a, b) + calendar.working_time(b, c) == whole
    assert 0 <= whole <= c - a


@steady(400)
@given(calendars, instants, spans)
def test_adding_working_time_is_the_first_instant_with_so_much(
    calendar: WorkingCalendar, start: Micros, span: Micros
) -> None:
    reached = calendar.add_working_time(start, span)
    assert calendar.working_time(start, reached) == span
    if span:
        assert calendar.working_time(start, reached - 1) == span - 1


@steady(400)
@given(calendars, instants)
def test_next_working_time_is_idempotent_and_skips_nothing(
    calendar: WorkingCalendar, start: Micros
) -> None:
    found = calendar.next_working_time(start)
    assert found >= start
    assert calendar.is_working_time(found)
    assert calendar.next_working_time(found) == found
    assert calendar.working_time(start, found) == 0
    assert (found == start) is calendar.is_working_time(start)


@steady(400)
@given(calendars, instants)
def test_an_instant_is_working_time_if_it_counts(calendar: WorkingCalendar, one: Micros) -> None:
    assert calendar.working_time(one, one + 1) == calendar.is_working_time(one)


@steady(60)
@given(
    st.sampled_from([OFFICE, vietnam(AMSTERDAM), vietnam(AMSTERDAM, hours=ROUND_THE_CLOCK)]),
    instants,
    st.integers(0, 5 * 24 * 60),
)
@example(OFFICE, at("2026-01-09T00:00"), 4 * 24 * 60)
@example(vietnam(AMSTERDAM), read_instant("2026-10-23T00:00Z"), 5 * 24 * 60)
def test_it_is_what_the_clock_on_the_wall_says_minute_by_minute(
    calendar: WorkingCalendar, start: Micros, minutes: int
) -> None:
    start -= start % MINUTE
    counted = 0
    for minute in range(start, start + minutes * MINUTE, MINUTE):
        day, time = shown(minute, calendar.zone).split("T")
        clock = int(time[:2]) * 60 + int(time[3:])
        counted += calendar.is_working_day(date.fromisoformat(day)) and any(
            first <= clock < last for first, last in calendar.hours
        )
    assert calendar.working_time(start, start + minutes * MINUTE) == counted * MINUTE


@steady(200)
@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.integers(0, 600))
@example(date(2010, 1, 1), 1)
def test_adding_working_days_passes_so_many(day: date, days: int) -> None:
    reached = OFFICE.add_working_days(day, days)
    assert OFFICE.is_working_day(reached)
    passed = [day + timedelta(days=n) for n in range(1, (reached - day).days + 1)]
    assert sum(map(OFFICE.is_working_day, passed)) == (
        days if days or OFFICE.is_working_day(day) else 1
    )
    if days == 1 and not OFFICE.is_working_day(day):  # the first one is already the next one
        assert OFFICE.add_working_days(day, 0) == reached
    elif days:
        assert OFFICE.add_working_days(day, days - 1) == OFFICE.previous_working_day(reached)


@steady(200)
@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)))
def test_the_working_day_before(day: date) -> None:
    before = OFFICE.previous_working_day(day)
    assert before < day
    assert OFFICE.is_working_day(before)
    between = ((before + timedelta(days=n)) for n in range(1, (day - before).days))
    assert not any(map(OFFICE.is_working_day, between))


@steady(200)
@given(calendars, instants, st.integers(0, 24 * 60 - 1))
def test_the_next_time_of_day_comes_once_a_working_day(
    calendar: WorkingCalendar, start: Micros, minutes: int
) -> None:
    found = calendar.next_time_of_day(start, minutes)
    assert found > start
    again = calendar.next_time_of_day(found, minutes)
    assert again > found
    day = date.fromisoformat(shown(found, ZONE).split("T")[0])
    if calendar is OFFICE:
        assert shown(found).endswith(f"T{minutes // 60:02}:{minutes % 60:02}")
        assert calendar.is_working_day(day)


@pytest.mark.parametrize("calendar", CALENDARS, ids=IDS)
def test_spans_are_in_order_and_do_not_overlap(calendar: WorkingCalendar) -> None:
    edges = []
    one = micros(datetime(2011, 1, 1, tzinfo=UTC))
    while one < micros(datetime(2013, 1, 1, tzinfo=UTC)):
        start = calendar.next_working_time(one)
        one = calendar.add_working_time(start, 15 * MINUTE)
        edges += [start, one]
    assert all(before <= after for before, after in pairwise(edges))
    assert all(map(calendar.is_working_time, edges[::2]))


# --- what decides


def test_the_version_names_all_that_decides() -> None:
    changed = [
        OFFICE,
        vietnam(ZoneInfo("Asia/Bangkok")),
        vietnam(ZONE, hours=((7 * 60, 11 * 60 + 30), (13 * 60 + 30, 17 * 60 + 30))),
        vietnam(ZONE, {2026: YearFile(frozenset(), frozenset())}),
        vietnam(ZONE, {2027: YearFile(frozenset(), frozenset())}),
        WorkingCalendar(ZONE),
    ]
    versions = [one.version for one in changed]
    assert len(set(versions)) == len(versions)
    assert {len(version) for version in versions} == {16}


def test_the_version_is_of_the_days_not_of_where_they_come_from() -> None:
    assert vietnam(ZONE).version == OFFICE.version
    assert vietnam(ZONE, {2027: year_by_rule(2027)}).version == OFFICE.version
    weekend = read_year("off = [2027-05-01]", 2027).off
    assert weekend == frozenset()


def test_a_rule_that_changes_changes_the_version_but_not_a_year_with_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def newer(year: int) -> YearFile:
        known = year_by_rule(year)
        extra = {date(year, 6, 28)} if year in changed else set()
        return YearFile(known.off | extra, known.work)

    monkeypatch.setattr(calendar_module, "year_by_rule", newer)
    changed = {2027}  # 28 June 2027 is a Monday
    assert vietnam(ZONE).version != OFFICE.version
    assert not vietnam(ZONE).is_working_day(date(2027, 6, 28))
    changed = {2024, 2025, 2026}
    assert vietnam(ZONE).version == OFFICE.version


def test_what_was_asked_before_changes_nothing() -> None:
    fresh, used = vietnam(ZONE), vietnam(ZONE)
    used.working_time(at("1990-01-01T00:00"), at("2090-01-01T00:00"))
    assert used == fresh
    assert hash(used) == hash(fresh)
    assert used.version == fresh.version


# --- hours


def test_hours_are_read() -> None:
    assert read_hours("07:00-11:30, 13:30-17:00") == DEFAULT_HOURS
    assert read_hours("0:00-24:00") == ROUND_THE_CLOCK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "07:00",
        "07:00-",
        "7-11",
        "07:60-08:00",
        "07:00-24:01",
        "-1:00-2:00",
        "07:00-11:30,",
        "²:00-3:00",
    ],
)
def test_wrong_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="working hours"):
        read_hours(text)


@pytest.mark.parametrize(
    "hours",
    [(), ((60, 60),), ((90, 60),), ((60, 120), (100, 180)), ((-1, 60),), ((60, 1441),)],
)
def test_hours_must_be_spans_in_order_within_a_day(hours: Hours) -> None:
    with pytest.raises(ValueError, match="spans in order"):
        WorkingCalendar(ZONE, hours)
