"""A webhook receiver in a thread: keeps what came, and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PATIENCE_S = 60.0


class Received(NamedTuple):
    key: str  # the idempotency key: the CloudEvent's id
    event: dict[str, Any]  # the CloudEvent

    @property
    def kinds(self) -> list[str]:
        """Of all that travelled in it."""
        return [item["kind"] for item in self.event["data"]["items"]]


class WebhookServer:
    """`statuses`: the answers still to give, one a request; then 204."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        self.statuses: list[int] = []
        self.answering = threading.Event()  # cleared: requests are taken and not answered
        self.answering.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = json.loads(body)
                server.received.append(Received(event["id"], event))
                if not server.answering.wait(PATIENCE_S):
                    return
                self.send_response(server.statuses.pop(0) if server.statuses else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        # It looks this often, in seconds, whether it is to end; 0.5 if nothing is said.
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.answering.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, enough: Callable[[list[Received]], bool], what: str) -> list[Received]:
        deadline = time.monotonic() + PATIENCE_S
        while not enough(self.received):
            assert time.monotonic() < deadline, f"{what}; came: {self.received}"
            time.sleep(0.05)
        return self.received


@contextmanager
def webhook_server(port: int = 0) -> Iterator[WebhookServer]:
    server = WebhookServer(port)
    try:
        yield server
    finally:
        server.stop()
