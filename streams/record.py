"""A record of the history, as the monitor sees it.

`aiokafka`'s and `kafka-python`'s own record objects have these attributes, so live records are
folded as they come, without another object each; records read from a file are `FiledRecord`s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from schemas.dead_letter import Reason
from schemas.event import Event, UnusableEvent, read_event
from schemas.instants import Millis, read_instant

Headers = Sequence[tuple[str, bytes]]


class Record(Protocol):
    """What the monitor reads of a record, whoever made it."""

    @property
    def partition(self) -> int:
        """The partition it was read from."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """The arrival: whole milliseconds since 1970, UTC."""

    @property
    def key(self) -> bytes | None:
        """The unit id, if it was sent as it should be."""

    @property
    def value(self) -> bytes | None:
        """The event, as JSON."""

    @property
    def headers(self) -> Headers:
        """Names and values, in the order they were sent."""


LAST_ARRIVAL: Millis = read_instant("2200-12-31T23:59:59Z") // 1000


def read_record(record: Record) -> tuple[Event, bool]:
    """The event of a record, and whether it carried fields outside the contract.

    Raises `UnusableEvent`: for what its value is, or for an arrival that is no instant (some
    producers stamp microseconds for milliseconds).
    """
    event = read_event(record.value)
    if not 0 <= record.timestamp <= LAST_ARRIVAL:
        detail = f"arrival: not an instant of 1970-2200 in milliseconds: {record.timestamp}"
        raise UnusableEvent(Reason.INVALID_EVENT, detail)
    return event


class FiledRecord(NamedTuple):
    """A record that was read from a file, placed as `vungxanh publish` would place it."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
