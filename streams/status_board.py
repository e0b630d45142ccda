"""The boards: what `unit-status`, `unit-outlook` and `unit-alerts` say of all units.

Every worker follows these topics read_committed, so any worker can show all units. The order of
records of one key is Kafka's; the boards decide nothing.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from mode import Service

from schemas.instants import Millis
from schemas.outlook import read_outlook
from streams.event_log import or_end_process
from streams.settings import WorkerSettings
from streams.topics import Topics

log = logging.getLogger(__name__)

POLL_MS = 500
STEPS_KEPT = 1_000  # of each partition of unit-alerts: the newest, for /api/alerts


class Boards(Service):  # type: ignore[misc]
    """The latest status and outlook of every unit, and the latest steps of incidents."""

    def __init__(self, settings: WorkerSettings) -> None:
        super().__init__()
        self._settings = settings
        self._topics = Topics.of(settings.prefix)
        self.statuses: dict[str, bytes] = {}  # unit -> its latest UnitStatus as JSON
        # (at, partition, offset) -> unit and its step as JSON
        self.steps: dict[tuple[Millis, int, int], tuple[str, bytes]] = {}
        # unit -> its feed's last arrival and usual gap, by its latest outlook
        self.feeds: dict[str, tuple[Millis | None, Millis | None]] = {}
        self.clock: Millis | None = None  # the latest of all judgements
        self.read_to_end = False  # of all topics, once

    async def on_start(self) -> None:
        """Begin to follow."""
        self.add_future(or_end_process(self._follow(), "following the statuses"))

    async def _follow(self) -> None:
        reader: AIOKafkaConsumer = AIOKafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **self._settings.kafka.for_aiokafka(),
        )
        await reader.start()
        try:
            ends = await self._begin(reader)
            while not self.should_stop:
                self._take(await reader.getmany(timeout_ms=POLL_MS))
                if not self.read_to_end:
                    positions = [await reader.position(tp) for tp in ends]
                    self.read_to_end = all(map(int.__ge__, positions, ends.values()))
        finally:
            await reader.stop()

    async def _begin(self, reader: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Seek to where following begins; returns the ends as they are now."""
        numbers = range(self._settings.partitions)
        latest = (self._topics.status, self._topics.outlook)
        statuses = [TopicPartition(topic, n) for topic in latest for n in numbers]
        steps = [TopicPartition(self._topics.alerts, n) for n in numbers]
        ends: dict[TopicPartition, int] = await reader.end_offsets([*statuses, *steps])
        first = await reader.beginning_offsets([*statuses, *steps])
        reader.assign([*statuses, *steps])
        for tp in statuses:
            reader.seek(tp, first[tp])
        for tp in steps:
            reader.seek(tp, max(first[tp], ends[tp] - STEPS_KEPT))
        return ends

    def _take(self, records: dict[TopicPartition, list[Any]]) -> None:
        for tp, batch in records.items():
            if tp.topic == self._topics.status:
                for record in batch:
                    self.statuses[record.key.decode()] = record.value
                self.clock = max([self.clock or 0, *(record.timestamp for record in batch)])
            elif tp.topic == self._topics.outlook:
                for record in batch:
                    self._take_outlook(record.key.decode(), record.value)
            else:
                for record in batch:
                    place = (record.timestamp, tp.partition, record.offset)
                    self.steps[place] = (record.key.decode(), record.value)
        self._drop_old_steps()

    def _take_outlook(self, unit_id: str, value: bytes) -> None:
        try:
            outlook = read_outlook(value)
        except (ValueError, KeyError, TypeError) as error:
            log.error("the outlook of unit %s is unreadable: %s", unit_id, error)
        else:
            self.feeds[unit_id] = (outlook.last_arrival, outlook.usual_gap)

    def _drop_old_steps(self) -> None:
        surplus = len(self.steps) - STEPS_KEPT * self._settings.partitions
        if surplus > 0:
            for place in sorted(self.steps)[:surplus]:
                del self.steps[place]

    def newest_steps(self, limit: int, unit_id: str | None = None) -> list[bytes]:
        """Steps as JSON, newest first; of one unit if it is named."""
        newest = (self.steps[place] for place in sorted(self.steps, reverse=True))
        return list(islice((step for unit, step in newest if unit_id in (None, unit)), limit))
