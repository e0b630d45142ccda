"""What people do: acknowledge an incident, silence units, end a silence. Each leaves a record."""

from __future__ import annotations

from alerts.notifying.care import changed, next_occasion, own_step
from alerts.notifying.stages import routing
from alerts.notifying.stages.verdict import Drop
from alerts.notifying.teller import Teller
from alerts.notifying.telling import Silence, action_subject
from alerts.notifying.timers import Turn
from schemas.action import Action
from schemas.notification import Notification, Why


def act(teller: Teller, action: Action) -> None:
    """Carry an action out, or say why not. It counts at the notifier's clock."""
    if action.kind == "acknowledge":
        _acknowledge(teller, action)
    elif action.kind == "silence":
        _silence(teller, action)
    else:
        _unsilence(teller, action)


def _acknowledge(teller: Teller, action: Action) -> None:
    situation = teller.situation
    incident_id = action.incident_id or ""
    incident = situation.memory.incidents.get(incident_id)
    if incident is None:
        _record(teller, action, Why.NO_SUCH_INCIDENT)
        return
    if incident.closed_at is not None:
        _record(teller, action, Why.INCIDENT_CLOSED)
        return
    if incident.acknowledged_by is not None:
        _record(teller, action, Why.ALREADY_ACKNOWLEDGED)
        return
    step = own_step(situation, incident_id, "acknowledged")
    # The calendar had no part in it.
    evidence = step.evidence._replace(calendar=None)
    step = step._replace(evidence=evidence, author=action.author, reason=action.reason or None)
    incident.acknowledged_by, incident.acknowledged_at = action.author, situation.clock
    incident.acknowledged_from = action.recipient_id
    changed(situation, teller.timers, incident_id)
    _record(teller, action, Why.TAKEN)
    teller.effects.steps.append(step)
    recipients = routing.route(incident, situation)
    if not isinstance(recipients, Drop):
        teller.tell_all(next_occasion(situation, step), recipients)


def _silence(teller: Teller, action: Action) -> None:
    """One without a scope or an end would be none, or for ever: it does not count."""
    situation = teller.situation
    if action.scope is None or action.until is None:
        _record(teller, action, Why.NO_SUCH_SILENCE)
        return
    if action.until <= situation.clock:
        _record(teller, action, Why.TOO_LATE)
        return
    silence = Silence(
        action.action_id,
        action.scope,
        action.author,
        action.reason,
        situation.clock,
        action.until,
    )
    situation.memory.silences.put(action.action_id, silence)
    teller.timers.set(Turn.SILENCE, action.action_id, action.until)
    _record(teller, action, Why.TAKEN)


def _unsilence(teller: Teller, action: Action) -> None:
    silences, silence_id = teller.situation.memory.silences, action.silence_id or ""
    if silences.get(silence_id) is None:
        _record(teller, action, Why.NO_SUCH_SILENCE)
        return
    silences.drop(silence_id)
    teller.timers.set(Turn.SILENCE, silence_id, None)
    _record(teller, action, Why.TAKEN)


def _record(teller: Teller, action: Action, why: Why) -> None:
    subject, memory = action_subject(action), teller.situation.memory
    incident = memory.incidents.get(subject)
    teller.effects.notifications.append(
        Notification(
            f"{subject}|{action.action_id}",
            "taken" if why is Why.TAKEN else "refused",
            why,
            action.kind,
            subject,
            teller.situation.clock,
            None if incident is None else incident.unit_id,
            detail=action.action_id,
        )
    )
