"""Prometheus and Alertmanager as they are deployed, by the very files that docker-compose mounts.

Only what a deployment sets is set here: the addresses of the targets and of the receiver. The
intervals are a tenth of what they are (a scrape a second), so that a test need not wait.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.commands import PATIENCE_S, Command, get
from vungxanh.local_kafka import free_port

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
PROMETHEUS = DASHBOARDS / "prometheus"
ALERTMANAGER = DASHBOARDS / "alertmanager" / "alertmanager.yml"
RECEIVER = "http://receiver.invalid"
INTERVALS = {
    "scrape_interval: 10s": "scrape_interval: 1s",
    "scrape_timeout: 5s": "scrape_timeout: 1s",
    "evaluation_interval: 10s": "evaluation_interval: 1s",
}

Labels = tuple[tuple[str, str], ...]


def need(*programs: str) -> None:
    """Debian's programs of these names; without them skip at home, fail where CI is set."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        assert not os.environ.get("CI"), f"{missing} have to be installed in CI"
        pytest.skip(f"not here: {missing}; .ci/run installs them")


class Receiver:
    """A webhook that keeps what came, by the path it came to."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, Any]]] = []
        keep = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keep.append((self.path, json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def names(self, path: str) -> set[str]:
        """The names of the alerts that came to a path."""
        return {
            alert["labels"]["alertname"]
            for at, body in list(self.came)
            if at == path
            for alert in body["alerts"]
        }


@contextmanager
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


@contextmanager
def alertmanager(folder: Path, receiver_url: str) -> Iterator[int]:
    """An Alertmanager by the deployed configuration; gives its port."""
    port = free_port()
    config = folder / "alertmanager.yml"
    deployed = ALERTMANAGER.read_text(encoding="utf-8")
    assert RECEIVER in deployed
    config.write_text(deployed.replace(RECEIVER, receiver_url), encoding="utf-8")
    words = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with _running(words, folder / "alertmanager.log"):
        wait_for(lambda: get(port, "/-/ready")[0] == 200, "Alertmanager is not ready")
        yield port


class Prometheus:
    """A Prometheus by the deployed configuration and rules."""

    def __init__(self, port: int, targets: Path) -> None:
        self.port = port
        self._targets = targets

    def scrape(self, workers: Sequence[int]) -> None:
        """From now on these ports; it sees the file change."""
        addresses = [f"127.0.0.1:{port}" for port in workers]
        new = self._targets.with_suffix(".new")
        new.write_text(json.dumps([{"targets": addresses}]))  # JSON is YAML
        new.replace(self._targets)

    def query(self, expression: str, at: float | None = None) -> dict[Labels, float]:
        """The vector of an instant query; empty while it is starting."""
        words = {"query": expression} | ({} if at is None else {"time": f"{at:.3f}"})
        result = self._ask("query", words)
        return {_labels(sample["metric"]): float(sample["value"][1]) for sample in result}

    def range(
        self, expression: str, start: float, end: float, step: float = 1
    ) -> dict[Labels, dict[float, float]]:
        """The values of each series by their instants."""
        words = {"query": expression, "start": f"{start}", "end": f"{end}", "step": f"{step}"}
        return {
            _labels(series["metric"]): {at: float(value) for at, value in series["values"]}
            for series in self._ask("query_range", words)
        }

    def rules(self) -> list[dict[str, Any]]:
        """Every rule that it has loaded."""
        return [rule for group in self._ask("rules", {})["groups"] for rule in group["rules"]]

    def _ask(self, what: str, words: dict[str, str]) -> Any:
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(words)}"
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            data = json.load(answer)["data"]
        return data.get("result", data)


@contextmanager
def prometheus(
    folder: Path, workers: Sequence[int], alertmanagers: Sequence[int] = ()
) -> Iterator[Prometheus]:
    """It runs, and scrapes these ports every second."""
    deployed = folder / "prometheus"
    shutil.copytree(PROMETHEUS, deployed)
    config = deployed / "prometheus.yml"
    text = config.read_text(encoding="utf-8")
    for production, test in INTERVALS.items():
        assert production in text
        text = text.replace(production, test)
    config.write_text(text, encoding="utf-8")
    told = [f"127.0.0.1:{port}" for port in alertmanagers]
    (deployed / "targets" / "alertmanagers.yml").write_text(json.dumps([{"targets": told}]))
    made = Prometheus(free_port(), deployed / "targets" / "workers.yml")
    made.scrape(workers)
    words = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{made.port}",
    ]
    with _running(words, folder / "prometheus.log"):
        wait_for(lambda: get(made.port, "/-/ready")[0] == 200, "Prometheus is not ready")
        yield made


class Worker(NamedTuple):
    """A worker that a test may stop, kindly or not."""

    process: subprocess.Popen[bytes]
    port: int

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=60)


@contextmanager
def worker(command: Command) -> Iterator[Worker]:
    """A worker by the command's settings."""
    port = free_port()
    log = command.folder / f"worker-{port}.log"
    words = [sys.executable, "-m", "vungxanh", "worker"]
    environment = {**command.environment, "VUNGXANH_HTTP__PORT": str(port)}
    with _running(words, log, environment, command.folder) as process:
        yield Worker(process, port)


@contextmanager
def _running(
    words: Sequence[str],
    log: Path,
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, env=environment, cwd=folder)
    try:
        yield process
    except BaseException:
        sys.stderr.write(f"--- end of {log.name}\n{log.read_text(errors='replace')[-2000:]}\n")
        raise
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=60)


def wait_for(so: Callable[[], object], what: str) -> None:
    """Until it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def _labels(metric: dict[str, str]) -> Labels:
    return tuple(sorted((name, value) for name, value in metric.items() if name != "__name__"))
