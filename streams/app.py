"""The worker: a Faust app whose records come from the event log service.

Faust runs it: services, the agent, the timer, the web server, signals and the order of stopping.
Its own Kafka clients are switched off by a boot strategy. The agent does nothing but fold a chunk
and commit it; see `event_log`, `recovery` and `folding` for the way a record takes.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator
from signal import Signals

import faust
from faust.app.base import BootStrategy
from faust.worker import Worker
from kafka.errors import KafkaError as AdminError

from alerts.notifying import NotifyRules
from streams.acting import Acting
from streams.action_log import ActionLog
from streams.event_log import EventLog, Reading, or_end_process
from streams.exits import Exit, end_process
from streams.folding import Folding
from streams.http import WebServer
from streams.lease import Lease
from streams.metrics import WorkerMetrics
from streams.monitor import PartitionMonitor
from streams.notifying import Notifying
from streams.ownership import MonitorMaker, Ownership
from streams.pace import Pace
from streams.presence import Presence, Whereabouts
from streams.recovery import Recovery
from streams.repeats import log_repeats_seldom
from streams.rules import MonitorRules
from streams.settings import WebContent, WorkerSettings
from streams.status_board import Boards
from streams.telling import Telling
from streams.topic_plans import TopicsReport, TopicsUnfit, ensure_topics
from streams.topics import Topics
from streams.web.hub import Hub
from streams.writer import Forwarder

log = logging.getLogger(__name__)

# The state is millions of objects without cycles: looking through them for some takes a fifth of
# the time. Young objects are looked at less often, and old ones seldom.
GARBAGE_THRESHOLDS = (100_000, 20, 100)
TICK_S = 1.0  # between two looks at the wall clock


class OwnLog(BootStrategy):  # type: ignore[misc]
    """Faust without Kafka clients of its own: the event log reads and writes."""

    enable_kafka_consumer = False
    enable_kafka_producer = False


class MonitorApp(faust.App):  # type: ignore[misc]
    """A Faust app that keeps nothing on disk."""

    BootStrategy = OwnLog

    async def on_first_start(self) -> None:
        """Make no folders: state is in Kafka."""


class MonitorWorker(Worker):  # type: ignore[misc]
    """Faust's worker; a stop that takes too long ends the process."""

    def __init__(self, app: faust.App, stop_timeout_s: float) -> None:
        super().__init__(
            app,
            loop=asyncio.get_event_loop(),
            quiet=True,
            redirect_stdouts=False,
            override_logging=False,
        )
        self._stop_timeout_s = stop_timeout_s
        self.spinner = None

    def _schedule_shutdown(self, signal: Signals) -> None:
        message = f"the stop took longer than {self._stop_timeout_s:g} s"
        timer = threading.Timer(self._stop_timeout_s, end_process, (Exit.SLOW_STOP, message))
        timer.daemon = True
        timer.start()
        super()._schedule_shutdown(signal)

    def _setproctitle(self, info: str, *, ident: str = "") -> None:
        """The process keeps the name it was started by."""


def make_app(
    settings: WorkerSettings,
    rules: MonitorRules,
    web: WebContent,
    report: TopicsReport,
    *,
    make_monitor: MonitorMaker | None = None,
    telling: Telling | None = None,
) -> MonitorApp:
    """The app with its services, agent and timer; nothing is started.

    Without `telling` nobody is told of anything, and nothing is decided about it.

    `make_monitor` puts another state machine in the place of the partition monitor (tests).
    """

    def new_monitor(number: int) -> PartitionMonitor:
        return PartitionMonitor(number, settings.partitions, rules)

    app = MonitorApp(settings.group, broker="kafka://", web_enabled=True, autodiscover=False)
    ownership, lease = Ownership(), Lease(settings.session_timeout_ms)
    pace = Pace(settings.session_timeout_ms, settings.chunk_records)
    metrics, forwarder = WorkerMetrics(), Forwarder(settings)
    limits = report.limits
    stale_after = NotifyRules().stale_after if telling is None else telling.rules.stale_after
    recovery = Recovery(settings, limits, make_monitor or new_monitor, lambda: ownership.epoch)
    folding = Folding(
        settings,
        ownership,
        forwarder,
        lease,
        pace,
        metrics,
        limits,
        rules.calendar,
        stale_after,
    )
    channel = app.channel(maxsize=1)
    hub = Hub()
    boards = Boards(settings, hub)
    actions = ActionLog(settings.kafka, Topics.of(settings.prefix).actions)
    whereabouts = Whereabouts(settings)
    presence = Presence(
        settings=settings,
        whereabouts=whereabouts,
        ownership=ownership,
        metrics=metrics,
        telling=telling is not None,
    )
    acting = None
    if telling is not None and telling.links is not None:
        acting = Acting(
            read_token=telling.links.read,
            log=actions,
            boards=boards,
            directory=web.directory(),
            zone=rules.zone,
            recipients=telling.recipients,
        )
    app.web_server(
        WebServer(
            settings=settings,
            rules=rules,
            content=web,
            ownership=ownership,
            boards=boards,
            metrics=metrics,
            acting=acting,
            hub=hub,
            whereabouts=whereabouts,
            presence=presence,
            actions=actions,
        )
    )
    app.service(boards)
    app.service(presence)
    app.service(
        EventLog(
            app=app,
            settings=settings,
            ownership=ownership,
            recovery=recovery,
            channel=channel,
            lease=lease,
            pace=pace,
        )
    )

    if telling is not None:
        app.service(
            Notifying(
                settings=settings,
                telling=telling,
                ownership=ownership,
                lease=lease,
                metrics=metrics,
            )
        )

    async def fold(readings: AsyncIterator[Reading]) -> None:
        async for reading in readings:
            try:
                # Shielded: a stop cancels the agent, not the transaction it has begun.
                await asyncio.shield(or_end_process(folding.fold(reading.chunks), "folding"))
            finally:
                reading.done.set()

    async def tick() -> None:
        await asyncio.shield(or_end_process(folding.tick(), "a tick of the clock"))

    app.agent(channel, name="fold", concurrency=1)(fold)
    if settings.clock == "wall":
        app.timer(interval=TICK_S)(tick)
    return app


def run_worker(
    settings: WorkerSettings,
    rules: MonitorRules,
    web: WebContent,
    *,
    make_monitor: MonitorMaker | None = None,
    telling: Telling | None = None,
) -> int:
    """Run one worker until SIGTERM or SIGINT; returns 0 then, or what `Exit` says.

    Blocks. Ends the process itself where something goes wrong while it runs (see `exits`).
    Logging is the caller's to set up. The topics have to be there.
    """
    try:
        report = ensure_topics(settings, create=False)
    except TopicsUnfit as error:
        log.critical("%s", error)
        return Exit.SETTINGS
    except AdminError as error:
        log.critical("Kafka at %s cannot be reached: %s", settings.kafka.bootstrap_servers, error)
        return Exit.UNREACHABLE
    log_repeats_seldom("aiokafka")
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    for difference in report.differences:
        log.warning("topic not as planned: %s", difference)
    asyncio.set_event_loop(asyncio.new_event_loop())
    app = make_app(settings, rules, web, report, make_monitor=make_monitor, telling=telling)
    try:
        MonitorWorker(app, settings.stop_timeout_s).execute_from_commandline()
    except SystemExit as end:
        return int(end.code or 0)
    raise AssertionError("unreachable: Faust ends with SystemExit")
