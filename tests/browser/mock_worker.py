"""Stands in for a worker: the page's files and the API, whose answers a test can change.

Answers for single views come from modules `mock_answers_*.py` beside this one. Each has
`answer(path, query)`, which gives the JSON of a path such as `/api/incidents`, or None where the
path is not its own.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import pkgutil
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dashboards.page import CONTENT_SECURITY_POLICY, content_type, page_files
from tests.browser import mock_province
from tests.browser.mock_province import Row, iso, zone_of

EVIL = (
    """<script>document.title='caught'</script><img src=x onerror="document.title='caught'">'"&"""
)
TOKEN = "let-me-in"
Answer = Callable[[str, dict[str, str]], object]
files_of_page = functools.cache(page_files)  # a page asks for some fifty, each visit again


def answers_of_views() -> list[Answer]:
    """`answer` of every module `mock_answers_*` in this folder."""
    folder = str(Path(__file__).parent)
    names = sorted(module.name for module in pkgutil.iter_modules([folder]))
    modules = [n for n in names if n.startswith("mock_answers_")]
    return [importlib.import_module(f"tests.browser.{name}").answer for name in modules]


class MockWorker:
    """What the stand-in answers; all of it may be changed at any time."""

    def __init__(self, units: list[dict[str, Any]] | None = None) -> None:
        units = mock_province.directory_units() if units is None else units
        self.directory = mock_province.directory(units)
        self.map: dict[str, Any] | None = mock_province.province_map()
        self.rows: dict[str, Row] = mock_province.rows_of(units)
        self.now: datetime | None = None  # of the worker; None: the wall's
        self.data_to: datetime | None = None  # None: now
        self.views = answers_of_views()
        self.overrides: dict[str, object] = {}  # path -> JSON, before all else
        self.missing: list[str] = []  # units whose owner does not answer
        self.failing = False  # answers 503 to everything but the page's files
        self.streaming = True  # False: the stream answers 503, as a worker with too many
        self.closed_to_all = False  # 401 without a session
        self.asked: list[tuple[str, dict[str, str], int]] = []  # path, query, status
        self.streams: list[queue.Queue[bytes | None]] = []
        self.url = ""

    def unit(self, unit_id: str) -> dict[str, Any]:
        """A unit of the directory, to be changed in place."""
        found: dict[str, Any] = next(
            unit for unit in self.directory["units"] if unit["unit_id"] == unit_id
        )
        return found

    def time(self) -> datetime:
        """Of the worker's clock."""
        return self.now or datetime.now(UTC)

    def set_figure(self, unit_id: str, numerator: int, denominator: int) -> None:
        """Changes the primary figure of a unit, and tells those who listen."""
        row = self.rows[unit_id]
        zone = zone_of(numerator, denominator)
        incident = f"{unit_id}/resolved@1/3" if zone in ("yellow", "red") else None
        row |= {"numerator": numerator, "denominator": denominator, "zone": zone}
        row |= {"incident": incident, "late": denominator - numerator}
        self.tell_status(unit_id)

    def tell_status(self, unit_id: str) -> None:
        """An event `status` with the unit's row."""
        left_out = ("place", "tied", "previous", "stale_since")
        row = {name: value for name, value in self.rows[unit_id].items() if name not in left_out}
        self.push("status", row | {"clock": iso(self.time())})

    def push(self, kind: str, content: object) -> None:
        """An event to all who listen."""
        lines = f"id: {time.monotonic_ns()}\nevent: {kind}\ndata: {json.dumps(content)}\n\n"
        for stream in list(self.streams):
            stream.put(lines.encode())

    def hang_up(self) -> None:
        """Ends all streams."""
        for stream in list(self.streams):
            stream.put(None)

    def monitor(self) -> dict[str, Any]:
        """An answer of /api/monitor."""
        now = self.time()
        stale = [row for row in self.rows.values() if row["stale_since"]]
        partitions = [
            {"partition": number, "owner": "worker-1", "clock": iso(now), "lag": 0}
            for number in range(8)
        ]
        worker = {
            "worker_id": "worker-1",
            "url": self.url.rstrip("/"),
            "seen_at": iso(now),
            "partitions": list(range(8)),
            "version": "0.0",
            "alive": True,
            "telling": True,
        }
        return {
            "data_to": iso(self.data_to or now),
            "now": iso(now),
            "partitions": partitions,
            "workers": [worker],
            "events": {"folded": 48_210, "duplicate": 31, "dead_letter": 4, "forwarded": 0},
            "dead_letters": {"total": 4, "by_reason": {"not_json": 1, "invalid_event": 3}},
            "stale_units": [
                {"unit_id": row["unit_id"], "since": row["stale_since"]} for row in stale
            ],
            "notifier": {"worker_id": "worker-1", "waiting": 0, "failed_last_hour": 0},
        }

    def answer(self, path: str, query: dict[str, str]) -> object | None:
        """The JSON of a path; None where there is none."""
        if path in self.overrides:
            return self.overrides[path]
        if path == "/api/directory":
            return self.directory
        if path == "/api/ranking":
            ranking = mock_province.ranking(self.rows, query, self.time())
            ranking["data_to"] = iso(self.data_to or self.time())
            return ranking | {"missing": list(self.missing)}
        if path == "/api/map":
            return self.map
        for view in self.views:
            found = view(path, query)
            if found is not None:
                return found
        return self.monitor() if path == "/api/monitor" else None


