"""An explanation says of every dossier what the oracle says of it, and adds up to its counts."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions import definition
from indicators.explain import explain, explain_dossier
from indicators.facts import Fact
from indicators.known import Question
from indicators.tallies import Tallies
from schemas.explanation import ExplainedDossier, Reason, Rule
from tests.indicators.asking import (
    histories_of_records,
    in_order_of_arrival,
    instant_of,
    known_in_order,
    some_question,
)
from tests.oracle.count import RESULTS, count, overdue, window_start
from tests.oracle.feeds import START, Feed, Shape, feed
from tests.oracle.fold import Folded, fold_unit
from tests.oracle.strategies import SEEDS, chosen, feeds


def counted_as(one: Folded, question: Question, at: datetime) -> str | None:
    """What the oracle counts a dossier as."""
    if one.ended_at is not None:
        start = window_start(question.window.text, at, question.zone)
        if one.ended_by not in RESULTS or one.due_at is None or one.ended_at < start:
            return None
        return "late" if not one.on_time else "early" if one.early else "on_time"
    return "overdue" if question.definition == "strict@1" and overdue(one, at) else None


def assert_told(dossier: ExplainedDossier, one: Folded) -> None:
    """Dates, pauses and flags are those of the oracle."""
    assert dossier.received_at == instant_of(one.received_at)
    assert (dossier.ended_at, dossier.ended_by) == (instant_of(one.ended_at), one.ended_by)
    # The oracle also flags the standing date said again too late, which moves nothing.
    assert one.flags - {"due_moved_after_breach"} <= set(dossier.flags) <= one.flags
    if not one.paused:  # the oracle moves the date of a paused one with T
        assert dossier.due_at == instant_of(one.due_at)
    assert [(pause.start, pause.ended_by) for pause in dossier.pauses] == [
        (instant_of(pause.begin), pause.ended_by) for pause in one.pauses
    ]


def assert_explained(feed_: Feed, random: Random) -> Counter[str]:
    """Every dossier in exactly one list, as the oracle has it; rules and reasons, counted."""
    seen: Counter[str] = Counter()
    at = START + timedelta(days=random.uniform(-1, 16))
    known_at = random.choice((None, random.choice(feed_.records).arrival))
    question = some_question(feed_, random, at, known_at)
    for unit in feed_.units():
        histories = histories_of_records(known_in_order(feed_, known_at), unit)
        found = explain(unit, histories, question, 1)
        folded = {
            one.dossier_id: one for one in fold_unit(feed_.records, unit, at, feed_.zone, known_at)
        }
        expected = count(folded.values(), question.definition, question.window.text, at, feed_.zone)
        assert (found.numerator, found.denominator) == (expected.numerator, expected.denominator)
        counted = {one.dossier_id: one for one in found.dossiers}
        left_out = {one.dossier_id: one.reason for one in found.left_out}
        assert len(found.dossiers) + len(found.left_out) == len(counted) + len(left_out)
        assert not counted.keys() & left_out.keys()
        assert counted.keys() | left_out.keys() == {
            name for name, facts in histories.items() if facts[0].occurred_at < question.at
        }
        for name, one in folded.items():
            dossier = counted.get(name)
            assert (dossier.counted if dossier else None) == counted_as(one, question, at)
            if dossier is not None:
                assert_told(dossier, one)
        assert_adds_up(histories, question, (found.numerator, found.denominator))
        assert_alone(histories, question, counted, left_out)
        seen.update(one.rule or "" for one in found.dossiers)
        seen.update(left_out.values())
    return seen


def assert_adds_up(
    histories: dict[str, list[Fact]], question: Question, figure: tuple[int, int]
) -> None:
    """The lists give what the counts give."""
    tallies = Tallies([question.at], question.window, question.zone)
    for facts in histories.values():
        tallies.add(facts)
    assert definition(question.definition)(tallies.result()[0]) == figure


def assert_alone(
    histories: dict[str, list[Fact]],
    question: Question,
    counted: dict[str, ExplainedDossier],
    left_out: dict[str, Reason],
) -> None:
    """A dossier asked for by itself is told as in the whole, with its other events besides."""
    for name, facts in histories.items():
        alone = explain_dossier(name, facts, question, 1)
        assert [event.event_id for event in alone.events] == [one.event_id for one in facts]
        used = tuple(one for one in alone.events if not one.role.startswith("not_"))
        if name in counted:
            assert alone._replace(events=used) == counted[name]
        elif name in left_out:
            assert alone.reason == left_out[name]
        else:
            assert (alone.reason, used) == ("not_yet", ())


def test_explanations_of_untidy_feeds() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        for more in range(4):
            seen += assert_explained(feed(seed, Shape(taken_back=0.5)), Random(seed * 4 + more))
    usual = set(get_args(Rule)) | set(get_args(Reason))
    usual -= {"ended_not_counted", "not_yet", "not_known"}  # of other definitions, of one dossier
    assert {name for name in usual if seen[name] < 2} == set()  # what never happens is not tried


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_explanations_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_explained(feed_, random)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ledger_with_all_events_answers_for_any_k(seed: int) -> None:
    """Where arrivals never run backwards: the same as from the records known by K alone."""
    random, feed_ = Random(seed), in_order_of_arrival(feed(seed))
    known_at = random.choice(feed_.records).arrival
    at = START + timedelta(days=random.uniform(0, 9))
    question = some_question(feed_, random, at, known_at)
    for unit in feed_.units():
        all_events = histories_of_records(feed_.records, unit)
        by_then = histories_of_records(known_in_order(feed_, known_at), unit)
        assert explain(unit, all_events, question, 1) == explain(unit, by_then, question, 1)
