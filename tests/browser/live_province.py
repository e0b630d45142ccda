"""A small province on a real Kafka with two real workers, for the tests of the page.

Its history lies in the last weeks: `HISTORY` says what each unit has ended, on time and late.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from streams.routing import partition_of
from tests.commands import PATIENCE_S, Command, wait_until_read, wait_until_ready
from vungxanh.demo import units_file
from vungxanh.local_kafka import LocalKafka, free_port

PARTITIONS = 4
TOKEN = "the token of somebody who may act"
ACTOR = "Nguyễn Thị Hạnh"
HARMLESS = '"><script>alert(1)</script>'
NASTY_NAME = f"{HARMLESS}\u202e\u2067\u200f"  # and marks that turn what follows

GREEN, YELLOW, RED, TOO_FEW = "H47.503", "H47.504", "H47.505", "H47.510"
RECOVERED = "H47.513"  # red ten days ago, green now
TOLD_LATE = "H47.508"  # a late end of twelve days ago is yet to arrive
NASTY, HELD_BY_NOBODY = "H47.512", "H47.509"  # red, so with an incident
RETURNING = "H47.514"  # turns after its worker was away
TURNING = ("H47.507", "H47.511", "H47.502", "H47.516")  # partitions 0 to 3

# Ends on time, ends late, days ago: of each unit, in the order of time.
HISTORY: dict[str, list[tuple[int, int, int]]] = {
    GREEN: [(20, 0, 8)],
    YELLOW: [(17, 3, 8)],
    RED: [(10, 10, 8)],
    TOO_FEW: [(3, 0, 8)],
    RECOVERED: [(2, 8, 14), (90, 0, 5)],
    TOLD_LATE: [(10, 0, 14)],
    NASTY: [(4, 6, 8)],
    HELD_BY_NOBODY: [(4, 6, 8)],
    # On the line: one more end that is late makes it yellow, 9/11.
    **{unit_id: [(9, 1, 8)] for unit_id in (RETURNING, *TURNING)},
}
ZONES = {
    **dict.fromkeys((GREEN, RECOVERED, TOLD_LATE, RETURNING, *TURNING), "green"),
    YELLOW: "yellow",
    **dict.fromkeys((RED, NASTY, HELD_BY_NOBODY), "red"),
    TOO_FEW: "grey",
}
Event = dict[str, str]


def ended(unit_id: str, dossier: str, at: datetime, *, late: bool) -> list[Event]:
    """A dossier that was received three days before it ended, a day before or after it was due."""
    due = at - timedelta(days=1) if late else at + timedelta(days=1)
    common = {"unit_id": unit_id, "dossier_id": dossier}
    received = (at - timedelta(days=3)).isoformat()
    return [
        common
        | {"event_id": f"{dossier}/1", "type": "received", "occurred_at": received}
        | {"due_at": due.isoformat()},
        common | {"event_id": f"{dossier}/2", "type": "completed", "occurred_at": at.isoformat()},
    ]


def wait_for(what: str, holds: Callable[[], Any]) -> Any:
    """What `holds` returns once it is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.1)
    return found


class LiveWorker:
    """A worker that may be killed and started again where it was."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.start()

    def start(self) -> None:
        with (self.command.folder / f"worker-{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vungxanh", "worker"],
                env={**self.command.environment, "VUNGXANH_HTTP__PORT": str(self.port)},
                cwd=self.command.folder,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def end(self) -> None:
        """However it was left."""
        self.process.kill()
        self.process.wait(timeout=30)

    def get(self, path: str, **query: str) -> Any:
        """The JSON of an answer that is good."""
        with urllib.request.urlopen(f"{self.url}{path}?{urlencode(query)}", timeout=60) as answer:
            return json.loads(answer.read())


@dataclass(frozen=True, slots=True)
class LiveProvince:
    """Two workers; pages are asked of the first, `here`."""

    command: Command
    here: LiveWorker
    there: LiveWorker
    now: datetime  # when its history was written, to the minute

    def publish(self, *events: Event, arrival: str = "now") -> None:
        publish(self.command, events, arrival)

    def receive(self, unit_id: str) -> None:
        """A unit's dossier is received, just now: the data are not old."""
        dossier = f"{unit_id}-{uuid.uuid4().hex[:8]}"
        received, _ = ended(unit_id, dossier, datetime.now(UTC) + timedelta(days=3), late=False)
        self.publish(received)

    def end_late(self, unit_id: str) -> str:
        """A unit's dossier ends a day late, just now. Returns its id."""
        dossier = f"{unit_id}-{uuid.uuid4().hex[:8]}"
        self.publish(*ended(unit_id, dossier, datetime.now(UTC), late=True))
        return dossier

    def of(self, owner: LiveWorker, units: tuple[str, ...]) -> list[str]:
        """Those of the units that a worker owns."""
        owned = {
            one["partition"]
            for one in self.here.get("api/monitor")["partitions"]
            if (one["owner"] or "").endswith(f":{owner.port}")
        }
        return [unit_id for unit_id in units if partition_of(unit_id, PARTITIONS) in owned]


def publish(command: Command, events: tuple[Event, ...], arrival: str) -> None:
    file = command.folder / "events.jsonl"
    file.write_text("\n".join(json.dumps(event) for event in events))
    command.run("publish", file.name, "--arrival", arrival)


def history(now: datetime) -> tuple[Event, ...]:
    """All that `HISTORY` says; of one unit the ends on time come before the late ones.

    Each has also received a dossier an hour ago: none is silent.
    """
    found: list[Event] = []
    for unit_id, parts in HISTORY.items():
        for on_time, late, days in parts:
            for number in range(on_time + late):
                at = now - timedelta(days=days) + timedelta(minutes=number)
                dossier = f"{unit_id}-{days}-{number}"
                found += ended(unit_id, dossier, at, late=number >= on_time)
        due_later = now + timedelta(days=3, hours=-1)
        found += ended(unit_id, f"{unit_id}-open", due_later, late=False)[:1]
    return tuple(found)


@contextmanager
def live_province(kafka: LocalKafka, folder: Path) -> Iterator[LiveProvince]:
    """Both ready, each with partitions of its own, all figures known to both."""
    command = _command(kafka, folder)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    events = history(now)
    command.run("topics")
    publish(command, events, "occurred")
    with ExitStack() as ending:
        workers = [LiveWorker(command) for _ in range(2)]
        for one in workers:
            ending.callback(one.end)
        ports = [one.port for one in workers]
        wait_until_ready(ports)
        wait_until_read(ports, len(events))
        wait_for("all zones", lambda: all(_zones(one).items() >= ZONES.items() for one in workers))
        province = LiveProvince(command, workers[0], workers[1], now)
        wait_for("owners", lambda: all(province.of(one, TURNING) for one in workers))
        yield province


def _zones(worker: LiveWorker) -> dict[str, str]:
    units = worker.get("api/units")["units"]
    return {one["unit_id"]: one["status"]["zone"] for one in units if one["status"]}


def _command(kafka: LocalKafka, folder: Path) -> Command:
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    (folder / "people.toml").write_text(
        f'[[people]]\nname = "{ACTOR}"\ntoken_sha256 = "{digest}"\nmay = "act"\n'
    )
    with units_file().open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "units.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        for row in rows:
            table.writerow(row | ({"name_vi": NASTY_NAME} if row["unit_id"] == NASTY else {}))
    command = Command(kafka, f"t{uuid.uuid4().hex[:8]}-", folder)
    command.environment |= {
        "VUNGXANH_TIMEZONE": "Asia/Ho_Chi_Minh",
        "VUNGXANH_CLOCK": "wall",
        "VUNGXANH_TOPICS__PARTITIONS": str(PARTITIONS),
        "VUNGXANH_HTTP__PEOPLE": str(folder / "people.toml"),
        "VUNGXANH_UNITS": str(folder / "units.csv"),
        "VUNGXANH_MAP": str(units_file().with_name("districts.geojson")),
        "VUNGXANH_POLICY__HOLD": "0",
    }
    return command
