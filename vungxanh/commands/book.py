"""`vungxanh book`: the sealed days; one of them with its proof, to be checked anywhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import orjson

from audit.offline import check_day
from vungxanh.book_of_days import NOTHING_YET, StatedDay, read_day, read_days
from vungxanh.book_printing import print_day, print_days
from vungxanh.cli import Run, VungxanhGroup, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.printing import format_option, plain, print_line, warn
from vungxanh.settings import Settings
from vungxanh.writing_out import write_out

_SCRIPT = "check_day.py"

_day_option = click.option(
    "--day", required=True, metavar="DAY", help="a local day such as 2024-06-30"
)


@click.group(cls=VungxanhGroup)
def command() -> None:
    """The sealed book: what was stated at the end of each local day, and the proof of it."""


@command.command("list")
@format_option("table", "json")
@pass_run
def list_days(run: Run, form: str) -> int:
    """List the sealed days with their digests.

    The digest of a day stands once all partitions have closed the day; it vouches for all that the
    book said until then. Exit code 1 where entries are gone: days whose pages may have been among
    them have no digest.
    """
    settings = run.settings()
    days, gaps = read_days(settings)
    if not days:
        warn(NOTHING_YET)
    print_days(days, form, settings.zone)
    for gap in gaps:
        warn(gap)
    return FINDINGS if gaps else DONE


@command.command("show")
@_day_option
@click.option("--unit", help="only this unit, with all its figures")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: one object on one line",
)
@pass_run
def show(run: Run, day: str, unit: str | None, form: str) -> int:
    """Print what was stated at the end of a DAY, and the corrections made to it since.

    Exit code 1 where the figures are not those that the day was sealed over, or pages are gone.
    """
    settings = run.settings()
    found = _stated(settings, day)
    if unit is not None and found.leaf(unit) is None and not found.corrections_of(unit):
        raise _no_such_unit(unit, found)
    print_day(found, unit, form, settings.zone)
    return _told(found)


@command.command("export")
@_day_option
@click.option("--unit", required=True, help="whose figures are handed over")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="write there in place of standard output, and the script that checks it beside it",
)
@pass_run
def export(run: Run, day: str, unit: str, output: Path | None) -> int:
    """Hand over a UNIT's figures of a DAY with the proof that they are those of the book.

    JSON that `vungxanh book check` checks, and check_day.py without this program. Exit code 1, and
    nothing is written, where the book's own figures do not go with its pages.
    """
    found = _stated(run.settings(), day)
    leaf = found.leaf(unit)
    if leaf is None:
        raise _no_such_unit(unit, found)
    if found.broken() or found.sealed.gone:
        return _told(found)
    content = orjson.dumps(
        found.proof(leaf), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    if output is not None and output.name == _SCRIPT:
        raise WrongUseError(f"--output {output}: that is the name of the script put beside it")
    write_out(content, output)
    if output is not None:
        write_out(Path(check_day.__file__).read_bytes(), output.with_name(_SCRIPT))
        print_line(
            f"{output.name} written; to check it without this program: "
            f"python {_SCRIPT} {output.name} {found.sealed.digest}"
        )
    return _told(found)


@command.command("check")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--digest", metavar="D", help="of the day, as printed or kept elsewhere")
@pass_run
def check(run: Run, file: Path, digest: str | None) -> int:
    """Check an exported FILE, as check_day.py does; neither Kafka nor settings are needed.

    Exit code 0: the figures are proved by the digest of the day, 1: they are not. Without --digest
    it is only said to which digest the FILE leads: hold that against one that you trust.
    """
    try:
        lines, wrong = check_day.checked(file, digest)
    except check_day.NoProofError as error:
        raise WrongUseError(f"{file}: {error}; `vungxanh book export` writes one") from None
    for line in lines:
        print_line(plain(line))
    return FINDINGS if wrong else DONE


def _stated(settings: Settings, day: str) -> StatedDay:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise WrongUseError(f"--day: {day!r} is no day such as 2024-06-30") from None
    return read_day(settings, date.fromisoformat(day).isoformat())


def _no_such_unit(unit: str, found: StatedDay) -> WrongUseError:
    units = len(found.units())
    if found.sealed.gone:
        return WrongUseError(
            f"--unit {unit}: nothing of it is left of {found.sealed.day}: pages of that day are "
            "gone from the book; see `vungxanh verify`"
        )
    return WrongUseError(
        f"--unit {unit}: {found.sealed.day} states nothing of it, only of {units} other units "
        f"(all counts of the rest were 0); see `vungxanh book show --day {found.sealed.day}`"
    )


def _told(found: StatedDay) -> int:
    """Say what does not stand: figures that do not go with their page, a digest to be changed."""
    day = found.sealed
    if day.gone:
        for gap in found.gaps:
            warn(gap)
    for partition in found.broken():
        warn(
            f"the figures of {day.day} in partition {partition} are not those that its page was "
            "written over; see `vungxanh verify`"
        )
    if day.awaited:
        warn(
            f"partitions that have not closed {day.day} yet: {day.awaited}; its digest will "
            "change, and what is exported now will not go with the later one"
        )
    return FINDINGS if found.broken() or day.gone else DONE
