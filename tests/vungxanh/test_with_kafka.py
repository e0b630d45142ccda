"""The commands on a real Kafka: topics, publish, dead letters, and a worker between them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from audit.dead_letters import HEADER_MARKER
from schemas.dead_letter import HEADER_REDRIVEN, Reason
from schemas.event import FIELDS
from streams.effects import DeadLetter, Effects
from streams.outputs import outputs
from streams.record import FiledRecord, Record
from streams.routing import partition_of
from streams.settings import KafkaAccess
from streams.topics import Topics
from tests.vungxanh.conftest import Command, Outcome
from tests.vungxanh.test_publishing import event
from vungxanh.local_kafka import LocalKafka
from vungxanh.publishing.sending import Sender
from vungxanh.settings import Settings
from vungxanh.supervising import SupervisedWorker
from vungxanh.topic_reading import read_topic

RECEIPT = Path(__file__).parents[1] / "data" / "receipt" / "events.jsonl.gz"
PATIENCE = 120.0  # seconds, against hanging


class Desk:
    """The command against the tests' broker, with topics of the test's own."""

    def __init__(self, command: Command, kafka: LocalKafka, prefix: str) -> None:
        self._command = command
        self.access = KafkaAccess(bootstrap_servers=kafka.bootstrap_servers)
        self.topics = Topics.of(prefix)
        self.variables: dict[str, object] = {
            "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "KAFKA__GROUP": f"{prefix}group",
            "TOPICS__PREFIX": prefix,
            "TIMEZONE": "Europe/Amsterdam",
            "CLOCK": "records",
        }

    def __call__(self, *arguments: object) -> Outcome:
        return self._command(*arguments, **self.variables)

    def environment(self) -> dict[str, str]:
        return {f"VUNGXANH_{name}": str(value) for name, value in self.variables.items()}

    def records(self, topic: str) -> list[Record]:
        found: list[Record] = []
        settings = Settings.model_validate(
            {"kafka": {"bootstrap_servers": self.access.bootstrap_servers}}
        )
        read_topic(settings, topic, found.append)
        return found

    def write(self, topic: str, *records: tuple[int, bytes | None, bytes | None, Any]) -> None:
        async def send() -> None:
            async with Sender(self.access, topic) as sender:
                for partition, key, value, headers in records:
                    await sender.put_raw(partition, key, value, headers=list(headers))
                await sender.flush()

        asyncio.run(send())


@pytest.fixture
def desk(command: Command, kafka: LocalKafka, topic_prefix: str) -> Desk:
    made = Desk(command, kafka, topic_prefix)
    assert made("topics").code == 0
    return made


@pytest.fixture
def worker(desk: Desk, tmp_path: Path) -> Iterator[SupervisedWorker]:
    variables = {**desk.environment(), "VUNGXANH_HTTP__PORT": "0"}
    made = SupervisedWorker(["worker"], variables, tmp_path / "worker.log")
    made.start()
    yield made
    made.stop()


def until(look: Callable[[], bool], what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


# -- topics ----------------------------------------------------------------------------------------


def test_topics_are_made_once(command: Command, kafka: LocalKafka, topic_prefix: str) -> None:
    desk = Desk(command, kafka, topic_prefix)

    missing = desk("topics", "--check")
    made = desk("topics", "--format", "csv")
    again = desk("topics", "--check", "--format", "csv")

    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert f"{topic_prefix}dossier-events,created" in made.lines
    assert (again.code, again.err) == (0, "")
    assert f"{topic_prefix}dossier-events,there" in again.lines


def test_topics_with_other_partitions_are_refused(desk: Desk) -> None:
    desk.variables["TOPICS__PARTITIONS"] = 3

    outcome = desk("topics")

    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "8 partitions" in outcome.err


def test_a_topic_that_is_not_there_is_named(
    command: Command, kafka: LocalKafka, topic_prefix: str
) -> None:
    desk = Desk(command, kafka, topic_prefix)

    for arguments in (["status"], ["alerts", "list"], ["dead-letters", "list"], ["replay"]):
        outcome = desk(*arguments)
        assert (outcome.code, outcome.err.count("\n")) == (2, 1), outcome
        assert topic_prefix in outcome.err


# -- publish ---------------------------------------------------------------------------------------


def test_published_records_are_as_the_contract_has_them(desk: Desk, tmp_path: Path) -> None:
    events = [
        event(1, "2026-01-02T00:00:00Z", unit_id="A", citizen="Nguyen Van A"),
        event(2, "2026-01-01T00:00:00Z", unit_id="B", recorded_at="2026-01-03T00:00:00.5Z"),
    ]
    (tmp_path / "e.jsonl").write_bytes(b"\n".join([*map(orjson.dumps, events), b"{}"]))

    outcome = desk("publish", "e.jsonl", "--arrival", "occurred")

    assert outcome.code == 1
    assert outcome.err.startswith("line 3: invalid_event")
    records = {record.key: record for record in desk.records(desk.topics.events)}
    assert records.keys() == {b"A", b"B"}
    assert records[b"A"].timestamp == 1_767_312_000_000
    assert records[b"B"].timestamp == 1_767_398_400_500
    for unit, record in records.items():
        assert record.partition == partition_of((unit or b"").decode(), 8)
        assert orjson.loads(record.value or b"").keys() <= FIELDS


def test_a_pipe_is_sent_as_it_comes(desk: Desk) -> None:
    publish = subprocess.Popen(
        [sys.executable, "-m", "vungxanh", "publish", "-"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **desk.environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert publish.stdin is not None
    before = time.time_ns() // 1_000_000
    publish.stdin.write(orjson.dumps(event(1, "2026-01-01T00:00:00Z")) + b"\n")
    publish.stdin.flush()

    until(lambda: bool(desk.records(desk.topics.events)), lambda: "the line was held back")
    out, _ = publish.communicate(timeout=PATIENCE)

    assert publish.returncode == 0
    assert out.startswith(b"1 good lines, 1 sent")
    assert desk.records(desk.topics.events)[0].timestamp >= before


def test_played_at_speed(desk: Desk, tmp_path: Path) -> None:
    events = [event(1, "2026-01-01T00:00:00Z"), event(2, "2026-01-01T00:16:40Z")]  # 1,000 s apart
    (tmp_path / "e.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))

    assert desk("publish", "e.jsonl", "--speed", "1000").code == 0

    first, second = desk.records(desk.topics.events)
    # The play has one schedule from its start: a first record that was slow shortens the span.
    assert second.timestamp - first.timestamp >= 900  # ms


# -- dead letters ----------------------------------------------------------------------------------


def test_letters_are_listed_shown_mended_and_sent_again(desk: Desk, tmp_path: Path) -> None:
    good = event(1, "2026-01-01T00:00:00Z", unit_id="A")
    bad = orjson.dumps({**good, "occurred_at": "2026-01-01T00:00:00", "phone": "0905"})
    letters = [
        DeadLetter(FiledRecord(1, 5, 9, b"A", bad), Reason.INVALID_EVENT, "occurred_at: no offset"),
        DeadLetter(
            # Headers of the feed's own must not pass for the monitor's.
            FiledRecord(1, 6, 9, b"A", b"\xff\x1b[2J", [("redriven", b"1-0"), ("reason", b"none")]),
            Reason.NOT_JSON,
            "not UTF-8",
        ),
        DeadLetter(
            FiledRecord(1, 7, 9, b"A", orjson.dumps(good)), Reason.CONFLICTING_EVENT, "came before"
        ),
    ]
    limits = {desk.topics.dead_letters: 10_000}
    effects = Effects(dead_letters=letters)
    made = outputs(effects, desk.topics, 1_000, limits)[desk.topics.dead_letters]
    desk.write(desk.topics.dead_letters, *((1, one.key, one.value, one.headers) for one in made))

    assert listed(desk) == ["1-0", "1-1", "1-2"]
    assert listed(desk, "--reason", "not_json") == ["1-1"]
    shown = desk("dead-letters", "show", "1-1")
    assert "value base64  /xtbMko=" in shown.lines
    whole = orjson.loads(desk("dead-letters", "show", "1-0", "--format", "json").out)
    assert whole["value"] == bad.decode()
    assert whole["origin"]["offset"] == 5

    stays = desk("dead-letters", "redrive", "1-0")
    assert (stays.code, stays.err.count("\n")) == (1, 1)
    assert "offset" in stays.err

    (tmp_path / "mended.json").write_bytes(orjson.dumps({**good, "phone": "0905"}))
    mended = ("dead-letters", "redrive", "1-0", "--value-file", "mended.json")
    assert desk(*mended, "--dry-run").code == 0
    assert desk.records(desk.topics.events) == []
    assert desk(*mended).code == 0
    [record] = desk.records(desk.topics.events)
    assert (record.key, record.partition) == (b"A", partition_of("A", 8))
    assert dict(record.headers) == {HEADER_REDRIVEN: b"1-0"}
    assert b"0905" not in (record.value or b"")

    assert listed(desk) == ["1-1", "1-2"]
    assert listed(desk, "--all-letters") == ["1-0", "1-1", "1-2"]
    markers = [one for one in desk.records(desk.topics.dead_letters) if one.value is None]
    assert [dict(one.headers) for one in markers] == [{HEADER_MARKER: b"1-0"}]

    assert desk(*mended).code == 1  # it was sent before
    rest = desk("dead-letters", "redrive", "--all")
    assert rest.code == 1
    assert rest.lines == [f"0 sent to {desk.topics.events}; 2 stay"]
    assert desk("dead-letters", "redrive", "--all", "--reason", "not_json", "--force").code == 0
    assert listed(desk) == ["1-2"]
    assert desk("dead-letters", "redrive", "7-7").code == 2


def listed(desk: Desk, *options: str) -> list[str]:
    outcome = desk("dead-letters", "list", "--format", "json", *options)
    assert outcome.code == 0
    return [orjson.loads(line)["id"] for line in outcome.lines]


# -- with a worker ---------------------------------------------------------------------------------


def test_live_steps_are_those_of_the_replay(desk: Desk, worker: SupervisedWorker) -> None:
    from_file = desk("replay", "--alerts", "--input", RECEIPT, "--format", "json")
    assert from_file.code == 0
    assert len(from_file.lines) > 5

    assert desk("publish", RECEIPT, "--arrival", "occurred").code == 0
    until(
        lambda: len(desk("alerts", "list", "--format", "json").lines) >= len(from_file.lines),
        lambda: worker.log_file.read_text("utf-8"),
    )

    assert desk("alerts", "list", "--format", "json").out == from_file.out
    assert desk("replay", "--alerts", "--format", "json").out == from_file.out
    incident = orjson.loads(from_file.lines[0])["incident_id"]
    shown = desk("alerts", "show", incident, "--format", "json")
    assert shown.lines == [line for line in from_file.lines if f'"{incident}"' in line]


def test_figures_from_the_topic_are_those_from_the_file(desk: Desk) -> None:
    question = ["--as-of", "2011-06-30T22:00:00+00:00", "--window", "90d", "--format", "csv"]
    question += ["--definition", "strict@1", "--definition", "resolved@1"]
    known = [*question, "--known-at", "2011-05-01T00:00:00Z"]

    assert desk("publish", RECEIPT, "--arrival", "occurred").code == 0

    assert desk("replay", *question).out == desk("replay", *question, "--input", RECEIPT).out
    assert desk("replay", *known).out == desk("replay", *known, "--input", RECEIPT).out
    assert desk("replay", *known).out != desk("replay", *question).out


def test_a_mended_letter_is_folded(desk: Desk, worker: SupervisedWorker, tmp_path: Path) -> None:
    good = event(1, "2026-01-01T00:00:00Z", unit_id="A")
    desk.write(desk.topics.events, (partition_of("A", 8), b"A", b'{"no": "event"}', ()))
    until(lambda: bool(listed(desk)), lambda: worker.log_file.read_text("utf-8"))
    [letter] = listed(desk)
    (tmp_path / "mended.json").write_bytes(orjson.dumps(good))

    assert desk("dead-letters", "redrive", letter, "--value-file", "mended.json").code == 0

    until(
        lambda: desk("status", "A", "--format", "json").code == 0,
        lambda: worker.log_file.read_text("utf-8"),
    )
    status = orjson.loads(desk("status", "A", "--format", "json").out)
    assert status["open"]["no_due"] == 1
    table = desk("status").lines
    assert any(line.split()[:3] == ["A", "A", "grey"] for line in table)
