"""A comparison: what differs between two figures of a unit, dossier by dossier.

As `vungxanh explain --versus` has it. A is the figure that is asked for, B the one it is held
against: what changed is told as if A came first. Instants as in an explanation.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import orjson

from schemas.explanation import Counted, EventRole, Reason, Rule, UsedEvent
from schemas.instants import Micros, iso_micros

Change = Literal["entered", "left", "changed_side"]
By = Literal[
    "events",  # it happened, or became known, on one side only
    "time",  # T alone: a due date passed, or the end left the window
    "window",
    "definition",
]
CHANGES: tuple[Change, ...] = ("entered", "left", "changed_side")


class ComparedFigure(NamedTuple):
    """One of the two figures."""

    definition: str
    window: str
    as_of: Micros  # T
    known_at: Micros | None  # K; None: all that is known
    numerator: int
    denominator: int

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "definition": self.definition,
            "window": self.window,
            "as_of": iso_micros(self.as_of),
            "known_at": _text(self.known_at),
            "numerator": self.numerator,
            "denominator": self.denominator,
        }


class Stand(NamedTuple):
    """How a dossier stands in one of the figures."""

    counted: Counted | None  # None: in no count of it, see `reason`
    rule: Rule | None  # that decided it; None where it is not counted
    reason: Reason | None  # why it is left out; None where it is counted
    due_at: Micros | None
    ended_at: Micros | None
    ended_by: str | None  # the type of the event that ended it

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "counted": self.counted,
            "rule": self.rule,
            "reason": self.reason,
            "due_at": _text(self.due_at),
            "ended_at": _text(self.ended_at),
            "ended_by": self.ended_by,
        }


class DifferingEvent(NamedTuple):
    """An event that is something else in the one figure than in the other."""

    event: UsedEvent  # as B has it, with its part there; as A has it where B does not know it
    role_a: EventRole
    role_b: EventRole

    def to_dict(self) -> dict[str, object]:
        """The JSON form: the event, with `role_a` and `role_b` in the place of its role."""
        fields = self.event.to_dict()
        del fields["role"]
        return {**fields, "role_a": self.role_a, "role_b": self.role_b}


class ChangedDossier(NamedTuple):
    """A dossier that is not counted alike in both figures."""

    dossier_id: str
    change: Change
    by: By  # what the difference comes from
    numerator: int  # what it adds to the difference of the figures, B less A: 1, 0 or -1
    denominator: int
    a: Stand
    b: Stand
    events: tuple[DifferingEvent, ...]  # that made the difference; none where `by` is not events

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "dossier_id": self.dossier_id,
            "change": self.change,
            "by": self.by,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "events": [event.to_dict() for event in self.events],
        }


class Comparison(NamedTuple):
    """Two figures of a unit; numerators and denominators differ by the sums over `changes`."""

    unit_id: str
    a: ComparedFigure
    b: ComparedFigure
    changes: tuple[ChangedDossier, ...]  # by `CHANGES`, then by id
    unchanged: int  # dossiers counted in both figures, and alike

    def to_dict(self) -> dict[str, object]:
        """The JSON form, as of `vungxanh explain --versus --format json`."""
        return {
            "unit_id": self.unit_id,
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "numerator": self.b.numerator - self.a.numerator,
            "denominator": self.b.denominator - self.a.denominator,
            "changes": [dossier.to_dict() for dossier in self.changes],
            "unchanged": self.unchanged,
        }

    def to_json(self) -> bytes:
        """`to_dict` as JSON on one line."""
        return orjson.dumps(self.to_dict())


def _text(instant: Micros | None) -> str | None:
    return None if instant is None else iso_micros(instant)
