"""No recipient gets more messages an hour than the rules allow."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Candidate, Hold, Verdict
from schemas.instants import Millis
from schemas.notification import Why

HOUR: Millis = 60 * 60 * 1000


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """Held until one fits. What joins a message that goes out anyway takes no room."""
    limit, at = situation.rules.rate_limit, candidate.at
    recipient = situation.memory.recipients.get(candidate.recipient.recipient_id)
    if not limit or recipient is None:
        return None
    if situation.group(candidate.occasion, candidate.recipient.recipient_id) is not None:
        return None
    recent = [sent for sent in recipient.sent if sent > at - HOUR]
    return None if len(recent) < limit else Hold(Why.RATE_LIMITED, recent[-limit] + HOUR)
