"""A report as an Excel workbook: real numbers, a header that stays, ready for A4 across."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from audit.reporting.sheet import COLUMNS, MARK, Cell, Line, Points, Share, Sheet
from audit.reporting.words import Writing
from schemas.instants import Micros

_HEADER = 3  # its row, from 0: below title, period and an empty one
_WIDTHS = {"place": 7, "tied": 10, "unit_id": 16, "name": 34, "zone": 8, "change": 11}
_WIDTH = 11  # characters, of all other columns
_NAME = COLUMNS.index("name")
_A4 = 9  # by the numbers of Excel
_PERCENT, _POINTS, _WHOLE = "0.00%", "+0.00;-0.00;0.00", "#,##0"
_LONGEST = 32_767  # characters of a cell

Formats = Mapping[str, Any]  # xlsxwriter's formats are not typed


def report_workbook(sheet: Sheet, writing: Writing, made_at: Micros) -> bytes:
    """The workbook's bytes; the same for the same report. `made_at` is what it says of itself."""
    out = io.BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    made = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=made_at)
    book.set_properties({"title": sheet.title, "created": made.replace(tzinfo=None)})
    formats = _formats(book)
    page = book.add_worksheet(writing.word("sheet"))
    _set_up(page, writing)
    page.write_string(0, 0, sheet.title, formats["title"])
    page.write_string(1, 0, sheet.period, formats["plain"])
    for column, text in enumerate(sheet.columns):
        page.write_string(_HEADER, column, text, formats["header"])
    row = _HEADER
    for row, line in enumerate(sheet.lines, start=_HEADER + 1):
        _write_line(page, row, line, formats)
    for below, (name, text) in enumerate(sheet.foot, start=row + 2):
        page.write_string(below, 0, f"{name}: {text}"[:_LONGEST], formats["foot"])
    page.print_area(0, 0, row + 1 + len(sheet.foot), len(COLUMNS) - 1)
    book.close()
    return out.getvalue()


def _formats(book: Any) -> Formats:  # noqa: ANN401 - xlsxwriter's
    line = {"border": 1, "border_color": "#C9D2CC", "valign": "top"}
    heading = {"bold": True, "bg_color": "#E6EFE9", "border": 1, "border_color": "#C9D2CC"}
    looks: dict[str, dict[str, object]] = {
        "title": {"bold": True, "font_size": 14},
        "plain": {},
        "foot": {"font_size": 9, "font_color": "#56645C"},
        "header": {**heading, "text_wrap": True, "align": "center", "valign": "vcenter"},
        "heading": {"italic": True, "font_color": "#56645C"},
        "text": {**line, "text_wrap": True},
        "whole": {**line, "num_format": _WHOLE},
        "share": {**line, "num_format": _PERCENT},
        "points": {**line, "num_format": _POINTS},
    }
    bold = {f"{name}_total": {**looks[name], "bold": True} for name in _KINDS}
    return {name: book.add_format(look) for name, look in {**looks, **bold}.items()}


_KINDS = ("text", "whole", "share", "points")


def _set_up(page: Any, writing: Writing) -> None:  # noqa: ANN401 - xlsxwriter's
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.repeat_rows(_HEADER)
    page.freeze_panes(_HEADER + 1, COLUMNS.index("zone"))
    page.set_footer(f"&R{writing.word('page')} &P/&N")
    for column, name in enumerate(COLUMNS):
        page.set_column(column, column, _WIDTHS.get(name, _WIDTH))


def _write_line(page: Any, row: int, line: Line, formats: Formats) -> None:  # noqa: ANN401
    if line.kind == "heading":
        page.write_string(row, 0, str(line.cells[0]), formats["heading"])
        return
    suffix = "_total" if line.kind == "total" else ""
    cells = list(line.cells)
    if line.own_policy:
        cells[_NAME] = f"{cells[_NAME]} {MARK}"
    for column, cell in enumerate(cells):
        _write_cell(page, (row, column), cell, formats, suffix)


def _write_cell(
    page: Any,  # noqa: ANN401 - xlsxwriter's
    place: tuple[int, int],
    cell: Cell,
    formats: Formats,
    suffix: str,
) -> None:
    """A text is written as a text, also where it begins as a formula does."""
    if cell is None:
        page.write_blank(*place, None, formats["text" + suffix])
    elif isinstance(cell, Share):
        page.write_number(*place, _exact(cell.hundredths, 4), formats["share" + suffix])
    elif isinstance(cell, Points):
        page.write_number(*place, _exact(cell.hundredths, 2), formats["points" + suffix])
    elif isinstance(cell, int):
        page.write_number(*place, cell, formats["whole" + suffix])
    else:
        page.write_string(*place, cell[:_LONGEST], formats["text" + suffix])


def _exact(hundredths: int, places: int) -> Decimal:
    """0.7777 as it is: a float would stand in the file, and in the cell, as 0.7776999999999999."""
    return Decimal(hundredths).scaleb(-places)
