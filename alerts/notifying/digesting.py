"""The morning digest: at one time of each working day, to all who want it."""

from __future__ import annotations

from alerts.notifying.teller import Teller
from alerts.notifying.telling import Notice, Occasion, notice_id
from alerts.notifying.timers import Turn
from schemas.instants import Millis
from schemas.notification import Notification, Why

_MINUTE: Millis = 60 * 1000
KEY = "digest"  # of the one timer


def set_timer(teller: Teller) -> None:
    """The next digest after the clock."""
    _set_timer_after(teller, teller.situation.clock)


def _set_timer_after(teller: Teller, after: Millis) -> None:
    situation = teller.situation
    due = situation.working.next_time_of_day(after, situation.rules.digest_minutes)
    teller.timers.set(Turn.DIGEST, KEY, due)


def send_digest(teller: Teller) -> None:
    """The digest that is due at the clock: sent, or too late if the clock leads on past noon.

    Those that are history by now are passed over.
    """
    situation = teller.situation
    if situation.clock < situation.horizon:
        _set_timer_after(teller, min(situation.horizon - 1, situation.target))
        return
    set_timer(teller)
    rules, clock = situation.rules, situation.clock
    day = situation.working.day(clock).isoformat()
    occasion = Occasion("digest", f"digest/{day}", 0, clock)
    latest = clock + max(0, rules.digest_latest - rules.digest_minutes) * _MINUTE
    for recipient in situation.to_be_told("digest"):
        name = notice_id(occasion.subject, 0, recipient.recipient_id)
        if situation.target <= latest:
            teller.send([Notice(name, occasion, recipient.recipient_id, Why.DIGEST)])
        else:
            teller.effects.notifications.append(
                Notification(
                    name,
                    "dropped",
                    Why.TOO_LATE,
                    occasion.kind,
                    occasion.subject,
                    clock,
                    recipient=recipient.recipient_id,
                )
            )
