"""The steps of incidents as a table, CSV or JSON Lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from vungxanh.printing import percent, print_json_lines, print_rows

COLUMNS = (
    "at",
    "unit_id",
    "kind",
    "zone",
    "percent",
    "numerator",
    "denominator",
    "definition",
    "window",
    "incident_id",
)
Step = tuple[dict[str, Any], bytes]  # its fields, and the line as it is in the topic


def print_steps(steps: list[Step], form: str, zone: ZoneInfo) -> None:
    """Steps as table, CSV or JSON Lines."""
    if form == "json":
        print_json_lines(value for _, value in steps)
    else:
        print_rows([_row(step) for step, _ in steps], COLUMNS, form, zone)


def _row(step: Mapping[str, Any]) -> dict[str, object]:
    evidence = step["evidence"]
    return {
        **{name: step[name] for name in ("at", "unit_id", "kind", "zone", "incident_id")},
        **{name: evidence[name] for name in ("numerator", "denominator", "definition", "window")},
        "percent": percent(evidence["numerator"], evidence["denominator"]),
    }
