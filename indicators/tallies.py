"""A unit's tallies at several instants in one pass over its dossiers. Pure.

A dossier's part changes only where one of its events comes in between two of the instants, so it is
derived once for each such stretch, and counted in all of it at once. The answer at each instant is
that of a ledger settled there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from zoneinfo import ZoneInfo

from indicators.counts import NOTHING, Share, Tally, share_of
from indicators.dossier import END_RANKS, NOTES, course
from indicators.facts import Fact
from indicators.windows import Window
from schemas.instants import Micros


class Tallies:
    """Counts of one window at instants in order; dossiers are added one by one."""

    def __init__(
        self,
        instants: Sequence[Micros],
        window: Window,
        zone: ZoneInfo,
        ends_since: Micros | None = None,
    ) -> None:
        """`ends_since`: the shares of ends from then on are wanted, though no window reaches them.

        Raises ValueError if the instants are none, or out of order.
        """
        if not instants or list(instants) != sorted(instants):
            raise ValueError("instants: one at least, in order")
        self._instants = instants
        self._starts = [window.start(at) for at in instants]  # in order, as the instants are
        self._zone = zone
        self._ends_since = self._starts[0] if ends_since is None else ends_since
        self._ends_since = min(self._ends_since, self._starts[0])
        steps = len(instants) + 1
        self._early, self._on_time, self._late, self._overdue = ([0] * steps for _ in range(4))
        self._ended = {"early": self._early, "on_time": self._on_time, "late": self._late}

    def add(self, facts: Sequence[Fact]) -> Share:
        """Count a dossier by its events in canonical order; its share at the last instant.

        NOTHING also where it ended too long ago to be in any count.
        """
        instants = self._instants
        facts = before(facts, instants[-1])
        if not facts or self._is_past(facts):
            return NOTHING
        if facts[-1].occurred_at < instants[0]:
            share = share_of(course(facts, self._zone))
            self._count(share, 0, len(instants))
            return share
        # By the first instant that sees a change: how many events it sees. Notes change nothing.
        seen = {
            bisect_right(instants, fact.occurred_at): number
            for number, fact in enumerate(facts, start=1)
            if fact.due is not None or fact.type not in NOTES
        }
        share, since = NOTHING, 0
        for place, number in seen.items():
            self._count(share, since, place)
            share, since = share_of(course(facts[:number], self._zone)), place
        self._count(share, since, len(instants))
        return share

    def result(self) -> list[Tally]:
        """What has been added, at each instant."""
        columns = (self._early, self._on_time, self._late, self._overdue)
        sums = zip(*(list(accumulate(column))[:-1] for column in columns), strict=True)
        return [Tally(*counts) for counts in sums]

    def _is_past(self, facts: Sequence[Fact]) -> bool:
        """Whether a dossier surely ended before all that is asked for; spares its derivation.

        All of it lies back so far, it has an end, and nothing was ever taken back.
        """
        if facts[-1].occurred_at >= self._ends_since:
            return False
        types = {fact.type for fact in facts}
        return not types.isdisjoint(END_RANKS) and "voided" not in types

    def _count(self, share: Share, first: int, stop: int) -> None:
        """Put a share into the counts at the instants [first, stop)."""
        kind, instant = share
        column = self._ended.get(kind)
        if column is not None:
            stop = min(stop, bisect_right(self._starts, instant))  # from there on outside
        elif kind == "open":
            column = self._overdue
            first = max(first, bisect_right(self._instants, instant))  # overdue where due < T
        if column is not None and first < stop:
            column[first] += 1
            column[stop] -= 1


def before(facts: Sequence[Fact], at: Micros) -> Sequence[Fact]:
    """The events with `occurred_at` < T, of those in canonical order; there may be none."""
    if not facts or facts[-1].occurred_at < at:
        return facts
    return facts[: bisect_left(facts, (at,))]
