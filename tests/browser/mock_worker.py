"""Stands in for a worker: the page's files, and an `/api/units` that a test can change."""

from __future__ import annotations

import csv
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

from dashboards.page import CONTENT_SECURITY_POLICY, content_type, page_files
from vungxanh.demo import units_file

EVIL = (
    """<script>document.title='caught'</script><img src=x onerror="document.title='caught'">'"&"""
)
SHARES = (0.97, 0.98, 0.87, 0.95, 0.96, 0.985, 0.97, 0.905, 0.945, 0.72)


class MockWorker:
    """What the stand-in answers; `content` may be changed at any time."""

    def __init__(self) -> None:
        self.content = made_up_content()
        self.failing = False  # answers 503 to everything but the page's files
        self.asked = {200: 0, 304: 0, 503: 0}  # answers of /api/units by status
        self.url = ""

    def unit(self, unit_id: str) -> dict[str, Any]:
        """The status of a unit, to be changed in place."""
        found = next(unit for unit in self.content["units"] if unit["unit_id"] == unit_id)
        status: dict[str, Any] = found["status"]
        return status

    def set_figure(self, unit_id: str, numerator: int, denominator: int, zone: str) -> None:
        """Changes the primary figure and the zone of a unit."""
        status = self.unit(unit_id)
        ratio = numerator / denominator
        status["zone"] = zone
        status["figures"][0] |= {"numerator": numerator, "denominator": denominator, "ratio": ratio}


def status_of(unit_id: str, chance: Random, share: float, size: int) -> dict[str, Any]:
    """A status as `/api/units` has it, by chance."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    figures: list[dict[str, Any]] = []
    resolved = {}
    for window, factor in (("30d", 1.0), ("7d", 0.25), ("90d", 2.8), ("half", 5.0)):
        denominator = max(1, int(size * factor))
        late = round(denominator * (1 - share))
        early = int((denominator - late) * 0.7)
        resolved[window] = {"early": early, "on_time": denominator - late - early, "late": late}
        for definition, more in (("resolved@1", 0), ("strict@1", size // 60)):
            numerator, whole = denominator - late, denominator + more
            ratio = numerator / whole
            figures.append(
                {
                    "definition": definition,
                    "window": window,
                    "numerator": numerator,
                    "denominator": whole,
                    "ratio": ratio,
                }
            )
    primary = figures[0]
    whole, part = primary["denominator"], primary["numerator"]
    zone = "green" if 10 * part >= 9 * whole else "yellow" if 10 * part >= 8 * whole else "red"
    return {
        "unit_id": unit_id,
        "clock": now,
        "as_of": now,
        "partition": chance.randrange(8),
        "offset": chance.randrange(90_000),
        "zone": "grey" if whole < 20 else zone,
        "primary": {"definition": "resolved@1", "window": "30d"},
        "figures": figures,
        "resolved": resolved,
        "open": {
            "overdue": size // 60,
            "paused": chance.randrange(size // 30 + 1),
            "due_soon": chance.randrange(size // 20 + 1),
            "within": size // 6,
            "no_due": 0,
        },
        "incident": f"{unit_id}/resolved@1/2" if zone != "green" and whole >= 20 else None,
        "policy": "5f0c2a9be1d47a33",
    }


def made_up_content() -> dict[str, Any]:
    """The 18 districts with made-up figures, one unit too small to judge and one without data."""
    chance = Random(3)
    units: list[dict[str, Any]] = []
    with units_file().open(encoding="utf-8", newline="") as lines:
        for place, row in enumerate(csv.DictReader(lines)):
            id_, size = row["unit_id"], chance.randrange(120, 1300)
            share = SHARES[place % len(SHARES)]
            status = status_of(id_, chance, share, size) if row["parent_id"] else None
            if id_ == "H47.518":
                status = status_of(id_, chance, 0.93, 14)
            if id_ == "H47.516":
                status = None
            units.append(
                {
                    "unit_id": id_,
                    "name": row["name_vi"],
                    "name_ascii": row["name_ascii"],
                    "kind": row["kind"],
                    "parent_id": row["parent_id"],
                    "status": status,
                }
            )
    now = datetime.now(UTC)
    return {
        "generated_at": now.isoformat(timespec="milliseconds"),
        "data_to": (now - timedelta(seconds=2)).isoformat(timespec="milliseconds"),
        "timezone": "Asia/Ho_Chi_Minh",
        "primary": {"definition": "resolved@1", "window": "30d"},
        "policy": {"green": 0.9, "yellow": 0.8, "min_sample": 20},
        "units": units,
    }


@contextmanager
def mock_worker() -> Iterator[MockWorker]:
    """A stand-in that listens on a free port, as `url`."""
    worker = MockWorker()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(worker))
    server.daemon_threads = True
    worker.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(worker: MockWorker) -> type[BaseHTTPRequestHandler]:
    files = page_files()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path in files:
                self.answer(200, content_type(files[path]), files[path].read_bytes())
            elif path == "/api/units":
                self.answer_units()
            else:
                self.answer(404, "text/plain", b"")

        def answer_units(self) -> None:
            body = json.dumps(worker.content).encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            status = 304 if self.headers.get("If-None-Match") == tag else 200
            status = 503 if worker.failing else status
            worker.asked[status] += 1
            self.answer(status, "application/json", body if status == 200 else b"", ETag=tag)

        def answer(self, status: int, type_: str, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    return Handler
