"""`vungxanh verify` on a real broker: 100,000 events, workers killed in between, then tampering.

The copy has one record removed, one changed, one slipped in and one moved in time, each in a
partition of its own; all that the workers had written is copied as it was.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.record import FiledRecord
from streams.routing import partition_of
from streams.topics import ALERTS, BOOK, CHANGELOG, EVENTS
from tests.commands import PARTITIONS, PATIENCE_S, Command, get, scrape
from tests.streams.feed import make_feed
from vungxanh.errors import FINDINGS
from vungxanh.local_kafka import LocalKafka, free_port
from vungxanh.settings import Settings
from vungxanh.settings_sources import load_settings
from vungxanh.topic_reading import TopicReader

DOSSIERS = 46_000
DAYS = 60
ENOUGH = 15_000  # events folded by a worker when it is killed
PREFIX = "v"
Partition = list[FiledRecord]


@dataclass
class Sealed:
    """A history, and what workers made of it."""

    kafka: LocalKafka
    command: Command
    topics: Mapping[str, dict[int, Partition]]


def settings_of(command: Command) -> Settings:
    return load_settings(None, command.environment, {}).settings


def write(command: Command, topic: str, partitions: Mapping[int, Partition]) -> None:
    """Produce records as they are, each with its timestamp."""
    servers = command.environment["VUNGXANH_KAFKA__BOOTSTRAP_SERVERS"]
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "linger.ms": 50,
            "queue.buffering.max.messages": 1_000_000,
            "enable.idempotence": True,  # a batch sent again neither doubles nor overtakes another
        }
    )
    name = command.environment["VUNGXANH_TOPICS__PREFIX"] + topic
    for number, records in partitions.items():
        for one in records:
            producer.produce(
                name, one.value, one.key, number, timestamp=one.timestamp, headers=[*one.headers]
            )
    assert producer.flush(60) == 0


def read(settings: Settings, topic: str) -> dict[int, Partition]:
    found: dict[int, Partition] = defaultdict(list)
    with TopicReader(settings, topic) as reader:
        for batch in reader.batches(reader.spans()):
            for record in batch:
                found[record.partition].append(record)
    return dict(found)


def feed_by_partition() -> dict[int, Partition]:
    placed: dict[int, Partition] = defaultdict(list)
    for sent in make_feed(6, DOSSIERS, units=24, days=DAYS).sent:
        number = partition_of(sent.key.decode(), PARTITIONS)
        offset = len(placed[number])
        placed[number].append(FiledRecord(number, offset, sent.timestamp, sent.key, sent.value))
    return dict(placed)


def folded(port: int) -> float:
    """How many events the worker there has folded; 0 while it does not answer."""
    try:
        samples = scrape(port)
    except AssertionError:
        return 0
    return sum(
        value
        for sample, value in samples.items()
        if sample.name == "dossier_events_total" and sample.label("result") == "folded"
    )


def all_folded(port: int) -> bool:
    if get(port, "/readyz")[0] != 200:
        return False
    lags = [v for k, v in scrape(port).items() if k.name == "dossier_partition_lag_records"]
    return len(lags) == PARTITIONS and sum(lags) == 0


def work(command: Command) -> None:
    """Two workers are killed on the way; the third folds all there is left."""
    for life in range(3):
        port = free_port()
        with (command.folder / f"worker-{life}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "vungxanh", "worker"],
                env={**command.environment, "VUNGXANH_HTTP__PORT": str(port)},
                cwd=command.folder,
                stdout=log,
                stderr=log,
            )
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not (all_folded(port) if life == 2 else folded(port) >= ENOUGH):
                assert process.poll() is None, Path(log.name).read_text()
                assert time.monotonic() < deadline, Path(log.name).read_text()
                time.sleep(0.1)
        finally:
            process.send_signal(signal.SIGTERM if life == 2 else signal.SIGKILL)
            process.wait(30)


@pytest.fixture(scope="module")
def sealed(kafka: LocalKafka, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    folder = tmp_path_factory.mktemp("verify")
    command = Command(kafka, f"{PREFIX}{uuid.uuid4().hex[:8]}-", folder)
    command.run("topics")
    write(command, EVENTS, feed_by_partition())
    work(command)
    settings = settings_of(command)
    topics = {name: read(settings, name) for name in (EVENTS, BOOK, ALERTS, CHANGELOG)}
    assert sum(map(len, topics[EVENTS].values())) > 100_000
    return Sealed(kafka, command, topics)


def asked(command: Command, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "vungxanh", *words, "--format", "json"],
        check=False,
        env=command.environment,
        cwd=command.folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode in (0, FINDINGS), done.stderr
    return done


def verify(command: Command, *words: str) -> tuple[int, dict[str, Any]]:
    done = asked(command, "verify", *words)
    return done.returncode, json.loads(done.stdout)


def test_the_untouched_topic_is_confirmed_though_workers_were_killed(sealed: Sealed) -> None:
    code, told = verify(sealed.command)
    assert (code, told["findings"], told["digest_found"]) == (0, [], None)
    assert told["confirmed"]
    assert told["records"] == sum(map(len, sealed.topics[EVENTS].values()))
    assert told["unsealed"] == 0  # what no entry holds yet stands in the worker's state
    assert told["days"] >= DAYS
    assert told["unit_days"] > 20 * DAYS
    assert told["steps"] == sum(map(len, sealed.topics[ALERTS].values())) > 10
    assert told["corrections"] > 0
    assert verify(sealed.command, "--jobs", "1") == (code, told)


def test_each_tampering_is_named(sealed: Sealed) -> None:
    copy = Command(sealed.kafka, f"{PREFIX}{uuid.uuid4().hex[:8]}-", sealed.command.folder)
    copy.run("topics")
    for name in (BOOK, ALERTS, CHANGELOG):
        write(copy, name, sealed.topics[name])
    events = {number: list(records) for number, records in sealed.topics[EVENTS].items()}
    chosen = sorted(events, key=lambda number: -len(events[number]))[:4]
    removed, changed, inserted, moved = chosen
    expected = {
        removed: remove(events[removed]),
        changed: change(events[changed]),
        inserted: insert(events[inserted]),
        moved: move(events[moved]),
    }
    write(copy, EVENTS, events)
    code, told = verify(copy, "--digest", "0" * 64)
    assert (code, told["digest_found"]) == (FINDINGS, False)
    assert not told["confirmed"]
    found = {one["partition"]: one for one in told["findings"]}
    assert found.keys() == expected.keys()
    for partition, (difference, record) in expected.items():
        finding, event = found[partition], json.loads(record.value or b"")
        assert (finding["about"], finding["difference"]) == ("records", difference)
        assert (finding["unit_id"], finding["dossier_id"]) == (
            event["unit_id"],
            event["dossier_id"],
        ), finding
        place = finding["topic_offset" if difference == "inserted" else "offset"]
        assert place == record.offset, finding
        assert finding["day"]


def test_what_retention_has_cut_is_named(sealed: Sealed) -> None:
    """The first records of one partition are gone, and the first entries of the book of another."""
    copy = Command(sealed.kafka, f"{PREFIX}{uuid.uuid4().hex[:8]}-", sealed.command.folder)
    copy.run("topics")
    for name in (EVENTS, BOOK, ALERTS, CHANGELOG):
        write(copy, name, sealed.topics[name])
    history, book = sorted(sealed.topics[EVENTS])[:2]
    cut(copy, EVENTS, history, 10)
    cut(copy, BOOK, book, len(sealed.topics[BOOK][book]) // 2)

    code, told = verify(copy)
    found = {one["partition"]: one for one in told["findings"]}
    assert code == FINDINGS
    assert found.keys() == {history, book}, told["findings"]
    assert (found[history]["about"], found[history]["difference"]) == ("records", "cut")
    assert found[history]["unit_id"]
    assert found[history]["day"]
    assert (found[book]["about"], found[book]["difference"]) == ("book", "missing")
    assert told["last_day"] is None  # of no day are all pages known to be there
    listed = asked(copy, "book", "list")
    assert listed.returncode == FINDINGS
    assert f"partition {book}: entries 1 to" in listed.stderr
    assert {json.loads(line)["digest"] for line in listed.stdout.splitlines()[:5]} == {None}


def cut(command: Command, name: str, partition: int, offset: int) -> None:
    servers = command.environment["VUNGXANH_KAFKA__BOOTSTRAP_SERVERS"]
    topic = command.environment["VUNGXANH_TOPICS__PREFIX"] + name
    place = TopicPartition(topic, partition, offset)
    admin = AdminClient({"bootstrap.servers": servers})  # answers only as long as it lives
    admin.delete_records([place])[place].result(PATIENCE_S)


def remove(records: Partition) -> tuple[str, FiledRecord]:
    return "removed", records.pop(middle(records))


def change(records: Partition) -> tuple[str, FiledRecord]:
    """A late end becomes one in time, in the same place."""
    place = middle(records)
    while b'"completed"' not in (records[place].value or b""):
        place += 1
    was = records[place]
    event = json.loads(was.value or b"")
    event["occurred_at"] = "2025-01-07T09:00:00+07:00"
    records[place] = was._replace(value=json.dumps(event).encode())
    return "changed", was


def insert(records: Partition) -> tuple[str, FiledRecord]:
    place = middle(records)
    event = json.loads(records[place].value or b"")
    event |= {"event_id": "slipped-in", "type": "voided", "voids": event["event_id"]}
    record = records[place]._replace(value=json.dumps(event).encode())
    records.insert(place + 1, record)
    return "inserted", record._replace(offset=place + 1)


def move(records: Partition) -> tuple[str, FiledRecord]:
    """The same content in the same place, as if it had arrived a day earlier."""
    place = middle(records)
    was = records[place]
    records[place] = was._replace(timestamp=was.timestamp - 86_400_000)
    return "moved", was


def middle(records: Partition) -> int:
    return len(records) // 2
