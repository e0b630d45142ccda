"""The records of a partition against the marks that the book keeps of them, in order. Pure.

The order is what counts, not the offsets: in a copy of a topic they are all different, and so they
are beside the markers of transactions. The first difference is looked at more closely; after it,
marks and records are brought together again, so that the figures can be gone through to the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.book import RecordMark, content_of, dossier_mark
from schemas.event import UnusableEvent
from streams.record import FiledRecord, Record, read_record

AHEAD = 512  # marks and records looked at to find where they agree again
RUN = 4  # so many have to agree, one after another
MOST_PASSED = 10_000  # differences kept, to find where a record went


class Passed(NamedTuple):
    """Marks and records that stand against each other and do not agree."""

    marks: tuple[RecordMark, ...]  # what the book says stood here
    records: tuple[Record, ...]  # what stands here
    follows: int | None  # the offset, as the book has it, of the last one that agreed


class Alignment:
    """Brings the records of a partition and the marks of its book together."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.read = 0  # records of the topic
        self.begins: int | None = None  # the offset of the first one
        self.passed: list[Passed] = []
        self.lost = False  # they could not be brought together again
        self.offset: int | None = None  # as the book has it, of the last record given
        self._shift = 0  # from an offset in the topic to that in the book, of the last that agreed
        self._records = iter(records)
        self._ahead: deque[Record] = deque()
        self._skip = 0  # marks of the blocks to come that have been passed over

    @property
    def first(self) -> Passed | None:
        """The first difference."""
        return self.passed[0] if self.passed else None

    def before(self, offset: int) -> Iterator[Record]:
        """The records before an offset, which the book does not know: it began later."""
        while (record := self._next()) is not None:
            if record.offset >= offset:
                self._put_back([record])
                return
            yield record

    def of(
        self, marks: Sequence[RecordMark], marks_ahead: Callable[[int], list[RecordMark]]
    ) -> Iterator[Record]:
        """The records that stand where the marks say, with the offsets that the book has.

        `marks_ahead(n)`: up to n of the marks after these. Where records differ, those of the
        topic are given. After `lost` there are none.
        """
        place = min(self._skip, len(marks))
        self._skip -= place
        while place < len(marks) and not self.lost:
            mark, record = marks[place], self._next()
            if record is not None and _agree(mark, record):
                self._shift = mark.offset - record.offset
                yield self._placed(record, mark.offset)
                place += 1
                continue
            self._put_back([] if record is None else [record])
            passed = self._pass([*marks[place:], *marks_ahead(AHEAD)])
            yield from self._in_place_of(passed)
            self._skip = max(0, place + len(passed.marks) - len(marks))
            place = min(place + len(passed.marks), len(marks))

    def rest(self, last: int | None = None) -> Iterator[Record]:
        """The records that no mark is left for; `last`: up to this offset, as the book has it."""
        while (record := self._next()) is not None:
            offset = record.offset + self._shift
            if last is not None and offset > last:
                self._put_back([record])
                return
            if self.passed:  # what is gone elsewhere may stand here
                self._note(Passed((), (record,), self.offset))
            yield self._placed(record, offset)

    def _pass(self, marks: list[RecordMark]) -> Passed:
        """Pass over what differs, to where marks and records agree again."""
        records = [one for one in (self._next() for _ in range(AHEAD)) if one is not None]
        ends = _resync(marks, records)
        if ends is None:
            self.lost = True
            ends = (1, 1)
        self._put_back(records[ends[1] :])
        passed = Passed(tuple(marks[: ends[0]]), tuple(records[: ends[1]]), self.offset)
        self._note(passed)
        return passed

    def _note(self, passed: Passed) -> None:
        if len(self.passed) < MOST_PASSED:
            self.passed.append(passed)

    def _in_place_of(self, passed: Passed) -> Iterator[Record]:
        """Records that the book does not have, with offsets for them among those that it has.

        What was slipped in shares the offset after the one before it: none may come to stand behind
        a record that the book knows.
        """
        after = -1 if self.offset is None else self.offset
        for place, record in enumerate(passed.records):
            if place < len(passed.marks):
                after = max(after, passed.marks[place].offset)
                yield self._placed(record, after)
            else:
                yield self._placed(record, after + 1)

    def _placed(self, record: Record, offset: int) -> Record:
        self.offset = offset
        if record.offset == offset:
            return record
        return FiledRecord(
            record.partition, offset, record.timestamp, record.key, record.value, record.headers
        )

    def _next(self) -> Record | None:
        if self._ahead:
            return self._ahead.popleft()
        record = next(self._records, None)
        if record is not None:
            self.begins = record.offset if self.begins is None else self.begins
            self.read += 1
        return record

    def _put_back(self, records: Iterable[Record]) -> None:
        self._ahead.extendleft(reversed(list(records)))


def _agree(mark: RecordMark, record: Record) -> bool:
    return mark.arrival == record.timestamp and mark.content == content_of(record.key, record.value)


def _akin(mark: RecordMark, record: Record) -> bool:
    """Whether the record may be what became of the one that was marked."""
    if mark.arrival == record.timestamp or mark.content == content_of(record.key, record.value):
        return True
    try:
        event, _ = read_record(record)
    except UnusableEvent:
        return False
    return mark.dossier == dossier_mark(event.unit_id, event.dossier_id)


def _resync(marks: Sequence[RecordMark], records: Sequence[Record]) -> tuple[int, int] | None:
    """How many marks and records to pass over, as few as can be, until they agree again.

    None: they do not within what is looked at. Fewer than AHEAD of either: there are no more.
    """
    if not records:
        return len(marks), 0
    booked = [(mark.arrival, mark.content) for mark in marks]
    found = [(one.timestamp, content_of(one.key, one.value)) for one in records]
    marks_end, records_end = len(marks) < AHEAD, len(records) < AHEAD
    for total in range(1, len(booked) + len(found)):
        for a in _nearest_half(max(0, total - len(found) + 1), min(total, len(booked) - 1), total):
            b = total - a
            if booked[a] != found[b]:
                continue
            left, its_end = min((len(booked) - a, marks_end), (len(found) - b, records_end))
            if left < RUN and not its_end:
                continue
            run = min(RUN, left)
            if booked[a : a + run] == found[b : b + run]:
                return a, b
    if marks_end:  # the last marks; what records there are beyond them is not sealed yet
        return len(marks), min(len(marks), len(records)) if _akin(marks[0], records[0]) else 0
    return (len(marks), len(records)) if records_end else None


def _nearest_half(least: int, most: int, total: int) -> list[int]:
    """Numbers of marks to try: as many as records first, which is a record that was changed."""
    return sorted(range(least, most + 1), key=lambda a: abs(2 * a - total))
