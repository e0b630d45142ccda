"""What people do by the command: acknowledge, silence, unsilence; and the list of what was told."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest

from schemas.action import Action, read_action
from schemas.instants import Millis, iso_millis
from schemas.notification import Notification, Why
from streams.routing import partition_of
from tests.vungxanh.conftest import Command
from tests.vungxanh.test_with_kafka import Desk
from vungxanh.actions import silences_of
from vungxanh.local_kafka import LocalKafka

NOW: Millis = 1_741_000_000_000
HOUR: Millis = 3_600_000
OPEN, HELD, CLOSED = "A/resolved@1/1", "A/resolved@1/2", "A/resolved@1/3"


def silence(name: str = "s1", **others: Any) -> Action:
    fields: dict[str, Any] = {"reason": "Tết", "scope": "A", "until": NOW + HOUR, **others}
    return Action(name, "silence", "An", NOW, **fields)


def lifted(at: Millis, name: str = "s1", author: str = "Bình") -> Action:
    return Action(f"u-{at}-{author}", "unsilence", author, at, silence_id=name)


# -- silences, without Kafka -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actions", "now", "state", "ended_at"),
    [
        ([silence()], NOW, "in force", NOW + HOUR),
        ([silence()], NOW + HOUR - 1, "in force", NOW + HOUR),
        ([silence()], NOW + HOUR, "ended", NOW + HOUR),
        ([silence(), lifted(NOW + 5)], NOW + 6, "lifted", NOW + 5),
        ([silence(), lifted(NOW + 2 * HOUR)], NOW + 3 * HOUR, "lifted", NOW + HOUR),
        ([silence(), lifted(NOW + 5), lifted(NOW + 9)], NOW + 10, "lifted", NOW + 5),
        ([silence(), lifted(NOW + 5, "other")], NOW + 6, "in force", NOW + HOUR),
        ([silence(), silence(until=NOW)], NOW, "in force", NOW + HOUR),  # one name, one silence
    ],
)
def test_how_a_silence_stands(
    actions: list[Action], now: Millis, state: str, ended_at: Millis
) -> None:
    [found] = silences_of(action.to_json() for action in actions)

    assert (found.state_at(now), found.ended_at()) == (state, ended_at)


def test_what_is_no_silence_is_passed_over() -> None:
    values = [
        b"{}",
        b"not JSON",
        b"[]",
        Action("a1", "acknowledge", "An", NOW, incident_id=OPEN).to_json(),
        Action("s0", "silence", "An", NOW, scope="A").to_json(),  # without an end
        silence("s2")._replace(at=NOW + 1).to_json(),
        silence("s1").to_json(),
    ]

    assert [one.made.action_id for one in silences_of(values)] == ["s1", "s2"]


# -- wrong use -------------------------------------------------------------------------------------

WHO = ("--author", "An", "--reason", "Tết")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ack", OPEN], "--author"),
        (["ack", OPEN, "--author", " "], "one line of 1-500 printable signs"),
        (["ack", OPEN, "--author", "a\nb"], "one line of 1-500 printable signs"),
        (["ack", "A", "--author", "An"], "there is no incident A; `vungxanh alerts list`"),
        (["silence", "A", "--author", "An", "--for", "1h"], "--reason"),
        (["silence", "A", "--reason", "x", "--for", "1h"], "--author"),
        (["silence", "A", *WHO], "--until or with --for"),
        (["silence", "A", *WHO, "--for", "1h", "--until", "2030-01-01T00:00Z"], "--until or with"),
        (["silence", "A", *WHO, "--for", "1 week"], "--for 1 week: not a span"),
        (["silence", "A", *WHO, "--for", "0"], "which is past"),
        (["silence", "A", *WHO, "--for", "999999999d"], "--for 999999999d"),
        (["silence", "A", *WHO, "--until", "2030-01-01"], "--until 2030-01-01"),
        (["silence", "A", *WHO, "--until", "2020-01-01T00:00:00Z"], "which is past"),
        (["silence", "A*", *WHO, "--for", "1h"], "is no unit"),
        (["silence", "/*", *WHO, "--for", "1h"], "is no unit"),
        (["silence", "A B", *WHO, "--for", "1h"], "is no unit"),
        (["unsilence", "x"], "--author"),
    ],
)
def test_wrong_use_is_told_before_kafka_is_asked(
    command: Command, arguments: list[str], said: str
) -> None:
    outcome = command("alerts", *arguments, KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:1")

    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert said in outcome.err


# -- with Kafka ------------------------------------------------------------------------------------


@pytest.fixture
def desk(command: Command, kafka: LocalKafka, topic_prefix: str) -> Desk:
    made = Desk(command, kafka, topic_prefix)
    assert made("topics").code == 0
    return made


def step(incident: str, kind: str, at: Millis, **more: object) -> bytes:
    evidence = {"definition": "resolved@1", "window": "30d", "numerator": 44, "denominator": 50}
    fields = {"incident_id": incident, "unit_id": "A", "kind": kind, "at": iso_millis(at)}
    return orjson.dumps({**fields, "zone": "yellow", "evidence": evidence, **more})


def tell(desk: Desk, topic: str, key: str, *values: bytes) -> None:
    place = partition_of(key, 8)
    desk.write(topic, *((place, key.encode(), value, ()) for value in values))


def actions(desk: Desk) -> list[Action]:
    records = sorted(desk.records(desk.topics.actions), key=lambda one: one.timestamp)
    for record in records:
        assert record.partition == partition_of((record.key or b"").decode(), 8)
    return [read_action(record.value or b"") for record in records]


def test_an_incident_is_acknowledged_once_and_while_it_is_open(desk: Desk) -> None:
    tell(
        desk,
        desk.topics.alerts,
        "A",
        step(OPEN, "opened", NOW),
        step(HELD, "opened", NOW),
        step(HELD, "acknowledged", NOW + HOUR, author="Bình"),
        step(CLOSED, "opened", NOW),
        step(CLOSED, "closed", NOW + 2 * HOUR),
    )
    before = time.time_ns() // 1_000_000

    taken = desk("alerts", "ack", OPEN, "--author", "An", "--reason", "đã họp")
    held = desk("alerts", "ack", HELD, "--author", "An")
    closed = desk("alerts", "ack", CLOSED, "--author", "An")
    unknown = desk("alerts", "ack", "A/resolved@1/9", "--author", "An")

    assert (taken.code, taken.lines, taken.err) == (0, [f"{OPEN} acknowledged by An"], "")
    assert (held.code, held.out) == (1, "")
    assert held.err == f"{HELD} was acknowledged by Bình at 2025-03-03 13:06:40\n"
    assert (closed.code, closed.out) == (1, "")
    assert closed.err == f"{CLOSED} is closed since 2025-03-03 14:06:40\n"
    assert (unknown.code, unknown.err.count("\n")) == (2, 1)
    assert "`vungxanh alerts list`" in unknown.err
    [action] = actions(desk)
    assert action.at >= before
    assert action == Action(
        action.action_id, "acknowledge", "An", action.at, "đã họp", incident_id=OPEN
    )


def test_a_silence_is_listed_and_lifted(desk: Desk) -> None:
    made = desk("alerts", "silence", "A/*", *WHO, "--for", "8h")
    everywhere = desk("alerts", "silence", "*", *WHO, "--until", "2199-01-01T00:00:00+07:00")
    assert (made.code, everywhere.code) == (0, 0)
    name = made.out.split()[1]

    listed = [orjson.loads(line) for line in desk("alerts", "silences", "--format", "json").lines]
    assert [(one["silence_id"], one["scope"], one["state"]) for one in listed] == [
        (name, "A/*", "in force"),
        (everywhere.out.split()[1], "*", "in force"),
    ]
    assert listed[1]["until"] == "2198-12-31T17:00:00.000+00:00"
    assert "Tết" in desk("alerts", "silences").out

    assert desk("alerts", "unsilence", name, "--author", "Bình").code == 0
    again = desk("alerts", "unsilence", name, "--author", "Bình")
    assert (again.code, again.out) == (1, "")
    assert "is over since" in again.err
    assert desk("alerts", "unsilence", "none", "--author", "Bình").code == 2
    assert len(desk("alerts", "silences", "--format", "json").lines) == 1
    every = desk("alerts", "silences", "--all", "--format", "csv").lines
    assert f"{name},A/*,lifted," in every[1]
    assert every[1].endswith(",Bình")

    records = desk.records(desk.topics.actions)
    keys = {record.key for record in records}
    assert keys == {b"A", b"*"}
    assert [one.kind for one in actions(desk)] == ["silence", "silence", "unsilence"]


def test_what_was_told_is_listed_with_its_reason(desk: Desk) -> None:
    first = Notification(
        "n1", "held", Why.HELD_OUTSIDE_WORKING_HOURS, "opened", OPEN, NOW, "A", "head", "email"
    )._replace(until=NOW + HOUR)
    second = Notification("n2", "dropped", Why.NO_RECIPIENT, "opened", "B/resolved@1/1", NOW, "B")
    third = Notification("n1", "sent", Why.DELIVERED, "opened", OPEN, NOW + HOUR, "A", "head")
    tell(desk, desk.topics.notifications, OPEN, first.to_json(), third.to_json())
    tell(desk, desk.topics.notifications, "B/resolved@1/1", second.to_json())

    def outcomes(*options: str) -> list[str]:
        found = desk("alerts", "notifications", "--format", "json", *options)
        assert found.code == 0
        return [orjson.loads(line)["outcome"] for line in found.lines]

    assert sorted(outcomes()) == ["dropped", "held", "sent"]
    assert outcomes()[-1] == "sent"
    assert outcomes("--unit", "A") == ["held", "sent"]
    assert outcomes("--incident", "B/resolved@1/1") == ["dropped"]
    assert outcomes("--unit", "nobody") == []
    table = desk("alerts", "notifications", "--unit", "A").out
    assert "2025-03-03 12:06:40" in table  # at, in local time
    assert "2025-03-03 13:06:40" in table  # until
    assert "held_outside_working_hours" in table
    rows = desk("alerts", "notifications", "--format", "csv").lines
    assert rows[0].startswith("at,outcome,why,kind,unit_id,recipient,channel,subject,until")


def test_without_the_topic_the_line_says_what_to_do(
    command: Command, kafka: LocalKafka, topic_prefix: str
) -> None:
    desk = Desk(command, kafka, topic_prefix)
    for arguments in (
        ["silence", "A", *WHO, "--for", "1h"],
        ["silences"],
        ["notifications"],
        ["ack", OPEN, "--author", "An"],
    ):
        outcome = desk("alerts", *arguments)
        assert (outcome.code, outcome.err.count("\n")) == (2, 1), outcome
        assert "make it with `vungxanh topics`" in outcome.err
