"""`vungxanh replay`: figures and incidents computed again from history, touching nothing live."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from audit.ordering import steps_in_order
from audit.replay import ReplayedFigure, replay_partition
from indicators.definitions import DEFINITIONS
from indicators.windows import Window, read_window
from schemas.instants import Micros, Millis, iso_micros, read_instant
from schemas.step import IncidentStep
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.histories import Source, history_of
from vungxanh.printing import format_option, print_rows, warn
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules
from vungxanh.step_printing import print_steps

COLUMNS = (
    "as_of",
    "unit_id",
    "definition",
    "window",
    "numerator",
    "denominator",
    "ratio",
    "early",
    "on_time",
    "late",
    "open_overdue",
)


@click.command(cls=VungxanhCommand)
@click.option(
    "--input",
    "source",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE|-",
    help="JSON Lines, plain or .gz, in place of the topic",
)
@click.option("--as-of", "instants", multiple=True, metavar="INSTANT", help="repeatable")
@click.option(
    "--as-of-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="instants, one a line",
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
@click.option("--unit", help="only this unit")
@click.option("--alerts", is_flag=True, help="the steps of incidents in place of figures")
@click.option(
    "--until",
    metavar="now|INSTANT",
    help="with --alerts: let the clock run on till then; by default to now for the topic under "
    "clock = wall, as a worker's does, and else not beyond the last record",
)
@format_option()
@pass_run
def command(
    run: Run,
    *,
    source: Path | None,
    instants: Sequence[str],
    as_of_file: Path | None,
    windows: Sequence[str],
    definitions: Sequence[str],
    known_at: str | None,
    unit: str | None,
    alerts: bool,
    until: str | None,
    form: str,
) -> int:
    """Compute figures again from a FILE or the topic, at any instants (or, with --alerts, steps).

    Without --as-of: as of --known-at, or else just after the last record. A row for every unit
    with a non-zero count; on_time includes early. With --alerts and --format json: one line a
    step, as in the topic unit-alerts.
    """
    settings = run.settings()
    known = None if known_at is None else _instant(known_at, "--known-at")
    question = _Question(
        _asked(instants, as_of_file),
        list(dict.fromkeys(definitions)) or [settings.policy.definition],
        [_window(text, settings) for text in dict.fromkeys(windows) or [settings.policy.window]],
        unit,
    )
    gc.disable()  # millions of events that all stay: looking for cycles costs a tenth of the time
    history = history_of(source, settings, known)
    if alerts:
        steps = _steps(history, settings, _until(until, source, settings, known))
        chosen = [step for step in steps_in_order(steps) if unit in (None, step.unit_id)]
        print_steps([(step.to_dict(), step.to_json()) for step in chosen], form, settings.zone)
    else:
        rows = _figures(history, settings, question)
        print_rows((_shown(row, text, form) for row, text in rows), COLUMNS, form, settings.zone)
    return _told(history)


# -- what was asked for ----------------------------------------------------------------------------


def _instant(text: str, option: str) -> Micros:
    try:
        return read_instant(text)
    except ValueError as error:
        raise WrongUseError(f"{option}: {error}") from None


def _window(text: str, settings: Settings) -> Window:
    try:
        return read_window(text, settings.zone)
    except ValueError as error:
        raise WrongUseError(f"--window: {error}") from None


def _asked(instants: Sequence[str], file: Path | None) -> dict[Micros, str]:
    """The instants in order, each with the text that asked for it."""
    asked = {_instant(text, "--as-of"): text for text in reversed(instants)}
    if file is not None:
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUseError(f"--as-of-file {file}: {error}") from None
        for number, line in enumerate(lines, start=1):
            if text := line.strip():
                asked.setdefault(_instant(text, f"--as-of-file {file}, line {number}"), text)
    return dict(sorted(asked.items()))


def _until(
    text: str | None, source: Path | None, settings: Settings, known: Micros | None
) -> Millis | None:
    if text == "now" or (text is None and source is None and settings.clock == "wall"):
        now = time.time_ns() // 1_000_000
        return now if known is None else min(now, known // 1_000)
    return None if text is None else _instant(text, "--until") // 1_000


# -- answers ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Question:
    """Which figures are asked for."""

    asked: dict[Micros, str]  # instants in order, with the text that asked for each
    definitions: Sequence[str]
    windows: Sequence[Window]
    unit: str | None


def _steps(history: Source, settings: Settings, until: Millis | None) -> Iterator[IncidentStep]:
    rules = monitor_rules(settings)
    for partition, records in history.records():
        yield from replay_partition(records, partition, history.partitions, rules, until)


def _figures(
    history: Source, settings: Settings, question: _Question
) -> Iterator[tuple[ReplayedFigure, str]]:
    asked = question.asked
    replay, last = history.figures(settings.zone)
    if not asked:
        at = ((last or 0) + 1) * 1_000 if history.known is None else history.known
        asked = {at: iso_micros(at)}
    for at, text in asked.items():
        for row in replay.figures(at, question.definitions, question.windows, question.unit):
            yield row, text
    if replay.conflicts:
        warn(f"{replay.conflicts} events came again with other content; the first of each counts")


def _shown(row: ReplayedFigure, text: str, form: str) -> dict[str, object]:
    shown: dict[str, object] = {**row._asdict(), "as_of": text, "ratio": row.ratio}
    if form != "json" and row.ratio is not None:
        shown["ratio"] = f"{row.ratio:.6f}"
    return shown


def _told(history: Source) -> int:
    """Say what of the history could not be used; bad lines of a file make the exit code 1."""
    findings = history.findings()
    for line in (*findings, *history.remarks()):
        warn(line)
    return FINDINGS if findings else DONE
