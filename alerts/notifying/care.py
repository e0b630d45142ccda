"""What an incident asks for as time passes: reminders and escalation, until somebody holds it."""

from __future__ import annotations

from alerts.notifying.memory import IncidentMemory
from alerts.notifying.situation import Situation
from alerts.notifying.telling import Notice, Occasion
from alerts.notifying.timers import Timers, Turn
from alerts.recipients import Recipient
from schemas.notification import Why
from schemas.step import IncidentStep, StepKind


def needs_care(incident: IncidentMemory | None) -> bool:
    """Whether an incident is open and nobody has acknowledged it."""
    return incident is not None and incident.closed_at is None and incident.acknowledged_by is None


def set_timers(situation: Situation, timers: Timers, incident_id: str) -> None:
    """Set the timers of an incident as its memory says."""
    incident = situation.memory.incidents.get(incident_id)
    remind = escalate = forget = None
    if incident is not None:
        remind, escalate = incident.remind_at, incident.escalate_at
        if incident.closed_at is not None:
            forget = incident.closed_at + situation.rules.keep_closed
    timers.set(Turn.REMINDER, incident_id, remind)
    timers.set(Turn.ESCALATION, incident_id, escalate)
    timers.set(Turn.FORGET_INCIDENT, incident_id, forget)


def changed(situation: Situation, timers: Timers, incident_id: str) -> None:
    """An incident's memory has changed."""
    incident = situation.memory.incidents.get(incident_id)
    if incident is not None and not needs_care(incident):
        incident.remind_at = incident.escalate_at = None
    situation.memory.incidents.touch(incident_id)
    set_timers(situation, timers, incident_id)


def note_told(situation: Situation, timers: Timers, notice: Notice, recipient: Recipient) -> None:
    """It was decided to tell a recipient: from now on reminders and escalation are counted."""
    occasion, at, rules = notice.occasion, situation.clock, situation.rules
    subject = occasion.subject
    if notice.why is Why.FLAPPING and occasion.unit_id is not None:
        situation.memory.unit(occasion.unit_id).flapping_said[recipient.recipient_id] = at
        situation.memory.units.touch(occasion.unit_id)
    if (condition := situation.memory.conditions.get(subject)) is not None:
        if recipient.recipient_id not in condition.told:
            condition.told.append(recipient.recipient_id)
            situation.memory.conditions.touch(subject)
        return
    incident = situation.incident_of(occasion)
    if incident is None:
        return
    is_first = not incident.told
    incident.told.setdefault(recipient.recipient_id, at)
    if needs_care(incident):
        incident.history = False
        incident.level = max(incident.level, recipient.level)
        if is_first and rules.reminders:
            incident.remind_at = situation.working.next_morning(at)
        if incident.level_told_at is None and recipient.level == incident.level:
            incident.level_told_at = at
            if rules.escalate_after:
                incident.escalate_at = situation.working.after(at, rules.escalate_after)
    changed(situation, timers, subject)


def next_occasion(situation: Situation, step: IncidentStep) -> Occasion:
    """A step of a known incident as an occasion, with a serial of its own."""
    incident = situation.memory.incidents.get(step.incident_id)
    assert incident is not None, "a step of an incident that is not known"
    serial, incident.serial = incident.serial, incident.serial + 1
    situation.memory.incidents.touch(step.incident_id)
    return Occasion(
        step.kind, step.incident_id, serial, situation.clock, step.unit_id, step.zone, step
    )


def own_step(situation: Situation, incident_id: str, kind: StepKind) -> IncidentStep:
    """A step that the notifier makes, with the latest figure known as its evidence."""
    incident = situation.memory.incidents.get(incident_id)
    assert incident is not None, "a step of an incident that is not known"
    evidence, zone = situation.latest(incident)
    return IncidentStep(incident_id, incident.unit_id, kind, situation.clock, zone, evidence)
