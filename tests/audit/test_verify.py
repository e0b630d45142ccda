"""`verify` over a small history, at every place: what was tampered with, and what cannot be told.

Offsets have gaps where the history is read where it was written, and none in a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.book_days import BookDays
from audit.verifying.finding import Finding
from schemas.book import (
    START,
    BookEntry,
    DayPage,
    FigureCorrected,
    Place,
    RecordsBlock,
    Terms,
    UnitDay,
    digest_of,
    read_entry,
)
from schemas.instants import local_date
from schemas.merkle import root
from schemas.step import IncidentStep, read_step
from streams.monitor import PartitionMonitor
from streams.record import FiledRecord
from streams.routing import partition_of
from tests.audit.sealed_history import History, Live, history_of, lived, verified
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady
from tests.streams.feed import make_feed
from tests.streams.telling import HOUR, Topic, event, late, on_time, policy, rules

RULES = rules(policy("7d", hold=600, min_sample=3), ("1d", "7d"))
STRICTER = replace(RULES, policy=replace(RULES.policy, green=Fraction(19, 20), min_sample=2))
DAY_S = 86_400
Records = list[FiledRecord]


def filed(seed: int, dossiers: int, apart: int = 2) -> Records:
    """A feed as a partition holds it; `apart`: from one offset to the next."""
    sent = make_feed(seed, dossiers, units=4, days=5).sent
    return [
        FiledRecord(0, place * apart, one.timestamp, one.key, one.value)
        for place, one in enumerate(sent)
    ]


@cache
def world() -> tuple[History, tuple[FiledRecord, ...]]:
    """Some 130 records of four units over a week, in which each content stands once."""
    once = {one.value: one for one in reversed(filed(5, 60))}
    records = sorted(once.values(), key=lambda one: one.offset)
    _, history = lived(RULES, records, Random(2))
    assert history.kept is not None
    assert history.kept.block.records(), "some records are in the worker's state only"
    assert len(history.told) > 3
    return history, tuple(records)


def found(history: History) -> Finding:
    finding = verified(history, RULES).finding
    assert finding is not None
    return finding


def fields_of(record: FiledRecord) -> dict[str, str]:
    fields: dict[str, str] = orjson.loads(record.value or b"")
    return fields


def with_fields(record: FiledRecord, **fields: str) -> FiledRecord:
    return record._replace(value=orjson.dumps(fields_of(record) | fields))


def entries_of(history: History) -> list[BookEntry]:
    return [read_entry(one.value or b"") for one in history.entries]


# -- the untouched ---------------------------------------------------------------------------------


@steady(25)
@given(seed=st.integers(0, 10**6), apart=st.integers(1, 3), kept=st.booleans())
def test_ticks_and_restarts_are_confirmed_with_or_without_the_state(
    seed: int, apart: int, kept: bool
) -> None:
    """Arrivals a little out of order, duplicates, late records."""
    dice, records = Random(seed), filed(seed, 40, apart)
    for place in range(1, len(records)):
        if dice.random() < 0.2:
            one, other = records[place - 1 : place + 1]
            records[place] = one._replace(offset=other.offset)
            records[place - 1] = other._replace(offset=one.offset)
    live, history = lived(RULES, records, dice)

    report = verified(history if kept else replace(history, kept=None), RULES)

    assert report.finding is None, report.finding.lines()
    assert (report.records, report.steps) == (len(records), len(live.steps))


def test_records_under_the_wrong_key_or_in_the_wrong_partition() -> None:
    parts: tuple[Records, Records] = ([], [])
    for place, one in enumerate(make_feed(5, 60, units=4, days=5).sent):
        home = partition_of(one.key.decode(), 2)
        part = home if place % 7 else 1 - home
        key = one.key if place % 5 else None
        parts[part].append(FiledRecord(part, len(parts[part]), one.timestamp, key, one.value))
    days = BookDays()
    for part, records in enumerate(parts):
        _, history = lived(RULES, records, Random(part), part, 2)
        for one_history in (history, history.with_records(records)):
            report = verified(one_history, RULES, days, part, 2)
            assert report.finding is None, report.finding.lines()
            assert report.records == len(records)
            assert report.unit_days > 0


def test_dead_letters_duplicates_voids_and_late_events() -> None:
    topic = Topic()
    records = [
        topic.record(0, b"{"),
        late(topic, 1, "a"),
        topic.record(2, None),
        topic.record(3, event("a-end", "completed", 5, dossier="a")),  # another content
        late(topic, 2 * DAY_S, "b"),
        topic.record(2 * DAY_S, event("v", "voided", 10, dossier="a", voids="a-end")),
        topic.record(3 * DAY_S, event("z", "completed", 10, due=9, dossier="z")),
    ]
    topic.next = 20
    records.append(on_time(topic, 4 * DAY_S, "q"))
    _, history = lived(RULES, records)
    for one in (history, history.with_records(records)):
        report = verified(one, RULES)
        assert (report.finding, report.corrections, len(report.days)) == (None, 2, 4)


def test_a_step_of_records_that_no_entry_holds_yet() -> None:
    """A hold ends between two records of the open block, and the worker's state is not at hand."""
    topic = Topic()
    records = [late(topic, second, str(second)) for second in (0, 1, 2, 1200)]
    live, history = lived(RULES, records)
    report = verified(replace(history, kept=None), RULES)
    assert (report.finding, report.steps, report.unsealed) == (None, 1, 4)
    assert len(live.steps) == 1


