"""What a worker answers over HTTP: its page, its metrics, its health, and all units as JSON."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import orjson
from aiohttp import web
from mode import Service
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from indicators.feed_gap import silent_since
from schemas.instants import iso_millis
from streams.acting import Acting
from streams.exits import Exit, end_process
from streams.folding import wall
from streams.metrics import WorkerMetrics
from streams.ownership import Ownership
from streams.rules import MonitorRules
from streams.settings import Unit, WebContent, WorkerSettings
from streams.status_board import Boards

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # kept, but asked for again each time
}
ALERTS_SHOWN = 100  # unless the request names a limit
SHUTDOWN_S = 1.0  # for requests under way when the worker stops


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
    ) -> None:
        super().__init__()
        self._settings = settings
        self._rules = rules
        self._content = content
        self._directory = content.directory()
        self._ownership = ownership
        self._boards = boards
        self._metrics = metrics
        self._acting = acting  # None: no links are given out
        self._runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        """Listen. Ends the process where the address cannot be had."""
        host, port = self._settings.http_host, self._settings.http_port
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            end_process(
                Exit.SETTINGS,
                f"cannot listen on {host}:{port} ({error.strerror}); set http.port to a free one",
            )
        self._runner = runner
        log.info("listening on http://%s:%d", *runner.addresses[0][:2])

    async def on_stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._acting is not None:
            await self._acting.stop()

    def application(self) -> web.Application:
        """The routes."""
        application = web.Application()
        application.on_response_prepare.append(_add_headers)
        router = application.router
        router.add_get("/metrics", self._show_metrics)
        router.add_get("/healthz", self._show_health)
        router.add_get("/readyz", self._show_readiness)
        router.add_get("/api/units", self._show_units)
        router.add_get("/api/units/{unit_id}", self._show_unit)
        router.add_get("/api/alerts", self._show_alerts)
        if self._acting is not None:
            self._acting.add_routes(router)
        if self._content.pages is not None:
            router.add_get("/", self._show_page)
            router.add_static("/page", self._content.pages)
        return application

    async def _show_page(self, request: web.Request) -> web.StreamResponse:
        assert self._content.pages is not None
        return web.FileResponse(self._content.pages / "index.html")

    async def _show_metrics(self, request: web.Request) -> web.Response:
        body = generate_latest(self._metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _show_health(self, request: web.Request) -> web.Response:
        return _json({"status": "ok"})

    async def _show_readiness(self, request: web.Request) -> web.Response:
        reason = self._ownership.why_not_ready()
        if reason is None and not self._boards.read_to_end:
            reason = "the statuses of all units are being read"
        partitions = sorted(self._ownership.partitions)
        if reason is None:
            return _json({"status": "ready", "partitions": partitions})
        return _json({"status": "not ready", "reason": reason, "partitions": partitions}, 503)

    async def _show_units(self, request: web.Request) -> web.Response:
        statuses = self._boards.statuses
        unlisted = (Unit(id_, id_) for id_ in sorted(statuses) if id_ not in self._directory)
        units = [self._unit(unit) for unit in [*self._content.units, *unlisted]]
        policy = self._rules.policy
        clock = self._boards.clock
        content = {
            "primary": {"definition": policy.definition, "window": policy.window.text},
            "timezone": self._rules.zone.key,
            "policy": {
                "green": float(policy.green),
                "yellow": float(policy.yellow),
                "min_sample": policy.min_sample,
            },
            "units": units,
            "data_to": None if clock is None else iso_millis(clock),
        }
        return _tagged(request, content, {"generated_at": iso_millis(wall())})

    async def _show_unit(self, request: web.Request) -> web.Response:
        unit_id = request.match_info["unit_id"]
        if unit_id in self._directory or unit_id in self._boards.statuses:
            return _tagged(
                request, self._unit(self._directory.get(unit_id) or Unit(unit_id, unit_id))
            )
        return _json({"error": f"no unit {unit_id}: neither in the directory nor in the feed"}, 404)

    async def _show_alerts(self, request: web.Request) -> web.Response:
        try:
            limit = int(request.query.get("limit", ALERTS_SHOWN))
        except ValueError:
            return _json({"error": "limit: a whole number"}, 400)
        steps = self._boards.newest_steps(max(0, limit), request.query.get("unit"))
        return _tagged(request, {"alerts": [orjson.Fragment(step) for step in steps]})

    def _unit(self, unit: Unit) -> dict[str, object]:
        status = self._boards.statuses.get(unit.unit_id)
        return {
            "unit_id": unit.unit_id,
            "name": unit.name,
            "name_ascii": unit.name_ascii,
            "kind": unit.kind,
            "parent_id": unit.parent_id,
            "stale_since": self._stale_since(unit.unit_id),
            "status": None if status is None else orjson.Fragment(status),
        }

    def _stale_since(self, unit_id: str) -> str | None:
        """Since when a unit's feed has been silent for longer than is usual; None: it has not."""
        last_arrival, usual = self._boards.feeds.get(unit_id, (None, None))
        calendar = self._rules.calendar
        now = wall() if self._settings.clock == "wall" else self._boards.clock
        if last_arrival is None or calendar is None or now is None:
            return None
        since = silent_since(last_arrival, usual, now, calendar)
        return None if since is None else iso_millis(since)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # /ack has stricter ones of its own


def _json(content: object, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(content), status=status, content_type="application/json", charset="utf-8"
    )


def _tagged(
    request: web.Request, content: dict[str, Any], untagged: dict[str, object] | None = None
) -> web.Response:
    """JSON with an ETag of its content; 304 where the client has it. `untagged` may differ."""
    tag = hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]
    known = {etag.value for etag in request.if_none_match or ()}
    if tag in known or "*" in known:
        response = web.Response(status=304)
    else:
        response = _json((untagged or {}) | content)
    response.etag = tag
    return response
