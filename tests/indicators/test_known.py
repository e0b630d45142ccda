"""What was known at K."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from indicators.facts import Fact
from indicators.known import had_arrived, histories_of, known_by
from indicators.ledger import UnitLedger
from tests.indicators.telling import VIET_NAM, at, fact


def arrived(kind: str, hour: float, arrival: float) -> Fact:
    return fact(kind, hour)._replace(arrival=at(arrival) // 1000)


FACTS = [arrived("received", 1, 9), arrived("processing", 2, 2), arrived("completed", 3, 5)]


@pytest.mark.parametrize(
    ("known", "types"),
    [
        pytest.param(None, ["received", "processing", "completed"], id="no K: all"),
        pytest.param(at(9), ["received", "processing", "completed"], id="by K: K included"),
        pytest.param(at(9) - 1, ["processing", "completed"], id="arrived 1 microsecond after K"),
        pytest.param(at(2), ["processing"], id="what came first, whenever it happened"),
        pytest.param(at(1), [], id="before anything had come"),
    ],
)
def test_known_by(known: int | None, types: Sequence[str]) -> None:
    assert [one.type for one in known_by(FACTS, known)] == types


def test_an_arrival_is_a_whole_millisecond() -> None:
    assert had_arrived(5, 5_000)
    assert not had_arrived(5, 4_999)
    assert had_arrived(5, None)


def test_the_histories_of_a_ledger_are_a_copy_of_one_moment() -> None:
    ledger = UnitLedger(VIET_NAM)
    ledger.add("D", fact("received", 1, due=5))
    histories = histories_of(ledger)
    ledger.add("D", fact("completed", 2))
    ledger.add("E", fact("received", 2))
    assert histories == {"D": [fact("received", 1, due=5)]}
    assert {key: len(facts) for key, facts in histories_of(ledger).items()} == {"D": 2, "E": 1}
