"""Real workers on a real broker: started, killed, stopped, watched; and what they wrote."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from streams.monitor import PartitionMonitor
from streams.routing import partition_of
from streams.settings import KafkaAccess, WorkerSettings
from streams.topic_plans import ensure_topics
from streams.topics import Topics
from tests.streams.feed import Sent
from tests.streams.worker_process import rules
from vungxanh.local_kafka import free_port

PATIENCE = 150.0  # seconds, against hanging only
SESSION_MS = 6_000
ROOT = Path(__file__).resolve().parents[2]


def wait_until(holds: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait for a condition; asks some ten times a second."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"waited {patience:g} s in vain: {what}"
        time.sleep(0.1)


@dataclass
class WorkerProcess:
    """One worker, in a process of its own; `supervised` ones are started again when they end."""

    settings: WorkerSettings
    log: Path
    supervised: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    exits: list[int] = field(default_factory=list)

    def start(self) -> None:
        options = asdict(self.settings)
        options["bootstrap_servers"] = options.pop("kafka")["bootstrap_servers"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.streams.worker_process", json.dumps(options)],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **self.variables},
            )

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        assert self.process is not None
        self.exits.append(self.process.wait())

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self.send(signal.SIGTERM)
        assert self.process is not None
        self.exits.append(self.process.wait(PATIENCE))
        return self.exits[-1]

    def look_after(self) -> None:
        """What a supervisor does: start it again if it has ended."""
        if self.process is not None and self.supervised and not self.running:
            self.exits.append(self.process.returncode)
            self.start()

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body of a request to it; 0 where nobody listens."""
        url = f"http://127.0.0.1:{self.settings.http_port}{path}"
        request = urllib.request.Request(url, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    @property
    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def samples(self) -> dict[str, float]:
        """`/metrics`: value by name and labels as they are written."""
        status, body = self.get("/metrics")
        assert status == 200
        lines = (line for line in body.decode().splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@dataclass
class Written:
    """What a read_committed reader finds in a topic."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Stage:
    """Topics of their own on a broker, and the workers of one group on them."""

    def __init__(self, bootstrap: str, prefix: str, folder: Path, **settings: Any) -> None:
        chosen: dict[str, Any] = {"partitions": 4, "clock": "records"} | settings
        self.settings = WorkerSettings(
            kafka=KafkaAccess(bootstrap),
            group=f"{prefix}group",
            prefix=prefix,
            session_timeout_ms=SESSION_MS,
            transaction_timeout_ms=SESSION_MS + 1_000,  # a broker away for longer ends a worker
            chunk_records=500,  # small, so that faults find transactions to hit
            **chosen,
        )
        self.folder = folder
        self.topics = Topics.of(prefix)
        self.workers: list[WorkerProcess] = []
        ensure_topics(self.settings)

    def worker(self, *, supervised: bool = False, http_port: int = 0) -> WorkerProcess:
        """Start one more worker."""
        number = len(self.workers)
        settings = replace(self.settings, http_port=http_port or free_port())
        worker = WorkerProcess(settings, self.folder / f"worker-{number}.log", supervised)
        self.workers.append(worker)
        worker.start()
        return worker

    def look_after(self) -> None:
        """What a supervisor does: start those that ended again, if they are supervised."""
        for worker in self.workers:
            worker.look_after()

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        for worker in self.workers:
            if worker.running:
                worker.kill()

    def logs(self) -> str:
        """The end of every worker's log, for a failing test."""
        return "\n".join(
            f"--- {w.log.name}, exits {w.exits}\n{w.log.read_text()[-4000:]}" for w in self.workers
        )

    @contextmanager
    def consumer(self) -> Iterator[KafkaConsumer]:
        """A reader of committed records; of the group's offsets too, without joining it."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.settings.kafka.bootstrap_servers,
            group_id=self.settings.group,
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        try:
            yield consumer
        finally:
            consumer.close()

    def sources(self) -> list[TopicPartition]:
        return [TopicPartition(self.topics.events, n) for n in range(self.settings.partitions)]

    def wait_folded(self) -> None:
        """Until every partition is committed to its end."""
        with self.consumer() as consumer:

            def folded() -> bool:
                self.look_after()
                ends = consumer.end_offsets(self.sources())
                return all((consumer.committed(tp) or 0) >= end for tp, end in ends.items())

            try:
                wait_until(folded, "the group's offsets to reach the end of the source")
            except AssertionError as error:
                raise AssertionError(f"{error}\n{self.logs()}") from None

    def read(self, topic: str) -> list[Written]:
        """All committed records of a topic, partition by partition, in order."""
        found: list[Written] = []
        with self.consumer() as consumer:
            parts = [TopicPartition(topic, n) for n in range(self.settings.partitions)]
            ends = consumer.end_offsets(parts)
            consumer.assign(parts)
            consumer.seek_to_beginning(*parts)
            deadline = time.monotonic() + PATIENCE
            while any(consumer.position(tp) < end for tp, end in ends.items()):
                assert time.monotonic() < deadline, f"cannot read {topic} to its end"
                for tp, records in consumer.poll(timeout_ms=500).items():
                    found += [
                        Written(tp.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
                        for r in records
                        if r.offset < ends[tp]
                    ]
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def producer(self, **options: Any) -> KafkaProducer:
        return KafkaProducer(
            bootstrap_servers=self.settings.kafka.bootstrap_servers,
            acks="all",
            enable_idempotence=True,
            linger_ms=20,
            **options,
        )

    def send(self, producer: KafkaProducer, record: Sent) -> Any:
        """Put a record where its unit belongs."""
        return producer.send(
            self.topics.events,
            key=record.key,
            value=record.value,
            timestamp_ms=record.timestamp,
            partition=partition_of(record.key.decode(), self.settings.partitions),
        )


class Publisher(threading.Thread):
    """Publishes records over some seconds while a test does its worst; none is lost or doubled."""

    def __init__(self, stage: Stage, records: Sequence[Sent], seconds: float) -> None:
        super().__init__(daemon=True)
        self._stage = stage
        self._records = records
        self._pause = seconds / max(1, len(records) // 100)
        self.error: KafkaError | None = None

    def run(self) -> None:
        producer = self._stage.producer(delivery_timeout_ms=120_000)
        try:
            sent = []
            for start in range(0, len(self._records), 100):
                sent += [
                    self._stage.send(producer, record)
                    for record in self._records[start : start + 100]
                ]
                time.sleep(self._pause)
            producer.flush()
            for future in sent:
                future.get(timeout=PATIENCE)
        except KafkaError as error:
            self.error = error
        finally:
            producer.close()

    def wait(self) -> None:
        """Until all has been acknowledged."""
        self.join(PATIENCE)
        assert not self.is_alive(), "publishing hangs"
        assert self.error is None, f"publishing failed: {self.error!r}"


@dataclass
class Outcome:
    """What came of a history: the latest status of every unit, every step, every dead letter.

    And every entry of the sealed book, with its key, in the order of its partition.
    """

    statuses: dict[str, dict[str, Any]]
    steps: list[dict[str, Any]]
    letters: list[tuple[int, int]]  # (origin partition, origin offset)
    book: dict[int, list[tuple[bytes, bytes]]]  # by partition


def undisturbed(stage: Stage) -> Outcome:
    """The outcome of folding the source as it stands, in this process, partition by partition."""
    outcome = Outcome({}, [], [], {})
    source = stage.read(stage.topics.events)
    for number in range(stage.settings.partitions):
        monitor = PartitionMonitor(number, stage.settings.partitions, rules())
        effects = monitor.fold(record for record in source if record.partition == number)
        outcome.statuses |= {s.unit_id: json.loads(s.to_json()) for s in effects.statuses}
        outcome.steps += [json.loads(step.to_json()) for step in effects.steps]
        outcome.letters += [(number, letter.record.offset) for letter in effects.dead_letters]
        outcome.book[number] = [(entry.key, entry.value) for entry in effects.book]
    return outcome


def outcome_of(stage: Stage) -> Outcome:
    """The outcome as a read_committed reader finds it in the topics."""
    statuses = {
        str(record.key, "utf-8"): json.loads(record.value or b"null")
        for record in stage.read(stage.topics.status)
        if record.key
    }
    steps = [json.loads(record.value or b"null") for record in stage.read(stage.topics.alerts)]
    letters = []
    for record in stage.read(stage.topics.dead_letters):
        headers = dict(record.headers)
        letters.append((int(headers["origin-partition"]), int(headers["origin-offset"])))
    book: dict[int, list[tuple[bytes, bytes]]] = {n: [] for n in range(stage.settings.partitions)}
    for record in stage.read(stage.topics.book):
        book[record.partition].append((record.key or b"", record.value or b""))
    return Outcome(statuses, steps, letters, book)
