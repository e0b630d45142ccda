"""How a partition comes to a new owner: fence, then offsets, then state. In this order.

1. The transactional producers start: every earlier owner is fenced and its open transaction
   aborted, so nothing that is read afterwards can still change.
2. The committed offsets are asked for.
3. The changelog is read, read_committed, to its end: the state as of exactly these offsets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.exits import Exit, WorkerError
from streams.ownership import Monitor, MonitorMaker, OwnedPartition, Retained
from streams.settings import WorkerSettings
from streams.topics import Topics
from streams.writer import PartitionWriter

log = logging.getLogger(__name__)

POLL_MS = 200


class Outdated(Exception):  # noqa: N818 - a rebalance, not an error
    """The partitions were revoked while they were being recovered."""


@dataclass(slots=True, frozen=True)
class Recovery:
    """Recovers partitions; one for all rebalances of a worker."""

    settings: WorkerSettings
    limits: Mapping[str, int]  # max.message.bytes by topic
    make_monitor: MonitorMaker
    current_epoch: Callable[[], int]

    async def recover(
        self, numbers: Collection[int], epoch: int, retained: Mapping[int, Retained]
    ) -> list[OwnedPartition]:
        """The partitions, ready to be folded into. Raises Outdated or WorkerError."""
        writers = {n: PartitionWriter(self.settings, n, self.limits) for n in numbers}
        try:
            await asyncio.gather(*(writer.start() for writer in writers.values()))
            self._check(epoch)
            return await self._with_reader(writers, epoch, retained)
        except KafkaError as error:
            raise WorkerError(Exit.NOT_READ, f"recovery of {sorted(numbers)}: {error!r}") from error
        except Outdated:
            await asyncio.gather(*(writer.stop() for writer in writers.values()))
            raise

    def _check(self, epoch: int) -> None:
        if self.current_epoch() != epoch:
            raise Outdated

    async def _with_reader(
        self,
        writers: Mapping[int, PartitionWriter],
        epoch: int,
        retained: Mapping[int, Retained],
    ) -> list[OwnedPartition]:
        reader: AIOKafkaConsumer = AIOKafkaConsumer(
            group_id=self.settings.group,  # for the committed offsets; it never joins
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 * 1024 * 1024,
            **self.settings.kafka.for_aiokafka(),
        )
        await reader.start()
        try:
            return await self._recovered(reader, writers, epoch, retained)
        finally:
            await reader.stop()

    async def _recovered(
        self,
        reader: AIOKafkaConsumer,
        writers: Mapping[int, PartitionWriter],
        epoch: int,
        retained: Mapping[int, Retained],
    ) -> list[OwnedPartition]:
        topics = Topics.of(self.settings.prefix)
        starts = await self._starts(reader, topics, writers)
        logs = [TopicPartition(topics.changelog, n) for n in writers]
        ends = {tp.partition: end for tp, end in (await reader.end_offsets(logs)).items()}
        unchanged = {
            n: kept.monitor
            for n, kept in retained.items()
            if n in writers and (kept.next, kept.changelog_end) == (starts[n], ends[n])
        }
        to_read = [tp for tp in logs if tp.partition not in unchanged]
        entries = await self._changelogs(reader, to_read, ends, epoch)
        recovered = []
        for n, writer in writers.items():
            monitor = unchanged.get(n) or self.make_monitor(n)
            if n in entries:
                await self._restore(monitor, n, entries.pop(n), starts[n])
                self._check(epoch)
            recovered.append(
                OwnedPartition(
                    n,
                    epoch,
                    monitor,
                    writer,
                    starts[n],
                    starts[n],
                    ends[n],
                    clock_runs=self.settings.clock == "records",
                )
            )
        log.info(
            "recovered partitions %s (unchanged: %s)", sorted(writers), sorted(unchanged) or "none"
        )
        return recovered

    async def _restore(
        self, monitor: Monitor, number: int, entries: dict[bytes, bytes], start: int
    ) -> None:
        """In a thread, since a million dossiers take seconds and heartbeats must go on."""
        try:
            await asyncio.to_thread(monitor.restore, list(entries.items()), start)
        except ValueError as error:
            raise WorkerError(
                Exit.TORN, f"the changelog of partition {number} cannot be read: {error}"
            ) from error

    async def _starts(
        self, reader: AIOKafkaConsumer, topics: Topics, numbers: Collection[int]
    ) -> dict[int, int]:
        """The first offset to fold of each partition. Raises WorkerError where it is not sure."""
        sources = [TopicPartition(topics.events, n) for n in numbers]
        changelogs = [TopicPartition(topics.changelog, n) for n in numbers]
        first = await reader.beginning_offsets([*sources, *changelogs])
        last = await reader.end_offsets([*sources, *changelogs])
        starts = {}
        for source, changelog in zip(sources, changelogs, strict=True):
            committed = await reader.committed(source)
            if committed is None:
                if last[changelog] > 0:
                    raise WorkerError(
                        Exit.TORN,
                        f"group {self.settings.group} has no committed offset for {source} while "
                        f"{topics.changelog} holds its state: folding again from the beginning "
                        "would count twice; take another group and prefix, or restore the offsets",
                    )
                committed = first[source]
            elif not first[source] <= committed <= last[source]:
                raise WorkerError(
                    Exit.TORN,
                    f"the committed offset {committed} of {source} is outside its log "
                    f"({first[source]} to {last[source]}): history was cut or made anew",
                )
            starts[source.partition] = committed
        return starts

    async def _changelogs(
        self,
        reader: AIOKafkaConsumer,
        logs: list[TopicPartition],
        ends: Mapping[int, int],
        epoch: int,
    ) -> dict[int, dict[bytes, bytes]]:
        """The latest value of every key, by partition."""
        entries: dict[int, dict[bytes, bytes]] = {tp.partition: {} for tp in logs}
        first = await reader.beginning_offsets(logs)
        reader.assign(logs)
        for tp, offset in first.items():
            reader.seek(tp, offset)
        unread = {tp for tp in logs if first[tp] < ends[tp.partition]}
        while unread:
            self._check(epoch)
            for tp, records in (await reader.getmany(timeout_ms=POLL_MS)).items():
                entries[tp.partition].update((r.key, r.value) for r in records)
            for tp in list(unread):
                if await reader.position(tp) >= ends[tp.partition]:
                    unread.discard(tp)
                    reader.pause(tp)
        return entries
