"""The forecasts against what came after: the scoring, and the table in the docs."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from audit.history import read_history
from bench.forecasts import (
    ANSWERS,
    RECEIPT,
    ZONE,
    Made,
    Opening,
    Score,
    by_nothing_closed,
    by_pace,
    days_between,
    runs,
    score,
    table,
)
from schemas.instants import Millis, micros
from schemas.outlook import Forecast, Projection

DOCS = Path(__file__).parents[2] / "docs" / "forecasts.md"


def clock(day: int, hour: int = 7) -> Millis:
    """In March 2011: the 7th is a Monday."""
    return micros(datetime(2011, 3, day, hour, tzinfo=ZONE)) // 1_000


def made(day: int, *, leaves: bool, until: int | None = None) -> Made:
    projection = Projection(clock(day, 9) if leaves else None, 9, 10)
    forecast = Forecast(clock(until or day + 7, 17), projection, None, ())
    return Made(date(2011, 3, day), clock(day), forecast)


def opening(day: int, hour: int = 12) -> Opening:
    return Opening("U", clock(day, hour), with_an_end=False)


def scored(openings: list[Opening], *each: Made) -> Score:
    return score(openings, {"U": list(each), "V": []}, by_nothing_closed)


def test_the_docs_show_what_the_command_prints() -> None:
    written = DOCS.read_text(encoding="utf-8")
    assert table(read_history(RECEIPT)) in written


@pytest.mark.parametrize(
    ("openings", "each", "expected"),
    [
        pytest.param([], [made(7, leaves=False)], Score(0, [], 0, 0, 0, 0), id="nothing said"),
        pytest.param([], [made(7, leaves=True)], Score(0, [], 1, 1, 1, 0), id="a false one"),
        pytest.param(
            [opening(9)], [made(7, leaves=True)], Score(1, [2], 1, 0, 1, 1), id="two days before"
        ),
        pytest.param(
            [opening(7)], [made(7, leaves=True)], Score(1, [0], 1, 0, 1, 1), id="on the same day"
        ),
        pytest.param(
            [opening(7, 6)], [made(7, leaves=True)], Score(0, [], 1, 1, 1, 0), id="after it came"
        ),
        pytest.param(
            [opening(14, 17)], [made(7, leaves=True)], Score(1, [5], 1, 0, 1, 1), id="just inside"
        ),
        pytest.param(
            [opening(14, 18)], [made(7, leaves=True)], Score(0, [], 1, 1, 1, 0), id="too late"
        ),
        pytest.param(
            [opening(15)],
            [made(7, leaves=True), made(8, leaves=True)],
            Score(1, [5], 1, 0, 2, 1),
            id="the first of the run does not reach it, the run does",
        ),
        pytest.param(
            [opening(9)],
            [made(7, leaves=False), made(8, leaves=True)],
            Score(1, [1], 1, 0, 1, 1),
            id="only the second said so",
        ),
    ],
)
def test_the_score(openings: list[Opening], each: list[Made], expected: Score) -> None:
    assert scored(openings, *each) == expected


def test_a_warning_is_an_unbroken_run_of_working_days() -> None:
    """A weekend does not break it; a day that says no, or without a forecast, does."""
    days = [made(day, leaves=day != 15) for day in (10, 11, 14, 15, 16, 18)]
    found = [[one.day.day for one in run] for run in runs(days, by_nothing_closed)]
    assert found == [[10, 11, 14], [16], [18]]


def test_days_between_are_working_days() -> None:
    assert days_between(date(2011, 3, 11), date(2011, 3, 14)) == 1
    assert days_between(date(2011, 3, 11), date(2011, 3, 11)) == 0


def test_the_answers_are_told_apart() -> None:
    leaves, stays = Projection(clock(9), 8, 10), Projection(None, 9, 10)
    cases = {
        (leaves, None): (True, False, True),
        (leaves, stays): (True, False, True),
        (stays, leaves): (False, True, True),
        (stays, None): (False, False, False),
    }
    for (nothing, pace), expected in cases.items():
        forecast = Forecast(clock(14), nothing, pace, ())
        assert (by_nothing_closed(forecast), by_pace(forecast), ANSWERS["either"](forecast)) == (
            expected
        )
