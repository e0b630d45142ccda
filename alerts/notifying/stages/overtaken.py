"""What was held and is no longer so, is not told any more."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import ENDINGS, Candidate, Drop, Verdict
from schemas.notification import Why


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """A closed incident has no news but its closing; a zone left again, a lifted forecast."""
    return Drop(Why.OVERTAKEN) if _is_overtaken(candidate, situation) else None


def _is_overtaken(candidate: Candidate, situation: Situation) -> bool:
    occasion, memory = candidate.occasion, situation.memory
    if (incident := situation.incident_of(occasion)) is not None:
        if occasion.kind in ("closed", "corrected"):
            return False
        if occasion.kind in ("worsened", "improved") and incident.zone != occasion.zone:
            return True
        return incident.closed_at is not None
    if occasion.kind == "warned" and occasion.unit_id is not None:
        unit = memory.units.get(occasion.unit_id)
        is_open = bool(memory.open_of.get(occasion.unit_id))
        return is_open or unit is None or not unit.forecast_stands
    if (condition := memory.conditions.get(occasion.subject)) is not None:
        return (condition.ended_at is not None) != (candidate.why in ENDINGS)
    return False
