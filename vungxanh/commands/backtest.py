"""`vungxanh backtest`: what other policies would have done, touching nothing live."""

from __future__ import annotations

import gc
import shlex
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, cast

import click

from audit.backtesting.backtest import Backtest, BacktestPart, Period
from audit.backtesting.measures import backtest_to_dict
from audit.backtesting.words import WORDS, Language, Speech
from schemas.instants import Micros, Millis, read_instant, start_of_day
from streams.record import Record
from streams.rules import MonitorRules
from streams.topics import EVENTS
from vungxanh.backtest_printing import print_backtest, print_backtest_to
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import WrongUseError
from vungxanh.histories import Source, history_of, say_what_was_wrong
from vungxanh.policy_file import settings_with
from vungxanh.printing import input_option, jobs_option, to_json
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules, units_of
from vungxanh.writing_out import write_out

IN_FORCE = "in force"


@dataclass(frozen=True, slots=True)
class BacktestOfPartition:
    """What the policies make of the units of a partition."""

    settings: Sequence[Settings]  # those in force first
    period: Period
    units: Collection[str] | None
    partitions: int
    until: Millis | None

    def __call__(self, partition: int, records: Iterable[Record]) -> BacktestPart:
        """To be joined with those of the others."""
        backtest = Backtest(_rules(self.settings), self.period, self.units)
        backtest.fold(records, partition, self.partitions, self.until)
        return backtest.part()


def _rules(settings: Iterable[Settings]) -> list[MonitorRules]:
    return [monitor_rules(one) for one in settings]


