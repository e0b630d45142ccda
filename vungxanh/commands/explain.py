"""`vungxanh explain`: the dossiers behind a figure, touching nothing live."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.explain import UnitHistory, unit_history
from indicators.definitions import DEFINITIONS
from indicators.known import Question
from indicators.ledger import Admission
from indicators.versus import versus
from schemas.comparison import Comparison
from schemas.explanation import Explanation
from schemas.instants import iso_micros, iso_millis
from streams.record import Record
from streams.routing import partition_of
from streams.topics import EVENTS
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.comparison_printing import print_comparison
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.explain_question import held_against, question_of, versus_words
from vungxanh.explanation_printing import print_explanation
from vungxanh.histories import history_of
from vungxanh.printing import input_option, print_json_lines, warn
from vungxanh.settings import Settings
from vungxanh.settings_use import units_of

if TYPE_CHECKING:
    from audit.explanation_page import Document


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
    "--versus",
    "against",
    multiple=True,
    metavar="B",
    help="what differs from this figure to that of another instant, of known:INSTANT or known:now, "
    "of another definition or window; repeat it to change several",
)
@input_option()
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
    against: tuple[str, ...],
    source: Path | None,
    form: str,
) -> int:
    """Name every dossier in a figure of UNIT, the rule that decided it, and those left out, with
    the records that say so.

    Without --definition and --window: the figure that the unit is judged by. With --versus: the
    dossiers that are not counted alike in another figure, and the events that made the difference.
    """
    settings = run.settings()
    asked = question_of(
        unit, settings, as_of, known_at=known_at, definition=definition, window=window
    )
    other = held_against(asked, against) if against else None
    there = _Place(unit, source, settings)
    records, partitions, findings = _records(there)
    history = unit_history(records, unit, partitions, settings.zone, asked.known)
    _demand_something(history, there, asked, ("--as-of", "--known-at"))
    if other is None:
        _print_explanation(history.explain(asked), there, asked, form)
        return _told(history, findings)
    same = other.known == asked.known
    known_otherwise = (
        history if same else unit_history(records, unit, partitions, settings.zone, other.known)
    )
    _demand_something(known_otherwise, there, other, ("--versus", "--versus"))
    found = versus(history.side(asked), known_otherwise.side(other))
    _print_comparison(found, there, (asked, other), form)
    return _told(known_otherwise, findings)


# -- the history -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose history is read, and where."""

    unit: str
    file: Path | None  # None: the topic
    settings: Settings

    @property
    def source(self) -> str:
        """Its name, as it is handed over: no path of this machine."""
        return self.settings.topic(EVENTS) if self.file is None else self.file.name

    @property
    def name(self) -> str:
        """The unit's name; its id where it has none."""
        units = units_of(self.settings)
        return next((one.name for one in units if one.unit_id == self.unit), self.unit)


def _records(there: _Place) -> tuple[list[Record], int, list[str]]:
    """The unit's records, how many partitions there are, and what is wrong with the file."""
    try:
        key = there.unit.encode()
    except UnicodeEncodeError:
        raise WrongUseError(f"UNIT: {there.unit!r} is not UTF-8") from None
    source = history_of(there.file, there.settings, None)
    home = partition_of(there.unit, source.partitions)
    records = [record for record in source.partition_records(home) if record.key == key]
    return records, source.partitions, source.findings()


def _demand_something(
    history: UnitHistory, there: _Place, question: Question, options: tuple[str, str]
) -> None:
    """An unknown unit, or an instant before anything: say so in place of an empty answer.

    `options`: those that said T and K.
    """
    at_option, known_option = options
    if history.first_arrival is None:
        where = "the topic" if there.file is None else f"--input {there.file}"
        raise WrongUseError(f"UNIT: {where} has no event of unit {there.unit}; is its id right?")
    first = history.first_event
    if first is None:
        assert question.known is not None, "an event that arrived is in the history"
        raise WrongUseError(
            f"{known_option}: nothing of unit {there.unit} had arrived by "
            f"{iso_micros(question.known)}; "
            f"its first record arrived at {iso_millis(history.first_arrival)}"
        )
    if first >= question.at:
        raise WrongUseError(
            f"{at_option}: nothing of unit {there.unit} that is known had happened before "
            f"{iso_micros(question.at)}; its first event is of {iso_micros(first)}"
        )


# -- answers ---------------------------------------------------------------------------------------


def _print_explanation(
    explanation: Explanation, there: _Place, question: Question, form: str
) -> None:
    if form == "json":
        print_json_lines([explanation.to_json()])
    elif form == "html":
        from audit.explanation_page import explanation_page  # noqa: PLC0415 - loads Jinja

        document = _document(there, _command_line(there, question), question)
        print_json_lines([explanation_page(explanation, document).encode()])
    else:
        start = question.window.start(question.at)
        print_explanation(explanation, there.name, start, there.settings.zone)


def _print_comparison(
    comparison: Comparison, there: _Place, questions: tuple[Question, Question], form: str
) -> None:
    a, b = questions
    starts = (a.window.start(a.at), b.window.start(b.at))
    if form == "json":
        print_json_lines([comparison.to_json()])
    elif form == "html":
        from audit.comparison_page import comparison_page  # noqa: PLC0415 - loads Jinja

        line = [*_command_line(there, a), *versus_words(a, b)]
        document = _document(there, line, a)
        print_json_lines([comparison_page(comparison, document, starts[1]).encode()])
    else:
        print_comparison(comparison, there.name, starts, there.settings.zone)


def _command_line(there: _Place, question: Question) -> list[str]:
    """The command that gives the same again."""
    words = ["vungxanh", "explain", there.unit, "--as-of", iso_micros(question.at)]
    if question.known is not None:
        words += ["--known-at", iso_micros(question.known)]
    words += ["--definition", question.definition, "--window", question.window.text]
    return words if there.file is None else [*words, "--input", there.source]


def _document(there: _Place, line: list[str], question: Question) -> Document:
    from audit.explanation_page import Document  # noqa: PLC0415 - loads Jinja

    return Document(
        unit_name=there.name,
        zone=there.settings.zone,
        window_start=question.window.start(question.at),
        source=there.source,
        command=shlex.join(line),
        made_by=f"vungxanh {version('vungxanh')}",
    )


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
