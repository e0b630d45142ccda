"""Writing what people did into `unit-actions`: idempotent, acknowledged by all."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import UnknownTopicOrPartitionError

from schemas.action import AND_BELOW, Action
from streams.settings import KafkaAccess

REQUEST_MS = 10_000  # a person waits for the answer


def key_of_scope(scope: str) -> str:
    """The key of a silence's records: its unit, or `*`; one key, so that they stay in order."""
    return scope.removesuffix(AND_BELOW)


class ActionLog:
    """Writes one action at a time; it is in Kafka when `write` returns.

    Connects at the first write. Errors of Kafka come out of `write`; then it is not known whether
    the action was written. Writing it again, under the same `action_id`, does no harm.
    """

    def __init__(self, kafka: KafkaAccess, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic  # its name in Kafka, prefix and all
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def write(self, key: str, action: Action) -> None:
        """Append it under the unit's id (`*`: all units), with its `at` as the record's time."""
        producer = await self._started()
        await producer.send_and_wait(
            self._topic, key=key.encode(), value=action.to_json(), timestamp_ms=action.at
        )

    async def _started(self) -> Any:  # noqa: ANN401 - aiokafka is untyped
        async with self._starting:
            if self._producer is None:
                producer: Any = AIOKafkaProducer(
                    acks="all",
                    enable_idempotence=True,
                    request_timeout_ms=REQUEST_MS,
                    **self._kafka.for_aiokafka(),
                )
                try:
                    await producer.start()
                    # Asking for the one topic would wait for it to come.
                    known = await producer.client.fetch_all_metadata()
                    if self._topic not in known.topics():
                        raise UnknownTopicOrPartitionError(self._topic)
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def stop(self) -> None:
        """Close."""
        async with self._starting:
            producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()
