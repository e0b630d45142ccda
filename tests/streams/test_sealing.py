"""The sealed book: what is marked, when a day is sealed, what a late record corrects."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.counts import Tally
from indicators.definitions import DEFINITIONS
from indicators.facts import Fact
from indicators.integrity import signs_of
from indicators.tallies import Tallies
from indicators.windows import Window, read_window
from schemas import merkle
from schemas.book import (
    BLOCK_RECORDS,
    START,
    Correction,
    DayPage,
    FigureCorrected,
    SignOfDay,
    Terms,
    UnitDay,
    content_of,
    digest_of,
    dossier_mark,
    read_entry,
)
from schemas.event import EVENT_TYPES
from schemas.instants import DAY, Micros, Millis, iso_millis, read_instant
from streams.book_state import BLOCK_KEY, BOOK_KINDS, REMEMBERED_DAYS
from streams.effects import BookRecord
from streams.figures import figure_names
from streams.record import FiledRecord
from streams.rules import MonitorRules
from streams.sealing import IDLE_DAYS
from streams.signs_of_day import may_show_signs
from streams.state import read_state
from streams.stated import StatedFigures
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady
from tests.streams.telling import (
    BEGIN,
    HOUR,
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

DAY_S = 86_400
MIDNIGHT = read_instant("2024-01-11T00:00:00+07:00") // 1000  # the first one after BEGIN
TO_MIDNIGHT = (MIDNIGHT - BEGIN) // 1000  # seconds
PLAIN = rules(policy("30d"), ("7d", "30d"))


def lived(
    records: Sequence[FiledRecord], until: Millis | None = None, by: MonitorRules = PLAIN
) -> Life:
    """What a monitor says of records in one chunk, and of the clock running on."""
    one, life = monitor(by), Life()
    life.take(one.fold(records))
    if until is not None:
        life.take(one.advance(until))
    assert_chained(life.book)
    return life


def lived_in_pieces(
    records: Sequence[FiledRecord], cuts: Set[int], until: Millis, by: MonitorRules, *, ticks: bool
) -> Life:
    """The same of one that is stopped and started again at the cuts, and may tick before each."""
    one, life = monitor(by), Life()
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(records)), len(records)]
    for first, stop in pairwise(edges):
        life.take(one.fold(records[first:stop]))
        if ticks:
            following = records[stop].timestamp if stop < len(records) else until
            life.take(one.advance(following))
        one = monitor(by)
        one.restore(life.state.items())
    life.take(one.advance(until))
    return life


def assert_chained(book: Sequence[BookRecord]) -> None:
    """Numbers without a gap, digests of what was written, and roots over the leaves before."""
    number, digest, leaves = 0, START, list[bytes]()
    for record in book:
        entry = read_entry(record.value)
        assert entry.kind == record.kind
        if isinstance(entry, UnitDay):
            assert record.key == entry.unit_id.encode()
            leaves.append(record.value)
            continue
        assert (entry.place.number, entry.place.previous) == (number + 1, digest)
        number, digest = entry.place.number, digest_of(record.value)
        if isinstance(entry, DayPage):
            assert (entry.units, entry.root) == (len(leaves), merkle.root(leaves))
            assert all(read_entry(leaf).day == entry.day for leaf in leaves)  # type: ignore[union-attr]
            leaves = []
    assert not leaves


def days_of(life: Life) -> list[str]:
    return [page.day for page in life.entries("day")]


def offsets_of(life: Life) -> list[list[int]]:
    return [[mark.offset for mark in block.marks] for block in life.entries("records")]


# What is read


def test_the_book_begins_with_the_terms_and_marks_every_record() -> None:
    topic = Topic()
    good, bad = late(topic, 0, "a"), topic.record(1, b"{")
    double = topic.record(2, event("a-end", "completed", 0, due=-1, dossier="a"))
    other = topic.record(3, event("x", "received", 0, unit="V"), "W")
    life = lived([good, bad, double, other], BEGIN + HOUR)
    terms, block = life.entries()
    assert isinstance(terms, Terms)
    assert (terms.next_offset, terms.clock, terms.timezone) == (0, None, "Asia/Ho_Chi_Minh")
    assert [mark.offset for mark in block.marks] == [0, 1, 2, 3]
    assert [mark.arrival for mark in block.marks] == [after(n) for n in range(4)]
    assert [mark.content for mark in block.marks] == [
        content_of(record.key, record.value) for record in (good, bad, double, other)
    ]
    in_a = dossier_mark("U", "a")
    assert [mark.dossier for mark in block.marks] == [in_a, 0, in_a, dossier_mark("V", "D")]


def test_a_block_closes_at_the_first_whole_hour_of_the_clock() -> None:
    topic = Topic()
    records = [late(topic, seconds, f"d{seconds}") for seconds in (0, 3599, 3600, 3601, 9000)]
    life = lived(records)
    assert offsets_of(life) == [[0, 1], [2, 3]]
    assert read_state(life.state.items()).book is not None
    assert [record.at for record in life.book if record.kind == "records"] == [
        BEGIN + HOUR,
        BEGIN + 2 * HOUR,
    ]


def test_a_block_closes_when_it_is_full() -> None:
    topic = Topic()
    records = [late(topic, 0, str(number)) for number in range(2 * BLOCK_RECORDS + 3)]
    life = lived(records)
    assert [len(block) for block in offsets_of(life)] == [BLOCK_RECORDS, BLOCK_RECORDS]
    kept = read_state(life.state.items()).book
    assert kept is not None
    assert [mark.offset for mark in kept.block.records()] == [512, 513, 514]


def test_a_chunk_of_nothing_but_duplicates_is_marked() -> None:
    topic, one, life = Topic(), monitor(PLAIN), Life()
    told = event("a", "received", 0)
    life.take(one.fold([topic.record(0, told)]))
    effects = life.take(one.fold([topic.record(1, told)]))
    assert effects
    assert BLOCK_KEY in effects.changes
    life.take(one.advance(BEGIN + HOUR))
    assert offsets_of(life) == [[0, 1]]


def test_what_is_no_event_and_comes_first_waits_for_a_clock() -> None:
    topic = Topic()
    life = lived([topic.record(0, b"{"), late(topic, 5, "a")], BEGIN + HOUR)
    assert offsets_of(life) == [[0, 1]]


def test_offsets_too_far_apart_for_one_block_make_two() -> None:
    near, far = late(Topic(), 0, "a"), late(Topic(), 1, "b")
    life = lived([near, far._replace(offset=2**32), far._replace(offset=2**33)], BEGIN + HOUR)
    assert offsets_of(life) == [[0], [2**32], [2**33]]


# When a day is sealed


def test_a_day_is_sealed_alike_by_a_tick_and_by_a_record() -> None:
    topic = Topic()
    before = [late(topic, 0, "a"), on_time(topic, 60, "b"), late(topic, 120, "c", "V")]
    following = late(topic, TO_MIDNIGHT, "d")
    by_tick, by_record = lived(before, MIDNIGHT), lived([*before, following])
    assert by_record.book == by_tick.book
    page, (first, second) = by_tick.entries("day")[0], by_tick.entries("figures")
    assert (page.day, page.as_of, page.next_offset) == ("2024-01-10", MIDNIGHT, 3)
    assert [(leaf.unit_id, leaf.as_of) for leaf in (first, second)] == [
        ("U", MIDNIGHT),
        ("V", MIDNIGHT),
    ]
    assert first.figures[0] == ("resolved@1", "30d", 1, 2)
    assert first.incident == "U/resolved@1/1"
    assert first.policy == PLAIN.policy.digest
    [terms] = [record for record in by_tick.book if record.kind == "terms"]
    assert page.terms == digest_of(terms.value)


def test_a_day_is_not_sealed_before_its_end() -> None:
    assert days_of(lived([late(Topic(), 0, "a")], MIDNIGHT - 1)) == []


def test_an_event_before_midnight_counts_and_one_at_midnight_does_not() -> None:
    topic = Topic()
    future = [
        topic.record(0, event("a", "completed", TO_MIDNIGHT - 0.001, due=9, dossier="a")),
        topic.record(0, event("b", "completed", TO_MIDNIGHT, due=9, dossier="b")),
    ]
    [leaf] = lived(future, MIDNIGHT).entries("figures")
    assert leaf.figures[0][2:] == (0, 1)


def test_minutes_before_midnight_are_judged_before_it_is_sealed() -> None:
    """The hold of an incident ends in the day's last minute."""
    by = rules(policy("30d", hold=600), ("30d",))
    [leaf] = lived([late(Topic(), TO_MIDNIGHT - 660, "a")], MIDNIGHT, by).entries("figures")
    assert leaf.incident == "U/resolved@1/1"


