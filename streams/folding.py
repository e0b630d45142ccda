"""Folding a chunk and committing it: state, outputs and offset in one transaction."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.calendar import WorkingCalendar
from schemas.instants import Millis
from streams.effects import Effects
from streams.event_log import Chunk
from streams.exits import Exit, WorkerError
from streams.lease import Lease
from streams.metrics import WorkerMetrics
from streams.outputs import BATCH_OVERHEAD, forwards_that_fit, outlook_output, outputs
from streams.ownership import MINUTE_MS, OwnedPartition, Ownership
from streams.pace import Pace
from streams.record import Record
from streams.settings import WorkerSettings
from streams.topics import Topics
from streams.writer import Forwarder

log = logging.getLogger(__name__)

NEAR_MS = 60_000  # a clock not further behind the wall follows it
BUDGET_S = 0.2  # so long a tick may work on a partition's past before chunks have their turn
STRIDE_S = 0.02  # so long one stride through the past should take: the event loop waits for it
LONGEST_STRIDE: Millis = 30 * 24 * 60 * 60 * 1000


def wall() -> Millis:
    """The wall clock."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True, frozen=True)
class Folding:
    """What the agent and the ticks do, under the lock of the ownership."""

    settings: WorkerSettings
    ownership: Ownership
    forwarder: Forwarder
    lease: Lease
    pace: Pace
    metrics: WorkerMetrics
    limits: Mapping[str, int]  # max.message.bytes by topic
    calendar: WorkingCalendar | None = None  # to look ahead by
    stale_after: Millis = 24 * 60 * 60 * 1000  # nobody looks ahead from further back than that

    async def fold(self, chunks: Sequence[Chunk]) -> None:
        """Fold and commit chunks of different partitions; while one is written, another is folded.

        Chunks of partitions that are not owned any more are dropped: their next owner reads them.
        """
        async with self.ownership.lock:
            folds = []
            for chunk in chunks:
                folds.append(asyncio.create_task(self._fold(chunk)))
                await asyncio.sleep(0)  # it is folded now; its transaction goes on beside the next
            await asyncio.gather(*folds)

    async def _fold(self, chunk: Chunk) -> None:
        partition = chunk.partition
        if not self.ownership.holds(partition):
            return
        if chunk.start != partition.next:
            raise WorkerError(
                Exit.DEFECT,
                f"partition {partition.number}: a chunk from {chunk.start}, not {partition.next}",
            )
        live = partition.caught_up_once
        began = time.monotonic()
        effects = partition.monitor.fold(chunk.records) if chunk.records else Effects()
        self.pace.note(len(chunk.records), time.monotonic() - began)
        self._look_ahead(partition, effects)
        forwarded = await self._forward(effects, chunk.records)
        await self._commit(partition, effects, chunk.end)
        partition.next = chunk.end
        self.metrics.count(effects, forwarded)
        if live:
            self.metrics.observe_latency(chunk.records, wall())

    def _look_ahead(self, partition: OwnedPartition, effects: Effects) -> None:
        """Add the outlooks that are due, if the partition is at the present."""
        clock = partition.monitor.clock
        if self.calendar is None or clock is None or clock < wall() - self.stale_after:
            return
        partition.agenda.note(effects)
        limit = self.limits[Topics.of(self.settings.prefix).outlook]
        for outlook in partition.agenda.outlooks(partition.monitor, self.calendar):
            if BATCH_OVERHEAD + outlook_output(outlook).size > limit:  # figures go on without it
                log.error("the outlook of unit %s is larger than its topic takes", outlook.unit_id)
            else:
                effects.outlooks.append(outlook)

    async def _forward(self, effects: Effects, records: Sequence[Record]) -> int:
        if not effects.forwards:
            return 0
        limit = self.limits[Topics.of(self.settings.prefix).events]
        fitting, letters = forwards_that_fit(effects, records, limit)
        effects.dead_letters.extend(letters)
        await self.forwarder.send(fitting)
        return len(fitting)

    async def _commit(self, partition: OwnedPartition, effects: Effects, next_offset: int) -> None:
        self.lease.check()
        written = outputs(effects, Topics.of(self.settings.prefix), wall(), self.limits)
        await partition.writer.commit(written, next_offset)
        if partition.writer.changelog_end is not None:
            partition.changelog_end = partition.writer.changelog_end

    async def tick(self) -> None:
        """Let the clocks of caught-up partitions run on; judgements that fell due are written."""
        async with self.ownership.lock:
            await asyncio.gather(
                *(self._tick(partition) for partition in self.ownership.partitions.values())
            )

    async def _tick(self, partition: OwnedPartition) -> None:
        began = time.monotonic()
        while self.ownership.holds(partition) and time.monotonic() - began < BUDGET_S:
            until = self._clock_until(partition)
            self._note_whether_it_runs(partition)
            if until is None:
                return
            effects = self._stride(partition, until)
            self._look_ahead(partition, effects)
            await asyncio.sleep(0)
            if effects:
                await self._commit(partition, effects, partition.next)
                self.metrics.count(effects, 0)

    def _clock_until(self, partition: OwnedPartition) -> Millis | None:
        """The instant to which the clock may run now; None: no further.

        Never past the instant at which Kafka last said that there was nothing more to fold, less
        the grace for records in flight.
        """
        clock, due = partition.monitor.clock, partition.monitor.next_wake
        if clock is None or partition.polled_at is None or not partition.caught_up:
            return None
        until = min(wall(), partition.polled_at) - self.settings.clock_grace_ms
        if due is not None:
            # A record that came late may have left a minute to judge far behind the clock.
            until = min(until, max(due, clock + 1) + partition.stride)
        return until if until > clock else None

    def _note_whether_it_runs(self, partition: OwnedPartition) -> None:
        """A clock that has come near the wall once will not be asked again (`/readyz`)."""
        clock = partition.monitor.clock
        near = partition.caught_up if clock is None else wall() - clock < NEAR_MS
        partition.clock_runs = partition.clock_runs or near

    def _stride(self, partition: OwnedPartition, until: Millis) -> Effects:
        """Move a clock on, and learn how far it can be moved the next time."""
        began = time.monotonic()
        effects = partition.monitor.advance(until)
        longer = time.monotonic() - began < STRIDE_S
        stride = partition.stride * 2 if longer else partition.stride // 2
        partition.stride = min(max(stride, MINUTE_MS), LONGEST_STRIDE)
        return effects
