"""`vungxanh replay`: figures and incidents computed again from history, touching nothing live."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import cast

import click

from audit.ordering import steps_in_order
from audit.replay import replay_partition
from audit.replay_question import PARTS, PERIODS, By, FigureQuestion, Period
from indicators.definitions import DEFINITIONS
from schemas.instants import Micros, Millis
from schemas.step import IncidentStep
from streams.record import Record
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.histories import Source, history_of
from vungxanh.printing import format_option, input_option, jobs_option, warn
from vungxanh.replaying.asking import asked_for, instant_of, windows_of
from vungxanh.replaying.running import Replay, replay_figures
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules
from vungxanh.step_printing import print_steps


@dataclass(frozen=True, slots=True)
class StepsOfPartition:
    """The steps of incidents that a partition's records yield."""

    settings: Settings
    partitions: int
    until: Millis | None

    def __call__(self, partition: int, records: Iterable[Record]) -> list[IncidentStep]:
        """In the order in which they come."""
        rules = monitor_rules(self.settings)
        return list(replay_partition(records, partition, self.partitions, rules, self.until))


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
@jobs_option()
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
        _demand_plain(form, output, resume=resume)
        history = history_of(source, settings, known)
        gc.disable()
        work = StepsOfPartition(
            settings, history.partitions, _until(until, source, settings, known)
        )
        steps = chain.from_iterable(history.each_partition("replaying", work, jobs))
        in_order = [one for one in steps_in_order(steps) if chosen is None or one.unit_id in chosen]
        print_steps([(one.to_dict(), one.to_json()) for one in in_order], form, settings.zone)
        return _told(history)
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
    return _told(
        replay_figures(Replay(settings, source, question, asked, form, output, resume, jobs))
    )


def _demand_plain(form: str, output: Path | None, *, resume: bool) -> None:
    if form == "parquet" or output is not None or resume:
        raise WrongUseError("--alerts: steps are printed only, as a table, CSV or JSON")


def _until(
    text: str | None, source: Path | None, settings: Settings, known: Micros | None
) -> Millis | None:
    if text == "now" or (text is None and source is None and settings.clock == "wall"):
        now = time.time_ns() // 1_000_000
        return now if known is None else min(now, known // 1_000)
    return None if text is None else instant_of(text, "--until") // 1_000


def _told(history: Source) -> int:
    """Say what of the history could not be used; bad lines of a file make the exit code 1."""
    findings = history.findings()
    for line in (*findings, *history.remarks()):
        warn(line)
    return FINDINGS if findings else DONE
