"""Exact counts: half-open windows, open states, and the next instant at which something moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.counts import Kind, Share, Tally, UnitCounts
from schemas.status import OpenDossiers
from tests.profiles import steady

KINDS: tuple[Kind, ...] = ("none", "early", "on_time", "late", "open", "paused", "no_due")
MOMENT = st.integers(0, 40)


@st.composite
def shares(draw: st.DrawFn) -> Share:
    kind: Kind = draw(st.sampled_from(KINDS))
    timed = kind in ("early", "on_time", "late", "open")
    return Share(kind, draw(MOMENT) if timed else 0)


def counts_of(*of: Share) -> UnitCounts:
    counts = UnitCounts()
    for share in of:
        counts.put_in(share)
    return counts


def seen(counts: UnitCounts) -> tuple[object, ...]:
    """All that can be asked of counts."""
    return (
        [counts.tally(start, at) for start in range(0, 42, 3) for at in range(start, 42)],
        [counts.open_at(at, 5) for at in range(42)],
        [(counts.next_end(at), counts.next_due(at)) for at in range(42)],
    )


@pytest.mark.parametrize(
    ("start", "at", "tally"),
    [
        pytest.param(10, 20, Tally(0, 1, 0, 0), id="an end at the start is inside"),
        pytest.param(11, 20, Tally(0, 0, 0, 0), id="an end before the start is not"),
        pytest.param(5, 10, Tally(0, 0, 0, 0), id="an end at T is not"),
        pytest.param(5, 11, Tally(0, 1, 0, 0), id="an end just before T is"),
        pytest.param(5, 40, Tally(0, 1, 0, 1), id="due before T: overdue"),
        pytest.param(5, 30, Tally(0, 1, 0, 0), id="due at T: not overdue yet"),
    ],
)
def test_windows_are_half_open(start: int, at: int, tally: Tally) -> None:
    assert counts_of(Share("on_time", 10), Share("open", 30)).tally(start, at) == tally


def test_each_verdict_is_counted_apart() -> None:
    counts = counts_of(
        Share("early", 1),
        Share("early", 2),
        Share("on_time", 2),
        Share("late", 3),
        Share("open", 0),
    )
    assert counts.tally(0, 4) == Tally(2, 1, 1, 1)
    assert counts.tally(2, 4) == Tally(1, 1, 1, 1)


@pytest.mark.parametrize(
    ("at", "states"),
    [
        pytest.param(10, OpenDossiers(0, 1, 1, 1, 1), id="due now is due soon"),
        pytest.param(11, OpenDossiers(1, 1, 0, 1, 1), id="a microsecond later it is overdue"),
        pytest.param(5, OpenDossiers(0, 1, 1, 1, 1), id="due within the span, its end included"),
        pytest.param(4, OpenDossiers(0, 1, 0, 2, 1), id="due after it"),
        pytest.param(99, OpenDossiers(2, 1, 0, 0, 1), id="all that have a date are overdue"),
    ],
)
def test_each_open_dossier_is_in_one_state(at: int, states: OpenDossiers) -> None:
    counts = counts_of(Share("open", 10), Share("open", 30), Share("paused"), Share("no_due"))
    assert counts.open_at(at, 5) == states


def test_the_next_end_and_the_next_due_date_are_at_or_after_the_instant() -> None:
    counts = counts_of(Share("late", 10), Share("open", 20))
    assert [counts.next_end(at) for at in (9, 10, 11)] == [10, 10, None]
    assert [counts.next_due(at) for at in (19, 20, 21)] == [20, 20, None]


def test_counts_of_nothing() -> None:
    counts = UnitCounts()
    assert counts.tally(0, 9) == Tally(0, 0, 0, 0)
    assert counts.open_at(9, 5) == OpenDossiers(0, 0, 0, 0, 0)
    assert counts.next_end(0) is None
    assert counts.next_due(0) is None


@steady()
@given(kept=st.lists(shares(), max_size=12), gone=st.lists(shares(), max_size=12), data=st.data())
def test_what_was_put_in_and_taken_out_leaves_nothing(
    kept: list[Share], gone: list[Share], data: st.DataObject
) -> None:
    counts = counts_of(*data.draw(st.permutations([*kept, *gone])))
    for share in data.draw(st.permutations(gone)):
        counts.take_out(share)
    assert seen(counts) == seen(counts_of(*kept))


@steady(30)
@given(some=st.lists(shares(), max_size=9), many=st.lists(shares(), min_size=64, max_size=90))
def test_many_at_once_are_as_many_one_by_one(some: list[Share], many: list[Share]) -> None:
    counts = counts_of(*some)
    counts.put_all_in(many)
    assert seen(counts) == seen(counts_of(*some, *many))


@steady()
@given(of=st.lists(shares(), max_size=20), start=MOMENT, at=MOMENT, soon=st.integers(0, 9))
def test_two_binary_searches_are_a_count(of: list[Share], start: int, at: int, soon: int) -> None:
    start, at = min(start, at), max(start, at)
    counts = counts_of(*of)

    def number(kind: Kind, low: float, high: float) -> int:
        return sum(share.kind == kind and low <= share.instant < high for share in of)

    assert counts.tally(start, at) == Tally(
        number("early", start, at),
        number("on_time", start, at),
        number("late", start, at),
        number("open", 0, at),
    )
    assert counts.open_at(at, soon) == OpenDossiers(
        number("open", 0, at),
        number("paused", 0, 1),
        number("open", at, at + soon + 1),
        number("open", at + soon + 1, 99),
        number("no_due", 0, 1),
    )
