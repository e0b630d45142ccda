"""The sealed days as the topic `audit-book` has them: the pages, and what was stated of one day.

Nearly all of a book are marks of records and figures of other days; they are passed over by the
first bytes of an entry, which is written with its kind first. Whether the book is as it was written
is the business of `vungxanh verify`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from audit.book_days import BookDays, SealedDay, day_proof
from schemas.book import (
    DayPage,
    FigureCorrected,
    Terms,
    UnitDay,
    read_entry,
)
from schemas.merkle import root
from streams.record import Record
from streams.topics import BOOK
from vungxanh.errors import NoTopicError, WrongUseError
from vungxanh.progress import Meter
from vungxanh.settings import Settings

NOTHING_YET = "the book has no day yet: a worker seals each local day once its midnight is past"
_SHOW_EVERY = 10_000  # records between two looks at the progress
_PAGE, _TERMS = b'{"kind":"day",', b'{"kind":"terms",'
_FIGURES, _CORRECTED = b'{"kind":"figures",', b'{"kind":"figure_corrected",'
_HEAD = 80  # bytes of a leaf that hold kind, partition and day


class _PlaceOnly(msgspec.Struct, gc=False):
    """Of an entry of the chain no more than where it stands."""

    partition: int
    number: int


_read_place = msgspec.json.Decoder(_PlaceOnly).decode


class NoBookError(WrongUseError):
    """There is no such topic: no worker that seals has run yet."""


@dataclass(slots=True)
class StatedDay:
    """A sealed day, and all that the book says of it."""

    sealed: SealedDay
    leaves: dict[int, list[tuple[UnitDay, bytes]]]  # by partition, before its page, as written
    corrections: list[FigureCorrected]  # made since to figures of this day
    gaps: list[str] = field(default_factory=list)  # what is gone of the book, a line each

    def leaf(self, unit: str) -> UnitDay | None:
        """What the day states of a unit; None: all its counts were 0."""
        return next((one for one in self.units() if one.unit_id == unit), None)

    def units(self) -> list[UnitDay]:
        """What it states of all units, by id."""
        found = [leaf for leaves in self.leaves.values() for leaf, _ in leaves]
        return sorted(found, key=lambda leaf: leaf.unit_id)

    def corrections_of(self, unit: str | None) -> list[FigureCorrected]:
        """Those of a unit; None: of all."""
        return [one for one in self.corrections if unit in (None, one.unit_id)]

    def proof(self, leaf: UnitDay) -> dict[str, object]:
        """See `day_proof`."""
        leaves = {one.unit_id: value for one, value in self.leaves[leaf.partition]}
        return day_proof(leaf, leaves, self.sealed.pages)

    def broken(self) -> list[int]:
        """The partitions whose figures are not those that their page was written over."""
        found = []
        for partition, value in self.sealed.pages.items():
            page = read_entry(value)
            assert isinstance(page, DayPage)
            values = [value for _, value in self.leaves.get(partition, [])]
            if len(values) != page.units or root(values) != page.root:
                found.append(partition)
        return found


class ListedDays(NamedTuple):
    """The sealed days in order, and what is wrong with the book, a line each."""

    days: list[SealedDay]
    gaps: list[str]


def read_days(settings: Settings) -> ListedDays:
    """All days that are sealed.

    Raises NoBookError, WrongUseError for a book that cannot be read, UnreachableError without
    Kafka.
    """
    found = _read(settings, lambda value: False)
    return ListedDays(found.days.all(), found.gaps)


def read_day(settings: Settings, day: str) -> StatedDay:
    """What the book says of a local day such as 2024-06-30.

    Raises as `read_days`, and WrongUseError where that day is not sealed.
    """
    stated, named = f'"day":"{day}"'.encode(), f'"stated":"{day}"'.encode()

    def wanted(value: bytes) -> bool:
        if value.startswith(_FIGURES):
            return stated in value[:_HEAD]
        return value.startswith(_CORRECTED) and named in value

    found = _read(settings, wanted)
    days = found.days.all()
    sealed = next((one for one in days if one.day == day), None)
    if sealed is None:
        raise WrongUseError(f"--day {day}: {_what_there_is(days)}")
    return StatedDay(
        sealed,
        {number: found.leaves.get(number, []) for number in sealed.pages},
        found.corrections,
        found.gaps,
    )


def _what_there_is(days: list[SealedDay]) -> str:
    if not days:
        return NOTHING_YET
    first, last = days[0].day, days[-1].day
    return f"not sealed; the book has {first} to {last}, see `vungxanh book list`"


@dataclass(slots=True)
class _Found:
    """What a reading of the book takes from it; without a day, pages and terms alone."""

    topic: str
    days: BookDays = field(default_factory=BookDays)
    leaves: dict[int, list[tuple[UnitDay, bytes]]] = field(default_factory=dict)
    corrections: list[FigureCorrected] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)  # of the last entry, by partition
    _closed: set[int] = field(default_factory=set)  # partitions whose page of the day has come

    def follow(self, record: Record) -> None:
        """Note where numbers are left out; whether entries were changed, `verify` says."""
        value = record.value or b""
        if value.startswith(_FIGURES):
            return  # a leaf, which has no number
        try:
            place = _read_place(value)
        except msgspec.MsgspecError:
            return  # if it is a page it is said that it cannot be read
        expected = self._numbers.get(place.partition, 0) + 1
        if place.number > expected:
            self.gaps.append(
                f"{self.topic} partition {place.partition}: entries {expected} to "
                f"{place.number - 1} are gone; days of which a page may be among them have no "
                "digest; see `vungxanh verify`"
            )
            self.days.gap(place.partition)
        self._numbers[place.partition] = place.number

    def add(self, record: Record) -> None:
        value = record.value or b""
        try:
            entry = read_entry(value)
        except ValueError as error:
            raise WrongUseError(
                f"{self.topic} partition {record.partition}, offset {record.offset}: {error}; "
                "`vungxanh verify` says what else is wrong"
            ) from None
        if isinstance(entry, DayPage):
            self.days.add(entry, value)
            self._close(entry)
        elif isinstance(entry, Terms):
            self.days.begin(entry.place.partition, entry.clock)
        elif isinstance(entry, UnitDay):
            if entry.partition not in self._closed:
                self.leaves.setdefault(entry.partition, []).append((entry, value))
        elif isinstance(entry, FigureCorrected):
            self.corrections.append(entry)

    def _close(self, page: DayPage) -> None:
        """Figures of a day that come after its page are not those that it was written over."""
        leaves = self.leaves.get(page.place.partition)
        if leaves and leaves[0][0].day == page.day:
            self._closed.add(page.place.partition)


def _read(settings: Settings, wanted: Callable[[bytes], bool]) -> _Found:
    # Kafka's clients take longer to import than a small file to report on.
    from vungxanh.topic_reading import read_topic  # noqa: PLC0415

    found = _Found(settings.topic(BOOK))
    read = 0

    def take(record: Record) -> None:
        nonlocal read
        read += 1
        if read % _SHOW_EVERY == 0:
            meter.show(read)
        value = record.value or b""
        found.follow(record)
        if value.startswith((_PAGE, _TERMS)) or wanted(value):
            found.add(record)

    with Meter("reading the book") as meter:
        try:
            read_topic(settings, BOOK, take)
        except NoTopicError as error:
            raise NoBookError(f"no day was ever sealed here: {error}") from None
    return found
