"""What the notifier reads and writes in Kafka.

It follows `unit-alerts`, `unit-actions`, `unit-outlook` and `unit-status` of all partitions. What
it decides, the steps that follow, its state and how far it has read are one transaction: after a
crash it goes on exactly there. Who starts its producer fences every earlier notifier.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced

from schemas.action import Action, read_action
from schemas.instants import Millis
from schemas.outlook import UnitOutlook, read_outlook
from schemas.step import IncidentStep, read_step
from streams.routing import partition_of
from streams.settings import WorkerSettings
from streams.topics import Topics
from streams.writer import RETRY_MS, ROOM_BYTES

log = logging.getLogger(__name__)

STATE_PARTITION = 0  # all of the notifier's state lies in it
ROUND_S = 0.5  # between two rounds of reading, while nothing comes
MOST_A_ROUND = 2_000  # records: a round is one transaction, and the figures' loop waits for it
PATIENCE_S = 10.0  # to read what had been committed when a round began

Cursor = dict[str, dict[str, int]]  # topic without prefix -> partition -> the next offset


class FencedError(Exception):
    """Another worker has become the notifier."""


class BrokenError(Exception):
    """Kafka could not be read or written; nothing of the round counts."""


@dataclass(slots=True)
class Heard:
    """What one round of reading brought, each kind in the order of its topic."""

    clock: Millis | None  # no step up to it is still to come; None: not known
    complete: bool = True  # whether all was heard that had been committed when the round began
    steps: list[IncidentStep] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    outlooks: list[UnitOutlook] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)  # as in `unit-status`


class Written(NamedTuple):
    """One record to be written."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None
    timestamp: Millis


