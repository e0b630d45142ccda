"""`vungxanh report`: the period's table by unit, to be handed over; touching nothing live."""

from __future__ import annotations

import gc
import shlex
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import click

from audit.reporting.period import ALLOWED, Period, days_between, read_period
from audit.reporting.report import Asked, UnitHistories, table
from audit.reporting.sheet import Origin, Sheet, sheet
from audit.reporting.words import Language, Writing
from indicators.definitions import DEFINITIONS
from indicators.known import had_arrived
from schemas.instants import Micros, iso_micros, iso_millis, read_instant
from streams.record import Record
from streams.topics import EVENTS
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import WrongUseError
from vungxanh.histories import history_of, say_what_was_wrong
from vungxanh.printing import input_option, warn
from vungxanh.report_book import last_sealed
from vungxanh.settings_use import monitor_rules, units_of
from vungxanh.writing_out import write_out


@click.command(cls=VungxanhCommand)
@click.option("--period", "named", metavar="P", help=ALLOWED)
@click.option("--from", "first", metavar="D", help="the first local day, in place of --period")
@click.option("--to", "last", metavar="D", help="the last local day")
@click.option(
    "--definition",
    type=click.Choice(list(DEFINITIONS)),
    help="in place of policy.definition",
)
@click.option(
    "--known-at",
    metavar="INSTANT",
    help="as it would have been made then: only from what had arrived; by default now",
)
@input_option()
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx", "html"]),
    default="html",
    show_default=True,
    help="csv: as Excel opens it where it speaks the report's language",
)
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="write there in place of standard output",
)
@pass_run
def command(
    run: Run,
    *,
    named: str | None,
    first: str | None,
    last: str | None,
    definition: str | None,
    known_at: str | None,
    source: Path | None,
    form: str,
    language: str,
    output: Path | None,
) -> int:
    """Tabulate a period by unit, in the order of the ranking: places, counts, ratios, change.

    As of the period's end, or of --known-at in a period that was not over then.
    """
    now = time.time_ns() // 1_000
    settings = run.settings()
    if form == "xlsx" and output is None and sys.stdout.isatty():
        raise WrongUseError("--output FILE is needed with --format xlsx: it is no text")
    period = _period(named, first, last)
    given, (known, known_at) = known_at, _known(known_at, now, settings.zone)
    as_of = _as_of(period, known, now, settings.zone)
    asked = Asked(definition or settings.policy.definition, period, as_of)
    rules, units = monitor_rules(settings), units_of(settings)
    gc.disable()  # millions of events that all stay: looking for cycles costs a tenth of the time
    history, arrived = history_of(source, settings, None), _Arrived(known)
    histories = UnitHistories(settings.zone)
    for _, records in history.records():
        histories.add(arrived.of(records), history.partitions)
    writing = Writing(cast("Language", language), settings.zone)
    config = None if run.config is None else run.config.name
    again = _CommandLine(config, named, first, last, definition, known_at, form, language)
    read_from = settings.topic(EVENTS) if source is None else source.name
    origin = Origin(
        definition=asked.definition,
        period=period,
        as_of=asked.as_of,
        known_at=known,
        policy=rules.policy,
        book=last_sealed(settings, asked.as_of) if source is None else None,
        source=read_from,
        command=again.text(None if source is None else read_from),
        made_at=now,
        made_by=f"vungxanh {version('vungxanh')}",
    )
    made = sheet(table(histories, asked, units, rules), origin, writing)
    write_out(_written(made, writing, form, now), output)
    if arrived.later and given is None:
        warn(f"{arrived.later} records arrive only after {known_at}, and are not in the report")
    return say_what_was_wrong(history)


@dataclass(slots=True)
class _Arrived:
    """Lets through what had arrived by K, and counts the others."""

    known: Micros
    later: int = 0

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """Those that had arrived."""
        for record in records:
            if had_arrived(record.timestamp, self.known):
                yield record
            else:
                self.later += 1


@dataclass(frozen=True, slots=True)
class _CommandLine:
    """What was asked for, to be asked for again: by the same settings, from the same records."""

    config: str | None
    named: str | None
    first: str | None
    last: str | None
    definition: str | None
    known_at: str
    form: str
    language: str

    def text(self, source: str | None) -> str:
        """As it is typed."""
        given = {
            "--config": self.config,
            "--period": self.named,
            "--from": self.first,
            "--to": self.last,
            "--definition": self.definition,
            "--known-at": self.known_at,
            "--input": source,
            "--format": self.form,
            "--language": self.language,
        }
        words = ["vungxanh", "report"]
        for option, value in given.items():
            words += [] if value is None else [option, value]
        return shlex.join(words)


def _period(named: str | None, first: str | None, last: str | None) -> Period:
    if named is not None and first is None and last is None:
        try:
            return read_period(named)
        except ValueError as error:
            raise WrongUseError(f"--period: {error}") from None
    if named is not None or first is None or last is None:
        raise WrongUseError(f"give either --period ({ALLOWED}) or both --from D and --to D")
    try:
        return days_between(_day(first, "--from"), _day(last, "--to"))
    except ValueError as error:
        raise WrongUseError(f"--to: {error}") from None


def _day(text: str, option: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise WrongUseError(f"{option}: {text!r} is no day such as 2024-06-30") from None
    if not 1900 <= day.year <= 2199:
        raise WrongUseError(f"{option}: {text} is outside 1900-2199")
    return day


def _known(text: str | None, now: Micros, zone: ZoneInfo) -> tuple[Micros, str]:
    """K, and the text that asks for it again.

    Without --known-at it is the last whole millisecond before now: records arrive in whole
    milliseconds, and in one that is over none will arrive any more.
    """
    if text is None:
        last = now // 1_000 - 1
        local = datetime.fromisoformat(iso_millis(last)).astimezone(zone)
        return last * 1_000, local.isoformat(timespec="milliseconds")
    try:
        known = read_instant(text)
    except ValueError as error:
        raise WrongUseError(f"--known-at: {error}") from None
    if known > now:
        raise WrongUseError(f"--known-at: {text} is not yet; it is {iso_millis(now // 1_000)} now")
    return known, text


def _as_of(period: Period, known: Micros, now: Micros, zone: ZoneInfo) -> Micros:
    """The end of the period; K where it was not over then: nobody knew what would be overdue."""
    start = period.start(zone)
    if start >= known:
        when = "not yet" if start >= now else "not before --known-at"
        raise WrongUseError(f"the period begins at {iso_micros(start)}, which is {when}")
    return min(period.end(zone), known)


def _written(made: Sheet, writing: Writing, form: str, made_at: Micros) -> bytes:
    if form == "xlsx":
        from audit.reporting.workbook import report_workbook  # noqa: PLC0415 - loads XlsxWriter

        return report_workbook(made, writing, made_at)
    from audit.reporting.files import report_csv, report_page  # noqa: PLC0415 - loads Jinja

    return report_csv(made, writing) if form == "csv" else report_page(made, writing).encode()