def test_days_without_records_have_their_pages() -> None:
    topic = Topic()
    life = lived([late(topic, 0, "a"), late(topic, 3 * DAY_S, "b")])
    assert days_of(life) == ["2024-01-10", "2024-01-11", "2024-01-12"]
    assert [page.units for page in life.entries("day")] == [1, 1, 1]
    assert offsets_of(life) == [[0]]


def test_a_unit_of_nothing_but_zeros_has_no_leaf_and_its_day_a_page() -> None:
    life = lived([Topic().record(0, event("a", "submitted", -1))], MIDNIGHT)
    [page] = life.entries("day")
    assert (page.units, page.root) == (0, merkle.root([]))


@pytest.mark.parametrize(
    ("zone", "begins", "midnights"),
    [
        pytest.param(
            "America/New_York",
            "2024-03-09T12:00:00-05:00",
            ["2024-03-10T05:00", "2024-03-11T04:00", "2024-03-12T04:00"],
            id="an hour is left out",
        ),
        pytest.param(
            "America/Havana",
            "2024-11-02T12:00:00-04:00",
            ["2024-11-03T04:00", "2024-11-04T05:00", "2024-11-05T05:00"],
            id="midnight comes twice",
        ),
        pytest.param(
            "Africa/Cairo",
            "2024-04-25T12:00:00+02:00",
            ["2024-04-25T22:00", "2024-04-26T21:00", "2024-04-27T21:00"],
            id="there is no midnight",
        ),
    ],
)
def test_days_of_other_time_zones(zone: str, begins: str, midnights: list[str]) -> None:
    by = replace(PLAIN, zone=ZoneInfo(zone))
    begin = read_instant(begins) // 1000
    record = late(Topic(), (begin - BEGIN) / 1000, "a")
    pages = lived([record], begin + 3 * 24 * HOUR, by).entries("day")
    assert [iso_millis(page.as_of)[:16] for page in pages] == midnights
    assert [page.day for page in pages] == sorted({page.day for page in pages})


