"""From an event to a message in somebody's hands: real Kafka, real workers, a real webhook."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commands import PATIENCE_S, Command, get, wait_until_ready
from tests.webhook_server import WebhookServer, webhook_server
from vungxanh.local_kafka import LocalKafka, free_port

UNIT = "H47.01"
SECRET = "a secret of thirty-two characters"


class Office:
    """A province with one head, told by a webhook."""

    def __init__(self, kafka: LocalKafka, prefix: str, folder: Path, hook: str) -> None:
        self.command = Command(kafka, prefix, folder)
        (folder / "recipients.toml").write_text(
            f"""
            [[recipients]]
            id = "head"
            role = "head"
            units = ["{UNIT}"]
            about = ["incidents"]  # no digest, whatever the hour of the test
            channels = ["webhook:{hook}"]
            """
        )
        self.set(
            clock="wall",
            timezone="Asia/Ho_Chi_Minh",
            topics__partitions=2,
            policy__min_sample=9,
            policy__hold=0,
            policy__recover_hold=0,
            notify__recipients=folder / "recipients.toml",
            notify__quiet_hours="false",
            notify__secret=SECRET,
        )

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.command.environment[f"VUNGXANH_{name.upper()}"] = str(value)

    def publish(self, events: list[dict[str, object]], *options: str) -> None:
        file = self.command.folder / "events.jsonl"
        file.write_text("\n".join(json.dumps(event) for event in events))
        self.command.run("publish", "events.jsonl", *options)

    def notifications(self) -> list[dict[str, Any]]:
        said = self.command.run("alerts", "notifications", "--format", "json")
        return [json.loads(line) for line in said.splitlines()]

    def steps(self) -> list[dict[str, Any]]:
        said = self.command.run("alerts", "list", "--format", "json")
        return [json.loads(line) for line in said.splitlines()]

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker that the test may kill; it is ready."""
        port = free_port()
        log = self.command.folder / f"worker-{port}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "vungxanh", "worker"],
                env={**self.command.environment, "VUNGXANH_HTTP__PORT": str(port)},
                cwd=self.command.folder,
                stdout=out,
                stderr=out,
            )
        process.port = port  # type: ignore[attr-defined]
        try:
            wait_until_ready([port])
            yield process
            assert process.poll() in (None, -signal.SIGKILL), log.read_text()
        finally:
            process.kill()
            process.wait(timeout=30)


def ended(number: int, at: datetime, *, late: bool) -> list[dict[str, object]]:
    """A dossier that was received, and has ended on time or late."""
    received = at - timedelta(days=5)
    due = at - timedelta(hours=1) if late else at + timedelta(days=2)
    common = {"dossier_id": f"d{number}", "unit_id": UNIT}
    return [
        {
            **common,
            "event_id": f"{number}-r",
            "type": "received",
            "occurred_at": received.isoformat(),
            "due_at": due.isoformat(),
        },
        {
            **common,
            "event_id": f"{number}-c",
            "type": "completed",
            "occurred_at": at.isoformat(),
        },
    ]


def below_green(first: int = 0) -> list[dict[str, object]]:
    """Nine ends an hour ago, two of them late: 7/9, red."""
    at = datetime.now().astimezone() - timedelta(hours=1)
    return [event for n in range(9) for event in ended(first + n, at, late=n < 2)]


@pytest.fixture
def hook() -> Iterator[WebhookServer]:
    with webhook_server() as server:
        yield server


@pytest.fixture
def office(kafka: LocalKafka, topic_prefix: str, tmp_path: Path, hook: WebhookServer) -> Office:
    made = Office(kafka, topic_prefix, tmp_path, hook.url)
    made.command.run("topics")
    return made


def wait_for_outcome(office: Office, outcome: str, count: int = 1) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = [one for one in office.notifications() if one["outcome"] == outcome]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, office.notifications()
        time.sleep(0.3)


