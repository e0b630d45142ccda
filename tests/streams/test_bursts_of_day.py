"""Bursts of corrections in the sealed book: on which day's page, with what, and no more of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.facts import Fact
from indicators.integrity import (
    Burst,
    Watch,
    bursts,
    corrections_in,
    corrections_of,
    signs_of,
)
from schemas import merkle
from schemas.book import NO_BURSTS, BurstOfDay, BurstsOfDay, CorrectionOfDay, DayPage, UnitDay
from streams import bursts_of_day
from streams.bursts_of_day import BURSTS_LISTED, CORRECTIONS_NAMED, Known, come_up, listed
from streams.outputs import RECORD_OVERHEAD
from streams.record import FiledRecord
from streams.topic_plans import BOOK_BYTES
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady
from tests.streams.telling import (
    BEGIN,
    HOUR,
    MINUTE,
    Life,
    Topic,
    after,
    event,
    late,
    monitor,
    on_time,
    policy,
    rules,
)
from tests.streams.test_sealing import (
    DAY_S,
    DOSSIERS,
    MIDNIGHT,
    PLAIN,
    TO_MIDNIGHT,
    assert_chained,
    lived,
    lived_in_pieces,
)


def at_minutes(minutes: Sequence[float]) -> list[Known]:
    """Corrections that arrived then, each of a dossier of its own."""
    return sorted((round(one * MINUTE), (f"d{one}", f"e{one}")) for one in minutes)


def told(before: Sequence[Known], now: Sequence[Known], watch: Watch) -> list[tuple[object, ...]]:
    new = [one for one in now if one not in before]
    return [(*burst, came) for burst, came in come_up(before, now, new, watch)]


# -- the pure rule ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param([], [0, 1, 2, 3], [], id="four are none"),
        pytest.param([], [0, 1, 2, 3, 4], [([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])], id="five"),
        pytest.param(
            [0, 1, 2], [0, 1, 2, 3, 4], [([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])], id="comes to be one"
        ),
        pytest.param([0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 9], [([0, 1, 2, 3, 4, 9], [9])], id="grows"),
        pytest.param(
            [0, 1, 2, 3, 4, 13],
            [0, 1, 2, 3, 4, 10, 11, 12, 13],
            [([0, 1, 2, 3, 4, 10, 11, 12, 13], [10, 11, 12, 13])],
            id="grows by one that was beside it",
        ),
        pytest.param([0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 14.1], [], id="one beside it"),
        pytest.param([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4], [], id="shrinks"),
        pytest.param([0, 1, 2, 3, 4], [0, 1, 2, 3], [], id="is none any more"),
        pytest.param(
            [0, 1, 2, 3, 9],
            [9, 10, 11, 12, 13],
            [([9, 10, 11, 12, 13], [10, 11, 12, 13])],
            id="of which one was in a burst of others",
        ),
        pytest.param(
            [9, 10, 11, 12, 13],
            [5, 6, 7, 8, 9],
            [([5, 6, 7, 8, 9], [5, 6, 7, 8])],
            id="the same, the other way round",
        ),
        pytest.param(
            [0, 1, 2, 3, 4, 12, 13, 14, 15, 16],
            [0, 1, 2, 3, 4, 8, 12, 13, 14, 15, 16],
            [([0, 1, 2, 3, 4, 8, 12, 13, 14, 15, 16], [8])],
            id="two become one",
        ),
        pytest.param(
            [0, 1, 2, 3, 4, 60, 61, 62, 63],
            [0, 1, 2, 3, 4, 60, 61, 62, 63, 64],
            [([60, 61, 62, 63, 64], [60, 61, 62, 63, 64])],
            id="another one, long after",
        ),
        pytest.param(
            [100, 101, 102, 103, 104],
            [0.1, 0.2, 0.3, 0.4, 0.5, 100, 101, 102, 103, 104],
            [([0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5])],
            id="records that arrived before the others",
        ),
    ],
)
def test_what_comes_up(
    before: Sequence[float],
    now: Sequence[float],
    expected: Sequence[tuple[Sequence[float], Sequence[float]]],
) -> None:
    found = told(at_minutes(before), at_minutes(now), Watch())
    assert found == [
        (
            round(all_[0] * MINUTE),
            round(all_[-1] * MINUTE),
            tuple(name for _, name in at_minutes(all_)),
            [name for _, name in at_minutes(came)],
        )
        for all_, came in expected
    ]


MINUTES = st.lists(st.integers(0, 60), max_size=30, unique=True)


@steady(300)
@given(MINUTES, MINUTES, st.integers(1, 5), st.integers(1, 12))
def test_looking_close_by_finds_what_looking_everywhere_does(
    before: list[int], now: list[int], least: int, within: int
) -> None:
    watch = Watch(burst=least, burst_within=within * MINUTE)
    was = {name for burst in bursts(at_minutes(before), watch) for name in burst.names}
    everywhere = [
        (*burst, [name for name in burst.names if name not in was])
        for burst in bursts(at_minutes(now), watch)
        if not was.issuperset(burst.names)
    ]
    assert told(at_minutes(before), at_minutes(now), watch) == everywhere


@steady(300)
@given(DOSSIERS)
def test_no_correction_is_passed_over(dossier: list[Fact]) -> None:
    dossier.sort()
    expected = corrections_of(dossier, signs_of(dossier, VIET_NAM))
    assert corrections_in(dossier, VIET_NAM) == expected


# -- no more than fits -----------------------------------------------------------------------------


def test_a_burst_of_thousands_names_the_first() -> None:
    names = [("d", str(number)) for number in range(5_000)]
    found = listed([(Burst(7, 9, tuple(names)), names)])
    [one] = found.listed
    assert (one[:3], one.more, found.more) == ((7, 9, 5_000), 5_000 - CORRECTIONS_NAMED, 0)
    assert one.named == tuple(CorrectionOfDay(*name) for name in names[:CORRECTIONS_NAMED])


def test_thousands_of_bursts_are_counted_and_the_first_listed() -> None:
    each = [(Burst(n, n, (("d", str(n)),) * 20), [("d", str(n))] * 20) for n in range(2_000)]
    found = listed(each)
    assert [one.first for one in found.listed] == list(range(BURSTS_LISTED))
    assert found.more == 2_000 - BURSTS_LISTED
    assert sum(len(one.named) for one in found.listed) == CORRECTIONS_NAMED
    assert {len(one.named) + one.more for one in found.listed} == {20}


def test_the_bursts_of_a_leaf_take_a_part_of_what_the_topic_takes() -> None:
    """Ids of 200 of the longest characters."""
    name = ("\N{DRAGON}" * 200, "\N{DRAGON}" * 200)
    each = [(Burst(BEGIN, BEGIN, (name,) * 20), [name] * 20)] * 2_000
    life = lived([late(Topic(), 0, "a")], MIDNIGHT)
    [leaf] = life.entries("figures")
    with_bursts = leaf._replace(bursts=listed(each)).to_json()
    assert 0.1 * BOOK_BYTES < len(with_bursts) + RECORD_OVERHEAD < 0.3 * BOOK_BYTES


# -- in the book -----------------------------------------------------------------------------------


def void(topic: Topic, arrived: float, dossier: str, unit: str = "U") -> FiledRecord:
    told = event(
        f"{dossier}-void", "voided", arrived, dossier=dossier, unit=unit, voids=f"{dossier}-end"
    )
    return topic.record(arrived, told, unit)


def voids(topic: Topic, unit: str, *arrived: float) -> list[FiledRecord]:
    return [void(topic, one, f"{one:g}", unit) for one in arrived]


def named(*arrived: float) -> tuple[CorrectionOfDay, ...]:
    return tuple(CorrectionOfDay(f"{one:g}", f"{one:g}-void") for one in arrived)


def listed_by_day(life: Life, unit: str = "U") -> list[tuple[str, BurstsOfDay | None]]:
    leaves = [leaf for leaf in life.entries("figures") if leaf.unit_id == unit]
    return [(leaf.day, leaf.bursts) for leaf in leaves if leaf.bursts != NO_BURSTS]


def test_a_burst_stands_in_the_leaf_of_its_day_and_its_number_in_the_page() -> None:
    topic = Topic()
    records = [
        on_time(topic, 0, "a"),
        on_time(topic, 1, "b", "V"),
        *voids(topic, "U", 60, 61, 62, 63, 64),
        *voids(topic, "V", 70, 71, 72, 73),
        *voids(topic, "U", 3_660, 3_661, 3_662, 3_663, 3_664),
    ]
    life = lived(records, after(2 * DAY_S))
    of_u = BurstsOfDay(
        (
            BurstOfDay(after(60), after(64), 5, named(60, 61, 62, 63, 64), 0),
            BurstOfDay(after(3_660), after(3_664), 5, named(3660, 3661, 3662, 3663, 3664), 0),
        ),
        0,
    )
    assert listed_by_day(life) == [("2024-01-10", of_u)]
    assert listed_by_day(life, "V") == []
    assert [page.burst_count for page in life.entries("day")] == [2, 0]


def test_a_unit_of_nothing_but_zeros_has_a_leaf_for_its_burst() -> None:
    life = lived(voids(Topic(), "U", 60, 61, 62, 63, 64), after(2 * DAY_S))
    [leaf], [first, second] = life.entries("figures"), life.entries("day")
    assert isinstance(leaf, UnitDay)
    assert not leaf.has_counts
    assert isinstance(first, DayPage)
    assert (first.units, first.root) == (1, merkle.root([leaf.to_json()]))
    assert (first.burst_count, second.burst_count, second.units) == (1, 0, 0)


EVE = TO_MIDNIGHT - 60


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        pytest.param(
            [EVE, EVE + 1, EVE + 2, EVE + 120, EVE + 121],
            [("2024-01-11", 5, [0, 1, 2, 3, 4])],
            id="one only by what arrived after midnight",
        ),
        pytest.param(
            [EVE, EVE + 1, EVE + 2, EVE + 3, EVE + 4, EVE + 120, EVE + 121],
            [("2024-01-10", 5, [0, 1, 2, 3, 4]), ("2024-01-11", 7, [5, 6])],
            id="one before midnight that grew after it",
        ),
        pytest.param(
            [EVE, EVE + 1, EVE + 2, EVE + 3, EVE + 4, EVE + 661],
            [("2024-01-10", 5, [0, 1, 2, 3, 4])],
            id="one beside it after midnight",
        ),
    ],
)
def test_a_burst_that_straddles_midnight_however_cut(
    arrived: Sequence[float], expected: Sequence[tuple[str, int, Sequence[int]]]
) -> None:
    topic = Topic()
    records = [late(topic, 0, "a"), *voids(topic, "U", *arrived)]
    for cut in range(len(records)):
        one, life = monitor(PLAIN), Life()
        for chunk in (records[:cut], records[cut:]):
            one.restore(life.state.items())
            life.take(one.fold(chunk))
            one = monitor(PLAIN)
        one.restore(life.state.items())
        life.take(one.advance(after(3 * DAY_S)))
        found = [
            (day, burst.corrections, burst.named)
            for day, bursts_ in listed_by_day(life)
            for burst in (bursts_ or NO_BURSTS).listed
        ]
        assert found == [
            (day, number, named(*(arrived[place] for place in places)))
            for day, number, places in expected
        ]
        assert [page.burst_count for page in life.entries("day")] == [
            sum(day == page.day for day, _, _ in expected) for page in life.entries("day")
        ]


def test_a_correction_by_an_event_that_tells_an_older_one_to_be_late() -> None:
    """Dates that were moved in time are moved after the breach, once an earlier date is known."""
    topic = Topic()
    moved = [
        topic.record(n, event("m", "due_changed", n, due=9 * DAY_S, dossier=f"d{n}"))
        for n in range(5)
    ]
    known = [
        topic.record(DAY_S + n, event("r", "received", -DAY_S, due=-HOUR / 1000, dossier=f"d{n}"))
        for n in range(5)
    ]
    life = lived([*moved, *known], after(3 * DAY_S))
    names = tuple(CorrectionOfDay(f"d{n}", "m") for n in range(5))
    burst = BurstOfDay(after(0), after(4), 5, names, 0)
    assert listed_by_day(life) == [("2024-01-11", BurstsOfDay((burst,), 0))]


def test_dossiers_of_a_unit_are_gone_through_once_and_only_for_its_corrections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def counted(facts: Sequence[Fact], zone: object) -> list[tuple[int, str]]:
        asked.append(len(facts))
        return corrections_in(facts, VIET_NAM)

    monkeypatch.setattr(bursts_of_day, "corrections_in", counted)
    topic, one = Topic(), monitor(PLAIN)
    one.fold([on_time(topic, n, f"a{n}", unit) for n in range(30) for unit in ("U", "V")])
    one.advance(MIDNIGHT)
    assert asked == []
    for day in range(1, 5):
        one.fold(voids(topic, "U", *(day * DAY_S + n for n in range(3))))
        one.advance(after((day + 1) * DAY_S))
    assert asked == [1] * 30


# -- who takes over --------------------------------------------------------------------------------


@steady(60)
@given(
    gaps=st.lists(st.sampled_from([0, 1, 20, 140, 200, 599, 600, 601, 40_000]), max_size=24),
    dossiers=st.lists(st.integers(0, 5), min_size=24, max_size=24),
    cuts=st.sets(st.integers(0, 24)),
    ticks=st.booleans(),
)
def test_the_same_bursts_however_cut_restarted_and_ticked(
    gaps: list[int], dossiers: list[int], cuts: set[int], ticks: bool
) -> None:
    """Voids around midnight, of ends that were told, that come later, or never; dates moved."""
    by, topic, at = rules(policy("30d"), ("30d",)), Topic(), TO_MIDNIGHT - 900
    records = [on_time(topic, 0, "0"), on_time(topic, 0, "1")]
    for number, gap in enumerate(gaps):
        at += gap
        dossier = str(dossiers[number])
        if number % 4:
            told = event(f"v{number}", "voided", at, dossier=dossier, voids=f"{dossier}-end")
        else:
            told = event(f"m{number}", "due_changed", at, due=number, dossier=dossier)
        records.append(topic.record(at, told))
    end = records[-1].timestamp + 48 * HOUR
    life = lived_in_pieces(records, cuts, end, by, ticks=ticks)
    assert_chained(life.book)
    assert life.book == lived(records, end, by).book
