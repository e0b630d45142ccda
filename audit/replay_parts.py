"""A unit's counts parted by what its dossiers state: channel, service level, procedure, step.

A dossier belongs to what the latest of its events before T says that says anything, of those not
taken back (R1), as on the unit's page. So it may move from one part to another as T moves on, and
at every T the parts add up to the unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heapreplace
from operator import attrgetter
from zoneinfo import ZoneInfo

from audit.replay_question import By
from indicators.counts import NOTHING, Share, Tally, UnitCounts, share_of
from indicators.dossier import course, r1_voided_out
from indicators.facts import Fact
from indicators.tallies import before
from schemas.instants import Micros

Key = tuple[str | None, ...]  # a text for each thing parted by; None: nothing says so
_FIELDS: Mapping[By, str] = {
    "channel": "channel",
    "service_level": "service_level",
    "procedure": "procedure_id",
    "step": "step_mark",
}


class PartedUnit:
    """The dossiers of one unit, counted part by part; T only moves on."""

    __slots__ = ("_by", "_coming", "_counts", "_histories", "_placed", "_steps", "_zone")

    def __init__(
        self,
        histories: Mapping[str, Sequence[Fact]],
        zone: ZoneInfo,
        by: Sequence[By],
        steps: Mapping[int, str],
    ) -> None:
        """`histories`: each dossier's events in canonical order; `steps`: the texts by mark."""
        self._histories = histories
        self._zone = zone
        self._by = [(attrgetter(_FIELDS[one]), one == "step") for one in by]
        self._steps = steps
        self._counts: dict[Key, UnitCounts] = {}
        self._placed: dict[str, tuple[Key, Share]] = {}
        # By dossier the first of its events that has not been seen.
        self._coming = [(facts[0].occurred_at, name) for name, facts in histories.items()]
        heapify(self._coming)

    def settle(self, at: Micros) -> None:
        """Bring the counts to T = `at`: every event before it is seen."""
        coming = self._coming
        come: dict[Key, list[Share]] = {}
        while coming and coming[0][0] < at:
            name = coming[0][1]
            facts = self._histories[name]
            told = before(facts, at)
            if len(told) < len(facts):
                heapreplace(coming, (facts[len(told)].occurred_at, name))
            else:
                heappop(coming)
            self._place(name, told, come)
        for key, shares in come.items():
            if key not in self._counts:
                self._counts[key] = UnitCounts()
            self._counts[key].put_all_in(shares)

    def _place(self, name: str, told: Sequence[Fact], come: dict[Key, list[Share]]) -> None:
        share = share_of(course(told, self._zone))
        key = () if share == NOTHING else self._key(told)
        old = self._placed.get(name)
        if old == (key, share):
            return
        if old is not None:
            self._counts[old[0]].take_out(old[1])
        if share == NOTHING:
            self._placed.pop(name, None)
            return
        self._placed[name] = (key, share)
        come.setdefault(key, []).append(share)

    def _key(self, told: Sequence[Fact]) -> Key:
        counted = r1_voided_out(told)
        key: list[str | None] = []
        for say, marked in self._by:
            said = next((one for fact in reversed(counted) if (one := say(fact)) is not None), None)
            key.append(self._steps[said] if marked and said is not None else said)
        return tuple(key)

    def tallies(self, start: Micros, at: Micros) -> Iterator[tuple[Key, Tally]]:
        """Each part's, in the order of its texts; what nothing is said of comes last."""
        for key in sorted(self._counts, key=order):
            yield key, self._counts[key].tally(start, at)


def order(key: Key) -> tuple[tuple[bool, str], ...]:
    """Where a part stands among the others."""
    return tuple((text is None, text or "") for text in key)
