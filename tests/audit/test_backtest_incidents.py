"""Incidents of two policies matched in time, and what came of each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.backtesting.incidents import (
    A_DAY,
    Differences,
    Incident,
    differences,
    together,
    weighed,
)
from streams.unit_monitor import instant_of
from tests.profiles import steady

Span = tuple[int, int | None]


def incident(number: int, opened: int, closed: int | None) -> Incident:
    return Incident(f"U/resolved@1/{number}", "U", opened, closed, "yellow", 17, 20)


def incidents(*spans: Span) -> list[Incident]:
    return [incident(number, *span) for number, span in enumerate(spans, start=1)]


def told(found: Differences) -> dict[str, list[object]]:
    return {
        "kept": [(pair.in_force.opened, pair.other.opened) for pair in found.kept],
        "moved": [(pair.in_force.opened, pair.other.opened) for pair in found.moved],
        "gained": [one.opened for one in found.gained],
        "lost": [one.opened for one in found.lost],
    }


CASES: list[tuple[str, list[Span], list[Span], dict[str, list[object]]]] = [
    ("nothing", [], [], {}),
    ("the same", [(0, 5), (9, None)], [(0, 5), (9, None)], {"kept": [(0, 0), (9, 9)]}),
    ("opened alike, closed later", [(0, 5)], [(0, 50)], {"kept": [(0, 0)]}),
    ("opened earlier", [(10, 20)], [(5, 20)], {"moved": [(10, 5)]}),
    ("opened later", [(10, 20)], [(19, 30)], {"moved": [(10, 19)]}),
    ("touching is not at the same time", [(10, 20)], [(20, 30)], {"lost": [10], "gained": [20]}),
    ("apart", [(10, 20)], [(30, 40)], {"lost": [10], "gained": [30]}),
    ("an open one reaches on for ever", [(10, None)], [(99, 100)], {"moved": [(10, 99)]}),
    (
        "one for three",
        [(0, 5), (10, 15), (20, 25)],
        [(2, 30)],
        {"moved": [(0, 2)], "lost": [10, 20]},
    ),
    ("three for one", [(2, 30)], [(0, 5), (10, 15)], {"moved": [(2, 0)], "gained": [10]}),
    (
        "the same opening goes first",
        [(0, 12), (20, 30)],
        [(11, 25), (40, None)],
        {"moved": [(0, 11)], "lost": [20], "gained": [40]},
    ),
    ("of no length", [(5, 5), (5, None)], [(5, 5), (5, None)], {"kept": [(5, 5), (5, 5)]}),
    ("of no length within another", [(5, 5)], [(0, 9)], {"moved": [(5, 0)]}),
    ("only gained", [], [(1, 2)], {"gained": [1]}),
    ("only lost", [(1, 2)], [], {"lost": [1]}),
]


@pytest.mark.parametrize(
    ("mine", "other", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_matching(mine: list[Span], other: list[Span], expected: dict[str, list[object]]) -> None:
    found = told(differences(incidents(*mine), incidents(*other)))
    assert {kind: some for kind, some in found.items() if some} == expected


@st.composite
def histories(draw: st.DrawFn) -> list[Incident]:
    """Spells one after another, the last perhaps still open."""
    bounds = sorted(draw(st.lists(st.integers(0, 60), max_size=10)))
    spans: list[Span] = [*zip(bounds[::2], bounds[1::2], strict=False)]
    if len(bounds) % 2:
        spans.append((bounds[-1], None))
    return incidents(*spans)


def overlap(one: Incident, other: Incident) -> bool:
    """Open at the same moment; moments doubled, so that one of no length has one to be open at."""

    def moments(of: Incident) -> set[int]:
        closed = 100 if of.closed is None else of.closed
        return {2 * of.opened, *range(2 * of.opened, 2 * closed - 1)}

    return not moments(one).isdisjoint(moments(other))


@steady(300)
@given(histories(), histories())
def test_each_incident_is_in_one_place_and_pairs_overlap(
    mine: list[Incident], other: list[Incident]
) -> None:
    found = differences(mine, other)
    pairs = [*found.kept, *found.moved]
    assert sorted([pair.in_force for pair in pairs] + [*found.lost]) == sorted(mine)
    assert sorted([pair.other for pair in pairs] + [*found.gained]) == sorted(other)
    assert all(pair.lead == 0 for pair in found.kept)
    assert all(pair.lead != 0 for pair in found.moved)
    assert all(overlap(*pair) for pair in pairs)
    for lost in found.lost:
        assert not any(overlap(lost, gained) for gained in found.gained)
    assert told(differences(other, mine))["gained"] == [one.opened for one in found.lost]


@steady()
@given(histories())
def test_with_itself_all_is_kept(mine: list[Incident]) -> None:
    found = differences(mine, mine)
    assert [pair.in_force for pair in found.kept] == mine == [pair.other for pair in found.kept]
    assert found == Differences(kept=found.kept)
    assert together([found, Differences()]) == found


@pytest.mark.parametrize(
    ("closed", "late_ends", "false_alarm", "warning"),
    [
        pytest.param(A_DAY, [], True, None, id="closed within the day, nothing late"),
        pytest.param(A_DAY + 1, [], False, None, id="not within the day"),
        pytest.param(None, [], False, None, id="still open"),
        pytest.param(A_DAY, [5], False, 5, id="late while open"),
        pytest.param(A_DAY, [0], False, 0, id="at the T of the opening"),
        pytest.param(A_DAY, [-1], True, None, id="what opened it was late before"),
        pytest.param(A_DAY, [A_DAY - 1], False, A_DAY - 1, id="just before the closing"),
        pytest.param(A_DAY, [A_DAY], True, None, id="at the T of the closing"),
        pytest.param(None, [-7, 9, 11], False, 9, id="the first of several"),
    ],
)
def test_false_alarms_and_warnings(
    closed: int | None, late_ends: list[int], false_alarm: bool, warning: int | None
) -> None:
    opened = 1_000_000
    one = incident(1, opened, None if closed is None else opened + closed)
    instants = [instant_of(opened) + late * 1_000 for late in late_ends]
    found = weighed(one, instants)
    assert (found.false_alarm, found.warning) == (false_alarm, warning)
