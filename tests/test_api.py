"""The HTTP API of two real workers on a real Kafka: who is asked makes no difference."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.commands import PATIENCE_S, Command, wait_until_read, wait_until_ready
from tests.streams.web.site import event
from vungxanh.demo import units_file
from vungxanh.local_kafka import LocalKafka, free_port

TOKEN = "the token of an actor"
UNITS = tuple(f"H47.{number}" for number in (502, 503, 504, 505, 506, 507, 508, 509))
AS_OF = "2026-06-22T17:00:00+07:00"


class Running:
    """A worker that the test may stop or kill."""

    def __init__(self, command: Command) -> None:
        self.port = free_port()
        self.log = command.folder / f"worker-{self.port}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vungxanh", "worker"],
                env={**command.environment, "VUNGXANH_HTTP__PORT": str(self.port)},
                cwd=command.folder,
                stdout=out,
                stderr=out,
            )

    def ask(
        self, path: str, body: object = None, method: str | None = None, token: str | None = None
    ) -> tuple[int, Any, Any]:
        """Status, JSON and headers; status 0 where nobody listens."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null"), error.headers
        except OSError as error:
            return 0, str(error), {}

    def get(self, path: str, **query: str) -> Any:
        """The JSON of an answer that is good."""
        status, content, _ = self.ask(f"{path}?{urlencode(query)}" if query else path)
        assert status == 200, content
        return content

    @contextmanager
    def stream(self) -> Iterator[list[tuple[str, Any]]]:
        """The events of /api/stream as they come: kind and JSON."""
        found: list[tuple[str, Any]] = []
        answer = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/stream", timeout=600)

        def read() -> None:
            kind = ""
            try:
                for line in answer:
                    if line.startswith(b"event: "):
                        kind = line[7:].strip().decode()
                    elif line.startswith(b"data: "):
                        found.append((kind, json.loads(line[6:])))
            except (OSError, ValueError):
                pass
            found.append(("end", None))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        yield found

    def wait(self) -> int:
        return self.process.wait(timeout=60)


def wait_for(what: str, holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.1)
    return found


def history(first: int = 0, late: int = 1) -> list[bytes]:
    """Ten ends of each unit, one or more of them late; three open dossiers.

    All that is not the first of a unit ends after AS_OF.
    """
    found = []
    for unit_id in UNITS:
        for number in range(first, first + 10):
            dossier = f"{unit_id}-{number}"
            due = "2026-06-19" if number - first < late else "2026-06-25"
            received = f"2026-06-{23 if first else 10}T09:00:00+07:00"
            found.append(event(unit_id, dossier, 1, "received", received, due_at=due))
            end = f"2026-06-{24 if first else 20}T09:00:00+07:00"
            found.append(event(unit_id, dossier, 2, "completed", end, channel="online"))
        for number in range(3):
            dossier = f"{unit_id}-open-{first}-{number}"
            found.append(event(unit_id, dossier, 1, "received", received, due_at="2026-07-09"))
    return found


def commands(kafka: LocalKafka, folder: Path) -> Command:
    """The commands of one province, with its topics."""
    made = Command(kafka, f"t{uuid.uuid4().hex[:8]}-", folder)
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    (folder / "people.toml").write_text(
        f'[[people]]\nname = "An"\ntoken_sha256 = "{digest}"\nmay = "act"\n'
    )
    made.environment |= {
        "VUNGXANH_TIMEZONE": "Asia/Ho_Chi_Minh",
        "VUNGXANH_HTTP__PEOPLE": str(folder / "people.toml"),
        "VUNGXANH_UNITS": str(units_file()),
        "VUNGXANH_MAP": str(units_file().with_name("districts.geojson")),
        "VUNGXANH_POLICY__HOLD": "0",
    }
    made.run("topics")
    return made


def publish(command: Command, events: list[bytes]) -> None:
    file = command.folder / "events.jsonl"
    file.write_bytes(b"\n".join(events))
    command.run("publish", "events.jsonl", "--arrival", "occurred")


