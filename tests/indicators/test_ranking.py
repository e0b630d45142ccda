"""The ranking: figures at several instants, places with ties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.known import Question
from indicators.policy import Policy
from indicators.ranking import ranked, ranking_instants, unit_standing
from indicators.windows import read_window
from schemas.instants import DAY, Micros, micros, read_instant
from schemas.ranking import Earlier, RankedUnit, UnitStanding, read_standing
from schemas.status import OpenDossiers, Outcomes, Zone
from tests.indicators.asking import histories_of_records, known_in_order, some_question
from tests.indicators.telling import AMSTERDAM, VIET_NAM, at, fact
from tests.oracle.count import count, open_states
from tests.oracle.feeds import START, Feed, feed
from tests.oracle.fold import fold_unit
from tests.oracle.strategies import SEEDS, chosen, feeds
from tests.profiles import steady

POLICY = Policy(
    "resolved@1", read_window("30d", VIET_NAM), Fraction(9, 10), Fraction(8, 10), 2, 0, 0
)
NOTHING_OPEN = OpenDossiers(0, 0, 0, 0, 0)
NEVER_BEFORE = Earlier(0, 0, "grey")
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def earlier(numerator: int, denominator: int, least: int = 1) -> Earlier:
    zone: Zone = "grey" if denominator < max(least, 1) else "red"
    return Earlier(numerator, denominator, zone)


def unit(
    unit_id: str, numerator: int, denominator: int, before: Earlier = NEVER_BEFORE, least: int = 1
) -> UnitStanding:
    zone = earlier(numerator, denominator, least).zone
    outcomes = Outcomes(0, numerator, denominator - numerator)
    return UnitStanding(
        unit_id, zone, numerator, denominator, outcomes, NOTHING_OPEN, before, *[NEVER_BEFORE] * 2
    )


def places(rows: Sequence[RankedUnit]) -> list[tuple[str, int | None, int]]:
    return [(row.standing.unit_id, row.place, row.tied) for row in rows]


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param(
            [unit("a", 1, 2), unit("b", 9, 10), unit("c", 90, 100), unit("d", 2, 2)],
            [("d", 1, 1), ("c", 2, 2), ("b", 2, 2), ("a", 4, 1)],
            id="1, 2, 2, 4: of equal ratios the larger denominator is listed first",
        ),
        pytest.param(
            [unit("b", 1, 2), unit("a", 1, 2), unit("c", 1, 2)],
            [("a", 1, 3), ("b", 1, 3), ("c", 1, 3)],
            id="all the same: by id",
        ),
        pytest.param(
            [unit("g", 4, 4, least=5), unit("n", 0, 0), unit("h", 1, 4, least=5), unit("z", 0, 9)],
            [("z", 1, 1), ("g", None, 0), ("h", None, 0), ("n", None, 0)],
            id="too few to judge: behind all others, without a place",
        ),
        pytest.param(
            [unit("a", 10**9 - 1, 10**9), unit("b", 10**9 - 2, 10**9 - 1), unit("c", 1, 1)],
            [("c", 1, 1), ("a", 2, 1), ("b", 3, 1)],
            id="a difference of a part in 10**18 is one",
        ),
        pytest.param(
            [unit("a", 1, 3), unit("b", 333_333_333, 10**9), unit("c", 2, 6)],
            [("c", 1, 2), ("a", 1, 2), ("b", 3, 1)],
            id="a third is a third",
        ),
    ],
)
def test_places(units: list[UnitStanding], expected: list[tuple[str, int | None, int]]) -> None:
    assert places(ranked(units)) == expected
    assert places(ranked(reversed(units))) == expected


def test_earlier_places_are_among_the_same_units() -> None:
    rows = ranked(
        [
            unit("a", 9, 10, earlier(1, 10)),
            unit("b", 8, 10, earlier(9, 10)),
            unit("c", 7, 10, earlier(1, 1, least=2)),
            unit("d", 6, 10, earlier(18, 20)),
        ]
    )
    assert [(row.place, row.day.place) for row in rows] == [(1, 3), (2, 1), (3, None), (4, 1)]
    assert [row.month.place for row in rows] == [None] * 4
    assert rows[0].day[:2] == (1, 10)


@steady(80)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), max_size=12))
def test_a_place_is_one_more_than_the_units_that_are_better(
    figures: list[tuple[int, int, bool]],
) -> None:
    units = [
        unit(f"u{number}", on_time, on_time + late, least=3 if strict else 1)
        for number, (on_time, late, strict) in enumerate(figures)
    ]
    ratios = {
        one.unit_id: Fraction(one.numerator, one.denominator) for one in units if one.zone != "grey"
    }
    rows = ranked(units)
    assert sorted(row.standing.unit_id for row in rows) == sorted(one.unit_id for one in units)
    for row in rows:
        mine = ratios.get(row.standing.unit_id)
        if mine is None:
            assert (row.place, row.tied) == (None, 0)
            continue
        assert row.place == 1 + sum(ratio > mine for ratio in ratios.values())
        assert row.tied == sum(ratio == mine for ratio in ratios.values())
    listed = [row.place for row in rows]
    numbered = [place for place in listed if place is not None]
    assert numbered == sorted(numbered)
    assert listed == numbered + [None] * (len(listed) - len(numbered))


@pytest.mark.parametrize(
    ("as_of", "half", "month", "day"),
    [
        ("2026-09-15T08:00:00+07:00", "2026-07-01", "2026-09-01", "2026-09-15"),
        ("2026-01-01T00:00:00+07:00", "2026-01-01", "2026-01-01", "2026-01-01"),
        ("2026-06-30T23:59:59.999999+07:00", "2026-01-01", "2026-06-01", "2026-06-30"),
        ("2026-06-30T17:30:00Z", "2026-07-01", "2026-07-01", "2026-07-01"),
    ],
)
def test_the_instants_of_a_ranking(as_of: str, half: str, month: str, day: str) -> None:
    now = read_instant(as_of)
    starts = [read_instant(f"{text}T00:00:00+07:00") for text in (half, month, day)]
    assert list(ranking_instants(now, VIET_NAM)) == [*starts, now]


def test_instants_where_clocks_are_changed() -> None:
    instants = ranking_instants(read_instant("2024-03-31T10:00:00+02:00"), AMSTERDAM)
    assert instants.day == read_instant("2024-03-31T00:00:00+01:00")


def test_the_standing_of_a_unit() -> None:
    """Late on the first day, on time on the second; asked on the second at noon."""
    histories = {
        "A": [fact("received", 1, due=5), fact("completed", 8)],
        "B": [fact("received", 1, due=30), fact("completed", 29)],
        "C": [fact("received", 1, due=36.5)],
        "D": [fact("received", 37, due=36)],
    }
    question = Question("strict@1", POLICY.window, at(36), VIET_NAM)
    standing = unit_standing("u", histories, question, POLICY, DAY)
    assert standing[:6] == ("u", "red", 1, 2, Outcomes(0, 1, 1), OpenDossiers(0, 0, 1, 0, 0))
    assert (standing.day, standing.month) == (Earlier(0, 1, "grey"), NEVER_BEFORE)
    then = unit_standing("u", histories, question._replace(known=at(28)), POLICY, DAY)
    assert then[:4] == ("u", "red", 0, 2)  # B seems overdue


def test_a_standing_is_told_to_another_worker_whole() -> None:
    standing = unit("u", 1, 2, earlier(3, 4))
    assert read_standing(orjson.loads(orjson.dumps(standing.to_dict()))) == standing


def test_a_row_of_the_answer() -> None:
    [row] = ranked([unit("u", 1, 2, earlier(3, 4))])
    nowhere = {"numerator": 0, "denominator": 0, "zone": "grey", "place": None}
    assert row.to_dict("u/resolved@1/1", 0) == {
        "unit_id": "u",
        "zone": "red",
        "numerator": 1,
        "denominator": 2,
        "place": 1,
        "tied": 1,
        "early": 0,
        "on_time": 1,
        "late": 1,
        "open": {"overdue": 0, "paused": 0, "due_soon": 0, "within": 0, "no_due": 0},
        "incident": "u/resolved@1/1",
        "stale_since": "1970-01-01T00:00:00.000+00:00",
        "previous": {
            "day": {"numerator": 3, "denominator": 4, "zone": "red", "place": 1},
            "month": nowhere,
            "half": nowhere,
        },
    }
    assert row.to_dict(None, None)["stale_since"] is None


def test_a_definition_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="no definition"):
        unit_standing("u", {}, Question("x@1", POLICY.window, at(1), VIET_NAM), POLICY, DAY)


def assert_as_counted(feed_: Feed, random: Random) -> None:
    """Figures at all four instants and what is open, against the oracle."""
    when = START + timedelta(days=random.uniform(-1, 40))
    known_at = random.choice((None, random.choice(feed_.records).arrival))
    question = some_question(feed_, random, when, known_at)
    for unit_id in feed_.units():
        histories = histories_of_records(known_in_order(feed_, known_at), unit_id)
        standing = unit_standing(unit_id, histories, question, POLICY, DAY)

        def expected(instant: Micros, unit_id: str = unit_id) -> tuple[int, int]:
            moment = _EPOCH + timedelta(microseconds=instant)
            folded = fold_unit(feed_.records, unit_id, moment, feed_.zone, known_at)
            counted = count(folded, question.definition, question.window.text, moment, feed_.zone)
            return counted.numerator, counted.denominator

        instants = ranking_instants(micros(when), feed_.zone)
        assert (standing.numerator, standing.denominator) == expected(instants.now)
        assert standing.day[:2] == expected(instants.day)
        assert standing.month[:2] == expected(instants.month)
        assert standing.half[:2] == expected(instants.half)
        folded = fold_unit(feed_.records, unit_id, when, feed_.zone, known_at)
        assert standing.open._asdict() == vars(open_states(folded, when))


@pytest.mark.parametrize("seed", SEEDS)
def test_standings_are_what_the_oracle_counts(seed: int) -> None:
    assert_as_counted(feed(seed), Random(seed))


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_standings_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_as_counted(feed_, random)
