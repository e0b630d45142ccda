"""History tells nobody: a step that is older than the rules allow before the wall clock."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Drop
from schemas.instants import Millis
from schemas.notification import Why


def decide(at: Millis, situation: Situation) -> Drop | None:
    """Asked once, when a step is taken: what is held over a weekend does not become history."""
    return Drop(Why.HISTORY) if at < situation.horizon else None
