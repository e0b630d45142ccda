"""The demo province: repeatable, in any cuts, and doing what its README says."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from schemas.event import read_event
from tests.oracle.count import Counted, count
from tests.oracle.fold import Known, fold_unit, to_millis
from vungxanh.demo import DemoProvince, units_file
from vungxanh.demo.desk import desk_day
from vungxanh.demo.dossiers import Event
from vungxanh.demo.profiles import PROFILES, Profile
from vungxanh.demo.working_time import ZONE, WorkingTime

NIGHT = datetime(2026, 11, 23, 22, 10, 3, tzinfo=ZONE)  # before a holiday
NOON = datetime(2026, 6, 30, 11, 0, tzinfo=ZONE)  # a Tuesday
SUNDAY = datetime(2026, 9, 13, 3, 0, tzinfo=UTC)
AFTER_TET = datetime(2027, 2, 16, 8, 0, tzinfo=ZONE)

SCRIPTED = tuple(profile for profile in PROFILES if profile.script)
SLIDES, RECOVERS = "H47.519", "H47.504"


@pytest.fixture(scope="module")
def province() -> DemoProvince:
    return DemoProvince(18, NIGHT)


@pytest.fixture(scope="module")
def history(province: DemoProvince) -> list[Event]:
    return list(province.history())


def at(event: Event) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def figure(events: list[Event], unit: str, moment: datetime) -> Counted:
    """`resolved@1` over 30 days by the independent count."""
    records = [
        Known(event, to_millis(at(event)), 0, offset)
        for offset, event in enumerate(events)
        if event["unit_id"] == unit
    ]
    return count(fold_unit(records, unit, moment, ZONE), "resolved@1", "30d", moment, ZONE)


def is_green(counted: Counted) -> bool:
    return 10 * counted.numerator >= 9 * counted.denominator


def test_the_profiles_are_the_districts_of_the_file() -> None:
    with units_file().open(encoding="utf-8", newline="") as lines:
        units = [row["unit_id"] for row in csv.DictReader(lines) if row["kind"] != "province"]
    assert [profile.unit_id for profile in PROFILES] == units


def test_history_is_in_order_before_the_birth_and_unique(history: list[Event]) -> None:
    order = [(at(event), event["event_id"]) for event in history]
    assert order == sorted(order)
    assert NIGHT - timedelta(days=61) < order[0][0] < NIGHT - timedelta(days=58)
    assert NIGHT - timedelta(minutes=1) < order[-1][0] < NIGHT
    assert len({event["event_id"] for event in history}) == len(history)
    assert 60_000 < len(history) < 120_000


def test_every_event_is_one_of_the_contract(history: list[Event]) -> None:
    for event in history:
        _, unknown = read_event(json.dumps(event).encode())
        assert not unknown
    assert {event["type"] for event in history} == {
        "submitted",
        "not_accepted",
        "received",
        "processing",
        "supplement_requested",
        "supplement_completed",
        "fee_requested",
        "fee_paid",
        "due_changed",
        "refused",
        "stopped",
        "withdrawn",
        "completed",
        "delivered",
        "apology_issued",
        "voided",
    }


def test_a_dossier_keeps_to_one_unit(history: list[Event]) -> None:
    units: dict[str, set[str]] = defaultdict(set)
    for event in history:
        units[event["dossier_id"]].add(event["unit_id"])
    assert all(len(found) == 1 for found in units.values())


@pytest.mark.parametrize("born", [NIGHT, SUNDAY])
def test_any_cuts_and_any_restart_give_the_same_events(born: datetime) -> None:
    start, end = born - timedelta(minutes=90), born + timedelta(hours=3)
    whole = list(DemoProvince(5, born, days=6).events_between(start, end))
    chance = Random(1)
    province, pieces, since = DemoProvince(5, born, days=6), [], start
    while since < end:
        if chance.random() < 0.2:  # stopped and started again
            province = DemoProvince(5, born, days=6)
        until = min(end, since + timedelta(seconds=chance.expovariate(1 / 900)))
        until = until.replace(microsecond=until.microsecond // 1000 * 1000)
        pieces += list(province.events_between(since, until))
        since = until
    assert pieces == whole
    late = DemoProvince(5, born, days=6).events_between(end - timedelta(hours=1), end)
    assert list(late) == [event for event in whole if at(event) >= end - timedelta(hours=1)]


def test_asking_backwards_changes_nothing(province: DemoProvince) -> None:
    span = (NIGHT + timedelta(minutes=3), NIGHT + timedelta(minutes=8))
    first = list(province.events_between(*span))
    list(province.events_between(NIGHT, NIGHT + timedelta(hours=3)))
    assert list(province.events_between(*span)) == first


def test_another_seed_is_another_province() -> None:
    one, other = (
        {event["occurred_at"] for event in DemoProvince(seed, NOON, days=4).history()}
        for seed in (1, 2)
    )
    assert len(one & other) < len(one) / 10


def test_live_goes_on_where_history_ended(province: DemoProvince) -> None:
    live = province.live(province.born)
    first = [next(live) for _ in range(300)]
    assert first == list(province.events_between(NIGHT, at(first[-1]) + timedelta(milliseconds=1)))


@pytest.mark.parametrize("born", [NIGHT, NOON, SUNDAY, AFTER_TET])
def test_something_happens_at_any_hour(born: datetime) -> None:
    province = DemoProvince(18, born, days=5)
    events = list(province.events_between(born, born + timedelta(minutes=10)))
    assert 200 < len(events) < 1800  # 0.3 to 3 a second
    ten_seconds = Counter((at(event) - born) // timedelta(seconds=10) for event in events)
    assert len(ten_seconds) > 50  # of 60
    assert len({event["unit_id"] for event in events}) == len(PROFILES)


def test_desks_receive_in_working_hours_only(history: list[Event]) -> None:
    received = [
        at(event)
        for event in history
        if event["type"] == "received" and int(event["dossier_id"][-4:]) < 1000
    ]
    assert len(received) > 10_000
    for moment in received:
        assert moment.weekday() < 5  # no Saturday is made a working day in these weeks
        clock = moment.hour * 60 + moment.minute
        assert 7 * 60 <= clock < 11 * 60 + 30 or 13 * 60 + 30 <= clock < 17 * 60
    assert date(2026, 11, 23) in {moment.date() for moment in received}


def test_a_public_holiday_is_no_working_day() -> None:
    day = datetime(2026, 11, 25, 23, 0, tzinfo=ZONE)
    events = DemoProvince(18, day, days=3).history()
    days = {
        at(event).date()
        for event in events
        if event["type"] == "received" and int(event["dossier_id"][-4:]) < 1000
    }
    assert days == {date(2026, 11, 23), date(2026, 11, 25)}  # the 24th is Cultural Day


def test_a_swapped_saturday_is_a_working_day() -> None:
    events = DemoProvince(18, datetime(2026, 1, 13, 8, 0, tzinfo=ZONE), days=13).history()
    days = {
        at(event).date()
        for event in events
        if event["type"] == "received" and int(event["dossier_id"][-4:]) < 1000
    }
    worked = {date(2025, 12, 31), *(date(2026, 1, day) for day in (5, 6, 7, 8, 9, 10, 12, 13))}
    assert days == worked  # Saturday 10 January for Friday 2 January


def test_working_time_and_instants_agree() -> None:
    calendar = WorkingTime(date(2026, 11, 20))  # a Friday
    for worked in (0, 1, 16_199, 16_200, 28_799, 28_800, 57_600, 200_000):
        assert calendar.worked(calendar.instant(worked)) == worked

    def stands_for(text: str) -> int:
        return calendar.worked(to_millis(datetime.fromisoformat(text)))

    assert stands_for("2026-11-20T12:10:00+07:00") == 16_200  # the noon break
    assert stands_for("2026-11-22T09:00:00+07:00") == 28_800  # Sunday
    assert stands_for("2026-11-24T09:00:00+07:00") == 57_600  # a holiday
    assert stands_for("2026-11-25T07:00:01+07:00") == 57_601


def test_units_stand_at_the_birth_as_documented(history: list[Event]) -> None:
    by_unit: dict[str, list[Event]] = defaultdict(list)
    for event in history:
        by_unit[event["unit_id"]].append(event)
    for profile in PROFILES:
        found = figure(by_unit[profile.unit_id], profile.unit_id, NIGHT)
        share = found.numerator / found.denominator
        assert found.denominator >= 40
        if profile.unit_id == SLIDES:
            assert 0.9 < share < 0.93
        elif profile.unit_id == RECOVERS:
            assert 0.84 < share < 0.9
        elif profile.on_time < 0.8:
            assert share < 0.8
        elif profile.on_time < 0.92:
            assert 0.86 < share < 0.95
        else:
            assert share > 0.9


@pytest.mark.parametrize("born", [NIGHT, NOON, SUNDAY, AFTER_TET])
@pytest.mark.parametrize("seed", [1, 18])
def test_one_unit_slides_and_one_recovers(seed: int, born: datetime) -> None:
    province = DemoProvince(seed, born, profiles=SCRIPTED)
    events = list(province.events_between(province.begins, born + timedelta(minutes=90)))
    assert greens(events, SLIDES, born, (0, 1, 2.5)) == {True}
    assert greens(events, SLIDES, born, (5, 8, 12, 16, 20)) == {False}
    assert greens(events, SLIDES, born, (25, 30, 35, 40, 42)) == {True}
    assert greens(events, SLIDES, born, (45, 50, 60)) == {False}
    assert greens(events, RECOVERS, born, (0, 2, 5)) == {False}
    assert greens(events, RECOVERS, born, (8, 12, 16, 20, 24)) == {True}
    assert greens(events, RECOVERS, born, (27, 30, 35, 40, 45)) == {False}
    assert greens(events, RECOVERS, born, (48, 55, 64)) == {True}


def greens(events: list[Event], unit: str, born: datetime, minutes: tuple[float, ...]) -> set[bool]:
    """Whether the unit was green, at these minutes since the birth."""
    mine = [event for event in events if event["unit_id"] == unit]
    return {is_green(figure(mine, unit, born + timedelta(minutes=minute))) for minute in minutes}


def test_the_script_still_works_after_a_week() -> None:
    slides = tuple(profile for profile in SCRIPTED if profile.script == "slides")
    province = DemoProvince(3, NOON, profiles=slides)
    later = NOON + timedelta(days=7)  # 252 cycles of 40 minutes
    events = list(province.events_between(province.begins, later + timedelta(minutes=10)))
    assert is_green(figure(events, SLIDES, later + timedelta(minutes=1)))
    assert not is_green(figure(events, SLIDES, later + timedelta(minutes=7)))


def test_an_end_is_on_time_by_the_rules_if_the_plan_says_so() -> None:
    """The steering counts planned ends; the independent count must agree with each of them."""
    profile = Profile("H47.519", 150, 0.8)
    calendar = WorkingTime(date(2026, 8, 3))
    planned = [
        dossier
        for day in range(3, 29)
        if calendar.is_working_day(date(2026, 8, day))
        for dossier in desk_day(7, profile, date(2026, 8, day), calendar)
    ]
    happenings = sorted(happening for dossier in planned for happening in dossier.happenings)
    records = [Known(h.to_event(), h.at, 0, offset) for offset, h in enumerate(happenings)]
    for dossier in fold_unit(records, profile.unit_id, datetime(2027, 8, 1, tzinfo=UTC), ZONE):
        plan = next(plan for plan in planned if plan.dossier_id == dossier.dossier_id)
        if plan.ending is None:
            assert dossier.ended_by in ("stopped", "withdrawn", None)
        else:
            assert dossier.ended_by in ("completed", "delivered", "refused")
            assert dossier.ended_at is not None
            assert to_millis(dossier.ended_at) == plan.ending.at
            assert dossier.on_time == plan.ending.on_time
    assert 0.7 < sum(p.ending.on_time for p in planned if p.ending) / len(planned) < 0.9


def test_a_birth_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        DemoProvince(1, datetime(2026, 11, 23))  # noqa: DTZ001
