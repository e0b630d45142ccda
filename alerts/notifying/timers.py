"""What the clock will bring: at most one instant for each thing, run in a fixed order."""

from __future__ import annotations

from enum import IntEnum
from heapq import heappop, heappush
from typing import NamedTuple

from schemas.instants import Millis


class Turn(IntEnum):
    """The order of what falls on one instant."""

    SILENCE = 0  # a silence ends
    HELD = 1  # of a recipient: held notices are decided again
    GROUP = 2  # of a recipient: what was gathered goes out
    REMINDER = 3  # of an incident
    ESCALATION = 4  # of an incident
    DIGEST = 5
    FORGET_INCIDENT = 6
    FORGET_CONDITION = 7


class Timer(NamedTuple):
    """One thing to do at an instant of the clock."""

    due: Millis
    turn: Turn
    key: str


class Timers:
    """A heap; an entry counts only while it is the latest set for its thing."""

    __slots__ = ("_due", "_heap")

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._due: dict[tuple[Turn, str], Millis] = {}

    def set(self, turn: Turn, key: str, due: Millis | None) -> None:
        """Set the instant of a thing; None: there is nothing to do."""
        if due is None:
            self._due.pop((turn, key), None)
        elif self._due.get((turn, key)) != due:
            self._due[turn, key] = due
            heappush(self._heap, Timer(due, turn, key))

    def next_due(self) -> Millis | None:
        """The first instant with something to do."""
        heap = self._heap
        while heap and self._due.get((heap[0].turn, heap[0].key)) != heap[0].due:
            heappop(heap)
        return heap[0].due if heap else None

    def pop(self, clock: Millis) -> Timer | None:
        """Take the first that is due at a clock; None: none is."""
        due = self.next_due()
        if due is None or due > clock:
            return None
        timer = heappop(self._heap)
        del self._due[timer.turn, timer.key]
        return timer
