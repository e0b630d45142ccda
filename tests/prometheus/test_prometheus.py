"""A worker's metrics in a real Prometheus (Debian's): well formed, and the figures of `replay`."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from streams.routing import partition_of
from tests.commands import (
    PARTITIONS,
    PATIENCE_S,
    RECEIPT,
    RECEIPT_EVENTS,
    Command,
    get,
    wait_until_read,
    wait_until_ready,
)
from vungxanh.local_kafka import LocalKafka, free_port

pytestmark = pytest.mark.prometheus


@pytest.fixture
def programs() -> None:
    """Debian's prometheus package; without it skip at home, fail where CI is set."""
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        assert not os.environ.get("CI"), "prometheus and promtool have to be installed in CI"
        pytest.skip("no prometheus here: apt-get install prometheus")


@contextmanager
def prometheus(folder: Path, targets: list[int]) -> Iterator[int]:
    """A Prometheus that scrapes these ports every second; gives its own port."""
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(
        json.dumps(  # JSON is YAML
            {
                "global": {"scrape_interval": "1s"},
                "scrape_configs": [
                    {
                        "job_name": "vungxanh",
                        "static_configs": [{"targets": [f"127.0.0.1:{at}" for at in targets]}],
                    }
                ],
            }
        )
    )
    subprocess.run(["promtool", "check", "config", str(config)], check=True, capture_output=True)
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)


def query(port: int, expression: str) -> list[dict[str, Any]]:
    """The result of an instant query; empty while Prometheus is still starting."""
    words = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/api/v1/query?{words}", timeout=10
        ) as answer:
            return list(json.load(answer)["data"]["result"])
    except OSError:
        return []


def test_the_figures_in_prometheus_are_those_of_the_replay(
    programs: None, kafka: LocalKafka, topic_prefix: str, tmp_path: Path
) -> None:
    command = Command(kafka, topic_prefix, tmp_path)
    command.run("topics")
    file = str(RECEIPT / "events.jsonl.gz")
    with command.worker() as one, command.worker() as two:
        workers = [one, two]
        wait_until_ready(workers)
        command.run("publish", file, "--arrival", "occurred")
        wait_until_read(workers, events=RECEIPT_EVENTS)
        for worker in workers:
            checked = subprocess.run(
                ["promtool", "check", "metrics"],
                check=False,
                input=get(worker, "/metrics")[1],
                capture_output=True,
                text=True,
            )
            assert checked.returncode == 0, checked.stdout + checked.stderr
        with prometheus(tmp_path, workers) as port:
            deadline = time.monotonic() + PATIENCE_S
            asked = 'dossier_on_time_ratio{definition="strict@1", window="90d"}'
            while len(query(port, "dossier_partition_clock_seconds")) < PARTITIONS:
                assert time.monotonic() < deadline, (tmp_path / "prometheus.log").read_text()
                time.sleep(0.5)
            shown = {
                sample["metric"]["unit"]: round(float(sample["value"][1]), 6)
                for sample in query(port, asked)
            }
            clocks = {
                int(sample["metric"]["partition"]): float(sample["value"][1])
                for sample in query(port, "dossier_partition_clock_seconds")
            }
            zones = query(port, "sum by (unit) (dossier_unit_zone)")
            assert zones
            assert {sample["value"][1] for sample in zones} == {"1"}
    assert shown == replayed(command, file, clocks)


def replayed(command: Command, file: str, clocks: dict[int, float]) -> dict[str, float]:
    """The ratios of the file, each partition's at its own clock; asked for in one go."""
    instants = {
        partition: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(at * 1000) + 1)
        for partition, at in clocks.items()
    }
    asked = "\n".join({one.isoformat() for one in instants.values()})
    (command.folder / "clocks.txt").write_text(asked)
    words = ["replay", "--input", file, "--as-of-file", "clocks.txt", "--format", "csv"]
    rows = csv.DictReader(
        io.StringIO(command.run(*words, "--definition", "strict@1", "--window", "90d"))
    )
    return {
        row["unit_id"]: float(row["ratio"])
        for row in rows
        if row["ratio"]
        and datetime.fromisoformat(row["as_of"])
        == instants[partition_of(row["unit_id"], PARTITIONS)]
    }
