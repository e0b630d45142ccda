"""What is to be sent, in which order, with which arrival. Pure: nothing here knows Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from audit.history import Line, arrival_ms
from schemas.event import Due, Event
from schemas.instants import Micros, Millis, end_of_day

Arrival = Literal["now", "occurred"]


class Parcel(NamedTuple):
    """An event on its way."""

    number: int  # of its line, from 1
    event: Event
    arrived_at: Micros  # `recorded_at`, or else `occurred_at`
    arrival: Millis | None  # the record's timestamp; None: the time at which it is sent

    @property
    def value(self) -> bytes:
        """The event with the fields of the contract and no others."""
        return self.event.to_json()


def parcels(lines: Iterable[Line], arrival: Arrival) -> Iterator[Parcel]:
    """A parcel for every line, in the order of the lines."""
    for line in lines:
        at = line.arrived_at
        yield Parcel(line.number, line.event, at, arrival_ms(at) if arrival == "occurred" else None)


def in_order(lines: Iterable[Line], arrival: Arrival) -> list[Parcel]:
    """In the order of sending: by arrival with `occurred`, equal ones in the file's order."""
    found = list(parcels(lines, arrival))
    if arrival == "occurred":
        found.sort(key=lambda parcel: parcel.arrived_at)
    return found


def shifted(found: Iterable[Parcel], last: Micros, zone: ZoneInfo) -> list[Parcel]:
    """The same parcels with all instants moved by one span, so that the last is `last`.

    The last is the latest time at which something happened or became known; promises for later
    move with it. A bare due date becomes the instant that it stands for, moved: what was on time
    stays on time.
    """
    kept = list(found)
    if not kept:
        return []
    span = last - max(max(parcel.arrived_at, parcel.event.occurred_at) for parcel in kept)
    return [_moved(parcel, span, zone) for parcel in kept]


def _moved(parcel: Parcel, span: Micros, zone: ZoneInfo) -> Parcel:
    event = parcel.event
    at = parcel.arrived_at + span
    return Parcel(
        parcel.number,
        event._replace(occurred_at=event.occurred_at + span, due=_moved_due(event.due, span, zone)),
        at,
        None if parcel.arrival is None else arrival_ms(at),
    )


def _moved_due(due: Due | None, span: Micros, zone: ZoneInfo) -> Due | None:
    if due is None:
        return None
    return (end_of_day(due, zone) if isinstance(due, date) else due) + span
