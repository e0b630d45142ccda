"""An explanation: every dossier behind a figure, and those left out, as `vungxanh explain` has it.

Instants of what happened are told to the microsecond (ISO 8601, UTC), because verdicts are: an end
half a millisecond after the due date is late. Ids of dossiers and events, no personal data.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

import orjson

from schemas.event import Due
from schemas.instants import Micros, Millis, iso_micros, iso_millis

Counted = Literal["early", "on_time", "late", "overdue"]
Rule = Literal["R1", "R2", "R3", "R4", "R5", "R6", "R8"]
Reason = Literal[
    "voided",  # R1: all that was known of it has been taken back
    "not_received",  # R2: submitted or not accepted, and nothing more
    "ended_stopped",
    "ended_withdrawn",
    "ended_before_window",
    "ended_not_counted",  # in the window, and the definition leaves such ends out
    "no_due",  # R7: no due date was ever stated
    "open_paused",  # R4: the clock stands still, and had not run out before
    "open_not_overdue",
    "open_overdue_not_counted",  # the definition leaves open dossiers out
    "not_yet",  # its first event is not before T; only of a dossier that is asked for by itself
    "not_known",  # nothing of it had arrived by K; only of a dossier asked for by itself
]
EventRole = Literal[
    "counts",
    "taken_back",  # R1: named by a `voided`
    "takes_back",  # the `voided` itself
    "not_yet",  # not before T; only of a dossier asked for by itself
    "not_known",  # had not arrived by K; only of a dossier asked for by itself
]
# Where each kind of dossier stands in an explanation.
COUNTED: tuple[Counted, ...] = ("late", "overdue", "on_time", "early")


class UsedEvent(NamedTuple):
    """An event of a dossier, and where it can be found."""

    event_id: str
    type: str
    occurred_at: Micros
    arrived_at: Millis
    partition: int
    offset: int
    role: EventRole
    due: Due | None  # as it was stated
    voids: str | None  # the event_id taken back

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "event_id": self.event_id,
            "type": self.type,
            "occurred_at": iso_micros(self.occurred_at),
            "arrived_at": iso_millis(self.arrived_at),
            "partition": self.partition,
            "offset": self.offset,
            "role": self.role,
            "due_at": self.due.isoformat() if isinstance(self.due, date) else _text(self.due),
            "voids": self.voids,
        }


class PausedSpan(NamedTuple):
    """A span in which the clock stood still."""

    start: Micros
    stop: Micros | None  # None: it goes on
    ended_by: str | None  # the event_id; None: it goes on, or the dossier's end ended it

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "from": iso_micros(self.start),
            "to": _text(self.stop),
            "ended_by": self.ended_by,
        }


class ExplainedDossier(NamedTuple):
    """A dossier at T as known at K: what it counts as, by which rule, from which events."""

    dossier_id: str
    counted: Counted | None  # None: in no count of the figure, see `reason`
    rule: Rule | None  # that decided it; None where it is not counted
    reason: Reason | None  # why it is left out; None where it is counted
    received_at: Micros | None
    due_at: Micros | None  # with the length of all ended pauses (R4)
    ended_at: Micros | None
    ended_by: str | None  # the type of the event that ended it
    pauses: tuple[PausedSpan, ...]
    flags: tuple[str, ...]  # `due_moved_after_breach`, `end_before_receipt`
    events: tuple[UsedEvent, ...]  # in canonical order

    def to_dict(self) -> dict[str, object]:
        """The JSON form; `reason` only where the dossier is not counted."""
        fields: dict[str, object] = {
            "dossier_id": self.dossier_id,
            "counted": self.counted,
            "rule": self.rule,
            "received_at": _text(self.received_at),
            "due_at": _text(self.due_at),
            "ended_at": _text(self.ended_at),
            "ended_by": self.ended_by,
            "pauses": [pause.to_dict() for pause in self.pauses],
            "flags": list(self.flags),
            "events": [event.to_dict() for event in self.events],
        }
        if self.counted is None:
            fields["reason"] = self.reason
        return fields


class LeftOut(NamedTuple):
    """A dossier with an event before T that is in no count of the figure."""

    dossier_id: str
    reason: Reason

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {"dossier_id": self.dossier_id, "reason": self.reason}


class Explanation(NamedTuple):
    """A figure of a unit, dossier by dossier."""

    unit_id: str
    definition: str
    window: str
    as_of: Micros  # T
    known_at: Micros | None  # K; None: all that is known
    numerator: int
    denominator: int
    dossiers: tuple[ExplainedDossier, ...]  # by `COUNTED`, then by due date and id
    left_out: tuple[LeftOut, ...]  # by id

    def to_dict(self) -> dict[str, object]:
        """The JSON form, as of `vungxanh explain --format json`."""
        return {
            "unit_id": self.unit_id,
            "definition": self.definition,
            "window": self.window,
            "as_of": iso_micros(self.as_of),
            "known_at": _text(self.known_at),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "dossiers": [dossier.to_dict() for dossier in self.dossiers],
            "left_out": [dossier.to_dict() for dossier in self.left_out],
        }

    def to_json(self) -> bytes:
        """`to_dict` as JSON on one line."""
        return orjson.dumps(self.to_dict())


def _text(instant: Micros | None) -> str | None:
    return None if instant is None else iso_micros(instant)
