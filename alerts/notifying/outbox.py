"""The outbox: what was decided to be sent and has neither been sent nor given up."""

from __future__ import annotations

from typing import Literal

from alerts.notifying.memory import Memory
from alerts.notifying.telling import Outgoing
from schemas.instants import Millis
from schemas.notification import Notification, Why


def due_to_be_sent(memory: Memory, now: Millis) -> list[Outgoing]:
    """What is to be tried at the wall clock, oldest first."""
    due = [outgoing for _, outgoing in memory.outbox if outgoing.next_try <= now]
    return sorted(due, key=lambda one: (one.decided_at, one.notification_id))


def report(
    memory: Memory,
    notification_id: str,
    *,
    outcome: Literal["sent", "retrying", "failed"],
    why: Why,
    detail: str,
    clock: Millis,
    next_try: Millis | None,
    tried_at: Millis | None,
) -> Notification:
    """The record of what came of a try; the message leaves the outbox unless it is tried again.

    Of the first try the instant stays with the message: it is given up so long after it, whoever
    tries it by then.
    """
    outgoing = memory.outbox.get(notification_id)
    if outgoing is None:
        raise KeyError(f"no message {notification_id!r} is on its way")
    # Where the circuit is open nothing was tried.
    attempts = outgoing.attempts + (why is not Why.CIRCUIT_OPEN)
    if outcome == "retrying":
        if next_try is None:
            raise ValueError(f"{notification_id}: retrying, and no next try given")
        first_try = outgoing.first_try or tried_at or 0
        kept = outgoing._replace(attempts=attempts, next_try=next_try, first_try=first_try)
        memory.outbox.put(notification_id, kept)
    else:
        memory.outbox.drop(notification_id)
    occasion = outgoing.notices[0].occasion
    return Notification(
        notification_id,
        outcome,
        why,
        occasion.kind,
        occasion.subject,
        clock,
        occasion.unit_id,
        outgoing.recipient,
        outgoing.channel,
        next_try,
        attempts,
        detail=detail,
    )
