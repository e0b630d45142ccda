"""What a worker answers over HTTP, without Kafka behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from streams.http import WebServer
from streams.metrics import WorkerMetrics
from streams.ownership import Ownership
from streams.settings import Unit, WebContent, WorkerSettings
from streams.status_board import Boards
from tests.streams.worker_process import rules

STATUS = b'{"unit_id":"U1","zone":"green"}'
LISTED = Unit("U1", "Sở Y tế", "So Y te", "department", "H47")
SILENT = Unit("U2", "Sở Tài chính")

Scenario = Callable[[Any, Ownership, Boards], Awaitable[None]]


def serve(scenario: Scenario, pages: Path | None = None) -> None:
    """Run a scenario against a server that nothing feeds."""

    async def run() -> None:
        ownership, boards = Ownership(), Boards(WorkerSettings())
        content = WebContent(pages, (LISTED, SILENT))
        server = WebServer(
            settings=WorkerSettings(),
            rules=rules(),
            content=content,
            ownership=ownership,
            boards=boards,
            metrics=WorkerMetrics(),
        )
        async with TestClient(TestServer(server.application())) as client:
            await scenario(client, ownership, boards)

    asyncio.run(run())


def test_all_units_with_and_without_a_status_listed_and_not() -> None:
    async def scenario(client: Any, ownership: Ownership, boards: Boards) -> None:
        for unit_id in ("U1", "U9"):
            boards.units.take_status(unit_id, STATUS, 1_741_000_000_000)
        answer = await client.get("/api/units")
        body = await answer.json()
        assert [unit["unit_id"] for unit in body["units"]] == ["U1", "U2", "U9"]
        assert body["units"][0] == {
            "unit_id": "U1",
            "name": "Sở Y tế",
            "name_ascii": "So Y te",
            "kind": "department",
            "parent_id": "H47",
            "stale_since": None,
            "status": json.loads(STATUS),
        }
        assert body["units"][1]["status"] is None
        assert body["units"][2]["name"] == "U9"
        assert body["primary"] == {"definition": "resolved@1", "window": "30d"}
        assert body["policy"] == {"green": 0.9, "yellow": 0.8, "min_sample": 5}
        assert body["timezone"] == "Asia/Ho_Chi_Minh"
        assert body["data_to"] == "2025-03-03T11:06:40.000+00:00"
        assert body["generated_at"]

    serve(scenario)


def test_what_has_not_changed_is_not_sent_again() -> None:
    async def scenario(client: Any, ownership: Ownership, boards: Boards) -> None:
        for path in ("/api/units", "/api/units/U1", "/api/alerts"):
            tag = (await client.get(path)).headers["ETag"]
            again = await client.get(path, headers={"If-None-Match": tag})
            assert (again.status, await again.read()) == (304, b"")
            assert again.headers["ETag"] == tag
        boards.statuses["U1"] = STATUS
        for path in ("/api/units", "/api/units/U1"):
            answer = await client.get(path, headers={"If-None-Match": tag})
            assert answer.status == 200
            assert answer.headers["ETag"] != tag

    serve(scenario)


def test_an_unknown_unit_is_an_error_in_json() -> None:
    async def scenario(client: Any, ownership: Ownership, boards: Boards) -> None:
        answer = await client.get("/api/units/nobody")
        assert answer.status == 404
        assert "nobody" in (await answer.json())["error"]

    serve(scenario)


def test_alerts_newest_first() -> None:
    async def scenario(client: Any, ownership: Ownership, boards: Boards) -> None:
        for at in (1, 3, 2):
            unit = "U1" if at < 3 else "U2"
            boards.steps[at, 0, at] = (unit, json.dumps({"at": at}).encode())
        everything = await (await client.get("/api/alerts")).json()
        assert [step["at"] for step in everything["alerts"]] == [3, 2, 1]
        some = await (await client.get("/api/alerts?limit=1&unit=U1")).json()
        assert [step["at"] for step in some["alerts"]] == [2]
        assert (await client.get("/api/alerts?limit=x")).status == 400

    serve(scenario)


def test_not_ready_says_why() -> None:
    async def scenario(client: Any, ownership: Ownership, boards: Boards) -> None:
        async def reason() -> tuple[int, str]:
            answer = await client.get("/readyz")
            return answer.status, (await answer.json()).get("reason", "")

        assert await reason() == (503, "no partitions assigned yet")
        ownership.assigned_once = True
        ownership.wanted = frozenset({1})
        assert await reason() == (503, "partitions are being recovered")
        ownership.wanted = None
        assert await reason() == (503, "the statuses of all units are being read")
        boards.read_to_end = True
        assert await reason() == (200, "")  # assigned none, and none is missing
        assert (await client.get("/healthz")).status == 200

    serve(scenario)


def test_page_and_headers(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>Vùng xanh</title>", "utf-8")
    (tmp_path / "page.js").write_text("1", "utf-8")

    async def scenario(client: Any, ownership: Ownership, boards: Boards) -> None:
        assert "Vùng xanh" in await (await client.get("/")).text()
        assert (await client.get("/page/../../secret")).status == 404
        for path in ("/", "/page/page.js", "/api/units", "/metrics", "/nowhere"):
            answer = await client.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'self'; img-src 'self' data: blob:; ")
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-cache"
        assert (await client.get("/metrics")).content_type == "text/plain"

    serve(scenario, tmp_path)


def test_without_a_page_there_is_none() -> None:
    async def scenario(client: Any, ownership: Ownership, boards: Boards) -> None:
        assert (await client.get("/")).status == 404

    serve(scenario)
