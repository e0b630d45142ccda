"""Sending: idempotent, acknowledged by all, in batches that are built here.

Batches of one's own are some five times as fast as `send` for each record, and keep each
partition's order: the next batch of a partition goes out when the last one is acknowledged.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import UnknownTopicOrPartitionError

from schemas.instants import Millis
from streams.routing import partition_of
from streams.settings import KafkaAccess
from vungxanh.errors import WrongUseError
from vungxanh.publishing.parcels import Parcel

BATCH_BYTES = 256 * 1024
_IN_FLIGHT = 64  # batches: some 16 MB

Headers = list[tuple[str, bytes]]


def wall() -> Millis:
    """Now."""
    return time.time_ns() // 1_000_000


class Sender:
    """Puts records into one topic; a record counts as sent when `flush` has returned.

    Errors of Kafka come out of `put` and `flush`; then it is not known which of the records since
    the last `flush` were written. Sending them again does no harm (R1).
    """

    def __init__(self, kafka: KafkaAccess, topic: str) -> None:
        self._topic = topic
        self._access = kafka
        self.partitions = 0
        self._open: dict[int, Any] = {}  # partition -> batch being filled
        self._in_flight: list[asyncio.Future[object]] = []
        self._producer: Any = None

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            **self._access.for_aiokafka(),
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            linger_ms=0,
            request_timeout_ms=30_000,
        )
        await self._producer.start()
        with suppress(UnknownTopicOrPartitionError):
            self.partitions = len(await self._producer.partitions_for(self._topic) or ())
        if not self.partitions:
            await self._producer.stop()
            raise WrongUseError(f"there is no topic {self._topic}: make it with `vungxanh topics`")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._producer.stop()

    async def put(
        self,
        unit_id: str,
        value: bytes,
        arrival: Millis | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Add a record under its unit's key; `arrival` is its timestamp, None: now."""
        partition = partition_of(unit_id, self.partitions)
        await self.put_raw(partition, unit_id.encode(), value, arrival, headers)

    async def put_raw(
        self,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        arrival: Millis | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Add a record in a partition of one's own choice, whatever it holds."""
        record = {
            "key": key,
            "value": value,
            "timestamp": wall() if arrival is None else arrival,
            "headers": headers or [],
        }
        batch = self._open.get(partition)
        if batch is not None and batch.append(**record) is not None:
            return
        if batch is not None:
            await self._send(partition)
        batch = self._open[partition] = self._producer.create_batch()
        if batch.append(**record) is None:  # an empty batch takes a record of any size
            raise AssertionError("an empty batch refused a record")

    async def flush(self) -> None:
        """Send what is there and wait until Kafka has acknowledged all of it."""
        for partition in list(self._open):
            await self._send(partition)
        await self._acknowledged(0)

    async def _send(self, partition: int) -> None:
        batch = self._open.pop(partition)
        batch.close()
        future = await self._producer.send_batch(batch, self._topic, partition=partition)
        self._in_flight.append(future)
        await self._acknowledged(_IN_FLIGHT)

    async def _acknowledged(self, left: int) -> None:
        while len(self._in_flight) > left:
            await self._in_flight.pop(0)


async def send_all(
    sender: Sender,
    chunks: AsyncIterator[list[Parcel]],
    *,
    speed: float | None = None,
    progress: Callable[[int], None] = lambda sent: None,
) -> int:
    """Send chunk after chunk; how many were sent and acknowledged.

    `speed`: play at so many times real time, by the parcels' arrivals; an arrival before the one
    ahead of it goes out at once.
    """
    sent = 0
    pace = _Pace(speed) if speed else None
    async for chunk in chunks:
        for parcel in chunk:
            if pace and (wait := pace.until(parcel)) > 0:
                await sender.flush()
                progress(sent)
                await asyncio.sleep(wait)
            await sender.put(parcel.event.unit_id, parcel.value, parcel.arrival)
            sent += 1
        await sender.flush()
        progress(sent)
    return sent


class _Pace:
    """When a parcel is due, if the first goes out at once."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._started = time.monotonic()
        self._first: int | None = None  # microseconds

    def until(self, parcel: Parcel) -> float:
        """Seconds to wait; 0 or less: it is due."""
        if self._first is None:
            self._first = parcel.arrived_at
        due = (parcel.arrived_at - self._first) / 1_000_000 / self._speed
        return due - (time.monotonic() - self._started)
