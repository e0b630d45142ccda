"""Follows incidents by their steps."""

from __future__ import annotations

from bisect import insort

from alerts.notifying.care import changed, next_occasion
from alerts.notifying.memory import IncidentMemory, Memory
from alerts.notifying.stages import history, routing
from alerts.notifying.stages.verdict import Drop
from alerts.notifying.teller import Teller
from schemas.step import IncidentStep, StepKind

_OWN: frozenset[StepKind] = frozenset({"reminded", "acknowledged", "escalated"})
_STATES_ZONE: frozenset[StepKind] = frozenset({"opened", "worsened", "improved", "closed"})


def is_own(step: IncidentStep) -> bool:
    """Whether it is a step that only a notifier makes."""
    return step.kind in _OWN


def read_back(teller: Teller, step: IncidentStep) -> None:
    """The notifier's own step: known already, unless the state was lost."""
    situation = teller.situation
    incident = situation.memory.incidents.get(step.incident_id)
    if incident is None:
        return
    if step.kind == "acknowledged" and incident.acknowledged_by is None:
        incident.acknowledged_by, incident.acknowledged_at = step.author or "", step.at
        changed(situation, teller.timers, step.incident_id)
    elif step.kind == "escalated" and (step.level or 0) > incident.level:
        incident.level = step.level or 0
        changed(situation, teller.timers, step.incident_id)


def follow(teller: Teller, step: IncidentStep) -> None:
    """Take note of a step, and decide who is told of it."""
    situation = teller.situation
    if _is_known(situation.memory, step):
        return
    incident = _take_note(teller, step)
    occasion = next_occasion(situation, step)
    if (verdict := history.decide(step.at, situation)) is not None:
        teller.drop(occasion, verdict)
        return
    if step.kind == "opened" and situation.rules.reminders:
        # If this message does not go out (silenced, nobody there), the morning tries again.
        incident.remind_at = situation.working.next_morning(situation.clock)
        changed(situation, teller.timers, step.incident_id)
    recipients = routing.route(incident, situation)
    if isinstance(recipients, Drop):
        teller.drop(occasion, recipients)
    else:
        teller.tell_all(occasion, recipients)


def _is_known(memory: Memory, step: IncidentStep) -> bool:
    """Whether an opening is told anew: by workers that derived the history a second time."""
    incident = memory.incidents.get(step.incident_id)
    return step.kind == "opened" and incident is not None and step.at <= incident.opened_at


def _take_note(teller: Teller, step: IncidentStep) -> IncidentMemory:
    memory = teller.situation.memory
    incident = known = memory.incidents.get(step.incident_id)
    if incident is None or step.kind == "opened":
        incident = _new(teller, step)
        if known is not None:
            # Another incident of that id: where state was lost they are counted from one again.
            incident.serial = known.serial
        memory.incidents.put(step.incident_id, incident)
    if step.kind in _STATES_ZONE:
        incident.zone, incident.evidence = step.zone, step.evidence
    if step.kind == "closed":
        incident.closed_at = step.at
    if step.kind == "opened":
        _count_opening(teller, step)
    memory.note_open(step.incident_id, incident)
    changed(teller.situation, teller.timers, step.incident_id)
    return incident


def _new(teller: Teller, step: IncidentStep) -> IncidentMemory:
    """An incident first heard of. By another step than its opening: it was forgotten meanwhile.

    Then its serials go on from the instant, which is far beyond those used before.
    """
    opens = step.kind == "opened"
    incident = IncidentMemory(step.unit_id, step.at, step.zone, step.evidence)
    incident.serial = 0 if opens else step.at
    incident.history = step.at < teller.situation.horizon
    incident.closed_at = step.at if step.kind == "corrected" else None
    return incident


def _count_opening(teller: Teller, step: IncidentStep) -> None:
    situation = teller.situation
    unit = situation.memory.unit(step.unit_id)
    since = situation.clock - situation.rules.flapping_period
    unit.openings = [at for at in unit.openings if at > since]
    unit.flapping_said = {who: at for who, at in unit.flapping_said.items() if at > since}
    if step.at > since:
        insort(unit.openings, step.at)
    situation.memory.units.touch(step.unit_id)
