"""The measures of a policy over several units, and a backtest as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median_low
from typing import NamedTuple

from audit.backtesting.backtest import Backtest, PolicyOutcome, UnitOutcome
from audit.backtesting.incidents import Differences, Incident, Pair, together
from audit.backtesting.policies import Judging, judging, judging_all
from indicators.policy import Policy
from schemas.instants import Millis, iso_millis
from schemas.status import ZONES, Zone


class Measures(NamedTuple):
    """What a policy comes to; see `audit.backtesting.backtest` for each. Spans in milliseconds."""

    times: Mapping[Zone, Millis]
    incidents: int
    still_open: int  # of them, where looking ends
    open_before: int  # opened before the period, open where it begins; none of `incidents`
    open_before_still: int  # of them, still open where looking ends
    false_alarms: int
    warned: int  # incidents with a warning
    warning: Millis | None  # the median of them; None: there is none
    kept: int
    moved: int
    gained: int
    lost: int
    earlier: int  # of the moved ones
    lead: Millis | None  # the median of the moved ones; None: there is none

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "zones_ms": dict(self.times),
            "incidents": self.incidents,
            "still_open": self.still_open,
            "open_before": self.open_before,
            "open_before_still_open": self.open_before_still,
            "false_alarms": self.false_alarms,
            "warned": self.warned,
            "median_warning_ms": self.warning,
            "kept": self.kept,
            "moved": self.moved,
            "gained": self.gained,
            "lost": self.lost,
            "moved_earlier": self.earlier,
            "median_lead_ms": self.lead,
        }


def measures(outcomes: Iterable[PolicyOutcome]) -> Measures:
    """The measures of one policy over the units given."""
    each = list(outcomes)
    incidents = [incident for outcome in each for incident in outcome.incidents]
    before = [incident for outcome in each for incident in outcome.open_before]
    warnings = [one.warning for one in incidents if one.warning is not None]
    found = together(outcome.differences for outcome in each)
    leads = [pair.lead for pair in found.moved]
    return Measures(
        {zone: sum(outcome.times[zone] for outcome in each) for zone in ZONES},
        len(incidents),
        sum(incident.closed is None for incident in incidents),
        len(before),
        sum(incident.closed is None for incident in before),
        sum(incident.false_alarm for incident in incidents),
        len(warnings),
        median_low(warnings) if warnings else None,
        len(found.kept),
        len(found.moved),
        len(found.gained),
        len(found.lost),
        sum(lead > 0 for lead in leads),
        median_low(leads) if leads else None,
    )


def measures_of_all(units: Sequence[UnitOutcome], others: int) -> list[Measures]:
    """Over all units: of the policy in force, then of each of the others."""
    return [
        measures(unit.in_force for unit in units),
        *(measures(unit.others[place] for unit in units) for place in range(others)),
    ]


# -- JSON ------------------------------------------------------------------------------------------


def backtest_to_dict(backtest: Backtest, names: Sequence[str]) -> dict[str, object]:
    """The JSON form; `names` are those of the policies, the one in force first."""
    units = [backtest.outcomes[unit_id] for unit_id in sorted(backtest.outcomes)]
    totals = measures_of_all(units, len(names) - 1)
    return {
        "from": _iso(backtest.start),
        "to": _iso(backtest.stop),
        "policies": [
            {"name": name, **_judging_to_dict(by), **total.to_dict()}
            for name, by, total in zip(names, judging_all(backtest), totals, strict=True)
        ],
        "units": [_unit_to_dict(unit, backtest, names) for unit in units],
    }


def _judging_to_dict(by: Judging) -> dict[str, object]:
    """The policy itself, and whether it is a unit's own."""
    return {**policy_to_dict(by.policy), "own": by.is_own}


def policy_to_dict(policy: Policy) -> dict[str, object]:
    """A policy with the keys that the settings have, shares and spans exact."""
    return {
        "policy": policy.digest,
        "definition": policy.definition,
        "window": policy.window.text,
        "green": str(policy.green),
        "yellow": str(policy.yellow),
        "min_sample": policy.min_sample,
        "hold_ms": policy.hold,
        "recover_hold_ms": policy.recover_hold,
        "recover_margin": str(policy.recover_margin),
    }


def _unit_to_dict(unit: UnitOutcome, backtest: Backtest, names: Sequence[str]) -> dict[str, object]:
    each = zip(names, judging(unit, backtest), (unit.in_force, *unit.others), strict=True)
    return {
        "unit_id": unit.unit_id,
        "from": iso_millis(unit.start),
        "to": iso_millis(unit.stop),
        "policies": [
            {
                "name": name,
                **_judging_to_dict(by),
                **measures([outcome]).to_dict(),
                "list": [_incident_to_dict(one) for one in outcome.incidents],
                "list_open_before": [_incident_to_dict(one) for one in outcome.open_before],
                "differences": _differences_to_list(outcome.differences),
            }
            for name, by, outcome in each
        ],
    }


def _incident_to_dict(incident: Incident) -> dict[str, object]:
    return {
        "incident_id": incident.incident_id,
        "opened": iso_millis(incident.opened),
        "closed": _iso(incident.closed),
        "zone": incident.zone,
        "numerator": incident.numerator,
        "denominator": incident.denominator,
        "false_alarm": incident.false_alarm,
        "warning_ms": incident.warning,
    }


def told_in_order(found: Differences) -> list[tuple[str, Incident | None, Incident | None]]:
    """Each difference by its name: the incident in force, and the other policy's, by openings."""
    told: list[tuple[str, Incident | None, Incident | None]] = [
        *(("kept", *pair) for pair in found.kept),
        *(("moved", *pair) for pair in found.moved),
        *(("gained", None, one) for one in found.gained),
        *(("lost", one, None) for one in found.lost),
    ]
    return sorted(told, key=lambda one: min(_opened(one[1]), _opened(one[2])))


def _opened(incident: Incident | None) -> float:
    return float("inf") if incident is None else incident.opened


def _differences_to_list(found: Differences) -> list[dict[str, object]]:
    return [
        {
            "kind": kind,
            "in_force": None if mine is None else mine.incident_id,
            "other": None if other is None else other.incident_id,
            "lead_ms": None if mine is None or other is None else Pair(mine, other).lead,
        }
        for kind, mine, other in told_in_order(found)
    ]


def _iso(clock: Millis | None) -> str | None:
    return None if clock is None else iso_millis(clock)