def test_a_jump_over_more_midnights_than_are_sealed() -> None:
    topic = Topic()
    records = [late(topic, 0, "a"), late(topic, 420 * DAY_S, "b"), on_time(topic, 421 * DAY_S, "c")]
    report = verified(lived(RULES, records)[1], RULES)
    assert (report.finding, len(report.days)) == (None, 401)


def test_a_partition_of_nothing_usable() -> None:
    topic = Topic()
    records = [topic.record(0, b"{"), topic.record(1, b"")]
    _, history = lived(RULES, records)
    assert verified(history, RULES).finding is None
    assert found(history.with_records(records[:1])).text == "the record sealed at offset 1 is gone"


@pytest.mark.parametrize("cut", [1, 20, 50, 90])
@pytest.mark.parametrize("tick", ["before", "after", "none"])
def test_other_terms_from_a_restart_on(cut: int, tick: str) -> None:
    records = list(world()[1])
    live = Live(RULES)
    live.fold(records[:cut])
    if tick == "before":
        live.tick(records[cut].timestamp - 1)
    live.restart(STRICTER)
    if tick == "after":
        live.tick(records[cut].timestamp)
    live.fold(records[cut:])
    live.restart(RULES)
    live.tick(records[-1].timestamp + 30 * HOUR)
    history = history_of(live, records)
    terms = [entry for entry in entries_of(history) if isinstance(entry, Terms)]

    assert [one.policy["min_sample"] for one in terms] == [3, 2, 3]
    for one in (history, history.with_records(records)):
        report = verified(one, STRICTER)
        assert report.finding is None, report.finding.lines()
        assert report.steps == len(live.steps)


# -- records ---------------------------------------------------------------------------------------


class Tampered:
    """Records one of which is not as it was, and how that has to be named."""

    def __init__(self, records: Sequence[FiledRecord], place: int, other: int) -> None:
        self.copy = list(records)
        self.was, self.place, self.other = records[place], place, other
        self.topic_offset: int | None = place
        self.named = [self.was]  # of which one is named

    def removed(self) -> None:
        del self.copy[self.place]
        self.topic_offset = None

    def changed(self) -> None:
        self.copy[self.place] = with_fields(self.was, occurred_at="2025-01-06T00:00:01Z")

    def rekeyed(self) -> None:
        self.copy[self.place] = self.was._replace(key=b"U009")

    def inserted(self) -> None:
        record = with_fields(self.was, event_id="new")
        self.copy.insert(self.place, record)
        self.named = [record]

    def moved_in_time(self) -> None:
        self.copy[self.place] = self.was._replace(timestamp=self.was.timestamp - 7 * HOUR)

    def moved_in_place(self) -> None:
        del self.copy[self.place]
        self.copy.insert(self.other, self.was)
        self.topic_offset = self.other

    def moved(self) -> None:
        arrival = self.copy[self.other].timestamp
        del self.copy[self.place]
        self.copy.insert(self.other, self.was._replace(timestamp=arrival))
        self.topic_offset = self.other

    def swapped(self) -> None:
        one, other = self.place, self.other
        self.named = [self.was, self.copy[other]]
        self.copy[one], self.copy[other] = self.copy[other], self.copy[one]
        self.topic_offset = None