def test_opened_acknowledged_by_its_link_and_closed(office: Office, hook: WebhookServer) -> None:
    with office.worker() as worker:
        office.publish(below_green())
        [opened] = hook.wait_for(lambda came: len(came) == 1, "no message of the opening")
        assert opened.kinds == ["opened"]
        text = opened.event["data"]["text"]
        assert "7/9" in text
        assert "view=explain&unit=H47.01&" in text  # to the dossiers behind the figure

        [link] = re.findall(r"http\S+/ack\?token=\S+", text)
        port = worker.port  # type: ignore[attr-defined]
        path = urllib.parse.urlsplit(link)
        assert get(port, f"{path.path}?{path.query}")[0] == 200
        assert [step["kind"] for step in office.steps()] == ["opened"]  # a GET changes nothing
        token = urllib.parse.parse_qs(path.query)["token"][0]
        form = urllib.parse.urlencode({"token": token, "name": "Lan", "reason": "đang xử lý"})
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ack", form.encode()) as answer:
            assert answer.status == 200

        deadline = time.monotonic() + PATIENCE_S
        while len(office.steps()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.3)
        [acknowledged] = [step for step in office.steps() if step["kind"] == "acknowledged"]
        assert acknowledged["author"] == "Lan (head)"
        assert acknowledged["incident_id"] == office.steps()[0]["incident_id"]

        now = datetime.now().astimezone()
        good = [event for n in range(100, 120) for event in ended(n, now, late=False)]
        office.publish(good)
        hook.wait_for(lambda came: any("closed" in one.kinds for one in came), "not closed")
    told = {
        one["kind"]: one["why"] for one in office.notifications() if one["outcome"] == "decided"
    }
    assert told["opened"] == "first_notification"
    assert told["closed"] in ("recovered", "grouped")  # it may travel with `improved`
    # 15 on time of 17 before the last ones: yellow on the way; and all of it happened later.
    kinds = [step["kind"] for step in office.steps()]
    assert kinds == ["opened", "acknowledged", "improved", "closed"]


def test_killed_between_deciding_and_sending(office: Office, hook: WebhookServer) -> None:
    hook.stop()  # nobody answers
    with office.worker() as worker:
        office.publish(below_green())
        retrying, *_ = wait_for_outcome(office, "retrying")
        os.kill(worker.pid, signal.SIGKILL)
    with webhook_server(hook.port) as again, office.worker():
        came = again.wait_for(bool, "the message was lost")
        wait_for_outcome(office, "sent")
        time.sleep(3)
        assert [one.key for one in came] == [retrying["notification_id"]]
    decided = [one for one in office.notifications() if one["outcome"] == "decided"]
    assert len(decided) == 1


def test_killed_between_sending_and_marking(office: Office, hook: WebhookServer) -> None:
    hook.answering.clear()
    with office.worker() as worker:
        office.publish(below_green())
        hook.wait_for(lambda came: len(came) == 1, "nothing was sent")
        os.kill(worker.pid, signal.SIGKILL)
    hook.answering.set()
    with office.worker():
        wait_for_outcome(office, "sent")
        time.sleep(3)
        assert len(hook.received) == 2
        assert len({one.key for one in hook.received}) == 1
    outcomes = [one["outcome"] for one in office.notifications()]
    assert outcomes.count("decided") == outcomes.count("sent") == 1


def test_two_workers_send_one_message(office: Office, hook: WebhookServer) -> None:
    with office.worker(), office.worker():
        office.publish(below_green())
        wait_for_outcome(office, "sent")
        time.sleep(3)
        assert len(hook.received) == 1


def test_history_in_bulk_sends_nothing_and_says_why(office: Office, hook: WebhookServer) -> None:
    at = datetime.now().astimezone() - timedelta(days=40)
    events = [event for n in range(9) for event in ended(n, at, late=n < 2)]
    with office.worker():
        office.publish(events, "--arrival", "occurred")
        dropped = wait_for_outcome(office, "dropped")
        time.sleep(2)
    # Besides, by the hour: a digest that is too late, a silent feed that nobody wants to hear of.
    assert {one["why"] for one in dropped if one["subject"].startswith(UNIT)} == {"history"}
    assert hook.received == []
