"""The receipt log against its independent truth: every row, for both definitions."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audit.history import read_history
from audit.replay import FigureReplay, ReplayedFigure
from indicators.windows import read_window
from schemas.instants import read_instant

RECEIPT = Path(__file__).parents[1] / "data" / "receipt"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WINDOWS = tuple(read_window(name, AMSTERDAM) for name in ("30d", "90d", "365d"))
Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def truth() -> dict[Key, dict[str, str]]:
    with (RECEIPT / "truth.csv").open(newline="", encoding="utf-8") as rows:
        return {(row["as_of"], row["window"], row["unit"]): row for row in csv.DictReader(rows)}


def replayed(instants: Iterable[str], definition: str) -> dict[Key, ReplayedFigure]:
    history = read_history(RECEIPT / "events.jsonl.gz")
    assert history.bad == []
    replay = FigureReplay(AMSTERDAM)
    for line in history.lines:
        replay.add(line.event)
    assert (replay.events, replay.duplicates, replay.conflicts) == (11_340, 0, 0)
    return {
        (instant, figure.window, figure.unit_id): figure
        for instant in sorted(instants, key=read_instant)
        for figure in replay.figures(read_instant(instant), [definition], WINDOWS)
    }


@pytest.mark.parametrize("definition", ["resolved@1", "strict@1"])
def test_the_receipt_log_gives_every_row_of_its_truth(
    truth: dict[Key, dict[str, str]], definition: str
) -> None:
    assert len(truth) == 1_044
    figures = replayed({key[0] for key in truth}, definition)
    assert figures.keys() == truth.keys()
    ratio = "ratio_resolved" if definition == "resolved@1" else "ratio_strict"
    for key, row in truth.items():
        figure = figures[key]
        found = (figure.on_time, figure.late, figure.open_overdue)
        assert found == (int(row["on_time"]), int(row["late"]), int(row["open_overdue"])), key
        if row[ratio] == "":
            assert figure.ratio is None, key
        else:
            assert figure.ratio == pytest.approx(float(row[ratio]), abs=5e-7), key
        assert figure.numerator == figure.on_time
        assert figure.early <= figure.on_time
