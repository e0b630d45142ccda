"""The newest records of what was decided about telling people, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from schemas.instants import Millis, read_instant
from streams.boards.steps import Place

NOTIFICATIONS_KEPT = 2_000  # of each partition of unit-notifications
WAITING = frozenset({"decided", "held", "retrying"})  # outcomes after which more is to come
HOUR: Millis = 3_600_000


class NotificationBoard:
    """Notifications by their place; the oldest fall off."""

    def __init__(self, partitions: int) -> None:
        self._most = NOTIFICATIONS_KEPT * partitions
        self._all: dict[Place, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def take(self, place: Place, value: bytes) -> dict[str, Any]:
        """A record of `unit-notifications`; returns it as an object."""
        record: dict[str, Any] = orjson.loads(value)
        self._all[place] = record
        return record

    def drop_old(self) -> None:
        """Let go of what is more than is kept."""
        surplus = len(self._all) - self._most
        if surplus > 0:
            for place in sorted(self._all)[:surplus]:
                del self._all[place]

    def newest(
        self, unit_id: str | None = None, incident_id: str | None = None
    ) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Newest first; of one unit or one incident if it is named."""
        for place in sorted(self._all, reverse=True):
            record = self._all[place]
            if unit_id in (None, record.get("unit_id")) and incident_id in (
                None,
                record.get("subject"),
            ):
                yield place, record

    def by_subject(self, most: int) -> dict[str, list[dict[str, Any]]]:
        """The newest so many of every subject, the newest last."""
        found: dict[str, list[dict[str, Any]]] = {}
        for _, record in self.newest():
            of_one = found.setdefault(str(record.get("subject")), [])
            if len(of_one) < most:
                of_one.append(record)
        for of_one in found.values():
            of_one.reverse()
        return found

    def waiting(self) -> int:
        """Messages that were decided, held or tried, and are neither sent nor given up."""
        latest: dict[tuple[object, object], object] = {}
        for place in sorted(self._all):
            record = self._all[place]
            if record.get("message") is None:  # one that travels in another shares its fate
                key = (record.get("notification_id"), record.get("channel"))
                latest[key] = record.get("outcome")
        return sum(outcome in WAITING for outcome in latest.values())

    def failed_since(self, since: Millis) -> int:
        """Attempts that failed, and messages that were given up, from an instant on."""
        return sum(
            record.get("outcome") in ("failed", "retrying")
            and read_instant(record["at"]) // 1_000 >= since
            for record in self._all.values()
        )
