"""Somebody has asked, for a time and a reason, that nobody be told of a unit."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Candidate, Drop, Verdict
from alerts.recipients import covers
from schemas.notification import Why


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """The detail is the id of the silence; of several, of the one that ends last."""
    unit_id = candidate.occasion.unit_id
    if unit_id is None:
        return None
    parents = situation.recipients.parents
    in_force = [
        (silence.until, silence_id)
        for silence_id, silence in situation.memory.silences
        if silence.until > candidate.at and covers(silence.scope, unit_id, parents)
    ]
    return Drop(Why.SILENCED, max(in_force)[1]) if in_force else None
