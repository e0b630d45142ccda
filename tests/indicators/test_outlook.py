"""A unit's outlook: what it is made of, and what it needs of the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions import DEFINITIONS
from indicators.forecast import forecast
from indicators.ledger import UnitLedger
from indicators.outlook import AT_RISK_MOST, outlook
from indicators.recovery import recovery
from indicators.standing import changes, standing_of, walk
from schemas.instants import DAY, Micros
from schemas.outlook import DossierAtRisk, UnitOutlook, read_outlook
from tests.indicators.foreseeing import (
    KEEPS,
    LOSES,
    MONDAY,
    MS,
    WEEKDAYS,
    Unit,
    policy,
    units,
)
from tests.indicators.telling import HOUR, VIET_NAM, fact
from tests.profiles import steady

GREEN = ((MONDAY - DAY, False),) * 9


def outlook_of(unit: Unit, **more: Any) -> UnitOutlook:
    fields: dict[str, Any] = {"partition": 3, "offset": 77, "due_soon": DAY, **more}
    return outlook("don-vi", unit.ledger(), unit.policy, WEEKDAYS, unit.at // MS, **fields)


def test_what_is_stated() -> None:
    unit = Unit(MONDAY, GREEN, (MONDAY + DAY,))
    found = outlook_of(unit, last_arrival=5, usual_gap=6)
    assert found[:11] == (
        "don-vi",
        MONDAY // MS,
        3,
        77,
        "green",
        "resolved@1",
        "30d",
        9,
        9,
        unit.policy.digest,
        WEEKDAYS.version,
    )
    assert (found.last_arrival, found.usual_gap) == (5, 6)
    assert outlook_of(unit).last_arrival is None


@steady(80)
@given(unit=units(KEEPS + LOSES))
def test_green_has_a_forecast_below_a_recovery_and_too_few_neither(unit: Unit) -> None:
    found = outlook_of(unit)
    assert (found.zone, found.numerator, found.denominator) == (
        unit.zone(unit.at),
        *unit.count(unit.at),
    )
    green, below = found.zone == "green", found.zone in ("yellow", "red")
    standing = unit.standing()
    assert found.forecast == (forecast(standing, unit.policy, WEEKDAYS, unit.at) if green else None)
    assert found.recovery == (recovery(standing, unit.policy, WEEKDAYS, unit.at) if below else None)
    assert read_outlook(found.to_json()) == found


def test_the_days_looked_ahead_are_those_asked_for_and_0_is_no_forecast() -> None:
    unit = Unit(MONDAY, GREEN)
    found = outlook_of(unit, working_days=2).forecast
    assert found is not None
    assert found.until == (MONDAY + 2 * DAY + 10 * HOUR - MS) // MS
    assert outlook_of(unit, working_days=0).forecast is None


def test_the_dossiers_at_risk_are_in_order_of_urgency() -> None:
    dues = (MONDAY + DAY + 1, MONDAY + DAY, MONDAY, MONDAY - 1, MONDAY - 5 * DAY)
    found = outlook_of(Unit(MONDAY, GREEN, dues))
    expected = sorted(dues)
    states = ("overdue", "overdue", "due_soon", "due_soon", "within")
    assert found.at_risk == tuple(
        DossierAtRisk(f"O{place}", due // MS, state)  # type: ignore[arg-type]
        for place, (due, state) in enumerate(zip(expected, states, strict=True))
    )
    assert found.at_risk_total == 5


def test_at_most_so_many_are_named_and_all_are_counted() -> None:
    unit = Unit(MONDAY, GREEN, tuple(MONDAY + number * HOUR for number in range(AT_RISK_MOST + 7)))
    found = outlook_of(unit)
    assert [one.dossier_id for one in found.at_risk] == [f"O{n}" for n in range(AT_RISK_MOST)]
    assert found.at_risk_total == AT_RISK_MOST + 7


def ledger(*told: tuple[str, Any], at: Micros) -> UnitLedger:
    found = UnitLedger(VIET_NAM)
    for dossier_id, one in told:
        found.add(dossier_id, one)
    found.settle(at)
    return found


def test_only_open_dossiers_whose_clock_runs_and_counted_ends_stand() -> None:
    told = [
        ("paused", fact("received", 1, due=200)),
        ("paused", fact("fee_requested", 2)),
        ("no-due", fact("received", 1)),
        ("not-received", fact("submitted", 1, due=200)),
        ("withdrawn", fact("received", 1, due=200)),
        ("withdrawn", fact("withdrawn", 3)),
        ("refused", fact("received", 1, due=200)),
        ("refused", fact("refused", 3)),
        ("late", fact("received", 1, due=2)),
        ("late", fact("completed", 3)),
        ("open", fact("received", 1, due=200)),
    ]
    now = fact("received", 9).occurred_at
    found = standing_of(ledger(*told, at=now), policy(), now)
    end = fact("completed", 3).occurred_at
    assert (found.ends, found.columns) == ((end, end), b"\0\2")
    assert found.open == ((fact("received", 200).occurred_at, "open"),)


def test_a_ledger_that_stands_elsewhere_is_refused() -> None:
    unit = Unit(MONDAY, GREEN)
    known = unit.ledger()
    with pytest.raises(ValueError, match="settle it first"):
        standing_of(known, unit.policy, MONDAY - 1)
    known.add("F", fact("completed", 24 * 6, due=24 * 9))
    pending = known.next_pending()
    assert pending is not None
    standing_of(known, unit.policy, pending - 1)
    with pytest.raises(ValueError, match="settle it first"):
        standing_of(known, unit.policy, pending)


def test_a_ledger_settled_before_serves_while_no_event_s_time_came() -> None:
    """As between two judgements: the figure is that of now, and the ledger stays where it was."""
    unit = Unit(MONDAY, GREEN, (MONDAY + HOUR,), policy(definition="strict@1"))
    known = unit.ledger()
    found = standing_of(known, unit.policy, MONDAY + DAY)
    assert found.overdue_at(MONDAY + DAY) == 1
    assert found.tally(unit.policy.window, MONDAY + DAY) == (0, 9, 0, 1)
    assert known.settled_at == MONDAY


@steady(80)
@given(unit=units(KEEPS + LOSES))
def test_a_standing_counts_as_its_ledger(unit: Unit) -> None:
    window = unit.policy.window
    counts = unit.ledger().counts
    assert unit.standing().tally(window, unit.at) == counts.tally(window.start(unit.at), unit.at)


@steady(150)
@given(unit=units(KEEPS + LOSES), data=st.data())
def test_the_walk_counts_as_a_plain_reckoning_does(unit: Unit, data: st.DataObject) -> None:
    """Whatever is supposed to be closed: at once, on its due date, or late."""
    standing, window, last = unit.standing(), unit.policy.window, unit.at + 9 * DAY
    closed: dict[int, Micros] = {}
    for place, (due, _) in enumerate(standing.open):
        instants = {unit.at, max(unit.at, due), max(unit.at, due + HOUR), last}
        if data.draw(st.booleans()):
            closed[place] = data.draw(st.sampled_from(sorted(instants)))
    found = changes(standing, window, unit.at, last, VIET_NAM, closed=closed)
    supposed = unit.closing({standing.open[place][1]: end for place, end in closed.items()})
    count = DEFINITIONS[unit.policy.definition]
    known = {unit.at: count(standing.tally(window, unit.at))}
    known.update((at, count(tally)) for at, tally in walk(standing.tally(window, unit.at), found))
    now = known[unit.at]
    assert max(known) <= last
    for at in sorted({*known, *supposed.instants(last)}):
        now = known.get(at, now)
        assert now == supposed.count(at)
