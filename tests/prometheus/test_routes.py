"""Alertmanager's configuration: as made for the demo province, valid, and who hears of what."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboards.alertmanager.__main__ import main, read_unit_ids
from dashboards.alertmanager.routes import configuration
from tests.prometheus.stack import ALERTMANAGER, alertmanager, need, receiver, wait_for
from tests.prometheus.test_rules import alerts
from vungxanh.demo import units_file

UNIT = "H47.502"
ODD = ['a"b\\c', "đơn-vị-1", "<script>", "a&b/c?d#e", "{{.}}", "\u202egnot"]


def test_the_file_is_the_one_that_the_code_makes() -> None:
    made = configuration(read_unit_ids(units_file()))
    assert ALERTMANAGER.read_text(encoding="utf-8") == made


def test_the_command_writes_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(units_file())]) == 0
    assert capsys.readouterr().out == ALERTMANAGER.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        ("name,kind\nTam Kỳ,city\n", "no column unit_id"),
        ("", "no column unit_id"),
    ],
)
def test_a_file_that_is_no_list_of_units_is_refused(
    content: str | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "units.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    assert main([str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert str(file) in said.err


def test_the_command_wants_one_file() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dashboards.alertmanager"],
        check=False,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "name one file" in done.stderr


def routed(config: Path, **labels: str) -> list[str]:
    """The receivers of an alert with these labels."""
    words = [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items()]
    done = subprocess.run(
        ["amtool", "config", "routes", "test", f"--config.file={config}", *words],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split(",")


@pytest.mark.prometheus
@pytest.mark.parametrize("units", [[UNIT], [], ODD], ids=["one", "none", "odd"])
def test_any_units_give_a_valid_file(units: list[str], tmp_path: Path) -> None:
    need("amtool")
    config = tmp_path / "alertmanager.yml"
    config.write_text(configuration(units), encoding="utf-8")
    subprocess.run(["amtool", "check-config", str(config)], check=True, capture_output=True)
    for unit in units:
        assert routed(config, alertname="UnitBelowGreen", unit=unit) == [f"unit {unit}"]


@pytest.mark.prometheus
@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ({"alertname": "UnitBelowGreen", "unit": UNIT, "incident": "x"}, f"unit {UNIT}"),
        ({"alertname": "UnitRatioBelowGreen", "unit": UNIT, "audience": "unit"}, f"unit {UNIT}"),
        ({"alertname": "UnitBelowGreen", "unit": "nowhere in the file"}, "other-units"),
        (
            {"alertname": "BelowGreenWithoutIncident", "unit": UNIT, "audience": "operations"},
            "operations",
        ),
        ({"alertname": "NoWorker", "audience": "operations"}, "operations"),
        ({"alertname": "Watchdog", "audience": "operations"}, "heartbeat"),
        ({"alertname": "SomethingElse"}, "operations"),
    ],
    ids=lambda value: value["alertname"] if isinstance(value, dict) else None,
)
def test_who_hears_of_what(labels: dict[str, str], wanted: str) -> None:
    need("amtool")
    assert routed(ALERTMANAGER, **labels) == [wanted]


def alert(name: str, **labels: str) -> dict[str, Any]:
    return {
        "labels": {"alertname": name, **labels},
        "startsAt": datetime.now(UTC).isoformat(),
    }


def named(one: dict[str, Any]) -> str:
    labels = one["labels"]
    return " ".join(labels[key] for key in ("alertname", "unit", "channel") if key in labels)


@pytest.mark.prometheus
@pytest.mark.parametrize(
    ("sent", "kept_back"),
    [
        (
            [
                alert("UnitBelowGreen", unit="A", incident="A/1"),
                alert("UnitRatioBelowGreen", unit="A"),
                alert("UnitRatioBelowGreen", unit="B"),
            ],
            {"UnitRatioBelowGreen A"},
        ),
        (
            [alert(one["alert"]) for one in alerts()],
            {one["alert"] for one in alerts()}
            - {"NoWorker", "Watchdog", "DeadLettersGrowing", "MessageGivenUp"},
        ),
        (
            [
                alert("PartitionsWithoutWorker"),
                alert("ClockStands"),
                alert("FeedSilent"),
                alert("UnitRatioBelowGreen", unit="A"),
            ],
            {"ClockStands", "FeedSilent"},
        ),
        (
            [alert("WorkerDown"), alert("FeedSilent"), alert("WorkerLagging"), alert("NoSuch")],
            {"FeedSilent", "WorkerLagging"},
        ),
        (
            [
                alert("MessageGivenUp", channel="email"),
                alert("DeliveryFailing", channel="email"),
                alert("DeliveryFailing", channel="webhook"),
            ],
            {"DeliveryFailing email"},
        ),
    ],
    ids=["two paths", "no worker", "partitions", "a worker", "delivery"],
)
def test_what_is_kept_back_by_what(
    sent: list[dict[str, Any]], kept_back: set[str], tmp_path: Path
) -> None:
    need("prometheus-alertmanager")
    with receiver() as told, alertmanager(tmp_path, told.url) as port:
        url = f"http://127.0.0.1:{port}/api/v2/alerts"
        body = json.dumps(sent).encode()
        asked = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200

        def shown() -> list[dict[str, Any]]:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return list(json.load(answer))

        wait_for(lambda: len(shown()) == len(sent), "not all alerts have come")
        found = {named(one) for one in shown() if one["status"]["inhibitedBy"]}
        assert found == kept_back
