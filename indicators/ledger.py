"""A unit's ledger: the set of its dossiers' events, and the counts that follow from it at T.

T only moves on. An event whose `occurred_at` is not before T waits until its time comes, so the
same ledger serves a live worker (T follows the clock) and a replay (all events first, then one
instant after another).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from enum import Enum
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.counts import NOTHING, Share, UnitCounts, share_of
from indicators.dossier import NOTES, course
from indicators.facts import Fact
from indicators.tallies import before
from indicators.windows import Rolling, ToDate, Window
from schemas.instants import Micros, Millis

ALWAYS_FITS = 200  # events: a dossier of so many is never too large to be kept
DOSSIER_LIMIT = 768 * 1024  # bytes that a dossier's events may take in the changelog
BEFORE_ALL: Micros = -(1 << 62)
NEVER: Micros = 1 << 62
_ENDED = frozenset({"early", "on_time", "late"})
_arrival_of = attrgetter("arrival")


class Horizon(NamedTuple):
    """What makes counts differ by the passing of time: windows, due dates, and due soon."""

    spans: tuple[Micros, ...]  # of the rolling windows, the longest first
    to_dates: tuple[ToDate, ...]
    due_soon: Micros | None  # None: what is due soon is not looked at

    @classmethod
    def of(cls, windows: Iterable[Window], due_soon: Micros | None) -> Horizon:
        """The horizon of these windows."""
        each = list(windows)
        spans = {window.span for window in each if isinstance(window, Rolling)}
        to_dates = {window.text: window for window in each if isinstance(window, ToDate)}
        return cls(tuple(sorted(spans, reverse=True)), tuple(to_dates.values()), due_soon)

    def next_change(self, share: Share, after: Micros) -> Micros:
        """A T after `after` before which the passing of time does not change one dossier's part.

        Not always the first: a window to date is taken to turn for every end.
        """
        kind, instant = share
        soonest = NEVER
        if kind == "open":
            if self.due_soon is not None and instant - self.due_soon > after:
                return instant - self.due_soon
            return instant + 1 if instant >= after else NEVER
        if kind in _ENDED:
            for span in self.spans:  # the longest first
                leaves = instant + span + 1
                if leaves <= after:
                    break
                soonest = leaves
            for window in self.to_dates:
                soonest = min(soonest, window.turns(after))
        return soonest


class Admission(Enum):
    """What an arriving event is to its dossier (R1)."""

    NEW = "new"
    DUPLICATE = "duplicate"  # seen before, with the same content
    CONFLICT = "conflict"  # seen before, with other content
    FULL = "full"  # the dossier has grown beyond what can be kept


class Dossier:
    """The events of one dossier in canonical order, and what it counts as now."""

    __slots__ = ("_measured", "_size", "facts", "share")

    def __init__(self, facts: list[Fact]) -> None:
        self.facts = facts
        self.share: Share = NOTHING
        self._measured = 0  # events of which `_size` is the sum
        self._size = 0

    def size_with(self, fact: Fact) -> int:
        """An upper bound of the bytes that its events and one more take in the changelog.

        Measured when it is asked for the first time, and from then on by what is added.
        """
        if self._measured != len(self.facts):
            self._size = sum(map(_size, self.facts))
        self._measured = len(self.facts) + 1
        self._size += _size(fact)
        return self._size


class UnitLedger:
    """The dossiers of one unit; counts are as of `settled_at`."""

    __slots__ = ("_pending", "_stale", "counts", "dossiers", "last_arrival", "settled_at", "zone")

    def __init__(self, zone: ZoneInfo, at: Micros = BEFORE_ALL) -> None:
        self.zone = zone
        self.dossiers: dict[str, Dossier] = {}
        self.counts = UnitCounts()
        self.settled_at = at
        self.last_arrival: Millis | None = None  # of all events; None: there is none
        self._pending: list[tuple[Micros, str]] = []  # heap: events whose time has not come
        self._stale: set[str] = set()  # dossiers whose share has to be derived again

    def examine(self, dossier_id: str, fact: Fact) -> Admission:
        """R1: whether the event counts, has been counted, or contradicts one that has been."""
        dossier = self.dossiers.get(dossier_id)
        if dossier is None:
            return Admission.NEW
        event_id = fact[1]
        for known in dossier.facts:
            if known[1] == event_id:
                same = known.content == fact.content
                return Admission.DUPLICATE if same else Admission.CONFLICT
        if len(dossier.facts) >= ALWAYS_FITS and dossier.size_with(fact) > DOSSIER_LIMIT:
            return Admission.FULL
        return Admission.NEW

    def add(self, dossier_id: str, fact: Fact) -> None:
        """Put a new event (see `examine`) into its dossier's set."""
        dossier = self.dossiers.get(dossier_id)
        if dossier is None:
            dossier = self.dossiers[dossier_id] = Dossier([fact])
        elif dossier.facts[-1] < fact:
            dossier.facts.append(fact)
        else:
            insort(dossier.facts, fact)
        self._note_arrival(fact)
        self._expect(dossier_id, fact)

    def _note_arrival(self, fact: Fact) -> None:
        if self.last_arrival is None or fact.arrival > self.last_arrival:
            self.last_arrival = fact.arrival

    def rehearse(self, dossier_id: str) -> None:
        """Derive a dossier with all its events, also those to come: a rule that fails fails now."""
        course(self.dossiers[dossier_id].facts, self.zone)

    def remove(self, dossier_id: str, fact: Fact) -> None:
        """Take an event out again that could not be folded."""
        dossier = self.dossiers[dossier_id]
        dossier.facts.remove(fact)
        self._stale.add(dossier_id)
        if (waiting := (fact.occurred_at, dossier_id)) in self._pending:
            self._pending.remove(waiting)  # one of them: another may wait for the same instant
            self._pending.sort()
        if not dossier.facts:
            self.counts.take_out(dossier.share)
            self._stale.discard(dossier_id)
            del self.dossiers[dossier_id]
        if fact.arrival == self.last_arrival:
            known = (one.arrival for dossier in self.dossiers.values() for one in dossier.facts)
            self.last_arrival = max(known, default=None)

    def load(self, dossier_id: str, facts: list[Fact]) -> None:
        """Put a whole dossier back, as it was kept."""
        facts.sort()
        self.dossiers[dossier_id] = Dossier(facts)
        latest = max(map(_arrival_of, facts), default=None)
        if latest is not None and (self.last_arrival is None or latest > self.last_arrival):
            self.last_arrival = latest
        if self.settled_at != BEFORE_ALL:
            for fact in facts:
                self._expect(dossier_id, fact)

    def _expect(self, dossier_id: str, fact: Fact) -> None:
        """Have the dossier derived again: at once, or when the event's time comes."""
        if self.settled_at == BEFORE_ALL or _is_note(fact):
            return
        if fact.occurred_at < self.settled_at:
            self._stale.add(dossier_id)
        else:
            heappush(self._pending, (fact.occurred_at, dossier_id))

    def _begin(self, at: Micros) -> None:
        """The first T: which dossiers it makes, and which events have to wait."""
        self._stale.update(self.dossiers)
        for dossier_id, dossier in self.dossiers.items():
            for fact in reversed(dossier.facts):
                if fact.occurred_at < at:
                    break
                if not _is_note(fact):
                    self._pending.append((fact.occurred_at, dossier_id))
        heapify(self._pending)

    def settle(self, at: Micros) -> Sequence[Share]:
        """Bring the counts to T = `at`; the shares that are new. T never goes back."""
        if at < self.settled_at:
            raise ValueError(f"T cannot go back from {self.settled_at} to {at}")
        if self.settled_at == BEFORE_ALL:
            self._begin(at)
        self.settled_at = at
        pending, stale = self._pending, self._stale
        if not stale and (not pending or pending[0][0] >= at):
            return ()
        while pending and pending[0][0] < at:
            stale.add(heappop(pending)[1])
        changed: list[tuple[Dossier, Share]] = []
        for dossier_id in stale:
            dossier = self.dossiers[dossier_id]
            share = share_of(course(before(dossier.facts, at), self.zone))
            if share != dossier.share:
                changed.append((dossier, share))
        stale.clear()
        for dossier, share in changed:
            self.counts.take_out(dossier.share)
            dossier.share = share
        come = [share for _, share in changed]
        self.counts.put_all_in(come)
        return come

    def next_pending(self) -> Micros | None:
        """The first T at which an event that waits for its time counts."""
        return self._pending[0][0] + 1 if self._pending else None

    def next_change(self, horizon: Horizon, after: Micros) -> Micros:
        """The first T after `after` at which a count differs by the passing of time alone.

        Events that wait for their time are apart (`next_pending`). NEVER: no count ever will.
        """
        counts, soonest = self.counts, NEVER
        if (due := counts.next_due(after)) is not None:
            soonest = due + 1  # overdue from then
        soon = horizon.due_soon
        if soon is not None and (due := counts.next_due(after + soon + 1)) is not None:
            soonest = min(soonest, due - soon)  # due soon from then
        for span in horizon.spans:
            if (end := counts.next_end(after - span)) is None:
                break  # the longest comes first, and has none
            soonest = min(soonest, end + span + 1)  # outside from then
        for window in horizon.to_dates:
            if counts.next_end(window.start(after)) is not None:
                soonest = min(soonest, window.turns(after))
        return soonest

    def last_change(self, horizon: Horizon, until: Micros) -> Micros:
        """The last T up to `until` at which a count differed by the passing of time alone.

        The mirror image of `next_change`. BEFORE_ALL: no count ever did.
        """
        counts, latest = self.counts, BEFORE_ALL
        if (due := counts.last_due_before(until)) is not None:
            latest = due + 1
        soon = horizon.due_soon
        if soon is not None and (due := counts.last_due_before(until + soon + 1)) is not None:
            latest = max(latest, due - soon)
        for span in horizon.spans:
            if (end := counts.last_end_before(until - span)) is not None:
                latest = max(latest, end + span + 1)
        for window in horizon.to_dates:
            turned = window.start(until)
            end = counts.last_end_before(turned)
            if end is not None and end >= window.start(turned - 1):
                latest = max(latest, turned)
        return latest


def _is_note(fact: Fact) -> bool:
    """Whether an event changes nothing by itself."""
    return fact.due is None and fact.type in NOTES


def _size(fact: Fact) -> int:
    """An upper bound of the bytes that an event takes as JSON."""
    return 160 + 6 * sum(len(text) for text in fact if isinstance(text, str))
