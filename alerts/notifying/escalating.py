"""Escalation: after so much working time without acknowledgement the next level is told."""

from __future__ import annotations

from alerts.notifying.care import changed, needs_care, next_occasion, own_step
from alerts.notifying.stages.verdict import Drop
from alerts.notifying.teller import Teller
from schemas.notification import Why


def escalate(teller: Teller, incident_id: str) -> None:
    """The escalation that is due. Where nobody may be told now, the next morning tries again."""
    situation = teller.situation
    incident = situation.memory.incidents.get(incident_id)
    if incident is None:
        return
    incident.escalate_at = None
    changed(situation, teller.timers, incident_id)
    if not needs_care(incident):
        return
    above = [level for level in situation.levels(incident.unit_id) if level > incident.level]
    step = own_step(situation, incident_id, "escalated")
    if not above:
        teller.drop(next_occasion(situation, step), Drop(Why.NO_NEXT_LEVEL))
        return
    before = incident.level, incident.level_told_at
    incident.level, incident.level_told_at = above[0], None
    step = step._replace(level=above[0])
    recipients = situation.to_be_told("incidents", incident.unit_id, above[0])
    if teller.tell_all(next_occasion(situation, step), recipients):
        teller.effects.steps.append(step)
        return
    incident.level, incident.level_told_at = before
    incident.escalate_at = situation.working.next_morning(situation.clock)
    changed(situation, teller.timers, incident_id)
