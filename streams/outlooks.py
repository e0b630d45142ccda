"""When a unit's outlook is made anew: which dossiers decide its figure, and what will become of it.

An outlook costs milliseconds where a judgement costs microseconds, and nobody needs one of last
year: so they are made of units at the present only, for steps of incidents at once, else some
minutes after a change, and in any case every hour; never many at a time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from indicators.calendar import WorkingCalendar
from indicators.feed_gap import usual_gap
from schemas.instants import Millis
from schemas.outlook import UnitOutlook
from streams.effects import Effects

log = logging.getLogger(__name__)

AFTER_CHANGE: Millis = 5 * 60_000
AT_LEAST: Millis = 60 * 60_000
GAP_HOLDS: Millis = 24 * 60 * 60_000  # what is usual in a feed changes slowly
QUIET: Millis = 30 * 60_000  # without an arrival; long before it is a silence
# Arrivals before are of no interest to it: its 20 working days end with the last arrival, and a
# feed silent for as long again is silent whatever is usual; Tet may lie in either.
GAP_REACH: Millis = 90 * 24 * 60 * 60_000
BUDGET_S = 0.05  # so long outlooks may be made beside one chunk or tick


class Foreseeing(Protocol):
    """A partition monitor, as far as outlooks go."""

    @property
    def clock(self) -> Millis | None:
        """The partition's clock."""

    def units(self) -> Iterable[str]:
        """The ids of the units it holds."""

    def arrivals(self, unit_id: str, since: Millis) -> list[Millis]:
        """When a unit's records arrived since then, in order."""

    def last_arrival(self, unit_id: str) -> Millis | None:
        """When a unit's last record arrived."""

    def outlook(self, unit_id: str, usual: Millis | None) -> UnitOutlook | None:
        """A unit's outlook at the clock; None where there is no calendar to look ahead by."""


class _Gap(NamedTuple):
    """What is usual between a unit's arrivals, and when that was found."""

    at: Millis
    last_arrival: Millis | None
    usual: Millis | None


@dataclass(slots=True)
class Agenda:
    """Which units of one partition are to be looked ahead for, the most urgent first."""

    _urgent: dict[str, None] = field(default_factory=dict)  # a step was made
    _changed: dict[str, None] = field(default_factory=dict)
    _made: dict[str, Millis] = field(default_factory=dict)  # the clock of the latest outlook
    _gaps: dict[str, _Gap] = field(default_factory=dict)
    _looked_at: Millis = 0  # the clock at which the old ones were looked for

    def note(self, effects: Effects) -> None:
        """Take note of what a chunk or a tick did."""
        for step in effects.steps:
            self._urgent[step.unit_id] = None
        for status in effects.statuses:
            self._changed[status.unit_id] = None

    def outlooks(
        self, monitor: Foreseeing, calendar: WorkingCalendar, budget_s: float = BUDGET_S
    ) -> list[UnitOutlook]:
        """The outlooks that are due at the monitor's clock, as many as the budget allows."""
        clock = monitor.clock
        if clock is None:
            return []
        began = time.thread_time()  # not what other programs take of the machine
        made: list[UnitOutlook] = []
        for tried, unit_id in enumerate(self._due(monitor, clock)):
            if tried and time.thread_time() - began > budget_s:
                break
            self._urgent.pop(unit_id, None)
            self._changed.pop(unit_id, None)
            self._made[unit_id] = clock
            try:
                usual = self._usual(monitor, calendar, unit_id, clock)
                outlook = monitor.outlook(unit_id, usual)
            except Exception:  # figures go on though nobody can look ahead
                log.exception("no outlook of unit %s could be made", unit_id)
                continue
            if outlook is not None:
                made.append(outlook)
        return made

    def _due(self, monitor: Foreseeing, clock: Millis) -> list[str]:
        due = dict(self._urgent)
        for unit_id in self._changed:
            if clock - self._made.get(unit_id, 0) >= AFTER_CHANGE:
                due[unit_id] = None
        if clock - self._looked_at >= AFTER_CHANGE:
            old = [id_ for id_ in monitor.units() if clock - self._made.get(id_, 0) >= AT_LEAST]
            due.update(dict.fromkeys(old))
            # Those left over by the budget are found by the next look.
            self._looked_at = clock if not old else self._looked_at
        return list(due)

    def _usual(
        self, monitor: Foreseeing, calendar: WorkingCalendar, unit_id: str, clock: Millis
    ) -> Millis | None:
        known = self._gaps.get(unit_id)
        last = monitor.last_arrival(unit_id)
        if known is not None and clock - known.at < GAP_HOLDS:
            # As it falls quiet it is asked again: what is usual counts back from the last arrival,
            # and a silence must not begin by one answer and end by the next.
            quiet = last is not None and clock - last >= QUIET
            if known.last_arrival == last or not quiet:
                return known.usual
        arrivals = monitor.arrivals(unit_id, clock - GAP_REACH)
        usual = usual_gap(arrivals, calendar, clock)
        self._gaps[unit_id] = _Gap(clock, last, usual)
        return usual
