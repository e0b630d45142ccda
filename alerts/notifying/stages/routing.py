"""Who is to be told of a step: those who answer for the unit, on the levels reached so far."""

from __future__ import annotations

from alerts.notifying.memory import IncidentMemory
from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Candidate, Drop, Verdict
from alerts.recipients import Recipient, Topic
from schemas.notification import OccasionKind, Why

_TOPICS: dict[OccasionKind, Topic] = {
    "warned": "forecasts",
    "digest": "digest",
    "health": "health",
}


def route(incident: IncidentMemory, situation: Situation) -> list[Recipient] | Drop:
    """The recipients; or why there are none. A unit without the lowest level starts at the next."""
    return situation.audience(incident) or Drop(Why.NO_RECIPIENT)


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """A notice held back: its recipient may since have left the recipients file, or the unit."""
    occasion, recipient = candidate.occasion, candidate.recipient
    topic = _TOPICS.get(occasion.kind, "incidents")
    if topic not in recipient.about or not recipient.channels:
        return Drop(Why.NO_RECIPIENT)
    unit_id = occasion.unit_id
    if unit_id is not None and not recipient.answers_for(unit_id, situation.recipients.parents):
        return Drop(Why.NO_RECIPIENT)
    return None
