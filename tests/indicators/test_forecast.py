"""Before it happens: the projections against every minute, the plan against every other plan."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from indicators.counts import Tally
from indicators.definitions import DEFINITIONS, Count
from indicators.forecast import closings_to_keep_green, ends_at_the_pace, forecast, horizon
from schemas.instants import DAY, Micros, read_instant
from schemas.outlook import Projection
from tests.indicators.foreseeing import (
    KEEPS,
    LOSES,
    MONDAY,
    MS,
    WEEKDAYS,
    Unit,
    green_units,
    instant_of,
    minutes,
    policy,
)
from tests.indicators.telling import HOUR, VIET_NAM
from tests.profiles import steady

NEXT_MONDAY = "2024-01-22T17:00:00+07:00"


def clock(text: str) -> int:
    return read_instant(f"2024-01-{text}+07:00") // MS


def ago(days: float) -> Micros:
    return MONDAY - MS - round(days * DAY)


def due(days: float) -> Micros:
    return ago(-days)


def tens(late: int, on_time: int, leaving: float = 10) -> tuple[tuple[Micros, bool], ...]:
    """Ends of so many days ago, the late ones of yesterday."""
    return (*((ago(1), True),) * late, *((ago(leaving), False),) * on_time)


def last_of(unit: Unit, days: int = 5) -> Micros:
    return instant_of(horizon(WEEKDAYS, unit.at, days))


def plan(unit: Unit) -> tuple[str, ...] | None:
    return forecast(unit.standing(), unit.policy, WEEKDAYS, unit.at).keep_green


def test_the_horizon_is_the_end_of_work_so_many_working_days_on() -> None:
    assert horizon(WEEKDAYS, MONDAY, 5) == read_instant(NEXT_MONDAY) // MS
    saturday = MONDAY + 5 * DAY
    assert horizon(WEEKDAYS, saturday, 1) == read_instant(NEXT_MONDAY) // MS


@pytest.mark.parametrize(
    ("unit", "nothing"),
    [
        pytest.param(Unit(MONDAY, tens(1, 9)), Projection(None, 9, 10), id="nothing leaves"),
        pytest.param(
            # 28 days ago leaves on Wednesday at 07:00:00.000001: judged at that very minute.
            Unit(MONDAY, tens(1, 9, leaving=28)),
            Projection(clock("17T07:00:00"), 0, 1),
            id="all on-time ends leave, and the late one stays",
        ),
        pytest.param(
            Unit(MONDAY, (*tens(1, 9), (ago(28) + 1, False), (ago(29), True))),
            Projection(None, 9, 10),
            id="a late end leaves first",
        ),
        pytest.param(
            Unit(MONDAY, (*tens(1, 8), (ago(28) - 30_000_000, False))),
            Projection(clock("17T07:00:00"), 8, 9),
            id="within a minute: judged at the next whole one",
        ),
        pytest.param(
            Unit(MONDAY, tens(1, 4, 28), (), policy(min_sample=5, green=Fraction(1, 2))),
            Projection(None, 0, 1),
            id="too few to judge is not leaving green",
        ),
        pytest.param(
            Unit(MONDAY, tens(1, 9), (due(2), due(3))),
            Projection(None, 9, 10),
            id="resolved: a dossier that becomes overdue is in no count",
        ),
        pytest.param(
            Unit(MONDAY, tens(1, 9), (due(2), due(3)), policy(definition="strict@1")),
            Projection(clock("17T07:00:00"), 9, 11),
            id="strict: it is",
        ),
        pytest.param(
            Unit(MONDAY, tens(1, 9), (due(8),), policy(definition="strict@1")),
            Projection(None, 9, 10),
            id="strict: due after the horizon",
        ),
        pytest.param(
            Unit(MONDAY, tens(0, 9), (due(-2), due(-1)), policy("month", definition="strict@1")),
            Projection(None, 9, 11),
            id="the month does not turn before the horizon",
        ),
    ],
)
def test_if_nothing_is_closed(unit: Unit, nothing: Projection) -> None:
    found = forecast(unit.standing(), unit.policy, WEEKDAYS, unit.at)
    assert found.if_nothing_is_closed == nothing
    assert found.until == read_instant(NEXT_MONDAY) // MS


def test_a_dip_within_a_minute_is_not_judged() -> None:
    """An on-time end leaves at 07:00:10 and the late one ten seconds after."""
    dip = ((ago(28) + 10_000_000, False), (ago(28) + 20_000_000, True))
    unit = Unit(MONDAY, (*dip, *((ago(3), False),) * 8))
    found = forecast(unit.standing(), unit.policy, WEEKDAYS, unit.at)
    assert unit.is_below(due(2) + 10_000_001)
    assert found.if_nothing_is_closed == Projection(None, 8, 8)
    assert found.keep_green == ()


@steady(60)
@given(unit=green_units(KEEPS + LOSES), days=st.sampled_from((1, 2, 5, 5)))
def test_if_nothing_is_closed_is_what_every_minute_gives(unit: Unit, days: int) -> None:
    found = forecast(unit.standing(), unit.policy, WEEKDAYS, unit.at, days)
    window, ledger = unit.policy.window, unit.ledger()
    projection = Projection(None, *unit.count(instant_of(found.until)))
    for minute in minutes(unit.at, found.until):
        at = instant_of(minute)
        if at <= unit.at:
            continue
        ledger.settle(at)
        count = DEFINITIONS[unit.policy.definition](ledger.counts.tally(window.start(at), at))
        assert count == unit.count(at)
        if unit.is_below(at):
            projection = Projection(minute, *count)
            break
    event("leaves" if projection.leaves_green_at else "stays")
    assert found.if_nothing_is_closed == projection


# The pace: the ten working days before MONDAY are 1-5 and 8-12 January, 8 hours each.


def pace(unit: Unit) -> list[Micros] | None:
    found = ends_at_the_pace(unit.standing(), WEEKDAYS, unit.at, last_of(unit))
    return None if found is None else list(found.values())


def test_without_an_end_in_ten_working_days_there_is_no_pace() -> None:
    before = (read_instant("2023-12-31T23:59:59.999999+07:00"), False)
    assert pace(Unit(MONDAY, (before,), (due(1),))) is None
    today = (read_instant("2024-01-16T07:30:00+07:00"), False)
    tuesday = MONDAY + DAY + HOUR
    assert pace(Unit(tuesday, (today, before), (due(9),))) is None  # today is not over
    assert pace(Unit(tuesday + DAY, (today, before), (due(9),))) == []  # 1 in 80 hours
    unit = Unit(MONDAY, (before,), (due(1),))
    assert forecast(unit.standing(), unit.policy, WEEKDAYS, unit.at).at_the_pace is None


def test_the_pace_is_spread_over_working_hours_in_order_of_due() -> None:
    first = (read_instant("2024-01-01T00:00:00+07:00"), False)
    weekend = (read_instant("2024-01-14T23:59:59.999999+07:00"), True)
    # Twenty ends in 80 hours: one each four hours of working time.
    ends = (first, weekend, *((ago(4), False),) * 18)
    found = pace(Unit(MONDAY, ends, (due(2), due(-1), due(4))))
    assert found == [clock(f"{text}:00") * MS + MS for text in ("15T11:00", "16T07:00", "16T11:00")]
    unit = Unit(MONDAY, ends, (due(2), due(-1), due(4)))
    assert list(unit.open.values()) == sorted(unit.dues)


def test_a_pace_that_does_not_divide_is_rounded_up_to_a_microsecond() -> None:
    ends = ((ago(4), False),) * 7  # 80 h / 7
    found = pace(Unit(MONDAY, ends, (due(9), due(9))))
    assert found is not None
    worked = [WEEKDAYS.working_time(MONDAY, end) for end in found]
    assert worked == [-(-80 * HOUR * number // 7) for number in (1, 2)]


def test_a_shorter_window_does_not_shorten_the_pace() -> None:
    ends = ((ago(13), False),) * 20
    assert pace(Unit(MONDAY, ends, (due(1),), policy("7d"))) == [clock("15T11:00:00") * MS + MS]


def test_at_the_pace_an_end_after_its_due_is_late() -> None:
    # 9 of 10; an end each four hours: the overdue one at 11:00 is late, and the unit leaves green.
    overdue = Unit(MONDAY, (*tens(1, 9), *tens(0, 10)), (due(-1),), policy(green=Fraction(19, 20)))
    found = forecast(overdue.standing(), overdue.policy, WEEKDAYS, overdue.at)
    assert found.if_nothing_is_closed == Projection(None, 19, 20)
    assert found.at_the_pace == Projection(clock("15T11:00:00") + 60_000, 19, 21)
    in_time = Unit(MONDAY, (*tens(1, 9), *tens(0, 10)), (due(1),), overdue.policy)
    found = forecast(in_time.standing(), in_time.policy, WEEKDAYS, in_time.at)
    assert found.at_the_pace == Projection(None, 20, 21)


@steady(60)
@given(unit=green_units(KEEPS + LOSES))
def test_at_the_pace_is_what_every_minute_of_a_ledger_gives(unit: Unit) -> None:
    """The pace's ends put into a real ledger as events."""
    standing = unit.standing()
    found = forecast(standing, unit.policy, WEEKDAYS, unit.at, 3)
    last = instant_of(found.until)
    ends = ends_at_the_pace(standing, WEEKDAYS, unit.at, last)
    if ends is None:
        assert found.at_the_pace is None
        return
    closed = unit.closing({standing.open[place][1]: end for place, end in ends.items()})
    ledger, window = closed.ledger(), unit.policy.window
    projection = Projection(None, *closed.count(last))
    for minute in minutes(unit.at, found.until):
        at = instant_of(minute)
        if at <= unit.at:
            continue
        ledger.settle(at)
        count = DEFINITIONS[unit.policy.definition](ledger.counts.tally(window.start(at), at))
        if closed.is_below(at):
            projection = Projection(minute, *count)
            break
    event("leaves" if projection.leaves_green_at else "stays")
    assert found.at_the_pace == projection


