"""The newest steps of incidents."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

from schemas.instants import Millis

STEPS_KEPT = 1_000  # of each partition of unit-alerts

Place = tuple[Millis, int, int]  # time, partition, offset: the order of all partitions' records


class StepBoard:
    """Steps by their place; the oldest fall off."""

    def __init__(self, partitions: int) -> None:
        self.steps: dict[Place, tuple[str, bytes]] = {}  # -> unit and its step as JSON
        self._most = STEPS_KEPT * partitions
        self._parsed: dict[Place, dict[str, Any]] = {}

    def take(self, place: Place, unit_id: str, value: bytes) -> None:
        """A record of `unit-alerts`."""
        self.steps[place] = (unit_id, value)

    def drop_old(self) -> None:
        """Let go of what is more than is kept."""
        surplus = len(self.steps) - self._most
        if surplus > 0:
            for place in sorted(self.steps)[:surplus]:
                del self.steps[place]
                self._parsed.pop(place, None)

    def newest(self, unit_id: str | None = None) -> Iterator[tuple[Place, bytes]]:
        """Steps as JSON, newest first; of one unit if it is named."""
        for place in sorted(self.steps, reverse=True):
            unit, value = self.steps[place]
            if unit_id in (None, unit):
                yield place, value

    def newest_steps(self, limit: int, unit_id: str | None = None) -> list[bytes]:
        """So many of them."""
        return [value for _, value in islice(self.newest(unit_id), limit)]

    def by_incident(self, unit_id: str | None = None) -> dict[str, list[dict[str, Any]]]:
        """The steps as objects, of each incident in their order; of one unit if it is named.

        The objects are shared: not to be changed.
        """
        found: dict[str, list[dict[str, Any]]] = {}
        for place in sorted(self.steps):
            unit, value = self.steps[place]
            if unit_id not in (None, unit):
                continue
            step = self._parsed.get(place)
            if step is None:
                step = self._parsed[place] = orjson.loads(value)
            found.setdefault(step["incident_id"], []).append(step)
        return found