TAMPERINGS: list[tuple[Callable[[Tampered], None], str]] = [
    (Tampered.removed, "removed"),
    (Tampered.changed, "changed"),
    (Tampered.rekeyed, "changed"),
    (Tampered.inserted, "inserted"),
    (Tampered.moved_in_time, "moved"),
    (Tampered.moved_in_place, "moved"),
    (Tampered.moved, "moved"),
    (Tampered.swapped, "moved"),
]


def assert_named(tamper: Callable[[Tampered], None], difference: str, place: int, by: int) -> None:
    history, records = world()
    other = (place + by) % len(records)
    tampered = Tampered(records, place, other)
    tamper(tampered)

    finding = found(history.with_records(tampered.copy))

    where = finding.lines()
    assert (finding.about, finding.difference) == ("records", difference), where
    assert finding.partition == 0
    named = [fields_of(one) for one in tampered.named]
    assert finding.unit_id in [one["unit_id"] for one in named], where
    known = [(one["dossier_id"], one["event_id"]) for one in named]
    if difference == "removed":
        assert finding.event_id is None
        assert finding.dossier_id == known[0][0] or "no other record tells" in finding.text
        assert finding.dossier_id is None or "no other record tells" not in finding.text
    else:
        assert (finding.dossier_id, finding.event_id) in known, where
    offsets = [one.offset for one in tampered.named]
    assert finding.offset in ([None] if difference == "inserted" else offsets), where
    assert tampered.topic_offset in (None, finding.topic_offset), where
    arrivals = [one.timestamp for one in tampered.named]
    days = [local_date(one * 1_000, VIET_NAM).isoformat() for one in arrivals]
    assert (finding.at, finding.day) in list(zip(arrivals, days, strict=True)), where


@pytest.mark.parametrize(("tamper", "difference"), TAMPERINGS)
@pytest.mark.parametrize("place", [0, 1, 60, -2, -1])  # the last one: in no entry of the book yet
def test_every_tampering_with_a_record_is_named(
    tamper: Callable[[Tampered], None], difference: str, place: int
) -> None:
    assert_named(tamper, difference, place % len(world()[1]), 30)


@steady(100)
@given(
    which=st.sampled_from(TAMPERINGS),
    place=st.integers(0, 10**4),
    by=st.integers(2, 60) | st.integers(-60, -2),
)
def test_wherever_it_is(which: tuple[Callable[[Tampered], None], str], place: int, by: int) -> None:
    assert_named(*which, place % len(world()[1]), by)


@pytest.mark.parametrize("place", [0, 60, -1])
def test_a_record_made_one_of_another_dossier(place: int) -> None:
    history, records = world()
    copy, was = list(records), records[place]
    copy[place] = with_fields(was, dossier_id="D-other")
    finding = found(history.with_records(copy))
    assert (finding.difference, finding.offset) == ("changed", was.offset)
    assert finding.dossier_id == "D-other"


def test_of_two_neighbours_changed_about_one_is_named() -> None:
    history, records = world()
    for place in range(0, len(records) - 1, 9):
        copy = list(records)
        copy[place], copy[place + 1] = copy[place + 1], copy[place]
        finding = found(history.with_records(copy))
        assert finding.difference == "moved"
        assert finding.offset in (records[place].offset, records[place + 1].offset)


def test_the_first_sealed_figure_that_differs_thereby() -> None:
    """The end of a dossier is taken out: the figures of that day count one less."""
    history, records = world()
    ends = [one for one in records[:100] if fields_of(one)["type"] == "completed"]
    for gone in ends[::6]:
        finding = found(history.with_records([one for one in records if one is not gone]))
        thereby = finding.thereby
        assert thereby is not None
        assert (thereby.about, thereby.unit_id) == ("figures", fields_of(gone)["unit_id"])
        assert thereby.day == finding.day
        assert (thereby.definition, thereby.window) == ("resolved@1", "7d")
        (stated_of, recomputed_of) = (
            int((text or "").split(" of ")[1]) for text in (thereby.stated, thereby.recomputed)
        )
        assert recomputed_of == stated_of - 1


def test_what_changes_no_sealed_figure_is_found_all_the_same() -> None:
    """A duplicate, taken out."""
    topic = Topic()
    end = late(topic, 1, "a")
    records = [end, topic.record(2, end.value), late(topic, 2 * DAY_S, "b")]
    finding = found(lived(RULES, records)[1].with_records([records[0], records[2]]))
    assert (finding.difference, finding.offset, finding.dossier_id) == ("removed", 1, "a")
    assert finding.thereby is None


