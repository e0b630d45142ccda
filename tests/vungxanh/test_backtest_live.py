"""A backtest with today's policy gives the incidents that a real worker wrote to `unit-alerts`.

And the report of the topic is that of the file: one broker for both.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import Command, wait_until_read, wait_until_ready
from tests.streams.feed import make_feed
from tests.vungxanh.test_backtest import incidents_of, policy, told_of
from vungxanh.local_kafka import LocalKafka


def test_todays_policy_gives_the_incidents_that_a_worker_wrote(
    kafka: LocalKafka, topic_prefix: str, tmp_path: Path
) -> None:
    command = Command(kafka, topic_prefix, tmp_path)
    command.environment["VUNGXANH_TOPICS__PARTITIONS"] = "2"
    feed = make_feed(11, dossiers=900, units=6, days=60)
    lines = [one.value for one in feed.sent]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(dict.fromkeys(lines)))
    command.run("topics")
    with command.worker() as port:
        wait_until_ready([port])
        command.run("publish", "feed.jsonl", "--arrival", "occurred")
        wait_until_read([port], events=len(set(lines)))
    written = [
        json.loads(one) for one in command.run("alerts", "list", "--format", "json").splitlines()
    ]
    happened = sorted(incidents_of(written))
    assert len(happened) > 10

    same, slow = policy(tmp_path, "same"), policy(tmp_path, "slow", '[policy]\nhold = "1d"\n')
    words = ["backtest", "--policy", str(same), "--policy", str(slow), "--format", "json"]
    told = json.loads(command.run(*words))

    assert told_of(told, 0) == told_of(told, 1) == happened
    in_force, again, slower = told["policies"]
    assert again == {**in_force, "name": "same"}
    assert (again["kept"], again["gained"], again["lost"], again["moved"]) == (
        len(happened),
        0,
        0,
        0,
    )
    assert slower["lost"] + slower["moved"] > 0

    from_file = command.run(*words, "--input", "feed.jsonl")
    assert json.loads(from_file) == told

    report = ["report", "--from", "2025-02-01", "--to", "2025-02-28", "--format", "csv"]
    rows, foot = command.run(*report).split("\n\n")
    assert command.run(*report, "--input", "feed.jsonl").split("\n\n")[0] == rows
    assert "Sổ niêm phong;" in foot
