"""How the worker and the monitor are: metrics, health, readiness, the monitor's state."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from streams.metrics import UnitCollector, WorkerMetrics
from streams.ownership import Ownership
from streams.web.answers import json_answer, pack, tagged, wants_gzip
from streams.web.calls import Call, Handler
from streams.web.monitor import MonitorState
from streams.web.province import Province
from streams.web.unit_readings import readings


class MonitorRoutes:
    """What operations and their Prometheus ask."""

    def __init__(
        self,
        province: Province,
        state: MonitorState,
        ownership: Ownership,
        metrics: WorkerMetrics,
    ) -> None:
        self._province = province
        self._state = state
        self._ownership = ownership
        self._metrics = metrics
        self._directory = province.content.directory()

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        return {
            "monitor": self._show_monitor,
            "metrics": self._show_metrics,
            "health": self._show_health,
            "readiness": self._show_readiness,
        }

    async def _show_monitor(self, call: Call) -> web.StreamResponse:
        content = self._state.now()
        return await tagged(call.request, content, {"now": content.pop("now")})

    async def _show_metrics(self, call: Call) -> web.StreamResponse:
        """Figures are read on the loop, a few at a time; the text is written in a thread."""
        frozen = await readings(self._ownership)
        packed = wants_gzip(call.request)

        def write() -> bytes:
            of_units = CollectorRegistry()
            of_units.register(UnitCollector(frozen, self._directory))
            body = generate_latest(self._metrics.registry) + generate_latest(of_units)
            return pack(body) if packed else body

        answer = web.Response(
            body=await asyncio.to_thread(write), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Vary"] = "Accept-Encoding"
        return answer

    async def _show_health(self, call: Call) -> web.StreamResponse:
        return json_answer({"status": "ok"})

    async def _show_readiness(self, call: Call) -> web.StreamResponse:
        reason = self._ownership.why_not_ready()
        if reason is None and not self._province.boards.read_to_end:
            reason = "the statuses of all units are being read"
        partitions = sorted(self._ownership.partitions)
        if reason is None:
            return json_answer({"status": "ready", "partitions": partitions})
        return json_answer({"status": "not ready", "reason": reason, "partitions": partitions}, 503)