def test_first_records_that_the_topic_does_not_hold_any_more() -> None:
    history, records = world()
    finding = found(replace(history, written=records[10:]))
    assert (finding.about, finding.difference, finding.offset) == ("records", "cut", 0)
    assert finding.text.startswith(f"the topic begins with offset {records[10].offset}, and")
    first = found(history.with_records(records[10:]))  # a copy has nothing to tell it by
    assert (first.difference, first.offset) == ("removed", 0)


def test_a_topic_that_holds_nothing_any_more() -> None:
    finding = found(world()[0].with_records([]))
    assert (finding.difference, finding.offset) == ("removed", 0)


# -- many records in one place ---------------------------------------------------------------------


@cache
def long_world() -> tuple[History, tuple[FiledRecord, ...]]:
    """Some 2,000 records, each content once."""
    once = {one.value: one for one in reversed(filed(5, 900, 1))}
    records = sorted(once.values(), key=lambda one: one.offset)
    assert len(records) > 1_800
    return lived(RULES, records, Random(2))[1], tuple(records)


@pytest.mark.parametrize(("first", "number"), [(300, 520), (100, 1_200), (300, 511), (700, -50)])
def test_many_records_that_are_removed_in_one_place(first: int, number: int) -> None:
    """More than are looked at, or nearly to the end: named is the first of them, never another."""
    history, records = long_world()
    last = first + number if number > 0 else len(records) + number
    finding = found(history.with_records([*records[:first], *records[last:]]))
    assert (finding.about, finding.difference) == ("records", "removed"), finding.lines()
    assert (finding.offset, finding.topic_offset) == (records[first].offset, None)
    dossier = fields_of(records[first])["dossier_id"]
    assert finding.dossier_id == dossier or "no other record tells" in finding.text
    nothing_in_common = "from there on records and book have nothing in common" in finding.text
    assert nothing_in_common == (last - first >= 512 and len(records) - last >= 512)


@pytest.mark.parametrize("number", [1, 2, 3, 5])
@pytest.mark.parametrize("place", range(1, 8))
def test_records_inserted_where_an_hour_ends(place: int, number: int) -> None:
    """A block of marks begins anew there, and no offset may go back in it."""
    topic = Topic()
    records = [on_time(topic, hour * 3_600, f"d{hour}") for hour in range(8)]
    _, history = lived(rules(), records)
    extra = [
        on_time(topic, (place - (n == 0)) * 3_600, f"x{n}")._replace(offset=0)
        for n in range(number)
    ]
    found = verified(
        history.with_records([*records[:place], *extra, *records[place:]]), rules()
    ).finding
    assert found is not None
    assert (found.about, found.difference, found.dossier_id) == ("records", "inserted", "x0")


def test_many_records_that_are_inserted_in_one_place() -> None:
    history, records = long_world()
    others = [with_fields(one, event_id=f"new-{n}") for n, one in enumerate(records[:700])]
    finding = found(history.with_records([*records[:300], *others, *records[300:]]))
    assert (finding.difference, finding.offset, finding.topic_offset) == ("inserted", None, 300)
    assert finding.event_id == "new-0"


def test_a_topic_in_which_nothing_is_what_the_book_knows() -> None:
    history, records = long_world()
    others = [with_fields(one, event_id=f"new-{n}") for n, one in enumerate(records)]
    moved = [one._replace(timestamp=one.timestamp + 1) for one in others]
    finding = found(history.with_records([*records[:200], *moved[200:]]))
    assert (finding.difference, finding.offset) == ("removed", records[200].offset)
    assert "nothing in common" in finding.text


# -- the book --------------------------------------------------------------------------------------


def chained_anew(entries: Sequence[FiledRecord], partition: int = 0) -> Records:
    """As a forger writes it: numbers, digests and roots fit again."""
    made, leaves = list[FiledRecord](), list[bytes]()
    number, head, terms = 0, START, ""
    for one in entries:
        entry = read_entry(one.value or b"")
        if isinstance(entry, UnitDay):
            leaves.append(one.value or b"")
            made.append(one)
            continue
        entry = entry._replace(place=Place(partition, number + 1, head))
        if isinstance(entry, DayPage):
            entry = entry._replace(root=root(leaves), units=len(leaves), terms=terms)
            leaves = []
        value = entry.to_json()
        number, head = number + 1, digest_of(value)
        terms = head if isinstance(entry, Terms) else terms
        made.append(one._replace(value=value))
    return made


