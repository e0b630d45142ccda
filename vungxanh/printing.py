"""What a command prints: a table for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Format = Literal["table", "csv", "json"]
Row = Mapping[str, object]
F = TypeVar("F", bound=Callable[..., Any])

_TIMES = ("at", "as_of")
_ZONE_STYLES = {"green": "green", "yellow": "yellow", "red": "red", "grey": "bright_black"}


def format_option(*formats: str) -> Callable[[F], F]:
    """`--format`, by default a table."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats or get_args(Format)),
        default="table",
        show_default=True,
        help="a table for people, the others for programs",
    )


def input_option() -> Callable[[F], F]:
    """`--input`: a history in a file (`vungxanh.histories`)."""
    return click.option(
        "--input",
        "source",
        type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
        metavar="FILE|-",
        help="JSON Lines, plain or .gz, in place of the topic",
    )


def jobs_option(more: str = "") -> Callable[[F], F]:
    """`--jobs`: in how many processes a topic is read; `more` is said of it."""
    return click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        metavar="N",
        help=f"processes that read the topic, by default one a core{more}",
    )


def print_rows(
    rows: Iterable[Row], columns: Sequence[str], form: str, zone: ZoneInfo | None = None
) -> None:
    """Rows with the same columns, in this order. JSON is one object a line (JSON Lines).

    A table shows the columns `at` and `as_of` (ISO 8601 elsewhere) in local time of `zone`.
    """
    if form == "csv":
        write = csv.writer(sys.stdout, lineterminator="\n")
        write.writerow(columns)
        write.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    elif form == "json":
        print_json_lines(map(to_json, rows))
    else:
        _print_table([_local(row, zone) for row in rows], columns)


def print_json_lines(lines: Iterable[bytes]) -> None:
    """Values that are JSON already, one a line."""
    out = sys.stdout.buffer
    sys.stdout.flush()
    for line in lines:
        out.write(line + b"\n")
    out.flush()


def to_json(value: object) -> bytes:
    """JSON on one line."""
    return orjson.dumps(value, default=str)


def print_object(value: Mapping[str, object]) -> None:
    """An object for people: a line for each field, signs that a terminal would obey made plain."""
    for name, content in value.items():
        text = content if isinstance(content, str) else to_json(content).decode()
        click.echo(f"{name.replace('_', ' '):13} {plain(text)}")


def plain(text: str) -> str:
    """What came from outside, without signs that a terminal would obey."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode()
        for sign in text
    )


def print_line(line: str = "") -> None:
    """A line for people, on standard output."""
    click.echo(line)


def warn(line: str) -> None:
    """A line for people, on standard error."""
    click.echo(line, err=True)


def percent(numerator: int, denominator: int) -> str | None:
    """`88.70%`, cut and not rounded, so that what is not yet 90 % does not look like it."""
    if not denominator:
        return None
    hundredths = numerator * 10_000 // denominator
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _cell(value: object) -> object:
    return "" if value is None else value


def _local(row: Row, zone: ZoneInfo | None) -> Row:
    if zone is None:
        return row
    times = {name: _local_time(str(row[name]), zone) for name in _TIMES if row.get(name)}
    return {**row, **times}


def _local_time(text: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _print_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        numbers = rows and all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(
            column.replace("_", " "), justify="right" if numbers else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(_styled(column, _cell(row.get(column))) for column in columns))
    _console().print(table)


def _styled(column: str, value: object) -> Text:
    text = plain(str(value))
    return Text(text, style=_ZONE_STYLES.get(text, "") if column == "zone" else "")


def _console() -> Console:
    """The terminal's width; where there is no terminal, lines are not broken."""
    width = None if sys.stdout.isatty() else 1_000
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=not sys.stdout.isatty())
