"""Writes Alertmanager's configuration for the units of a province.

    python -m dashboards.alertmanager UNITS.csv > alertmanager.yml

`alertmanager.yml` beside this file is that of the demo province. Every address in it begins with
`http://receiver.invalid`, which docker-compose.yml replaces by yours as it starts.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from dashboards.alertmanager.routes import configuration

COLUMN = "unit_id"


def main(arguments: Sequence[str]) -> int:
    """0: written to standard output; 2: wrong use, said on standard error."""
    if len(arguments) != 1:
        return _refuse("name one file of units: python -m dashboards.alertmanager UNITS.csv")
    try:
        units = read_unit_ids(Path(arguments[0]))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        return _refuse(f"{arguments[0]}: {error}; give the CSV of the setting `units`")
    sys.stdout.write(configuration(units))
    return 0


def read_unit_ids(file: Path) -> list[str]:
    """The units of a CSV as the setting `units` names it, in its order. Raises ValueError."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if COLUMN not in (rows.fieldnames or ()):
            raise ValueError(f"no column {COLUMN}")
        return [row[COLUMN] for row in rows if row[COLUMN]]


def _refuse(words: str) -> int:
    sys.stderr.write(f"error: {words}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
