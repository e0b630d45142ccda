"""From effects to records: what is written where, and in batches that the topics take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.dead_letter import (
    DETAIL_LIMIT,
    HEADER_DETAIL,
    HEADER_FORWARDED,
    HEADER_LEFT_OUT,
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_TIMESTAMP,
    HEADER_TOPIC,
    Reason,
)
from schemas.instants import Millis
from schemas.outlook import UnitOutlook
from streams.effects import DeadLetter, Effects, Forward
from streams.exits import Exit, WorkerError
from streams.record import Headers, Record
from streams.topics import Topics

_OWN_HEADERS = 6  # of a dead letter, after those that its record had
BATCH_OVERHEAD = 61  # bytes: the header of a record batch
RECORD_OVERHEAD = 45  # bytes at most: lengths, attributes and deltas of one record


class Output(NamedTuple):
    """One record to be written."""

    key: bytes | None
    value: bytes | None
    timestamp: Millis
    headers: Headers = ()

    @property
    def size(self) -> int:
        """Bytes in a batch, never less than it takes there."""
        return (
            RECORD_OVERHEAD
            + len(self.key or b"")
            + len(self.value or b"")
            + sum(_size(name.encode()) + _size(value or b"") for name, value in self.headers)
        )


def _size(text: bytes) -> int:
    """Bytes of a header's name or value with its length before it, in sevens of bits."""
    length = len(text)
    return length + 1 + (max(2 * length, 1).bit_length() - 1) // 7


def outputs(
    effects: Effects, topics: Topics, now: Millis, limits: Mapping[str, int]
) -> dict[str, list[Output]]:
    """The records of one transaction by topic, in order; forwards are not among them.

    Statuses, steps and entries of the book bear the clock at which they were made. Dead letters
    bear `now`, the wall clock: their topic drops by timestamp, and a letter of 2010 would be gone
    at once.
    """
    written = {
        topics.dead_letters: [
            _that_fits(_letter(letter, topics.events, now), limits[topics.dead_letters])
            for letter in effects.dead_letters
        ],
        topics.alerts: [
            Output(step.unit_id.encode(), step.to_json(), step.at) for step in effects.steps
        ],
        topics.status: [
            Output(status.unit_id.encode(), status.to_json(), status.clock)
            for status in effects.statuses
        ],
        topics.book: [
            Output(entry.key, entry.value, now if entry.at is None else entry.at)
            for entry in effects.book
        ],
        topics.outlook: [outlook_output(outlook) for outlook in effects.outlooks],
        topics.changelog: [Output(key, value, now) for key, value in effects.changes.items()],
    }
    return {topic: records for topic, records in written.items() if records}


def outlook_output(outlook: UnitOutlook) -> Output:
    """The record of an outlook."""
    return Output(outlook.unit_id.encode(), outlook.to_json(), outlook.as_of)


def _letter(letter: DeadLetter, source: str, now: Millis) -> Output:
    record = letter.record
    origin = {
        HEADER_REASON: letter.reason.value,
        HEADER_DETAIL: letter.detail[:DETAIL_LIMIT],
        HEADER_TOPIC: source,
        HEADER_PARTITION: str(record.partition),
        HEADER_OFFSET: str(record.offset),
        HEADER_TIMESTAMP: str(record.timestamp),
    }
    assert len(origin) == _OWN_HEADERS
    headers = [
        *record.headers,
        *((name, text.encode(errors="backslashreplace")) for name, text in origin.items()),
    ]
    return Output(record.key, record.value, now, headers)


def _that_fits(letter: Output, limit: int) -> Output:
    """The letter, or without what makes it too large, and a header that says so.

    A record that came compressed may be of any size. It stays in the source, where the letter's
    origin points to.
    """
    if BATCH_OVERHEAD + letter.size <= limit:
        return letter
    said = f"{letter.size} bytes are more than the {limit} that the topic takes; see the origin"
    kept = letter.headers[-_OWN_HEADERS:]
    return Output(None, None, letter.timestamp, [*kept, (HEADER_LEFT_OUT, said.encode())])


def forwards_that_fit(
    effects: Effects, records: Sequence[Record], limit: int
) -> tuple[list[Forward], list[DeadLetter]]:
    """The forwards that the source takes, and dead letters for those that it does not.

    A record of the largest size does not fit once more with the header that says where it came
    from. `limit` is the source's max.message.bytes.
    """
    fitting: list[Forward] = []
    letters: list[DeadLetter] = []
    for forward in effects.forwards:
        output = Output(forward.key, forward.value, forward.timestamp, forward.headers)
        if BATCH_OVERHEAD + output.size <= limit:
            fitting.append(forward)
        else:
            detail = "too large to be sent on to where it belongs with the header that says so"
            letters.append(DeadLetter(_origin(forward, records), Reason.TOO_LARGE, detail))
    return fitting, letters


def _origin(forward: Forward, records: Sequence[Record]) -> Record:
    place = dict(forward.headers)[HEADER_FORWARDED].decode()
    offset = int(place.rpartition("-")[2])
    return next(record for record in records if record.offset == offset)


def batches(
    topic: str, records: Iterable[Output], batch_bytes: int, limits: Mapping[str, int]
) -> Iterator[list[Output]]:
    """Cut into batches of some `batch_bytes`; a larger record goes alone.

    Raises WorkerError where one record is larger than the topic takes: sizes are checked before
    anything is handed to the producer, which would leave out what does not fit.
    """
    batch: list[Output] = []
    total = BATCH_OVERHEAD
    for record in records:
        size = record.size
        if BATCH_OVERHEAD + size > limits[topic]:
            raise WorkerError(
                Exit.OUTPUT_TOO_LARGE,
                f"a record of {size} bytes with key {record.key!r} is more than {topic} takes "
                f"(max.message.bytes {limits[topic]})",
            )
        if batch and total + size > batch_bytes:
            yield batch
            batch, total = [], BATCH_OVERHEAD
        batch.append(record)
        total += size
    if batch:
        yield batch
