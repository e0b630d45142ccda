"""Which workers there are, where, and what they own."""

from __future__ import annotations

import logging
from typing import NamedTuple

from schemas.instants import Millis
from schemas.presence import WorkerPresence, read_presence

log = logging.getLogger(__name__)

GONE_AFTER: Millis = 20_000  # of silence


class Seen(NamedTuple):
    """A worker, and when it was last heard of."""

    presence: WorkerPresence
    at: Millis  # our wall clock; of what was read at the start, the worker's own


class PresenceBoard:
    """The last that `worker-presence` says of every worker."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}

    def take(self, worker_id: str, value: bytes | None, heard_at: Millis | None) -> None:
        """A record of `worker-presence`; `heard_at`: now, if it came just now.

        Clocks of machines differ, so what comes live is as old as its coming. None: it was there
        before we were, and is as old as it says.
        """
        if value is None:
            self._seen.pop(worker_id, None)
            return
        try:
            presence = read_presence(value)
        except ValueError as error:
            log.warning("the presence of worker %s is unreadable: %s", worker_id[:80], error)
            return
        self._seen[worker_id] = Seen(presence, presence.at if heard_at is None else heard_at)

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
                if known is None or known.presence.at < one.presence.at:
                    found[owned.partition] = one
        return {number: one.presence for number, one in found.items()}


def is_alive(seen: Seen, now: Millis) -> bool:
    """Whether a worker was heard of lately."""
    return now - seen.at < GONE_AFTER
