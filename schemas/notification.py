"""What was decided about telling somebody, and what came of it: records of `unit-notifications`.

Every message sent, held back or failed is here, with a named reason, and everything that a person
did about one: kind `acknowledge`, `silence` or `unsilence`, outcome `taken` or `refused`. (The
first records of such deeds are of kind `acknowledged`, outcome `dropped`.) Recipients are named by
their id in the recipients file: no address, no text of a message, no personal data.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple, get_args

import orjson

from schemas.action import ActionKind
from schemas.instants import Millis, iso_millis
from schemas.step import StepKind

# What there may be to tell: a step of an incident, or one of these.
OccasionKind = StepKind | Literal["warned", "digest", "health", "test"]

# What a record is of: an occasion, or what a person did.
RecordKind = OccasionKind | ActionKind

Outcome = Literal[
    "decided",  # will be sent: written before it is
    "held",  # not before `until`; decided again then
    "dropped",  # will not be sent
    "sent",
    "retrying",  # failed, and tried again at `until`
    "failed",  # given up
    "taken",  # of what a person did: carried out
    "refused",  # of what a person did: not carried out
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class Why(StrEnum):
    """The reason of a decision. A message is sent for one of the first group."""

    FIRST_NOTIFICATION = "first_notification"
    WORSENED = "worsened"
    IMPROVED = "improved"
    RECOVERED = "recovered"
    CORRECTED = "corrected"
    REMINDER_DUE = "reminder_due"
    ESCALATION_DUE = "escalation_due"
    FORECAST = "forecast"
    FLAPPING = "flapping"  # one message that says so; further ones are dropped as `flapping_damped`
    DIGEST = "digest"
    HEALTH = "health"
    LONG_SILENT = "long_silent"  # of a feed: not told of again before something comes
    TEST = "test"

    HELD_OUTSIDE_WORKING_HOURS = "held_outside_working_hours"
    RATE_LIMITED = "rate_limited"
    GROUPED = "grouped"  # waits for, or travels in, another message to the same recipient

    HISTORY = "history"
    NO_RECIPIENT = "no_recipient"
    NO_NEXT_LEVEL = "no_next_level"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    INHIBITED_BY_PARENT = "inhibited_by_parent"
    FLAPPING_DAMPED = "flapping_damped"
    NOT_TOLD_BEFORE = "not_told_before"  # nothing to take back or to follow up
    OVERTAKEN = "overtaken"  # what was held is no longer so
    TOO_LATE = "too_late"
    CROWDED_OUT = "crowded_out"  # more was held back for the recipient than can be kept

    INCIDENT_CLOSED = "incident_closed"  # of an action that came too late
    NO_SUCH_INCIDENT = "no_such_incident"
    NO_SUCH_SILENCE = "no_such_silence"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    TAKEN = "taken"  # of an action that was carried out

    DELIVERED = "delivered"
    CHANNEL_FAILED = "channel_failed"
    CIRCUIT_OPEN = "circuit_open"
    GAVE_UP = "gave_up"
    TEMPLATE_BROKEN = "template_broken"  # the built-in one was used


class Notification(NamedTuple):
    """One record of `unit-notifications`."""

    notification_id: str  # the idempotency key: subject, occasion, recipient (and channel)
    outcome: Outcome
    why: Why
    kind: RecordKind
    subject: (
        str  # the incident's id, or `digest/...`, `health/...`, `outlook/...`; the record's key
    )
    at: Millis  # the notifier's clock
    unit_id: str | None = None
    recipient: str | None = None  # its id in the recipients file
    channel: str | None = None  # `email`, `webhook`, `alertmanager`, `apprise:tgram`
    until: Millis | None = None  # of held and retrying
    attempts: int = 0
    message: str | None = None  # of grouped: the notification_id of the message it travels in
    detail: str = ""  # an action's or a silence's id, an error's words without addresses

    def to_dict(self) -> dict[str, object]:
        """The JSON form; what is absent is left out."""
        fields = {name: value for name, value in self._asdict().items() if value not in (None, "")}
        fields["why"] = self.why.value
        fields["at"] = iso_millis(self.at)
        if self.until is not None:
            fields["until"] = iso_millis(self.until)
        return fields

    def to_json(self) -> bytes:
        """The value of a `unit-notifications` record."""
        return orjson.dumps(self.to_dict())
