"""What other policies would have done on the same history, beside the policy in force.

Every policy has partition monitors of its own, the same that a worker runs: the incidents of the
policy in force are those that happened. The records are read once, for all of them.

The measures of a policy, for a unit or all of them:
- incidents: those that it opens within the period; a difference counts where it opens a spell
  within the period, the policy in force or the other.
- time in each zone: from the unit's first judgement (or the period's start) to the last clock of
  its partition (or the period's end), in milliseconds, exact.
- false alarm: closed within 24 h, and no dossier ended late between opening and closing.
- warning: from the opening to the first dossier that ended late while the incident was open.
- lead: by how much it opens a spell earlier than the policy in force (negative: later).
What ended late is told by all of the history, also by what became known later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from audit.backtesting.incidents import (
    Differences,
    Incident,
    Pair,
    differences,
    incidents_of,
    weighed,
)
from audit.backtesting.zones import Turn, ZoneCourse, ZoneTimes, clipped, zone_times
from audit.replay import CHUNK
from indicators.facts import fact_of
from indicators.policy import Policy
from schemas.event import UnusableEvent
from schemas.instants import Millis
from schemas.step import IncidentStep
from streams.monitor import PartitionMonitor
from streams.no_book import NoBook
from streams.record import Record, read_record
from streams.routing import is_home
from streams.rules import MonitorRules


class Period(NamedTuple):
    """The clocks that are looked at, [start, stop); None: as far as the history goes."""

    start: Millis | None = None
    stop: Millis | None = None

    def holds(self, clock: Millis) -> bool:
        """Whether it happened within."""
        return (self.start is None or clock >= self.start) and (
            self.stop is None or clock < self.stop
        )


class PolicyOutcome(NamedTuple):
    """What one policy makes of one unit."""

    policy: Policy
    turns: tuple[tuple[Turn, Millis], ...]  # zones in order, each with where it ends
    times: ZoneTimes
    incidents: tuple[Incident, ...]  # opened within the period
    differences: Differences  # from the policy in force; of that one itself: all kept


class UnitOutcome(NamedTuple):
    """One unit by the policy in force, and by each of the others."""

    unit_id: str
    start: Millis  # of what is looked at: not before its first judgement
    stop: Millis
    in_force: PolicyOutcome
    others: tuple[PolicyOutcome, ...]


@dataclass(slots=True)
class _PartitionPass:
    """A partition's records go through one monitor for each policy, and into the zones' courses."""

    partition: int
    partitions: int
    rules: Sequence[MonitorRules]
    steps: list[list[IncidentStep]]
    courses: dict[str, ZoneCourse] = field(default_factory=dict)
    clock: Millis | None = None

    def run(self, records: Iterable[Record], until: Millis | None) -> None:
        # What a status shows besides decides nothing, and would cost most of the time.
        deciding = [replace(by, windows=(), calendar=None) for by in self.rules]
        monitors = [
            PartitionMonitor(self.partition, self.partitions, by, NoBook) for by in deciding
        ]
        chunk: list[Record] = []
        for record in records:
            chunk.append(record)
            if len(chunk) == CHUNK:
                self._fold(monitors, chunk)
                chunk = []
        self._fold(monitors, chunk)
        if until is not None:
            for monitor, steps in zip(monitors, self.steps, strict=True):
                steps.extend(monitor.advance(until).steps)
        self.clock = monitors[0].clock
        if self.clock is not None:
            for course in self.courses.values():
                course.pass_minutes(self.clock)

    def _fold(self, monitors: Sequence[PartitionMonitor], chunk: Sequence[Record]) -> None:
        refused: set[int] = set()  # what cannot be used is so under any policy
        for monitor, steps in zip(monitors, self.steps, strict=True):
            effects = monitor.fold(chunk)
            steps.extend(effects.steps)
            refused.update(letter.record.offset for letter in effects.dead_letters)
        for record in chunk:
            if record.offset not in refused:
                self._take(record)

    def _take(self, record: Record) -> None:
        try:
            event, _ = read_record(record)
        except UnusableEvent:  # a monitor has made a dead letter of it
            return
        unit_id = event.unit_id
        if not is_home(record.key, unit_id, self.partition, self.partitions):
            return
        clock = max(record.timestamp, self.clock or 0)
        course = self.courses.get(unit_id)
        if course is None:
            policies = [by.policy_of(unit_id) for by in self.rules]
            course = self.courses[unit_id] = ZoneCourse(policies, self.rules[0].zone)
        fact = fact_of(event, record.timestamp, record.offset)
        if course.take(event.dossier_id, fact, clock):
            self.clock = clock


class BacktestPart(NamedTuple):
    """What a backtest has made of some of the partitions."""

    steps: tuple[list[IncidentStep], ...]  # of each policy
    outcomes: dict[str, UnitOutcome]
    first: Millis | None
    last: Millis | None


class Backtest:
    """Folds the history partition by partition, then tells what the policies make of each unit."""

    def __init__(
        self,
        rules: Sequence[MonitorRules],
        period: Period | None = None,
        units: Collection[str] | None = None,
    ) -> None:
        """`rules`: those in force first, then the others; `units`: only these, or None for all."""
        self.rules = tuple(rules)
        self.period = period or Period()
        self.steps: tuple[list[IncidentStep], ...] = tuple([] for _ in rules)  # of each policy
        self.first: Millis | None = None  # the first clock that was judged
        self.last: Millis | None = None
        self.outcomes: dict[str, UnitOutcome] = {}
        self.units = units

    @property
    def start(self) -> Millis | None:
        """The first clock that is looked at; None: nothing was folded."""
        found = [clock for clock in (self.first, self.period.start) if clock is not None]
        return None if self.first is None else max(found)

    @property
    def stop(self) -> Millis | None:
        """The clock at which looking ends."""
        found = [clock for clock in (self.last, self.period.stop) if clock is not None]
        return None if self.last is None else min(found)

    def fold(
        self,
        records: Iterable[Record],
        partition: int,
        partitions: int,
        until: Millis | None = None,
    ) -> None:
        """Take in a whole partition; `until` lets its clock run on, as in a replay."""
        steps: list[list[IncidentStep]] = [[] for _ in self.rules]
        done = _PartitionPass(partition, partitions, self.rules, steps)
        done.run(records, until)
        for all_steps, own in zip(self.steps, steps, strict=True):
            all_steps.extend(own)
        if done.clock is None:
            return
        incidents = [incidents_of(own) for own in steps]
        for unit_id, course in done.courses.items():
            if self.units is not None and unit_id not in self.units:
                continue
            of_unit = [by_unit.get(unit_id, []) for by_unit in incidents]
            self._note(unit_id, course, of_unit, done.clock)

    def part(self) -> BacktestPart:
        """What has been made so far, to be joined elsewhere."""
        return BacktestPart(self.steps, self.outcomes, self.first, self.last)

    def join(self, part: BacktestPart) -> None:
        """Take in what another one, by the same rules, has made of other partitions."""
        for own, more in zip(self.steps, part.steps, strict=True):
            own.extend(more)
        self.outcomes |= part.outcomes
        self._note_clocks(part.first, part.last)

    def _note_clocks(self, *clocks: Millis | None) -> None:
        known = [clock for clock in (self.first, self.last, *clocks) if clock is not None]
        self.first, self.last = min(known, default=None), max(known, default=None)

    def _note(
        self,
        unit_id: str,
        course: ZoneCourse,
        incidents: Sequence[Sequence[Incident]],
        clock: Millis,
    ) -> None:
        first = course.turns[0][0].clock
        self._note_clocks(first, clock)
        start = first if self.period.start is None else max(first, self.period.start)
        stop = clock if self.period.stop is None else min(clock, self.period.stop)
        late = course.late_ends()
        each = [[weighed(incident, late) for incident in of_policy] for of_policy in incidents]
        outcomes = [
            PolicyOutcome(
                policy,
                tuple(clipped(turns, start, stop)),
                zone_times(turns, start, stop),
                tuple(one for one in of_policy if self.period.holds(one.opened)),
                _within(differences(each[0], of_policy), self.period),
            )
            for policy, turns, of_policy in zip(course.policies, course.turns, each, strict=True)
        ]
        self.outcomes[unit_id] = UnitOutcome(
            unit_id, start, max(start, stop), outcomes[0], tuple(outcomes[1:])
        )


def _within(found: Differences, period: Period) -> Differences:
    """The differences with an opening in the period."""

    def pairs(of: Iterable[Pair]) -> tuple[Pair, ...]:
        return tuple(
            pair
            for pair in of
            if period.holds(pair.in_force.opened) or period.holds(pair.other.opened)
        )

    def alone(of: Iterable[Incident]) -> tuple[Incident, ...]:
        return tuple(one for one in of if period.holds(one.opened))

    return Differences(
        pairs(found.kept), pairs(found.moved), alone(found.gained), alone(found.lost)
    )
