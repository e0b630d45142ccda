"""What folding a chunk or advancing a clock asks of the world: data, no deeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.book import EntryKind
from schemas.dead_letter import Reason
from schemas.instants import Millis
from schemas.outlook import UnitOutlook
from schemas.status import UnitStatus
from schemas.step import IncidentStep
from streams.record import Headers, Record


@dataclass(slots=True, frozen=True)
class DeadLetter:
    """A record that could not be used; it is kept whole."""

    record: Record
    reason: Reason
    detail: str


@dataclass(slots=True, frozen=True)
class Forward:
    """A record that came under the wrong key or in the wrong partition, to be sent on once."""

    partition: int
    key: bytes
    value: bytes
    timestamp: int  # the arrival it had, ms
    headers: Headers


class BookRecord(NamedTuple):
    """An entry of the sealed book as it is written (`schemas.book.read_entry` reads its value)."""

    kind: EntryKind
    key: bytes  # the unit's id of `figures` and `figure_corrected`, else the partition's number
    value: bytes
    at: Millis | None  # the clock; None: nothing folded yet


@dataclass(slots=True)
class Effects:
    """The effects of one chunk or one tick, in order; empty where nothing came of it."""

    folded: int = 0
    duplicates: int = 0
    unknown_fields: int = 0  # records that carried fields outside the contract
    dead_letters: list[DeadLetter] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)
    steps: list[IncidentStep] = field(default_factory=list)
    statuses: list[UnitStatus] = field(default_factory=list)  # one a unit: its last judgement
    book: list[BookRecord] = field(default_factory=list)  # in order
    outlooks: list[UnitOutlook] = field(default_factory=list)  # put in by the engine
    changes: dict[bytes, bytes] = field(default_factory=dict)  # of the state, for the changelog

    def __bool__(self) -> bool:
        """Whether anything has to be written: of every record read the book has."""
        return bool(
            self.changes
            or self.steps
            or self.statuses
            or self.dead_letters
            or self.forwards
            or self.outlooks
            or self.book
        )