def test_of_a_long_silence_so_many_days_are_sealed_by_ticks_as_by_the_next_record() -> None:
    topic = Topic()
    first, second = late(topic, 0, "a"), late(topic, 1000 * DAY_S, "b")
    by_record = lived([first, second], after(1002 * DAY_S))
    one, life = monitor(PLAIN), Life()
    life.take(one.fold([first]))
    while (wake := one.next_wake) is not None:
        life.take(one.advance(wake + 1))
        again = monitor(PLAIN)
        again.restore(life.state.items())
        assert len(life.entries("day")) > 3 or again.next_wake is not None
    assert len(life.entries("day")) == IDLE_DAYS
    life.take(one.advance(after(999 * DAY_S)))
    again = monitor(PLAIN)
    again.restore(life.state.items())
    for heir in (one, again):
        told = Life()
        told.take(heir.fold([second]))
        told.take(heir.advance(after(1002 * DAY_S)))
        assert [*life.book, *told.book] == by_record.book
    assert days_of(by_record)[IDLE_DAYS - 1 : IDLE_DAYS + 1] == ["2025-02-12", "2026-10-06"]


def test_the_next_wake_is_the_hour_then_the_midnight() -> None:
    one = monitor(rules(windows=("7d",)))
    one.fold([Topic().record(0, event("a", "received", -1))])
    assert one.next_wake == BEGIN + HOUR
    one.advance(BEGIN + HOUR)
    assert one.next_wake == MIDNIGHT


# What a late record corrects


def corrections_of(life: Life) -> list[FigureCorrected]:
    return list(life.entries("figure_corrected"))


