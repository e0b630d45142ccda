"""The units of a province: a CSV with a line for each."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from streams.settings import Unit
from vungxanh.errors import SettingsError

COLUMNS = ("unit_id", "name_vi", "name_ascii", "kind", "parent_id")
_LONGEST_ID = 200  # characters, as in an event


def read_units(path: Path) -> list[Unit]:
    """The units of a CSV file in UTF-8 with the columns of `COLUMNS`, in its order.

    Columns beyond these are ignored; only `unit_id` and `name_vi` must be filled. Raises
    SettingsError that names file and line: no such file, a column missing, an id that is empty,
    has spaces or comes twice, parents that go round in a circle.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")  # a spreadsheet puts a mark at the beginning
    except FileNotFoundError:
        raise SettingsError(f"units: there is no file {path}") from None
    except OSError as error:
        raise SettingsError(f"units: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"units: {path} is not UTF-8 at byte {error.start}") from None
    return _read(text, path)


def _read(text: str, path: Path) -> list[Unit]:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    found: dict[str, Unit] = {}
    try:
        missing = [name for name in COLUMNS[:2] if name not in (rows.fieldnames or ())]
        if missing:
            raise SettingsError(
                f"units: {path}, line 1: no column {missing[0]}; wanted: {','.join(COLUMNS)}"
            )
        for row in rows:
            unit = _unit(row, f"units: {path}, line {rows.line_num}")
            if unit.unit_id in found:
                raise SettingsError(
                    f"units: {path}, line {rows.line_num}: {unit.unit_id} is listed before"
                )
            found[unit.unit_id] = unit
    except csv.Error as error:
        raise SettingsError(f"units: {path}, line {rows.line_num}: not CSV: {error}") from None
    for unit_id in found:
        _climb(unit_id, found, path)
    return list(found.values())


def _unit(row: dict[str, str | None], where: str) -> Unit:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    unit = Unit(
        values["unit_id"],
        values["name_vi"],
        values["name_ascii"] or values["name_vi"],
        values["kind"],
        values["parent_id"],
    )
    if not unit.unit_id:
        raise SettingsError(f"{where}: unit_id is empty")
    odd = any(sign.isspace() or not sign.isprintable() for sign in unit.unit_id)
    if odd or len(unit.unit_id) > _LONGEST_ID:
        raise SettingsError(
            f"{where}: unit_id {unit.unit_id[:40]!r} is not 1-200 characters without spaces"
        )
    if not unit.name:
        raise SettingsError(f"{where}: name_vi of {unit.unit_id} is empty")
    return unit


def _climb(unit_id: str, units: dict[str, Unit], path: Path) -> None:
    """A parent may be unlisted (it works under its id), but nobody is their own ancestor."""
    passed = {unit_id}
    parent = units[unit_id].parent_id
    while parent in units:
        if parent in passed:
            raise SettingsError(f"units: {path}: the parents of {unit_id} go round in a circle")
        passed.add(parent)
        parent = units[parent].parent_id
