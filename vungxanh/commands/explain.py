"""`vungxanh explain`: the dossiers behind a figure, touching nothing live."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

from audit.explain import UnitHistory, unit_history
from indicators.definitions import DEFINITIONS
from indicators.known import Question
from indicators.ledger import Admission
from indicators.windows import read_window
from schemas.explanation import Explanation
from schemas.instants import Micros, iso_micros, iso_millis, read_instant
from streams.record import Record
from streams.routing import partition_of
from streams.topics import EVENTS
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.explanation_printing import print_explanation
from vungxanh.file_history import FiledSource
from vungxanh.printing import Meter, print_json_lines, warn
from vungxanh.settings import Settings
from vungxanh.settings_use import units_of


@click.command(cls=VungxanhCommand)
@click.argument("unit")
@click.option("--as-of", required=True, metavar="INSTANT", help="of what happened before it")
@click.option("--known-at", metavar="INSTANT", help="only from what had arrived by then")
@click.option(
    "--definition",
    type=click.Choice(list(DEFINITIONS)),
    help="in place of the unit's policy.definition",
)
@click.option("--window", metavar="W", help="in place of the unit's policy.window")
@click.option(
    "--input",
    "source",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE|-",
    help="JSON Lines, plain or .gz, in place of the topic",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="html: one file in Vietnamese to hand over",
)
@pass_run
def command(
    run: Run,
    *,
    unit: str,
    as_of: str,
    known_at: str | None,
    definition: str | None,
    window: str | None,
    source: Path | None,
    form: str,
) -> int:
    """Name every dossier in a figure of UNIT, the rule that decided it, and those left out, with
    the records that say so.

    Without --definition and --window: the figure that the unit is judged by.
    """
    settings = run.settings()
    asked = _Asked(unit, as_of, known_at, source)
    question = _question(asked, settings, definition, window)
    history, findings = _history(asked, settings, question)
    _demand_something(history, asked, question)
    explanation = history.explain(question)
    if form == "json":
        print_json_lines([explanation.to_json()])
    elif form == "html":
        print_json_lines([_page(explanation, asked, settings, question).encode()])
    else:
        start = question.window.start(question.at)
        print_explanation(explanation, _name(unit, settings), start, settings.zone)
    return _told(history, findings)


# -- what was asked for ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stood on the command line."""

    unit: str
    as_of: str
    known_at: str | None
    source: Path | None


def _question(
    asked: _Asked, settings: Settings, definition: str | None, window: str | None
) -> Question:
    own = settings.policy.units.get(asked.unit)
    definition = definition or (own and own.definition) or settings.policy.definition
    window = window or (own and own.window) or settings.policy.window
    try:
        chosen = read_window(window, settings.zone)
    except ValueError as error:
        raise WrongUseError(f"--window: {error}") from None
    known = None if asked.known_at is None else _instant(asked.known_at, "--known-at")
    return Question(definition, chosen, _instant(asked.as_of, "--as-of"), settings.zone, known)


def _instant(text: str, option: str) -> Micros:
    try:
        return read_instant(text)
    except ValueError as error:
        raise WrongUseError(f"{option}: {error}") from None


# -- the history -----------------------------------------------------------------------------------


def _history(
    asked: _Asked, settings: Settings, question: Question
) -> tuple[UnitHistory, list[str]]:
    """The unit's history, and what is wrong with the file it was read from."""
    try:
        key = asked.unit.encode()
    except UnicodeEncodeError:
        raise WrongUseError(f"UNIT: {asked.unit!r} is not UTF-8") from None
    records: Iterable[Record]
    if asked.source is None:
        partitions, records = _from_topic(settings, asked.unit, key)
        findings: list[str] = []
    else:
        partitions = settings.topics.partitions
        filed = FiledSource(asked.source, None, partitions)
        home = partition_of(asked.unit, partitions)
        records = [
            record
            for partition, placed in filed.records()
            if partition == home
            for record in placed
        ]
        findings = filed.findings()
    history = unit_history(records, asked.unit, partitions, settings.zone, question.known)
    return history, findings


def _from_topic(settings: Settings, unit: str, key: bytes) -> tuple[int, list[Record]]:
    """How many partitions the topic has, and the unit's records; only its partition is read."""
    # Kafka's clients take longer to import than a small file to explain.
    from vungxanh.topic_reading import read_topic  # noqa: PLC0415

    partitions = read_topic(settings, EVENTS, lambda record: None, set())
    records: list[Record] = []
    read = 0

    def take(record: Record) -> None:
        nonlocal read
        read += 1
        if read % 10_000 == 0:
            meter.show(read)
        if record.key == key:
            records.append(record)

    home = partition_of(unit, partitions)
    with Meter(f"reading partition {home}") as meter:
        read_topic(settings, EVENTS, take, {home}, whole=True)
    return partitions, records


def _demand_something(history: UnitHistory, asked: _Asked, question: Question) -> None:
    """An unknown unit, or an instant before anything: say so in place of an empty answer."""
    if history.first_arrival is None:
        where = "the topic" if asked.source is None else f"--input {asked.source}"
        raise WrongUseError(f"UNIT: {where} has no event of unit {asked.unit}; is its id right?")
    first = history.first_event
    if first is None:
        raise WrongUseError(
            f"--known-at: nothing of unit {asked.unit} had arrived by {asked.known_at}; "
            f"its first record arrived at {iso_millis(history.first_arrival)}"
        )
    if first >= question.at:
        raise WrongUseError(
            f"--as-of: nothing of unit {asked.unit} that is known had happened before "
            f"{asked.as_of}; its first event is of {iso_micros(first)}"
        )


# -- answers ---------------------------------------------------------------------------------------


def _page(explanation: Explanation, asked: _Asked, settings: Settings, question: Question) -> str:
    from audit.explanation_page import Document, explanation_page  # noqa: PLC0415 - loads Jinja

    source = settings.topic(EVENTS) if asked.source is None else asked.source.name
    command_line = ["vungxanh", "explain", explanation.unit_id]
    command_line += ["--as-of", iso_micros(explanation.as_of)]
    if explanation.known_at is not None:
        command_line += ["--known-at", iso_micros(explanation.known_at)]
    command_line += ["--definition", explanation.definition, "--window", explanation.window]
    command_line += [] if asked.source is None else ["--input", source]
    document = Document(
        unit_name=_name(explanation.unit_id, settings),
        zone=settings.zone,
        window_start=question.window.start(question.at),
        source=source,
        command=shlex.join(command_line),
        made_by=f"vungxanh {version('vungxanh')}",
    )
    return explanation_page(explanation, document)


def _name(unit: str, settings: Settings) -> str:
    return next((one.name for one in units_of(settings) if one.unit_id == unit), unit)


def _told(history: UnitHistory, findings: list[str]) -> int:
    """Say what could not be used; bad lines of a file make the exit code 1."""
    for line in findings:
        warn(line)
    conflicts, full = history.admitted[Admission.CONFLICT], history.admitted[Admission.FULL]
    if conflicts:
        warn(f"{conflicts} events came again with other content; the first of each counts")
    if full:
        warn(f"{full} events found their dossier full, and are in no figure")
    if history.unusable:
        warn(f"{history.unusable} records are no events; see `vungxanh dead-letters list`")
    return FINDINGS if findings else DONE