@contextmanager
def mock_worker(units: list[dict[str, Any]] | None = None, port: int = 0) -> Iterator[MockWorker]:
    """A stand-in that listens, on a free port if not told which, as `url`."""
    worker = MockWorker(units)
    server = _Server(("127.0.0.1", port), _handler(worker))
    worker.url = f"http://127.0.0.1:{server.server_port}/"
    # Ending it takes as long as a look whether it is to end: 0.5 s if nothing is said.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.hang_up()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle of an answer is no fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(worker: MockWorker) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave together and at once: in two parts the second would wait for an
        # acknowledgement of the first, which the browser puts off by 40 ms.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            path, query = unquote(asked.path), dict(parse_qsl(asked.query))
            files = files_of_page()
            if path in files:
                self.reply(200, content_type(files[path]), files[path].read_bytes())
            elif worker.failing:
                self.error(503, "the owner is away", path, query)
            elif worker.closed_to_all and f"session={TOKEN}" not in self.headers.get("Cookie", ""):
                self.error(401, "reading is closed: sign in", path, query)
            elif path == "/api/stream":
                self.stream(path, query)
            else:
                self.api(path, query)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/api/session" and body.get("token") == TOKEN:
                worker.directory["access"] |= {"may_act": True, "who": "Lê Thị Hoa"}
                cookie = f"session={TOKEN}; HttpOnly; SameSite=Strict"
                self.reply(204, "application/json", b"", Set_Cookie=cookie)
            else:
                self.error(401, "this token is unknown", self.path, {})

        def do_DELETE(self) -> None:
            worker.directory["access"] |= {"may_act": False, "who": None}
            self.reply(204, "application/json", b"", Set_Cookie="session=; Max-Age=0")

        def api(self, path: str, query: dict[str, str]) -> None:
            try:
                found = worker.answer(path, query)
            except ValueError as wrong:
                self.error(400, f"as_of: {wrong}", path, query)
                return
            if found is None:
                self.error(404, f"nothing at {path}", path, query)
                return
            body = json.dumps(found).encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            status = 304 if self.headers.get("If-None-Match") == tag else 200
            worker.asked.append((path, query, status))
            self.reply(status, "application/json", body if status == 200 else b"", ETag=tag)

        def error(self, status: int, text: str, path: str, query: dict[str, str]) -> None:
            worker.asked.append((path, query, status))
            self.reply(status, "application/json", json.dumps({"error": text}).encode())

        def stream(self, path: str, query: dict[str, str]) -> None:
            if not worker.streaming:
                self.error(503, "too many streams", path, query)
                return
            worker.asked.append((path, query, 200))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            told: queue.Queue[bytes | None] = queue.Queue()
            hello = {"worker_id": "worker-1", "now": iso(worker.time())}
            told.put(f"retry: 500\nevent: hello\ndata: {json.dumps(hello)}\n\n".encode())
            worker.streams.append(told)
            try:
                while (lines := self.next_lines(told)) is not None:
                    self.wfile.write(lines)
                    self.wfile.flush()
            except OSError:
                pass  # the reader went away
            finally:
                worker.streams.remove(told)

        def next_lines(self, told: queue.Queue[bytes | None]) -> bytes | None:
            try:
                return told.get(timeout=5)
            except queue.Empty:
                return f"event: monitor\ndata: {json.dumps(worker.monitor())}\n\n".encode()

        def reply(self, status: int, type_: str, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            """The Date of an answer is the worker's, as `now` is."""
            return super().date_time_string(timestamp or worker.time().timestamp())

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    return Handler


def main() -> None:
    """Runs a stand-in on port 8099 until it is interrupted, to look at the page."""
    with mock_worker(port=8099) as worker:
        print(worker.url)
        threading.Event().wait()


if __name__ == "__main__":
    main()