@click.command(cls=VungxanhCommand)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="TOML with a [policy] table as in vungxanh.toml; what it does not give is as in force; "
    "repeatable",
)
@input_option()
@click.option(
    "--from", "first", metavar="INSTANT|DAY", help="look from there on; all before is still folded"
)
@click.option("--to", "last", metavar="INSTANT|DAY", help="look no further; a day is looked at")
@click.option("--unit", "units", multiple=True, help="only this unit; repeatable")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="html: one file with a picture for each unit, to hand over",
)
@click.option(
    "--language",
    type=click.Choice(["vi", "en"]),
    default="vi",
    show_default=True,
    help="of the HTML",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="write there in place of standard output",
)
@jobs_option("; a FILE is read by one")
@pass_run
def command(
    run: Run,
    *,
    policies: Sequence[Path],
    source: Path | None,
    first: str | None,
    last: str | None,
    units: Sequence[str],
    form: str,
    language: str,
    output: Path | None,
    jobs: int | None,
) -> int:
    """Fold the real history by the policy in force and by others, and tell what differs.

    Incidents kept, gained, lost and moved; time in each zone; false alarms; warning time. The
    incidents of the policy in force are those of `vungxanh replay --alerts`.
    """
    in_force = run.in_force()
    settings = in_force.settings
    tried = [settings, *(settings_with(file, run.config, in_force) for file in policies)]
    period = _period(first, last, settings)
    gc.disable()  # millions of events that all stay: looking for cycles costs a tenth of the time
    history = history_of(source, settings, None)
    backtest = Backtest(_rules(tried), period, set(units) or None)
    until = time.time_ns() // 1_000_000 if source is None and settings.clock == "wall" else None
    work = BacktestOfPartition(tried, period, backtest.units, history.partitions, until)
    for part in history.each_partition("folding by each policy", work, jobs):
        backtest.join(part)
    _check_looked_at(backtest, _Bounds(first, last), units, history, settings)
    asked = _Asked(run.config, policies, source, first, last, units, form, language)
    names = [IN_FORCE, *_names(policies)]
    if form == "json":
        write_out(to_json(backtest_to_dict(backtest, names)) + b"\n", output)
    elif form == "html":
        write_out(_page(backtest, names, asked, settings).encode(), output)
    elif output is None:
        print_backtest(backtest, names, settings)
    else:
        print_backtest_to(output, backtest, names, settings)
    return say_what_was_wrong(history)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stood on the command line."""

    config: Path | None
    policies: Sequence[Path]
    source: Path | None
    first: str | None
    last: str | None
    units: Sequence[str]
    form: str
    language: str

    def command(self, source: str) -> str:
        """The line that gives the same again."""
        words = ["vungxanh", "backtest"]
        words += [] if self.config is None else ["--config", self.config.name]
        for file in self.policies:
            words += ["--policy", file.name]
        words += [] if self.source is None else ["--input", source]
        words += [] if self.first is None else ["--from", self.first]
        words += [] if self.last is None else ["--to", self.last]
        for unit in self.units:
            words += ["--unit", unit]
        return shlex.join([*words, "--format", self.form, "--language", self.language])


class _Bounds(NamedTuple):
    """A period as it stood on the command line."""

    first: str | None
    last: str | None


def _check_looked_at(
    backtest: Backtest,
    bounds: _Bounds,
    units: Iterable[str],
    history: Source,
    settings: Settings,
) -> None:
    """Raises WrongUseError where the history has nothing of what was asked for."""
    if backtest.first is None or backtest.last is None:
        say_what_was_wrong(history)
        raise WrongUseError("the history has no event that can be used: there is nothing to try")
    speech, period = Speech("en", settings.zone), backtest.period
    span = f"which goes from {speech.instant(backtest.first)} to {speech.instant(backtest.last)}"
    if period.start is not None and period.start > backtest.last:
        raise WrongUseError(f"--from: {bounds.first} is after the end of the history, {span}")
    if not period.is_before_stop(backtest.first):
        raise WrongUseError(f"--to: {bounds.last} is before the beginning of the history, {span}")
    until = "" if bounds.last is None else f" up to --to {bounds.last}"
    for unit_id in units:
        if unit_id not in backtest.outcomes:
            raise WrongUseError(f"--unit: the history has no event of unit {unit_id}{until}")


def _period(first: str | None, last: str | None, settings: Settings) -> Period:
    start = None if first is None else _bound(first, "--from", settings, 0)
    stop = None if last is None else _bound(last, "--to", settings, 1)
    if start is not None and stop is not None and start >= stop:
        raise WrongUseError(f"--to: {last} is not after --from {first}")
    return Period(start, stop)


def _bound(text: str, option: str, settings: Settings, days: int) -> Millis:
    """An instant, or the start of a local day so many days later."""
    at: Micros
    try:
        day = date.fromisoformat(text) if len(text) == len("2024-06-30") else None
        if day is None:
            at = read_instant(text)
        else:
            at = start_of_day(day + timedelta(days=days), settings.zone)
    except (ValueError, OverflowError):
        raise WrongUseError(
            f"{option}: {text!r} is neither an instant in ISO 8601 with an offset nor a day such "
            "as 2024-06-30"
        ) from None
    return at // 1_000


def _names(policies: Sequence[Path]) -> list[str]:
    """A name for each file, which no other column has.

    Its whole name where that would be the one of the policy in force, its path where two files
    have the same name.
    """
    times = Counter(file.stem for file in policies)
    in_force = {IN_FORCE, *(words["in_force"] for words in WORDS.values())}
    return [
        str(file) if times[file.stem] > 1 else file.name if file.stem in in_force else file.stem
        for file in policies
    ]


def _page(backtest: Backtest, names: Sequence[str], asked: _Asked, settings: Settings) -> str:
    from audit.backtesting.page import Document, backtest_page  # noqa: PLC0415 - loads Jinja

    source = settings.topic(EVENTS) if asked.source is None else asked.source.name
    speech = Speech(cast("Language", asked.language), settings.zone)
    document = Document(
        names=[speech.word("in_force"), *names[1:]],
        units=_unit_names(settings),
        source=source,
        command=asked.command(source),
        made_by=f"vungxanh {version('vungxanh')}",
    )
    return backtest_page(backtest, document, speech)


def _unit_names(settings: Settings) -> Mapping[str, str]:
    return {unit.unit_id: unit.name for unit in units_of(settings)}