def test_a_late_end_corrects_the_days_since() -> None:
    topic = Topic()
    told = event("b", "completed", 10, due=9, dossier="b")
    records = [on_time(topic, 0, "a"), topic.record(2 * DAY_S, told)]
    [entry] = corrections_of(lived(records, by=rules(policy("30d"), ("1d", "30d"))))
    assert (entry.unit_id, entry.dossier_id, entry.event_id) == ("U", "b", "b")
    assert (entry.event_type, entry.offset, entry.clock) == ("completed", 1, after(2 * DAY_S))
    first, second = MIDNIGHT, MIDNIGHT + 24 * HOUR
    assert entry.corrections == (
        Correction("2024-01-10", first, "resolved@1", "30d", (1, 1), (1, 2)),
        Correction("2024-01-10", first, "resolved@1", "1d", (1, 1), (1, 2)),
        Correction("2024-01-10", first, "strict@1", "1d", (1, 1), (1, 2)),
        Correction("2024-01-10", first, "strict@1", "30d", (1, 1), (1, 2)),
        Correction("2024-01-11", second, "resolved@1", "30d", (1, 1), (1, 2)),
        Correction("2024-01-11", second, "strict@1", "30d", (1, 1), (1, 2)),
    )


def test_a_second_correction_goes_on_from_the_first() -> None:
    topic = Topic()
    records = [
        on_time(topic, 0, "a"),
        topic.record(DAY_S, event("b", "completed", 10, due=9, dossier="b")),
        topic.record(DAY_S, event("c", "voided", 11, dossier="b", voids="b")),
    ]
    first, second = corrections_of(lived(records))
    assert {(one.old, one.new) for one in first.corrections} == {((1, 1), (1, 2))}
    assert {(one.old, one.new) for one in second.corrections} == {((1, 2), (1, 1))}


def test_a_unit_of_which_nothing_was_stated_is_corrected_from_nothing() -> None:
    topic = Topic()
    told = event("b", "completed", 10, due=9, dossier="b", unit="V")
    [entry] = corrections_of(lived([late(topic, 0, "a"), topic.record(DAY_S, told, "V")]))
    assert entry.unit_id == "V"
    assert {(one.old, one.new) for one in entry.corrections} == {((0, 0), (0, 1))}


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(event("n", "processing", 5, dossier="a"), id="a note"),
        pytest.param(event("e", "delivered", 50, dossier="a"), id="a lesser end"),
        pytest.param(event("r", "received", 5, due=9 * DAY_S, dossier="o"), id="open, not due"),
        pytest.param(event("t", "completed", DAY_S - 1, due=0, dossier="n"), id="after midnight"),
        pytest.param(event("a-end", "completed", 0, due=-1, dossier="a"), id="a duplicate"),
        pytest.param(event("v", "voided", DAY_S - 1, dossier="a", voids="a-end"), id="void dated"),
    ],
)
def test_what_changes_no_stated_figure_is_no_correction(told: dict[str, object]) -> None:
    """By `resolved@1` and `strict@1` at T; an opening is another matter, and there is none."""
    topic, by = Topic(), rules(policy("30d", min_sample=20), ("7d", "30d"))
    life = lived([late(topic, 0, "a"), topic.record(DAY_S, told)], after(DAY_S), by)
    assert days_of(life) == ["2024-01-10"]
    assert corrections_of(life) == []


def test_the_opening_of_the_latest_incident_is_corrected_by_its_id() -> None:
    """A void counts there whenever it is dated; a sealed day's figure is of the events before T."""
    topic = Topic()
    void = event("v", "voided", 2 * DAY_S, dossier="a", voids="a-end")
    life = lived([late(topic, 0, "a"), topic.record(2 * DAY_S, void)])
    [opened] = [step for step in life.steps if step.kind == "opened"]
    [entry] = corrections_of(life)
    assert entry.corrections == (
        Correction("U/resolved@1/1", opened.evidence.as_of, "resolved@1", "30d", (0, 1), (0, 0)),
    )
    assert (entry.event_type, entry.clock) == ("voided", after(2 * DAY_S))


def test_days_out_of_mind_are_not_corrected() -> None:
    topic, days = Topic(), REMEMBERED_DAYS + 5
    told = event("b", "completed", 10, due=9, dossier="b")
    by = rules(policy("365d"), ("365d",))
    life = lived([late(topic, 0, "a"), topic.record(days * DAY_S, told)], by=by)
    assert len(days_of(life)) == days
    [entry] = corrections_of(life)
    assert {one.stated for one in entry.corrections} == set(days_of(life)[-REMEMBERED_DAYS:])


