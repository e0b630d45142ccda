"""What `verify` is given of a partition, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from audit.verifying.finding import Finding
from schemas.instants import Millis
from streams.book_state import Chain, OpenBlock
from streams.record import Record


class KeptEnd(NamedTuple):
    """What a worker's own state says of the end of a partition's book."""

    chain: Chain
    block: OpenBlock


class PartitionHistory(Protocol):
    """All that is written of a partition.

    It is asked for in this order, and read as it stands then: what is asked for later holds at
    least as much, though workers go on writing.
    """

    def end(self) -> KeptEnd | None:
        """The end of its book; None where the changelog holds none."""

    def book(self) -> Iterable[Record]:
        """The records of `audit-book`."""

    def steps(self) -> Iterable[Record]:
        """The records of `unit-alerts`."""

    def records(self) -> Iterable[Record]:
        """The records of `dossier-events`, from the first."""


@dataclass(slots=True)
class PartitionReport:
    """What has been confirmed of a partition, and the first difference, if there is one."""

    partition: int
    finding: Finding | None = None
    entries: int = 0  # of the chain
    days: frozenset[str] = frozenset()  # local days confirmed
    unit_days: int = 0
    steps: int = 0
    corrections: int = 0
    others_steps: int = 0  # of people or the notifier: not derived from events, and not checked
    without_bursts: frozenset[str] = frozenset()  # days whose pages tell of no bursts
    kept: bool = False  # whether the worker's own state is at hand
    book_began: Millis = 0  # the clock of its first terms; 0: nothing had been folded then
    sealed_to: Millis | None = None  # the midnight of its last page
    confirmed_to: Millis | None = None  # of the last one up to which nothing differs
    first_step: Millis | None = None  # the time of the first step that its worker made
    last_step: Millis | None = None
    records: int = 0  # read
    unsealed: int = 0  # of these, those that the book does not know yet
    first_unsealed: Millis | None = None  # the earliest arrival among them
    remarks: list[str] = field(default_factory=list)
