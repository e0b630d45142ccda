"""The state of the monitor itself: partitions, workers, records, feeds, the notifier."""

from __future__ import annotations

from collections import Counter
from typing import Any

from schemas.instants import Millis, iso_millis
from schemas.presence import OwnedNow
from streams.boards.notifications import HOUR
from streams.boards.presences import Seen, is_alive
from streams.notifying import SEAT
from streams.presence import RESULTS, Presence
from streams.web.province import Province

SEEN_STEP: Millis = 5_000  # `seen_at` goes in such steps, or no state would be like the last one


class MonitorState:
    """What `/api/monitor` and the streams tell of the monitor."""

    def __init__(self, province: Province, presence: Presence | None) -> None:
        self._province = province
        self._boards = province.boards
        self._presence = presence  # what this worker says of itself, fresher than the board

    def now(self) -> dict[str, Any]:
        """The whole state. `now` changes with every look."""
        now, clock = self._province.now(), self._boards.clock
        workers = self._workers()
        alive = [one for one in workers if is_alive(one, now)]
        events, letters = Counter[str](), Counter[str]()
        for one in alive:
            events.update(one.presence.events)
            letters.update(one.presence.dead_letters)
        return {
            "data_to": None if clock is None else iso_millis(clock),
            "now": iso_millis(now),
            "partitions": self._partitions(alive),
            "workers": [
                {
                    "worker_id": one.presence.worker_id,
                    "url": one.presence.url,
                    "seen_at": iso_millis(one.at // SEEN_STEP * SEEN_STEP),
                    "partitions": [owned.partition for owned in one.presence.partitions],
                    "version": one.presence.version,
                    "alive": is_alive(one, now),
                    "telling": one.presence.telling,
                }
                for one in workers
            ],
            "events": {result: events[result] for result in RESULTS},
            "dead_letters": {"total": letters.total(), "by_reason": dict(sorted(letters.items()))},
            "stale_units": [
                {"unit_id": unit_id, "since": iso_millis(since)}
                for unit_id, since in self._province.stale_units()
            ],
            "notifier": self._notifier(alive),
        }

    def _workers(self) -> list[Seen]:
        others = self._boards.presences.everyone()
        if self._presence is None:
            return others
        own = self._presence.now()
        known = [one for one in others if one.presence.worker_id != own.worker_id]
        return sorted([*known, Seen(own, own.at)], key=lambda one: one.presence.worker_id)

    def _partitions(self, alive: list[Seen]) -> list[dict[str, Any]]:
        owners: dict[int, tuple[Seen, OwnedNow]] = {}
        for one in sorted(alive, key=lambda one: one.at):  # who spoke last is believed
            for owned in one.presence.partitions:
                owners[owned.partition] = (one, owned)
        found = []
        for number in range(self._province.settings.partitions):
            seen, owned = owners.get(number, (None, OwnedNow(number, None, None)))
            found.append(
                {
                    "partition": number,
                    "owner": None if seen is None else seen.presence.worker_id,
                    "clock": None if owned.clock is None else iso_millis(owned.clock),
                    "lag": owned.lag,
                }
            )
        return found

    def _notifier(self, alive: list[Seen]) -> dict[str, Any] | None:
        """Who tells people: the owner of one partition; None: nobody is to be told of anything."""
        telling = [one.presence for one in alive if one.presence.telling]
        if not telling:
            return None
        holder = next(
            (one for one in telling if any(o.partition == SEAT for o in one.partitions)), None
        )
        board = self._boards.notifications
        return {
            "worker_id": None if holder is None else holder.worker_id,
            "waiting": board.waiting(),
            "failed_last_hour": board.failed_since(self._province.now() - HOUR),
        }
