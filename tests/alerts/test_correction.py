"""The latest opening as now known: what one more event of a dossier moves, and what it does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.correction import Opening, can_move, moved
from indicators.counts import Tally
from indicators.facts import Fact
from indicators.ledger import UnitLedger
from indicators.windows import Rolling
from schemas.event import EVENT_TYPES
from schemas.instants import DAY
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady

T = 100 * DAY
WEEK = Rolling(7)
OPENED_AT = 50  # the offset


def opening(*tally: int) -> Opening:
    return Opening(T, Tally(*tally), OPENED_AT, "basis")


def told(
    number: int, kind: str, days: float, due: float | None = None, voids: int | None = None
) -> Fact:
    """An event at so many days before T (below 0: after it); its number is offset and id."""
    when, stated = (None if one is None else T - round(one * DAY) for one in (days, due))
    named = None if voids is None else str(voids)
    assert when is not None
    return Fact(when, str(number), kind, stated, named, None, None, None, None, 0, number)


LATE = (told(1, "received", 9, due=4), told(2, "completed", 3))
OPEN = (told(1, "received", 9, due=4),)


@pytest.mark.parametrize(
    ("known", "come", "before", "after"),
    [
        pytest.param(LATE, told(60, "voided", 2, voids=2), (0, 0, 3, 0), (0, 0, 2, 1), id="voided"),
        pytest.param(
            LATE, told(60, "voided", -9, voids=2), (0, 0, 3, 0), (0, 0, 2, 1), id="voided after T"
        ),
        pytest.param(LATE, told(60, "voided", 2, voids=9), (0, 0, 3, 0), None, id="voids nothing"),
        pytest.param(LATE, told(60, "completed", 5), (0, 0, 3, 0), (1, 0, 2, 0), id="ended before"),
        pytest.param(LATE, told(60, "completed", 2), (0, 0, 3, 0), None, id="ended already"),
        pytest.param(LATE, told(60, "delivered", -1), (0, 0, 3, 0), None, id="came after T"),
        pytest.param(OPEN, told(60, "completed", 3), (0, 0, 0, 1), (0, 0, 1, 0), id="ended late"),
        pytest.param(
            OPEN, told(60, "completed", 7), (0, 0, 0, 1), (1, 0, 0, 0), id="first of the window"
        ),
        pytest.param(
            OPEN, told(60, "completed", 7.1), (0, 0, 0, 1), (0, 0, 0, 0), id="before the window"
        ),
        pytest.param((), told(60, "received", 9, due=0.1), (0, 0, 0, 0), (0, 0, 0, 1), id="new"),
        pytest.param((), told(60, "received", 9, due=0), (0, 0, 0, 0), None, id="due at T"),
        pytest.param(
            (*OPEN, told(40, "voided", -1, voids=60)),
            told(60, "completed", 3),
            (0, 0, 0, 1),
            (0, 0, 1, 0),
            id="a void that the opening disregarded",
        ),
        pytest.param(
            (*OPEN, told(55, "voided", -1, voids=60)),
            told(60, "completed", 3),
            (0, 0, 0, 1),
            None,
            id="a void that came after the opening",
        ),
    ],
)
def test_what_an_event_moves(
    known: Sequence[Fact], come: Fact, before: tuple[int, ...], after: tuple[int, ...] | None
) -> None:
    was = opening(*before)
    now = moved(was, come, sorted([*known, come]), WEEK, VIET_NAM)
    assert now == (was if after is None else opening(*after))


@pytest.mark.parametrize(
    ("event", "can"),
    [
        pytest.param(told(60, "completed", 1), True, id="before T"),
        pytest.param(told(60, "completed", 0), False, id="at T"),
        pytest.param(told(60, "voided", -5, voids=1), True, id="a void of any time"),
        pytest.param(told(60, "processing", 1), False, id="a note"),
        pytest.param(told(60, "due_changed", 1, due=0), True, id="a note with a due date"),
    ],
)
def test_what_need_not_be_looked_at(event: Fact, can: bool) -> None:
    assert can_move(opening(0, 0, 0, 0), event) == can


@st.composite
def events(draw: st.DrawFn, number: int) -> Fact:
    kind = draw(st.sampled_from(["received", "completed", "voided", *EVENT_TYPES]))
    due = draw(st.none() | st.integers(-3, 9))
    return told(number, kind, draw(st.integers(-4, 10)) / 2, due, draw(st.integers(0, 9)))


@steady(150)
@given(data=st.data(), first=st.integers(0, 6), more=st.integers(0, 8))
def test_moving_event_by_event_is_counting_anew(data: st.DataObject, first: int, more: int) -> None:
    """Against a ledger settled at T from what is left when what was taken back is left out."""
    facts: dict[str, list[Fact]] = {"D": [], "E": []}

    def add(number: int) -> tuple[str, Fact]:
        dossier = data.draw(st.sampled_from("DE"))
        event = data.draw(events(number))
        facts[dossier].append(event)
        facts[dossier].sort()
        return dossier, event

    def counted() -> Tally:
        ledger = UnitLedger(VIET_NAM)
        for dossier, known in facts.items():
            gone = {one.voids for one in known if one.type == "voided" and one.offset > OPENED_AT}
            if left := [one for one in known if one.type == "voided" or one.event_id not in gone]:
                ledger.load(dossier, left)
        ledger.settle(T)
        return ledger.counts.tally(WEEK.start(T), T)

    for number in range(first):
        add(number)
    now = opening(*counted())
    for number in range(OPENED_AT + 1, OPENED_AT + 1 + more):
        dossier, event = add(number)
        if can_move(now, event):
            now = moved(now, event, facts[dossier], WEEK, VIET_NAM)
        assert now.tally == counted()
