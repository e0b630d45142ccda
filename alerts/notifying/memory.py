"""The notifier's state: small things, each under a key of its own in the changelog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from alerts.notifying.telling import Notice, Outgoing, Silence
from schemas.condition import Condition
from schemas.instants import Millis
from schemas.status import Zone
from schemas.step import Evidence


class IncidentMemory(msgspec.Struct, omit_defaults=True):
    """An incident, open or closed not long ago."""

    unit_id: str
    opened_at: Millis  # by its step, as closed_at
    zone: Zone  # last stated
    evidence: Evidence
    serial: int = 0  # of its next occasion
    level: int = 0  # to be told; 0: nobody yet
    history: bool = False  # nobody was told, and nobody is reminded
    told: dict[str, Millis] = {}  # recipient -> when it was first decided to tell them
    level_told_at: Millis | None = None  # the first message to the level
    remind_at: Millis | None = None
    escalate_at: Millis | None = None
    acknowledged_by: str | None = None  # who, as a text
    acknowledged_from: str | None = None  # the recipient whose link was followed, if one was
    acknowledged_at: Millis | None = None
    closed_at: Millis | None = None


class UnitMemory(msgspec.Struct, omit_defaults=True):
    """What has been going on in a unit."""

    openings: list[Millis] = []  # within the flapping period, in order
    flapping_said: dict[str, Millis] = {}  # recipient -> when
    warnings: int = 0  # the serial of the next
    warned_at: Millis | None = None
    forecast_stands: bool = False  # it was told, and has not been lifted since


class FigureMemory(msgspec.Struct, omit_defaults=True):
    """A unit's latest figure, and the last ones of the last two working days that had any."""

    at: Millis = 0  # the clock of its status
    zone: Zone = "grey"
    numerator: int = 0
    denominator: int = 0
    definition: str = ""
    window: str = ""
    partition: int = 0
    offset: int = 0
    days: list[tuple[date, int, int]] = []
    outlook_as_of: Millis = 0  # of the latest outlook taken


class Held(NamedTuple):
    """A notice that is decided again later."""

    until: Millis
    notice: Notice


class Group(NamedTuple):
    """Notices that travel together."""

    until: Millis
    notices: tuple[Notice, ...]


class RecipientMemory(msgspec.Struct, omit_defaults=True):
    """What is on its way to a recipient."""

    sent: list[Millis] = []  # messages decided within the last hour
    held: list[Held] = []  # in the order of their occasions
    groups: dict[str, Group] = {}  # by family
    tests: int = 0  # the serial of the next is not below


class ConditionMemory(msgspec.Struct, omit_defaults=True):
    """Something that ails the monitor itself, or did not long ago."""

    serial: int
    condition: Condition | None = None  # None: kept by a release that had words for it
    told: list[str] = []
    ended_at: Millis | None = None


Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """Things of one kind by their keys; it knows which have changed since they were written.

    What is taken from it and changed has to be touched.
    """

    __slots__ = ("_kind", "_prefix", "_things", "touched")

    def __init__(self, prefix: str, kind: type[Kept]) -> None:
        self._prefix = prefix
        self._kind = kind
        self._things: dict[str, Kept] = {}
        self.touched: dict[str, None] = {}

    def __iter__(self) -> Iterator[tuple[str, Kept]]:
        return iter(self._things.items())

    def get(self, key: str) -> Kept | None:
        """The thing of a key."""
        return self._things.get(key)

    def put(self, key: str, thing: Kept) -> Kept:
        """Keep a thing, new or in another's place."""
        self._things[key] = thing
        self.touched[key] = None
        return thing

    def touch(self, key: str) -> None:
        """Take note that a thing has changed."""
        self.touched[key] = None

    def drop(self, key: str) -> None:
        """Forget a thing."""
        if self._things.pop(key, None) is not None:
            self.touched[key] = None

    def changes(self) -> Iterator[tuple[bytes, bytes | None]]:
        """What has changed since the last time, as changelog entries."""
        for key in self.touched:
            thing = self._things.get(key)
            value = None if thing is None else msgspec.json.encode(thing)
            yield f"{self._prefix}/{key}".encode(), value
        self.touched.clear()

    def load(self, key: str, value: bytes) -> None:
        """Take a thing back from its changelog entry."""
        self._things[key] = msgspec.json.decode(value, type=self._kind)


class Memory:
    """All that the notifier knows."""

    def __init__(self) -> None:
        self.clock: Millis | None = None
        self.cursor: Any = None
        self._kept_clock: Millis | None = None
        self._kept_cursor: Any = None
        self.incidents = Shelf("incident", IncidentMemory)
        self.units = Shelf("unit", UnitMemory)
        self.figures = Shelf("figure", FigureMemory)
        self.recipients = Shelf("recipient", RecipientMemory)
        self.conditions = Shelf("condition", ConditionMemory)
        self.silences = Shelf("silence", Silence)
        self.outbox = Shelf("outgoing", Outgoing)
        self.open_of: dict[str, set[str]] = {}  # unit -> its open incidents

    def _shelves(self) -> dict[str, Shelf[Any]]:
        return {
            "incident": self.incidents,
            "unit": self.units,
            "figure": self.figures,
            "recipient": self.recipients,
            "condition": self.conditions,
            "silence": self.silences,
            "outgoing": self.outbox,
        }

    @property
    def pressing(self) -> bool:
        """Whether a change must not wait: another than of figures, cursor and clock."""
        return any(shelf.touched for shelf in self._shelves().values() if shelf is not self.figures)

    def unit(self, unit_id: str) -> UnitMemory:
        """What is known of a unit; touch it if you change it."""
        return self.units.get(unit_id) or self.units.put(unit_id, UnitMemory())

    def recipient(self, recipient_id: str) -> RecipientMemory:
        """What is known of a recipient; touch it if you change it."""
        return self.recipients.get(recipient_id) or self.recipients.put(
            recipient_id, RecipientMemory()
        )

    def note_open(self, incident_id: str, incident: IncidentMemory) -> None:
        """Keep the list of a unit's open incidents."""
        if incident.closed_at is None:
            self.open_of.setdefault(incident.unit_id, set()).add(incident_id)
        elif (ids := self.open_of.get(incident.unit_id)) is not None:
            ids.discard(incident_id)

    def collect(self) -> dict[bytes, bytes | None]:
        """What has changed since the last time, as changelog entries."""
        changes = {
            key: value for shelf in self._shelves().values() for key, value in shelf.changes()
        }
        if self.clock != self._kept_clock:
            changes[b"clock"] = msgspec.json.encode(self.clock)
            self._kept_clock = self.clock
        if self.cursor != self._kept_cursor:
            changes[b"cursor"] = written = msgspec.json.encode(self.cursor)
            self._kept_cursor = msgspec.json.decode(written)
        return changes

    def restore(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Stand where the entries were written. Raises ValueError naming one that is unreadable."""
        shelves = self._shelves()
        for key, value in entries:
            prefix, _, rest = key.decode().partition("/")
            try:
                if prefix == "clock":
                    self.clock = self._kept_clock = msgspec.json.decode(value, type=int)
                elif prefix == "cursor":
                    self.cursor = msgspec.json.decode(value)
                    self._kept_cursor = msgspec.json.decode(value)
                else:
                    shelves[prefix].load(rest, value)
            except (KeyError, msgspec.MsgspecError) as error:
                raise ValueError(f"the notifier's state: {key.decode()}: {error}") from error
        for incident_id, incident in self.incidents:
            self.note_open(incident_id, incident)
