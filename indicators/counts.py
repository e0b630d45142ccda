"""Exact counts of one unit for any window at any T: sorted instants and binary search.

Counting is retract and assert: when a dossier changes, its old `Share` is taken out and its new
one is put in. Nothing expires by itself; there are no buckets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from typing import Literal, NamedTuple

from indicators.dossier import Course, r7_counts
from schemas.instants import Micros
from schemas.status import OpenDossiers

_COUNTED_ENDS = frozenset({"completed", "delivered", "refused"})
_BULK = 64  # above so many at once, one sort is cheaper than that many insertions

Kind = Literal["none", "early", "on_time", "late", "open", "paused", "no_due"]


class Share(NamedTuple):
    """What one dossier puts into its unit's counts."""

    kind: Kind
    instant: Micros = 0  # of an end its end, of an open one its due date


NOTHING = Share("none")
_PAUSED = Share("paused")
_NO_DUE = Share("no_due")


class Tally(NamedTuple):
    """Dossiers of a unit: resolved in [start, T) by verdict, and overdue at T."""

    early: int
    on_time: int  # on the due day itself; with the early ones they are all on time
    late: int
    overdue: int


def share_of(course: Course) -> Share:
    """What a dossier counts as.

    A paused dossier is overdue for ever if its due date had passed when the clock stood still, and
    never otherwise, since the date then moves on as fast as T does (R4).
    """
    if course.end is not None:
        if course.verdict is None or course.end.type not in _COUNTED_ENDS:
            return NOTHING
        return Share(course.verdict, course.end.occurred_at)
    if course.received_at is None:
        return NOTHING
    due = course.due
    if course.paused_since is not None and (due is None or due >= course.paused_since):
        return _PAUSED
    if due is None or not r7_counts(due):
        return _NO_DUE
    return Share("open", due)


class UnitCounts:
    """The sorted instants of one unit's dossiers."""

    __slots__ = ("_apart", "_dues", "_early", "_ends", "_late", "_on_time", "_places")

    def __init__(self) -> None:
        self._early: list[Micros] = []
        self._on_time: list[Micros] = []
        self._late: list[Micros] = []
        self._ends: list[Micros] = []  # all of them, to see which leaves a window next
        self._dues: list[Micros] = []  # of open dossiers whose clock runs
        self._places: dict[Kind, tuple[list[Micros], ...]] = {
            "early": (self._early, self._ends),
            "on_time": (self._on_time, self._ends),
            "late": (self._late, self._ends),
            "open": (self._dues,),
        }
        self._apart: dict[Kind, int] = {"none": 0, "paused": 0, "no_due": 0}  # without an instant

    def take_out(self, share: Share) -> None:
        """Retract a dossier's share."""
        kind, instant = share
        places = self._places.get(kind)
        if places is None:
            self._apart[kind] -= 1
            return
        for instants in places:
            del instants[bisect_left(instants, instant)]

    def put_in(self, share: Share) -> None:
        """Assert a dossier's share."""
        kind, instant = share
        places = self._places.get(kind)
        if places is None:
            self._apart[kind] += 1
            return
        for instants in places:
            insort(instants, instant)

    def put_all_in(self, shares: Sequence[Share]) -> None:
        """Assert many: as `put_in` of each, with one sort instead of many insertions."""
        if len(shares) < _BULK:
            for share in shares:
                self.put_in(share)
            return
        for share in shares:
            places = self._places.get(share.kind)
            if places is None:
                self._apart[share.kind] += 1
                continue
            for instants in places:
                instants.append(share.instant)
        for instants in (self._early, self._on_time, self._late, self._ends, self._dues):
            instants.sort()

    def tally(self, start: Micros, at: Micros) -> Tally:
        """Resolved in [start, at) by verdict, and overdue at `at`."""
        early, on_time, late = self._early, self._on_time, self._late
        return Tally(
            bisect_left(early, at) - bisect_left(early, start),
            bisect_left(on_time, at) - bisect_left(on_time, start),
            bisect_left(late, at) - bisect_left(late, start),
            bisect_left(self._dues, at),
        )

    def open_at(self, at: Micros, due_soon: Micros) -> OpenDossiers:
        """The open dossiers at `at`, each once; due soon: due within that span."""
        dues = self._dues
        overdue = bisect_left(dues, at)
        soon = bisect_right(dues, at + due_soon)
        apart = self._apart
        return OpenDossiers(
            overdue, apart["paused"], soon - overdue, len(dues) - soon, apart["no_due"]
        )

    def next_end(self, instant: Micros) -> Micros | None:
        """The earliest counted end at or after an instant."""
        return _first(self._ends, instant)

    def next_due(self, instant: Micros) -> Micros | None:
        """The earliest due date of an open dossier at or after an instant."""
        return _first(self._dues, instant)

    def last_end_before(self, instant: Micros) -> Micros | None:
        """The latest counted end before an instant."""
        return _last(self._ends, instant)

    def last_due_before(self, instant: Micros) -> Micros | None:
        """The latest due date of an open dossier before an instant."""
        return _last(self._dues, instant)


def _last(instants: list[Micros], instant: Micros) -> Micros | None:
    place = bisect_left(instants, instant)
    return instants[place - 1] if place else None


def _first(instants: list[Micros], instant: Micros) -> Micros | None:
    place = bisect_left(instants, instant)
    return instants[place] if place < len(instants) else None
