"""`vungxanh publish`: JSON Lines in, records out; what is no event is listed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from audit.history import BadLine, Line, read_lines
from schemas.instants import Micros, read_instant
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.kafka_access import reaching
from vungxanh.printing import print_line, warn
from vungxanh.progress import Meter
from vungxanh.publishing.chunks import as_chunks, as_one
from vungxanh.publishing.parcels import Arrival, Parcel, in_order, parcels, shifted
from vungxanh.publishing.sending import Sender, send_all
from vungxanh.settings import Settings
from vungxanh.settings_use import kafka_access

_FIRST = read_instant("1900-01-01T00:00:00Z")
_LAST = read_instant("2200-12-31T23:59:59.999999Z")


class _Reading:
    """Goes through the lines, lists the bad ones as they come, and counts."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self.good = 0
        self.bad = 0
        self.unknown_fields = 0
        self.cut = ""  # why the rest could not be read

    def lines(self) -> Iterator[Line]:
        try:
            for line in read_lines(self._source):
                if isinstance(line, BadLine):
                    self.bad += 1
                    warn(f"line {line.number}: {line.reason}: {line.detail}")
                    continue
                self.good += 1
                self.unknown_fields += line.unknown_fields
                yield line
        except (OSError, EOFError) as error:
            if not self.good + self.bad:
                raise WrongUseError(f"{self._source}: cannot be read: {error}") from error
            self.cut = f"{self._source}: cannot be read beyond this: {error}"
            warn(self.cut)


@click.command(cls=VungxanhCommand)
@click.argument(
    "source", metavar="FILE|-", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option(
    "--arrival",
    type=click.Choice(["now", "occurred"]),
    default="now",
    show_default=True,
    help="when the facts became known: as they are sent, or when a line says (recorded_at, or "
    "else occurred_at), sent in that order",
)
@click.option(
    "--shift-to",
    metavar="now|INSTANT",
    help="move all instants by one span so that the last is now; due dates move with them",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    help="play at so many times real time",
)
@click.option("--dry-run", is_flag=True, help="validate and count, send nothing")
@pass_run
def command(
    run: Run,
    *,
    source: Path,
    arrival: Arrival,
    shift_to: str | None,
    speed: float | None,
    dry_run: bool,
) -> int:
    """Send events of a JSON Lines FILE, plain or .gz, or of standard input (-).

    Every line is validated; bad ones are listed with number and reason, the rest is sent, with the
    fields of the contract and no others.
    """
    settings = run.settings()
    last = None if shift_to is None else _instant(shift_to)
    reading = _Reading(source)
    found: Iterable[Parcel]
    if arrival == "occurred" or last is not None or dry_run:
        found = _collected(reading, arrival, last, settings)
    else:
        found = parcels(reading.lines(), arrival)
    sent = 0 if dry_run else _publish(found, settings, speed)
    _summary(reading, sent, settings, dry_run)
    return FINDINGS if reading.bad or reading.cut else DONE


def _instant(text: str) -> Micros:
    if text == "now":
        return time.time_ns() // 1_000
    try:
        return read_instant(text)
    except ValueError as error:
        raise WrongUseError(f"--shift-to: {error}; allowed: now, or an instant") from None


def _collected(
    reading: _Reading, arrival: Arrival, last: Micros | None, settings: Settings
) -> list[Parcel]:
    found = in_order(reading.lines(), arrival)
    if last is None:
        return found
    moved = shifted(found, last, settings.zone)
    instants = [parcel.event.occurred_at for parcel in moved]
    instants += [due for parcel in moved if isinstance(due := parcel.event.due, int)]
    if instants and not (min(instants) >= _FIRST and max(instants) <= _LAST):
        raise WrongUseError("--shift-to would move instants out of the years 1900-2200")
    return moved


def _publish(found: Iterable[Parcel], settings: Settings, speed: float | None) -> int:
    total = len(found) if isinstance(found, list) else None
    with Meter("publishing", total) as meter, reaching(settings):
        return asyncio.run(_send(found, settings, speed, meter))


async def _send(
    found: Iterable[Parcel], settings: Settings, speed: float | None, meter: Meter
) -> int:
    chunks = as_one(found) if isinstance(found, list) else as_chunks(iter(found))
    async with Sender(kafka_access(settings), settings.topic("dossier-events")) as sender:
        return await send_all(sender, chunks, speed=speed, progress=meter.show)


def _summary(reading: _Reading, sent: int, settings: Settings, dry_run: bool) -> None:
    where = (
        "nothing sent (dry run)"
        if dry_run
        else (f"{sent} sent to {settings.topic('dossier-events')}")
    )
    line = f"{reading.good} good lines, {where}; {reading.bad} bad lines"
    if reading.cut:
        line += "; the file is cut off, the rest is missing"
    if reading.unknown_fields:
        line += f"; {reading.unknown_fields} lines had fields outside the contract, left out"
    print_line(line)
