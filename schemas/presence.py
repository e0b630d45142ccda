"""A worker says that it is there: a record of `worker-presence` (compacted, key: the worker).

Written every few seconds and whenever what it owns has changed; a tombstone on a clean stop.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from schemas.instants import Millis, iso_millis, read_instant


class OwnedNow(NamedTuple):
    """A partition that a worker owns and has recovered."""

    partition: int
    clock: Millis | None  # None: nothing folded yet
    lag: int | None  # records not folded yet; None: not known


class WorkerPresence(NamedTuple):
    """What one worker says of itself."""

    worker_id: str
    url: str  # where other workers reach its HTTP server
    at: Millis  # its wall clock
    version: str  # of the program
    partitions: tuple[OwnedNow, ...]  # by number
    events: dict[str, int]  # by result, since its start, as dossier_events_total
    dead_letters: dict[str, int]  # by reason, those that are not 0
    telling: bool  # whether it would tell people, if it owned partition 0

    def to_json(self) -> bytes:
        """The value of a `worker-presence` record."""
        fields: dict[str, object] = self._asdict()
        fields["at"] = iso_millis(self.at)
        fields["partitions"] = [
            {
                "partition": one.partition,
                "clock": None if one.clock is None else iso_millis(one.clock),
                "lag": one.lag,
            }
            for one in self.partitions
        ]
        return orjson.dumps(fields)


def read_presence(value: bytes) -> WorkerPresence:
    """The presence that `to_json` wrote; ValueError for anything else.

    Fields of a later release are passed over.
    """
    try:
        fields: Any = orjson.loads(value)
        url = fields["url"]
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise ValueError(f"url: {url!r} is no address of the web")
        return WorkerPresence(
            worker_id=str(fields["worker_id"]),
            url=url,
            at=read_instant(fields["at"]) // 1_000,
            version=str(fields["version"]),
            partitions=tuple(
                OwnedNow(
                    int(one["partition"]),
                    None if one["clock"] is None else read_instant(one["clock"]) // 1_000,
                    None if one["lag"] is None else int(one["lag"]),
                )
                for one in fields["partitions"]
            ),
            events={str(name): int(count) for name, count in fields["events"].items()},
            dead_letters={str(name): int(n) for name, n in fields["dead_letters"].items()},
            telling=bool(fields["telling"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no presence: {error}") from None
