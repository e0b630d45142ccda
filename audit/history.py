"""The history as the auditor reads it from a file: events in the order of their arrival.

A file is read as `vungxanh publish --arrival occurred` would send it: a line's arrival is its
`recorded_at`, or else its `occurred_at`; equal ones keep the file's order; each unit's events go
to the partition of its key, one offset after another. So a replay of a file and a live worker that
was sent the same file see the same records.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import IO, NamedTuple

import orjson

from schemas.dead_letter import Reason
from schemas.event import Event, UnusableEvent, plain_event, read_event
from schemas.instants import Micros, Millis, read_instant
from streams.record import FiledRecord
from streams.routing import partition_of

GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # spreadsheets begin their exports with it
_BUFFER = 1 << 20  # bytes read from a file at a time
STANDARD_INPUT = Path("-")


class BadLine(NamedTuple):
    """A line that is no event."""

    number: int  # from 1
    reason: Reason
    detail: str


class Line(NamedTuple):
    """A line that is an event."""

    number: int  # from 1
    raw: bytes
    event: Event
    arrived_at: Micros  # when the fact became known: `recorded_at`, or else `occurred_at`
    unknown_fields: bool


def arrival_ms(arrived_at: Micros) -> Millis:
    """An arrival as Kafka's timestamp has it: whole milliseconds, none before 1970."""
    return max(0, arrived_at // 1000)


def read_events(source: Path) -> Iterator[Event | Line | BadLine]:
    """The lines of a JSON Lines file, plain or gzip (`-`: standard input); blank ones are skipped.

    A line that says no more than its event is the bare event: it arrived at its `occurred_at`.
    Raises OSError where the file cannot be read, and EOFError where its gzip is cut short.
    """
    for number, raw in _numbered(source):
        event = plain_event(raw)
        if event is not None:
            yield event
        elif line := _stripped(number, raw):
            yield _read_line(number, line)


def read_lines(source: Path) -> Iterator[Line | BadLine]:
    """As `read_events`, each event with its line."""
    for number, raw in _numbered(source):
        event = plain_event(raw)
        if event is not None:  # it has no field but its own, so no `recorded_at` either
            yield Line(number, raw, event, event.occurred_at, False)
        elif line := _stripped(number, raw):
            yield _read_line(number, line)


def _numbered(source: Path) -> Iterator[tuple[int, bytes]]:
    with _opened(source) as stream:
        yield from enumerate(stream, start=1)


def _stripped(number: int, raw: bytes) -> bytes:
    return (raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw).strip()


def _opened(source: Path) -> IO[bytes]:
    stream = sys.stdin.buffer if source == STANDARD_INPUT else source.open("rb", buffering=_BUFFER)
    if stream.peek(2)[:2] == GZIP_MAGIC:  # type: ignore[union-attr]
        return gzip.open(stream)  # type: ignore[return-value]
    return stream


def _read_line(number: int, raw: bytes) -> Line | BadLine:
    try:
        event, unknown = read_event(raw)
        recorded_at = None
        if b'"recorded_at"' in raw:
            recorded_at, rest = _recorded_at(raw)
            unknown = read_event(rest)[1]
    except UnusableEvent as error:
        return BadLine(number, error.reason, error.detail)
    except ValueError as error:
        return BadLine(number, Reason.INVALID_EVENT, f"recorded_at: {error}")
    return Line(number, raw, event, event[2] if recorded_at is None else recorded_at, unknown)


def _recorded_at(raw: bytes) -> tuple[Micros | None, bytes]:
    """A line's own word on its arrival, and the line without it."""
    fields = orjson.loads(raw)
    text = fields.pop("recorded_at", None)
    if text is not None and not isinstance(text, str):
        raise ValueError("not an instant in ISO 8601")
    return None if text is None else read_instant(text), orjson.dumps(fields)


@dataclass(slots=True)
class FiledHistory:
    """A file's events in the order of their arrival, and its lines that are none."""

    lines: list[Line]
    bad: list[BadLine]

    def records(self, partitions: int) -> list[list[FiledRecord]]:
        """The records of each partition, as if sent to an empty topic."""
        placed: list[list[FiledRecord]] = [[] for _ in range(partitions)]
        for line in self.lines:
            unit_id = line.event.unit_id
            partition = partition_of(unit_id, partitions)
            records = placed[partition]
            arrival = arrival_ms(line.arrived_at)
            records.append(
                FiledRecord(partition, len(records), arrival, unit_id.encode(), line.raw)
            )
        return placed


def read_history(source: Path) -> FiledHistory:
    """All of a file, sorted by arrival; equal ones keep the file's order."""
    history = FiledHistory([], [])
    for line in read_lines(source):
        if isinstance(line, Line):
            history.lines.append(line)
        else:
            history.bad.append(line)
    history.lines.sort(key=attrgetter("arrived_at"))
    return history
