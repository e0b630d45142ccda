"""The part of a ranking that this worker owns.

Live, the figure of now comes from the counts that the fold keeps, in microseconds; only the figures
of the earlier instants are computed from the events, and they are kept until a record says
something of before. A past ranking is computed from the events, and kept likewise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import NamedTuple

from indicators.definitions import Count
from indicators.ranking import ranking_instants, unit_standing
from indicators.zones import zone_of
from schemas.instants import Micros, Millis
from schemas.ranking import UnitStanding
from schemas.status import UnitStatus
from streams.figures_asked import Asked, Snapshot, now_of, snapshot, unit_of
from streams.folding import wall
from streams.kept_answers import Kept, KeptAnswers
from streams.ownership import OwnedPartition, Ownership
from streams.queries import NotOwnedError, Thread
from streams.rules import MonitorRules
from streams.turns import Turns

STANDINGS_KEPT = 60_000  # some 1 kB each
BATCH = 2_000  # dossiers that go into the thread together
MOST_PARTS = 2  # gathered at the same time: each holds a batch while it waits for the thread


class Part(NamedTuple):
    """The standings of some partitions."""

    at: Micros | None  # the latest T of them; None: they have no unit
    standings: list[UnitStanding]


class _Open(NamedTuple):
    """A standing that is not known yet."""

    seen: Snapshot
    key: tuple[object, ...]
    kept: Kept[UnitStanding] | None
    before: Micros  # records of before then would change what is kept
    live: UnitStatus | None


class Standings:
    """Answers for one worker."""

    def __init__(
        self,
        *,
        ownership: Ownership,
        rules: MonitorRules,
        thread: Thread,
        now: Callable[[], Millis] = wall,
    ) -> None:
        self._ownership = ownership
        self._rules = rules
        self._thread = thread
        self._now = now
        self._memory: KeptAnswers[UnitStanding] = KeptAnswers(STANDINGS_KEPT)
        self._gathering = asyncio.Semaphore(MOST_PARTS)

    async def part(self, numbers: Collection[int], asked: Asked, without: Collection[str]) -> Part:
        """The standings of all units of these partitions, but for some (those with children).

        Raises NotOwnedError, TooManyError.
        """
        async with self._gathering:
            return await self._part(numbers, asked, without)

    async def _part(self, numbers: Collection[int], asked: Asked, without: Collection[str]) -> Part:
        latest: Micros | None = None
        found: list[UnitStanding] = []
        turns = Turns()
        for number in numbers:
            home = self._owned(number)
            pending: list[_Open] = []
            dossiers = 0
            for unit_id in list(home.monitor.units()):
                if unit_id in without:
                    continue
                await turns.give_way()
                if not self._ownership.holds(home):
                    raise NotOwnedError(unit_id, number)
                at = now_of(home, self._now()) if asked.as_of is None else asked.as_of
                latest = max(at, latest or at)
                known = self._known(home, unit_id, asked, at)
                if isinstance(known, UnitStanding):
                    found.append(known)
                    continue
                pending.append(known)
                dossiers += len(known.seen.histories)
                if dossiers > BATCH:
                    found += await self._computed(pending, asked)
                    pending, dossiers = [], 0
            found += await self._computed(pending, asked)
        return Part(latest, found)

    def _owned(self, number: int) -> OwnedPartition:
        owned = self._ownership.partitions.get(number)
        if owned is None:
            raise NotOwnedError("asked for", number)
        return owned

    def _known(
        self, home: OwnedPartition, unit_id: str, asked: Asked, at: Micros
    ) -> UnitStanding | _Open:
        """The standing, if nothing has to be computed for it."""
        unit = unit_of(home.monitor, unit_id)
        assert unit is not None, "a unit of its monitor"
        earlier = ranking_instants(at, self._rules.zone)
        live = self._live(home, unit_id, asked)
        before = at if live is None else earlier.day
        key = (unit_id, asked, before) if live is None else (unit_id, asked, earlier[:3])
        kept = self._memory.get(key)
        if kept is not None and kept.offset == unit.judged_offset:
            if live is not None:
                return self._with_now(kept.answer, live, asked)
            if asked.as_of is not None:
                return kept.answer
        return _Open(snapshot(home, unit_id, self._now()), key, kept, before, live)

    def _live(self, home: OwnedPartition, unit_id: str, asked: Asked) -> UnitStatus | None:
        """The unit's figures at the clock; None where they are not what is asked for, or costly."""
        clock = home.monitor.clock
        unit = unit_of(home.monitor, unit_id)
        if asked.as_of is not None or clock is None or unit is None:
            return None
        pending = unit.ledger.next_pending()
        if pending is not None and pending <= (clock + 1) * 1_000:
            return None  # an event of the future came true: all would be derived again, here
        status = home.monitor.reading(unit_id)
        return status if asked.window in dict(status.resolved) else None

    async def _computed(self, pending: list[_Open], asked: Asked) -> list[UnitStanding]:
        """The standings of these; the thread looks through their events."""
        if not pending:
            return []
        found = await self._thread.run(lambda: [self._compute(one, asked) for one in pending])
        for one, kept in zip(pending, found, strict=True):
            if one.live is not None or asked.as_of is not None:  # else it is never looked for again
                self._memory.put(one.key, kept)
        return [
            kept.answer if one.live is None else self._with_now(kept.answer, one.live, asked)
            for one, kept in zip(pending, found, strict=True)
        ]

    def _compute(self, one: _Open, asked: Asked) -> Kept[UnitStanding]:
        seen, rules = one.seen, self._rules
        at = seen.at if asked.as_of is None else asked.as_of
        kept = one.kept if one.live is not None or asked.as_of is not None else None
        if kept is not None and not seen.news_before(kept.offset, asked, one.before):
            return kept._replace(offset=seen.offset)
        policy = rules.policy_of(seen.unit_id)
        question = asked.question(at, rules.zone)
        standing = unit_standing(seen.unit_id, seen.histories, question, policy, rules.due_soon)
        return Kept(standing, seen.offset, at)

    def _with_now(self, standing: UnitStanding, live: UnitStatus, asked: Asked) -> UnitStanding:
        """A standing whose earlier figures hold, with the figures of now."""
        chosen = (asked.definition, asked.window)
        figure = next(one for one in live.figures if (one.definition, one.window) == chosen)
        count = Count(figure.numerator, figure.denominator)
        return standing._replace(
            zone=zone_of(count, self._rules.policy_of(standing.unit_id)),
            numerator=count.numerator,
            denominator=count.denominator,
            outcomes=dict(live.resolved)[asked.window],
            open=live.open,
        )
