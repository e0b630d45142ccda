"""Figures and incidents recomputed from history."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.replay import FigureReplay, ReplayedFigure, replay_partition
from indicators.windows import read_window
from schemas.event import Event, read_event
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady
from tests.streams.telling import Topic, after, event, late, on_time, rules, seen

WINDOWS = (read_window("1d", VIET_NAM), read_window("month", VIET_NAM))
BOTH = ("resolved@1", "strict@1")
Arrived = tuple[Event, float]


def told(
    event_id: str, kind: str, occurred: float, arrived: float | None = None, **more: object
) -> Arrived:
    read, _ = read_event(orjson.dumps(event(event_id, kind, occurred, **more)))  # type: ignore[arg-type]
    return read, occurred if arrived is None else arrived


def replay_of(history: Iterable[Arrived], known_at: float | None = None) -> FigureReplay:
    """In the order of arrival; only what had arrived by K."""
    replay = FigureReplay(VIET_NAM)
    for read, arrived in sorted(history, key=lambda one: one[1]):
        if known_at is None or arrived <= known_at:
            replay.add(read)
    return replay


def figures(replay: FigureReplay, second: float, **more: object) -> list[ReplayedFigure]:
    return list(replay.figures(after(second) * 1000, BOTH, WINDOWS, **more))  # type: ignore[arg-type]


HISTORY = [
    told("a", "received", 0, due=100),
    told("b", "completed", 50, 500),  # known much later than it happened
    told("c", "received", 10, due=60, dossier="E"),
    told("d", "received", 10, due=60, dossier="F", unit="V"),
    told("e", "completed", 90, dossier="F", unit="V"),
]


def test_a_row_for_every_unit_definition_and_window() -> None:
    found = {
        (row.unit_id, row.definition, row.window): (row.numerator, row.denominator)
        for row in figures(replay_of(HISTORY), 200)
    }
    assert found == {
        ("U", "resolved@1", "1d"): (1, 1),
        ("U", "resolved@1", "month"): (1, 1),
        ("U", "strict@1", "1d"): (1, 2),
        ("U", "strict@1", "month"): (1, 2),
        ("V", "resolved@1", "1d"): (0, 1),
        ("V", "resolved@1", "month"): (0, 1),
        ("V", "strict@1", "1d"): (0, 1),
        ("V", "strict@1", "month"): (0, 1),
    }


def test_on_time_includes_early() -> None:
    history = [
        told("a", "completed", 0, due=3 * 86_400),
        told("b", "completed", 0, due=9, dossier="E"),
    ]
    row = figures(replay_of(history), 1)[0]
    assert (row.early, row.on_time, row.late, row.numerator) == (1, 2, 0, 2)


def test_a_unit_without_any_count_has_no_row() -> None:
    assert figures(replay_of(HISTORY), 0) == []
    assert figures(replay_of(HISTORY), 20) == []  # open, and not yet overdue


def test_a_unit_with_only_overdue_dossiers_has_a_row_without_a_ratio() -> None:
    rows = figures(replay_of(HISTORY[3:4]), 99)
    found = {(row.definition, row.ratio, row.open_overdue) for row in rows}
    assert found == {("resolved@1", None, 1), ("strict@1", 0.0, 1)}


@pytest.mark.parametrize(
    ("known_at", "numbers"),
    [
        pytest.param(500, (1, 2, 1), id="known in the end: one on time, one overdue"),
        pytest.param(499, (0, 2, 2), id="as known before its end arrived: both overdue"),
        pytest.param(5, (0, 1, 1), id="as known before the other had come"),
    ],
)
def test_as_known_at(known_at: float, numbers: tuple[int, int, int]) -> None:
    rows = figures(replay_of(HISTORY, known_at), 200, unit_id="U")
    strict = next(row for row in rows if row.definition == "strict@1")
    assert (strict.numerator, strict.denominator, strict.open_overdue) == numbers


def test_one_unit_alone() -> None:
    assert {row.unit_id for row in figures(replay_of(HISTORY), 200, unit_id="V")} == {"V"}
    assert figures(replay_of(HISTORY), 200, unit_id="nobody") == []


def test_duplicates_and_conflicts_are_counted_and_the_first_to_arrive_stands() -> None:
    history = [
        *HISTORY,
        told("b", "completed", 50, 600),
        told("b", "completed", 150, 400),  # other content, and it came first
    ]
    replay = replay_of(history)
    assert (replay.events, replay.duplicates, replay.conflicts) == (5, 0, 2)
    row = figures(replay, 200, unit_id="U")[0]
    assert (row.on_time, row.late) == (0, 1)
    assert replay_of([*HISTORY, *HISTORY]).duplicates == 5


def test_an_instant_in_the_past_of_the_last_is_refused() -> None:
    replay = replay_of(HISTORY)
    figures(replay, 200)
    with pytest.raises(ValueError, match="T cannot go back"):
        figures(replay, 199)


@steady(60)
@given(seconds=st.lists(st.integers(-10, 700), min_size=1, max_size=6), known=st.integers(0, 700))
def test_one_pass_gives_what_each_instant_alone_gives(seconds: list[int], known: int) -> None:
    together = replay_of(HISTORY, known)
    for second in sorted(seconds):
        assert figures(together, second) == figures(replay_of(HISTORY, known), second)


@steady(60)
@given(order=st.permutations(HISTORY))
def test_the_order_of_arrival_is_nothing_to_the_figures(order: list[Arrived]) -> None:
    moved = [(read, float(number)) for number, (read, _) in enumerate(order)]
    assert figures(replay_of(moved), 200) == figures(replay_of(HISTORY), 200)


def test_the_steps_of_a_partition_are_those_of_a_monitor() -> None:
    topic = Topic()
    records = [late(topic, 0, "a"), *(on_time(topic, n, f"b{n}") for n in range(1, 10))]
    steps = seen(replay_partition(records, 0, 1, rules()))
    assert steps == [("opened", 0), ("improved", 4), ("closed", 9)]  # 4/5 is yellow


def test_the_clock_runs_on_after_the_last_record_only_where_it_is_told_to() -> None:
    topic = Topic()
    records = [topic.record(0, event("a", "completed", 30, due=29))]
    assert seen(replay_partition(records, 0, 1, rules())) == []
    assert seen(replay_partition(records, 0, 1, rules(), until=after(61))) == [("opened", 60)]
    assert seen(replay_partition([], 0, 1, rules(), until=after(61))) == []
