"""The last day that the book has sealed by a time, for the foot of a report."""

from __future__ import annotations

from schemas.instants import Micros
from vungxanh.book_of_days import NoBookError, read_days
from vungxanh.printing import warn
from vungxanh.settings import Settings


def last_sealed(settings: Settings, as_of: Micros) -> tuple[str, str] | None:
    """The last local day that all partitions had closed at or before T, and its digest.

    None where there is none, or no book; what is gone of the book is said. Raises WrongUseError for
    a book that cannot be read, UnreachableError without Kafka.
    """
    try:
        days, gaps = read_days(settings)
    except NoBookError:  # there is no such topic: nobody has sealed anything
        return None
    for gap in gaps:
        warn(gap)
    closed = [day for day in days if day.closed and day.as_of * 1_000 <= as_of]
    return (closed[-1].day, closed[-1].digest) if closed else None