# The plan.


@pytest.mark.parametrize(
    ("unit", "kept"),
    [
        pytest.param(Unit(MONDAY, tens(1, 9), (due(1),)), (), id="none is needed"),
        pytest.param(
            # 9 of 10, one on-time end leaves on Wednesday: 8 of 9; 9 of 10 with one more.
            Unit(MONDAY, (*tens(1, 8), (ago(28), False)), (due(1), due(3), due(-3))),
            ("O1",),
            id="the one due first that can still be on time",
        ),
        pytest.param(
            Unit(MONDAY, (*tens(1, 8), (ago(28), False)), (due(9), due(8))),
            ("O0",),
            id="due after the horizon, and closed before the need",
        ),
        pytest.param(
            Unit(MONDAY, (*tens(1, 8), (ago(28), False)), (due(-1),)),
            None,
            id="no open one can be on time",
        ),
        pytest.param(
            Unit(MONDAY, (*tens(1, 7), *((ago(28), False),) * 2), (due(1),)),
            None,
            id="not enough of them",
        ),
        pytest.param(
            # strict: 9 of 9 with 2 due: 9 of 11 without, 10 of 11 with the first one.
            Unit(MONDAY, tens(0, 9), (due(2), due(3)), policy(definition="strict@1")),
            ("O0",),
            id="strict: one of two",
        ),
        pytest.param(
            Unit(MONDAY, tens(1, 9), (due(2), due(3)), policy(definition="strict@1")),
            ("O0", "O1"),
            id="strict: both",
        ),
        pytest.param(
            Unit(
                MONDAY,
                (*tens(1, 7), *((ago(28), False),) * 2),
                (due(0.1), due(3), due(5)),
                policy(),
            ),
            ("O0", "O1"),
            id="two at one instant",
        ),
        pytest.param(
            # One of two; alone, the overdue one is red. The end leaves after half a day, and every
            # closing two days later again: four in the seven days to the horizon.
            Unit(
                MONDAY,
                ((ago(1.5), False),),
                (due(-9), *(due(9),) * 6),
                policy("2d", definition="strict@1", green=Fraction(1, 2)),
            ),
            ("O1", "O2", "O3", "O4"),
            id="a window that loses the closings again",
        ),
    ],
)
def test_the_plan(unit: Unit, kept: tuple[str, ...] | None) -> None:
    assert plan(unit) == kept


