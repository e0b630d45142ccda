"""The last day that the book has sealed by a time, for the foot of a report."""

from __future__ import annotations

from audit.book_days import BookDays
from schemas.book import read_entry
from schemas.book_entries import DayPage, Terms
from schemas.instants import Micros
from streams.record import Record
from vungxanh.errors import WrongUseError
from vungxanh.printing import Meter
from vungxanh.settings import Settings

BOOK = "audit-book"
_SHOW_EVERY = 10_000  # records between two looks at the progress


def last_sealed(settings: Settings, as_of: Micros) -> tuple[str, str] | None:
    """The last local day that all partitions had closed at or before T, and its digest.

    None where there is none, or no book. Raises WrongUseError for a book that cannot be read,
    UnreachableError without Kafka.
    """
    # Kafka's clients take longer to import than a small file to report on.
    from vungxanh.topic_reading import read_topic  # noqa: PLC0415

    days, read = BookDays(), 0

    def take(record: Record) -> None:
        nonlocal read
        read += 1
        if read % _SHOW_EVERY == 0:
            meter.show(read)
        _note(days, record)

    try:
        read_topic(settings, BOOK, take, set())
    except WrongUseError:  # there is no such topic: nobody has sealed anything
        return None
    with Meter("reading the book") as meter:
        read_topic(settings, BOOK, take)
    closed = [day for day in days.all() if day.closed and day.as_of * 1_000 <= as_of]
    return (closed[-1].day, closed[-1].digest) if closed else None


def _note(days: BookDays, record: Record) -> None:
    """Pages and terms alone: nearly all of a book are marks of records and leaves."""
    value = record.value or b""
    if b'"kind":"day"' not in value and b'"kind":"terms"' not in value:
        return
    try:
        entry = read_entry(value)
    except ValueError as error:
        raise WrongUseError(
            f"{BOOK} partition {record.partition}, offset {record.offset}: {error}; "
            "see `vungxanh book check`"
        ) from None
    if isinstance(entry, DayPage):
        days.add(entry, value)
    elif isinstance(entry, Terms):
        days.begin(entry.place.partition, entry.clock)
