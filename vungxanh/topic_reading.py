"""Reading a topic from its beginning to its end, as it stands now: committed records only.

No consumer group, nothing committed: looking at a topic leaves no trace.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.record import Record
from streams.settings import KafkaAccess
from vungxanh.errors import UnreachableError, WrongUseError
from vungxanh.kafka_access import reaching
from vungxanh.settings import Settings
from vungxanh.settings_use import kafka_access

_CHUNK = 10_000


def read_topic(
    settings: Settings,
    name: str,
    take: Callable[[Record], None],
    partitions: set[int] | None = None,
    *,
    whole: bool = False,
) -> int:
    """Call `take` for every committed record of a topic, each partition's in offset order.

    `name` is without the prefix. Returns how many partitions the topic has. Raises WrongUseError
    where there is no such topic, or with `whole` where its first records are gone; UnreachableError
    without Kafka.
    """
    topic = settings.topic(name)
    with reaching(settings):
        return asyncio.run(_read(kafka_access(settings), topic, take, partitions, whole))


async def _read(
    access: KafkaAccess,
    topic: str,
    take: Callable[[Record], None],
    wanted: set[int] | None,
    whole: bool,
) -> int:
    async with _consumer(access) as consumer:
        partitions = await _partitions(consumer, topic)
        chosen = sorted(partitions if wanted is None else partitions & wanted)
        if chosen:
            await _read_to_end(consumer, [TopicPartition(topic, n) for n in chosen], take, whole)
        return len(partitions)


@asynccontextmanager
async def _consumer(access: KafkaAccess) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        **access.for_aiokafka(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _partitions(consumer: Any, topic: str) -> set[int]:  # noqa: ANN401 - aiokafka is untyped
    if topic not in await consumer.topics():
        raise WrongUseError(f"there is no topic {topic}: make it with `vungxanh topics`")
    # A consumer learns of a topic's partitions only when it has something to do with the topic.
    first = TopicPartition(topic, 0)
    consumer.assign([first])
    await consumer.beginning_offsets([first])
    found = consumer.partitions_for_topic(topic)
    if not found:
        raise UnreachableError(f"Kafka does not say which partitions topic {topic} has; try again")
    return set(found)


async def _read_to_end(
    consumer: Any,  # noqa: ANN401
    partitions: list[TopicPartition],
    take: Callable[[Record], None],
    whole: bool,
) -> None:
    consumer.assign(partitions)
    beginnings = await consumer.beginning_offsets(partitions)
    if whole:
        _demand_first(beginnings)
    ends = await consumer.end_offsets(partitions)  # the last stable offsets, with read_committed
    for partition in partitions:
        consumer.seek(partition, beginnings[partition])
    left = {one for one in partitions if beginnings[one] < ends[one]}
    consumer.pause(*(one for one in partitions if one not in left))
    while left:
        got = await consumer.getmany(*left, timeout_ms=200, max_records=_CHUNK)
        for partition, records in got.items():
            for record in _before(records, ends[partition]):
                take(record)
        for partition in list(left):
            if await consumer.position(partition) >= ends[partition]:
                left.discard(partition)
                consumer.pause(partition)


def _demand_first(beginnings: Mapping[TopicPartition, int]) -> None:
    for place, offset in beginnings.items():
        if offset > 0:
            raise WrongUseError(
                f"{place.topic} partition {place.partition} begins at offset {offset}: earlier "
                "records are gone, and figures from the rest would be wrong; restore the topic, "
                "and set its retention.ms to -1"
            )


def _before(records: list[Record], end: int) -> Iterator[Record]:
    return (record for record in records if record.offset < end)
