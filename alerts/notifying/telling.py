"""What the notifier handles: occasions, notices, messages on their way, and its effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.action import Action
from schemas.condition import Condition
from schemas.instants import Millis
from schemas.notification import Notification, OccasionKind, Why
from schemas.status import Zone
from schemas.step import Evidence, IncidentStep


class Occasion(NamedTuple):
    """Something that there may be to tell."""

    kind: OccasionKind
    subject: str  # the incident's id, or `outlook/<unit>`, `digest/<date>`, `health/<name>`, ...
    serial: int  # the how manieth of its subject; grows, and is never used again
    at: Millis  # the notifier's clock
    unit_id: str | None = None
    zone: Zone | None = None
    step: IncidentStep | None = None  # of an incident
    detail: str = ""  # of `warned`: which answer said so
    condition: Condition | None = None  # of `health`


class Notice(NamedTuple):
    """An occasion to be told to one recipient."""

    notice_id: str
    occasion: Occasion
    recipient: str  # its id
    why: Why


class Outgoing(NamedTuple):
    """One message on its way through one channel: decided, neither sent nor failed yet."""

    notification_id: str  # the id of the first notice, and the channel: the idempotency key
    recipient: str  # its id
    channel: str  # as `channels_of` names it
    notices: tuple[Notice, ...]  # all that travel in it; by the first it is named
    attempts: int = 0  # that failed
    next_try: Millis = 0  # by the wall clock; 0: at once
    decided_at: Millis = 0  # the notifier's clock
    first_try: Millis = 0  # by the wall clock: from then on the 24 h run; 0: not tried yet


class Silence(NamedTuple):
    """Nobody is told of the units in its scope until it ends."""

    silence_id: str
    scope: str  # a unit, a unit with `/*`, or `*`
    author: str
    reason: str
    since: Millis
    until: Millis


class IncidentView(NamedTuple):
    """How an incident stands, for the digest, the page and Alertmanager."""

    incident_id: str
    unit_id: str
    opened_at: Millis
    zone: Zone  # last stated
    evidence: Evidence  # of the last step that states figures
    level: int  # told so far; 0: nobody
    acknowledged_by: str | None
    acknowledged_at: Millis | None
    history: bool  # it comes from history: nobody was told
    closed_at: Millis | None


@dataclass(slots=True)
class NotifierEffects:
    """What is to be written, in order, in one transaction; what is in it is forgotten."""

    notifications: list[Notification] = field(default_factory=list)
    steps: list[IncidentStep] = field(default_factory=list)  # for `unit-alerts`
    changes: dict[bytes, bytes | None] = field(default_factory=dict)  # of the state; None: delete

    def __bool__(self) -> bool:
        return bool(self.notifications or self.steps or self.changes)


def notice_id(subject: str, serial: int, recipient: str) -> str:
    """The same for the same occasion and recipient, however often it is derived."""
    return f"{subject}|{serial}|{recipient}"


def action_subject(action: Action) -> str:
    """What the record of an action is about: its incident or its silence."""
    if action.kind == "acknowledge":
        return action.incident_id or "incident/"
    name = action.action_id if action.kind == "silence" else action.silence_id
    return f"silence/{name or ''}"
