"""The bursts of corrections that came up since a day was sealed last. Pure.

A burst stands on the page of the day on which it came to be one, and again, as grown, on that of
each day on which it grows: one that straddles midnight is on the page of the first day if it was
one by then. Each time it has its whole extent and number, and names the corrections that were in no
burst before: so each is named once. That a correction ceases to be one, as a void can make it, is
no news. What counts is when records arrived; in which order they came does not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from indicators.integrity import USUAL, Burst, Watch, bursts, corrections_in
from indicators.ledger import Dossier
from schemas.book import BurstOfDay, BurstsOfDay, CorrectionOfDay
from schemas.instants import Millis
from streams.signs_of_day import Change

Known = tuple[Millis, tuple[str, str]]  # a correction: its arrival; its dossier and event

# What is sealed goes by them. A leaf stays far below what the book's topic takes, whatever happens.
BURSTS_LISTED = 100
CORRECTIONS_NAMED = 500  # in all bursts of a leaf


class KnownCorrections:
    """The corrections of a partition's units; of each gathered once, when it has a new one."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._of_unit: dict[str, list[Known]] = {}  # in order of arrival, as of the last page

    def bursts(
        self, unit_id: str, changes: Mapping[str, Change], dossiers: Mapping[str, Dossier]
    ) -> BurstsOfDay:
        """Those that come up with the changes since the last page.

        `changes`: of all dossiers whose corrections are not what they were, one at least.
        """
        before = self._of_unit.get(unit_id)
        if before is None:
            before = sorted(self._gathered(changes, dossiers))
        old = {one for name, change in changes.items() for one in _known(name, change.before)}
        now = {one for name, change in changes.items() for one in _known(name, change.now)}
        gone, new = old - now, now - old
        after = sorted([*(one for one in before if one not in gone), *new])
        self._of_unit[unit_id] = after
        return listed(list(come_up(before, after, new)))

    def _gathered(
        self, changes: Mapping[str, Change], dossiers: Mapping[str, Dossier]
    ) -> Iterator[Known]:
        """As of the last page: no dossier has changed since but those that are named."""
        for dossier_id, dossier in dossiers.items():
            change = changes.get(dossier_id)
            if change is not None:
                yield from _known(dossier_id, change.before)
            else:
                yield from _known(dossier_id, corrections_in(dossier.facts, self._zone))


def _known(dossier_id: str, corrections: Sequence[tuple[Millis, str]]) -> Iterator[Known]:
    for arrival, event_id in corrections:
        yield arrival, (dossier_id, event_id)


def come_up(
    before: Sequence[Known], after: Sequence[Known], new: Collection[Known], watch: Watch = USUAL
) -> Iterator[tuple[Burst[tuple[str, str]], list[tuple[str, str]]]]:
    """The bursts with corrections that were in none before, and these corrections, by arrival.

    `before` and `after`: all corrections of a unit, in order; `new`: those in `after` alone. Looks
    only at what arrived close to these.
    """
    within, looked_to = watch.burst_within, 0
    for one in sorted(new):
        place = bisect_left(after, one)
        if place < looked_to:
            continue
        start, looked_to = _run(after, place, within)
        low, high = after[start][0] - within, after[looked_to - 1][0] + within
        nearby = before[bisect_left(before, (low,)) : bisect_left(before, (high + 1,))]
        known = {name for burst in bursts(nearby, watch) for name in burst.names}
        for burst in bursts(after[start:looked_to], watch):
            if came := [name for name in burst.names if name not in known]:
                yield burst, came


def _run(corrections: Sequence[Known], place: int, within: Millis) -> tuple[int, int]:
    """From where to where none is further from the next than a burst can be wide."""
    start = place
    while start and corrections[start][0] - corrections[start - 1][0] <= within:
        start -= 1
    stop = place + 1
    while stop < len(corrections) and corrections[stop][0] - corrections[stop - 1][0] <= within:
        stop += 1
    return start, stop


def listed(
    found: Sequence[tuple[Burst[tuple[str, str]], Sequence[tuple[str, str]]]],
) -> BurstsOfDay:
    """No more of them, and of their corrections, than a leaf has room for: the first."""
    room, told = CORRECTIONS_NAMED, []
    for burst, came in found[:BURSTS_LISTED]:
        named = tuple(CorrectionOfDay(*name) for name in came[:room])
        room -= len(named)
        told.append(
            BurstOfDay(burst.first, burst.last, len(burst.names), named, len(came) - len(named))
        )
    return BurstsOfDay(tuple(told), len(found) - len(told))
