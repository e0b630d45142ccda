"""The commands as a user runs them, and what their workers answer over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from vungxanh.local_kafka import LocalKafka, free_port

PARTITIONS = 8
WINDOWS = ("30d", "90d", "365d")
RECEIPT = Path(__file__).parent / "data" / "receipt"
RECEIPT_EVENTS = 11_340
PATIENCE_S = 120


class Sample(NamedTuple):
    name: str
    labels: tuple[tuple[str, str], ...]

    def label(self, name: str) -> str:
        return dict(self.labels)[name]


Scrape = dict[Sample, float]


class Command:
    """`vungxanh` with the settings of one test."""

    def __init__(self, kafka: LocalKafka, prefix: str, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("VUNGXANH_")},
            "PYTHONPATH": str(Path(__file__).parent.parent),
            "VUNGXANH_KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "VUNGXANH_KAFKA__GROUP": f"{prefix}group",
            "VUNGXANH_KAFKA__SESSION_TIMEOUT": "6s",
            "VUNGXANH_TOPICS__PREFIX": prefix,
            "VUNGXANH_TOPICS__PARTITIONS": str(PARTITIONS),
            "VUNGXANH_TIMEZONE": "Europe/Amsterdam",
            "VUNGXANH_CLOCK": "records",
            "VUNGXANH_WINDOWS": json.dumps(WINDOWS),
            "VUNGXANH_POLICY__MIN_SAMPLE": "5",
        }

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "vungxanh", *words],
            check=False,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def worker(self) -> Iterator[int]:
        """A worker; gives its HTTP port."""
        port = free_port()
        log = (self.folder / f"worker-{port}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "vungxanh", "worker"],
            env={**self.environment, "VUNGXANH_HTTP__PORT": str(port)},
            cwd=self.folder,
            stdout=log,
            stderr=log,
        )
        try:
            yield port
            assert process.poll() is None, Path(log.name).read_text()
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0
            log.close()


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def scrape(port: int) -> Scrape:
    status, text = get(port, "/metrics")
    assert status == 200
    return {
        Sample(sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def all_read(ports: list[int], events: int) -> bool:
    """Whether the workers together have folded all and are ready."""
    if any(get(port, "/readyz")[0] != 200 for port in ports):
        return False
    folded = sum(
        value
        for port in ports
        for sample, value in scrape(port).items()
        if sample.name == "dossier_events_total" and sample.label("result") == "folded"
    )
    return folded == events


def wait_until_read(ports: list[int], events: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not all_read(ports, events):
        assert time.monotonic() < deadline, [get(port, "/readyz") for port in ports]
        time.sleep(0.2)


def wait_until_ready(ports: list[int]) -> None:
    """All ready, and every one with partitions of its own."""
    deadline = time.monotonic() + PATIENCE_S
    while not all(get(port, "/readyz")[0] == 200 and partitions(port) for port in ports):
        assert time.monotonic() < deadline, [get(port, "/readyz") for port in ports]
        time.sleep(0.2)


def partitions(port: int) -> set[int]:
    return {
        int(sample.label("partition"))
        for sample in scrape(port)
        if sample.name == "dossier_partition_lag_records"
    }
