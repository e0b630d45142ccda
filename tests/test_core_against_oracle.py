"""The project's core says what the oracle says, over feeds that neither was made for.

Figures at any instant, as known at any time; readings at the monitor's clock; incident steps with
their evidence; and none of it depends on how the records were cut, or on where a monitor stopped
and another went on from what was kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.replay import FigureReplay, replay_partition
from indicators.windows import read_window
from schemas.event import read_event
from schemas.instants import micros
from tests.core_under_test import DUE_SOON, WINDOWS, Worker, by_unit, record_of, rules_of
from tests.oracle.count import Counted, count, open_states
from tests.oracle.feeds import Feed, Sent, Shape, feed, logged, value
from tests.oracle.fold import Known, fates, fold_unit, from_millis, instant, known_by, to_millis
from tests.oracle.incidents import Policy, steps, ticks, zone_of
from tests.oracle.strategies import SEEDS, chosen, feeds, plain_feeds
from tests.oracle.told import VIET_NAM, day, happened, sent

DEFINITIONS = ("resolved@1", "strict@1")
HOUR = 3_600_000  # ms


def some_policy(random: Random) -> Policy:
    green, yellow = random.choice(
        ((Fraction(9, 10), Fraction(8, 10)), (Fraction(1, 2), Fraction(1, 3)))
    )
    return Policy(
        definition=random.choice(DEFINITIONS),
        window=random.choice(("1d", "2d", "7d", "month")),
        green=green,
        yellow=yellow,
        min_sample=random.choice((0, 1, 2, 4)),
        hold=random.choice((0, 600_000, 7_001, 5 * HOUR)),
        recover_hold=random.choice((0, 600_000, 90_000, 9 * HOUR)),
        recover_margin=random.choice((Fraction(0), Fraction(0), Fraction(1, 20), Fraction(1, 6))),
    )


def interesting_instants(feed_: Feed, random: Random, number: int) -> list[datetime]:
    """Instants of the feed and those beside them, window edges, and a few at random."""
    stated = [instant(known.event["occurred_at"]) for known in feed_.records]
    stated += [
        instant(known.event["due_at"])
        for known in feed_.records
        if len(known.event.get("due_at") or "") > len("2024-04-01")
    ]
    beside = (timedelta(0), timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=7))
    edges = (timedelta(0), timedelta(days=1), timedelta(days=2), timedelta(days=7))
    return sorted(
        random.choice(stated) + random.choice(beside) + random.choice(edges) for _ in range(number)
    )


def figures_of_the_core(
    feed_: Feed, instants: Sequence[datetime], known_at: int | None
) -> dict[tuple[datetime, str, str, str], Counted]:
    replay = FigureReplay(feed_.zone)
    for known in known_by(feed_.records, known_at):
        event, _ = read_event(value(known))
        replay.add(event)
    windows = [read_window(text, feed_.zone) for text in WINDOWS]
    return {
        (at, row.unit_id, row.definition, row.window): Counted(
            row.numerator, row.denominator, row.early, row.on_time, row.late, row.open_overdue
        )
        for at in dict.fromkeys(instants)
        for row in replay.figures(micros(at), DEFINITIONS, windows)
    }


def figures_of_the_oracle(
    feed_: Feed, instants: Sequence[datetime], known_at: int | None
) -> dict[tuple[datetime, str, str, str], Counted]:
    result = {}
    for at in dict.fromkeys(instants):
        for unit in feed_.units():
            folded = fold_unit(feed_.records, unit, at, feed_.zone, known_at)
            for definition in DEFINITIONS:
                for window in WINDOWS:
                    counted = count(folded, definition, window, at, feed_.zone)
                    if counted.numerator or counted.denominator or counted.open_overdue:
                        result[at, unit, definition, window] = counted
    return result


def assert_same_figures(feed_: Feed, random: Random, number: int) -> None:
    instants = interesting_instants(feed_, random, number)
    some_arrival = random.choice(feed_.records).arrival
    for known_at in (None, some_arrival, some_arrival - 1):
        expected = figures_of_the_oracle(feed_, instants, known_at)
        assert figures_of_the_core(feed_, instants, known_at) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_at_any_instant_as_known_at_any_time(seed: int) -> None:
    assert_same_figures(feed(seed), Random(seed), number=12)


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_figures_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_same_figures(feed_, random, number=6)


def expected_steps(records: Sequence[Known], policy: Policy, feed_: Feed, until: int) -> Any:
    found = steps(records, policy, feed_.zone, until)
    return {unit: of_unit for unit, of_unit in found.items() if of_unit}


def assert_reading(worker: Worker, unit: str, records: Sequence[Known], policy: Policy) -> None:
    """What the monitor reads at its clock is what the oracle counts from all it has folded."""
    reading = worker.monitor.reading(unit)
    zone, folded = worker.feed.zone, ticks(records)
    assert worker.monitor.clock is not None
    at = from_millis(worker.monitor.clock + 1)
    dossiers = fold_unit(records, unit, at, zone)
    assert (reading.partition, reading.offset) == (worker.partition, folded[-1].known.offset)
    assert reading.as_of == worker.monitor.clock + 1
    for found in reading.figures:
        counted = count(dossiers, found.definition, found.window, at, zone)
        assert (found.numerator, found.denominator) == (counted.numerator, counted.denominator)
    primary = count(dossiers, policy.definition, policy.window, at, zone)
    assert reading.figures[0][:2] == (policy.definition, policy.window)
    assert reading.zone == zone_of(primary, policy)
    assert {(found.definition, found.window) for found in reading.figures} >= {
        (definition, window) for definition in DEFINITIONS for window in WINDOWS
    }
    for window, outcomes in reading.resolved:
        counted = count(dossiers, "resolved@1", window, at, zone)
        assert outcomes == (counted.early, counted.on_time - counted.early, counted.late)
    assert reading.open._asdict() == vars(open_states(dossiers, at, DUE_SOON))


def assert_same_life(feed_: Feed, policy: Policy, random: Random) -> Counter[str]:
    """Each partition in chunks, with ticks between them and restarts, against the oracle.

    The steps that there were, counted by kind.
    """
    rules = rules_of(feed_, policy)
    kinds: Counter[str] = Counter()
    for partition in range(feed_.partitions):
        records = feed_.of(partition)
        if not records:
            continue
        until = ticks(records)[-1].clock + random.choice((0, 1, HOUR, 50 * HOUR))
        expected = expected_steps(records, policy, feed_, until)
        worker = Worker(feed_, partition, rules)
        position = 0
        while position < len(records):
            cut = position + random.choice((1, 2, 7, 40, len(records)))
            worker.fold(records[position:cut])
            position = cut
            if random.random() < 0.3:
                worker.restart(random)
            if position < len(records):
                tick(worker, records[position], random)
        worker.advance(until)
        assert by_unit(worker.steps, rules) == expected
        found = fates(records)
        assert worker.fates == {fate: found.count(fate) for fate in worker.fates}
        if random.random() < 0.5:
            worker.restart(random)
        units = {known.event["unit_id"] for known in records}
        assert set(worker.monitor.units()) == units
        worker.advance(until)
        for unit in units:
            assert_reading(worker, unit, records, policy)
        replayed = replay_partition(
            map(record_of, records), partition, feed_.partitions, rules, until
        )
        assert by_unit(replayed, rules) == expected
        kinds.update(step.kind for step in worker.steps)
    return kinds


def tick(worker: Worker, following: Known, random: Random) -> None:
    """Between two records the clock may run on by itself, up to the second one's arrival."""
    clock = worker.monitor.clock
    if clock is None or following.arrival <= clock:
        return
    for to in sorted(random.randint(clock, following.arrival) for _ in range(random.randint(0, 3))):
        worker.advance(to)
        if random.random() < 0.2:
            worker.restart(random)


