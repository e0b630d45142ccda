"""A unit that opens and closes time and again: one message says so, then there is quiet.

Damped is only what is sent; every step is recorded. What is still open is told by the next
morning's reminder.
"""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Candidate, Drop, Say, Verdict
from schemas.notification import Why


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """Openings are counted up to the instant of the decision, in the period before it."""
    occasion, rules = candidate.occasion, situation.rules
    if occasion.kind not in ("opened", "closed") or occasion.step is None:
        return None
    if not rules.flapping_openings:
        return None
    unit = situation.memory.units.get(occasion.step.unit_id)
    since = candidate.at - rules.flapping_period
    if unit is None or sum(at > since for at in unit.openings) <= rules.flapping_openings:
        return None
    said_at = unit.flapping_said.get(candidate.recipient.recipient_id)
    if said_at is not None and said_at > since:
        return Drop(Why.FLAPPING_DAMPED)
    return Say(Why.FLAPPING) if occasion.kind == "opened" else None
