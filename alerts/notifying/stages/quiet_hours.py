"""Outside working time nobody is disturbed, but for what is urgent."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Candidate, Hold, Verdict
from schemas.notification import OccasionKind, Why

# The monitor's own health concerns those on duty; a digest has a time of its own.
_ALWAYS: frozenset[OccasionKind] = frozenset({"health", "digest", "test"})


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """Held until work begins again."""
    kind, at = candidate.occasion.kind, candidate.at
    if not situation.rules.quiet_hours or kind in _ALWAYS or kind in situation.rules.urgent:
        return None
    if situation.working.holds(at):
        return None
    return Hold(Why.HELD_OUTSIDE_WORKING_HOURS, situation.working.next(at))
