"""`vungxanh status`: the units' latest figures and zones."""

from __future__ import annotations

from typing import Any

import click
import orjson

from streams.record import Record
from streams.topics import STATUS
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE, WrongUseError
from vungxanh.printing import format_option, percent, print_json_lines, print_rows
from vungxanh.settings_use import units_of
from vungxanh.topic_reading import read_topic

COLUMNS = (
    "unit_id",
    "name",
    "zone",
    "percent",
    "numerator",
    "denominator",
    "definition",
    "window",
    "open",
    "overdue",
    "incident",
    "as_of",
)


@click.command(cls=VungxanhCommand)
@click.argument("unit", required=False)
@format_option()
@pass_run
def command(run: Run, unit: str | None, form: str) -> int:
    """Print the latest figures of all units, or of one UNIT with every definition and window.

    JSON: one line a unit, as in the topic unit-status.
    """
    settings = run.settings()
    latest: dict[str, bytes] = {}

    def take(record: Record) -> None:
        if record.key is not None and record.value is not None:
            latest[record.key.decode()] = record.value

    read_topic(settings, STATUS, take)
    if unit is not None:
        if unit not in latest:
            raise WrongUseError(f"there is no status of unit {unit}: no event of it was folded yet")
        latest = {unit: latest[unit]}
    values = [latest[unit_id] for unit_id in sorted(latest)]
    if form == "json":
        print_json_lines(values)
        return DONE
    names = {one.unit_id: one.name for one in units_of(settings)}
    rows = [
        _row(status, figure, names)
        for status in map(orjson.loads, values)
        for figure in (status["figures"] if unit is not None else status["figures"][:1])
    ]
    print_rows(rows, COLUMNS, form, settings.zone)
    return DONE


def _row(
    status: dict[str, Any], figure: dict[str, Any], names: dict[str, str]
) -> dict[str, object]:
    unit_id = status["unit_id"]
    return {
        "unit_id": unit_id,
        "name": names.get(unit_id, unit_id),
        "zone": status["zone"],
        "percent": percent(figure["numerator"], figure["denominator"]),
        "numerator": figure["numerator"],
        "denominator": figure["denominator"],
        "definition": figure["definition"],
        "window": figure["window"],
        "open": sum(status["open"].values()),
        "overdue": status["open"]["overdue"],
        "incident": status["incident"],
        "as_of": status["as_of"],
    }
