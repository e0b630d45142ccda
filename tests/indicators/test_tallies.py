"""Tallies at several instants in one pass: each is that of a ledger settled there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.counts import NOTHING, Share, Tally
from indicators.facts import Fact
from indicators.ledger import UnitLedger
from indicators.tallies import Tallies, before
from indicators.windows import read_window
from schemas.instants import DAY, Micros, read_instant, start_of_day
from tests.indicators.asking import WINDOWS, histories_of_records
from tests.indicators.telling import AMSTERDAM, HOUR, VIET_NAM, at, fact
from tests.oracle.feeds import Feed, feed
from tests.oracle.strategies import SEEDS, chosen, feeds

WEEK = read_window("7d", VIET_NAM)


def of(
    facts: Sequence[Fact], hours: Sequence[float], window: str = "7d"
) -> tuple[Share, list[Tally]]:
    tallies = Tallies([at(hour) for hour in hours], read_window(window, VIET_NAM), VIET_NAM)
    share = tallies.add(sorted(facts))
    return share, tallies.result()


NONE, ON_TIME, LATE, OVERDUE = (
    Tally(0, 0, 0, 0),
    Tally(0, 1, 0, 0),
    Tally(0, 0, 1, 0),
    Tally(0, 0, 0, 1),
)
OVERDUE_AT_6 = [fact("received", 1, due=5)]


@pytest.mark.parametrize(
    ("facts", "hours", "tallies"),
    [
        pytest.param(
            [fact("received", 1, due=5), fact("completed", 8)],
            [0, 1, 5, 5.001, 8, 8.001, 8 + 7 * 24, 8.001 + 7 * 24],
            [NONE, NONE, NONE, OVERDUE, OVERDUE, LATE, LATE, NONE],
            id="received, overdue, ended late, out of the window",
        ),
        pytest.param(
            [fact("received", 1, due=5), fact("completed", 5)],
            [5, 6, 6, 6],
            [NONE, ON_TIME, ON_TIME, ON_TIME],
            id="the same instant asked for more than once",
        ),
        pytest.param(
            [*OVERDUE_AT_6, fact("completed", 8), fact("voided", 20, voids="completed")],
            [19, 21],
            [LATE, OVERDUE],
            id="a void counts from its own time",
        ),
        pytest.param(
            [*OVERDUE_AT_6, fact("completed", 8), fact("delivered", 9), fact("refused", 4)],
            [4.5, 9.5],
            [ON_TIME, LATE],
            id="a better end takes the place of another",
        ),
        pytest.param(
            [fact("received", 1), fact("processing", 4, due=5), fact("processing", 7)],
            [3, 4.5, 6, 9],
            [NONE, NONE, OVERDUE, OVERDUE],
            id="a note that states a due date, and one that does not",
        ),
    ],
)
def test_tallies_of_a_dossier(
    facts: Sequence[Fact], hours: Sequence[float], tallies: list[Tally]
) -> None:
    assert of(facts, hours)[1] == tallies


def test_the_share_is_that_at_the_last_instant() -> None:
    facts = [fact("received", 1, due=5), fact("completed", 8)]
    assert of(facts, [0, 6])[0] == Share("open", at(5))
    assert of(facts, [0, 9])[0] == Share("late", at(8))
    assert of(facts, [0, 1])[0] == NOTHING


def test_an_end_of_long_ago_is_told_where_it_is_wanted() -> None:
    facts = [fact("completed", 8, due=9)]
    instants = [at(24 * 30)]
    assert Tallies(instants, WEEK, VIET_NAM).add(facts) == NOTHING
    wanted = Tallies(instants, WEEK, VIET_NAM, ends_since=at(8))
    assert wanted.add(facts) == Share("on_time", at(8))
    assert wanted.result() == [NONE]


def test_a_late_void_of_an_end_of_long_ago_is_not_overlooked() -> None:
    facts = [fact("received", 1, due=5), fact("completed", 8), fact("voided", 9, voids="completed")]
    assert of(facts, [24 * 30])[1] == [OVERDUE]


@pytest.mark.parametrize("instants", [[], [2, 1]])
def test_instants_are_in_order(instants: list[Micros]) -> None:
    with pytest.raises(ValueError, match="in order"):
        Tallies(instants, WEEK, VIET_NAM)


def test_before() -> None:
    facts = [fact("received", 1), fact("completed", 2)]
    assert before(facts, at(2.5)) == facts
    assert before(facts, at(2)) == facts[:1]
    assert before(facts, at(1)) == []
    assert before([], at(1)) == []


def test_the_start_of_a_local_day() -> None:
    noon = datetime.fromisoformat("2024-03-31T12:00:00+02:00")
    assert start_of_day(noon.date(), AMSTERDAM) == read_instant("2024-03-31T00:00:00+01:00")
    assert start_of_day(datetime(1970, 1, 1).date(), VIET_NAM) % DAY == (24 - 8) * HOUR  # noqa: DTZ001


def assert_as_settled(feed_: Feed, random: Random) -> None:
    stated = [datetime.fromisoformat(one.event["occurred_at"]) for one in feed_.records]
    begin = min(stated).timestamp() * 1e6
    instants = sorted(int(begin) + random.randint(-DAY, 20 * DAY) for _ in range(9))
    if random.random() < 0.5:
        instants += [instants[-1]] * 2
    for text in random.sample(WINDOWS, 3):
        window = read_window(text, feed_.zone)
        for unit in feed_.units():
            histories = histories_of_records(feed_.records, unit)
            tallies, ledger = Tallies(instants, window, feed_.zone), UnitLedger(feed_.zone)
            shares = {name: tallies.add(facts) for name, facts in histories.items()}
            for name, facts in histories.items():
                ledger.load(name, list(facts))
            expected = []
            for instant in instants:
                ledger.settle(instant)
                expected.append(ledger.counts.tally(window.start(instant), instant))
            assert tallies.result() == expected
            for name, dossier in ledger.dossiers.items():
                is_past = dossier.share.instant < window.start(instants[0])
                assert shares[name] == dossier.share or (shares[name] == NOTHING and is_past)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_tally_is_that_of_a_ledger_settled_there(seed: int) -> None:
    assert_as_settled(feed(seed), Random(seed))


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_each_tally_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_as_settled(feed_, random)
