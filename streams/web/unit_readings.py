"""The figures of all units that this worker owns, read without holding the event loop for long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import cast

from schemas.instants import Millis
from schemas.status import UnitStatus
from streams.ownership import Monitor, Ownership
from streams.turns import Turns


@dataclass(slots=True)
class _Readings:
    """A partition's monitor as far as a collector of figures goes: what was read of it."""

    clock: Millis | None
    statuses: dict[str, UnitStatus] = field(default_factory=dict)

    def units(self) -> Iterable[str]:
        return self.statuses.keys()

    def reading(self, unit_id: str) -> UnitStatus:
        return self.statuses[unit_id]


async def readings(ownership: Ownership) -> Ownership:
    """What a collector may look at in any thread: the same partitions, with figures that were read.

    Each figure is of its partition's clock as it was read. A partition that is given up meanwhile
    is left out.
    """
    frozen, turns = Ownership(), Turns()
    for number, owned in list(ownership.partitions.items()):
        read = _Readings(owned.monitor.clock)
        for unit_id in list(owned.monitor.units()):
            read.statuses[unit_id] = owned.monitor.reading(unit_id)
            await turns.give_way()
            if not ownership.holds(owned):
                break
        if ownership.holds(owned):
            frozen.partitions[number] = replace(owned, monitor=cast(Monitor, read))
    return frozen