def plans(unit: Unit, number: int, last: Micros) -> Iterator[dict[str, Micros]]:
    """So many open dossiers closed on time, in every way worth trying: at once, or just in time."""
    needs = [at for at in unit.instants(last) if unit.is_below(at)][:1] or [last]
    for names in combinations(unit.closable, number):
        instants = [{unit.at, min(unit.closable[name], needs[0] - 1)} for name in names]
        for ends in product(*instants):
            yield dict(zip(names, ends, strict=True))


@steady(150)
@given(unit=green_units(KEEPS + LOSES))
def test_following_the_plan_keeps_the_unit_green(unit: Unit) -> None:
    last = last_of(unit)
    found = closings_to_keep_green(unit.standing(), unit.policy, VIET_NAM, unit.at, last)
    if found is None:
        event("none can")
        return
    event(f"{len(found)} closings")
    assert [one.dossier_id for one in found] == list(unit.closable)[: len(found)]
    assert all(unit.at <= one.by <= unit.closable[one.dossier_id] for one in found)
    closed = unit.closing({one.dossier_id: one.by for one in found})
    judged = list(closed.judged(last))
    assert [at for at, zone in judged if zone in ("yellow", "red")] == []
    assert closed.stays_green(last)
    assert all(zone == closed.zone(at) for at, zone in judged)


