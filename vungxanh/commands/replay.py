"""`vungxanh replay`: figures and incidents computed again from history, touching nothing live."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import click

from audit.replay_question import PARTS, PERIODS, By, FigureQuestion, Period
from indicators.definitions import DEFINITIONS
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import WrongUseError
from vungxanh.histories import history_of, say_what_was_wrong
from vungxanh.printing import format_option, input_option, jobs_option
from vungxanh.replaying.asking import asked_for, instant_of, windows_of
from vungxanh.replaying.running import Replay, replay_figures
from vungxanh.replaying.steps import demand_no_figures, replay_steps, until_of
from vungxanh.step_printing import print_steps


@click.command(cls=VungxanhCommand)
@input_option()
@click.option("--as-of", "instants", multiple=True, metavar="INSTANT", help="repeatable")
@click.option(
    "--as-of-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="instants, one a line",
)
@click.option(
    "--every",
    type=click.Choice(PERIODS),
    help="at each local midnight, each Monday's, or that of each first of a month",
)
@click.option(
    "--from",
    "first",
    metavar="DATE|INSTANT",
    help="with --every: the first of them, by default that after the first event",
)
@click.option(
    "--to",
    "last",
    metavar="DATE|INSTANT",
    help="with --every: the last of them, by default that before the last event",
)
@click.option(
    "--window", "windows", multiple=True, metavar="W", help="in place of policy.window; repeatable"
)
@click.option(
    "--definition",
    "definitions",
    multiple=True,
    type=click.Choice(list(DEFINITIONS)),
    help="in place of policy.definition; repeatable",
)
@click.option("--known-at", metavar="INSTANT", help="only from what had arrived by then")
@click.option("--unit", "units", multiple=True, metavar="UNIT", help="only this one; repeatable")
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(["unit", *PARTS]),
    help="each unit's figures by what its dossiers state, in a column each; repeatable",
)
@click.option("--alerts", is_flag=True, help="the steps of incidents in place of figures")
@click.option(
    "--until",
    metavar="now|INSTANT",
    help="with --alerts: let the clock run on till then; by default to now for the topic under "
    "clock = wall, as a worker's does, and else not beyond the last record",
)
@jobs_option("; a FILE is read by one")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="figures into FILE in place of standard output",
)
@click.option(
    "--resume",
    is_flag=True,
    help="go on with the FILE of --output (csv or json) that an interrupted replay has left",
)
@format_option("table", "csv", "json", "parquet")
@pass_run
def command(
    run: Run,
    *,
    source: Path | None,
    instants: Sequence[str],
    as_of_file: Path | None,
    every: Period | None,
    first: str | None,
    last: str | None,
    windows: Sequence[str],
    definitions: Sequence[str],
    known_at: str | None,
    units: Sequence[str],
    by: Sequence[str],
    alerts: bool,
    until: str | None,
    jobs: int | None,
    output: Path | None,
    resume: bool,
    form: str,
) -> int:
    """Compute figures again from a FILE or the topic, at any instants (or, with --alerts, steps).

    Without --as-of and --every: as of --known-at, or else just after the last record. A row for
    every unit with a non-zero count; on_time includes early. With --alerts and --format json: one
    line a step, as in the topic unit-alerts. Live workers may go on meanwhile: the topic is read
    up to where it ended when the replay began, and no group is joined.
    """
    settings = run.settings()
    known = None if known_at is None else instant_of(known_at, "--known-at")
    chosen = frozenset(units) or None
    if alerts:
        demand_no_figures(
            {
                **{"--as-of": instants, "--as-of-file": as_of_file, "--every": every},
                **{"--from": first, "--to": last, "--window": windows, "--by": by},
                **{"--definition": definitions, "--output": output, "--resume": resume},
                "--format parquet": form == "parquet",
            }
        )
        history = history_of(source, settings, known)
        gc.disable()
        steps = replay_steps(
            history, settings, until_of(until, source, settings, known), chosen, jobs
        )
        print_steps([(one.to_dict(), one.to_json()) for one in steps], form, settings.zone)
        return say_what_was_wrong(history)
    if until is not None:
        raise WrongUseError("--until: only with --alerts; figures are as of --as-of or --every")
    question = FigureQuestion(
        tuple(dict.fromkeys(definitions)) or (settings.policy.definition,),
        windows_of(windows, settings),
        settings.zone,
        chosen,
        cast("tuple[By, ...]", tuple(one for one in dict.fromkeys(by) if one != "unit")),
        known,
    )
    asked = asked_for(instants, as_of_file, every, (first, last), settings.zone)
    gc.disable()  # millions of events that all stay: looking for cycles costs a tenth of the time
    return say_what_was_wrong(
        replay_figures(Replay(settings, source, question, asked, form, output, resume, jobs))
    )
