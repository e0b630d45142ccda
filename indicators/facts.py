"""A fact: one event of a dossier in the compact form in which the monitor keeps it.

The fields are in the canonical order of DOMAIN (`occurred_at`, then `event_id`), so facts sort as
they are. What was written in `step` is free text, so only a mark of it is kept: enough to tell
whether an event that comes again is the same (R1), and no place for a name.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from hashlib import blake2b
from sys import intern
from typing import NamedTuple

from schemas.event import Due, Event, PlainEvent, read_due
from schemas.instants import Micros, Millis, read_instant


class Fact(NamedTuple):
    """What is known of one event, with where and when it arrived."""

    occurred_at: Micros
    event_id: str
    type: str
    due: Due | None
    voids: str | None
    procedure_id: str | None
    step_mark: int | None
    channel: str | None
    service_level: str | None
    arrival: Millis
    offset: int

    @property
    def content(self) -> tuple[object, ...]:
        """All that the event says; the same for every copy of it (R1)."""
        return self[:9]


_new = tuple.__new__  # of a NamedTuple without the call of its constructor: once an event


@lru_cache(maxsize=65_536)
def step_mark(step: str) -> int:
    """A 48-bit mark of a step's text."""
    return int.from_bytes(blake2b(step.encode(), digest_size=6).digest())


def fact_of(event: Event, arrival: Millis, offset: int) -> Fact:
    """The fact that a record states."""
    event_id, kind, occurred_at, _, _, due, procedure_id, step, channel, level, voids = event
    mark = None if step is None else step_mark(step)
    return _new(
        Fact,
        (
            occurred_at,
            event_id,
            kind,
            due,
            voids,
            procedure_id,
            mark,
            channel,
            level,
            arrival,
            offset,
        ),
    )


def fact_of_plain(plain: PlainEvent, arrival: Millis, offset: int) -> Fact:
    """As `fact_of` of the same event, without the event; ValueError where an instant is none."""
    due_at, procedure_id, step = plain.due_at, plain.procedure_id, plain.step
    return _new(
        Fact,
        (
            read_instant(plain.occurred_at),
            plain.event_id,
            plain.type,
            None if due_at is None else read_due(due_at),
            None,
            None if procedure_id is None else intern(procedure_id),
            None if step is None else step_mark(step),
            plain.channel,
            plain.service_level,
            arrival,
            offset,
        ),
    )


def fact_to_list(fact: Fact) -> list[object]:
    """JSON form for the changelog; a bare due date is its text."""
    return list(fact)


def fact_from_list(fields: list[object]) -> Fact:
    """The fact that `fact_to_list` wrote and JSON brought back."""
    if isinstance(fields[3], str):
        fields[3] = date.fromisoformat(fields[3])
    return Fact(*fields)  # type: ignore[arg-type]