@pytest.mark.parametrize("seed", SEEDS)
def test_steps_readings_and_fates_however_cut_and_restarted(seed: int) -> None:
    random = Random(seed)
    assert_same_life(feed(seed, Shape(dossiers=15, days=10)), some_policy(random), random)


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_steps_readings_and_fates_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_same_life(feed_, some_policy(random), random)


def lively(policy: Policy, random: Random) -> Policy:
    """That of two dossiers one on time is green, of three yellow; and mostly at once."""
    return replace(
        policy,
        green=Fraction(1, 2),
        yellow=Fraction(1, 3),
        min_sample=random.choice((1, 1, 3)),
        hold=random.choice((0, 0, 7_001)),
        recover_hold=random.choice((0, 0, 90_000)),
    )


def test_the_life_of_incidents_of_shrinking_feeds() -> None:
    kinds: Counter[str] = Counter()

    # What hypothesis tries follows the constants in the code under test: few would miss a kind.
    @settings(chosen, max_examples=max(600, chosen.max_examples))
    @given(plain_feeds(), st.randoms(use_true_random=False))
    def tried(feed_: Feed, random: Random) -> None:
        kinds.update(assert_same_life(feed_, lively(some_policy(random), random), random))

    tried()
    assert_every_kind(kinds, 3)


