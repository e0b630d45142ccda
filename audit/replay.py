"""Figures and incidents recomputed from history, touching nothing live.

Figures: all events that had arrived by K are put into the units' ledgers first; then T moves from
one asked instant to the next. One pass, whatever the number of instants.
Incidents: the records go through the same partition monitors that a worker runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.counts import Tally
from indicators.definitions import definition
from indicators.facts import fact_of
from indicators.ledger import Admission, UnitLedger
from indicators.windows import Window
from schemas.event import Event
from schemas.instants import Micros, Millis
from schemas.step import IncidentStep
from streams.monitor import PartitionMonitor
from streams.record import Record
from streams.rules import MonitorRules

CHUNK = 10_000  # records folded between two effects of a replay


class ReplayedFigure(NamedTuple):
    """One row of `vungxanh replay`."""

    as_of: Micros
    unit_id: str
    definition: str
    window: str
    numerator: int
    denominator: int
    early: int
    on_time: int  # with the early ones
    late: int
    open_overdue: int

    @property
    def ratio(self) -> float | None:
        """Share 0-1; None where the denominator is 0."""
        return self.numerator / self.denominator if self.denominator else None


class FigureReplay:
    """Collects events in the order of their arrival, then answers for one instant after another."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._ledgers: dict[str, UnitLedger] = {}
        self.events = 0
        self.duplicates = 0
        self.conflicts = 0
        self.too_large = 0

    def add(self, event: Event, arrival: Millis, offset: int) -> None:
        """Put an event into the history (R1: the first of its id to arrive counts)."""
        ledger = self._ledgers.get(event.unit_id)
        if ledger is None:
            ledger = self._ledgers[event.unit_id] = UnitLedger(self._zone)
        fact = fact_of(event, arrival, offset)
        admission = ledger.examine(event.dossier_id, fact)
        if admission is Admission.NEW:
            ledger.add(event.dossier_id, fact)
            self.events += 1
        elif admission is Admission.DUPLICATE:
            self.duplicates += 1
        elif admission is Admission.CONFLICT:
            self.conflicts += 1
        else:
            self.too_large += 1

    def figures(
        self,
        as_of: Micros,
        definitions: Sequence[str],
        windows: Sequence[Window],
        unit_id: str | None = None,
    ) -> Iterable[ReplayedFigure]:
        """A row for every unit with a non-zero count; instants must be asked for in order."""
        for name in sorted(self._ledgers if unit_id is None else {unit_id} & self._ledgers.keys()):
            ledger = self._ledgers[name]
            ledger.settle(as_of)
            for window in windows:
                tally = ledger.counts.tally(window.start(as_of), as_of)
                if any(tally):
                    for defined in definitions:
                        yield _row(as_of, name, defined, window, tally)


def _row(as_of: Micros, unit_id: str, name: str, window: Window, tally: Tally) -> ReplayedFigure:
    numerator, denominator = definition(name)(tally)
    early, on_time, late, overdue = tally
    return ReplayedFigure(
        as_of,
        unit_id,
        name,
        window.text,
        numerator,
        denominator,
        early,
        early + on_time,
        late,
        overdue,
    )


def replay_partition(
    records: Iterable[Record],
    partition: int,
    partitions: int,
    rules: MonitorRules,
    until: Millis | None = None,
) -> Iterable[IncidentStep]:
    """The incident steps that a partition's records yield, as a worker would write them.

    `until` lets the clock run on after the last record, as the wall does for a live worker.
    """
    monitor = PartitionMonitor(partition, partitions, rules)
    chunk: list[Record] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield from monitor.fold(chunk).steps
            chunk = []
    yield from monitor.fold(chunk).steps
    if until is not None and monitor.clock is not None:
        yield from monitor.advance(until).steps
