"""A dossier folded by brute force from its records, by rules R1-R8.

Everything is computed anew for every question, with aware datetimes and no index of any kind;
only what a text or a datetime says by itself is kept, whoever asks.
The numbers in the comments are the rules; where they leave two readings the one taken is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Event = Mapping[str, Any]

FIELDS = (
    "event_id",
    "type",
    "occurred_at",
    "dossier_id",
    "unit_id",
    "due_at",
    "procedure_id",
    "step",
    "channel",
    "service_level",
    "voids",
)
END_RANKS = (("completed",), ("delivered",), ("refused", "stopped", "withdrawn"))  # best first
PAUSE_BEGINS = {"supplement_requested": "supplement", "fee_requested": "fee"}
PAUSE_ENDS = {"supplement_completed": "supplement", "fee_paid": "fee"}
NOTHING = timedelta(0)


@dataclass(frozen=True)
class Known:
    """An event with how it became known."""

    event: Event
    arrival: int  # milliseconds since 1970
    partition: int
    offset: int


@dataclass(frozen=True)
class Pause:
    """One merged pause, as seen at T."""

    begin: datetime
    end: datetime  # T or the end of the dossier, where nothing else ended it
    ended_by: str | None  # the event_id that ended it


@dataclass(frozen=True)
class Folded:
    """A dossier as it stands at T."""

    dossier_id: str
    received_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None  # a type of event
    on_time: bool | None  # None: not ended, or without a due date
    early: bool | None
    paused: bool
    pauses: tuple[Pause, ...]
    flags: frozenset[str]


@lru_cache(maxsize=1 << 18)
def instant(text: str) -> datetime:
    """The instant that a text states, in UTC."""
    stated = datetime.fromisoformat(text)
    if stated.tzinfo is None:
        raise ValueError(f"no offset: {text}")
    return stated.astimezone(UTC)


def from_millis(millis: int) -> datetime:
    """The datetime of a count of milliseconds."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)