@contextmanager
def two_workers(command: Command) -> Iterator[tuple[Running, Running]]:
    """Ready, each with partitions of its own, and they know of each other."""
    events = history()
    publish(command, events)
    with ExitStack() as ending:
        both = Running(command), Running(command)
        for one in both:
            ending.callback(one.process.wait, 30)
            ending.callback(one.process.kill)
        ports = [one.port for one in both]
        wait_until_ready(ports)
        wait_until_read(ports, len(events))
        wait_for(
            "all statuses",
            lambda: all(len(_with_status(one)) == len(UNITS) for one in both),
        )
        wait_for("the owners", lambda: all(_all_owned(one) for one in both))
        yield both


@pytest.fixture(scope="module")
def command(kafka: LocalKafka, tmp_path_factory: pytest.TempPathFactory) -> Command:
    return commands(kafka, tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def workers(command: Command) -> Iterator[tuple[Running, Running]]:
    """The two workers of all tests that end none of them; figures as of AS_OF stay."""
    with two_workers(command) as both:
        yield both


def _with_status(worker: Running) -> list[str]:
    return [one["unit_id"] for one in worker.get("/api/units")["units"] if one["status"]]


def _all_owned(worker: Running) -> bool:
    owners = {one["owner"] for one in worker.get("/api/monitor")["partitions"]}
    return None not in owners and len(owners) == 2


def test_every_worker_answers_for_all_units(workers: tuple[Running, Running]) -> None:
    for path, query in (
        ("/api/ranking", {}),
        ("/api/ranking", {"as_of": AS_OF, "known": "then", "definition": "strict@1"}),
        *((f"/api/units/{unit_id}/profile", {"as_of": AS_OF}) for unit_id in UNITS),
        *((f"/api/units/{unit_id}/explain", {"window": "90d"}) for unit_id in UNITS),
        *((f"/api/units/{unit_id}/integrity", {}) for unit_id in UNITS),
        *((f"/api/units/{unit_id}/versus", {"versus_as_of": AS_OF}) for unit_id in UNITS),
        *((f"/api/dossiers/{unit_id}/{unit_id}-0", {}) for unit_id in UNITS),
        ("/api/incidents", {"state": "open"}),
    ):
        one, other = (worker.get(path, **query) for worker in workers)
        assert one == other, path
    ranking = workers[0].get("/api/ranking", as_of=AS_OF)
    assert ranking["missing"] == []
    rows = {row["unit_id"]: row for row in ranking["rows"]}
    for unit_id in UNITS:
        assert (rows[unit_id]["numerator"], rows[unit_id]["denominator"]) == (9, 10)
        assert rows[unit_id]["tied"] == len(UNITS)
        explained = workers[0].get(f"/api/units/{unit_id}/explain", as_of=AS_OF)
        assert (explained["numerator"], explained["denominator"]) == (9, 10)
        assert len(explained["left_out"]) == 3
    assert "H47" not in rows
    assert {row["unit_id"] for row in ranking["rows"] if row["zone"] == "grey"} == set(rows) - set(
        UNITS
    )
    directory = workers[1].get("/api/directory")
    assert directory["province"]["unit_id"] == "H47"
    assert directory["has_map"]
    workers[1].get("/api/map")


def test_an_unknown_unit_is_unknown_everywhere(workers: tuple[Running, Running]) -> None:
    for worker in workers:
        for unit_id in ("nobody", "nobody-else", "a/b?c", "x y"):
            status, content, _ = worker.ask(f"/api/units/{quote(unit_id, safe='')}/profile")
            assert status == 404, content
            assert unit_id in content["error"]


def test_news_reaches_every_reader(command: Command, workers: tuple[Running, Running]) -> None:
    with workers[0].stream() as one, workers[1].stream() as other:
        wait_for("hello", lambda: one and other and one[0][0] == other[0][0] == "hello")
        publish(command, history(first=100, late=5))
        wait_for("all figures, here", partial(_all_told, one))
        wait_for("all figures, there", partial(_all_told, other))
    status = next(content for kind, content in one if kind == "status")
    assert set(status) == {
        *("unit_id", "zone", "numerator", "denominator", "early", "on_time", "late"),
        *("open", "incident", "clock"),
    }


def _all_told(told: list[tuple[str, Any]]) -> bool:
    """Whether a stream has told of the latest figure of every unit, and of a step."""
    shown = {
        content["unit_id"]
        for kind, content in told
        if kind == "status" and content["denominator"] == 20
    }
    return shown == set(UNITS) and any(kind == "step" for kind, _ in told)


def test_what_people_do(command: Command, workers: tuple[Running, Running]) -> None:
    publish(command, history(first=200, late=9))
    incidents = wait_for(
        "an incident of each unit",
        lambda: (
            len(found := workers[0].get("/api/incidents", state="open")["incidents"]) == len(UNITS)
            and found
        ),
    )
    incident = incidents[0]
    path = f"/api/incidents/{quote(incident['incident_id'], safe='')}"
    assert workers[0].get(path) == incident

    status, content, _ = workers[0].ask(f"{path}/acknowledge", {"reason": "seen"})
    assert status == 401, content
    status, content, _ = workers[0].ask(f"{path}/acknowledge", {"reason": "seen"}, token=TOKEN)
    assert status == 201, content
    acknowledged = wait_for(
        "the acknowledgement, at the other worker",
        lambda: (found := workers[1].get(path))["acknowledged_by"] and found,
    )
    assert acknowledged["acknowledged_by"] == "An"
    kinds = [step["kind"] for step in acknowledged["steps"]]
    assert (kinds[0], kinds[-1]) == ("opened", "acknowledged")
    assert workers[1].ask(f"{path}/acknowledge", {}, token=TOKEN)[0] == 409

    silence = {"scope": "H47/*", "until": "2099-01-01T00:00:00Z", "reason": "a fair"}
    status, content, _ = workers[1].ask("/api/silences", silence, token=TOKEN)
    assert status == 201, content
    silences = wait_for(
        "the silence, at the other worker", lambda: workers[0].get("/api/silences")["silences"]
    )
    assert [one["silence_id"] for one in silences] == [content["silence_id"]]
    assert workers[0].get(path)["silenced_until"] == "2099-01-01T00:00:00.000+00:00"
    path = f"/api/silences/{content['silence_id']}"
    status, content, _ = workers[0].ask(path, {"reason": "over"}, "DELETE", TOKEN)
    assert status == 200, content
    wait_for("it is lifted", lambda: not workers[1].get("/api/silences")["silences"])
    assert TOKEN not in "".join(worker.log.read_text() for worker in workers)


def test_owners_come_and_go(kafka: LocalKafka, tmp_path: Path) -> None:
    command = commands(kafka, tmp_path)
    with two_workers(command) as (gone, left):
        os.kill(gone.process.pid, signal.SIGKILL)
        gone.wait()
        check_who_is_missing(left)
        wait_for(
            "the partitions to be taken over",
            lambda: all(left.ask(f"/api/units/{one}/profile")[0] == 200 for one in UNITS),
        )
        wait_for("a whole ranking", lambda: not left.get("/api/ranking", window="90d")["missing"])
        wait_for(
            "the silence to be noticed",
            lambda: alive(left) == {str(gone.port): False, str(left.port): True},
        )
        going = Running(command)
        try:
            wait_until_ready([left.port, going.port])
            with going.stream() as told:
                wait_for("a reader", lambda: told)
                going.process.terminate()
                assert going.wait() == 0, going.log.read_text()
                wait_for("the end of the stream", lambda: told[-1][0] == "end")
        finally:
            going.process.kill()
        wait_for("its leave", lambda: str(going.port) not in alive(left))


def check_who_is_missing(left: Running) -> None:
    """Right after the other worker was killed: nobody is forgotten, and nothing is made up."""
    answers = {unit_id: left.ask(f"/api/units/{unit_id}/profile") for unit_id in UNITS}
    refused = {unit_id: answer for unit_id, answer in answers.items() if answer[0] != 200}
    for status, content, headers in refused.values():
        assert status == 503
        assert headers["Retry-After"]
        assert "owner" in content["error"]
    ranking = left.get("/api/ranking", window="90d")
    shown = {row["unit_id"] for row in ranking["rows"]}
    assert shown | set(ranking["missing"]) >= set(UNITS)
    assert not shown & set(ranking["missing"])
    assert all(row["denominator"] == 10 for row in ranking["rows"] if row["unit_id"] in UNITS)


def alive(worker: Running) -> dict[str, bool]:
    """Whether each worker that was heard of is alive, by its port."""
    workers = worker.get("/api/monitor")["workers"]
    return {one["worker_id"].rpartition(":")[2]: one["alive"] for one in workers}
