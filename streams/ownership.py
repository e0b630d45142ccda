"""What this worker owns now: partitions with their state, from one rebalance to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from schemas.instants import Millis
from schemas.outlook import UnitOutlook
from schemas.status import UnitStatus
from streams.effects import Effects
from streams.outlooks import Agenda
from streams.record import Record
from streams.writer import PartitionWriter


class Monitor(Protocol):
    """The state machine of one partition, as the engine uses it (see `streams.monitor`)."""

    @property
    def clock(self) -> Millis | None:
        """The arrival of the last record folded, or later; None: nothing folded yet."""

    @property
    def next_wake(self) -> Millis | None:
        """The next instant of the clock at which something has to be judged."""

    def fold(self, records: Iterable[Record]) -> Effects:
        """Fold records in the order of their offsets."""

    def advance(self, clock: Millis) -> Effects:
        """Move the clock on."""

    def units(self) -> Iterable[str]:
        """The ids of the units it holds."""

    def reading(self, unit_id: str) -> UnitStatus:
        """A unit's figures at the clock."""

    def arrivals(self, unit_id: str, since: Millis) -> list[Millis]:
        """When a unit's records arrived since then, in order."""

    def last_arrival(self, unit_id: str) -> Millis | None:
        """When a unit's last record arrived."""

    def outlook(self, unit_id: str, usual: Millis | None) -> UnitOutlook | None:
        """A unit's outlook at the clock; None where there is no calendar to look ahead by."""

    def restore(
        self, entries: Iterable[tuple[bytes, bytes]], next_offset: int | None = None
    ) -> None:
        """Take the state from the latest value of every changelog key; into an empty one.

        `next_offset`: of the next record to be read.
        """


MINUTE_MS: Millis = 60_000

MonitorMaker = Callable[[int], Monitor]  # of the partition with that number, empty


@dataclass(slots=True, eq=False)
class OwnedPartition:
    """A recovered partition. A rebalance ends it, even if the same worker gets it again."""

    number: int
    epoch: int  # of the ownership it was recovered in
    monitor: Monitor
    writer: PartitionWriter
    next: int  # the first offset that is not folded and committed
    read_to: int  # the first offset that is not handed to the agent
    changelog_end: int  # the changelog's end as it was recovered, or as we last wrote it
    stable: int | None = None  # the last stable offset, as Kafka said at `polled_at`
    polled_at: Millis | None = None  # wall clock
    caught_up_once: bool = False
    clock_runs: bool = False  # its clock has reached the wall once, or does not follow it
    agenda: Agenda = field(default_factory=Agenda)
    stride: Millis = MINUTE_MS  # of the past that a tick works on at a time; see `folding`

    @property
    def lag(self) -> int | None:
        """Records (and markers) up to the last stable offset; None: not known yet."""
        return None if self.stable is None else max(0, self.stable - self.next)

    @property
    def caught_up(self) -> bool:
        """Whether there was nothing more to fold when Kafka was last asked."""
        return self.lag == 0


@dataclass(slots=True, frozen=True)
class Retained:
    """The state of a partition given up, good if nobody wrote in the meantime."""

    monitor: Monitor
    next: int
    changelog_end: int


@dataclass(slots=True, eq=False)
class Ownership:
    """Shared by the rebalance callbacks, the feed, the agent and the ticks.

    `lock` is held while anything is folded, written or recovered. `epoch` changes first when
    partitions are revoked: whatever was begun under an earlier one must not begin to write.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    epoch: int = 0
    wanted: frozenset[int] | None = None  # assigned and not recovered yet; None: nothing to do
    assigned_once: bool = False
    partitions: dict[int, OwnedPartition] = field(default_factory=dict)
    retained: dict[int, Retained] = field(default_factory=dict)

    def holds(self, partition: OwnedPartition) -> bool:
        """Whether the partition is still this very one and may be written to."""
        return partition.epoch == self.epoch and self.partitions.get(partition.number) is partition

    def why_not_ready(self) -> str | None:
        """Why the worker is not ready; None: it owns what it was assigned and has caught up."""
        if not self.assigned_once:
            return "no partitions assigned yet"
        if self.wanted is not None:
            return "partitions are being recovered"
        behind = sorted(p.number for p in self.partitions.values() if not p.caught_up_once)
        if behind:
            return f"partitions not caught up yet: {', '.join(map(str, behind))}"
        past = sorted(p.number for p in self.partitions.values() if not p.clock_runs)
        if past:
            return f"clocks still in the past, in partitions: {', '.join(map(str, past))}"
        return None

    def forget(self) -> list[OwnedPartition]:
        """Give up all partitions; returns them. Call with the lock held."""
        given_up = list(self.partitions.values())
        self.partitions = {}
        self.retained = {p.number: Retained(p.monitor, p.next, p.changelog_end) for p in given_up}
        return given_up
