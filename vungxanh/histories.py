"""A history to be replayed: a file, or the topic as it stands. Both are read the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from audit.history import (
    STANDARD_INPUT,
    BadLine,
    FiledHistory,
    Line,
    arrival_ms,
    read_history,
    read_lines,
)
from audit.replay import FigureReplay
from indicators.ledger import BEFORE_ALL, NEVER
from schemas.event import UnusableEvent
from schemas.instants import Micros, Millis
from streams.record import Record, read_record
from streams.routing import is_home
from streams.topics import EVENTS
from vungxanh.errors import WrongUseError
from vungxanh.printing import Meter
from vungxanh.settings import Settings
from vungxanh.topic_reading import read_topic


class _OutOfOrder(Exception):  # noqa: N818 - a finding about the file
    """A line that arrived before the one above it."""


_SHOW_EVERY = 10_000  # records between two looks at the progress


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

    def figures(self, zone: ZoneInfo) -> tuple[FigureReplay, Millis | None]:
        """The events, ready to be asked; and the last arrival.

        Most files are in the order of arrival and need not be held and sorted.
        """
        if self.file != STANDARD_INPUT:
            figures = FigureReplay(zone)
            try:
                with self._reading():
                    return figures, self._fill(figures, read_lines(self.file))
            except _OutOfOrder:
                self.bad.clear()
        figures = FigureReplay(zone)
        return figures, self._fill(figures, self._sorted().lines)

    def _fill(self, figures: FigureReplay, lines: Iterable[Line | BadLine]) -> Millis | None:
        """Put the lines in as they come; the last arrival. Raises _OutOfOrder."""
        latest, last, add = BEFORE_ALL, None, figures.add
        until = NEVER if self.known is None else self.known // 1_000
        for offset, line in enumerate(lines):
            if isinstance(line, BadLine):
                self.bad.append(line)
                continue
            _, _, event, arrived_at, _ = line
            if arrived_at < latest:
                raise _OutOfOrder
            latest = arrived_at
            arrival = arrival_ms(arrived_at)
            if arrival <= until:
                add(event, arrival, offset)
                last = arrival
        return last

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


@dataclass(slots=True)
class TopicSource:
    """The topic as history."""

    settings: Settings
    known: Micros | None
    partitions: int
    unusable: int = 0
    misrouted: int = 0

    def records(self) -> Iterator[tuple[int, Iterable[Record]]]:
        """Partition by partition, each one's records in the order of their offsets."""
        for partition in range(self.partitions):
            records: list[Record] = []
            with Meter(f"reading partition {partition}") as meter:
                self._read(records.append, {partition}, meter)
            yield partition, (one for one in records if had_arrived(one.timestamp, self.known))

    def figures(self, zone: ZoneInfo) -> tuple[FigureReplay, Millis | None]:
        """The events that are where they belong, ready to be asked; and the last arrival."""
        figures = FigureReplay(zone)
        last: Millis | None = None

        def take(record: Record) -> None:
            nonlocal last
            if not had_arrived(record.timestamp, self.known):
                return
            try:
                event, _ = read_record(record)
            except UnusableEvent:
                self.unusable += 1
                return
            if not is_home(record.key, event.unit_id, record.partition, self.partitions):
                self.misrouted += 1  # a worker sends it on, and the copy counts
                return
            figures.add(event, record.timestamp, record.offset)
            last = record.timestamp if last is None else max(last, record.timestamp)

        with Meter("reading the topic") as meter:
            self._read(take, None, meter)
        return figures, last

    def findings(self) -> list[str]:
        """None: what a topic holds that is no event lies in the dead letters already."""
        return []

    def remarks(self) -> list[str]:
        """What was not counted."""
        if not self.unusable:
            return []
        return [f"{self.unusable} records are no events; see `vungxanh dead-letters list`"]

    def _read(
        self, take: Callable[[Record], None], partitions: set[int] | None, meter: Meter
    ) -> None:
        read = 0

        def counted(record: Record) -> None:
            nonlocal read
            read += 1
            if read % _SHOW_EVERY == 0:
                meter.show(read)
            take(record)

        read_topic(self.settings, EVENTS, counted, partitions, whole=True)


Source = FiledSource | TopicSource


def history_of(source: Path | None, settings: Settings, known: Micros | None) -> Source:
    """A file, or without one the topic; `known`: only what had arrived by then.

    Raises WrongUseError where there is nothing to read, UnreachableError without Kafka.
    """
    if source is None:
        partitions = read_topic(settings, EVENTS, lambda record: None, set())
        return TopicSource(settings, known, partitions)
    return FiledSource(source, known, settings.topics.partitions)


def had_arrived(arrival: Millis, known: Micros | None) -> bool:
    """Whether a record counts as known at an instant (None: at any)."""
    return known is None or arrival * 1_000 <= known
