"""Questions about the units that this worker owns, answered from their ledgers.

Whatever takes long is computed in a thread of its own, from copies (see `figures_asked`): the event
loop goes on folding, ticking and renewing its lease. What was computed is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from indicators.explain import explain, explain_dossier
from indicators.integrity import Integrity, integrity
from indicators.known import Question
from indicators.profile import unit_profile
from indicators.versus import Side, side, versus
from schemas.comparison import Comparison
from schemas.explanation import Explanation
from schemas.instants import Micros, Millis, iso_micros
from schemas.profile import UnitProfile
from streams.figures_asked import Asked, Snapshot, now_of, snapshot, unit_of
from streams.folding import wall
from streams.kept_answers import Kept, KeptAnswers
from streams.ownership import OwnedPartition, Ownership
from streams.routing import partition_of
from streams.rules import MonitorRules
from streams.unit_monitor import UnitMonitor

T = TypeVar("T")

PROFILES_KEPT = 200
EXPLANATIONS_KEPT = 8  # of a large unit some 20 MB each
FRESH: Micros = 5_000_000  # so long an answer about now is given again while no record comes
MOST_WAITING = 64  # computations; with more of them the next is refused


class NotOwnedError(Exception):
    """This worker does not own the unit's partition; the text says which."""

    def __init__(self, unit_id: str, partition: int) -> None:
        super().__init__(f"unit {unit_id} is in partition {partition}")
        self.partition = partition


class TooManyError(Exception):
    """Too many computations wait already."""


class UnknownError(Exception):
    """There is no such unit or dossier; the text names it."""