SECONDS = st.integers(-300, 300).map(lambda step: step * 1800)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from(["completed", "received", "voided", *EVENT_TYPES]))
    occurred = after(draw(SECONDS)) * 1000
    due = draw(st.none() | SECONDS.map(lambda seconds: after(seconds) * 1000))
    voids = draw(st.sampled_from("0123")) if kind == "voided" else None
    arrival = after(draw(SECONDS))
    return Fact(occurred, "?", kind, due, voids, None, None, None, None, arrival, 0)


DOSSIERS = st.lists(facts(), min_size=1, max_size=5).map(
    lambda some: [
        fact._replace(event_id=str(number), offset=number) for number, fact in enumerate(some)
    ]
)


def counted(instants: list[Micros], window: Window, some: list[Fact]) -> list[Tally]:
    """The tallies of one dossier at instants."""
    tallies = Tallies(instants, window, VIET_NAM)
    tallies.add(some)
    return tallies.result()


@steady(150)
@given(dossier=DOSSIERS)
def test_what_a_new_event_shifts_is_what_the_days_differ_by(dossier: list[Fact]) -> None:
    """The looks at shares, one for all windows, give what a recount of each window gives."""
    by = rules(policy("30d"), ("1d", "7d", "month"))
    *known, latest = dossier
    known.sort()
    stated_of_u = figure_names(by.policy, [window.text for window in by.windows])
    stated = StatedFigures(by)
    midnights = [MIDNIGHT + day * 24 * HOUR for day in range(-6, 6)]
    for midnight in midnights:
        stated.begin_day(midnight)
    found = stated.correct("U", stated.shifts(known, latest))
    expected = set()
    for window in by.windows_of("U"):
        old, new = (
            counted([midnight * 1000 for midnight in midnights], window, some)
            for some in (known, sorted(dossier))
        )
        for midnight, *tallies in zip(midnights, old, new, strict=True):
            for name, measure in DEFINITIONS.items():
                was, now = (measure(tally) for tally in tallies)
                if was != now and (name, window.text) in stated_of_u:
                    less = (now[0] - was[0], now[1] - was[1])  # nothing had been stated
                    expected.add((midnight, name, window.text, less))
    assert {(one.as_of, one.definition, one.window, one.new) for one in found} == expected


# Signs


@steady(300)
@given(dossier=DOSSIERS)
def test_no_dossier_with_a_sign_is_passed_over(dossier: list[Fact]) -> None:
    dossier.sort()
    assert not signs_of(dossier, VIET_NAM) or may_show_signs(dossier)


def test_a_sign_stands_in_the_leaf_of_the_day_it_came_up_and_no_other() -> None:
    topic = Topic()
    records = [
        topic.record(0, event("r", "received", 0, due=9 * DAY_S)),
        topic.record(1, event("s", "supplement_requested", 1)),
        topic.record(2, event("c", "supplement_completed", 2)),
        topic.record(DAY_S, event("s2", "supplement_requested", DAY_S)),
        topic.record(2 * DAY_S, event("p", "processing", 2 * DAY_S)),
    ]
    for cut in range(len(records)):
        one, life = monitor(PLAIN), Life()
        for chunk in (records[:cut], records[cut:]):
            one.restore(life.state.items())
            life.take(one.fold(chunk))
            one = monitor(PLAIN)
        one.restore(life.state.items())
        life.take(one.advance(after(3 * DAY_S)))
        assert [leaf.signs for leaf in life.entries("figures")] == [
            (),
            (SignOfDay("second_supplement", "D", "s2"),),
            (),
        ]


# Who takes over


def test_other_terms_are_stated_when_they_come_into_force() -> None:
    topic, life = Topic(), Life()
    life.take(monitor(PLAIN).fold([late(topic, 0, "a")]))
    by = replace(PLAIN, policy=replace(PLAIN.policy, min_sample=5))
    heir = monitor(by)
    heir.restore(life.state.items())
    life.take(heir.advance(MIDNIGHT))
    assert_chained(life.book)
    assert [entry.kind for entry in life.entries()] == [
        "terms",
        "records",
        "terms",
        "figures",
        "day",
    ]
    first, second = life.entries("terms")
    assert (first.policy["min_sample"], second.policy["min_sample"]) == (1, 5)
    assert (second.next_offset, second.clock) == (1, BEGIN)
    [leaf], [page] = life.entries("figures"), life.entries("day")
    assert (leaf.zone, leaf.policy) == ("grey", by.policy.digest)
    assert page.terms == digest_of(life.book[2].value)
    again = monitor(by)
    again.restore(life.state.items())
    life.take(again.fold([late(topic, TO_MIDNIGHT + 1, "b")]))
    assert len(life.entries("terms")) == 2


