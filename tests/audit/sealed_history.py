"""A worker without Kafka: it folds, lets its clock run on, stops and starts; and what it wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from random import Random

from audit.book_days import BookDays
from audit.verifying.sources import KeptEnd, PartitionReport
from audit.verifying.verify import verify_partition
from schemas.instants import Millis
from streams.effects import Effects
from streams.monitor import PartitionMonitor
from streams.record import FiledRecord
from streams.rules import MonitorRules
from streams.state import read_state

PARTITION = 0


@dataclass
class Live:
    """One partition of a worker, and the topics it writes."""

    rules: MonitorRules
    partitions: int = 1
    partition: int = PARTITION
    book: list[FiledRecord] = field(default_factory=list)
    steps: list[FiledRecord] = field(default_factory=list)
    state: dict[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.monitor = PartitionMonitor(self.partition, self.partitions, self.rules)

    def fold(self, records: Iterable[FiledRecord]) -> None:
        self._write(self.monitor.fold(records))

    def tick(self, clock: Millis) -> None:
        self._write(self.monitor.advance(clock))

    def restart(self, rules: MonitorRules | None = None) -> None:
        self.rules = rules or self.rules
        self.monitor = PartitionMonitor(self.partition, self.partitions, self.rules)
        self.monitor.restore(self.state.items())

    def _write(self, effects: Effects) -> None:
        self.state |= effects.changes
        for entry in effects.book:
            self.book.append(self._record(len(self.book), entry.at or 0, entry.key, entry.value))
        for step in effects.steps:
            place = len(self.steps) * 2  # gaps, as the markers of transactions leave them
            self.steps.append(self._record(place, step.at, step.unit_id.encode(), step.to_json()))

    def _record(self, offset: int, at: Millis, key: bytes, value: bytes) -> FiledRecord:
        return FiledRecord(self.partition, offset, at, key, value)


@dataclass(frozen=True)
class History:
    """What `verify` is given; a test changes a part of it."""

    written: Sequence[FiledRecord]
    entries: Sequence[FiledRecord]
    told: Sequence[FiledRecord]
    kept: KeptEnd | None

    def end(self) -> KeptEnd | None:
        return self.kept

    def book(self) -> Iterable[FiledRecord]:
        return iter(self.entries)

    def steps(self) -> Iterable[FiledRecord]:
        return iter(self.told)

    def records(self) -> Iterable[FiledRecord]:
        return iter(self.written)

    def with_records(self, records: Sequence[FiledRecord]) -> History:
        """A copy of the topic: one offset after another, no markers of transactions."""
        copied = [one._replace(offset=place) for place, one in enumerate(records)]
        return replace(self, written=copied)


def history_of(live: Live, records: Sequence[FiledRecord]) -> History:
    """Of a worker that has folded these records."""
    kept = read_state(live.state.items()).book
    end = None if kept is None else KeptEnd(kept.chain, kept.block)
    return History(records, live.book, live.steps, end)


def lived(
    rules: MonitorRules,
    records: Sequence[FiledRecord],
    dice: Random | None = None,
    partition: int = PARTITION,
    partitions: int = 1,
) -> tuple[Live, History]:
    """A worker that has folded records; with dice it ticks and restarts on the way.

    Its clock never runs on past the arrival of a record that is still to come: a worker waits for
    records in flight.
    """
    live = Live(rules, partitions, partition)
    soonest = list(accumulate((one.timestamp for one in reversed(records)), min))[::-1]
    place = 0
    while place < len(records):
        size = len(records) if dice is None else dice.randrange(1, 40)
        live.fold(records[place : place + size])
        place += size
        clock = live.monitor.clock
        if dice is not None and clock is not None and dice.random() < 0.5:
            clock += dice.choice((1, 60_000, 3_600_000, 30 * 3_600_000))
            live.tick(min([clock, *soonest[place : place + 1]]))
        if dice is not None and dice.random() < 0.2:
            live.restart()
    return live, history_of(live, records)


def verified(
    history: History,
    today: MonitorRules,
    days: BookDays | None = None,
    partition: int = PARTITION,
    partitions: int = 1,
) -> PartitionReport:
    return verify_partition(
        partition, partitions, history, today, BookDays() if days is None else days
    )
