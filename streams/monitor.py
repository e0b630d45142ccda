"""The partition monitor: the one state machine behind worker, replay and tests. Pure.

It is fed records in the order of their offsets and moved along its clock; it answers with
`Effects`. The same records give the same statuses, incident steps and state, however they are cut
into chunks and wherever it is stopped and restored.

A whole minute is judged when the clock moves past it, after all records that arrived by then.
Only records that are folded move the clock: a duplicate changes nothing. Every record read is
marked in the sealed book, and every local day is sealed there (see `streams.sealing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush

from indicators.facts import Fact, fact_of
from indicators.ledger import Admission
from schemas.book import dossier_mark
from schemas.dead_letter import DETAIL_LIMIT, HEADER_FORWARDED, Reason
from schemas.event import Event, UnusableEvent
from schemas.instants import Millis
from schemas.outlook import UnitOutlook
from schemas.status import UnitStatus
from streams.effects import DeadLetter, Effects, Forward
from streams.record import Record, read_record
from streams.routing import is_home, partition_of
from streams.rules import MonitorRules
from streams.sealing import NEVER, PartitionBook
from streams.state import (
    PARTITION_KEY,
    UnitState,
    dossier_key,
    read_state,
    unit_key,
    write_dossier,
    write_partition,
    write_unit,
)
from streams.stated import Shift
from streams.unit_monitor import UnitMonitor


class PartitionMonitor:
    """The units of one partition of `dossier-events`."""

    def __init__(
        self,
        partition: int,
        partitions: int,
        rules: MonitorRules,
        make_book: Callable[[int, int, MonitorRules], PartitionBook] = PartitionBook,
    ) -> None:
        self.partition = partition
        self.partitions = partitions
        self.clock: Millis | None = None  # None: nothing folded yet
        self._judged_to: Millis | None = None  # the clock without what it ran on by itself
        self.offset = -1  # of the last record folded
        self._rules = rules
        self._book = make_book(partition, partitions, rules)
        self._units: dict[str, UnitMonitor] = {}
        self._routes: dict[bytes, str] = {}  # keys known to belong here, and their unit
        self._wakes: list[tuple[Millis, str]] = []  # heap; an entry counts if it is in _wake_of
        self._wake_of: dict[str, Millis | None] = {}
        self._tells: list[tuple[Millis, str]] = []  # heap; an entry counts if it is in _tell_of
        self._tell_of: dict[str, Millis | None] = {}
        self._judged: dict[str, None] = {}  # the units judged since the last effects
        self._changed: dict[tuple[str, str], None] = {}  # (unit, dossier), in order

    def fold(self, records: Iterable[Record]) -> Effects:
        """Fold a chunk of records, in the order of their offsets."""
        effects = Effects()
        for record in records:
            if not self._book.begun:
                self._book.begin(record.offset, self.clock)
            dossier = self._read(record, effects)
            self._book.mark(record, dossier, self.clock)
        return self._collect(effects)

    def _read(self, record: Record, effects: Effects) -> int:
        """Fold a record, or say why not; the mark of its dossier, 0 where it is no event."""
        try:
            event, unknown = read_record(record)
        except UnusableEvent as error:
            effects.dead_letters.append(_letter(record, error.reason, error.detail))
            return 0
        if self._routes.get(record.key or b"") == event.unit_id or self._belongs(
            record, event, effects
        ):
            effects.unknown_fields += unknown
            self._admit(record, event, effects)
        return dossier_mark(event.unit_id, event.dossier_id)

    def advance(self, clock: Millis) -> Effects:
        """Let the clock run on by itself, judging the minutes that it passes; it never goes back.

        Where no minute had to be judged nothing has happened: a record that arrived in between and
        comes only now is judged at its own arrival, as in every replay. Such a record can leave
        minutes to judge behind the clock, in which a hold ends, say: those before `clock` are.
        """
        effects = Effects()
        if self.clock is not None:
            if not self._book.begun:
                self._book.begin(None, self.clock)
            self._pass_time(clock, effects)
            self.clock = max(clock, self.clock)
        return self._collect(effects)

    @property
    def judged_to(self) -> Millis | None:
        """The clock without what it ran on by itself: of the last record, or minute, judged."""
        return self._judged_to

    @property
    def next_wake(self) -> Millis | None:
        """The next instant of the clock at which something is written; None: not without an event.

        A whole minute that has something to say, the midnight that ends a day, or the hour at which
        an open block of marks closes.
        """
        minutes = [] if self._book.due == NEVER else [self._book.due]
        minutes += [] if self.next_minute is None else [self.next_minute]
        return min(minutes, default=None)

    @property
    def next_minute(self) -> Millis | None:
        """The next whole minute that has something to say; None: none will without an event."""
        minutes: list[Millis] = []
        for heap, valid in ((self._wakes, self._wake_of), (self._tells, self._tell_of)):
            while heap and valid[heap[0][1]] != heap[0][0]:
                heappop(heap)
            minutes += [heap[0][0]] if heap else []
        return min(minutes, default=None)

    def units(self) -> Iterable[str]:
        """The ids of the units it holds."""
        return self._units.keys()

    def unit(self, unit_id: str) -> UnitMonitor | None:
        """One of them, to be read and not changed; None: no record of it has come."""
        return self._units.get(unit_id)

    def reading(self, unit_id: str) -> UnitStatus:
        """A unit's figures at the partition's clock."""
        assert self.clock is not None, "a unit without a record folded"
        return self._units[unit_id].status(self.clock, self.partition, self.offset)

    def arrivals(self, unit_id: str, since: Millis) -> list[Millis]:
        """When a unit's records arrived since then, in order."""
        return self._units[unit_id].arrivals(since)

    def last_arrival(self, unit_id: str) -> Millis | None:
        """When a unit's last record arrived."""
        return self._units[unit_id].ledger.last_arrival

    def outlook(self, unit_id: str, usual: Millis | None) -> UnitOutlook | None:
        """A unit's outlook at the clock; None where there is no calendar to look ahead by.

        `usual`: the working time between arrivals that is usual in its feed.
        """
        assert self.clock is not None, "a unit without a record folded"
        return self._units[unit_id].outlook(self.clock, self.partition, self.offset, usual)

    def restore(
        self, entries: Iterable[tuple[bytes, bytes]], next_offset: int | None = None
    ) -> None:
        """Stand where the state that was kept left off: the latest value of each changelog key.

        `next_offset`: of the next record to be read, from where a partition that has had no book
        begins one; None: after the last record folded.
        """
        kept = read_state(entries)
        begins = kept.offset + 1 if next_offset is None else next_offset
        self._book.restore(kept.book, kept.clock, begins)
        self.clock = self._judged_to = kept.clock
        self.offset = kept.offset
        for unit_id, state in kept.units.items():
            self._units[unit_id] = UnitMonitor(
                unit_id, self._rules, state.incident, state.judged_at
            )
        for unit_id, dossier_id, facts in kept.dossiers:
            self._units[unit_id].ledger.load(dossier_id, facts)
            self._book.load(unit_id, dossier_id, facts)
        for unit in self._units.values():
            state = kept.units[unit.unit_id]
            unit.judged_offset, unit.told_at = state.offset, state.told_at
            unit.resume(state.basis, kept.clock)
            self._schedule(unit)
            self._schedule_tell(unit)

    def _belongs(self, record: Record, event: Event, effects: Effects) -> bool:
        """Whether the record is where it should be; if not, it is sent on, once."""
        key = event.unit_id.encode()
        if is_home(record.key, event.unit_id, self.partition, self.partitions):
            self._routes[key] = event.unit_id
            return True
        if any(name == HEADER_FORWARDED for name, _ in record.headers):
            effects.dead_letters.append(
                _letter(record, Reason.MISROUTED, "sent on once, and still in the wrong place")
            )
            return False
        came_from = f"{self.partition}-{record.offset}".encode()
        effects.forwards.append(
            Forward(
                partition_of(event.unit_id, self.partitions),
                key,
                record.value or b"",
                record.timestamp,
                (*record.headers, (HEADER_FORWARDED, came_from)),
            )
        )
        return False

    def _admit(self, record: Record, event: Event, effects: Effects) -> None:
        """Fold an event if it is new to its dossier (R1)."""
        unit = self._units.get(event.unit_id)
        if unit is None:
            unit = UnitMonitor(event.unit_id, self._rules)
        fact = fact_of(event, record.timestamp, record.offset)
        admission = unit.examine(event.dossier_id, fact)
        if admission is Admission.DUPLICATE:
            effects.duplicates += 1
        elif admission is Admission.CONFLICT:
            detail = f"event_id {event.event_id} came before with other content; the first stands"
            effects.dead_letters.append(_letter(record, Reason.CONFLICTING_EVENT, detail))
        elif admission is Admission.FULL:
            detail = f"dossier {event.dossier_id} has more events than can be kept"
            effects.dead_letters.append(_letter(record, Reason.TOO_LARGE, detail))
        else:
            self._take(record, event, fact, unit, effects)

    def _take(
        self, record: Record, event: Event, fact: Fact, unit: UnitMonitor, effects: Effects
    ) -> None:
        """Add a new event, and judge its unit at the clock."""
        book = self._book
        # A clock that ran on by itself is known to nobody else.
        judged = -1 if self._judged_to is None else self._judged_to
        ran_on = judged > max(book.recorded, record.timestamp - 1)
        self._pass_time(record.timestamp, effects)
        clock = max(record.timestamp, self._judged_to or 0)
        dossier = unit.ledger.dossiers.get(event.dossier_id)
        try:
            shifts: Sequence[Shift] = ()
            if fact.occurred_at < book.sealed_to:
                shifts = book.shifts(() if dossier is None else dossier.facts, fact)
            steps = unit.take(event.dossier_id, fact, clock, self.partition)
        except Exception as error:  # noqa: BLE001 - a record that always fails must not stop all
            if event.unit_id in self._units:
                self._units[event.unit_id] = unit.rebuilt(unit.judged_at)
            detail = f"the fold failed: {type(error).__name__}: {error}"
            effects.dead_letters.append(_letter(record, Reason.NOT_FOLDABLE, detail))
            return
        self._judged_to, self.offset = clock, record.offset
        self.clock = max(clock, self.clock or 0)
        effects.folded += 1
        self._units[unit.unit_id] = unit
        self._changed[event.unit_id, event.dossier_id] = None
        book.touch(event.unit_id, event.dossier_id)
        effects.steps += steps
        if ran_on:
            book.behind(record.offset, clock)
        if record.timestamp > book.recorded:
            book.fold(record.timestamp, self.clock)
        if shifts or unit.restated is not None:
            book.correct(unit, event.dossier_id, fact, shifts)
        self._after_judging(unit)

    def _pass_time(self, clock: Millis, effects: Effects) -> None:
        """Judge the minutes before a clock, and seal the days that end by then, in order."""
        book = self._book
        if clock >= book.due:
            while (midnight := book.midnight_due(clock)) is not None:
                self._pass_minutes(midnight, effects)
                book.seal(self._units)
        self._pass_minutes(clock, effects)

    def _pass_minutes(self, clock: Millis, effects: Effects) -> None:
        """Judge the units due at whole minutes before a clock, minute by minute."""
        wakes = self._wakes
        while wakes and wakes[0][0] < clock:
            minute, unit_id = heappop(wakes)
            if self._wake_of.get(unit_id) != minute:
                continue
            unit = self._units[unit_id]
            if not unit.is_due(minute):
                self._schedule(unit)
                continue
            self._judged_to = minute
            step = unit.judge(minute, self.partition, self.offset)
            effects.steps += [] if step is None else [step]
            self._after_judging(unit)

    def _after_judging(self, unit: UnitMonitor) -> None:
        self._judged[unit.unit_id] = None
        self._schedule(unit)

    def _schedule(self, unit: UnitMonitor) -> None:
        wake = unit.wake
        if wake != self._wake_of.get(unit.unit_id):
            self._wake_of[unit.unit_id] = wake
            if wake is not None:
                heappush(self._wakes, (wake, unit.unit_id))

    def _schedule_tell(self, unit: UnitMonitor) -> None:
        self._tell_of[unit.unit_id] = minute = unit.next_tell()
        if minute is not None:
            heappush(self._tells, (minute, unit.unit_id))

    def _to_be_told(self) -> Iterable[UnitMonitor]:
        """The units whose status has changed: by a judgement, or by a minute that has passed."""
        if self.clock is None:
            return
        for unit_id in self._judged:
            self._units[unit_id].tell(self.clock)
            yield self._units[unit_id]
        while self._tells and self._tells[0][0] < self.clock:
            minute, unit_id = heappop(self._tells)
            if self._tell_of.get(unit_id) == minute and unit_id not in self._judged:
                if self._units[unit_id].tell(self.clock):
                    yield self._units[unit_id]
                else:
                    self._schedule_tell(self._units[unit_id])

    def _collect(self, effects: Effects) -> Effects:
        """Add the statuses and the changes of state since the last time."""
        changes = effects.changes
        for unit_id, dossier_id in self._changed:
            facts = self._units[unit_id].ledger.dossiers[dossier_id].facts
            changes[dossier_key(unit_id, dossier_id)] = write_dossier(facts)
        for unit in self._to_be_told():
            offset = unit.judged_offset
            effects.statuses.append(unit.status(unit.stated_at, self.partition, offset))
            changes[unit_key(unit.unit_id)] = write_unit(
                UnitState(unit.incident, unit.judged_at, offset, unit.basis, unit.told_at)
            )
            self._schedule_tell(unit)
        if changes:
            changes[PARTITION_KEY] = write_partition(self._judged_to, self.offset)
        self._book.collect(effects)
        self._changed.clear()
        self._judged.clear()
        return effects


def _letter(record: Record, reason: Reason, detail: str) -> DeadLetter:
    return DeadLetter(record, reason, detail[:DETAIL_LIMIT])