def altered(entry: BookEntry) -> BookEntry:
    """The same entry, saying something else."""
    if isinstance(entry, UnitDay):
        first, *others = entry.figures
        return entry._replace(figures=(first._replace(numerator=first.numerator + 1), *others))
    if isinstance(entry, DayPage):
        return entry._replace(root="00" * 32)
    if isinstance(entry, RecordsBlock):
        first_mark, *marks = entry.marks
        return entry._replace(marks=(first_mark._replace(arrival=first_mark.arrival - 1), *marks))
    if isinstance(entry, FigureCorrected):
        one, *rest = entry.corrections
        return entry._replace(corrections=(one._replace(new=(98, 99)), *rest))
    return entry._replace(due_soon=1)


@cache
def corrected_world() -> History:
    """With an entry of every kind, and more than one of each but the terms."""
    topic = Topic()
    records = []
    for day in range(4):
        at = day * DAY_S
        records += [late(topic, at, f"a{day}"), on_time(topic, at + 60, f"b{day}", "V")]
        told = event(f"c{day}", "completed", at - DAY_S, due=9, dossier=f"c{day}")
        records.append(topic.record(at + 120, told))
    history = lived(RULES, records, Random(3))[1]
    assert sum(isinstance(entry, FigureCorrected) for entry in entries_of(history)) > 1
    return history


def places() -> range:
    return range(len(corrected_world().entries))


@pytest.mark.parametrize("anew", [False, True])
def test_every_entry_that_is_changed_is_found(anew: bool) -> None:
    """Left as it is after it, or with all digests after it made to fit."""
    history = corrected_world()
    for place in places():
        entry = read_entry(history.entries[place].value or b"")
        if anew and isinstance(entry, DayPage):
            continue  # the root is made to fit: nothing has been changed
        entries = list(history.entries)
        entries[place] = entries[place]._replace(value=altered(entry).to_json())
        entries = chained_anew(entries) if anew else entries
        finding = found(replace(history, entries=entries))
        if not anew:
            assert (finding.about, finding.difference) == ("book", "changed")
        if isinstance(entry, UnitDay):
            assert (finding.unit_id, finding.day) == (entry.unit_id, entry.day)
            assert (finding.definition, finding.window) == entry.figures[0][:2]
            assert finding.stated != finding.recomputed
        elif not anew:
            assert finding.number == entry.place.number


@pytest.mark.parametrize("anew", [False, True])
def test_every_entry_that_is_gone_or_doubled_is_found(anew: bool) -> None:
    history = corrected_world()
    make = chained_anew if anew else list
    for place in places():
        before, after = history.entries[:place], history.entries[place + 1 :]
        one = history.entries[place]
        gone = found(replace(history, entries=make([*before, *after])))
        doubled = found(replace(history, entries=make([*before, one, one, *after])))
        if not anew:
            last_chained = place == len(history.entries) - 1
            assert gone.about == doubled.about == "book"
            assert gone.difference == "missing" or last_chained
            assert doubled.difference in ("second", "invented")


def test_the_last_entries_cut_off_are_found() -> None:
    history = corrected_world()
    for place in places():
        finding = found(replace(history, entries=history.entries[:place]))
        assert (finding.about, finding.difference) in (("book", "cut"), ("book", "missing"))


def test_a_root_changed_with_all_digests_left() -> None:
    history = corrected_world()
    place = [n for n, one in enumerate(entries_of(history)) if isinstance(one, DayPage)][-1]
    page = read_entry(history.entries[place].value or b"")
    assert isinstance(page, DayPage)
    entries = list(history.entries)
    entries[place] = entries[place]._replace(value=altered(page).to_json())
    finding = found(replace(history, entries=entries))
    assert (finding.about, finding.day, finding.number) == ("book", page.day, page.place.number)


def forged() -> tuple[History, History]:
    """The true history, and one of a forger: records, steps and the whole book made again."""
    history, records = world()
    others = [one for n, one in enumerate(records) if n != 40]
    return history, lived(RULES, others)[1]


def test_a_whole_history_made_again_is_not_found_without_what_the_worker_keeps() -> None:
    _, forgery = forged()
    assert verified(replace(forgery, kept=None), RULES).finding is None
    assert verified(forgery, RULES).finding is None  # nor where that has been made again too


