"""Feeding the recount: each record at the time of the clock at which the worker folded it. Pure.

A worker's clock runs on by itself while no record comes. That moves what is judged only where a
record comes with an arrival before a minute that was judged, or a day that was sealed, already. The
book says of each such record at what clock it was folded, and of each day after which record it was
sealed. Records that no book knows go by the steps that were written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from audit.verifying.recount import Recount
from schemas.book import FoldedAt
from schemas.instants import Millis, local_date, start_of_day
from schemas.step import IncidentStep
from streams.record import Record
from streams.rules import MonitorRules

_RECENT = 8  # steps and records remembered: one not folded leaves the clock where it was


class Feeding:
    """Hands records to a recount, in order, and moves its clock in between."""

    def __init__(self, recount: Recount, steps: Iterable[IncidentStep], zone: ZoneInfo) -> None:
        self._recount = recount
        self._zone = zone
        steps = list(steps)
        self._steps = deque(sorted((one.evidence.offset, one.at, one.unit_id) for one in steps))
        self._read: deque[tuple[int, Millis, bytes | None]] = deque(maxlen=_RECENT)  # records
        self._recent: deque[Millis] = deque(maxlen=_RECENT)
        self._folded_at = {  # the clock of a fold, where a step says it, by offset
            one.evidence.offset: one.at for one in steps if one.kind == "corrected"
        }
        self._marked_at: dict[int, Millis] = {}
        self._next: tuple[MonitorRules, int, Millis | None] | None = None

    def go_on_by(self, rules: MonitorRules, next_offset: int, clock: Millis | None) -> None:
        """The terms change at an offset; `clock`: of the last judgement before."""
        self._change()
        self._next = (rules, next_offset, clock)

    def folded_at(self, late: Iterable[FoldedAt]) -> None:
        """Records to come that were folded at a clock of their own."""
        self._marked_at.update((one.offset, one.clock) for one in late)

    def corrected(self, offset: int, clock: Millis) -> None:
        """A correction says at what clock a record to come was folded."""
        self._folded_at[offset] = clock

    def marked(self, record: Record) -> None:
        """The next record, which the book knows."""
        self._change_at(record.offset)
        clock = self._marked_at.pop(record.offset, None)
        self._folded_at.pop(record.offset, None)
        if clock is not None:
            self._recount.advance(clock + 1)  # a minute is judged when the clock moves past it
        self._recount.fold(record)

    def record(self, record: Record) -> None:
        """The next record, which the book does not know."""
        self._change_at(record.offset)
        while self._steps and self._steps[0][0] < record.offset:
            offset, at, unit_id = self._steps.popleft()
            # What a record made of its own unit says of no minute: more may come at its instant.
            if (offset, at, unit_id.encode()) not in self._read:
                self._recent.append(at)
        self._read.append((record.offset, record.timestamp, record.key))
        clock = self._folded_at.pop(record.offset, None)
        if clock is not None and clock > record.timestamp:
            self._recent.append(clock)
        for at in self._recent:
            if at >= record.timestamp:
                self._run_on(at)
        self._recount.fold(record)

    def midnight(self, at: Millis) -> None:
        """A day was sealed here."""
        self._change()
        self._recount.advance(at)

    def end(self) -> None:
        """After the last record: to the last step that was written."""
        self._change()
        last = max((*self._recent, *(at for _, at, _ in self._steps)), default=None)
        if last is not None:
            self._recount.advance(last + 1)
        self._recount.flush()

    def _change_at(self, offset: int) -> None:
        if self._next is not None and offset >= self._next[1]:
            self._change()

    def _change(self) -> None:
        if self._next is not None:
            rules, _, clock = self._next
            self._recount.take_over(rules, clock)
            self._next = None

    def _run_on(self, at: Millis) -> None:
        """Judge the minute of a step that a clock running on by itself came to.

        Not past midnight: that would have been sealed, and a step that says otherwise is none.
        """
        clock, judged_to = self._recount.clock, self._recount.judged_to
        if clock is None or judged_to is None or at < judged_to:
            return
        if at >= clock:  # else days have been sealed, and it was left behind the clock
            day = local_date(clock * 1_000, self._zone)
            midnight = start_of_day(day + timedelta(days=1), self._zone)
            if (at + 1) * 1_000 > midnight:
                return
        self._recount.advance(at + 1)