class Thread:
    """The one thread that computes; the rest of the worker waits for it without standing still."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "queries")
        self._one = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the thread, and have it to oneself. Raises TooManyError.

        What is computed from is copied within: who waits holds nothing.
        """
        if self._waiting >= MOST_WAITING:
            raise TooManyError("too many questions are being answered already")
        self._waiting += 1
        try:
            async with self._one:
                yield
        finally:
            self._waiting -= 1

    async def compute(self, compute: Callable[[], T]) -> T:
        """Have it computed; within a turn."""
        found = asyncio.get_running_loop().run_in_executor(self._pool, compute)
        try:
            return await asyncio.shield(found)
        except asyncio.CancelledError:
            # The thread goes on with it, so the turn goes on, too: or askers who come and go would
            # leave one copy after another behind.
            await asyncio.wait([found])
            raise

    async def run(self, compute: Callable[[], T]) -> T:
        """Have it computed in a turn of its own. Raises TooManyError."""
        async with self.turn():
            return await self.compute(compute)

    def stop(self) -> None:
        """Begin nothing more; what is being computed ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Queries:
    """Answers for one worker."""

    def __init__(
        self,
        *,
        partitions: int,
        ownership: Ownership,
        rules: MonitorRules,
        is_listed: Callable[[str], bool],
        thread: Thread,
        now: Callable[[], Millis] = wall,
    ) -> None:
        self._partitions = partitions
        self._ownership = ownership
        self._rules = rules
        self._is_listed = is_listed  # whether the directory has a unit
        self._thread = thread
        self._now = now
        self._profiles: KeptAnswers[UnitProfile] = KeptAnswers(PROFILES_KEPT)
        self._integrities: KeptAnswers[tuple[Micros, Integrity]] = KeptAnswers(PROFILES_KEPT)
        self._explanations: KeptAnswers[Explanation] = KeptAnswers(EXPLANATIONS_KEPT)

    def home(self, unit_id: str) -> OwnedPartition:
        """The unit's partition. Raises NotOwnedError."""
        number = partition_of(unit_id, self._partitions)
        owned = self._ownership.partitions.get(number)
        if owned is None:
            raise NotOwnedError(unit_id, number)
        return owned

    async def profile(self, unit_id: str, asked: Asked) -> UnitProfile:
        """A unit from all sides. Raises NotOwnedError, UnknownError, TooManyError."""
        rules = self._rules

        def compute(seen: Snapshot, question: Question) -> UnitProfile:
            policy = rules.policy_of(unit_id)
            return unit_profile(unit_id, seen.histories, question, policy, rules.due_soon)

        return await self._answered(self._profiles, unit_id, asked, compute)

    async def integrity(self, unit_id: str, asked: Asked) -> tuple[Micros, Integrity]:
        """T, and the signs of rewritten dates in a window. Raises as `profile`."""

        def compute(seen: Snapshot, question: Question) -> tuple[Micros, Integrity]:
            _, window, at, zone, known = question
            return at, integrity(seen.histories, at, window, zone, known)

        return await self._answered(self._integrities, unit_id, asked, compute)

    async def comparison(self, unit_id: str, asked: Asked, other: Asked) -> Comparison:
        """What differs between two figures of a unit. Raises as `profile`."""

        async with self._thread.turn():
            self._known(unit_id)
            seen = snapshot(self.home(unit_id), unit_id, self._now())

            def told(one: Asked) -> Side:
                at = seen.at if one.as_of is None else one.as_of
                question = one.question(at, self._rules.zone)
                return side(unit_id, seen.histories, question, seen.partition)

            return await self._thread.compute(lambda: versus(told(asked), told(other)))

    async def explanation(self, unit_id: str, asked: Asked) -> Explanation:
        """The dossiers behind a figure. Raises as `profile`."""

        def compute(seen: Snapshot, question: Question) -> Explanation:
            return explain(unit_id, seen.histories, question, seen.partition)

        return await self._answered(self._explanations, unit_id, asked, compute)

    def dossier(self, unit_id: str, dossier_id: str, asked: Asked) -> dict[str, Any]:
        """One dossier with all its events. Raises NotOwnedError, UnknownError."""
        home = self.home(unit_id)
        unit = unit_of(home.monitor, unit_id)
        dossier = None if unit is None else unit.ledger.dossiers.get(dossier_id)
        if dossier is None:
            raise UnknownError(f"no dossier {dossier_id} of unit {unit_id} in the feed")
        at = now_of(home, self._now()) if asked.as_of is None else asked.as_of
        question = asked.question(at, self._rules.zone)
        explained = explain_dossier(dossier_id, dossier.facts, question, home.number)
        return {**head_of(unit_id, asked, at), **explained.to_dict()}

    async def _answered(
        self,
        memory: KeptAnswers[T],
        unit_id: str,
        asked: Asked,
        compute: Callable[[Snapshot, Question], T],
    ) -> T:
        """What is kept, if it still holds; else it is computed."""
        found = self._holding(memory, unit_id, asked)
        if found is not None:
            return found.answer
        async with self._thread.turn():
            found = self._holding(memory, unit_id, asked)  # by an equal question before this one
            if found is None:
                found = await self._thread.compute(self._work(memory, unit_id, asked, compute))
                memory.put((unit_id, asked), found)
        return found.answer

    def _holding(self, memory: KeptAnswers[T], unit_id: str, asked: Asked) -> Kept[T] | None:
        """What is kept and still holds. Raises NotOwnedError, UnknownError."""
        home, unit = self.home(unit_id), self._known(unit_id)
        kept = memory.get((unit_id, asked))
        if kept is None or kept.offset != (-1 if unit is None else unit.judged_offset):
            return None
        fresh = 0 <= now_of(home, self._now()) - kept.at < FRESH
        return kept if fresh or asked.as_of is not None else None

    def _known(self, unit_id: str) -> UnitMonitor | None:
        """The unit; None where no record of it has come. Raises NotOwnedError, UnknownError."""
        unit = unit_of(self.home(unit_id).monitor, unit_id)
        if unit is None and not self._is_listed(unit_id):
            raise UnknownError(f"no unit {unit_id}: neither in the directory nor in the feed")
        return unit

    def _work(
        self,
        memory: KeptAnswers[T],
        unit_id: str,
        asked: Asked,
        compute: Callable[[Snapshot, Question], T],
    ) -> Callable[[], Kept[T]]:
        """What the thread has to do, from a copy of this moment."""
        kept = memory.get((unit_id, asked))
        seen = snapshot(self.home(unit_id), unit_id, self._now())

        def remember() -> Kept[T]:
            at = seen.at if asked.as_of is None else asked.as_of
            if (
                kept is not None
                and asked.as_of is not None
                and not seen.news_before(kept.offset, asked, at)
            ):
                return kept._replace(offset=seen.offset)
            return Kept(compute(seen, asked.question(at, self._rules.zone)), seen.offset, at)

        return remember


def head_of(unit_id: str, asked: Asked, at: Micros) -> dict[str, Any]:
    """What the answer about one dossier begins with."""
    return {
        "unit_id": unit_id,
        "definition": asked.definition,
        "window": asked.window,
        "as_of": iso_micros(at),
        "known_at": None if asked.known_at is None else iso_micros(asked.known_at),
    }
