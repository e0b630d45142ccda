"""Somebody holds the incident: nobody has to be found for it any more."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Candidate, Drop, Verdict
from schemas.notification import OccasionKind, Why

_LOOKING: frozenset[OccasionKind] = frozenset({"opened", "reminded", "escalated"})


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """News of it (worsened, closed, ...) are still told; who acknowledged knows that they did."""
    occasion = candidate.occasion
    incident = situation.incident_of(occasion)
    if incident is None or incident.acknowledged_by is None:
        return None
    if occasion.kind in _LOOKING:
        return Drop(Why.ACKNOWLEDGED)
    if occasion.kind == "acknowledged":
        who = incident.acknowledged_from or incident.acknowledged_by
        return Drop(Why.ACKNOWLEDGED) if who == candidate.recipient.recipient_id else None
    return None
