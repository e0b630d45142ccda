"""`vungxanh dead-letters`: records that could not be used; look at them, mend, send again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from audit.dead_letters import (
    DeadLetters,
    Letter,
    Redrive,
    marker_header,
    redrive_of,
    redriven_header,
)
from schemas.dead_letter import Reason
from schemas.instants import iso_millis
from streams.routing import partition_of
from streams.topics import DEAD_LETTERS, EVENTS
from vungxanh.cli import Run, VungxanhGroup, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.kafka_access import reaching
from vungxanh.printing import (
    format_option,
    print_json_lines,
    print_line,
    print_object,
    print_rows,
    to_json,
    warn,
)
from vungxanh.publishing.sending import Sender
from vungxanh.settings import Settings
from vungxanh.settings_use import kafka_access
from vungxanh.topic_reading import read_topic

COLUMNS = ("id", "at", "reason", "detail", "origin", "key", "redriven")
Chosen = list[tuple[Letter, Redrive]]

_reason_option = click.option(
    "--reason", type=click.Choice([reason.value for reason in Reason]), help="only of this reason"
)


@click.group(cls=VungxanhGroup)
def command() -> None:
    """Records that could not be used."""


@command.command("list")
@_reason_option
@click.option("--all-letters", is_flag=True, help="also those that were sent again")
@format_option()
@pass_run
def list_letters(run: Run, *, reason: str | None, all_letters: bool, form: str) -> int:
    """List the letters that wait, oldest first."""
    settings = run.settings()
    found = _read(settings)
    letters = found.ordered(found.letters) if all_letters else found.waiting()
    rows = [
        {
            "id": letter.id,
            "at": iso_millis(letter.timestamp),
            "reason": letter.reason,
            "detail": letter.detail,
            "origin": letter.origin,
            "key": None if letter.key is None else letter.key.decode(errors="backslashreplace"),
            "redriven": "yes" if letter.id in found.redriven else "",
        }
        for letter in letters
        if reason in (None, letter.reason)
    ]
    print_rows(rows, COLUMNS, form, settings.zone)
    return DONE


@command.command("show")
@click.argument("letter_id", metavar="ID")
@format_option("table", "json")
@pass_run
def show(run: Run, letter_id: str, form: str) -> int:
    """Print a letter whole: headers, key and value (base64 where it is not UTF-8)."""
    letter = _one(_read(run.settings(), letter_id), letter_id)
    if form == "json":
        print_json_lines([to_json(letter.to_dict())])
    else:
        print_object(letter.to_dict())
    return DONE


@command.command("redrive")
@click.argument("letter_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="all that wait")
@_reason_option
@click.option(
    "--value-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="send what is in this file in place of the value (with one ID)",
)
@click.option("--force", is_flag=True, help="send even what is still unusable or was sent again")
@click.option("--dry-run", is_flag=True, help="only say what would be sent")
@pass_run
def redrive(
    run: Run,
    *,
    letter_ids: Sequence[str],
    every: bool,
    reason: str | None,
    value_file: Path | None,
    force: bool,
    dry_run: bool,
) -> int:
    """Send letters to dossier-events again; now is their arrival, their unit the key.

    What is still unusable stays, is named, and the exit code is 1.
    """
    settings = run.settings()
    _check_use(letter_ids, every, reason, value_file)
    mended = None if value_file is None else _content(value_file)
    found = _read(settings, *letter_ids)
    if every:
        letters = [one for one in found.waiting() if reason in (None, one.reason)]
    else:
        letters = [_one(found, letter_id) for letter_id in letter_ids]
    chosen: Chosen = []
    for letter in letters:
        again = redrive_of(letter, mended)
        problem = again.problem
        if problem is None and letter.id in found.redriven:
            problem = "it was sent again before"
        if problem is None or force:
            chosen.append((letter, again))
        else:
            warn(f"{letter.id} stays: {problem}")
    if not dry_run and chosen:
        with reaching(settings):
            asyncio.run(_send(settings, chosen))
    verb = "would be sent" if dry_run else "sent"
    print_line(
        f"{len(chosen)} {verb} to {settings.topic(EVENTS)}; {len(letters) - len(chosen)} stay"
    )
    return DONE if len(chosen) == len(letters) else FINDINGS


def _check_use(
    letter_ids: Sequence[str], every: bool, reason: str | None, value_file: Path | None
) -> None:
    if every == bool(letter_ids):
        raise WrongUseError("dead-letters redrive: name the ids of letters, or --all")
    if reason is not None and not every:
        raise WrongUseError("dead-letters redrive: --reason goes with --all")
    if value_file is not None and len(letter_ids) != 1:
        raise WrongUseError("dead-letters redrive: --value-file goes with one ID")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise WrongUseError(f"--value-file {path}: {error.strerror}") from None


def _read(settings: Settings, *letter_ids: str) -> DeadLetters:
    """The letters of the partitions that the ids name; without ids, of all."""
    partitions = {_partition(letter_id) for letter_id in letter_ids} if letter_ids else None
    found = DeadLetters()
    read_topic(settings, DEAD_LETTERS, found.add, partitions)
    return found


def _partition(letter_id: str) -> int:
    partition, dash, offset = letter_id.partition("-")
    if not (dash and partition.isdecimal() and offset.isdecimal()):
        raise WrongUseError(f"{letter_id!r} is no id of a dead letter; they look like 3-17")
    return int(partition)


def _one(found: DeadLetters, letter_id: str) -> Letter:
    letter = found.find(letter_id)
    if letter is None:
        raise WrongUseError(
            f"there is no dead letter {letter_id}; see `vungxanh dead-letters list`"
        )
    return letter


async def _send(settings: Settings, chosen: Chosen) -> None:
    """First the records, then the markers: broken off between, a letter waits on, and R1 holds."""
    access = kafka_access(settings)
    async with (
        Sender(access, settings.topic(EVENTS)) as events,
        Sender(access, settings.topic(DEAD_LETTERS)) as letters,
    ):
        for letter, again in chosen:
            if again.event is None:
                partition = letter.partition % events.partitions
            else:
                partition = partition_of(again.event.unit_id, events.partitions)
            header = redriven_header(letter)
            await events.put_raw(partition, again.key, again.value, headers=header)
        await events.flush()
        for letter, _ in chosen:
            header = marker_header(letter)
            await letters.put_raw(letter.partition, letter.key or b"", None, headers=header)
        await letters.flush()
