"""The hub: what the boards tell, in one order, for all streams of this worker.

All streams read one ring of events, each at its own place; the ring is what bounds memory. A
stream that has fallen behind the ring is ended, and its reader comes again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Collection
from typing import Any, NamedTuple

import orjson

RING = 20_000  # events
_LONGEST_NUMBER = 18  # digits
PACE_S = 0.5  # between two statuses of one unit


class Event(NamedTuple):
    """One server-sent event."""

    number: int
    kind: str
    unit_id: str | None  # None: for everybody
    data: bytes  # JSON, on one line


class FellBehindError(Exception):
    """Events that were not read are gone."""


class Hub:
    """Takes news from the boards, and wakes the streams."""

    def __init__(self, most: int = RING) -> None:
        self._life = secrets.token_hex(4)  # ids of another life of this worker say nothing here
        self._ring: deque[Event] = deque(maxlen=most)
        self._next = 1
        self._come = asyncio.Event()  # replaced whenever something comes
        self._told_at: dict[str, float] = {}  # unit -> when its last status went out
        self._held: dict[str, bytes] = {}  # unit -> the status that waits
        self.closed = False

    # -- from the boards ---------------------------------------------------------------------------

    def status(self, unit_id: str, value: bytes) -> None:
        """A unit has a newer status: told at once, or when its last one is old enough."""
        now = asyncio.get_running_loop().time()
        if unit_id in self._held:
            self._held[unit_id] = value
        elif (wait := self._told_at.get(unit_id, -PACE_S) + PACE_S - now) <= 0:
            self._tell_status(unit_id, value)
        else:
            self._held[unit_id] = value
            asyncio.get_running_loop().call_later(wait, self._tell_held, unit_id)

    def _tell_held(self, unit_id: str) -> None:
        value = self._held.pop(unit_id, None)
        if value is not None and not self.closed:
            self._tell_status(unit_id, value)

    def _tell_status(self, unit_id: str, value: bytes) -> None:
        self._told_at[unit_id] = asyncio.get_running_loop().time()
        self._tell("status", unit_id, orjson.dumps(compact(orjson.loads(value))))

    def step(self, unit_id: str, value: bytes) -> None:
        """A step of an incident was written."""
        self._tell("step", unit_id, value)

    def notification(self, unit_id: str | None, value: bytes) -> None:
        """Something was decided or sent."""
        self._tell("notification", unit_id, value)

    def monitor(self, content: dict[str, Any]) -> None:
        """The state of the monitor has changed."""
        self._tell("monitor", None, orjson.dumps(content))

    def reset(self) -> None:
        """More has changed than can be told: who has looked before has to look again."""
        self._tell("reset", None, b"{}")

    def _tell(self, kind: str, unit_id: str | None, data: bytes) -> None:
        self._ring.append(Event(self._next, kind, unit_id, data))
        self._next += 1
        come, self._come = self._come, asyncio.Event()
        come.set()

    def close(self) -> None:
        """Have all streams end."""
        self.closed = True
        self._come.set()

    # -- for the streams ---------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The number of the latest event."""
        return self._next - 1

    def id_of(self, number: int) -> str:
        """An event's id, as the client says it again."""
        return f"{self._life}-{number}"

    def place_of(self, event_id: str) -> int | None:
        """The number of an id, if what came after it is still here; None: load anew."""
        life, _, number = event_id.partition("-")
        if life != self._life or len(number) > _LONGEST_NUMBER:
            return None
        if not number.isascii() or not number.isdecimal():
            return None
        place = int(number)
        oldest = self._ring[0].number if self._ring else self._next
        return place if oldest - 1 <= place <= self.last else None

    async def after(self, place: int, timeout_s: float) -> list[Event]:
        """The events after a place; none where none come in time. Raises FellBehindError."""
        if place == self.last and not self.closed:
            come = self._come
            try:
                await asyncio.wait_for(come.wait(), timeout_s)
            except TimeoutError:
                return []
        if self._ring and self._ring[0].number > place + 1:
            raise FellBehindError
        behind = self.last - place
        return [self._ring[n] for n in range(len(self._ring) - behind, len(self._ring))]


def compact(status: dict[str, Any]) -> dict[str, Any]:
    """A status as streams tell it: of the primary indicator only."""
    figure = status["figures"][0]
    resolved = status["resolved"].get(figure["window"]) or dict.fromkeys(
        ("early", "on_time", "late")  # the policy's window need not be one that is shown
    )
    return {
        "unit_id": status["unit_id"],
        "zone": status["zone"],
        "numerator": figure["numerator"],
        "denominator": figure["denominator"],
        **resolved,
        "open": status["open"],
        "incident": status["incident"],
        "clock": status["clock"],
    }


def wanted(event: Event, units: Collection[str] | None) -> bool:
    """Whether a stream of these units (None: of all) tells of an event."""
    return units is None or event.unit_id is None or event.unit_id in units
