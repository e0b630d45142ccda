"""Which workers there are, where, and what they own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from schemas.instants import Millis
from schemas.presence import WorkerPresence, read_presence
from streams.folding import wall

log = logging.getLogger(__name__)

GONE_AFTER: Millis = 20_000  # of silence


class Seen(NamedTuple):
    """A worker, and when it was last heard of."""

    presence: WorkerPresence
    at: Millis  # our wall clock; of what was read at the start, the worker's own, if past


class PresenceBoard:
    """The last that `worker-presence` says of every worker."""

    def __init__(self, now: Callable[[], Millis] = wall) -> None:
        self._now = now
        self._seen: dict[str, Seen] = {}

    def take(self, worker_id: str, value: bytes | None, heard_at: Millis | None) -> None:
        """A record of `worker-presence`; `heard_at`: now, if it came just now.

        Clocks of machines differ, so what comes live is as old as its coming. None: it was there
        before we were, and is as old as it says; but none is of the future, or a worker that has
        died with its clock ahead of ours would own its partitions for as long.
        """
        if value is None:
            self._seen.pop(worker_id, None)
            return
        try:
            presence = read_presence(value)
        except ValueError as error:
            log.warning("the presence of worker %s is unreadable: %s", worker_id[:80], error)
            return
        at = min(presence.at, self._now()) if heard_at is None else heard_at
        self._seen[worker_id] = Seen(presence, at)

    def everyone(self) -> list[Seen]:
        """All that were heard of and have not taken their leave, by id."""
        return [self._seen[one] for one in sorted(self._seen)]

    def alive(self, now: Millis) -> list[Seen]:
        """Those heard of lately."""
        return [one for one in self.everyone() if is_alive(one, now)]

    def owners(self, now: Millis) -> dict[int, WorkerPresence]:
        """Who owns which partition; of two that say so, the one that spoke last."""
        found: dict[int, Seen] = {}
        for one in self.alive(now):
            for owned in one.presence.partitions:
                known = found.get(owned.partition)
                if known is None or _spoken(known) < _spoken(one):
                    found[owned.partition] = one
        return {number: one.presence for number, one in found.items()}


def _spoken(seen: Seen) -> tuple[Millis, Millis]:
    """When a worker spoke, by our clock; where two were heard together, by their own."""
    return seen.at, seen.presence.at


def is_alive(seen: Seen, now: Millis) -> bool:
    """Whether a worker was heard of lately."""
    return now - seen.at < GONE_AFTER
