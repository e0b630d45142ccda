"""A report as CSV, as an Excel workbook and as a page to print.

The CSV is what Excel opens rightly by a double click where it speaks the report's language: UTF-8
with a byte order mark, without which Excel takes Vietnamese for another code page; fields parted by
semicolons and a decimal comma in Vietnamese, where the comma is taken; by commas and a decimal
point in English. Percentages are written without a space, so that Excel reads them as numbers.
"""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from audit.reporting.sheet import COLUMNS, MARK, Cell, Points, Share, Sheet
from audit.reporting.words import Writing

_BYTE_ORDER_MARK = "\ufeff"
_COMMANDS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
)  # a spreadsheet takes for a formula what begins so


def report_csv(sheet: Sheet, writing: Writing) -> bytes:
    """The table with a header, an empty line, and what stands below it, a line each."""
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=";" if writing.language == "vi" else ",")
    write.writerow(sheet.columns)
    write.writerows([_csv_cell(cell, writing) for cell in line.cells] for line in sheet.lines)
    write.writerow([])
    write.writerows([defused(name), defused(text)] for name, text in sheet.foot)
    return (_BYTE_ORDER_MARK + out.getvalue()).encode()


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with ' before it where it begins like one."""
    return f"'{text}" if text.startswith(_COMMANDS) else text


def _csv_cell(cell: Cell, writing: Writing) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, Share):
        return f"{writing.decimal(cell.hundredths)}%"
    if isinstance(cell, Points):
        return writing.decimal(cell.hundredths)
    return cell if isinstance(cell, int) else defused(cell)


def report_page(sheet: Sheet, writing: Writing) -> str:
    """One HTML file: printable, nothing fetched, all that came from outside escaped."""

    def shown(cell: Cell) -> str:
        if cell is None:
            return ""
        if isinstance(cell, Share):
            return writing.percent(cell.hundredths)
        if isinstance(cell, Points):
            sign = "+" if cell.hundredths > 0 else ""
            return sign + writing.decimal(cell.hundredths).replace("-", "−")
        return writing.count(cell) if isinstance(cell, int) else cell

    return _template().render(
        sheet=sheet,
        shown=shown,
        columns=COLUMNS,
        texts=("unit_id", "name", "zone"),
        mark=MARK,
        language=writing.language,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
