"""The event log: brings the records of `dossier-events` to the agent, in chunks, each once.

Faust's own consumer is switched off: on a rebalance it clears the agents' queues and takes what
was in them for done. This service reads with aiokafka alone. Its rebalance callbacks do nothing
that can fail; its feed loop alone reads and recovers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import faust
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    ConsumerStoppedError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from mode import Service

from streams.exits import Exit, WorkerError, end_process
from streams.lease import Lease
from streams.ownership import OwnedPartition, Ownership
from streams.pace import Pace
from streams.record import Record
from streams.recovery import Outdated, Recovery
from streams.settings import WorkerSettings
from streams.topics import Topics

log = logging.getLogger(__name__)

POLL_MS = 100  # how long the feed waits for records
GATHER_MS = 5  # and for more of them where there are few: a fetch that finds something takes less
REBALANCE_TIMEOUT_MS = 60_000  # for the others to come to a join; it defaults to the session's
MAX_POLL_MS = 60 * 60 * 1000  # a long recovery must not look like a hanging reader


@dataclass(slots=True, frozen=True)
class Chunk:
    """The range [start, end) of a partition: its records, and what is none (markers, aborted)."""

    partition: OwnedPartition
    start: int
    end: int
    records: Sequence[Record]


@dataclass(slots=True, frozen=True)
class Reading:
    """What one look at Kafka gave: chunks of different partitions, for the agent.

    The feed reads on when they are done: what waited in the channel meanwhile would be old when
    it is folded. aiokafka fetches ahead all the same.
    """

    chunks: Sequence[Chunk]
    done: asyncio.Event = field(default_factory=asyncio.Event)  # folded and committed, or dropped


async def or_end_process(deed: Awaitable[None], what: str) -> None:
    """Await it; any error ends the process (cancellation does not)."""
    try:
        await deed
    except WorkerError as error:
        end_process(error.code, str(error), error)
    except KafkaError as error:
        end_process(Exit.NOT_READ, f"{what}: {error!r}", error)
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing may go on after it
        end_process(Exit.DEFECT, f"{what}: {error!r}", error)


class Callbacks(ConsumerRebalanceListener):  # type: ignore[misc]
    """What aiokafka calls in a rebalance; it would swallow an exception, so there is none."""

    def __init__(self, ownership: Ownership) -> None:
        self._ownership = ownership

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Awaited before the join goes out: the chunk in flight ends, then all is given up."""
        self._ownership.epoch += 1
        self._ownership.wanted = None
        await or_end_process(self._give_up(), "giving up partitions")

    async def _give_up(self) -> None:
        async with self._ownership.lock:
            given_up = self._ownership.forget()
            await asyncio.gather(*(partition.writer.stop() for partition in given_up))

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Noted, no more: the feed loop recovers them."""
        self._ownership.wanted = frozenset(tp.partition for tp in assigned)
        self._ownership.assigned_once = True


class EventLog(Service):  # type: ignore[misc]
    """Reads the group's share of `dossier-events`."""

    def __init__(
        self,
        *,
        app: faust.App,
        settings: WorkerSettings,
        ownership: Ownership,
        recovery: Recovery,
        channel: faust.ChannelT,
        lease: Lease,
        pace: Pace,
    ) -> None:
        super().__init__()
        self._app = app
        self._settings = settings
        self._ownership = ownership
        self._recovery = recovery
        self._channel = channel
        self._lease = lease
        self._pace = pace
        self._topic = Topics.of(settings.prefix).events
        self._consumer: AIOKafkaConsumer = None  # until the group is joined

    async def on_start(self) -> None:
        """Join the group and begin to read."""
        self._app.flow_control.resume()  # with no Faust consumer nobody else does
        self._lease.start()
        self.add_future(self._lease.renew())
        self.add_future(or_end_process(self._run(), f"reading {self._topic}"))

    async def on_stop(self) -> None:
        """Let the chunk in flight end, then leave the group."""
        self._lease.end()
        self._ownership.epoch += 1
        async with self._ownership.lock:
            given_up = self._ownership.forget()
            if self._consumer is not None:
                await self._consumer.stop()
            await asyncio.gather(*(partition.writer.stop() for partition in given_up))

    async def _run(self) -> None:
        try:
            await self._join()
            while not self.should_stop:
                if self._ownership.wanted is not None:
                    await self._recover(self._ownership.wanted)
                else:
                    await self._read()
        except (ConsumerStoppedError, KafkaError, WorkerError) as error:
            if not self.should_stop:  # on_stop closes the consumer under its reader
                raise
            log.info("while stopping: %r", error)

    async def _join(self) -> None:
        consumer = AIOKafkaConsumer(
            group_id=self._settings.group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",  # "earliest" would skip a gap without a word
            session_timeout_ms=self._settings.session_timeout_ms,
            heartbeat_interval_ms=self._settings.heartbeat_ms,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            max_poll_interval_ms=MAX_POLL_MS,
            **self._settings.kafka.for_aiokafka(),
        )
        consumer.subscribe([self._topic], listener=Callbacks(self._ownership))
        await consumer.start()
        self._consumer = consumer

    async def _recover(self, numbers: frozenset[int]) -> None:
        ownership = self._ownership
        async with ownership.lock:
            epoch = ownership.epoch
            if ownership.wanted != numbers:
                return
            try:
                recovered = await self._recovery.recover(numbers, epoch, ownership.retained)
            except Outdated:
                return
            if ownership.epoch != epoch:
                await asyncio.gather(*(partition.writer.stop() for partition in recovered))
                return
            # No await between here and the end: the seeks and the state belong to one ownership.
            for partition in recovered:
                self._consumer.seek(self._source(partition), partition.next)
            ownership.partitions = {partition.number: partition for partition in recovered}
            ownership.retained = {}
            ownership.wanted = None

    def _source(self, partition: OwnedPartition) -> TopicPartition:
        return TopicPartition(self._topic, partition.number)

    async def _read(self) -> None:
        epoch = self._ownership.epoch
        records = await self._poll(timeout_ms=POLL_MS)
        if records:
            await self._gather(records)
        if epoch != self._ownership.epoch or self._ownership.wanted is not None:
            return  # read in another ownership: recovery seeks back
        chunks = await self._chunks(records)
        if chunks:
            while not self._channel.subscriber_count:
                await asyncio.sleep(0.01)  # a channel without subscribers drops what is put
            reading = Reading(chunks)
            await self._channel.put(reading)
            await reading.done.wait()

    async def _gather(self, records: dict[TopicPartition, Sequence[Record]]) -> None:
        """Add what else can be had at once, so that fewer transactions carry more.

        Much was read: the others' share too; while one is written, the next is folded. Little:
        what has come since; aiokafka fetches that only now, when what it held has been taken.
        """
        if sum(map(len, records.values())) < self._pace.records // 2:
            for source, more in (await self._poll(timeout_ms=GATHER_MS)).items():
                records[source] = [*records.get(source, ()), *more]
            return
        for partition in list(self._ownership.partitions.values()):
            if (source := self._source(partition)) not in records:
                records |= await self._poll(source)

    async def _poll(
        self, *sources: TopicPartition, timeout_ms: int = 0
    ) -> dict[TopicPartition, Sequence[Record]]:
        """Records of these partitions, or of any; each is given once. Raises WorkerError."""
        try:
            found: dict[TopicPartition, Sequence[Record]] = await self._consumer.getmany(
                *sources, timeout_ms=timeout_ms, max_records=self._pace.records
            )
        except NoOffsetForPartitionError:
            # Noted by the fetcher between the assignment and our seek; since then there is one.
            return {}
        except OffsetOutOfRangeError as error:
            raise WorkerError(
                Exit.TORN, f"retention cut {self._topic} under the reader: {error!r}"
            ) from error
        except UnicodeDecodeError as error:
            places = ", ".join(f"{p.number} from {p.read_to}" for p in self._given())
            raise WorkerError(
                Exit.TORN,
                f"a record of {self._topic} has a header whose name is not UTF-8, which no client "
                f"can read; it is in one of the partitions {places}: {error}",
            ) from error
        return found

    def _given(self) -> list[OwnedPartition]:
        return list(self._ownership.partitions.values())

    async def _chunks(self, records: Mapping[TopicPartition, Sequence[Record]]) -> list[Chunk]:
        """A chunk for every partition whose position moved, with or without records."""
        chunks = []
        for partition in self._ownership.partitions.values():
            source = self._source(partition)
            position = await self._consumer.position(source)  # known: does not give way
            partition.stable = self._consumer.last_stable_offset(source)
            partition.polled_at = self._consumer.last_poll_timestamp(source)
            partition.caught_up_once = partition.caught_up_once or partition.caught_up
            if position > partition.read_to:
                chunks.append(
                    Chunk(partition, partition.read_to, position, records.get(source, ()))
                )
                partition.read_to = position
        return chunks
