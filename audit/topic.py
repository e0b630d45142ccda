"""The topics as the auditor reads them: by offsets, without joining any consumer group.

Only what is committed is seen, up to the end as it stands when the reading begins.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.record import Record
from streams.settings import KafkaAccess

_WAIT_MS = 1_000  # for the next records; the end is known, so waiting is never for nothing


class TopicMissing(Exception):  # noqa: N818 - nothing failed: it is not there yet
    """The topic does not exist; says what to do."""


class HistoryCut(Exception):  # noqa: N818 - a finding about the topic
    """The first offsets of a topic are gone, so what is left proves nothing."""


class TopicReader:
    """Reads all of a topic, from its first record to its end, partition by partition.

    `async with` it; `partitions` and `total` (records and markers to read) are known then.
    Raises aiokafka's KafkaError where Kafka cannot be reached, and `TopicMissing`.
    """

    def __init__(self, access: KafkaAccess, topic: str) -> None:
        self._topic = topic
        self._consumer = AIOKafkaConsumer(
            **access.for_aiokafka(),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
        self.partitions = 0
        self.total = 0
        self.read = 0
        self._ends: dict[TopicPartition, int] = {}
        self._begins: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> TopicReader:
        await self._consumer.start()
        try:
            known = await self._consumer.topics()
            if self._topic not in known:
                raise TopicMissing(
                    f"topic {self._topic} does not exist; `vungxanh topics` creates it"
                )
            numbers = self._consumer.partitions_for_topic(self._topic) or set()
            places = [TopicPartition(self._topic, number) for number in sorted(numbers)]
            self.partitions = len(places)
            self._consumer.assign(places)
            self._ends = await self._consumer.end_offsets(places)
            self._begins = await self._consumer.beginning_offsets(places)
            self.total = sum(self._ends[p] - self._begins[p] for p in places)
            for place in places:
                self._consumer.seek(place, self._begins[place])
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    def demand_whole(self) -> None:
        """Raise `HistoryCut` unless every partition still has its first record."""
        for place, begin in self._begins.items():
            if begin > 0:
                raise HistoryCut(
                    f"{self._topic} partition {place.partition} begins at offset {begin}: records "
                    "have been deleted, so figures from what is left would be wrong; set "
                    "retention.ms=-1 and restore the topic"
                )

    async def chunks(self) -> AsyncIterator[tuple[int, Sequence[Record]]]:
        """(partition, records in the order of their offsets), until the end is reached."""
        reached: dict[TopicPartition, int] = {}
        waiting = {place for place, end in self._ends.items() if self._begins[place] < end}
        while waiting:
            fetched: dict[TopicPartition, list[Any]] = await self._consumer.getmany(
                *waiting, timeout_ms=_WAIT_MS
            )
            for place, records in fetched.items():
                wanted = [record for record in records if record.offset < self._ends[place]]
                if wanted:
                    yield place.partition, wanted
            for place in tuple(waiting):
                reached[place] = min(await self._consumer.position(place), self._ends[place])
                if reached[place] >= self._ends[place]:
                    waiting.discard(place)
            self.read = sum(at - self._begins[place] for place, at in reached.items())
