"""Reminders: each working day as work begins, until the incident is acknowledged or closed."""

from __future__ import annotations

from alerts.notifying.care import changed, needs_care, next_occasion, own_step
from alerts.notifying.teller import Teller


def remind(teller: Teller, incident_id: str) -> None:
    """The reminder that is due. The step is made only if somebody is told.

    Who has something of the incident held back is not reminded of what they have not read. Days
    that are history by now are passed over.
    """
    situation = teller.situation
    incident = situation.memory.incidents.get(incident_id)
    if incident is None:
        return
    is_history = situation.clock < situation.horizon
    at = min(situation.horizon, situation.target) if is_history else situation.clock
    incident.remind_at = situation.working.next_morning(at) if situation.rules.reminders else None
    changed(situation, teller.timers, incident_id)
    if not needs_care(incident) or incident.remind_at is None or is_history:
        return
    recipients = [
        one
        for one in situation.audience(incident)
        if not situation.held(incident_id, one.recipient_id)
    ]
    if not recipients:
        return
    step = own_step(situation, incident_id, "reminded")
    if teller.tell_all(next_occasion(situation, step), recipients):
        teller.effects.steps.append(step)
