"""What a worker answers over HTTP: its page, its metrics, its health, and the API of all units."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from aiohttp import web
from mode import Service

from schemas.api.operations import OPERATIONS, PEER_RANKING
from streams.acting import Acting
from streams.action_log import ActionLog
from streams.exits import Exit, end_process
from streams.metrics import WorkerMetrics
from streams.ownership import Ownership
from streams.peers import Peers
from streams.presence import Presence, Whereabouts
from streams.queries import Queries, Thread
from streams.rules import MonitorRules
from streams.settings import WebContent, WorkerSettings
from streams.standings import Standings
from streams.status_board import Boards
from streams.topics import Topics
from streams.web import openapi_route
from streams.web.access import Access
from streams.web.audit_routes import AuditRoutes
from streams.web.calls import LARGEST_BODY, Handler, add_headers, bound, errors_as_json
from streams.web.figures_routes import FiguresRoutes
from streams.web.hub import Hub
from streams.web.incidents_routes import IncidentsRoutes, Log
from streams.web.monitor import MonitorState
from streams.web.monitor_routes import MonitorRoutes
from streams.web.owners import Owners
from streams.web.province import Province
from streams.web.ranking_routes import RankingRoutes
from streams.web.session_routes import SessionRoutes
from streams.web.stream_routes import StreamRoutes
from streams.web.units_routes import UnitsRoutes

log = logging.getLogger(__name__)

SHUTDOWN_S = 1.0  # for requests under way when the worker stops
# Bytes of a path with its query: ids may have 200 signs of four bytes, which are thrice as long
# when they are url-encoded.
LONGEST_LINE = 32 * 1024


class WebServer(Service):  # type: ignore[misc]
    """The HTTP server of a worker; registered with Faust as the app's own."""

    def __init__(
        self,
        *,
        settings: WorkerSettings,
        rules: MonitorRules,
        content: WebContent,
        ownership: Ownership,
        boards: Boards,
        metrics: WorkerMetrics,
        acting: Acting | None = None,
        hub: Hub | None = None,
        whereabouts: Whereabouts | None = None,
        presence: Presence | None = None,
        actions: Log | None = None,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._rules = rules
        self._content = content
        self._ownership = ownership
        self._boards = boards
        self._metrics = metrics
        self._acting = acting  # None: no links are given out
        self._hub = hub or Hub()
        self._whereabouts = whereabouts or Whereabouts(settings)
        self._presence = presence
        self._actions: Log = actions or ActionLog(
            settings.kafka, Topics.of(settings.prefix).actions
        )
        self._access = Access(content.access)
        self._peers = Peers(self._access)
        self._thread = Thread()
        self._runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        """Listen. Ends the process where the address cannot be had."""
        host, port = self._settings.http_host, self._settings.http_port
        runner = web.AppRunner(
            self.application(),
            access_log=None,
            shutdown_timeout=SHUTDOWN_S,
            handler_cancellation=True,  # who has gone away is not computed for
            max_line_size=LONGEST_LINE,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            end_process(
                Exit.SETTINGS,
                f"cannot listen on {host}:{port} ({error.strerror}); set http.port to a free one",
            )
        self._runner = runner
        self._whereabouts.port = runner.addresses[0][1]
        log.info("listening on http://%s:%d", *runner.addresses[0][:2])

    async def on_stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._thread.stop()
        await self._peers.stop()
        await self._actions.stop()
        if self._acting is not None:
            await self._acting.stop()

    def application(self) -> web.Application:
        """The routes."""
        application = web.Application(middlewares=[errors_as_json], client_max_size=LARGEST_BODY)
        application.on_response_prepare.append(add_headers)
        router = application.router
        handlers = self._handlers(application)
        for operation in (*OPERATIONS, PEER_RANKING):
            handle = bound(operation, handlers[operation.operation_id], self._access)
            if operation.method == "GET":
                endless = operation.operation_id == "stream"  # nothing that a HEAD could state
                router.add_get(operation.path, handle, allow_head=not endless)
            else:
                router.add_route(operation.method, operation.path, handle)
        if self._acting is not None:
            self._acting.add_routes(router)
        if self._content.pages is not None:
            router.add_get("/", self._show_page)
            router.add_static("/page", self._content.pages)
        return application

    def _handlers(self, application: web.Application) -> Mapping[str, Handler]:
        """All groups of routes, put together."""
        settings, rules, ownership = self._settings, self._rules, self._ownership
        province = Province(settings, rules, self._content, self._boards)
        state = MonitorState(province, self._presence)
        owners = Owners(ownership, self._boards, self._peers, self._whereabouts)
        queries = Queries(
            partitions=settings.partitions,
            ownership=ownership,
            rules=rules,
            is_listed=province.is_listed,
            thread=self._thread,
        )
        standings = Standings(ownership=ownership, rules=rules, thread=self._thread)
        streams = StreamRoutes(province, self._hub, state, self._whereabouts, self._access)
        application.on_shutdown.append(streams.stop)
        return {
            **UnitsRoutes(province, self._access).handlers(),
            **AuditRoutes(province, queries, owners).handlers(),
            **FiguresRoutes(province, queries, owners).handlers(),
            **RankingRoutes(province, standings, owners).handlers(),
            **IncidentsRoutes(province, self._access, self._actions).handlers(),
            **MonitorRoutes(province, state, ownership, self._metrics).handlers(),
            **SessionRoutes(self._access).handlers(),
            **streams.handlers(),
            **openapi_route.handlers(),
        }

    async def _show_page(self, request: web.Request) -> web.StreamResponse:
        assert self._content.pages is not None
        return web.FileResponse(self._content.pages / "index.html")
