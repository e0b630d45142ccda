"""A unit's outlook at T: figure and zone, the dossiers at risk, and what lies before it. Pure."""

from __future__ import annotations

from indicators.calendar import WorkingCalendar
from indicators.definitions import DEFINITIONS
from indicators.forecast import WORKING_DAYS, forecast
from indicators.ledger import UnitLedger
from indicators.policy import Policy
from indicators.recovery import recovery
from indicators.standing import Standing, is_below, standing_of
from indicators.zones import zone_of
from schemas.instants import SECOND, Micros, Millis
from schemas.outlook import DossierAtRisk, RiskState, UnitOutlook

AT_RISK_MOST = 50  # named in an outlook
_MS: Micros = SECOND // 1000


def outlook(
    unit_id: str,
    ledger: UnitLedger,
    policy: Policy,
    calendar: WorkingCalendar,
    as_of: Millis,
    *,
    partition: int,
    offset: int,
    due_soon: Micros,
    last_arrival: Millis | None = None,
    usual_gap: Millis | None = None,
    working_days: int = WORKING_DAYS,
) -> UnitOutlook:
    """What lies before a unit at T = `as_of`: of a judgement at clock c that is c + 1.

    A green unit has a forecast (with 0 `working_days` to look ahead it has none), one below green a
    recovery; where there are too few to judge there is neither. `due_soon` is a span, as for
    `UnitCounts.open_at`. `last_arrival` and `usual_gap` are passed on. The ledger is not changed.

    Raises ValueError if the ledger does not stand at T; see `standing_of`.
    """
    at = as_of * _MS
    standing = standing_of(ledger, policy, at)
    count = DEFINITIONS[policy.definition](standing.tally(policy.window, at))
    zone = zone_of(count, policy)
    return UnitOutlook(
        unit_id,
        as_of,
        partition,
        offset,
        zone,
        policy.definition,
        policy.window.text,
        *count,
        policy.digest,
        calendar.version,
        at_risk(standing, at, due_soon),
        len(standing.open),
        forecast(standing, policy, calendar, at, working_days)
        if zone == "green" and working_days
        else None,
        recovery(standing, policy, calendar, at) if is_below(zone) else None,
        last_arrival,
        usual_gap,
    )


def at_risk(standing: Standing, at: Micros, due_soon: Micros) -> tuple[DossierAtRisk, ...]:
    """The open dossiers whose clock runs, most urgent first: in order of due, overdue ones first.

    At most 50. A due date is told in whole milliseconds, rounded down.
    """

    def state(due: Micros) -> RiskState:
        if due < at:
            return "overdue"
        return "due_soon" if due <= at + due_soon else "within"

    return tuple(
        DossierAtRisk(dossier_id, due // _MS, state(due))
        for due, dossier_id in standing.open[:AT_RISK_MOST]
    )