@steady(150)
@given(unit=green_units(KEEPS), sooner=st.randoms(use_true_random=False))
def test_closed_sooner_than_the_plan_says_is_as_good(unit: Unit, sooner: object) -> None:
    """In a window that keeps what it gets, and where there are never too few to judge."""
    last = last_of(unit)
    found = closings_to_keep_green(unit.standing(), unit.policy, VIET_NAM, unit.at, last)
    assume(found is not None and never_grey(unit, last))
    assert found is not None
    event(f"{len(found)} closings")
    choose = sooner.choice  # type: ignore[attr-defined]
    closings = {one.dossier_id: choose((unit.at, (unit.at + one.by) // 2, one.by)) for one in found}
    assert unit.closing(closings).stays_green(last)


@steady(150)
@given(unit=green_units(KEEPS))
def test_no_smaller_set_keeps_the_unit_green(unit: Unit) -> None:
    last = last_of(unit)
    found = closings_to_keep_green(unit.standing(), unit.policy, VIET_NAM, unit.at, last)
    if found is None:
        assume(never_grey(unit, last))
        event("none can")
        tried = range(len(unit.closable) + 1)
    else:
        event(f"{len(found)} closings")
        tried = range(len(found))
    for number in tried:
        for closings in plans(unit, number, last):
            assert not unit.closing(closings).stays_green(last), closings


def never_grey(unit: Unit, last: Micros) -> bool:
    return all(unit.zone(at) != "grey" for at in [unit.at, *unit.instants(last)])


def test_any_definition_of_the_table_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that counts an overdue dossier twice."""

    def severe(tally: Tally) -> Count:
        on_time = tally.early + tally.on_time
        return Count(on_time, on_time + tally.late + 2 * tally.overdue)

    monkeypatch.setattr("indicators.standing.DEFINITIONS", {"severe@1": severe})
    monkeypatch.setattr("indicators.forecast.DEFINITIONS", {"severe@1": severe})
    unit = Unit(MONDAY, tens(0, 10), (due(2),), policy(definition="severe@1"))
    found = forecast(unit.standing(), unit.policy, WEEKDAYS, unit.at)
    assert found.if_nothing_is_closed == Projection(clock("17T07:00:00"), 10, 12)
    assert found.keep_green == ("O0",)
