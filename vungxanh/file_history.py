"""A file as history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from audit.history import (
    STANDARD_INPUT,
    BadLine,
    FiledHistory,
    Line,
    arrival_ms,
    read_events,
    read_history,
)
from audit.replay import FigureReplay
from audit.replay_question import By
from indicators.known import had_arrived
from indicators.ledger import BEFORE_ALL, NEVER
from schemas.event import Event
from schemas.instants import Micros, Millis
from streams.record import Record
from vungxanh.errors import WrongUseError
from vungxanh.processes.work import RecordsWork
from vungxanh.progress import Meter

R = TypeVar("R")


class _OutOfOrder(Exception):  # noqa: N818 - a finding about the file
    """A line that arrived before the one above it."""


@dataclass(slots=True)
class FiledSource:
    """A file as history."""

    file: Path
    known: Micros | None
    partitions: int
    bad: list[BadLine] = field(default_factory=list)

    def records(self) -> Iterator[tuple[int, Iterable[Record]]]:
        """Partition by partition, each one's records in the order of their offsets."""
        history = self._sorted()
        for partition, records in enumerate(history.records(self.partitions)):
            yield partition, (one for one in records if had_arrived(one.timestamp, self.known))

    def each_partition(
        self, what: str, work: RecordsWork[R], jobs: int | None = None
    ) -> Iterator[R]:
        """What comes of each partition's records; in this process, which has read them all."""
        with Meter(what, self.partitions) as meter:
            for partition, records in self.records():
                yield work(partition, records)
                meter.show(partition + 1)

    def partition_records(self, partition: int) -> Iterable[Record]:
        """All records of one partition in the order of their offsets, whenever they arrived."""
        records = self._sorted().records(self.partitions)
        return records[partition] if partition < len(records) else []

    def figures(
        self, zone: ZoneInfo, by: Sequence[By] = (), units: frozenset[str] | None = None
    ) -> tuple[FigureReplay, Millis | None]:
        """The events, ready to be asked; and the last arrival.

        Most files are in the order of arrival and need not be held and sorted.
        """
        if self.file != STANDARD_INPUT:
            figures = FigureReplay(zone, by, units)
            try:
                with self._reading():
                    return figures, self._fill(figures, read_events(self.file))
            except _OutOfOrder:
                self.bad.clear()
        figures = FigureReplay(zone, by, units)
        return figures, self._fill(figures, self._sorted().lines)

    def _fill(
        self, figures: FigureReplay, lines: Iterable[Event | Line | BadLine]
    ) -> Millis | None:
        """Put the lines in as they come; the last arrival. Raises _OutOfOrder."""
        latest, last, add = BEFORE_ALL, None, figures.add
        until = NEVER if self.known is None else _first_unknown(self.known)
        for line in lines:
            if isinstance(line, Event):
                event, arrived_at = line, line[2]
            elif isinstance(line, BadLine):
                self.bad.append(line)
                continue
            else:
                event, arrived_at = line.event, line.arrived_at
            if arrived_at < latest:
                raise _OutOfOrder
            latest = arrived_at
            if arrived_at < until:
                add(event)
                last = arrived_at
        return None if last is None else arrival_ms(last)

    def _sorted(self) -> FiledHistory:
        with self._reading():
            history = read_history(self.file)
        self.bad = history.bad
        return history

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with Meter(f"reading {self.file}"):
                yield
        except (OSError, EOFError) as error:
            raise WrongUseError(f"--input {self.file}: cannot be read: {error}") from None

    def findings(self) -> list[str]:
        """The lines that are no events: something is wrong with the file."""
        return [f"line {line.number}: {line.reason}: {line.detail}" for line in self.bad]

    def remarks(self) -> list[str]:
        """Nothing more to say."""
        return []


def _first_unknown(known: Micros) -> Micros:
    """The first arrival that `had_arrived` denies, which counts in whole milliseconds."""
    return BEFORE_ALL if known < 0 else (known // 1_000 + 1) * 1_000
