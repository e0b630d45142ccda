"""The days of all partitions put together: which are closed, and what their digest vouches for."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.book_days import BookDays, day_digest, day_proof
from audit.offline.check_day import wrong_with
from schemas.book import START, DayPage, Place, Terms, UnitDay, read_entry
from schemas.instants import Millis, read_instant
from schemas.merkle import leaf_digest
from streams.routing import partition_of
from tests.audit.sealed_history import lived
from tests.profiles import steady
from tests.streams.telling import BEGIN, HOUR, Topic, late, on_time, policy, rules

DAY: Millis = 24 * HOUR
FIRST = read_instant("2024-01-11T00:00:00+07:00") // 1_000
NAMES = ("2024-01-10", "2024-01-11", "2024-01-12")


def page_of(partition: int, day: int, units: int = 1, number: int = 2) -> tuple[DayPage, bytes]:
    place = Place(partition, number, START)
    page = DayPage(place, NAMES[day], FIRST + day * DAY, 9, units, START, START)
    return page, page.to_json()


def test_the_pages_of_a_day_are_put_together_in_the_order_of_their_partitions() -> None:
    days = BookDays()
    for partition, day in ((1, 0), (1, 1), (0, 0)):
        days.add(*page_of(partition, day, units=3 + partition))

    first, second = days.all()

    assert (first.day, first.units, list(first.pages)) == ("2024-01-10", 7, [1, 0])
    assert first.digest == day_digest({0: page_of(0, 0, 3)[1], 1: page_of(1, 0, 4)[1]})
    assert (second.day, second.units) == ("2024-01-11", 4)
    assert (first.closed, second.closed, second.awaited) == (True, False, 1)


def test_of_one_page_the_digest_is_that_of_a_leaf() -> None:
    page = page_of(3, 0)[1]
    assert day_digest({3: page}) == leaf_digest(page)


def test_a_partition_that_begins_is_awaited_until_it_closes_the_day() -> None:
    days = BookDays()
    days.begin(0, BEGIN)
    assert days.all() == []
    days.begin(1, BEGIN)
    days.add(*page_of(0, 0))
    assert [day.awaited for day in days.all()] == [1]
    days.add(*page_of(1, 0))
    assert [day.closed for day in days.all()] == [True]


def test_a_day_that_a_partition_has_jumped_over_waits_for_it_no_more() -> None:
    """Of a long silence, only the last days have pages."""
    days = BookDays()
    days.add(*page_of(0, 0))
    days.add(*page_of(1, 2))
    assert [(day.day, day.awaited) for day in days.all()] == [(NAMES[0], 0), (NAMES[2], 1)]


def test_a_second_page_of_a_day_changes_nothing() -> None:
    days = BookDays()
    days.add(*page_of(0, 0))
    before = days.all()[0].digest
    days.add(*page_of(0, 0, units=5, number=3))
    assert [(day.digest, day.units) for day in days.all()] == [(before, 1)]


@steady(30)
@given(st.permutations([(p, d) for p in range(3) for d in range(3)]))
def test_it_is_all_one_in_which_order_partitions_are_read(order: list[tuple[int, int]]) -> None:
    days, straight = BookDays(), BookDays()
    for place in order:
        days.add(*page_of(*place))
    for place in sorted(order):
        straight.add(*page_of(*place))
    assert [(d.day, d.digest, d.awaited) for d in days.all()] == [
        (d.day, d.digest, 0) for d in straight.all()
    ]


@steady(30)
@given(st.permutations(range(3)), st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2))))
def test_partitions_read_apart_are_joined(order: list[int], pages: set[tuple[int, int]]) -> None:
    joined, straight = BookDays(), BookDays()
    for partition in order:
        own = BookDays()
        for number, day in sorted(pages):
            if number == partition:
                own.add(*page_of(number, day))
        joined.join(own)
    for place in sorted(pages):
        straight.add(*page_of(*place))
    assert joined.all() == straight.all()
    assert [day.digest for day in joined.all()] == [day.digest for day in straight.all()]


# A day as a monitor seals it

UNITS = [f"U{number}" for number in range(10)]
BY = rules(policy("30d"), ("7d", "30d"))


def sealed() -> tuple[BookDays, dict[str, list[tuple[UnitDay, bytes]]]]:
    """Two partitions over three days: pages and leaves as they were written."""
    days, leaves = BookDays(), dict[str, list[tuple[UnitDay, bytes]]]()
    for partition in (0, 1):
        topic, units = Topic(partition), [u for u in UNITS if partition_of(u, 2) == partition]
        records = [
            (on_time if number % 2 else late)(topic, number * 20_000.0, f"D{number}", unit)
            for number, unit in enumerate(units * 2)
        ]
        live, _ = lived(BY, records, Random(partition), partition, 2)
        live.tick(FIRST + 3 * DAY)
        for record in live.book:
            assert record.value is not None
            entry = read_entry(record.value)
            if isinstance(entry, Terms):
                days.begin(partition, entry.clock)
            elif isinstance(entry, DayPage):
                days.add(entry, record.value)
            elif isinstance(entry, UnitDay):
                leaves.setdefault(entry.day, []).append((entry, record.value))
    return days, leaves


def test_each_unit_of_each_day_is_proved_by_the_digest_of_the_day() -> None:
    days, leaves = sealed()
    proved = 0
    for day in days.all():
        assert day.closed
        for leaf, value in leaves[day.day]:
            beside = {
                one.unit_id: v for one, v in leaves[day.day] if one.partition == leaf.partition
            }
            proof = day_proof(leaf, beside, day.pages)
            assert proof["leaf"] == value.decode()
            assert wrong_with(proof, day.digest) == []
            proved += 1
    assert proved > 20


def test_what_a_proof_is_asked_of_has_to_be_among_the_leaves() -> None:
    days, leaves = sealed()
    day = days.all()[-1]
    leaf = leaves[day.day][0][0]
    with pytest.raises(ValueError, match="is not in list"):
        day_proof(leaf, {}, day.pages)
