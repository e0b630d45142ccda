"""`vungxanh alerts`: the steps of incidents, as they are in `unit-alerts`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click
import orjson

from audit.ordering import written_steps_in_order
from streams.record import Record
from streams.topics import ALERTS
from vungxanh.cli import Run, VungxanhGroup, pass_run
from vungxanh.errors import DONE, WrongUseError
from vungxanh.printing import format_option, print_line
from vungxanh.settings import Settings
from vungxanh.step_printing import Step, print_steps
from vungxanh.topic_reading import read_topic


@click.group(cls=VungxanhGroup)
def command() -> None:
    """The steps of incidents."""


@command.command("list")
@click.option("--unit", help="only of this unit")
@format_option()
@pass_run
def list_steps(run: Run, unit: str | None, form: str) -> int:
    """List every step of every incident, by time.

    JSON: one line a step, exactly as in the topic unit-alerts.
    """
    settings = run.settings()
    steps = _steps(settings, lambda step: unit is None or step["unit_id"] == unit)
    print_steps(steps, form, settings.zone)
    return DONE


@command.command("show")
@click.argument("incident")
@format_option()
@pass_run
def show(run: Run, incident: str, form: str) -> int:
    """Print the steps of one INCIDENT with their evidence."""
    settings = run.settings()
    steps = _steps(settings, lambda step: step["incident_id"] == incident)
    if not steps:
        raise WrongUseError(f"there is no incident {incident}; see `vungxanh alerts list`")
    if form != "table":
        print_steps(steps, form, settings.zone)
        return DONE
    for step, _ in steps:
        print_line(orjson.dumps(step, option=orjson.OPT_INDENT_2).decode())
    return DONE


def _steps(settings: Settings, wanted: Callable[[Mapping[str, Any]], bool]) -> list[Step]:
    values: list[bytes] = []

    def take(record: Record) -> None:
        if record.value is not None:
            values.append(record.value)

    read_topic(settings, ALERTS, take)
    return [one for one in written_steps_in_order(values) if wanted(one[0])]
