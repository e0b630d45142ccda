"""What the sealed book states, and what it corrects, is what brute force counts.

A leaf: the figures at midnight of the records read by then. The figure as last corrected: that at
the same midnight of all records. Bursts of corrections: by every span of ten minutes that there is.
Over untidy feeds, cut and restarted; and over the receipt log, as `replay --as-of` answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.history import read_history
from audit.replay import FigureReplay
from indicators.windows import read_window
from schemas.book import NO_BURSTS, BookEntry, DayPage, FigureCorrected, UnitDay, read_entry
from streams.monitor import PartitionMonitor
from streams.record import read_record
from tests.commands import RECEIPT
from tests.core_under_test import WINDOWS, record_of, rules_of
from tests.oracle.count import count, open_states
from tests.oracle.feeds import Feed, Sent, Shape, feed, logged
from tests.oracle.fold import (
    Known,
    end_position,
    fates,
    fold_unit,
    from_millis,
    instant,
    moved,
    pauses_of,
    promised,
    standing_events,
)
from tests.oracle.incidents import Policy
from tests.oracle.strategies import SEEDS, chosen, feeds
from tests.streams.worker_process import rules as worker_rules

Figures = dict[tuple[str, str, str, str], tuple[int, int]]  # day, unit, definition, window
POLICY = Policy(window="7d", min_sample=1)
DEFINITIONS = ("resolved@1", "strict@1")


def book_of(feed_: Feed, partition: int, random: Random) -> list[BookEntry]:
    """The entries of a partition, folded in chunks, ticked between them and restarted."""
    rules, records = rules_of(feed_, POLICY), feed_.of(partition)
    one = PartitionMonitor(partition, feed_.partitions, rules)
    kept: dict[bytes, bytes] = {}
    found: list[BookEntry] = []
    position = 0
    while position < len(records):
        cut = position + random.choice((1, 2, 7, 40))
        told = [one.fold(map(record_of, records[position:cut]))]
        if one.clock is not None:
            following = records[cut].arrival if cut < len(records) else one.clock + 50 * 3_600_000
            told.append(one.advance(random.randint(min(one.clock, following), following)))
        for effects in told:
            kept |= effects.changes
            found += [read_entry(entry.value) for entry in effects.book]
        position = cut
        if random.random() < 0.3:
            one = PartitionMonitor(partition, feed_.partitions, rules)
            one.restore(kept.items())
    return found


def figures_of(feed_: Feed, records: list[Known], page: DayPage, unit: str) -> Figures:
    at = from_millis(page.as_of)
    folded = fold_unit(records, unit, at, feed_.zone)
    counts = {
        (page.day, unit, definition, window): count(folded, definition, window, at, feed_.zone)
        for definition in DEFINITIONS
        for window in WINDOWS
    }
    return {key: (one.numerator, one.denominator) for key, one in counts.items()}


def assert_stated_and_corrected(feed_: Feed, random: Random) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for partition in range(feed_.partitions):
        records = feed_.of(partition)
        entries = book_of(feed_, partition, random)
        units = {known.event["unit_id"] for known in records}
        stated: Figures = {}
        leaves: dict[str, UnitDay] = {}
        earlier: list[Known] = []  # read when the last day was sealed
        for entry in entries:
            kinds[entry.kind] += 1
            if isinstance(entry, UnitDay):
                leaves[entry.unit_id] = entry
            elif isinstance(entry, DayPage):
                read = [known for known in records if known.offset < entry.next_offset]
                for unit in units:
                    expected = figures_of(feed_, read, entry, unit)
                    assert_leaf(leaves.get(unit), expected, feed_, read, entry, unit)
                    kinds += assert_bursts(leaves.get(unit), feed_, earlier, read, unit)
                    stated |= expected
                told = [leaf.bursts or NO_BURSTS for leaf in leaves.values()]
                assert entry.burst_count == sum(len(one.listed) + one.more for one in told)
                leaves, earlier = {}, read
            elif isinstance(entry, FigureCorrected):
                for one in entry.corrections:
                    if "/" not in one.stated:  # else of an incident
                        key = (one.stated, entry.unit_id, one.definition, one.window)
                        assert stated[key] == one.old != one.new
                        stated[key] = one.new
        for page in (entry for entry in entries if isinstance(entry, DayPage)):
            for unit in units:
                now = figures_of(feed_, records, page, unit)
                assert {key: stated[key] for key in now} == now
    return kinds


def assert_leaf(
    leaf: UnitDay | None,
    expected: Figures,
    feed_: Feed,
    read: list[Known],
    page: DayPage,
    unit: str,
) -> None:
    at = from_millis(page.as_of)
    states = open_states(fold_unit(read, unit, at, feed_.zone), at)
    if leaf is None:
        assert not any(map(any, expected.values()))
        assert not any(vars(states).values())
        return
    if not any(map(any, expected.values())):
        assert leaf.signs or leaf.bursts != NO_BURSTS or any(vars(states).values())
    found = {(page.day, unit, one.definition, one.window): one[2:] for one in leaf.figures}
    assert found == expected
    assert leaf.open._asdict() == vars(states)
    assert (leaf.day, leaf.as_of) == (page.day, page.as_of)


Correction = tuple[int, str, str]  # arrival, dossier, event
BURST, TEN_MINUTES = 5, 600_000
THREE_DAYS = 3 * 86_400_000
LAST = datetime(9000, 1, 1, tzinfo=UTC)


def corrections(records: Sequence[Known], unit: str, feed_: Feed) -> set[Correction]:
    """The voids, and the due dates stated too late to count, but for that on a first slip."""
    by_dossier: dict[str, list[Known]] = {}
    for known, fate in zip(records, fates(records), strict=True):
        if fate == "folded" and known.event["unit_id"] == unit:
            by_dossier.setdefault(known.event["dossier_id"], []).append(known)
    found = set()
    for dossier, told in by_dossier.items():
        events = [known.event for known in told]
        too_late = moved_too_late(standing_events(events, LAST), feed_)
        for known in told:
            if known.event["type"] == "voided" or known.event["event_id"] in too_late:
                found.add((known.arrival, dossier, known.event["event_id"]))
    return found


def moved_too_late(events: Sequence[Mapping[str, Any]], feed_: Feed) -> set[str]:
    end, (pauses, _) = end_position(events), pauses_of(events, LAST)
    slips = [event["event_id"] for event in events if event["type"] == "apology_issued"]
    standing: tuple[datetime, datetime] | None = None
    found = set()
    for number, event in enumerate(events):
        if event.get("due_at") is None:
            continue
        at, due = instant(event["occurred_at"]), promised(event["due_at"], feed_.zone)
        ended = end is not None and number >= end
        ends_pause = event["event_id"] in [pause.ended_by for pause in pauses]
        if standing is None or ends_pause or (not ended and at <= moved(*standing, pauses, at)):
            standing = (due, at)
        elif due != standing[0]:
            found.add(event["event_id"])
    return found - set(slips[:1])


def crowds(corrections_: set[Correction]) -> list[set[Correction]]:
    """Every span of ten minutes with five or more, those that share one put together."""
    found: list[set[Correction]] = []
    for begin, _, _ in corrections_:
        span = {one for one in corrections_ if begin <= one[0] <= begin + TEN_MINUTES}
        if len(span) >= BURST:
            apart = [one for one in found if not one & span]
            found = [*apart, span.union(*(one for one in found if one & span))]
    return sorted(found, key=min)


def assert_bursts(
    leaf: UnitDay | None, feed_: Feed, earlier: list[Known], read: list[Known], unit: str
) -> Counter[str]:
    """Those with a correction that was in none before, and these by name; how many there were."""
    kinds: Counter[str] = Counter()
    was = set().union(*crowds(corrections(earlier, unit, feed_)))
    expected = []
    for crowd in crowds(corrections(read, unit, feed_)):
        if came := sorted(crowd - was):
            names = [(dossier, event) for _, dossier, event in came]
            expected.append((min(crowd)[0], max(crowd)[0], len(crowd), names))
            kinds["grown" if crowd & was else "burst"] += 1
    listed = () if leaf is None or leaf.bursts is None else leaf.bursts.listed
    assert [(*one[:3], list(map(tuple, one.named))) for one in listed] == expected
    return kinds


def crowded(feed_: Feed, random: Random) -> Feed:
    """The same, with what may correct something arriving in a few crowds, around midnight too."""
    sent = []
    for known in feed_.records:
        arrival = known.arrival
        if known.event["type"] in ("voided", "due_changed"):
            midnight = (arrival // THREE_DAYS + 1) * THREE_DAYS - 7 * 3_600_000
            arrival = midnight + round(random.gauss(0, 6) * 60_000)
        sent.append(Sent(dict(known.event), arrival))
    sent.sort(key=lambda one: one.arrival)
    return logged(sent, feed_.zone, feed_.partitions)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_bursts_of_corrections(seed: int) -> None:
    """The midnights of Viet Nam: the crowds come around them."""
    random = Random(seed)
    feed_ = feed(seed, Shape(units=2, dossiers=20, days=5, taken_back=0.7))
    viet_nam = replace(feed_, zone=ZoneInfo("Asia/Ho_Chi_Minh"))
    kinds = assert_stated_and_corrected(crowded(viet_nam, random), random)
    assert kinds["burst"] > 2
    assert kinds["grown"] > 0


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_days_and_corrections_of_untidy_feeds(seed: int) -> None:
    random = Random(seed)
    kinds = assert_stated_and_corrected(feed(seed, Shape(dossiers=10, days=6)), random)
    assert {
        kind: kinds[kind] for kind in ("day", "figures", "figure_corrected") if kinds[kind] < 3
    } == {}


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_days_and_corrections_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_stated_and_corrected(feed_, random)


def test_every_record_is_marked_once_whatever_became_of_it() -> None:
    feed_ = feed(SEEDS[0], Shape(dossiers=10, days=6))
    for partition in range(feed_.partitions):
        records = feed_.of(partition)
        assert len(set(fates(records))) > 1
        entries = book_of(feed_, partition, Random(1))
        marked = [mark for entry in entries if entry.kind == "records" for mark in entry.marks]  # type: ignore[union-attr]
        assert [mark.offset for mark in marked] == [known.offset for known in records][
            : len(marked)
        ]
        assert [mark.arrival for mark in marked] == [known.arrival for known in records][
            : len(marked)
        ]


def test_sealed_days_of_the_receipt_log_are_what_replay_answers() -> None:
    """At midnight, as known a millisecond before it: for every unit with a non-zero count."""
    rules = worker_rules()
    [records] = read_history(RECEIPT / "events.jsonl.gz").records(1)
    entries = [
        read_entry(entry.value) for entry in PartitionMonitor(0, 1, rules).fold(records).book
    ]
    pages = [entry for entry in entries if isinstance(entry, DayPage)]
    leaves: dict[int, Figures] = {page.as_of: {} for page in pages}
    for leaf in (entry for entry in entries if isinstance(entry, UnitDay)):
        leaves[leaf.as_of] |= {
            (leaf.day, leaf.unit_id, one.definition, one.window): (one.numerator, one.denominator)
            for one in leaf.figures
        }
    assert len(pages) > 300
    windows = [read_window(text, rules.zone) for text in ("30d", "365d")]
    for page in pages[40::60]:
        replay = FigureReplay(rules.zone)
        for record in records:
            if record.timestamp <= page.as_of - 1:
                replay.add(read_record(record)[0])
        found = {
            (page.day, row.unit_id, row.definition, row.window): (row.numerator, row.denominator)
            for row in replay.figures(page.as_of * 1000, DEFINITIONS, windows)
        }
        sealed = leaves[page.as_of]
        assert found.items() <= sealed.items()
        assert not any(any(sealed[key]) for key in sealed.keys() - found.keys())
