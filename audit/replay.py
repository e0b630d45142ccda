"""Figures and incidents recomputed from history, touching nothing live.

Figures: all events that had arrived by K are put into the units' ledgers first; then T moves from
one asked instant to the next. One pass, whatever the number of instants.
Incidents: the records go through the same partition monitors that a worker runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.replay_parts import Key, PartedUnit
from audit.replay_question import By
from indicators.counts import Tally
from indicators.definitions import definition
from indicators.dossier import NOTES
from indicators.facts import Fact, fact_of
from indicators.ledger import ALWAYS_FITS, BEFORE_ALL, NEVER, Admission, UnitLedger
from indicators.windows import Window
from schemas.event import Event
from schemas.instants import Micros, Millis
from schemas.step import IncidentStep
from streams.monitor import PartitionMonitor
from streams.no_book import NoBook
from streams.record import Record
from streams.rules import MonitorRules

Arrived = dict[str, list[Fact]]  # by dossier, in order of arrival
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
    part: Key = ()  # of the unit, where it was asked for by part

    @property
    def ratio(self) -> float | None:
        """Share 0-1; None where the denominator is 0."""
        return self.numerator / self.denominator if self.denominator else None


class UnitTally(NamedTuple):
    """The counts of a unit, or of a part of it, in one window at one T."""

    unit_id: str
    part: Key
    window: int  # its place among those asked for
    tally: Tally


class FigureReplay:
    """Collects events in the order of their arrival, then answers for one instant after another.

    Its memory is that of the events, however many instants, windows and definitions are asked for.
    """

    def __init__(
        self, zone: ZoneInfo, by: Sequence[By] = (), units: frozenset[str] | None = None
    ) -> None:
        """`by`: each unit's counts parted by these; `units`: events of others are not kept."""
        self._zone = zone
        self._by = by
        self._units = units
        self._ledgers: dict[str, UnitLedger] = {}
        self._parted: dict[str, PartedUnit] = {}
        # The texts of steps, of which a fact has a mark only; kept while they are asked for.
        self._steps: dict[int, str] | None = {} if "step" in by else None
        self._arrived: dict[str, Arrived] = {}  # by unit, until they are in ledgers
        self._seen: frozenset[str] = frozenset()
        self._admitted: Counter[Admission] = Counter()
        self._first, self._last = NEVER, BEFORE_ALL  # when the events happened
        self._asked = False  # whether all have been put into the ledgers

    @property
    def units(self) -> frozenset[str]:
        """Those that have any event."""
        self._put_into_ledgers()
        return self._seen

    @property
    def events(self) -> int:
        """How many the figures are made of."""
        return self._count(Admission.NEW)

    @property
    def duplicates(self) -> int:
        """How many had come before, with the same content."""
        return self._count(Admission.DUPLICATE)

    @property
    def conflicts(self) -> int:
        """How many had come before with other content, which stands (R1)."""
        return self._count(Admission.CONFLICT)

    @property
    def too_large(self) -> int:
        """How many found their dossier full."""
        return self._count(Admission.FULL)

    def add(self, event: Event) -> None:
        """Put an event into the history (R1: the first of its id to arrive counts).

        When and where it arrived changes no figure, so it is not kept.
        """
        dossiers = self.dossiers_of(event[4])
        if dossiers is None:
            return
        fact = fact_of(event, 0, 0)
        facts = dossiers.get(event[3])
        if facts is None:
            dossiers[event[3]] = [fact]
        else:
            facts.append(fact)
        if event[7] is not None:
            self.note_step(fact, event[7])

    def dossiers_of(self, unit_id: str) -> Arrived | None:
        """Where a unit's facts may be put straight away, as `add` does; None: it is not asked for.

        Only until anything is asked: RuntimeError afterwards.
        """
        if self._asked:
            raise RuntimeError("the replay has been asked already: no event can be added")
        if self._units is not None and unit_id not in self._units:
            return None
        dossiers = self._arrived.get(unit_id)
        if dossiers is None:
            dossiers = self._arrived[unit_id] = {}
        return dossiers

    def note_step(self, fact: Fact, step: str) -> None:
        """What the event says of its step, of which the fact has a mark."""
        if self._steps is not None:
            assert fact.step_mark is not None
            self._steps[fact.step_mark] = step

    def _put_into_ledgers(self) -> None:
        """Nearly every dossier has each event once: it goes in as a whole."""
        if self._asked:
            return
        self._asked = True
        for unit_id, dossiers in self._arrived.items():
            ledger = UnitLedger(self._zone)
            for dossier_id, facts in dossiers.items():
                if len(facts) <= ALWAYS_FITS and len({fact[1] for fact in facts}) == len(facts):
                    self._put_whole(ledger, dossier_id, facts)
                else:
                    self._put_one_by_one(ledger, dossier_id, facts)
            if ledger.dossiers:
                self._ledgers[unit_id] = ledger
        self._seen = frozenset(unit_id for unit_id, dossiers in self._arrived.items() if dossiers)
        self._arrived.clear()

    def _put_whole(self, ledger: UnitLedger, dossier_id: str, facts: list[Fact]) -> None:
        """Without the notes, which are in no count, unless their texts are what it is parted by."""
        self._admitted[Admission.NEW] += len(facts)
        facts.sort()
        self._first = min(self._first, facts[0][0])
        self._last = max(self._last, facts[-1][0])
        if not self._by:
            facts = [fact for fact in facts if fact[3] is not None or fact[2] not in NOTES]
        if facts:
            ledger.load(dossier_id, facts)

    def _put_one_by_one(self, ledger: UnitLedger, dossier_id: str, facts: Sequence[Fact]) -> None:
        for fact in facts:
            admission = ledger.examine(dossier_id, fact)
            self._admitted[admission] += 1
            if admission is Admission.NEW:
                ledger.add(dossier_id, fact)
                self._first = min(self._first, fact.occurred_at)
                self._last = max(self._last, fact.occurred_at)

    def _count(self, admission: Admission) -> int:
        self._put_into_ledgers()
        return self._admitted[admission]

    def span(self) -> tuple[Micros, Micros] | None:
        """When the first and the last of the events happened; None where there is none."""
        self._put_into_ledgers()
        return (self._first, self._last) if self._first <= self._last else None

    def tallies(
        self, as_of: Micros, windows: Sequence[Window], unit_id: str | None = None
    ) -> Iterator[UnitTally]:
        """The non-zero counts of every unit, in order; instants must be asked for in order."""
        self._put_into_ledgers()
        for name in sorted(self._ledgers if unit_id is None else {unit_id} & self._ledgers.keys()):
            counts = self._parted_tallies if self._by else self._whole_tallies
            yield from counts(name, as_of, windows)

    def _whole_tallies(
        self, name: str, as_of: Micros, windows: Sequence[Window]
    ) -> Iterator[UnitTally]:
        ledger = self._ledgers[name]
        ledger.settle(as_of)
        for place, window in enumerate(windows):
            tally = ledger.counts.tally(window.start(as_of), as_of)
            if any(tally):
                yield UnitTally(name, (), place, tally)

    def _parted_tallies(
        self, name: str, as_of: Micros, windows: Sequence[Window]
    ) -> Iterator[UnitTally]:
        parted = self._parted.get(name)
        if parted is None:
            facts = {key: one.facts for key, one in self._ledgers[name].dossiers.items()}
            parted = PartedUnit(facts, self._zone, self._by, self._steps or {})
            self._parted[name] = parted
        parted.settle(as_of)
        for place, window in enumerate(windows):
            for part, tally in parted.tallies(window.start(as_of), as_of):
                if any(tally):
                    yield UnitTally(name, part, place, tally)

    def figures(
        self,
        as_of: Micros,
        definitions: Sequence[str],
        windows: Sequence[Window],
        unit_id: str | None = None,
    ) -> Iterable[ReplayedFigure]:
        """A row for every unit with a non-zero count; instants must be asked for in order."""
        texts = [window.text for window in windows]
        return figures_of(as_of, self.tallies(as_of, windows, unit_id), definitions, texts)


def figures_of(
    as_of: Micros, tallies: Iterable[UnitTally], definitions: Sequence[str], windows: Sequence[str]
) -> Iterator[ReplayedFigure]:
    """The rows that counts amount to, in the order of the counts and of the definitions."""
    for tally in tallies:
        for defined in definitions:
            yield _row(as_of, tally, defined, windows[tally.window])


def _row(as_of: Micros, counted: UnitTally, name: str, window: str) -> ReplayedFigure:
    numerator, denominator = definition(name)(counted.tally)
    early, on_time, late, overdue = counted.tally
    return ReplayedFigure(
        as_of,
        counted.unit_id,
        name,
        window,
        numerator,
        denominator,
        early,
        early + on_time,
        late,
        overdue,
        counted.part,
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
    monitor = PartitionMonitor(partition, partitions, rules, NoBook)
    chunk: list[Record] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield from monitor.fold(chunk).steps
            chunk = []
    yield from monitor.fold(chunk).steps
    if until is not None and monitor.clock is not None:
        yield from monitor.advance(until).steps
