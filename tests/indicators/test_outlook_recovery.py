"""After it happened: following the plan regains green, and before the date named nothing does."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import assume, event, given

from indicators.forecast import horizon
from indicators.recovery import recovery
from schemas.instants import DAY, Micros, Millis, read_instant
from schemas.outlook import Recovery
from tests.indicators.foreseeing import (
    KEEPS,
    LOSES,
    MONDAY,
    MS,
    WEEKDAYS,
    Unit,
    instant_of,
    policy,
    units_below,
)
from tests.profiles import steady

UNTIL = read_instant("2024-01-22T17:00:00+07:00") // MS
TEN_MINUTES: Millis = 600_000


def clock(text: str) -> Millis:
    return read_instant(f"2024-{text}+07:00") // MS


def ago(days: float) -> Micros:
    return MONDAY - MS - round(days * DAY)


def due(days: float) -> Micros:
    return ago(-days)


def ends(late: int, on_time: int, days: float = 10) -> tuple[tuple[Micros, bool], ...]:
    return (*((ago(days), True),) * late, *((ago(9), False),) * on_time)


def names(*numbers: int) -> tuple[str, ...]:
    return tuple(f"O{number}" for number in numbers)


STRICT = policy(definition="strict@1")
HELD = policy(recover_hold=TEN_MINUTES)
TEN_OPEN = tuple(due(2 + number / 10) for number in range(10))


def way_back(unit: Unit) -> Recovery:
    return recovery(unit.standing(), unit.policy, WEEKDAYS, unit.at)


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        pytest.param(
            # 8 of 10, and 18 of 20 with ten more.
            Unit(MONDAY, ends(2, 8), (*TEN_OPEN, due(30), due(-1))),
            Recovery(10, UNTIL, names(*range(1, 11)), None),
            id="ten on-time ends, of the dossiers due first that can be on time",
        ),
        pytest.param(
            Unit(MONDAY, ends(1, 8), TEN_OPEN[:1]),
            Recovery(1, UNTIL, names(0), None),
            id="exactly 90 % is green",
        ),
        pytest.param(
            # The on-time ends leave on Wednesday at 07:00:00.000001; the last judgement before it
            # is that of the clock 06:59:59.999.
            Unit(MONDAY, (*ends(1, 0), *((ago(28), False),) * 8), TEN_OPEN),
            Recovery(1, clock("01-17T06:59:59.999"), names(0), None),
            id="by: before on-time ends leave the window",
        ),
        pytest.param(
            Unit(MONDAY, (*ends(1, 0), *((ago(28), False),) * 8), TEN_OPEN, HELD),
            Recovery(1, clock("01-17T06:49:59.999"), names(0), None),
            id="by: early enough to be green for as long as closes the incident",
        ),
        pytest.param(
            Unit(
                MONDAY,
                (*ends(1, 0), *((ago(30) + 300_000_000, False),) * 8),
                TEN_OPEN,
                HELD,
            ),
            Recovery(1, clock("01-15T07:00:00.001"), names(0), None),
            id="by: at once, where there is not that long",
        ),
        pytest.param(
            Unit(MONDAY, (*ends(1, 1), *((ago(30) + 1500, False),) * 7), TEN_OPEN),
            Recovery(8, UNTIL, names(*range(8)), None),
            id="more, where even a judgement at once comes too late for fewer",
        ),
        pytest.param(
            # strict: 9 of 11; with 9 more 18 of 20.
            Unit(MONDAY, ends(0, 9), (due(-1), due(-2), *TEN_OPEN), STRICT),
            Recovery(9, clock("01-18T04:35:59.999"), names(*range(2, 11)), None),
            id="strict: overdue ones cost as late ones do; by: until another becomes overdue",
        ),
        pytest.param(
            Unit(MONDAY, (*ends(2, 8, 28), (ago(1), False)), (due(3),)),
            Recovery(None, None, (), clock("01-17T07:00:00")),
            id="not enough: not before the late ends leave, and then by the window alone",
        ),
        pytest.param(
            # 7 of 10, after Wednesday 7 of 8: with two more 9 of 10.
            Unit(MONDAY, (*ends(2, 7, 28), (ago(1), True)), (due(1), due(9), due(12))),
            Recovery(None, None, names(0, 1), clock("01-17T07:00:00")),
            id="not enough: not before late ends leave, and with two on-time ends",
        ),
        pytest.param(
            Unit(MONDAY, ((ago(1), True),)),
            Recovery(None, None, (), clock("02-13T07:00:00")),
            id="never by what is known: until there are too few to judge",
        ),
        pytest.param(
            Unit(MONDAY, ends(0, 2), (due(-1),), STRICT),
            Recovery(None, None, (), clock("02-14T07:00:00.001")),
            id="strict: nor green before too few, with the overdue one still open",
        ),
        pytest.param(
            Unit(MONDAY, ((MONDAY - 1, False),), (due(-1), due(29)), STRICT),
            Recovery(None, None, names(1), clock("02-14T07:00:00.001")),
            id="strict: until an overdue one closed at once has left the window",
        ),
        pytest.param(
            Unit(MONDAY, ends(3, 6), TEN_OPEN, policy("month")),
            Recovery(None, None, (), clock("02-01T00:00:00") - 1),
            id="to date: not in this month",
        ),
        pytest.param(
            Unit(MONDAY, ends(2, 8), TEN_OPEN, policy(green=Fraction(1))),
            Recovery(None, None, names(), clock("02-04T07:00:00")),
            id="100 %: not while a late end is in the window",
        ),
    ],
)
def test_recovery(unit: Unit, found: Recovery) -> None:
    assert unit.is_below(unit.at)
    assert way_back(unit) == found


def just_in_time(unit: Unit, dossiers: tuple[str, ...], by: Millis) -> Unit:
    return unit.closing({name: min(unit.open[name], by * MS) for name in dossiers})


def at_once(unit: Unit, dossiers: Iterable[str]) -> Unit:
    return unit.closing(dict.fromkeys(dossiers, unit.at))


@steady(200)
@given(unit=units_below(KEEPS + LOSES))
def test_following_the_plan_regains_green(unit: Unit) -> None:
    found = way_back(unit)
    if found.on_time_ends is None:
        event("impossible now")
        return
    event("possible now")
    assert found.by is not None
    assert found.impossible_before is None
    assert unit.at <= found.by * MS
    assert found.by <= horizon(WEEKDAYS, unit.at, 5)
    assert found.dossiers == tuple(unit.closable)[: found.on_time_ends]
    last = instant_of(found.by)
    closed = just_in_time(unit, found.dossiers, found.by)
    ledger, window = closed.ledger(), unit.policy.window
    ledger.settle(last)
    tally = ledger.counts.tally(window.start(last), last)
    assert closed.zone(last) == "green"
    assert tally.on_time + tally.early == closed.count(last).numerator


@steady(200)
@given(unit=units_below(KEEPS))
def test_the_plan_holds_whenever_it_is_followed(unit: Unit) -> None:
    """Made at once, the unit is green from then on; until `by`, and as long as the hold asks."""
    found = way_back(unit)
    assume(found.by is not None)
    assert found.by is not None
    closed = at_once(unit, found.dossiers)
    until = horizon(WEEKDAYS, unit.at, 5)
    held = unit.policy.recover_hold if unit.at // MS < found.by < until else 0
    judged = [unit.at + MS, *closed.instants(min(instant_of(found.by + held), instant_of(until)))]
    assert [at for at in judged if at >= unit.at + MS and closed.zone(at) != "green"] == []
    if found.by < until and (held or not unit.policy.recover_hold):
        event("by is bounded")
        after = closed.instants(instant_of(found.by + held) + MS)
        assert any(closed.zone(at) != "green" for at in after)


@steady(200)
@given(unit=units_below(KEEPS + LOSES))
def test_the_number_is_the_closed_form(unit: Unit) -> None:
    found = way_back(unit)
    numerator, denominator = unit.count(unit.at)
    p, q = unit.policy.green_parts
    number = -(-(p * denominator - q * numerator) // (q - p))
    if any(at <= unit.at + MS for at in unit.instants(unit.at + DAY)):
        return  # a count changes before the next judgement can be
    if number > len(unit.closable):
        assert found.on_time_ends is None
    else:
        assert found.on_time_ends == number


@steady(200)
@given(unit=units_below(KEEPS))
def test_before_the_date_named_nothing_brings_it_back(unit: Unit) -> None:
    found = way_back(unit)
    assume(found.on_time_ends is None)
    assert found.impossible_before is not None
    then = instant_of(found.impossible_before)
    overdue = [name for name in unit.open if name not in unit.closable]
    for dossiers in ([*unit.closable], [*unit.open]):
        best = at_once(unit, dossiers)
        moments = best.instants(then - MS)
        assert not any(best.zone(-(-at // MS) * MS) == "green" for at in moments)
    outside = then > unit.at - unit.policy.window.start(0)  # where the overdue ones may be by then
    closed = just_in_time(unit, found.dossiers, then // MS - 1)
    closed = unit.closing({**closed.closings, **dict.fromkeys(overdue if outside else (), unit.at)})
    zone = closed.zone(then)
    event(zone)
    assert zone == "green" if found.dossiers else zone in ("green", "grey")
