"""A worker as a whole: it starts, answers, follows the wall clock, stops; or says why not."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from streams.exits import Exit
from streams.settings import KafkaAccess
from tests.streams.feed import Sent, make_feed
from tests.streams.stage import Stage, WorkerProcess, wait_until
from vungxanh.local_kafka import LocalKafka, free_port


@pytest.fixture
def stage(kafka: LocalKafka, topic_prefix: str, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(kafka.bootstrap_servers, topic_prefix, tmp_path)
    yield stage
    stage.close()


def ended(worker: WorkerProcess) -> int:
    """Its exit code, once it has ended by itself."""
    wait_until(lambda: not worker.running, "the worker to end by itself")
    assert worker.process is not None
    return int(worker.process.returncode)


def test_it_shows_all_units_whichever_worker_owns_them(stage: Stage) -> None:
    feed = make_feed(1, 300, units=8)
    producer = stage.producer()
    for record in feed.sent:
        stage.send(producer, record)
    producer.close()
    workers = [stage.worker(), stage.worker()]
    stage.wait_folded()
    wait_until(lambda: all(worker.ready for worker in workers), "both workers to be ready")
    owned = [json.loads(worker.get("/readyz")[1])["partitions"] for worker in workers]
    assert sorted(number for numbers in owned for number in numbers) == list(
        range(stage.settings.partitions)
    )
    assert all(owned)

    for worker in workers:

        def all_shown(worker: WorkerProcess = worker) -> bool:
            units = json.loads(worker.get("/api/units")[1])["units"]
            return {u["unit_id"] for u in units if u["status"]} == set(feed.units)

        wait_until(all_shown, "every unit to be shown by every worker")
        shown = json.loads(worker.get("/api/units/U000")[1])
        assert shown["name"] == "Sở Nội vụ"
        assert shown["status"]["resolved"]["365d"]["late"] == feed.ended["U000", False]
    of_units = [
        {name for name in worker.samples() if name.startswith("dossier_unit_info")}
        for worker in workers
    ]
    assert not of_units[0] & of_units[1], "a unit is in the metrics of its owner only"
    assert len(of_units[0] | of_units[1]) == len(feed.units)
    assert [worker.terminate() for worker in workers] == [Exit.DONE, Exit.DONE]


def test_the_clock_follows_the_wall(kafka: LocalKafka, topic_prefix: str, tmp_path: Path) -> None:
    stage = Stage(kafka.bootstrap_servers, topic_prefix, tmp_path, clock="wall", partitions=1)
    try:
        event = {
            "event_id": "e1",
            "type": "received",
            "occurred_at": "2025-03-01T08:00:00+07:00",
            "dossier_id": "D1",
            "unit_id": "U1",
        }
        producer = stage.producer()
        now = int(time.time() * 1000)
        stage.send(producer, Sent(b"U1", json.dumps(event).encode(), now))
        producer.close()
        worker = stage.worker()

        def clock() -> float:
            return worker.samples().get('dossier_partition_clock_seconds{partition="0"}', 0)

        wait_until(lambda: worker.ready and clock() > now / 1000 + 3, "the clock to run on")
        assert clock() <= time.time() - stage.settings.clock_grace_ms / 1000
    finally:
        stage.close()


def test_missing_topics_are_a_setting_gone_wrong(stage: Stage) -> None:
    stage.settings = replace(stage.settings, prefix="nowhere-")
    worker = stage.worker()
    assert ended(worker) == Exit.SETTINGS
    assert "missing in Kafka: nowhere-dossier-events" in worker.log.read_text()


def test_no_kafka_is_unreachable(stage: Stage) -> None:
    stage.settings = replace(stage.settings, kafka=KafkaAccess(f"127.0.0.1:{free_port()}"))
    worker = stage.worker()
    assert ended(worker) == Exit.UNREACHABLE
    assert "cannot be reached" in worker.log.read_text()


def test_an_address_in_use_is_named(stage: Stage) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        worker = stage.worker(http_port=port)
        assert ended(worker) == Exit.SETTINGS
        assert f"cannot listen on 127.0.0.1:{port}" in worker.log.read_text()


def test_state_without_offsets_is_torn(stage: Stage) -> None:
    """Begun again from the first record, the steps would be written twice."""
    producer = stage.producer()
    for record in make_feed(1, 50).sent:
        stage.send(producer, record)
    producer.close()
    worker = stage.worker()
    stage.wait_folded()
    assert worker.terminate() == Exit.DONE
    admin = KafkaAdminClient(**stage.settings.kafka.for_kafka_python())
    try:
        admin.delete_groups([stage.settings.group])
    finally:
        admin.close()
    worker.start()
    assert ended(worker) == Exit.TORN
    assert "has no committed offset" in worker.log.read_text()
