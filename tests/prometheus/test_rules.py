"""Prometheus's configuration and rules: valid, uniform, and each alert played through in time."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from streams.metrics import UnitCollector
from streams.ownership import Ownership
from tests.prometheus.stack import PROMETHEUS, need
from vungxanh.settings import Settings

CASES = sorted((PROMETHEUS / "cases").glob("*.yml"))
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
PRODUCTION = Path(__file__).parents[2] / "docs" / "production.md"
LABELS = {
    "dossier_on_time_ratio": "unit, definition, window",
    "dossier_window_dossiers": "unit, definition, window, count",
    "dossier_resolved": "unit, window, outcome",
    "dossier_open": "unit, state",
    "dossier_unit_zone": "unit, zone",
    "dossier_unit_incident": "unit",
    "dossier_partition_lag_records": "partition",
    "dossier_partition_clock_seconds": "partition",
}
NEVER_RESOLVED = {"Watchdog"}  # it is there as long as Prometheus is


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def rules(file: Path) -> list[dict[str, Any]]:
    return [rule for group in read(file)["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return rules(PROMETHEUS / "rules" / "alerts.yml")


@pytest.mark.prometheus
def test_configuration_and_rules_are_valid() -> None:
    need("promtool")
    for words in (
        ["config", str(PROMETHEUS / "prometheus.yml")],
        ["rules", "--lint-fatal", *map(str, RULES)],
    ):
        done = subprocess.run(
            ["promtool", "check", *words], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.prometheus
@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_cases_in_time(file: Path) -> None:
    need("promtool")
    done = subprocess.run(
        ["promtool", "test", "rules", str(file)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_played_through() -> None:
    """Of each there is a course in which it does not fire, fires, and does not fire any more."""
    courses: dict[str, list[str]] = defaultdict(list)
    for file in CASES:
        for case in read(file)["tests"]:
            played: dict[str, str] = defaultdict(str)
            for moment in case.get("alert_rule_test", ()):
                played[moment["alertname"]] += "x" if moment["exp_alerts"] else "."
            for name, course in played.items():
                courses[name].append(course)
    for alert in alerts():
        name = alert["alert"]
        wanted = r"x" if name in NEVER_RESOLVED else r"\.x+\."
        assert any(re.search(wanted, course) for course in courses[name]), name
    assert courses.keys() == {alert["alert"] for alert in alerts()}


def test_every_alert_says_what_is_the_matter_and_what_to_do() -> None:
    text = PRODUCTION.read_text(encoding="utf-8")
    for alert in alerts():
        assert alert["labels"]["audience"] in ("unit", "operations")
        assert alert["labels"]["severity"] in ("critical", "warning", "none")
        assert {"summary", "summary_en"} <= alert["annotations"].keys()
        assert f"`{alert['alert']}`" in text, f"{alert['alert']} is not in docs/production.md"


def test_every_gauge_of_a_worker_is_recorded_without_the_worker() -> None:
    gauges = {family.name for family in UnitCollector(Ownership(), {}).collect()}
    assert gauges == LABELS.keys() | {"dossier_unit_info"}
    recorded = {rule["record"]: rule["expr"] for rule in rules(PROMETHEUS / "rules/figures.yml")}
    for gauge, labels in LABELS.items():
        level = "partition" if "partition" in gauge else "unit"
        wanted = f"""
            max by ({labels}) ({gauge} and topk by ({labels}) (1, timestamp({gauge})))
            or max by ({labels}) (last_over_time({gauge}[1m]))
        """
        assert squeezed(recorded[f"{level}:{gauge}:latest"]) == squeezed(wanted)


def squeezed(expression: str) -> str:
    return re.sub(r"\s", "", expression)


def test_the_second_path_goes_by_the_policy_of_the_workers() -> None:
    """By its defaults; docs/production.md says what to change with them."""
    policy = Settings().policy
    second = {rule["record"]: rule["expr"] for rule in rules(PROMETHEUS / "rules/policy.yml")}
    chosen = f'definition="{policy.definition}", window="{policy.window}"'
    assert chosen in second["unit:primary_dossiers:latest"]
    green = Fraction(second["unit:policy_green:share"].rsplit("+ ", 1)[1])
    assert green == Fraction(policy.green)
    assert second["unit:policy_min_sample:dossiers"].endswith(f" + {policy.min_sample}")
    (alert,) = (one for one in alerts() if one["alert"] == "UnitRatioBelowGreen")
    for key, hold in (("for", policy.hold), ("keep_firing_for", policy.recover_hold)):
        assert minutes(alert[key]) * 60_000 == hold


def minutes(span: str) -> int:
    return int(span.removesuffix("m"))