class NotifierLog:
    """One notifier's clients; for one term of office."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.topics = Topics.of(settings.prefix)
        self._partitions = settings.partitions
        self._access = access = settings.kafka.for_aiokafka()
        self._reader = self._new_reader()
        # Only asked for the workers' offsets: it never joins, and nothing is assigned to it. A
        # reader of a group that is assigned something else fails by chance (aiokafka 0.14).
        self._asker: AIOKafkaConsumer = AIOKafkaConsumer(
            group_id=settings.group, enable_auto_commit=False, **access
        )
        self._producer = AIOKafkaProducer(
            transactional_id=f"{settings.group}-notifier",
            transaction_timeout_ms=settings.transaction_timeout_ms,
            request_timeout_ms=settings.transaction_timeout_ms,
            retry_backoff_ms=RETRY_MS,
            max_request_size=ROOM_BYTES,
            **access,
        )
        self._status_clock: Millis | None = None

    def _new_reader(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **self._access,
        )

    async def start(self) -> dict[bytes, bytes]:
        """Fence earlier notifiers; the state that the last one left. Raises BrokenError."""
        try:
            await self._producer.start()
            await self._reader.start()
            await self._asker.start()
            return await self._state()
        except KafkaError as error:
            raise BrokenError(f"starting: {error!r}") from error

    async def stop(self) -> None:
        """Close all clients."""
        try:
            await self._asker.stop()
        finally:
            try:
                await self._reader.stop()
            finally:
                await self._producer.stop()

    async def _state(self) -> dict[bytes, bytes]:
        place = TopicPartition(self.topics.notifier, STATE_PARTITION)
        state: dict[bytes, bytes] = {}
        reader = self._new_reader()
        await reader.start()
        try:
            end = (await reader.end_offsets([place]))[place]
            reader.assign([place])
            await reader.seek_to_beginning(place)
            while await reader.position(place) < end:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    for record in records:
                        if record.value is None:
                            state.pop(record.key, None)
                        else:
                            state[record.key] = record.value
        finally:
            await reader.stop()
        return state

    async def follow(self, cursor: Cursor) -> None:
        """Begin to read: alerts and actions from where the state stands, the others from the start.

        Without a cursor all of it is read from the start: old steps are history.
        """
        names = {"alerts": self.topics.alerts, "actions": self.topics.actions}
        numbers = range(self._partitions)
        followed = [*names.values(), self.topics.status, self.topics.outlook]
        places = [TopicPartition(topic, number) for topic in followed for number in numbers]
        self._reader.assign(places)
        await self._reader.seek_to_beginning(*places)
        for name, topic in names.items():
            for number, offset in cursor.get(name, {}).items():
                self._reader.seek(TopicPartition(topic, int(number)), offset)

    async def cursor(self) -> Cursor:
        """How far alerts and actions have been read."""
        return {
            name: {
                str(number): await self._reader.position(TopicPartition(topic, number))
                for number in range(self._partitions)
            }
            for name, topic in (("alerts", self.topics.alerts), ("actions", self.topics.actions))
        }

    async def read(self) -> Heard:
        """What has come since the last round; waits a little where nothing has.

        Raises BrokenError.
        """
        heard = Heard(self._status_clock)
        try:
            places = list(self._reader.assignment())
            ends = await self._reader.end_offsets(places)
            began = asyncio.get_running_loop().time()
            wait = ROUND_S
            count = 0
            while True:
                batches = await self._reader.getmany(
                    timeout_ms=int(wait * 1000), max_records=MOST_A_ROUND
                )
                for place, records in batches.items():
                    self._take(place.topic, records, heard)
                    count += len(records)
                heard.complete = await self._reached(ends)
                waited = asyncio.get_running_loop().time() - began
                if heard.complete or count >= MOST_A_ROUND or waited > PATIENCE_S:
                    return heard
                wait = 0.05
        except KafkaError as error:
            raise BrokenError(f"reading: {error!r}") from error

    async def _reached(self, ends: Mapping[TopicPartition, int]) -> bool:
        for place, end in ends.items():
            if await self._reader.position(place) < end:
                return False
        return True

    def _take(self, topic: str, records: Iterable[Any], heard: Heard) -> None:
        for record in records:
            try:
                self._take_one(topic, record, heard)
            except (ValueError, KeyError, TypeError) as error:
                # Only the programs of this project write these topics.
                log.error("%s: offset %d is unreadable: %s", topic, record.offset, error)

    def _take_one(self, topic: str, record: Any, heard: Heard) -> None:  # noqa: ANN401 - aiokafka's
        if record.value is None:
            return
        if topic == self.topics.alerts:
            heard.steps.append(read_step(record.value))
        elif topic == self.topics.actions:
            heard.actions.append(read_action(record.value))
        elif topic == self.topics.outlook:
            heard.outlooks.append(read_outlook(record.value))
        else:
            heard.statuses.append(orjson.loads(record.value))
            self._status_clock = max(self._status_clock or 0, record.timestamp)

    async def write(self, records: Iterable[Written]) -> None:
        """Write all of it in one transaction. Raises FencedError or BrokenError."""
        producer = self._producer
        try:
            async with producer.transaction():
                sent = [
                    await producer.send(
                        one.topic,
                        value=one.value,
                        key=one.key,
                        partition=one.partition,
                        timestamp_ms=one.timestamp,
                    )
                    for one in records
                ]
                await asyncio.gather(*sent)
        except ProducerFenced as error:
            raise FencedError from error
        except KafkaError as error:
            raise BrokenError(f"writing: {error!r}") from error

    def notification(self, subject: str, value: bytes, at: Millis) -> Written:
        """A record of `unit-notifications`, under the incident or whatever else it is about."""
        number = partition_of(subject, self._partitions)
        return Written(self.topics.notifications, number, subject.encode(), value, at)

    def step(self, step: IncidentStep) -> Written:
        """A record of `unit-alerts`, beside those of the unit's monitor."""
        number = partition_of(step.unit_id, self._partitions)
        return Written(self.topics.alerts, number, step.unit_id.encode(), step.to_json(), step.at)

    def state(self, key: bytes, value: bytes | None, now: Millis) -> Written:
        """A record of the notifier's changelog."""
        return Written(self.topics.notifier, STATE_PARTITION, key, value, now)

    async def lag(self) -> int:
        """Records that the workers have not folded yet, of all partitions. Raises BrokenError."""
        places = [TopicPartition(self.topics.events, n) for n in range(self._partitions)]
        try:
            ends = await self._asker.end_offsets(places)
            done = [await self._asker.committed(place) or 0 for place in places]
        except KafkaError as error:
            raise BrokenError(f"asking for the lag: {error!r}") from error
        return sum(max(0, ends[place] - next_) for place, next_ in zip(places, done, strict=True))

    async def dead_letters(self) -> int:
        """How many dead letters have ever been written. Raises BrokenError."""
        places = [TopicPartition(self.topics.dead_letters, n) for n in range(self._partitions)]
        try:
            ends = await self._reader.end_offsets(places)
        except KafkaError as error:
            raise BrokenError(f"asking for dead letters: {error!r}") from error
        return sum(ends.values())
