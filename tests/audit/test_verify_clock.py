"""A worker whose clock has run on past the arrival of records that come only then."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from random import Random

import orjson
import pytest

from schemas.book import FigureCorrected, read_entry
from streams.book_state import BOOK_KINDS
from streams.record import FiledRecord
from streams.rules import MonitorRules
from tests.audit.sealed_history import Live, history_of, verified
from tests.streams.feed import Sent, make_feed
from tests.streams.telling import Topic, after, event, late, on_time, policy
from tests.streams.telling import rules as telling_rules
from tests.streams.worker_process import rules

RULES = rules()
GRACE = 500  # ms that a worker's clock stays behind what it has read
DAY = 24 * 60 * 60 * 1000


@pytest.mark.parametrize("seed", [0, 2, 6])
def test_records_long_in_flight_are_folded_at_the_clock_they_met(seed: int) -> None:
    dice = Random(seed)
    met = []  # when the worker reads a record, and the record
    for sent in make_feed(seed, 400, units=6, days=10).sent:
        flight = dice.randrange(DAY) if dice.random() < 0.02 else dice.randrange(GRACE)
        met.append((sent.timestamp + flight, sent))
    met.sort(key=lambda one: one[0])
    records = [
        FiledRecord(0, place, sent.timestamp, sent.key, sent.value)
        for place, (_, sent) in enumerate(met)
    ]
    arrivals = {one.offset: one.timestamp for one in records}
    live = Live(RULES)
    for (now, _), record in zip(met, records, strict=True):
        live.tick(now - GRACE)
        live.fold([record])
    entries = [read_entry(one.value or b"") for one in live.book]
    corrected = [one for one in entries if isinstance(one, FigureCorrected)]

    finding = verified(history_of(live, records), RULES).finding

    assert any(one.clock > arrivals[one.offset] for one in corrected)
    assert finding is None, finding.lines()


def in_files(seed: int, dice: Random) -> list[FiledRecord]:
    """A feed sent in several files, one after the other: each begins again at its beginning."""
    files: list[list[Sent]] = [[] for _ in range(dice.choice((2, 4)))]
    for sent in make_feed(seed, 300, units=4, days=8).sent:
        dice.choice(files).append(sent)
    return [
        FiledRecord(0, place, sent.timestamp, sent.key, sent.value)
        for place, sent in enumerate(chain.from_iterable(files))
    ]


@pytest.mark.parametrize("hold", [0, 10 * 60_000])
@pytest.mark.parametrize("seed", range(6))
def test_records_that_come_when_their_days_are_sealed(seed: int, hold: int) -> None:
    """A caught-up worker on the wall clock, days later; killed and started again on the way.

    A late record leaves holds and due dates to judge behind the clock, which the next tick does.
    """
    dice = Random(seed)
    by = replace(RULES, policy=replace(RULES.policy, hold=hold, recover_hold=hold))
    records = in_files(seed, dice)
    wall = max(one.timestamp for one in records)
    live, place = Live(by), 0
    while place < len(records):
        size = dice.choice((1, 3, 40))
        live.fold(records[place : place + size])
        place += size
        if dice.random() < 0.3:
            wall += dice.choice((1, 60_000, DAY // 3))
            live.tick(wall)
        if dice.random() < 0.1:
            live.restart()
    if dice.random() < 0.5:
        live.tick(wall + 1)

    report = verified(history_of(live, records), by)

    assert report.finding is None, report.finding.lines()
    assert report.steps == len(live.steps) > 5
    assert report.corrections > 5


def test_a_hold_that_ends_behind_the_clock() -> None:
    """Three days are sealed by ticks; what comes then arrived two days ago, and is below green."""
    topic, by = Topic(), telling_rules(policy(hold=600))
    live = Live(by)
    records = [topic.record(0, event("r0", "received", 0, due=30 * 86_400.0, dossier="q"))]
    live.fold(records)
    live.tick(after(3 * 86_400))
    more = [late(topic, 86_400 + n, f"d{n}") for n in range(3)]
    live.fold(more)
    live.tick(after(3 * 86_400 + 1))
    records += more
    assert verified(history_of(live, records), by).finding is None
    again = [late(topic, 86_400 - 3_600, "e"), late(topic, 86_400 + 7_200, "f")]
    for one in again:
        live.fold([one])
        live.tick(after(3 * 86_400 + 1 + one.offset))
    report = verified(history_of(live, [*records, *again]), by)
    assert report.finding is None, report.finding.lines()
    assert report.steps == len(live.steps) == 1


def at_one_minute() -> tuple[MonitorRules, list[FiledRecord]]:
    """The hold of A ends at the minute at which many records of B come; the first closes B's."""
    by, topic = telling_rules(policy("7d", hold=600)), Topic()
    records = [late(topic, -3_600, "b", "B"), late(topic, 0, "a", "A")]
    records += [on_time(topic, 600, f"b{number}", "B") for number in range(12)]
    return by, records


@pytest.mark.parametrize("without", ["nothing", "the state", "the book and the state"])
def test_at_one_instant_the_records_come_before_the_minute(without: str) -> None:
    by, records = at_one_minute()
    live = Live(by)
    live.fold(records)
    live.tick(after(660))
    history = history_of(live, records)
    if without != "nothing":
        history = replace(history, kept=None)
    if without == "the book and the state":
        history = replace(history, entries=[])

    report = verified(history, by)

    assert report.finding is None, report.finding.lines()
    assert report.steps == len(live.steps) >= 2


def test_records_older_than_the_book_come_before_their_minute_too() -> None:
    by, records = at_one_minute()
    live = Live(by)
    live.fold(records)
    live.tick(after(660))
    live.state = {k: v for k, v in live.state.items() if orjson.loads(k)[0] not in BOOK_KINDS}
    live.book.clear()
    live.restart()
    more = [records[-1]._replace(offset=len(records), timestamp=after(90_000))]
    live.fold(more)
    live.tick(after(200_000))
    report = verified(history_of(live, [*records, *more]), by)
    assert report.finding is None, report.finding.lines()
    assert report.steps == len(live.steps)


def test_without_the_state_a_correction_says_at_what_clock_its_record_was_folded() -> None:
    """A due date passes and is judged; a record that arrived before that takes an end back."""
    by, topic = telling_rules(policy("7d")), Topic()
    records = [
        topic.record(0, event("r", "received", 0, due=87_000, dossier="open")),
        on_time(topic, 10, "d"),
    ]
    live = Live(by)
    live.fold(records)
    live.tick(after(90_000))
    void = event("v", "voided", 20, dossier="d", voids="d-end")
    records.append(topic.record(86_900, void))
    live.fold(records[-1:])
    [corrected] = [
        one
        for one in (read_entry(entry.value or b"") for entry in live.book)
        if isinstance(one, FigureCorrected)
    ]
    assert corrected.clock > records[-1].timestamp

    report = verified(replace(history_of(live, records), kept=None), by)

    assert report.finding is None, report.finding.lines()
    assert report.corrections == 1
