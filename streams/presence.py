"""This worker says that it is there, where, and what it owns; the others forward by that.

Nothing here can stop the figures: what cannot be written is logged and tried again.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from importlib.metadata import version

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from mode import Service

from schemas.dead_letter import Reason
from schemas.instants import Millis
from schemas.presence import OwnedNow, WorkerPresence
from streams.folding import wall
from streams.metrics import WorkerMetrics
from streams.ownership import Ownership
from streams.settings import WorkerSettings
from streams.topics import Topics

log = logging.getLogger(__name__)

EVERY_S = 5.0
LOOK_S = 0.25  # between two looks at whether the ownership has changed
REQUEST_MS = 5_000
RESULTS = ("folded", "duplicate", "dead_letter", "forwarded")
_ANY_HOST = {"0.0.0.0", "::", ""}  # noqa: S104 - where to listen, not where to be found


class Whereabouts:
    """Under which id and address the others know this worker."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self.port: int | None = None if settings.http_port == 0 else settings.http_port

    @property
    def worker_id(self) -> str:
        """The machine's name and the port: the same again after a restart."""
        return f"{socket.gethostname()}:{self.port}"

    @property
    def url(self) -> str:
        """Where other workers reach it."""
        if self._settings.http_advertised is not None:
            return self._settings.http_advertised
        host = self._settings.http_host
        host = socket.gethostname() if host in _ANY_HOST else host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class Presence(Service):  # type: ignore[misc]
    """Announces this worker, every few seconds and when what it owns has changed."""

    def __init__(
        self,
        *,
        settings: WorkerSettings,
        whereabouts: Whereabouts,
        ownership: Ownership,
        metrics: WorkerMetrics,
        telling: bool,
        now: Callable[[], Millis] = wall,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._topic = Topics.of(settings.prefix).presence
        self._whereabouts = whereabouts
        self._ownership = ownership
        self._metrics = metrics
        self._telling = telling
        self._now = now
        self._producer: AIOKafkaProducer | None = None

    async def on_start(self) -> None:
        """Begin to announce."""
        self.add_future(self._announce())

    async def on_stop(self) -> None:
        """Take leave: the others need not wait until the silence is long enough."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(self._send(producer, None), LOOK_S * 4)
        except (KafkaError, TimeoutError) as error:
            log.info("taking leave of the other workers: %r", error)
        finally:
            await producer.stop()

    def now(self) -> WorkerPresence:
        """What there is to say of this worker."""
        where = self._whereabouts
        return WorkerPresence(
            worker_id=where.worker_id,
            url=where.url,
            at=self._now(),
            version=version("vungxanh"),
            partitions=tuple(
                OwnedNow(owned.number, owned.monitor.clock, owned.lag)
                for _, owned in sorted(self._ownership.partitions.items())
            ),
            events={result: self._counted("events", "result", result) for result in RESULTS},
            dead_letters={
                reason.value: count
                for reason in Reason
                if (count := self._counted("dead_letters", "reason", reason.value))
            },
            telling=self._telling,
        )

    def _counted(self, name: str, label: str, value: str) -> int:
        found = self._metrics.registry.get_sample_value(f"dossier_{name}_total", {label: value})
        return int(found or 0)

    async def _announce(self) -> None:
        said: tuple[tuple[int, ...], str] | None = None
        said_at = 0.0  # monotonic
        while not self.should_stop:
            owned = tuple(sorted(self._ownership.partitions))
            to_say = (owned, self._whereabouts.url)
            due = said != to_say or time.monotonic() - said_at >= EVERY_S
            if due and self._whereabouts.port is not None:
                try:
                    await self._send(await self._connected(), self.now().to_json())
                except (KafkaError, OSError) as error:
                    log.warning("this worker's presence could not be written: %r", error)
                    await self.sleep(EVERY_S)
                except Exception:  # the figures must go on whoever knows of it
                    log.exception("this worker's presence failed; it is tried again")
                    await self.sleep(EVERY_S)
                else:
                    said, said_at = to_say, time.monotonic()
            await self.sleep(LOOK_S)

    async def _send(self, producer: AIOKafkaProducer, value: bytes | None) -> None:
        await producer.send_and_wait(
            self._topic,
            key=self._whereabouts.worker_id.encode(),
            value=value,
            partition=0,
            timestamp_ms=self._now(),
        )

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                request_timeout_ms=REQUEST_MS, **self._settings.kafka.for_aiokafka()
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer
