"""Dashboards and rules in a real Prometheus that scrapes real workers on the demo province.

Two workers, then a third joins, then one is stopped and one is killed: all the while every
expression has its data, and nothing is counted twice.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commands import PARTITIONS, Command, get, partitions, wait_until_read, wait_until_ready
from tests.prometheus.expressions import Expression, expressions, filled
from tests.prometheus.stack import (
    Labels,
    Prometheus,
    Receiver,
    Worker,
    alertmanager,
    need,
    prometheus,
    receiver,
    wait_for,
    worker,
)
from tests.webhook_server import webhook_server
from vungxanh.demo import DemoProvince, units_file
from vungxanh.local_kafka import LocalKafka, free_port

pytestmark = pytest.mark.prometheus

DAYS = 40  # of the demo's past
LIVE = timedelta(minutes=2)  # its last minutes arrive while the workers are live
SCRAPES = 2  # no gap may be longer
BRIDGED = 60  # scrapes: for so long rules/figures.yml keeps what is nobody's
RED = "H47.511"  # Phước Sơn, below green whatever the seed
VARIABLES = {
    "unit": RED,
    "definition": "resolved@1",
    "window": "30d",
    "__rate_interval": "5m",
    "__range": "1h",
}

# What has no data while all is well, and why. Of rules the parts that would be compared have.
NO_DATA = {
    "BelowGreenWithoutIncident": "no unit is below green without an incident",
    "NoWorker": "there are workers",
    "WorkerDown": "both answer",
    "PartitionsWithoutWorker": "all have one",
    "ClockStands": "the last event is not two minutes old",
    "WorkerLagging": "nothing waits",
    "FoldingSlow": "it is not",
    "FeedSilent": "events have come, and Prometheus is not four hours old",
    "DeadLettersGrowing": "the demo sends nothing that cannot be used",
    "MessageGivenUp": "no message is a day old",
    "Cảnh báo của Prometheus/A": "of these alerts none fires",
}
PARTS = {
    "BelowGreenWithoutIncident": ["unit:below_green:ratio", "unit:dossier_unit_incident:latest"],
    "NoWorker": ['up{job="vungxanh"} == 1'],
    "WorkerDown": ['up{job="vungxanh"}'],
    "PartitionsWithoutWorker": [
        "count(partition:dossier_partition_lag_records:latest)",
        "max_over_time(count(partition:dossier_partition_lag_records:latest)[1d:1m])",
    ],
    "ClockStands": ["time() - partition:dossier_partition_clock_seconds:latest"],
    "WorkerLagging": ["partition:dossier_partition_lag_records:latest"],
    "FoldingSlow": [
        "histogram_quantile(0.99, sum by (le) (rate(dossier_fold_latency_seconds_bucket[5m])))"
    ],
    "FeedSilent": ["sum(increase(dossier_events_total[4h]))", "hour()", "day_of_week()"],
    "DeadLettersGrowing": ["sum(increase(dossier_dead_letters_total[1h]))"],
    "MessageGivenUp": ["dossier_notifications_total"],
    "Cảnh báo của Prometheus/A": ['ALERTS{alertname="Watchdog"}'],
}

# What moves by itself, or is of the workers themselves: all else stands still when no event comes.
MOVING = re.compile(r"rate\(|increase\(|time\(\)|ALERTS|\bup\{|dossier_partition_lag_records\)")


class Province:
    """The demo province in Kafka, its workers, Prometheus and Alertmanager."""

    def __init__(self, command: Command, shown: Prometheus, told: Receiver) -> None:
        self.command = command
        self.prometheus = shown
        self.told = told
        self.workers: list[Worker] = []

    def start_worker(self, running: ExitStack) -> Worker:
        """One more worker, and Prometheus scrapes it."""
        made = running.enter_context(worker(self.command))
        self.workers.append(made)
        self.prometheus.scrape([one.port for one in self.workers])
        return made

    def publish(self, name: str, events: list[dict[str, str]], arrival: str) -> None:
        file = self.command.folder / name
        file.write_text("\n".join(json.dumps(event) for event in events))
        self.command.run("publish", name, "--arrival", arrival)

    def status(self) -> dict[Labels, float]:
        """The ratios of `vungxanh status`, labelled as in Prometheus."""
        return {
            (
                ("definition", figure["definition"]),
                ("unit", one["unit_id"]),
                ("window", figure["window"]),
            ): figure["numerator"] / figure["denominator"]
            for one in map(json.loads, self.command.run("status", "--format", "json").splitlines())
            for figure in one["figures"]
            if figure["denominator"]
        }


@contextmanager
def province(kafka: LocalKafka, prefix: str, folder: Path) -> Iterator[Province]:
    """All of it, and two workers that have folded the demo's past."""
    command = Command(kafka, prefix, folder)
    with ExitStack() as running:
        hook = running.enter_context(webhook_server())
        told = running.enter_context(receiver())
        manager = running.enter_context(alertmanager(folder, told.url))
        (folder / "recipients.toml").write_text(
            f"""
            [[recipients]]
            id = "head"
            role = "head"
            units = ["*"]
            channels = ["webhook:{hook.url}"]
            [[recipients]]
            id = "unreachable"
            role = "head"
            units = ["*"]
            channels = ["webhook:http://127.0.0.1:{free_port()}/nobody"]
            """
        )
        for name in ("TIMEZONE", "WINDOWS", "POLICY__MIN_SAMPLE"):
            del command.environment[f"VUNGXANH_{name}"]  # the defaults, as rules/policy.yml
        command.environment |= {
            "VUNGXANH_UNITS": str(units_file()),
            "VUNGXANH_KAFKA__SESSION_TIMEOUT": "15s",  # on a busy machine a short lease runs out
            "VUNGXANH_POLICY__STALE_AFTER": "36500d",  # the demo's past is told, too
            "VUNGXANH_NOTIFY__RECIPIENTS": str(folder / "recipients.toml"),
            "VUNGXANH_NOTIFY__QUIET_HOURS": "false",
            "VUNGXANH_NOTIFY__ALERTMANAGER_URLS": f"http://127.0.0.1:{manager}",
        }
        command.run("topics")
        shown = running.enter_context(prometheus(folder, [], [manager]))
        made = Province(command, shown, told)
        for _ in range(2):
            made.start_worker(running)
        fill(made)
        yield made


def fill(made: Province) -> None:
    """The demo's past, its last minutes live, and then one event of each unit at one instant.

    With that the clocks of all partitions stand at the same instant, and every unit was judged at
    it: what `status` says is what the workers show.
    """
    ports = [one.port for one in made.workers]
    wait_until_ready(ports)
    born = datetime.now(UTC)
    demo = DemoProvince(18, born, days=DAYS)
    past = list(demo.events_between(demo.begins, born - LIVE))
    made.publish("past.jsonl", past, "occurred")
    wait_until_read(ports, len(past))
    live = list(demo.events_between(born - LIVE, born))
    assert live
    made.publish("live.jsonl", live, "now")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    last = [
        {
            "event_id": f"last-{unit}",
            "type": "submitted",
            "occurred_at": born.isoformat(),
            "recorded_at": now,
            "dossier_id": f"last-{unit}",
            "unit_id": unit,
        }
        for unit in {event["unit_id"] for event in past}
    ]
    made.publish("last.jsonl", last, "occurred")
    wait_until_read(ports, len(past) + len(live) + len(last))


def test_expressions_figures_and_a_rebalance(
    kafka: LocalKafka, topic_prefix: str, tmp_path: Path
) -> None:
    need("prometheus", "prometheus-alertmanager")
    with province(kafka, topic_prefix, tmp_path) as made, ExitStack() as later:
        wait_for(lambda: settled(made.prometheus), "not all that has to come has come")
        check_expressions(made)
        check_rules(made)
        check_figures(made)
        began = time.time()
        third = made.start_worker(later)
        wait_until_ready([one.port for one in made.workers])
        time.sleep(3)
        made.workers.pop(0).stop()
        wait_for(lambda: owned(made.workers) == PARTITIONS, "partitions without an owner")
        time.sleep(3)
        made.workers[0].kill()
        wait_for(lambda: owned([third]) == PARTITIONS, "partitions without an owner")
        time.sleep(3)
        check_course(made.prometheus, began, time.time())
        check_figures(made)
        wait_for(
            lambda: "UnitBelowGreen" in made.told.names(f"/units/{RED}"),
            "Alertmanager told nobody of the red unit",
        )
        wait_for(lambda: "Watchdog" in made.told.names("/heartbeat"), "no heartbeat")


def settled(shown: Prometheus) -> bool:
    """Whether messages were sent and failed, and the rules have computed with all of it."""
    wanted = (
        'dossier_notifications_total{outcome="sent", channel="webhook"}',
        'dossier_notifications_total{outcome="sent", channel="alertmanager"}',
        'dossier_notifications_total{outcome="retrying"}',
        "unit:below_green:ratio",
        'ALERTS{alertname="Watchdog", alertstate="firing"}',
        "max_over_time(count(partition:dossier_partition_lag_records:latest)[1d:1m])",
    )
    return all(shown.query(one) for one in wanted)


def owned(workers: list[Worker]) -> int:
    """How many partitions these workers have, ready."""
    assert all(one.process.poll() is None for one in workers), "a worker has ended by itself"
    ready = [one.port for one in workers if get(one.port, "/readyz")[0] == 200]
    return sum(len(partitions(port)) for port in ready)


def check_expressions(made: Province) -> None:
    """Each of the dashboards returns data, or is named with the reason."""
    empty = {one.place for one in expressions() if not values(made.prometheus, one.text)}
    assert empty <= NO_DATA.keys()
    check_parts(made.prometheus, empty)


def check_rules(made: Province) -> None:
    """Each rule was computed without a fault and returns data, or is named with the reason."""
    rules = made.prometheus.rules()
    assert len(rules) > 20
    assert {rule["name"]: rule["lastError"] for rule in rules if rule.get("lastError")} == {}
    empty = {rule["name"] for rule in rules if not values(made.prometheus, rule["query"])}
    assert empty <= NO_DATA.keys()
    check_parts(made.prometheus, empty)


def check_parts(shown: Prometheus, empty: set[str]) -> None:
    for name in empty:
        for part in PARTS[name]:
            assert values(shown, part), (name, part)


def values(shown: Prometheus, text: str) -> list[float]:
    found = shown.query(filled(text, VARIABLES)).values()
    return [value for value in found if not math.isnan(value)]


def check_figures(made: Province) -> None:
    """The ratios are those of `vungxanh status`, each once."""
    shown = made.prometheus.query("unit:dossier_on_time_ratio:latest")
    assert shown == made.status()
    assert len({dict(labels)["unit"] for labels in shown}) == 18
    assert shown[tuple(sorted({**chosen(), "unit": RED}.items()))] < 0.8


def chosen() -> dict[str, str]:
    return {name: VARIABLES[name] for name in ("definition", "window")}


def check_course(shown: Prometheus, began: float, ended: float) -> None:
    """No gap of more than two scrapes, and no value that a double count would have changed."""
    steps = [began + second for second in range(int(ended - began) + 1)]
    orphaned = nobodys(shown, steps)
    assert orphaned < BRIDGED, f"a partition was nobody's for {orphaned} s: too slow a machine"
    still = [one for one in expressions() if not MOVING.search(one.text)]
    assert len(still) > 20
    for one in still:
        check_still(shown, one, steps)
    for counter in ("dossier_events_total", "dossier_fold_latency_seconds_count"):
        text = f"sum(increase({counter}[5s]))"
        for found in shown.range(text, began + 5, ended).values():
            assert max(found.values()) == 0, f"{text} though no event came: {found}"


def nobodys(shown: Prometheus, steps: list[float]) -> int:
    """For how many scrapes in a row a partition was in no worker, at most."""
    owners = "max by (partition) (dossier_partition_lag_records)"
    courses = shown.range(owners, steps[0], steps[-1])
    assert len(courses) == PARTITIONS
    return max(longest_gap(course, steps) for course in courses.values())


def longest_gap(course: dict[float, float], steps: list[float]) -> int:
    """The most steps in a row without a value."""
    present = [any(abs(at - step) < 0.1 for at in course) for step in steps]
    return max(len(run) for run in "".join(" x"[not is_] for is_ in present).split(" "))


def check_still(shown: Prometheus, one: Expression, steps: list[float]) -> None:
    text = filled(one.text, VARIABLES)
    before = shown.query(text, steps[0])
    courses = shown.range(text, steps[0], steps[-1])
    assert courses.keys() == before.keys(), f"{one}: other series than before"
    for labels, course in courses.items():
        assert set(course.values()) == {before[labels]}, f"{one}: {labels}: {course}"
        gap = longest_gap(course, steps)
        assert gap <= SCRAPES, f"{one}: {labels} was away for {gap} scrapes"
