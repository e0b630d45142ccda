"""`vungxanh topics`: create the topics, or check them."""

from __future__ import annotations

import click

from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE, FINDINGS
from vungxanh.kafka_access import topics_as_planned
from vungxanh.printing import format_option, print_rows, warn


@click.command(cls=VungxanhCommand)
@click.option("--check", is_flag=True, help="only look; exit 1 where a setting is not as planned")
@format_option()
@pass_run
def command(run: Run, check: bool, form: str) -> int:
    """Create the topics that are missing and compare the others with the plan.

    Nothing of a topic that is there is changed.
    """
    report = topics_as_planned(run.settings(), create=not check)
    rows = [{"topic": name, "state": "created"} for name in report.created]
    rows += [{"topic": name, "state": "there"} for name in report.kept]
    different = {difference.topic for difference in report.differences}
    for row in rows:
        if row["topic"] in different:
            row["state"] = "not as planned"
    print_rows(rows, ("topic", "state"), form)
    for difference in report.differences:
        warn(str(difference))
    return FINDINGS if report.differences else DONE
