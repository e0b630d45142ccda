"""What the sealed days of a partition have stated of its units, as now known. Pure.

Of each of the last days, and of each unit, its tallies stand here. A record that comes later moves
them by what it changes of its own dossier's part. A figure at T is of the events before T, as
everywhere: so the figure as last corrected is what `replay --as-of T` gives.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.counts import NOTHING, Share, Tally, share_of
from indicators.definitions import DEFINITIONS
from indicators.dossier import NOTES, course
from indicators.facts import Fact
from indicators.ledger import BEFORE_ALL
from indicators.windows import Window
from schemas.book import Correction
from schemas.instants import Micros, Millis, local_date
from streams.book_state import (
    DAYS_KEY,
    REMEMBERED_DAYS,
    SealedDays,
    StatedTallies,
    stated_key,
    write_days,
    write_stated,
)
from streams.figures import figure_names
from streams.rules import MonitorRules

_COUNTS = len(Tally._fields)


class Shift(NamedTuple):
    """What one dossier counts as at a sealed midnight: without a new event, and with it."""

    day: int  # its number among the remembered days
    old: Share
    new: Share


class _Form(NamedTuple):
    """Which figures are stated of a unit."""

    windows: tuple[Window, ...]
    figures: tuple[tuple[str, str, int], ...]  # definition, window, its place in `windows`

    @property
    def width(self) -> int:
        """Numbers a day."""
        return _COUNTS * len(self.windows)


class StatedFigures:
    """The tallies of a partition's units at the midnights sealed last."""

    def __init__(self, rules: MonitorRules, basis: str = "") -> None:
        """`basis`: see `terms.stated_basis`."""
        self._rules = rules
        self._basis = basis
        self._forms: dict[str | None, _Form] = {}  # by unit where it has a policy of its own
        self._count = 0  # days ever sealed
        self._instants: list[Micros] = []  # of the last of them, in order
        self._rings: dict[str, array[int]] = {}  # by unit; none where all has ever been 0
        self._changed: dict[tuple[str, int], None] = {}  # unit, place in the ring
        self._new_day = False
        self.last: Micros = BEFORE_ALL  # the T sealed last

    def begin_day(self, as_of: Millis) -> None:
        """A day is sealed: from now on it is remembered, and the oldest one may be forgotten."""
        self._count += 1
        self.last = as_of * 1_000
        self._instants.append(self.last)
        del self._instants[:-REMEMBERED_DAYS]
        self._new_day = True

    def state(self, unit_id: str, tallies: Sequence[Tally]) -> None:
        """The tallies of a unit at the day sealed last, by window."""
        stated = any(map(any, tallies))
        ring = self._rings.get(unit_id)
        if ring is None:
            if not stated:
                return
            ring = self._ring(unit_id)
        width, place = self._form(unit_id).width, self._place(len(self._instants) - 1)
        ring[place * width : (place + 1) * width] = array("i", [n for t in tallies for n in t])
        if stated:  # else what stands there is of a day that is forgotten, and read as none
            self._changed[unit_id, place] = None

    def shifts(self, facts: Sequence[Fact], fact: Fact) -> list[Shift]:
        """Where a new event of a dossier changes what it counts as; `facts` are those before it.

        Changes nothing here. O(events of the dossier) for each of its events since, and a look at
        each remembered day after the event.
        """
        if fact.occurred_at >= self.last or (fact.due is None and fact.type in NOTES):
            return []
        after = list(facts)
        insort(after, fact)
        found: list[Shift] = []
        seen, old, new = 0, NOTHING, NOTHING
        for day in range(bisect_right(self._instants, fact.occurred_at), len(self._instants)):
            number = bisect_left(after, (self._instants[day],))
            if number != seen:
                seen = number
                old, new = self._share(facts[: seen - 1]), self._share(after[:seen])
            if old != new:
                found.append(Shift(day, old, new))
        return found

    def correct(self, unit_id: str, shifts: Iterable[Shift]) -> list[Correction]:
        """Move what has been stated of a unit; the figures that differ, day by day."""
        form = self._form(unit_id)
        corrections: list[Correction] = []
        for shift in shifts:
            at = self._instants[shift.day]
            parts = [_part(shift, window.start(at), at) for window in form.windows]
            if not any(map(any, parts)):
                continue
            place = self._place(shift.day)
            ring = self._rings.get(unit_id) or self._ring(unit_id)
            numbers = ring[place * form.width : (place + 1) * form.width]
            old = _tallies(numbers)
            new = [_sum(was, part) for was, part in zip(old, parts, strict=True)]
            ring[place * form.width : (place + 1) * form.width] = array(
                "i", [n for tally in new for n in tally]
            )
            self._changed[unit_id, place] = None
            corrections += self._differences(form, at, old, new)
        return corrections

    def changes(self) -> dict[bytes, bytes]:
        """What has changed since the last time, for the changelog."""
        found: dict[bytes, bytes] = {}
        if self._new_day:
            found[DAYS_KEY] = write_days(self.days())
        for unit_id, place in self._changed:
            form = self._form(unit_id)
            numbers = self._rings[unit_id][place * form.width : (place + 1) * form.width]
            as_of = self._as_of(place)
            found[stated_key(unit_id, place)] = write_stated(as_of, numbers)
        self._new_day = False
        self._changed.clear()
        return found

    def days(self) -> SealedDays:
        """The days sealed last."""
        return SealedDays(self._count, [at // 1_000 for at in self._instants], self._basis)

    def restore(self, days: SealedDays, stated: Iterable[StatedTallies]) -> None:
        """Stand where the state that was kept left off.

        Days that were sealed by other windows or in another time zone are not remembered.
        """
        self._count = days.number
        self.last = days.instants[-1] * 1_000 if days.instants else BEFORE_ALL
        if days.basis != self._basis:
            return
        self._instants = [at * 1_000 for at in days.instants]
        places = days.places()
        for one in stated:
            form = self._form(one.unit_id)
            if places.get(one.as_of) == one.place:
                ring = self._rings.get(one.unit_id) or self._ring(one.unit_id)
                first = one.place * form.width
                ring[first : first + form.width] = array("i", one.numbers)

    def _share(self, facts: Sequence[Fact]) -> Share:
        return share_of(course(facts, self._rules.zone)) if facts else NOTHING

    def _place(self, day: int) -> int:
        return (self._count - len(self._instants) + day) % REMEMBERED_DAYS

    def _as_of(self, place: int) -> Millis:
        first = self._place(0)
        return self._instants[(place - first) % REMEMBERED_DAYS] // 1_000

    def _ring(self, unit_id: str) -> array[int]:
        ring = array("i", bytes(4 * REMEMBERED_DAYS * self._form(unit_id).width))
        self._rings[unit_id] = ring
        return ring

    def _form(self, unit_id: str) -> _Form:
        own = unit_id if unit_id in self._rules.unit_policies else None
        form = self._forms.get(own)
        if form is None:
            form = self._forms[own] = _form(self._rules, unit_id)
        return form

    def _differences(
        self, form: _Form, at: Micros, old: Sequence[Tally], new: Sequence[Tally]
    ) -> Iterable[Correction]:
        day = day_before(at, self._rules.zone)
        for name, window, place in form.figures:
            measure = DEFINITIONS[name]
            was, now = measure(old[place]), measure(new[place])
            if was != now:
                old_pair, new_pair = (was[0], was[1]), (now[0], now[1])
                yield Correction(day, at // 1_000, name, window, old_pair, new_pair)


@lru_cache(maxsize=4 * REMEMBERED_DAYS)
def day_before(midnight: Micros, zone: ZoneInfo) -> str:
    """The local day that a midnight ends, such as 2024-06-30."""
    return local_date(midnight - 1, zone).isoformat()


def _form(rules: MonitorRules, unit_id: str) -> _Form:
    windows = rules.windows_of(unit_id)
    places = {window.text: place for place, window in enumerate(windows)}
    shown = [window.text for window in rules.windows]
    return _Form(
        windows,
        tuple(
            (name, window, places[window])
            for name, window in figure_names(rules.policy_of(unit_id), shown)
        ),
    )


def _tallies(numbers: Sequence[int]) -> list[Tally]:
    return [Tally(*numbers[n : n + _COUNTS]) for n in range(0, len(numbers), _COUNTS)]


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(*(a + b for a, b in zip(one, other, strict=True)))


def _part(shift: Shift, start: Micros, at: Micros) -> Tally:
    """By how much a dossier's part of the tally of [start, at) differs: new less old."""
    counts = [0] * _COUNTS
    for (kind, instant), sign in ((shift.old, -1), (shift.new, 1)):
        if kind == "open":
            counts[3] += sign * (instant < at)
        elif kind in _ENDS and start <= instant < at:
            counts[_ENDS[kind]] += sign
    return Tally(*counts)


_ENDS = {"early": 0, "on_time": 1, "late": 2}
