"""The form of the state in its changelog."""

from __future__ import annotations

from datetime import date
from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.correction import Opening
from alerts.incident import IncidentState, Side
from indicators.counts import Tally
from indicators.facts import Fact
from schemas.book import FoldedAt
from schemas.event import EVENT_TYPES
from schemas.status import ZONES
from streams.book_state import (
    BLOCK_KEY,
    CHAIN_KEY,
    DAYS_KEY,
    Chain,
    KeptBook,
    OpenBlock,
    SealedDays,
    StatedTallies,
    stated_key,
    write_block,
    write_chain,
    write_days,
    write_stated,
)
from streams.state import (
    PARTITION_KEY,
    KeptState,
    UnitState,
    dossier_key,
    read_state,
    unit_key,
    write_dossier,
    write_partition,
    write_unit,
)
from tests.indicators.telling import fact
from tests.profiles import steady

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
INSTANT = st.integers(-(10**16), 10**16)
FACTS = st.builds(
    Fact,
    INSTANT,
    TEXT,
    st.sampled_from(EVENT_TYPES),
    st.one_of(st.none(), INSTANT, st.dates(date(1900, 1, 1), date(2200, 12, 31))),
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | st.integers(0, 2**48 - 1),
    st.none() | st.sampled_from(["online", "direct", "post"]),
    st.none() | st.sampled_from(["2", "full"]),
    st.integers(0, 10**15),
    st.integers(0, 2**62),
)
COUNT = st.integers(0, 10**6)
OPENINGS = st.builds(Opening, INSTANT, st.builds(Tally, COUNT, COUNT, COUNT, COUNT), COUNT, TEXT)
INCIDENTS = st.builds(
    IncidentState,
    COUNT,
    st.booleans(),
    st.sampled_from(get_args(Side)),
    INSTANT,
    st.none() | st.sampled_from(ZONES),
    TEXT,
    st.none() | OPENINGS,
)
UNITS = st.builds(UnitState, INCIDENTS, st.none() | INSTANT, COUNT, TEXT, st.none() | INSTANT)


@steady(60)
@given(facts=st.lists(FACTS, min_size=1, max_size=4), unit=TEXT, dossier=TEXT, state=UNITS)
def test_what_is_written_is_what_is_read(
    facts: list[Fact], unit: str, dossier: str, state: UnitState
) -> None:
    kept = read_state(
        [
            (dossier_key(unit, dossier), write_dossier(facts)),
            (unit_key(unit), write_unit(state)),
            (PARTITION_KEY, write_partition(20, 21)),
        ]
    )
    opening = kept.units[unit].incident.opening
    assert opening is None or isinstance(opening.tally, Tally)
    assert kept == KeptState(20, 21, {unit: state}, [(unit, dossier, facts)])


BOOKS = st.builds(
    KeptBook,
    st.builds(Chain, COUNT, TEXT, COUNT, COUNT, TEXT, TEXT, st.integers(-1, 10**13)),
    st.builds(
        OpenBlock,
        COUNT,
        st.none() | INSTANT,
        st.integers(0, 3).map(lambda marks: bytes(32 * marks)),
        st.lists(st.builds(FoldedAt, COUNT, INSTANT), max_size=2).map(tuple),
    ),
    st.builds(SealedDays, COUNT, st.lists(INSTANT, max_size=3), TEXT),
    st.lists(st.builds(StatedTallies, TEXT, COUNT, INSTANT, st.lists(COUNT)), max_size=2),
)


@steady(60)
@given(book=BOOKS)
def test_the_book_s_state_is_read_as_it_was_written(book: KeptBook) -> None:
    kept = read_state(
        [
            (CHAIN_KEY, write_chain(book.chain)),
            (BLOCK_KEY, write_block(book.block)),
            (DAYS_KEY, write_days(book.days)),
            *((stated_key(*one[:2]), write_stated(*one[2:])) for one in book.stated),
        ]
    )
    assert kept.book == book
    assert len(book.block.records()) == len(book.block.marks) // 32


def test_a_unit_of_an_older_release_is_read() -> None:
    """It kept no more of an incident than these four."""
    value = orjson.dumps([[3, True, "below", 17], 18, 19, "basis", None])
    kept = read_state([(unit_key("U"), value)])
    assert kept.units["U"] == UnitState(IncidentState(3, True, "below", 17), 18, 19, "basis", None)


@steady(60)
@given(names=st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=6, unique=True))
def test_keys_of_different_things_differ(names: list[tuple[str, str]]) -> None:
    keys = {dossier_key(*name) for name in names} | {unit_key(unit) for unit, _ in names}
    assert len(keys) == len(names) + len({unit for unit, _ in names})
    assert PARTITION_KEY not in keys


def test_an_empty_changelog_is_a_beginning() -> None:
    assert read_state([]) == KeptState(None, -1, {}, [])


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param((PARTITION_KEY, orjson.dumps({"version": 99, "clock": 1})), id="version"),
        pytest.param((orjson.dumps(["table", "x"]), b"[]"), id="kind"),
    ],
)
def test_a_changelog_of_another_release_is_refused(entry: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="is not of version 1: it was written by another release"):
        read_state([entry])


def test_a_bare_date_is_still_one_after_a_restart() -> None:
    told = fact("received", 1, due=date(2024, 1, 31))
    kept = read_state([(dossier_key("U", "D"), write_dossier([told]))])
    assert kept.dossiers[0][2] == [told]
    assert kept.dossiers[0][2][0].content == told.content
