"""A replay of figures from question to output: read, ask, write, and go on where one was broken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.history import STANDARD_INPUT
from audit.replay import figures_of
from audit.replay_question import FigureQuestion, Instants
from schemas.instants import Micros
from vungxanh.errors import WrongUseError
from vungxanh.file_history import FiledSource
from vungxanh.histories import Source, history_of
from vungxanh.printing import warn
from vungxanh.progress import Meter
from vungxanh.replaying.answers import Alone, Answer, Answering
from vungxanh.replaying.asking import Asked
from vungxanh.replaying.notes import Notes
from vungxanh.replaying.output import Answered, print_answers, write_lines, write_table
from vungxanh.replaying.units import demand_known, keep_homes
from vungxanh.settings import Settings

if TYPE_CHECKING:
    from vungxanh.topic_history import TopicSource

_NOTED = ("csv", "json")  # the forms that grow line by line


@dataclass(frozen=True, slots=True)
class Replay:
    """One call of the command."""

    settings: Settings
    source: Path | None  # None: the topic
    question: FigureQuestion
    asked: Asked
    form: str
    output: Path | None
    resume: bool
    jobs: int | None


def replay_figures(replay: Replay) -> Source:
    """Do it; the history that was read, for what is to be said of it.

    Raises WrongUseError, UnreachableError.
    """
    _demand_sense(replay)
    history = history_of(replay.source, replay.settings, replay.question.known)
    if replay.output is not None and replay.form in _NOTED:
        with Notes(replay.output) as notes:
            _write_noted(replay, replay.output, history, notes)
    else:
        with _read(replay, history) as answering:
            _write(replay, _answered(replay, answering, None))
    return history


def _demand_sense(replay: Replay) -> None:
    if replay.form == "parquet":
        from vungxanh.replaying.parquet import demand_pyarrow  # noqa: PLC0415 - an extra

        demand_pyarrow()
        if replay.output is None:
            raise WrongUseError("--format parquet: name the file with --output FILE")
    if not replay.resume:
        return
    if replay.output is None or replay.form not in _NOTED:
        raise WrongUseError("--resume: only with --output FILE and --format csv or json")
    if replay.source == STANDARD_INPUT:
        raise WrongUseError("--resume: standard input cannot be read again; name a file")


def _write(replay: Replay, answers: Iterable[Answered]) -> None:
    by, zone = replay.question.by, replay.settings.zone
    if replay.output is None:
        print_answers(answers, by, replay.form, zone)
    elif replay.form == "parquet":
        from vungxanh.replaying.parquet import write_parquet  # noqa: PLC0415 - an extra

        write_parquet(answers, by, replay.output)
    else:
        write_table(answers, by, replay.output, zone)


def _write_noted(replay: Replay, output: Path, history: Source, notes: Notes) -> None:
    asked, place = _told(replay, history), None
    noted = notes.question() if replay.resume else None
    if noted is None:
        notes.begin({**asked, "ends": _ends(history)})
    else:
        ends = noted.pop("ends", None)
        notes.demand_same(noted, asked)
        _end_where(ends, history)
        place = notes.place()
        notes.go_on()
    try:
        with _read(replay, history) as answering:
            answers = _answered(replay, answering, None if place is None else place.at)
            write_lines(answers, replay.question.by, replay.form, output, notes=notes, place=place)
    except WrongUseError:
        if noted is None:  # nothing was begun
            notes.finish()
        raise
    except KeyboardInterrupt:
        warn(f"stopped; the same command with --resume goes on with {output}")
        raise


@contextmanager
def _read(replay: Replay, history: Source) -> Iterator[Answering]:
    question = replay.question
    if isinstance(history, FiledSource):
        figures, last = history.figures(question.zone, question.by, question.units)
        alone = Alone(figures, last, 0, question)
        _demand_units(question, alone, history, replay.settings)
        yield alone
        return
    from vungxanh.replaying.jobs import replaying  # noqa: PLC0415 - loads the Kafka client

    topic: TopicSource = history  # type: ignore[assignment]
    if not replay.asked.openly:
        keep_homes(topic, question.units)
    with replaying(topic, question, replay.jobs) as answering:
        topic.unusable = answering.folded.unusable
        _demand_units(question, answering, history, replay.settings)
        yield answering


def _demand_units(
    question: FigureQuestion, answering: Answering, history: Source, settings: Settings
) -> None:
    if question.units is not None:
        demand_known(question.units, answering.folded.units, history, settings)


def _answered(replay: Replay, answering: Answering, after: Micros | None) -> Iterator[Answered]:
    question, folded = replay.question, answering.folded
    instants = replay.asked.instants(folded.span, folded.last, question.known, question.zone)
    number = instants.count(after)
    if not number and after is None:
        _tell_none(instants)
    with Meter("instants", number, beside_rows=replay.output is None) as meter:
        for done, answer in enumerate(answering.answers(instants, after), start=1):
            yield _rows(answer, question)
            meter.show(done)
    if folded.conflicts:
        warn(f"{folded.conflicts} events came again with other content; the first of each counts")


def _tell_none(instants: Instants) -> None:
    if instants.first > instants.last:
        warn("there is no event, so nothing to ask; name the instants with --from and --to")
    else:
        warn(f"no {instants.every} begins between the first and the last; nothing is asked")


def _rows(answer: Answer, question: FigureQuestion) -> Answered:
    at, text, tallies = answer
    return at, text, figures_of(at, tallies, question.definitions, question.windows)


# -- what is noted, to be gone on with -------------------------------------------------------------


def _told(replay: Replay, history: Source) -> dict[str, Any]:
    """All on which the output depends, and nothing that differs from call to call."""
    question, asked = replay.question, replay.asked
    single = "\n".join(f"{at} {text}" for at, text in asked.single.items())
    return {
        "format": replay.form,
        "definitions": list(question.definitions),
        "windows": list(question.windows),
        "timezone": question.zone.key,
        "units": None if question.units is None else sorted(question.units),
        "by": list(question.by),
        "known_at": question.known,
        "as_of": [len(asked.single), hashlib.sha256(single.encode()).hexdigest()],
        "every": asked.every,
        "from": asked.first,
        "to": asked.last,
        "history": _name(replay, history),
    }


def _name(replay: Replay, history: Source) -> list[object]:
    if replay.source is None:
        return [replay.settings.topics.prefix, history.partitions]
    try:
        found = replay.source.stat()
    except OSError as error:
        raise WrongUseError(f"--input {replay.source}: {error.strerror or error}") from None
    return [str(replay.source), found.st_size, found.st_mtime_ns]


def _ends(history: Source) -> Mapping[str, int] | None:
    if isinstance(history, FiledSource):
        return None
    topic: TopicSource = history  # type: ignore[assignment]
    return {str(number): span.end for number, span in topic.spans.items()}


def _end_where(ends: object, history: Source) -> None:
    """Read the topic only as far as it was read when the output was begun."""
    if isinstance(history, FiledSource):
        return
    topic: TopicSource = history  # type: ignore[assignment]
    assert isinstance(ends, dict)
    topic.end_at({int(number): int(end) for number, end in ends.items()})
