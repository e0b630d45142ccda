"""The zones of a unit over time are those that a brute-force count judges, and the monitor told."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.backtesting.backtest import Backtest
from audit.backtesting.zones import Turn, clipped, zone_times
from schemas.status import ZONES
from streams.monitor import PartitionMonitor
from tests.core_under_test import record_of, rules_of
from tests.oracle import incidents as oracle
from tests.oracle.feeds import Feed, Shape, feed
from tests.oracle.fold import from_millis
from tests.oracle.strategies import DEEP, SEEDS
from tests.profiles import steady

HOUR = 3_600_000
LENIENT = oracle.Policy("resolved@1", "1d", Fraction(1, 2), Fraction(1, 3), 1, 0, 0)
Judged = list[tuple[int, str]]


def some_policy(random: Random) -> oracle.Policy:
    green, yellow = random.choice(((Fraction(9, 10), Fraction(8, 10)), (Fraction(1, 2),) * 2))
    return oracle.Policy(
        random.choice(("resolved@1", "strict@1")),
        random.choice(("1d", "2d", "7d", "month")),
        green,
        yellow,
        random.choice((0, 1, 2)),
        random.choice((0, 5 * HOUR)),
        random.choice((0, 90_000)),
    )


def judged_by_brute_force(
    feed_: Feed, partition: int, policy: oracle.Policy, until: int, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Judged]:
    """Each change of a unit's zone, as the oracle's judgements saw it."""
    found: dict[str, Judged] = {}

    class Noting(oracle.Unit):
        def judge(self, clock: int, partition: int, offset: int) -> None:
            super().judge(clock, partition, offset)
            counted = self.counted(from_millis(clock + 1))
            zone = oracle.zone_of(counted, self.policy)
            turns = found.setdefault(self.unit_id, [])
            if turns and turns[-1][0] == clock:
                turns.pop()
            if not turns or turns[-1][1] != zone:
                turns.append((clock, zone))

    with monkeypatch.context() as patch:
        patch.setattr(oracle, "Unit", Noting)
        oracle.steps(feed_.of(partition), policy, feed_.zone, until)
    return found


@pytest.mark.parametrize("seed", SEEDS if DEEP else SEEDS[:6])
def test_zones_are_those_of_a_brute_force_count(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    feed_, random = feed(seed, Shape(dossiers=5, days=4)), Random(seed)
    policies = [some_policy(random), LENIENT]
    rules = [rules_of(feed_, policy) for policy in policies]
    for partition in range(feed_.partitions):
        known = feed_.of(partition)
        if not known:
            continue
        until = max(one.arrival for one in known) + 9 * HOUR
        backtest = Backtest(rules)
        backtest.fold(map(record_of, known), partition, feed_.partitions, until)
        for place, policy in enumerate(policies):
            expected = judged_by_brute_force(feed_, partition, policy, until, monkeypatch)
            found = {
                unit_id: [tuple(turn) for turn, _ in (unit.in_force, *unit.others)[place].turns]
                for unit_id, unit in backtest.outcomes.items()
            }
            assert found == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_states_the_zone_of_its_moment(seed: int) -> None:
    """The monitor judged the same: what its steps say is what the course says."""
    feed_ = feed(seed)
    rules = rules_of(feed_, some_policy(Random(seed)))
    for partition in range(feed_.partitions):
        records = [record_of(known) for known in feed_.of(partition)]
        backtest = Backtest([rules])
        backtest.fold(records, partition, feed_.partitions)
        monitor = PartitionMonitor(partition, feed_.partitions, rules)
        assert backtest.steps[0] == monitor.fold(records).steps
        clocks = list(accumulate((record.timestamp for record in records), max))
        for step in backtest.steps[0]:
            if step.kind == "corrected" or clocks.count(step.at) > 1:
                continue  # of an instant before; or of one clock with several judgements
            turns = backtest.outcomes[step.unit_id].in_force.turns
            at_that_clock = {turn.zone for turn, end in turns if turn.clock <= step.at < end}
            if step.at < backtest.outcomes[step.unit_id].stop:
                assert at_that_clock == {step.zone}


turns = st.lists(st.tuples(st.integers(0, 100), st.sampled_from(ZONES)), max_size=8).map(
    lambda some: [
        Turn(*one) for one in sorted({clock: (clock, zone) for clock, zone in some}.values())
    ]
)


@steady()
@given(turns, st.integers(-10, 120), st.integers(0, 60))
def test_times_are_those_counted_instant_by_instant(
    course: list[Turn], start: int, length: int
) -> None:
    stop = start + length
    by_hand = dict.fromkeys(ZONES, 0)
    for clock in range(start, stop):
        before = [turn for turn in course if turn.clock <= clock]
        if before:
            by_hand[before[-1].zone] += 1
    assert zone_times(course, start, stop) == by_hand
    pieces = clipped(course, start, stop)
    assert all(turn.clock < end for turn, end in pieces)
    assert all(end == following.clock for (_, end), (following, _) in pairwise(pieces))
