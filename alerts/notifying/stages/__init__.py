"""The stages that every notice goes through, in their order, each in a module of its own."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages import (
    acknowledged,
    flapping,
    inhibited,
    overtaken,
    quiet_hours,
    rate_limit,
    routing,
    silenced,
    told_before,
)
from alerts.notifying.stages.verdict import Candidate, Drop, Hold, Say, Stage

STAGES: tuple[Stage, ...] = (
    routing.decide,
    overtaken.decide,
    acknowledged.decide,
    silenced.decide,
    inhibited.decide,
    flapping.decide,
    told_before.decide,
    quiet_hours.decide,
    rate_limit.decide,
)


def decide(candidate: Candidate, situation: Situation) -> Drop | Hold | Say:
    """The first verdict that drops or holds the notice; else for what reason it is told."""
    why = candidate.why
    for stage in STAGES:
        verdict = stage(candidate, situation)
        if isinstance(verdict, Say):
            why = verdict.why
        elif verdict is not None:
            return verdict
    return Say(why)
