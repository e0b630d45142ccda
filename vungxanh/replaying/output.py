"""Where the rows of a replay go: standard output, a file that can be gone on with, or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from audit.replay import ReplayedFigure
from schemas.instants import Micros
from vungxanh.errors import WrongUseError
from vungxanh.printing import print_rows, to_json
from vungxanh.replaying.notes import Notes, Place

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
Answered = tuple[Micros, str, Iterable[ReplayedFigure]]  # T, the text that asked for it, its rows


def shown(row: ReplayedFigure, text: str, by: Sequence[str], form: str) -> dict[str, object]:
    """A row as it is printed: what it is parted by comes last."""
    fields: dict[str, object] = {**row._asdict(), "as_of": text, "ratio": row.ratio}
    del fields["part"]
    if form != "json" and row.ratio is not None:
        fields["ratio"] = f"{row.ratio:.6f}"
    fields.update(zip(by, row.part, strict=False))
    return fields


def print_answers(
    answers: Iterable[Answered], by: Sequence[str], form: str, zone: ZoneInfo
) -> None:
    """To standard output, as they come; a table needs all rows first."""
    rows = (shown(row, text, by, form) for _, text, found in answers for row in found)
    print_rows(rows, (*COLUMNS, *by), form, zone)


def write_table(
    answers: Iterable[Answered], by: Sequence[str], output: Path, zone: ZoneInfo
) -> None:
    """A table for people in a file. Raises WrongUseError where it cannot be written."""
    with _opened(output, "wb") as raw, io.TextIOWrapper(raw, "utf-8") as text:  # noqa: SIM117
        with redirect_stdout(text):
            print_answers(answers, by, "table", zone)


def write_lines(
    answers: Iterable[Answered],
    by: Sequence[str],
    form: str,
    output: Path,
    *,
    notes: Notes,
    place: Place | None,
) -> None:
    """CSV or JSON Lines, instant by instant, each noted when all of it is in the file.

    `place`: where an earlier run came to; what it wrote beyond that is cut off. Raises
    WrongUseError where the file cannot be written, or is shorter than was noted.
    """
    with _opened(output, "wb" if place is None else "r+b") as out:
        if place is None:
            out.write(_csv_lines([(*COLUMNS, *by)]) if form == "csv" else b"")
        else:
            _go_to(place, out, output)
        for at, text, rows in answers:
            out.writelines(_lines(rows, text, by, form))
            out.flush()
            notes.note(Place(at, out.tell()))
    notes.finish()


def _opened(output: Path, mode: str) -> BinaryIO:
    try:
        return output.open(mode)  # type: ignore[return-value]
    except OSError as error:
        raise WrongUseError(f"--output {output}: {error.strerror or error}") from None


def _go_to(place: Place, out: BinaryIO, output: Path) -> None:
    if out.seek(0, io.SEEK_END) < place.size:
        raise WrongUseError(
            f"--output {output} is shorter than what was noted of it; "
            "without --resume it is written anew"
        )
    out.truncate(place.size)
    out.seek(place.size)


def _lines(
    rows: Iterable[ReplayedFigure], text: str, by: Sequence[str], form: str
) -> Iterator[bytes]:
    columns = (*COLUMNS, *by)
    for row in rows:
        fields = shown(row, text, by, form)
        if form == "json":
            yield to_json(fields) + b"\n"
        else:
            yield _csv_lines([[fields.get(column) for column in columns]])


def _csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue().encode()
