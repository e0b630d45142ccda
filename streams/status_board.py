"""The boards: what the topics say of all units, incidents, messages, silences and workers.

Every worker follows these topics read_committed, so any worker can show all units. The order of
records of one key is Kafka's; the boards decide nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from mode import Service

from schemas.instants import Millis
from streams.boards.news import News
from streams.boards.notifications import NOTIFICATIONS_KEPT, NotificationBoard
from streams.boards.presences import PresenceBoard
from streams.boards.silences import SilenceBoard
from streams.boards.steps import STEPS_KEPT, Place, StepBoard
from streams.boards.units import UnitBoard
from streams.event_log import or_end_process
from streams.folding import wall
from streams.settings import WorkerSettings
from streams.topics import Topics

log = logging.getLogger(__name__)

POLL_MS = 500


class Boards(Service):  # type: ignore[misc]
    """Follows the topics and keeps the boards."""

    def __init__(self, settings: WorkerSettings, news: News | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._topics = Topics.of(settings.prefix)
        self._news = news
        self.units = UnitBoard()
        self.step_board = StepBoard(settings.partitions)
        self.notifications = NotificationBoard(settings.partitions)
        self.silences = SilenceBoard()
        self.presences = PresenceBoard()
        self.read_to_end = False  # of all topics, once

    @property
    def statuses(self) -> dict[str, bytes]:
        """Unit -> its latest UnitStatus as JSON."""
        return self.units.statuses

    @property
    def feeds(self) -> dict[str, tuple[Millis | None, Millis | None]]:
        """Unit -> its feed's last arrival and usual gap."""
        return self.units.feeds

    @property
    def clock(self) -> Millis | None:
        """The latest of all judgements."""
        return self.units.clock

    @property
    def steps(self) -> dict[Place, tuple[str, bytes]]:
        """Unit and step as JSON, by their place."""
        return self.step_board.steps

    def newest_steps(self, limit: int, unit_id: str | None = None) -> list[bytes]:
        """Steps as JSON, newest first; of one unit if it is named."""
        return self.step_board.newest_steps(limit, unit_id)

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
                self.take(await reader.getmany(timeout_ms=POLL_MS))
                if not self.read_to_end:
                    positions = [await reader.position(tp) for tp in ends]
                    self.read_to_end = all(map(int.__ge__, positions, ends.values()))
                    if self.read_to_end and self._news is not None:
                        self._news.reset()  # until now nothing was told one by one
        finally:
            await reader.stop()

    async def _begin(self, reader: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Seek to where following begins; returns the ends as they are now."""
        topics, numbers = self._topics, range(self._settings.partitions)
        newest = {topics.alerts: STEPS_KEPT, topics.notifications: NOTIFICATIONS_KEPT}
        whole = (topics.status, topics.outlook, topics.actions)
        followed = [TopicPartition(topic, n) for topic in (*whole, *newest) for n in numbers]
        followed.append(TopicPartition(topics.presence, 0))
        ends: dict[TopicPartition, int] = await reader.end_offsets(followed)
        first = await reader.beginning_offsets(followed)
        reader.assign(followed)
        for tp in followed:
            kept = newest.get(tp.topic)
            reader.seek(tp, first[tp] if kept is None else max(first[tp], ends[tp] - kept))
        return ends

    def take(self, records: dict[TopicPartition, Sequence[Any]]) -> None:
        """Put records of the topics onto their boards; what is new is told."""
        topics = self._topics
        for tp, batch in records.items():
            if tp.topic == topics.status:
                self._take_statuses(batch)
            elif tp.topic == topics.outlook:
                for record in batch:
                    self.units.take_outlook(record.key.decode(), record.value)
            elif tp.topic == topics.alerts:
                self._take_steps(batch)
            elif tp.topic == topics.notifications:
                self._take_notifications(batch)
            elif tp.topic == topics.actions:
                for record in batch:
                    self.silences.take(record.value)
            elif tp.topic == topics.presence:
                heard_at = wall() if self.read_to_end else None
                for record in batch:
                    self.presences.take(record.key.decode(), record.value, heard_at)
        self.step_board.drop_old()
        self.notifications.drop_old()

    def _take_statuses(self, batch: Sequence[Any]) -> None:
        latest: dict[str, bytes] = {}
        for record in batch:
            unit_id = record.key.decode()
            self.units.take_status(unit_id, record.value, record.timestamp)
            latest[unit_id] = record.value
        if self._news is not None and self.read_to_end:
            for unit_id, value in latest.items():
                self._news.status(unit_id, value)

    def _take_steps(self, batch: Sequence[Any]) -> None:
        for record in batch:
            unit_id = record.key.decode()
            self.step_board.take(_place(record), unit_id, record.value)
            if self._news is not None and self.read_to_end:
                self._news.step(unit_id, record.value)

    def _take_notifications(self, batch: Sequence[Any]) -> None:
        for record in batch:
            try:
                taken = self.notifications.take(_place(record), record.value)
            except (ValueError, TypeError) as error:
                log.error("a notification is unreadable: %s", error)
                continue
            if self._news is not None and self.read_to_end:
                self._news.notification(taken.get("unit_id"), record.value)


def _place(record: Any) -> Place:  # noqa: ANN401 - aiokafka is untyped
    return record.timestamp, record.partition, record.offset