def test_days_stated_by_the_same_windows_are_corrected_under_another_policy() -> None:
    topic, life = Topic(), Life()
    one = monitor(PLAIN)
    life.take(one.fold([on_time(topic, 0, "a")]))
    life.take(one.advance(MIDNIGHT))
    told = topic.record(DAY_S, event("b", "completed", 10, due=9, dossier="b"))
    for windows, corrected in ((("7d", "30d"), 1), (("7d",), 0)):
        shown = tuple(read_window(name, VIET_NAM) for name in windows)
        stricter = replace(policy("30d" if corrected else "7d"), min_sample=9)
        heir, heard = monitor(MonitorRules(VIET_NAM, shown, DAY, stricter)), Life()
        heir.restore(life.state.items())
        heard.take(heir.fold([told]))
        assert len(heard.entries("figure_corrected")) == corrected


def test_other_time_zone_goes_on_with_the_midnight_after_the_last() -> None:
    topic, life = Topic(), Life()
    one = monitor(PLAIN)
    life.take(one.fold([late(topic, 0, "a")]))
    life.take(one.advance(MIDNIGHT))
    heir = monitor(replace(PLAIN, zone=ZoneInfo("UTC")))
    heir.restore(life.state.items())
    life.take(heir.advance(MIDNIGHT + 24 * HOUR))
    assert_chained(life.book)
    assert [iso_millis(page.as_of)[:16] for page in life.entries("day")] == [
        "2024-01-10T17:00",
        "2024-01-11T00:00",
    ]


@pytest.mark.parametrize("by_tick", [True, False])
def test_a_state_without_a_book_begins_one_and_tells_no_past(by_tick: bool) -> None:
    topic, life, later = Topic(), Life(), Life()
    life.take(monitor(PLAIN).fold([late(topic, 0, "a"), topic.record(1, b"{")]))
    old = {key: value for key, value in life.state.items() if b"book" not in key}
    one = monitor(PLAIN)
    one.restore(old.items(), next_offset=2)
    if by_tick:
        later.take(one.advance(MIDNIGHT))
    later.take(one.fold([late(topic, TO_MIDNIGHT + 60, "b")]))
    assert_chained(later.book)
    terms, leaf, page = later.entries()
    assert (terms.next_offset, terms.clock) == (2, BEGIN)
    assert leaf.figures[0][2:] == (0, 1)
    assert (page.day, page.next_offset) == ("2024-01-10", 2)
    kept = read_state(later.state.items()).book
    assert kept is not None
    assert [mark.offset for mark in kept.block.records()] == [2]


def test_a_torn_state_is_refused() -> None:
    life = lived([late(Topic(), 0, "a")], MIDNIGHT)
    torn = {key: value for key, value in life.state.items() if key != b'["book"]'}
    with pytest.raises(ValueError, match="and not where its chain ends"):
        monitor(PLAIN).restore(torn.items())
    assert len(BOOK_KINDS) == 4


@steady(40)
@given(
    arrivals=st.lists(st.integers(0, 60), min_size=1, max_size=12).map(sorted),
    cuts=st.sets(st.integers(0, 12)),
    ticks=st.booleans(),
)
def test_the_same_book_however_cut_restarted_and_ticked(
    arrivals: list[int], cuts: set[int], ticks: bool
) -> None:
    """Late and early ends over some days; a tick never runs past what is still to come."""
    topic = Topic()
    records = [
        topic.record(
            hour * 7200,
            event("e", "completed", hour * 7200 - number % 5 * 40_000, due=0, dossier=str(number)),
        )
        for number, hour in enumerate(arrivals)
    ]
    end = records[-1].timestamp + 48 * HOUR
    life = lived_in_pieces(records, cuts, end, PLAIN, ticks=ticks)
    assert life.book == lived(records, end).book