def test_a_whole_history_made_again_is_found_by_what_the_worker_keeps() -> None:
    history, forgery = forged()
    finding = found(replace(forgery, kept=history.kept))
    assert finding.about == "book"
    assert "worker" in finding.text


def test_a_whole_history_made_again_has_other_digests_from_that_day_on() -> None:
    history, forgery = forged()
    printed, now = BookDays(), BookDays()
    verified(history, RULES, printed)
    verified(forgery, RULES, now)
    same = [one.digest == other.digest for one, other in zip(printed.all(), now.all(), strict=True)]
    assert same == sorted(same, reverse=True)
    assert not same[-1]


# -- steps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "of"),
    [
        ("at", lambda step: step._replace(at=step.at + 60_000)),
        ("zone", lambda step: step._replace(zone="grey")),
        ("as_of", lambda step: evidence(step, as_of=step.evidence.as_of + 1)),
        ("numerator", lambda step: evidence(step, numerator=step.evidence.numerator + 1)),
        ("denominator", lambda step: evidence(step, denominator=999)),
        ("offset", lambda step: evidence(step, offset=step.evidence.offset + 2)),
        ("policy", lambda step: evidence(step, policy="0" * 16)),
    ],
)
def test_every_step_that_is_changed_is_found(
    field: str, of: Callable[[IncidentStep], IncidentStep]
) -> None:
    history, _ = world()
    for place, record in enumerate(history.told):
        step = read_step(record.value or b"")
        told = list(history.told)
        told[place] = record._replace(value=of(step).to_json())
        finding = found(replace(history, told=told))
        assert (finding.about, finding.difference) == ("steps", "changed")
        assert finding.unit_id == step.unit_id
        assert step.incident_id in finding.text
        name = field.replace("_", " ") + " "
        assert (finding.stated or "").startswith(name)
        assert (finding.recomputed or "").startswith(name)


def evidence(step: IncidentStep, **fields: object) -> IncidentStep:
    return step._replace(evidence=step.evidence._replace(**fields))  # type: ignore[arg-type]


def test_every_step_that_is_gone_or_stands_there_twice_is_found() -> None:
    history, _ = world()
    for place, record in enumerate(history.told):
        step = read_step(record.value or b"")
        before, after = history.told[:place], history.told[place + 1 :]
        gone = found(replace(history, told=[*before, *after]))
        twice = found(replace(history, told=[*before, record, record, *after]))
        assert (gone.difference, gone.at, gone.unit_id) == ("missing", step.at, step.unit_id)
        assert (twice.difference, twice.at) == ("invented", step.at)


# -- what cannot be told ---------------------------------------------------------------------------


def test_without_a_book_only_the_steps_are_checked_and_that_is_said() -> None:
    history, records = world()
    bare = replace(history, entries=[], kept=None)
    report = verified(bare, RULES)
    assert (report.finding, report.entries, report.steps) == (None, 0, len(history.told))
    assert report.unsealed == len(records)
    assert report.remarks == [
        "partition 0: it has no book; only the steps are checked, by the settings of today"
    ]
    assert found(replace(bare, told=history.told[1:])).difference == "missing"
    other = verified(bare, STRICTER).finding
    assert other is not None
    assert other.about == "steps"


def begun_late(cut: int, before: Fraction) -> tuple[History, list[FiledRecord]]:
    """The book of a worker that took over from a release without one, perhaps by other settings."""
    records = list(world()[1])
    old = replace(RULES, policy=replace(RULES.policy, green=before))
    live = Live(old)
    live.fold(records[:cut])
    live.tick(records[cut].timestamp - 1)
    live.book.clear()
    live.state = {key: value for key, value in live.state.items() if b"book" not in key}
    live.rules = RULES
    live.monitor = PartitionMonitor(0, 1, RULES)
    live.monitor.restore(live.state.items(), records[cut - 1].offset + 1)
    live.fold(records[cut:])
    return history_of(live, records), records


@pytest.mark.parametrize("cut", [1, 30, 60, 100])
def test_a_book_that_began_in_the_middle(cut: int) -> None:
    history, records = begun_late(cut, RULES.policy.green)
    report = verified(history, RULES)
    assert report.finding is None
    assert report.remarks == [f"partition 0: {cut} records are older than the book"]
    after = found(replace(history, written=[*records[: cut + 5], *records[cut + 6 :]]))
    assert (after.difference, after.offset) == ("removed", records[cut + 5].offset)
    older = found(replace(history, written=records[1:]))
    assert older.about == "figures"  # no mark: found by the first figure that it changes
    assert older.day