@lru_cache(maxsize=1 << 18)
def to_millis(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@lru_cache(maxsize=1 << 16)
def promised(text: str, zone: ZoneInfo) -> datetime:
    """R6: the promise of a due date; a bare one lasts to the last microsecond of the local day."""
    if len(text) > len("2023-06-30"):
        return instant(text)
    day = date.fromisoformat(text)
    last = datetime.combine(day, time(23, 59, 59, 999_999), tzinfo=zone)
    return last.replace(fold=1).astimezone(UTC)  # the later one, where the hour comes twice


def known_by(records: Iterable[Known], known_at: int | None) -> list[Known]:
    """The records that had arrived by K (K included), in the order of the log."""
    ordered = sorted(records, key=lambda known: (known.partition, known.offset))
    return [known for known in ordered if known_at is None or known.arrival <= known_at]


def content(event: Event) -> dict[str, Any]:
    """What an event says: the fields of the contract that it states."""
    return {name: event[name] for name in FIELDS if event.get(name) is not None}


def fates(records: Sequence[Known]) -> list[str]:
    """R1: for each record in order of arrival, `folded`, `duplicate` or `conflicting_event`."""
    first: dict[tuple[str, str, str], Event] = {}
    result = []
    for known in records:
        event = known.event
        identity = (event["unit_id"], event["dossier_id"], event["event_id"])
        if identity not in first:
            first[identity] = event
            result.append("folded")
        elif content(first[identity]) == content(event):
            result.append("duplicate")
        else:
            result.append("conflicting_event")
    return result


def dossiers(records: Sequence[Known], unit: str) -> dict[str, list[Event]]:
    """The events of each dossier of a unit, each once (R1), in order of arrival."""
    result: dict[str, list[Event]] = {}
    for known, fate in zip(records, fates(records), strict=True):
        if fate == "folded" and known.event["unit_id"] == unit:
            result.setdefault(known.event["dossier_id"], []).append(known.event)
    return result


def standing_events(events: Iterable[Event], at: datetime) -> list[Event]:
    """The set at T without what was taken back, in canonical order.

    Read so: a `voided` is in force from its own occurred_at, as any event; what it says besides
    (a due date) is no statement.
    """
    known = [event for event in events if instant(event["occurred_at"]) < at]
    taken_back = [event["voids"] for event in known if event["type"] == "voided"]
    standing = [
        event
        for event in known
        if event["type"] != "voided" and event["event_id"] not in taken_back
    ]
    return sorted(standing, key=lambda event: (instant(event["occurred_at"]), event["event_id"]))


def end_position(events: Sequence[Event]) -> int | None:
    """R5: where in canonical order the event stands that ended the dossier."""
    for types in END_RANKS:
        for position, event in enumerate(events):
            if event["type"] in types:
                return position
    return None


def pauses_of(events: Sequence[Event], at: datetime) -> tuple[list[Pause], bool]:
    """R4: the merged pauses, and whether the last goes on at T.

    Read so: canonical order decides what comes before what at one instant; a pause ends with the
    event after which nothing is asked of the citizen any more; what comes after the dossier's end
    neither begins nor ends one.
    """
    position = end_position(events)
    before_end = events if position is None else events[:position]
    stop = at if position is None else instant(events[position]["occurred_at"])
    pauses: list[Pause] = []
    asked: set[str] = set()
    begin = stop
    for event in before_end:
        moment = instant(event["occurred_at"])
        if event["type"] in PAUSE_BEGINS:
            if not asked:
                begin = moment
            asked.add(PAUSE_BEGINS[event["type"]])
        elif event["type"] in PAUSE_ENDS and PAUSE_ENDS[event["type"]] in asked:
            asked.remove(PAUSE_ENDS[event["type"]])
            if not asked:
                pauses.append(Pause(begin, moment, event["event_id"]))
    if asked:
        pauses.append(Pause(begin, stop, None))
    return pauses, bool(asked) and position is None


def moved(due: datetime, stated_at: datetime, pauses: Sequence[Pause], at: datetime) -> datetime:
    """R4: a due date, moved by what of the pauses lies after its statement and before `at`.

    A pause begun after the due date moves it too, and cures nothing by it: the date moves no
    faster than time goes.
    """
    for pause in pauses:
        begin, end = max(pause.begin, stated_at), min(pause.end, at)
        if end > begin:
            due += end - begin
    return due


def standing_due(
    events: Sequence[Event], pauses: Sequence[Pause], at: datetime, zone: ZoneInfo
) -> tuple[datetime | None, bool]:
    """R3, R4: the due date in force at T, and whether a statement came after the breach.

    Read so: a date stated at the very instant of the standing due date is in time (R6: on time at
    that instant still); "before the dossier ended" is by canonical order; the first date stated
    stands whenever it was stated.
    """
    position = end_position(events)
    ending = [pause.ended_by for pause in pauses if pause.ended_by is not None]
    standing: tuple[datetime, datetime] | None = None  # the date, and when it was stated
    too_late = False
    for number, event in enumerate(events):
        if event.get("due_at") is None:
            continue
        stated_at = instant(event["occurred_at"])
        stated = (promised(event["due_at"], zone), stated_at)
        in_time = (
            standing is not None
            and stated_at <= moved(*standing, pauses, stated_at)
            and (position is None or number < position)
        )
        if standing is None or event["event_id"] in ending or in_time:
            standing = stated
        else:
            too_late = True
    if standing is None:
        return None, too_late
    return moved(standing[0], standing[1], pauses, at), too_late


def fold_dossier(dossier_id: str, known: Iterable[Event], at: datetime, zone: ZoneInfo) -> Folded:
    """A dossier as it stands at T: from its events with occurred_at < T."""
    events = standing_events(known, at)
    receipts = [instant(event["occurred_at"]) for event in events if event["type"] == "received"]
    received_at = min(receipts) if receipts else None  # R2
    position = end_position(events)
    ended_at = None if position is None else instant(events[position]["occurred_at"])
    ended_by = None if position is None else str(events[position]["type"])
    pauses, paused = pauses_of(events, at)
    due_at, too_late = standing_due(events, pauses, at, zone)
    flags = {"due_moved_after_breach"} if too_late else set()
    if ended_at is not None and received_at is not None and ended_at < received_at:
        flags.add("end_before_receipt")  # R8
    on_time = early = None
    if ended_at is not None and due_at is not None:  # R6
        on_time = ended_at <= due_at
        early = on_time and ended_at.astimezone(zone).date() < due_at.astimezone(zone).date()
    return Folded(
        dossier_id,
        received_at,
        due_at,
        ended_at,
        ended_by,
        on_time,
        early,
        paused,
        tuple(pauses),
        frozenset(flags),
    )


def fold_unit(
    records: Iterable[Known], unit: str, at: datetime, zone: ZoneInfo, known_at: int | None = None
) -> list[Folded]:
    """All dossiers of a unit as they stand at T, as known at K (ms; None: all that is given)."""
    found = dossiers(known_by(records, known_at), unit)
    return [fold_dossier(dossier_id, events, at, zone) for dossier_id, events in found.items()]
