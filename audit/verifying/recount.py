"""The figures of a partition computed once more: the worker's own monitor over the records. Pure.

The clock of a live worker runs on by itself; here it is moved to where the book and the steps say
that it was, between the same two records.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from schemas.book import DayPage, FigureCorrected, UnitDay, dossier_mark, read_entry
from schemas.instants import Millis
from schemas.step import IncidentStep
from streams.book_state import BOOK_KINDS, DAYS_KEY, SealedDays, write_days
from streams.effects import Effects
from streams.monitor import PartitionMonitor
from streams.record import Record
from streams.rules import MonitorRules

_CHUNK = 4_096  # records folded at a time


class SealedAgain(NamedTuple):
    """A day as the recount seals it."""

    page: DayPage
    leaves: dict[str, UnitDay]  # by unit


class Recount:
    """A monitor that is fed records, and what it says of days, corrections and steps."""

    def __init__(self, partition: int, partitions: int, rules: MonitorRules) -> None:
        self.pages: dict[str, SealedAgain] = {}  # by day; taken out by whoever compares them
        self.corrections: deque[FigureCorrected] = deque()  # the same
        self.steps: list[IncidentStep] = []
        self._monitor = PartitionMonitor(partition, partitions, rules)
        self._state: dict[bytes, bytes] = {}  # as the changelog would have it
        self._leaves: dict[str, UnitDay] = {}
        self._waiting: list[Record] = []
        self._definitions: frozenset[str] = frozenset()  # that the terms name
        self._days_by: frozenset[str] = frozenset()  # those by which the last day was stated

    @property
    def clock(self) -> Millis | None:
        """Where the clock stands after the records folded."""
        self.flush()
        return self._monitor.clock

    @property
    def judged_to(self) -> Millis | None:
        """The clock of what was judged last; midnights that were sealed since move it not."""
        self.flush()
        return self._monitor.judged_to

    def fold(self, record: Record) -> None:
        """Fold the next record; it may wait for others, until something is asked."""
        self._waiting.append(record)
        if len(self._waiting) == _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Fold what waits."""
        if self._waiting:
            records, self._waiting = self._waiting, []
            self._note(self._monitor.fold(records))

    def advance(self, clock: Millis) -> None:
        """Let the clock run on; minutes before it that are left behind are judged too."""
        self.flush()
        self._note(self._monitor.advance(clock))

    def take_over(self, rules: MonitorRules, clock: Millis | None) -> None:
        """Go on by other rules, as a worker does that was started with other settings.

        `clock`: of the last judgement before.
        """
        before = self.judged_to
        if clock is not None and before is not None and before < clock:
            self.advance(clock + 1)  # a minute is judged when the clock moves past it
        self._restart(rules, self._state, None)

    def state_by(self, definitions: Iterable[str]) -> None:
        """From here on the terms name these: what was stated by others is not corrected any more.

        The monitor itself knows only those of this release, whatever there were then.
        """
        self.flush()
        self._definitions = frozenset(definitions)

    def begin_book(self, rules: MonitorRules, next_offset: int) -> None:
        """Go on as a release that keeps a book after one that kept none."""
        self.flush()
        kept = {k: v for k, v in self._state.items() if orjson.loads(k)[0] not in BOOK_KINDS}
        self._restart(rules, kept, next_offset)
        self.pages.clear()
        self.corrections.clear()

    def dossiers_of(self, mark: int) -> Sequence[tuple[str, str]]:
        """The dossiers known so far that have this digest (`dossier_mark`), with their units."""
        self.flush()
        return [
            (unit_id, dossier_id)
            for unit_id in self._monitor.units()
            for dossier_id in self._dossiers(unit_id)
            if dossier_mark(unit_id, dossier_id) == mark
        ]

    def _dossiers(self, unit_id: str) -> Iterable[str]:
        unit = self._monitor.unit(unit_id)
        return () if unit is None else unit.ledger.dossiers

    def _restart(
        self, rules: MonitorRules, state: dict[bytes, bytes], next_offset: int | None
    ) -> None:
        old = self._monitor
        self._monitor = PartitionMonitor(old.partition, old.partitions, rules)
        self._monitor.restore(self._as_kept(state).items(), next_offset)
        self._state = state

    def _as_kept(self, state: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """The state as the worker had it: of days stated by other definitions on another basis."""
        if DAYS_KEY not in state or self._days_by == self._definitions:
            return state
        days = SealedDays(*orjson.loads(state[DAYS_KEY]))
        return {**state, DAYS_KEY: write_days(days._replace(basis=""))}

    def _note(self, effects: Effects) -> None:
        self._state.update(effects.changes)
        if DAYS_KEY in effects.changes:
            self._days_by = self._definitions
        self.steps += effects.steps
        for record in effects.book:
            if record.kind in ("figures", "figure_corrected", "day"):
                entry = read_entry(record.value)
                if isinstance(entry, UnitDay):
                    self._leaves[entry.unit_id] = entry
                elif isinstance(entry, FigureCorrected):
                    self.corrections.append(entry)
                elif isinstance(entry, DayPage):
                    self.pages[entry.day] = SealedAgain(entry, self._leaves)
                    self._leaves = {}
