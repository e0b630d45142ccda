"""`vungxanh replay` from a real topic: on one core and on two, in the middle of live writing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from audit.replay_question import FigureQuestion
from streams.routing import partition_of
from streams.settings import KafkaAccess
from streams.topics import EVENTS
from tests.vungxanh.conftest import Command
from tests.vungxanh.test_publishing import event
from tests.vungxanh.test_replay import RECEIPT
from vungxanh.__main__ import run
from vungxanh.errors import UnreachableError, WrongUseError
from vungxanh.local_kafka import LocalKafka, free_port
from vungxanh.replaying.jobs import groups
from vungxanh.replaying.processes import Processes, Task
from vungxanh.settings import Settings
from vungxanh.topic_history import TopicSource, topic_source
from vungxanh.topic_reading import Span, TopicReader, consumer_options, read_topic

ROOT = Path(__file__).parents[2]
PARTITIONS = 8
PATIENCE = 120.0  # seconds, against hanging
MONTHLY = ["--every", "month", "--window", "90d", "--window", "half"]
BOTH = ["--definition", "strict@1", "--definition", "resolved@1"]
QUESTION = FigureQuestion(("strict@1",), ("30d",), ZoneInfo("Europe/Amsterdam"))
LONG = ["--every", "day", "--from", "2009-01-01", "--to", "2015-01-01", "--window", "365d"]


@pytest.fixture(scope="module")
def variables(kafka: LocalKafka) -> dict[str, str]:
    """A topic with the receipt log in it, for all tests here."""
    prefix = f"replay-{uuid.uuid4().hex[:8]}-"
    found = {
        "VUNGXANH_KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "VUNGXANH_KAFKA__GROUP": f"{prefix}group",
        "VUNGXANH_TOPICS__PREFIX": prefix,
        "VUNGXANH_TIMEZONE": "Europe/Amsterdam",
        "VUNGXANH_CLOCK": "records",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in found.items():
            patch.setenv(name, value)
        assert run(["topics"]) == 0
        assert run(["publish", str(RECEIPT), "--arrival", "occurred"]) == 0
    return found


@pytest.fixture
def settings(variables: dict[str, str]) -> Settings:
    return settings_of(
        variables["VUNGXANH_KAFKA__BOOTSTRAP_SERVERS"], variables["VUNGXANH_TOPICS__PREFIX"]
    )


def settings_of(bootstrap: str, prefix: str) -> Settings:
    return Settings.model_validate(
        {"kafka": {"bootstrap_servers": [bootstrap]}, "topics": {"prefix": prefix}}
    )


def short(variables: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("VUNGXANH_"): value for name, value in variables.items()}


@pytest.mark.parametrize(
    "question",
    [
        pytest.param([*MONTHLY, *BOTH], id="months"),
        pytest.param([*MONTHLY, "--by", "step", "--by", "channel"], id="parts"),
        pytest.param([], id="the last record"),
        pytest.param(["--every", "week", "--unit", "WABO.R11"], id="one unit"),
        pytest.param(["--every", "month", "--known-at", "2011-05-01T00:00:00Z"], id="known at"),
    ],
)
def test_two_processes_one_process_and_the_file_say_the_same(
    command: Command, variables: dict[str, str], question: list[str]
) -> None:
    asked = ["replay", *question, "--format", "csv"]
    one = command(*asked, "--jobs", 1, **short(variables))
    assert one.code == 0
    assert len(one.lines) > 5
    assert command(*asked, "--jobs", 2, **short(variables)).out == one.out
    assert command(*asked, "--input", RECEIPT, **short(variables)).out == one.out


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(["replay", "--alerts", "--format", "json"], id="steps"),
        pytest.param(
            ["replay", "--alerts", "--known-at", "2011-05-01T00:00:00Z", "--format", "csv"],
            id="steps as known then",
        ),
        pytest.param(["backtest", "--policy", "p.toml", "--format", "json"], id="backtest"),
    ],
)
def test_incidents_are_the_same_in_two_processes_in_one_and_from_the_file(
    command: Command, variables: dict[str, str], tmp_path: Path, asked: list[str]
) -> None:
    (tmp_path / "p.toml").write_text('[policy]\nhold = "1d"\n')
    one = command(*asked, "--jobs", 1, **short(variables))
    assert one.code == 0
    assert one.out.count("opened") > 1
    assert command(*asked, "--jobs", 2, **short(variables)).out == one.out
    assert command(*asked, "--input", RECEIPT, **short(variables)).out == one.out


def test_a_killed_replay_goes_on_from_where_the_topic_ended(
    command: Command, variables: dict[str, str], tmp_path: Path
) -> None:
    asked = ["replay", *LONG, "--jobs", "2", "--format", "csv", "--output"]
    process = subprocess.Popen(
        [sys.executable, "-m", "vungxanh", *asked, "rows.csv"],
        cwd=tmp_path,
        env={**os.environ, **variables, "PYTHONPATH": str(ROOT)},
    )
    notes, deadline = tmp_path / "rows.csv.progress", time.monotonic() + PATIENCE
    while not (notes.exists() and notes.read_bytes().count(b"\n") > 1):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    workers = children(process.pid)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert len(workers) >= 2
    assert command(*asked, "whole.csv", **short(variables)).code == 0
    write(variables, event(1, "2011-01-01T00:00:00Z", unit_id="late", due_at="2010-12-01"))

    assert command(*asked, "rows.csv", "--resume", **short(variables)).code == 0

    assert (tmp_path / "rows.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    while any(alive(worker) for worker in workers):  # their pipe is broken: they end by themselves
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def write(variables: dict[str, str], fields: dict[str, object]) -> None:
    unit = str(fields["unit_id"])
    producer = Producer({"bootstrap.servers": variables["VUNGXANH_KAFKA__BOOTSTRAP_SERVERS"]})
    topic = f"{variables['VUNGXANH_TOPICS__PREFIX']}{EVENTS}"
    producer.produce(topic, orjson.dumps(fields), unit, partition_of(unit, PARTITIONS))
    assert producer.flush(PATIENCE) == 0


def test_kafka_that_sends_nothing_any_more(
    command: Command, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    beyond = {number: Span(0, 10**9) for number in range(PARTITIONS)}
    monkeypatch.setattr("vungxanh.topic_reading.TopicReader.spans", lambda *_, **__: beyond)
    monkeypatch.setattr("vungxanh.topic_reading._PATIENCE_S", 0.5)
    outcome = command("replay", "--jobs", 1, **short(variables))
    assert (outcome.code, outcome.err.count("\n")) == (3, 1), outcome
    assert "sends nothing" in outcome.err


def test_an_error_of_one_process_is_that_of_the_replay(settings: Settings) -> None:
    source = topic_source(settings, None)
    source.spans = {0: Span(10**6, 10**6 + 5)}
    tasks = [Task(source, (0,), QUESTION)]
    with Processes(tasks) as processes, pytest.raises(UnreachableError, match="out of range"):
        processes.read(lambda read: None)


def test_a_process_that_was_killed_is_told(settings: Settings) -> None:
    source = topic_source(settings, None)
    with Processes([Task(source, tuple(source.spans), QUESTION)]) as processes:
        for child in multiprocessing.active_children():
            child.kill()
        with pytest.raises(UnreachableError, match=r"exit code -9.*--jobs"):
            processes.read(lambda read: None)


def test_one_partition_s_records(settings: Settings) -> None:
    source = topic_source(settings, None)
    home = partition_of("WABO.R11", PARTITIONS)
    found = list(source.partition_records(home))
    assert {one.partition for one in found} == {home}
    assert [one.offset for one in found] == list(range(source.spans[home].end))
    assert dict(source.records())[home] is not None
    both = {number: sum(1 for _ in records) for number, records in source.records()}
    assert both[home] == len(found)


def test_reading_leaves_no_group(kafka: LocalKafka, settings: Settings) -> None:
    assert read_topic(settings, EVENTS, lambda record: None) == PARTITIONS
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    groups_there = {one.group_id for one in admin.list_consumer_groups().result().valid}
    assert not {group for group in groups_there if group.endswith("-reader")}


def test_open_and_aborted_transactions_and_records_that_are_gone(
    kafka: LocalKafka, topic_prefix: str
) -> None:
    settings = settings_of(kafka.bootstrap_servers, topic_prefix)
    name = f"{topic_prefix}{EVENTS}"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    admin.create_topics([NewTopic(name, 2, 1)])[name].result()
    producer = Producer(
        {"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": topic_prefix}
    )
    producer.init_transactions()

    def send(text: str) -> None:
        producer.begin_transaction()
        producer.produce(name, text, partition=1)
        producer.flush()

    for text, end in (("a", "commit"), ("b", "abort"), ("c", "commit"), ("d", "abort")):
        send(text)
        producer.commit_transaction() if end == "commit" else producer.abort_transaction()
    send("e")  # still open
    found: list[bytes | None] = []

    read_topic(settings, EVENTS, lambda record: found.append(record.value))
    assert found == [b"a", b"c"]
    with TopicReader(settings, EVENTS) as reader:
        spans = reader.spans(whole=True)
        producer.commit_transaction()
        read = [one.value for batch in reader.batches(spans) for one in batch]
    assert read == [b"a", b"c"]  # up to where it ended when it was looked at

    place = TopicPartition(name, 1, 2)
    admin.delete_records([place])[place].result()
    with pytest.raises(WrongUseError, match="begins at offset 2: earlier"):
        read_topic(settings, EVENTS, lambda record: None, whole=True)
    with TopicReader(settings, EVENTS) as reader, pytest.raises(UnreachableError, match=name):
        list(reader.batches({1: Span(0, 5)}))  # cut away while it was read
    read_topic(settings, EVENTS, lambda record: found.append(record.value))
    assert found[2:] == [b"c", b"e"]


def test_nobody_there() -> None:
    with pytest.raises(UnreachableError, match="is it running"):
        read_topic(settings_of(f"127.0.0.1:{free_port()}", ""), EVENTS, lambda record: None)


# -- without Kafka ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2, 3, 8, 20])
def test_every_partition_is_in_one_group(jobs: int) -> None:
    spans = {number: Span(0, size) for number, size in enumerate([5, 90, 10, 40, 0, 30])}
    made = groups(spans, jobs)
    assert len(made) == min(jobs, 6)
    assert all(made)
    assert sorted(number for one in made for number in one) == list(spans)
    assert {number: span for one in made for number, span in one.items()} == spans


def test_two_groups_have_about_as_much() -> None:
    spans = {number: Span(0, size) for number, size in enumerate([5, 90, 10, 40, 0, 30])}
    sizes = [sum(span.end for span in one.values()) for one in groups(spans, 2)]
    assert sizes == [90, 85]


def test_a_topic_that_has_become_shorter_is_another_one(settings: Settings) -> None:
    source = TopicSource(settings, None, 2, {0: Span(0, 5), 1: Span(0, 5)})
    source.end_at({0: 4, 1: 5})
    assert source.spans == {0: Span(0, 4), 1: Span(0, 5)}
    with pytest.raises(WrongUseError, match="another topic"):
        source.end_at({0: 5})


def test_options_say_how_to_reach_kafka(tmp_path: Path) -> None:
    secret = KafkaAccess("a:1,b:2", "SASL_SSL", "SCRAM-SHA-512", "me", "pw", tmp_path / "ca.pem")
    options = consumer_options(secret, "g")
    assert options["bootstrap.servers"] == "a:1,b:2"
    assert options["security.protocol"] == "SASL_SSL"
    assert options["ssl.ca.location"] == str(tmp_path / "ca.pem")
    assert [options[f"sasl.{one}"] for one in ("mechanism", "username", "password")] == [
        "SCRAM-SHA-512",
        "me",
        "pw",
    ]
    plain = consumer_options(KafkaAccess("a:1"), "g")
    assert not [name for name in plain if name.startswith(("sasl", "ssl"))]
    assert plain["enable.auto.commit"] is False
