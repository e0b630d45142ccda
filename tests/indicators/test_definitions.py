"""Every definition, case by case. A definition is added here and in its table, nowhere else."""

from __future__ import annotations

import pytest

from indicators.counts import Tally
from indicators.definitions import DEFINITIONS, Count, definition

FEW = Tally(early=3, on_time=2, late=4, overdue=6)


@pytest.mark.parametrize(
    ("name", "tally", "count"),
    [
        pytest.param("resolved@1", FEW, Count(5, 9), id="resolved: overdue ones are not in it"),
        pytest.param("strict@1", FEW, Count(5, 15), id="strict: overdue ones are in it"),
        pytest.param("resolved@1", Tally(0, 0, 0, 6), Count(0, 0), id="resolved: none resolved"),
        pytest.param("strict@1", Tally(0, 0, 0, 6), Count(0, 6), id="strict: only overdue ones"),
        pytest.param("resolved@1", Tally(0, 0, 0, 0), Count(0, 0), id="resolved: nothing at all"),
        pytest.param("strict@1", Tally(0, 0, 0, 0), Count(0, 0), id="strict: nothing at all"),
    ],
)
def test_definition(name: str, tally: Tally, count: Count) -> None:
    assert definition(name)(tally) == count


def test_every_definition_has_cases_here() -> None:
    assert set(DEFINITIONS) == {"resolved@1", "strict@1"}


def test_an_unknown_definition_names_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"'resolved' is no definition.*resolved@1, strict@1"):
        definition("resolved")
