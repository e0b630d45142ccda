"""What other policies would have done on the same history, beside the policy in force.

Every policy has partition monitors of its own, the same that a worker runs: the incidents of the
policy in force are those that happened. The records are read once, for all of them.

The measures of a policy, for a unit or all of them:
- incidents: those that it opens within the period; a difference counts where it opens a spell
  within the period, the policy in force or the other.
- open before: those opened before the period that are open where it begins, counted apart.
- time in each zone: from the unit's first judgement (or the period's start) to the last clock of
  its partition (or the period's end), in milliseconds, exact.
- false alarm: closed within 24 h, and no dossier ended late between opening and closing.
- warning: from the opening to the first dossier that ended late while the incident was open.
- lead: by how much it opens a spell earlier than the policy in force (negative: later).
All of it as it stood at the end of the period: an incident closed later is open, and what ended
late is told by the records that had come by then, also for incidents closed before they came.
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
        return (self.start is None or clock >= self.start) and self.is_before_stop(clock)

    def is_before_stop(self, clock: Millis) -> bool:
        """Whether it happened before the end."""
        return self.stop is None or clock < self.stop

    def begins_in(self, incident: Incident) -> bool:
        """Whether an incident was opened before, and is open at the start."""
        if self.start is None or incident.opened >= self.start:
            return False
        return incident.closed is None or incident.closed > self.start


class PolicyOutcome(NamedTuple):
    """What one policy makes of one unit."""

    policy: Policy
    turns: tuple[tuple[Turn, Millis], ...]  # zones in order, each with where it ends
    times: ZoneTimes
    incidents: tuple[Incident, ...]  # opened within the period
    open_before: tuple[Incident, ...]  # opened before it, and open where it begins
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
    period: Period
    steps: list[list[IncidentStep]]  # of each policy, up to the end of the period
    courses: dict[str, ZoneCourse] = field(default_factory=dict)  # as they stand at that end
    first: Millis | None = None  # None: nothing is folded
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
                self._note(monitor.advance(until).steps, steps)
        self.clock = monitors[0].clock
        if self.clock is not None:
            stop = self.clock if self.period.stop is None else min(self.clock, self.period.stop)
            for course in self.courses.values():
                course.pass_minutes(stop)

    def _note(self, made: Iterable[IncidentStep], steps: list[IncidentStep]) -> None:
        steps.extend(step for step in made if self.period.is_before_stop(step.at))

    def _fold(self, monitors: Sequence[PartitionMonitor], chunk: Sequence[Record]) -> None:
        refused: set[int] = set()  # what cannot be used is so under any policy
        for monitor, steps in zip(monitors, self.steps, strict=True):
            effects = monitor.fold(chunk)
            self._note(effects.steps, steps)
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
        fact = fact_of(event, record.timestamp, record.offset)
        course = self.courses.get(unit_id)
        if not self.period.is_before_stop(clock):  # only the clock moves on
            if course is None or course.is_new(event.dossier_id, fact):
                self._move(clock)
            return
        if course is None:
            policies = [by.policy_of(unit_id) for by in self.rules]
            course = self.courses[unit_id] = ZoneCourse(policies, self.rules[0].zone)
        if course.take(event.dossier_id, fact, clock):
            self._move(clock)

    def _move(self, clock: Millis) -> None:
        self.clock = clock
        self.first = clock if self.first is None else self.first


class BacktestPart(NamedTuple):
    """What a backtest has made of some of the partitions."""

    steps: tuple[list[IncidentStep], ...]  # of each policy
    outcomes: dict[str, UnitOutcome]
    first: Millis | None
    last: Millis | None  # of the history, whatever the period and the units


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
        self.first: Millis | None = None  # of the whole history; None: nothing was folded
        self.last: Millis | None = None
        self.outcomes: dict[str, UnitOutcome] = {}
        self.units = units

    @property
    def start(self) -> Millis | None:
        """The first clock that is looked at; None: there is none."""
        return min((unit.start for unit in self.outcomes.values()), default=None)

    @property
    def stop(self) -> Millis | None:
        """The clock at which looking ends."""
        return max((unit.stop for unit in self.outcomes.values()), default=None)

    def fold(
        self,
        records: Iterable[Record],
        partition: int,
        partitions: int,
        until: Millis | None = None,
    ) -> None:
        """Take in a whole partition; `until` lets its clock run on, as in a replay."""
        steps: list[list[IncidentStep]] = [[] for _ in self.rules]
        done = _PartitionPass(partition, partitions, self.rules, self.period, steps)
        done.run(records, until)
        for all_steps, own in zip(self.steps, steps, strict=True):
            all_steps.extend(own)
        if done.clock is None:
            return
        self._note_clocks(done.first, done.clock)
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
                tuple(one for one in of_policy if self.period.begins_in(one)),
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
