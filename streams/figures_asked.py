"""What is asked of a unit's ledger, and what the ledger holds to answer it with.

A ledger is changed by the event loop alone. So its events are copied there, and computed with in a
thread: the loop goes on folding, and the copy is of one moment, between two records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.definitions import definition as definition_of
from indicators.facts import Fact
from indicators.known import Histories, Question, had_arrived, histories_of
from indicators.windows import read_window
from schemas.api.parameters import Known, ParameterError
from schemas.instants import Micros, Millis
from streams.monitor import PartitionMonitor
from streams.ownership import Monitor, OwnedPartition
from streams.unit_monitor import UnitMonitor

_MS: Micros = 1_000


class Asked(NamedTuple):
    """A figure asked for, with the policy's own where nothing was said."""

    definition: str
    window: str
    as_of: Micros | None  # T; None: now
    known_at: Micros | None = None  # K; None: all

    def question(self, at: Micros, zone: ZoneInfo) -> Question:
        """As the pure functions take it; with a window of its own, as each thread needs."""
        return Question(self.definition, read_window(self.window, zone), at, zone, self.known_at)


def asked_figure(
    definition: str | None, window: str | None, as_of: Micros | None, default: tuple[str, str]
) -> Asked:
    """What was asked for, validated. Raises ParameterError."""
    chosen = default[0] if definition is None else definition
    span = default[1] if window is None else window
    try:
        definition_of(chosen)
    except ValueError as error:
        raise ParameterError(f"definition: {error}") from None
    try:
        read_window(span, ZoneInfo("UTC"))  # the names are the same in every zone
    except ValueError as error:
        raise ParameterError(f"window: {error}") from None
    return Asked(chosen, span, as_of)


def as_known(asked: Asked, known: Known) -> Asked:
    """By the records known today, or by those only that had arrived by T. Raises ParameterError."""
    if known == "now":
        return asked
    if asked.as_of is None:
        raise ParameterError(
            "known: 'then' says nothing without as_of; give as_of, or leave it out"
        )
    return asked._replace(known_at=asked.as_of)


class Snapshot(NamedTuple):
    """A unit's events at one moment, to be read in any thread."""

    unit_id: str
    partition: int
    histories: Histories
    offset: int  # of the last record folded at the unit's last judgement: what was known
    at: Micros  # T of now: 1 ms after the partition's clock

    def news_before(self, offset: int, asked: Asked, at: Micros) -> bool:
        """Whether a record after an offset says anything that counts for T, as known at K."""
        if self.offset == offset:
            return False
        return any(
            fact.offset > offset
            and fact.occurred_at < at
            and had_arrived(fact.arrival, asked.known_at)
            for fact in _facts(self.histories)
        )


def _facts(histories: Histories) -> Iterable[Fact]:
    return (fact for facts in histories.values() for fact in facts)


def unit_of(monitor: Monitor, unit_id: str) -> UnitMonitor | None:
    """The unit in its partition's monitor; None: it has no record there."""
    assert isinstance(monitor, PartitionMonitor), "only the partition monitor can be asked"
    return monitor.unit(unit_id)


def now_of(partition: OwnedPartition, wall: Millis) -> Micros:
    """T of now in a partition; where nothing has been folded, the wall clock's."""
    clock = partition.monitor.clock
    return (wall if clock is None else clock + 1) * _MS


def snapshot(partition: OwnedPartition, unit_id: str, wall: Millis) -> Snapshot:
    """A unit's events now; of a unit without any record, none. Call it on the event loop."""
    unit = unit_of(partition.monitor, unit_id)
    histories = {} if unit is None else histories_of(unit.ledger)
    offset = -1 if unit is None else unit.judged_offset
    return Snapshot(unit_id, partition.number, histories, offset, now_of(partition, wall))
