"""Outlooks: written and read back, bounded, and turned into JSON once."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outlook import (
    PLAN_MOST,
    Forecast,
    Projection,
    Recovery,
    UnitOutlook,
    read_outlook,
)
from streams.outputs import outlook_output
from tests.profiles import steady

STAYS = Projection(None, 9, 10)
OUTLOOK = UnitOutlook("U", 1, 0, 9, "green", "resolved@1", "30d", 9, 10, "p", "c", (), 0)


def ids(count: int) -> tuple[str, ...]:
    return tuple(f"d{number}" for number in range(count))


def ahead(keep: tuple[str, ...] | None, more: int = 0) -> UnitOutlook:
    return OUTLOOK._replace(forecast=Forecast(9, STAYS, None, keep, more))


def back(dossiers: tuple[str, ...], more: int = 0) -> UnitOutlook:
    return OUTLOOK._replace(zone="red", recovery=Recovery(3, 8, dossiers, None, more))


@pytest.mark.parametrize("count", [0, 1, PLAN_MOST])
def test_what_is_not_too_much_stays_as_it_is(count: int) -> None:
    for outlook in (ahead(ids(count)), back(ids(count)), ahead(None), OUTLOOK):
        assert outlook.bounded() is outlook


@pytest.mark.parametrize("count", [PLAN_MOST + 1, 5_000])
def test_of_a_long_plan_the_most_urgent_are_named_and_the_others_counted(count: int) -> None:
    named, more = ids(PLAN_MOST), count - PLAN_MOST
    assert ahead(ids(count)).bounded() == ahead(named, more)
    assert back(ids(count)).bounded() == back(named, more)
    assert back(ids(count)).bounded().bounded() == back(named, more)


@steady()
@given(st.integers(0, 3 * PLAN_MOST), st.integers(0, 5))
def test_bounding_loses_no_dossier_from_the_count(count: int, more: int) -> None:
    bounded = back(ids(count), more).bounded().recovery
    assert bounded is not None
    assert len(bounded.dossiers) + bounded.dossiers_more == count + more


def test_the_longest_outlook_fits_into_a_record() -> None:
    """Ids of 200 characters, each of them three bytes."""
    longest = tuple(f"{number:05}" + "ệ" * 195 for number in range(20_000))
    outlook = ahead(longest)._replace(recovery=Recovery(3, 8, longest, None)).bounded()
    assert len(outlook.to_json()) < 1_000_000 * 0.3


@pytest.mark.parametrize("outlook", [ahead(ids(3), 7), back(ids(2), 9), ahead(None), OUTLOOK])
def test_what_was_written_is_read_back(outlook: UnitOutlook) -> None:
    assert read_outlook(outlook.to_json()) == outlook


def test_a_record_of_before_plans_were_bounded_names_all_of_them() -> None:
    fields = orjson.loads(ahead(ids(3)).to_json())
    del fields["forecast"]["keep_green_more"]
    assert read_outlook(orjson.dumps(fields)) == ahead(ids(3))
    fields = orjson.loads(back(ids(3)).to_json())
    del fields["recovery"]["dossiers_more"]
    assert read_outlook(orjson.dumps(fields | {"later": 1})) == back(ids(3))


def test_it_is_turned_into_json_once_to_be_measured_and_to_be_written() -> None:
    outlook = ahead(ids(3))
    assert outlook_output(outlook).value is outlook_output(outlook).value
    assert orjson.loads(outlook._replace(numerator=1).to_json())["numerator"] == 1
