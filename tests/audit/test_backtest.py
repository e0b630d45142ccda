"""Policies side by side on one history: the one in force is what happened."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction
from typing import Any

import orjson
import pytest

from audit.backtesting.backtest import Backtest, Period
from audit.backtesting.measures import backtest_to_dict, measures, measures_of_all
from audit.backtesting.policies import judging_all
from audit.replay import replay_partition
from indicators.windows import read_window
from schemas.instants import iso_millis
from streams.record import FiledRecord
from streams.routing import partition_of
from streams.rules import MonitorRules
from tests.indicators.telling import VIET_NAM
from tests.streams.feed import make_feed
from tests.streams.telling import Topic, after, event, late, on_time, policy, rules

HOUR = 3_600


def history() -> list[FiledRecord]:
    """Below green from 1 to 5 h, and from 50 h on; a dossier of another unit that is on time."""
    topic = Topic()
    return [
        on_time(topic, 0, "a"),
        on_time(topic, 1, "other", unit="V"),
        late(topic, 1 * HOUR, "b"),  # 1 of 2
        *(on_time(topic, 5 * HOUR + n, f"c{n}") for n in range(20)),  # 21 of 22: green
        late(topic, 50 * HOUR, "d"),  # 0 of 1
        late(topic, 51 * HOUR, "e"),
    ]


def tried(*others: MonitorRules, until: float | None = None, **more: Any) -> Backtest:
    backtest = Backtest([rules(), *others], **more)
    backtest.fold(history(), 0, 1, None if until is None else after(until))
    return backtest


def with_policy(**changes: Any) -> MonitorRules:
    return rules(replace(policy(), **changes))


def test_the_same_policy_differs_in_nothing() -> None:
    backtest = tried(rules())
    assert backtest.steps[0] == backtest.steps[1]
    in_force, other = measures_of_all(list(backtest.outcomes.values()), 1)
    assert in_force == other
    assert (other.kept, other.moved, other.gained, other.lost) == (2, 0, 0, 0)


@pytest.mark.parametrize("seed", [3, 4])
def test_the_policy_in_force_makes_the_steps_of_a_replay(seed: int) -> None:
    feed = make_feed(seed, dossiers=600, units=3, days=40)
    records = [
        FiledRecord(0, n, one.timestamp, one.key, one.value) for n, one in enumerate(feed.sent)
    ]
    until = records[-1].timestamp + 40 * HOUR * 1_000
    by = rules(policy("7d", hold=600, recover_hold=600, min_sample=5))
    other = rules(policy("30d", min_sample=1))
    backtest = Backtest([by, by, other])
    backtest.fold(records, 0, 1, until)
    for steps, one in zip(backtest.steps, backtest.rules, strict=True):
        assert steps == list(replay_partition(records, 0, 1, one, until))
    assert len(backtest.steps[0]) > 10
    same, different = measures_of_all(list(backtest.outcomes.values()), 2)[1:]
    assert (same.moved, same.gained, same.lost) == (0, 0, 0)
    assert different.gained + different.lost + different.moved > 0
    for unit in backtest.outcomes.values():
        for outcome in (unit.in_force, *unit.others):
            assert sum(outcome.times.values()) == unit.stop - unit.start


def test_partitions_folded_apart_are_joined() -> None:
    by, other = rules(policy("7d", min_sample=5)), rules(policy("30d"))
    feed = make_feed(7, dossiers=300, units=6, days=40)
    placed: list[list[FiledRecord]] = [[], [], []]
    for one in feed.sent:
        assert one.key is not None
        number = partition_of(one.key.decode(), 3)
        records = placed[number]
        records.append(FiledRecord(number, len(records), one.timestamp, one.key, one.value))
    whole, joined = Backtest([by, other]), Backtest([by, other])
    for number, records in enumerate(placed):
        whole.fold(records, number, 3)
        own = Backtest([by, other])
        own.fold(records, number, 3)
        joined.join(pickle.loads(pickle.dumps(own.part())))
    assert len(whole.outcomes) > 3
    assert joined.steps == whole.steps
    assert joined.outcomes == whole.outcomes
    assert (joined.start, joined.stop) == (whole.start, whole.stop)


def test_a_longer_hold_opens_later() -> None:
    outcome = tried(with_policy(hold=2 * HOUR * 1_000), until=60 * HOUR).outcomes["U"].others[0]
    assert [pair.lead for pair in outcome.differences.moved] == [-2 * HOUR * 1_000] * 2
    assert [one.opened for one in outcome.incidents] == [after(3 * HOUR), after(52 * HOUR)]


def test_a_hold_too_long_loses_what_is_over_before() -> None:
    of = measures([tried(with_policy(hold=5 * HOUR * 1_000)).outcomes["U"].others[0]])
    assert (of.incidents, of.lost, of.gained, of.moved) == (0, 2, 0, 0)


def test_a_higher_threshold_gains() -> None:
    backtest = tried(with_policy(green=Fraction(1), yellow=Fraction(1, 2)))
    assert backtest.outcomes["U"].others[0].times["yellow"] > 0
    lenient = Backtest([with_policy(green=Fraction(1, 2), yellow=Fraction(0)), rules()])
    lenient.fold(history(), 0, 1)
    of = measures([lenient.outcomes["U"].others[0]])
    assert (of.gained, of.kept) == (1, 1)  # half on time is green by the one in force


def test_false_alarms_warnings_and_times() -> None:
    backtest = tried(until=52 * HOUR)
    first, second = backtest.outcomes["U"].in_force.incidents
    assert first.closed == after(5 * HOUR + 7)  # 9 of 10 were on time
    assert (first.false_alarm, first.warning) == (True, None)
    assert (second.closed, second.false_alarm) == (None, False)
    assert second.warning == HOUR * 1_000 - 1  # T of the opening is 1 ms after its clock
    times = backtest.outcomes["U"].in_force.times
    assert sum(times.values()) == 52 * HOUR * 1_000
    assert times["yellow"] + times["red"] > 5 * HOUR * 1_000


def test_a_period_and_a_unit_are_looked_at_alone() -> None:
    period = Period(after(2 * HOUR), after(51 * HOUR))
    backtest = tried(with_policy(hold=3 * HOUR * 1_000), period=period, units={"U"})
    assert list(backtest.outcomes) == ["U"]
    unit = backtest.outcomes["U"]
    assert (unit.start, unit.stop) == period
    assert (backtest.start, backtest.stop) == period
    assert [one.opened for one in unit.in_force.incidents] == [after(50 * HOUR)]
    # Opened before by the one in force, within by the other: a difference of the period.
    assert [pair.other.opened for pair in unit.others[0].differences.moved] == [after(4 * HOUR)]
    assert sum(unit.in_force.times.values()) == 49 * HOUR * 1_000


@pytest.mark.parametrize("seed", [5, 6])
@pytest.mark.parametrize("days", [0.3, 11, 23.7])
def test_a_period_is_told_as_if_the_history_ended_with_it(seed: int, days: float) -> None:
    feed = make_feed(seed, dossiers=400, units=3, days=40)
    records = [
        FiledRecord(0, n, one.timestamp, one.key, one.value) for n, one in enumerate(feed.sent)
    ]
    stop = records[0].timestamp + round(days * 24 * HOUR * 1_000)
    by, other = rules(policy("7d", hold=600, min_sample=5)), rules(policy("30d", min_sample=1))
    whole, cut = (Backtest([by, other], Period(None, stop)) for _ in range(2))
    whole.fold(records, 0, 1)
    cut.fold([one for one in records if one.timestamp < stop], 0, 1, until=stop)
    assert whole.outcomes == cut.outcomes
    assert whole.outcomes
    assert whole.steps == cut.steps
    assert (whole.first, cut.last) == (cut.first, stop)
    assert whole.last == max(one.timestamp for one in records)


def test_what_comes_after_the_period_is_not_looked_at() -> None:
    """The first incident is a false alarm that is closed at 5 h; the second has its late end."""
    of_first = tried(period=Period(None, after(5 * HOUR))).outcomes["U"].in_force
    assert [(one.closed, one.false_alarm) for one in of_first.incidents] == [(None, False)]
    assert measures([of_first]).still_open == 1

    of_second = tried(period=Period(after(49 * HOUR), after(51 * HOUR))).outcomes["U"].in_force
    assert [(one.closed, one.warning) for one in of_second.incidents] == [(None, None)]


def test_a_duplicate_after_the_period_does_not_move_the_clock() -> None:
    period = Period(None, after(52 * HOUR))
    records, topic = history(), Topic()
    topic.next = len(records)
    again = FiledRecord(0, topic.next, after(60 * HOUR), records[0].key, records[0].value)
    backtest = Backtest([rules()], period)
    backtest.fold([*records, again], 0, 1)
    assert backtest.outcomes["U"].stop == backtest.last == after(51 * HOUR)
    topic.next += 1
    backtest.fold([*records, again, on_time(topic, 61 * HOUR, "new", unit="W")], 0, 1)
    assert (backtest.outcomes["U"].stop, backtest.last) == (after(52 * HOUR), after(61 * HOUR))
    assert "W" not in backtest.outcomes


def test_incidents_that_were_open_before_the_period_are_a_number_of_their_own() -> None:
    strict = with_policy(green=Fraction(1), yellow=Fraction(1, 2))
    outcomes = tried(strict, period=Period(after(2 * HOUR), None)).outcomes["U"]
    in_force, other = measures([outcomes.in_force]), measures([outcomes.others[0]])
    assert (in_force.incidents, in_force.open_before, in_force.open_before_still) == (1, 1, 0)
    assert (other.incidents, other.open_before) == (1, 1)

    outcomes = tried(strict, period=Period(after(3 * HOUR), after(4 * HOUR))).outcomes["U"]
    assert measures([outcomes.in_force]).open_before_still == 1
    at_the_closing = tried(period=Period(after(5 * HOUR + 7))).outcomes["U"].in_force
    assert measures([at_the_closing]).open_before == 0
    assert measures([tried().outcomes["U"].in_force]).open_before == 0


def test_a_partner_that_opened_before_the_period_makes_a_moved_one() -> None:
    eager = with_policy(green=Fraction(1))  # the first opens at 1 h, and another policy's at 3 h
    slow = with_policy(hold=2 * HOUR * 1_000)
    backtest = Backtest([slow, eager], Period(after(2 * HOUR), after(6 * HOUR)))
    backtest.fold(history(), 0, 1)
    unit = backtest.outcomes["U"]
    of = measures([unit.others[0]])
    assert [one.opened for one in unit.in_force.incidents] == [after(3 * HOUR)]
    assert (of.incidents, of.open_before, of.moved, of.lost, of.gained) == (0, 1, 1, 0, 0)


def test_what_is_no_event_of_the_unit_changes_nothing() -> None:
    topic, noisy = Topic(), Backtest([rules()])
    good = history()
    records = [
        topic.record(0, b"{", "U"),
        *(replace_offset(one, topic) for one in good),
        topic.record(52 * HOUR, event("b-end", "completed", 1, dossier="b"), "U"),  # conflicts
        topic.record(53 * HOUR, event("x", "completed", 1, dossier="x"), "V"),  # the wrong key
    ]
    noisy.fold(records, 0, 1)
    clean = tried()
    assert noisy.outcomes["U"].in_force.turns == clean.outcomes["U"].in_force.turns
    assert noisy.last == clean.last == after(51 * HOUR)


def replace_offset(record: FiledRecord, topic: Topic) -> FiledRecord:
    offset, topic.next = topic.next, topic.next + 1
    return FiledRecord(0, offset, record.timestamp, record.key, record.value)


def test_a_unit_with_its_own_policy_is_tried_by_it() -> None:
    own = replace(rules(), unit_policies={"V": policy(min_sample=1_000)})
    backtest = Backtest([rules(), own])
    backtest.fold(history(), 0, 1)
    assert backtest.outcomes["V"].in_force.times["green"] > 0
    assert backtest.outcomes["V"].others[0].times["green"] == 0


def test_what_units_asked_for_are_judged_by_stands_at_the_head() -> None:
    own = replace(rules(), unit_policies={"V": policy(min_sample=7), "U": policy()})
    for units, least, is_own in ((None, 1, False), ({"V"}, 7, True), ({"U"}, 1, False)):
        backtest = Backtest([rules(), own], units=units)
        backtest.fold(history(), 0, 1)
        told: Any = backtest_to_dict(backtest, ["in force", "own"])
        in_force, tried_ = told["policies"]
        assert (in_force["min_sample"], in_force["own"]) == (1, False)
        assert (tried_["min_sample"], tried_["own"]) == (least, is_own)
        of_units = {one["unit_id"]: one["policies"][1]["own"] for one in told["units"]}
        assert of_units == {name: name == "V" for name in units or {"U", "V"}}
    both = Backtest([rules(), own], units={"U", "V"})
    both.fold(history(), 0, 1)
    assert [by.policy.min_sample for by in judging_all(both)] == [1, 1]


def test_nothing_folded() -> None:
    backtest = Backtest([rules(), rules()])
    backtest.fold([], 0, 1, until=5)
    assert (backtest.start, backtest.stop, backtest.outcomes) == (None, None, {})
    assert backtest_to_dict(backtest, ["a", "b"])["units"] == []


def test_as_json() -> None:
    backtest = tried(with_policy(hold=2 * HOUR * 1_000, window=read_window("7d", VIET_NAM)))
    told: Any = orjson.loads(orjson.dumps(backtest_to_dict(backtest, ["in force", "slow"])))
    assert (told["from"], told["to"]) == (iso_millis(after(0)), iso_millis(after(51 * HOUR)))
    in_force, slow = told["policies"]
    assert (slow["name"], slow["hold_ms"], slow["window"]) == ("slow", 7_200_000, "7d")
    assert in_force["policy"] == rules().policy.digest
    (first, *_) = told["units"][0]["policies"][0]["list"]
    assert (first["incident_id"], first["opened"]) == ("U/resolved@1/1", iso_millis(after(HOUR)))
    kinds = {one["kind"] for one in told["units"][0]["policies"][1]["differences"]}
    assert "moved" in kinds
