"""`vungxanh up --demo`: all of it comes up, ends in order, and goes on where it was."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.settings import KafkaAccess
from vungxanh.demo_feed import DemoFeed
from vungxanh.errors import WrongUseError
from vungxanh.local_kafka import free_port
from vungxanh.local_kafka.ports import is_free
from vungxanh.settings import Settings
from vungxanh.topic_reading import read_topic

PATIENCE = 300.0  # seconds, against hanging


class Up:
    """A run of `vungxanh up`, or of `vungxanh broker`."""

    def __init__(
        self, folder: Path, kafka_port: int, http_port: int, *options: str, name: str = "up"
    ) -> None:
        self.kafka_port, self.http_port = kafka_port, http_port
        command = [sys.executable, "-m", "vungxanh", name, "--data-dir", str(folder / "data")]
        command += ["--kafka-port", str(kafka_port), *options]
        command += ["--http-port", str(http_port)] if name == "up" else []
        self.process = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            env={name: one for name, one in os.environ.items() if not name.startswith("VUNGXANH_")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(iter(self.process.stdout.readline, ""))

    def wait_for(self, look: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not look():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.2)

    def wait_to_hear(self, what: str) -> None:
        self.wait_for(lambda: any(what in line for line in self.said))

    def wait_ready(self) -> None:
        self.wait_to_hear("ready  ")

    def get(self, path: str) -> bytes:
        address = f"http://127.0.0.1:{self.http_port}{path}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return bytes(answer.read())

    def units(self) -> dict[str, Any]:
        return {one["unit_id"]: one for one in orjson.loads(self.get("/api/units"))["units"]}

    def nothing_listens(self) -> bool:
        ports = (self.kafka_port, self.http_port)
        return all(is_free("127.0.0.1", port) for port in ports)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """`up("--demo")`: a run in the test's folder; the same ports each time."""
    ports = free_port(), free_port()
    runs: list[Up] = []

    def start(*options: str, name: str = "up") -> Up:
        runs.append(Up(tmp_path, *ports, *options, name=name))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(60)


def last_offsets(run: Up) -> int:
    return sum(one["status"]["offset"] for one in run.units().values() if one["status"])


@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_prepared")
def test_up_ends_in_order_and_goes_on_where_it_was(up: Callable[..., Up], tmp_path: Path) -> None:
    first = up("--demo")
    first.wait_ready()
    assert len(first.units()) == 19  # 18 and the province
    assert sum(one["status"] is not None for one in first.units().values()) == 18
    assert first.units()["H47.503"]["name"] == "Hội An"
    assert b"dossier_on_time_ratio" in first.get("/metrics")
    before = last_offsets(first)
    first.wait_for(lambda: last_offsets(first) > before)  # it lives on

    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(60) == 0
    assert first.nothing_listens()
    state = orjson.loads((tmp_path / "data" / "demo.json").read_bytes())

    second = up("--demo")
    second.wait_ready()
    assert any("since the last run" in line for line in second.said)
    assert orjson.loads((tmp_path / "data" / "demo.json").read_bytes())["born"] == state["born"]
    before = last_offsets(second)
    second.wait_for(lambda: last_offsets(second) > before)
    assert contents_of_events(second.kafka_port) == {1}

    second.process.kill()  # it ends no child itself; they notice
    second.process.wait(60)
    deadline = time.monotonic() + PATIENCE
    while not second.nothing_listens():
        assert time.monotonic() < deadline, "something was left running"
        time.sleep(0.2)


def contents_of_events(port: int) -> set[int]:
    """How many different contents the events of one id have."""
    contents: dict[str, set[bytes]] = defaultdict(set)

    def take(record: Any) -> None:
        contents[orjson.loads(record.value)["event_id"]].add(record.value)

    address = f"127.0.0.1:{port}"
    read_topic(
        Settings.model_validate({"kafka": {"bootstrap_servers": address}}), "dossier-events", take
    )
    assert len(contents) > 50_000
    return {len(different) for different in contents.values()}


@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_prepared")
def test_a_broker_keeps_its_data(up: Callable[..., Up]) -> None:
    for _ in range(2):
        run = up(name="broker")
        run.wait_to_hear("Ctrl-C")
        address = f"127.0.0.1:{run.kafka_port}"
        kafka = Settings.model_validate({"kafka": {"bootstrap_servers": address}})
        assert read_topic(kafka, "dossier-events", lambda record: None) == 8
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(60) == 0
        assert run.nothing_listens()


@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_prepared")
def test_sigterm_while_it_starts_ends_it(up: Callable[..., Up], tmp_path: Path) -> None:
    run = up()
    run.wait_for((tmp_path / "data" / "kafka").exists)

    run.process.terminate()

    assert run.process.wait(60) == 0, run.said
    assert run.nothing_listens()


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = Up(tmp_path, free_port(), taken.getsockname()[1])
        code = run.process.wait(60)

    assert code == 3
    assert not (tmp_path / "data").exists()


def test_a_demo_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("[1]", "utf-8")

    with pytest.raises(WrongUseError, match=r"demo\.json"):
        DemoFeed(KafkaAccess(), "topic", "cluster", tmp_path / "demo.json")


def test_another_kafka_is_filled_anew(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    old = DemoFeed(KafkaAccess(), "topic", "cluster", file)
    file.write_bytes(file.read_bytes().replace(b"null", b'"2026-01-01T00:00:00+00:00"'))

    assert old.is_new
    assert not DemoFeed(KafkaAccess(), "topic", "cluster", file).is_new
    assert DemoFeed(KafkaAccess(), "topic", "another", file).is_new
