"""The notifier's office: held by the worker that owns partition 0, for the whole province.

It hears of steps, actions, outlooks and statuses, lets the pure machine of `alerts.notifying`
decide, writes what was decided, sends it, and writes what came of it. In this order: after a crash
the next holder finds what was decided and not marked, and sends it under the same key. Messages go
out one after another, so at most one is repeated.

Nothing here can stop the figures: what goes wrong is logged and tried again, the fold goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from mode import Service

from schemas.instants import Millis
from streams.folding import wall
from streams.lease import Lease
from streams.metrics import WorkerMetrics
from streams.notifier_log import BrokenError, FencedError, NotifierLog
from streams.notifier_office import Office
from streams.ownership import Ownership
from streams.settings import WorkerSettings
from streams.telling import Telling

log = logging.getLogger(__name__)

SEAT = 0  # who owns this partition is the notifier
PAUSE_S = 1.0  # before the office is looked for, or taken up, again
LONGEST_PAUSE_S = 60.0  # where it fails again and again


@dataclass(slots=True, frozen=True)
class Seat:
    """Whether this worker is the one to tell people, and may still act."""

    ownership: Ownership
    lease: Lease

    def held(self) -> bool:
        """Whether the worker owns the seat's partition, recovered."""
        return SEAT in self.ownership.partitions

    def check(self) -> None:
        """End the process where it stood still for so long that another may act."""
        self.lease.check()


class Notifying(Service):  # type: ignore[misc]
    """Takes the office up and lays it down, as partition 0 comes and goes."""

    def __init__(
        self,
        *,
        settings: WorkerSettings,
        telling: Telling,
        ownership: Ownership,
        lease: Lease,
        metrics: WorkerMetrics,
        now: Callable[[], Millis] = wall,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._telling = telling
        self._seat = Seat(ownership, lease)
        self._metrics = metrics
        self._now = now

    async def on_start(self) -> None:
        """Begin to look for the office."""
        self.add_future(self._attend())

    async def _attend(self) -> None:
        pause = PAUSE_S
        while not self.should_stop:
            began = self._now()
            if self._seat.held():
                try:
                    await self._serve()
                except FencedError:
                    log.info("another worker tells people now")
                except (BrokenError, KafkaError, OSError) as error:
                    log.warning("the notifier begins again: %s", error)
                except Exception:  # the figures must go on whatever becomes of the messages
                    log.exception("the notifier failed; it begins again")
            lasted = self._now() - began
            failed = self._seat.held() and lasted < LONGEST_PAUSE_S * 1_000
            pause = min(2 * pause, LONGEST_PAUSE_S) if failed else PAUSE_S
            await self.sleep(pause)

    async def _serve(self) -> None:
        """One term of office."""
        kafka = NotifierLog(self._settings)
        try:
            state = await kafka.start()
            office = Office(
                kafka,
                self._telling,
                self._seat,
                self._metrics,
                clock=self._settings.clock,
                now=self._now,
            )
            await office.open(state)
            log.info("this worker tells people what happens")
            while self._seat.held() and not self.should_stop:
                await office.round()
        finally:
            await kafka.stop()
