"""The chain of a partition's book: that every entry stands where it was written. Pure.

What is checked here needs the book alone: numbers, digests, the leaves of each page. Whether the
figures are those of the records is `audit.verifying.verify`'s to say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from audit.verifying.finding import Difference, Differs, Finding
from schemas.book import (
    START,
    BookEntry,
    ChainedEntry,
    DayPage,
    FigureCorrected,
    RecordMark,
    RecordsBlock,
    Terms,
    UnitDay,
    digest_of,
    read_entry,
)
from schemas.merkle import root
from streams.record import Record


class Written(NamedTuple):
    """An entry as it stands in the topic."""

    entry: BookEntry
    value: bytes
    leaves: tuple[UnitDay, ...] = ()  # of a page
    wrong: Finding | None = None  # of a page: its leaves are not those that it was written over


class BookChain:
    """Takes the records of a partition's book one after another, and checks each."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.number = 0  # of the last entry
        self.head = START  # its digest
        self.terms: str | None = None  # the digest of the terms in force
        self._leaves: list[tuple[UnitDay, bytes]] = []
        self._page: DayPage | None = None  # the last one
        self._marked = -1  # the last offset marked

    def take(self, record: Record) -> Written | None:
        """The entry of a record; None for a leaf, which comes with its page. Raises Differs."""
        entry, value = self._read(record)
        if isinstance(entry, UnitDay):
            self._take_leaf(entry, value)
            return None
        self._check_place(entry)
        self.number, self.head = entry.place.number, digest_of(value)
        if isinstance(entry, DayPage):
            return self._take_page(entry, value)
        if self._leaves:
            raise self._no_page()
        if isinstance(entry, Terms):
            self.terms = self.head
        elif isinstance(entry, RecordsBlock):
            self._check_marks(entry)
        return Written(entry, value)

    def end(self) -> None:
        """After the last record. Raises Differs where a page is missing after its leaves."""
        if self._leaves:
            raise self._no_page()

    def _read(self, record: Record) -> tuple[BookEntry, bytes]:
        key, value = record.key or b"", record.value or b""
        try:
            entry = read_entry(value)
        except ValueError as error:
            text = f"the entry at offset {record.offset} cannot be read: {error}"
            raise self._differs("unreadable", text, unit=_unit_of(key)) from None
        partition = entry.partition if isinstance(entry, UnitDay) else entry.place.partition
        if partition != self.partition:
            text = f"the entry at offset {record.offset} is of partition {partition}"
            raise self._differs("changed", text, unit=_unit_of(key))
        unit = entry.unit_id if isinstance(entry, UnitDay | FigureCorrected) else str(partition)
        if key != unit.encode():
            text = f"the entry at offset {record.offset} stands under another key than {unit}"
            raise self._differs("changed", text, unit=unit)
        return entry, value

    def _check_place(self, entry: ChainedEntry) -> None:
        expected, (_, number, previous) = self.number + 1, entry.place
        what = f"the {entry.kind} entry"
        if number > expected and self._leaves and not self._is_page_of_leaves(entry):
            raise self._no_page(number - 1)
        if number > expected:
            several = f"entries {expected} to {number - 1} are" if number > expected + 1 else ""
            text = f"{several or f'entry {expected} is'} missing before {what} {number}"
            raise self._differs("missing", text, entry, expected)
        if number < expected:
            text = f"after entry {self.number} comes {what} {number}, a second one of that number"
            raise self._differs("second", text, entry, number)
        if previous != self.head:
            text = (
                f"{what} {number} was written after another entry {self.number} than the one there"
                if self.number
                else f"{what} 1 names an entry before it"
            )
            raise self._differs("changed", text, entry, self.number or 1)
        if number == 1 and not isinstance(entry, Terms):
            raise self._differs("changed", f"{what} comes first, and terms should", entry, 1)

    def _take_leaf(self, leaf: UnitDay, value: bytes) -> None:
        if self._leaves:
            last = self._leaves[-1][0]
            if (leaf.day, leaf.as_of) != (last.day, last.as_of):
                raise self._no_page()
        self._leaves.append((leaf, value))

    def _take_page(self, page: DayPage, value: bytes) -> Written:
        leaves, self._leaves = self._leaves, []
        if self._page is not None and page.as_of <= self._page.as_of:
            text = f"the page of {page.day} comes after that of {self._page.day}"
            raise self._differs("second", text, page, page.place.number)
        self._page = page
        if page.terms != self.terms or page.next_offset <= self._marked:
            text = f"the page of {page.day} does not go with the terms or records before it"
            raise self._differs("changed", text, page, page.place.number)
        wrong = self._wrong_leaves(page, leaves)
        return Written(page, value, tuple(leaf for leaf, _ in leaves), wrong)

    def _wrong_leaves(self, page: DayPage, leaves: list[tuple[UnitDay, bytes]]) -> Finding | None:
        number = page.place.number
        for leaf, _ in leaves:
            if (leaf.day, leaf.as_of) != (page.day, page.as_of):
                text = f"figures of {leaf.day} stand before the page of {page.day}"
                return self._differs("changed", text, leaf, number).finding
        if len(leaves) != page.units:
            text = (
                f"the page of {page.day} closes {page.units} units, and {len(leaves)} stand there"
            )
            kind: Difference = "missing" if len(leaves) < page.units else "invented"
            return self._differs(kind, text, page, number).finding
        if root([value for _, value in leaves]) != page.root:
            text = f"figures of {page.day} are not those that its page was written over"
            return self._differs("changed", text, page, number).finding
        return None

    def _check_marks(self, block: RecordsBlock) -> None:
        for mark in block.marks:
            if mark.offset <= self._marked:
                text = f"block {block.place.number} marks offset {mark.offset} a second time"
                raise self._differs("changed", text, block, block.place.number)
            self._marked = mark.offset

    def _is_page_of_leaves(self, entry: ChainedEntry) -> bool:
        return isinstance(entry, DayPage) and entry.day == self._leaves[-1][0].day

    def _no_page(self, last_gone: int = 0) -> Differs:
        """The page that closes the leaves is not there, nor are the entries after it to a last."""
        leaf, number = self._leaves[-1][0], self.number + 1
        page = f"the page that closes them, entry {number}, is not"
        text = f"the figures of {leaf.day} are there, and {page}"
        if last_gone > number:
            text += f"; nor are the entries after it to {last_gone}"
        finding = self._differs("missing", text, leaf, number).finding
        return Differs(finding._replace(unit_id=None))

    def _differs(
        self,
        difference: Difference,
        text: str,
        entry: BookEntry | None = None,
        number: int | None = None,
        unit: str | None = None,
    ) -> Differs:
        at = self._page.as_of if self._page is not None else None
        day = self._page.day if self._page is not None else None
        if isinstance(entry, UnitDay | DayPage):
            at, day = entry.as_of, entry.day
        if isinstance(entry, UnitDay | FigureCorrected):
            unit = entry.unit_id
        place = self.number + 1 if number is None else number
        return Differs(
            Finding("book", difference, self.partition, text, at, day, unit_id=unit, number=place)
        )


def _unit_of(key: bytes) -> str | None:
    """The unit that a key names; of the chained entries it is a number, the partition's."""
    text = key.decode(errors="replace")
    return None if not text or text.isdecimal() else text


class BookWalk:
    """The entries of a partition's book one after another; marks can be looked at beforehand."""

    def __init__(self, partition: int, records: Iterable[Record]) -> None:
        self.chain = BookChain(partition)
        self.broken: Finding | None = None  # nothing comes after it
        self._records = iter(records)
        self._ahead: deque[Written] = deque()
        self._ended = False

    def __iter__(self) -> Iterator[Written]:
        while self._ahead or self._read():
            yield self._ahead.popleft()

    def first(self) -> Written | None:
        """The next entry, which stays the next; None: there is none."""
        return self._ahead[0] if self._ahead or self._read() else None

    def marks_ahead(self, wanted: int) -> list[RecordMark]:
        """So many of the marks that are still to come, or all there are."""
        marks = [mark for written in self._ahead for mark in _marks_of(written)]
        while len(marks) < wanted and self._read():
            marks += _marks_of(self._ahead[-1])
        return marks[:wanted]

    def _read(self) -> bool:
        """Read on to the next chained entry; whether there is one."""
        if self._ended:
            return False
        try:
            for record in self._records:
                if (written := self.chain.take(record)) is not None:
                    self._ahead.append(written)
                    return True
            self.chain.end()
        except Differs as differs:
            self.broken = differs.finding
        self._ended = True
        return False


def _marks_of(written: Written) -> tuple[RecordMark, ...]:
    return written.entry.marks if isinstance(written.entry, RecordsBlock) else ()
