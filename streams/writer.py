"""What writes for one partition: a transaction per chunk or tick, and records sent on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced

from streams.effects import Forward
from streams.exits import Exit, WorkerError
from streams.outputs import Output, batches
from streams.settings import WorkerSettings
from streams.topics import Topics

BATCH_BYTES = 512 * 1024  # of one produce request to a topic
ROOM_BYTES = 32 * 1024 * 1024  # a builder never refuses what `batches` has cut
RETRY_MS = 20  # a transaction right after another one waits so long for its markers


class PartitionWriter:
    """The transactional producer of one partition: who starts it fences every earlier owner.

    Not for two chunks at a time.
    """

    def __init__(self, settings: WorkerSettings, partition: int, limits: Mapping[str, int]) -> None:
        self.partition = partition
        self.changelog_end: int | None = None  # offset after our last record and its marker
        self._topics = Topics.of(settings.prefix)
        self._group = settings.group
        self._limits = limits  # max.message.bytes by topic
        self._source = TopicPartition(self._topics.events, partition)
        self._producer = AIOKafkaProducer(
            transactional_id=f"{settings.group}-{self._topics.events}-{partition}",
            transaction_timeout_ms=settings.transaction_timeout_ms,
            request_timeout_ms=settings.transaction_timeout_ms,
            max_batch_size=ROOM_BYTES,
            retry_backoff_ms=RETRY_MS,
            **settings.kafka.for_aiokafka(),
        )

    async def start(self) -> None:
        """Fence earlier owners; when it returns, their open transaction has been aborted."""
        await self._producer.start()

    async def stop(self) -> None:
        """Close; an open transaction is left to the next owner or the time-out."""
        await self._producer.stop()

    async def commit(self, written: Mapping[str, Sequence[Output]], next_offset: int) -> None:
        """Write all of it and the consumer's offset in one transaction.

        Raises WorkerError: fenced, or not written for another reason. Nothing counts then.
        """
        producer = self._producer
        try:
            await producer.begin_transaction()
            if written:
                await asyncio.gather(*(self._send(topic, written[topic]) for topic in written))
            await producer.send_offsets_to_transaction({self._source: next_offset}, self._group)
            await producer.commit_transaction()
        except ProducerFenced as error:
            raise WorkerError(
                Exit.FENCED, f"partition {self.partition} has another owner now"
            ) from error
        except KafkaError as error:
            raise WorkerError(
                Exit.NOT_WRITTEN, f"transaction of partition {self.partition}: {error!r}"
            ) from error

    async def _send(self, topic: str, records: Sequence[Output]) -> None:
        acknowledgements = []
        for batch in batches(topic, records, BATCH_BYTES, self._limits):
            builder = self._producer.create_batch()
            for key, value, timestamp, headers in batch:
                if (
                    builder.append(key=key, value=value, timestamp=timestamp, headers=list(headers))
                    is None
                ):
                    raise WorkerError(Exit.DEFECT, f"a batch for {topic} refused a record")
            builder.close()
            acknowledgements.append(
                await self._producer.send_batch(builder, topic, partition=self.partition)
            )
        places = await asyncio.gather(*acknowledgements)
        if topic == self._topics.changelog:
            # The last batch began at that offset; the commit's marker takes one more.
            self.changelog_end = places[-1].offset + len(batch) + 1


class Forwarder:
    """Sends records on to the partition they belong to; they are there when `send` returns.

    Outside the transaction, since a chunk that is folded again must be allowed to send again what
    the next owner may long have read: there it is a duplicate, which changes nothing.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._topic = Topics.of(settings.prefix).events
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()  # several partitions may have something to send on

    async def send(self, forwards: Sequence[Forward]) -> None:
        """Raises WorkerError where one of them was not acknowledged."""
        try:
            producer = await self._started()
            acknowledgements = [
                await producer.send(
                    self._topic,
                    key=forward.key,
                    value=forward.value,
                    partition=forward.partition,
                    timestamp_ms=forward.timestamp,
                    headers=list(forward.headers),
                )
                for forward in forwards
            ]
            await asyncio.gather(*acknowledgements)
        except KafkaError as error:
            raise WorkerError(Exit.NOT_WRITTEN, f"records to be sent on: {error!r}") from error

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    enable_idempotence=True,
                    request_timeout_ms=self._settings.transaction_timeout_ms,
                    max_request_size=ROOM_BYTES,
                    **self._settings.kafka.for_aiokafka(),
                )
                await producer.start()
                self._producer = producer
            return self._producer

    async def stop(self) -> None:
        """Close."""
        if self._producer is not None:
            await self._producer.stop()
