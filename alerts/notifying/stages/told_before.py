"""What follows up an earlier message is only for those who got, or will get, that message."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import ENDINGS, Candidate, Drop, Hold, Verdict
from schemas.notification import OccasionKind, Why

_FOLLOW_UPS: frozenset[OccasionKind] = frozenset(
    {"improved", "closed", "corrected", "acknowledged"}
)


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """Where the earlier message is itself held back, this one waits with it."""
    occasion, recipient_id = candidate.occasion, candidate.recipient.recipient_id
    if occasion.kind not in _FOLLOW_UPS and candidate.why not in ENDINGS:
        return None
    if situation.was_told(occasion.subject, recipient_id):
        return None
    before = [
        held
        for held in situation.held(occasion.subject, recipient_id)
        if held.notice.occasion.serial < occasion.serial
    ]
    if not before:
        return Drop(Why.NOT_TOLD_BEFORE)
    until = max(held.until for held in before)
    return Hold(Why.GROUPED, until, f"waits with {before[0].notice.notice_id}")