@pytest.mark.parametrize("cut", [1, 60, 100])
def test_a_policy_from_before_the_book_is_not_known(cut: int) -> None:
    history, _ = begun_late(cut, Fraction(19, 20))
    report = verified(history, RULES)
    assert report.finding is None
    assert any("by a policy that nobody wrote down" in one for one in report.remarks) == (cut > 1)


def test_an_incident_of_an_unknown_policy_may_be_why() -> None:
    """Open, or not, when the book began: only the policy of then would tell."""
    finding = found(begun_late(80, Fraction(4, 5))[0])
    assert finding.about == "steps"
    assert finding.text.endswith("the policy from before the book is not known, and may be why")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"definitions": ["resolved@1", "swift@7"]}, "swift@7", id="definition"),
        pytest.param({"windows": ["9q"]}, "9q", id="window"),
        pytest.param({"timezone": "Asia/Nowhere"}, "Asia/Nowhere", id="time zone"),
    ],
)
def test_terms_that_this_release_does_not_have(fields: dict[str, object], named: str) -> None:
    """The book of another release: sound in itself, and not to be recomputed here."""
    history, _ = world()
    first, *others = history.entries
    value = orjson.dumps(orjson.loads(first.value or b"") | fields)
    entries = chained_anew([first._replace(value=value), *others])
    finding = found(replace(history, entries=entries, kept=None))
    assert (finding.about, finding.difference, finding.number) == ("book", "unknown", 1)
    assert named in finding.text
    assert "a release that knows it" in finding.text


@pytest.mark.parametrize(("gone", "said"), [(1, "entry 5 is missing"), (2, "entries 5 to 6 are")])
def test_a_book_with_a_gap(gone: int, said: str) -> None:
    history, _ = world()
    chained = [n for n, one in enumerate(entries_of(history)) if not isinstance(one, UnitDay)]
    assert chained[:6] == list(range(6)), "no leaves among the first"
    entries = [*history.entries[:4], *history.entries[4 + gone :]]
    finding = found(replace(history, entries=entries))
    assert (finding.about, finding.difference, finding.number) == ("book", "missing", 5)
    assert said in finding.text


@pytest.mark.parametrize("gone", [1, 2])
def test_a_page_that_is_gone_is_named_with_its_day_and_number(gone: int) -> None:
    """Its leaves lie there; it and the entry after it."""
    history = corrected_world()
    entries = entries_of(history)
    places = [n for n, one in enumerate(entries[:-2]) if isinstance(one, DayPage)]
    assert len(places) > 1
    for place in places:
        page = entries[place]
        assert isinstance(page, DayPage)
        left = [*history.entries[:place], *history.entries[place + gone :]]
        finding = found(replace(history, entries=left))
        number = page.place.number
        assert (finding.about, finding.difference, finding.number) == ("book", "missing", number)
        assert (finding.day, finding.at, finding.unit_id) == (page.day, page.as_of, None)
        assert finding.text == (
            f"the figures of {page.day} are there, and the page that closes them, "
            f"entry {number}, is not"
            + (f"; nor are the entries after it to {number + 1}" * (gone > 1))
        )


def test_an_entry_gone_before_leaves_and_their_page_is_none_of_the_page_s() -> None:
    history = corrected_world()
    entries = entries_of(history)
    place = next(
        n
        for n, one in enumerate(entries)
        if n and not isinstance(one, UnitDay) and isinstance(entries[n + 1], UnitDay)
    )
    left = [*history.entries[:place], *history.entries[place + 1 :]]
    finding = found(replace(history, entries=left))
    one = entries[place]
    assert not isinstance(one, UnitDay)
    assert finding.text.startswith(f"entry {one.place.number} is missing before the day entry")


def test_days_cut_off_are_missed_though_no_worker_s_state_is_left() -> None:
    history, _ = world()
    pages = [
        place
        for place, one in enumerate(history.entries)
        if isinstance(read_entry(one.value or b""), DayPage)
    ]
    cut = replace(history, entries=history.entries[: pages[-3] + 1], kept=None)
    finding = verified(cut, RULES).finding
    assert finding is not None
    assert (finding.about, finding.difference) == ("figures", "missing")
    assert finding.day is not None
