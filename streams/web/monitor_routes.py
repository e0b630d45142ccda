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
from streams.web.shared import Shared
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
        self._shared: Shared[bytes] = Shared(0)  # by those only who ask at the same time

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
        packed = wants_gzip(call.request)
        if packed:
            body = await self._shared.get("packed", self._packed_metrics)
        else:
            body = await self._shared.get("plain", self._metrics_text)
        answer = web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Vary"] = "Accept-Encoding"
        return answer

    async def _metrics_text(self) -> bytes:
        """Figures are read on the loop, a few at a time; the text is written in a thread."""
        frozen = await readings(self._ownership)

        def write() -> bytes:
            of_units = CollectorRegistry()
            of_units.register(UnitCollector(frozen, self._directory))
            return generate_latest(self._metrics.registry) + generate_latest(of_units)

        return await asyncio.to_thread(write)

    async def _packed_metrics(self) -> bytes:
        text = await self._shared.get("plain", self._metrics_text)
        return await asyncio.to_thread(pack, text)

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