def assert_every_kind(kinds: Counter[str], least: int) -> None:
    """What never happens is not tried."""
    told = ("opened", "worsened", "improved", "closed", "corrected")
    assert {kind: kinds[kind] for kind in told if kinds[kind] < least} == {}


def test_the_life_of_incidents_where_much_is_taken_back() -> None:
    kinds: Counter[str] = Counter()
    for seed in SEEDS:
        random = Random(seed)
        feed_ = feed(seed, Shape(units=2, dossiers=16, days=5, partitions=1, taken_back=0.9))
        kinds.update(assert_same_life(feed_, lively(some_policy(random), random), random))
    assert_every_kind(kinds, 5)


@pytest.mark.parametrize("seed", SEEDS)
def test_ticks_at_the_wakes_alone_lose_no_step(seed: int) -> None:
    random = Random(seed)
    feed_, policy = feed(seed, Shape(dossiers=12)), some_policy(random)
    rules = rules_of(feed_, policy)
    for partition in range(feed_.partitions):
        records = feed_.of(partition)
        if not records:
            continue
        until = ticks(records)[-1].clock + 72 * HOUR
        worker = Worker(feed_, partition, rules)
        worker.fold(records)
        wake = worker.monitor.next_wake
        while wake is not None and wake < until:
            assert wake % 60_000 == 0
            worker.advance(wake)  # the minute itself is not past yet
            before = len(worker.steps)
            worker.advance(wake + 1)
            assert all(step.at == wake for step in worker.steps[before:])
            later = worker.monitor.next_wake
            assert later is None or later > wake
            wake = later
        assert by_unit(worker.steps, rules) == expected_steps(records, policy, feed_, until)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_of_arrival_and_any_duplicates_give_the_same_state(seed: int) -> None:
    random = Random(seed)
    clean = feed(seed)
    kept = [
        known
        for known, fate in zip(clean.records, fates(clean.records), strict=True)
        if fate == "folded"
    ]
    last = max(to_millis(instant(known.event["occurred_at"])) for known in kept) + HOUR
    rules = rules_of(clean, Policy(min_sample=1))
    readings = []
    for _ in range(3):
        sent = [Sent(dict(known.event), last) for known in kept]
        sent += random.sample(sent, len(sent) // 3)
        random.shuffle(sent)
        shuffled = logged(sent, clean.zone, clean.partitions)
        seen: dict[str, tuple[object, ...]] = {}
        for partition in range(shuffled.partitions):
            worker = Worker(shuffled, partition, rules)
            worker.fold(shuffled.of(partition))
            for unit in worker.monitor.units():
                reading = worker.monitor.reading(unit)
                seen[unit] = (reading.zone, reading.figures, reading.resolved, reading.open)
        readings.append(seen)
    assert set(readings[0]) == set(clean.units())
    assert readings[0] == readings[1] == readings[2]


def test_an_event_dated_in_the_future_hides_no_due_date_that_passes_before_or_after_it() -> None:
    overdue = {**happened("received 1 due 5 17:00")[0], "dossier_id": "H-2"}
    policy = Policy("strict@1", "7d", min_sample=1, hold=0, recover_hold=0)
    for time in ("2", "5 16:59", "5 17:00", "5 17:01", "9"):
        records = sent([overdue, *happened(f"fee_requested {time}")], ["1", "1 12:00"])
        feed_ = Feed(tuple(records), VIET_NAM, 1)
        rules, until = rules_of(feed_, policy), to_millis(day("6"))
        found = by_unit(replay_partition(map(record_of, records), 0, 1, rules, until), rules)
        assert found == expected_steps(records, policy, feed_, until)
        assert [step.at for step in found["u"]] == [to_millis(day("5 17:00"))]
