"""What differs between two figures: which dossiers, and what made the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from operator import itemgetter
from random import Random
from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.counts import Tally
from indicators.definitions import Count, Definition
from indicators.explain import explain_dossier
from indicators.facts import Fact
from indicators.known import Histories, Question, known_by
from indicators.versus import Side, side, versus
from indicators.windows import read_window
from schemas.comparison import By, Change, ChangedDossier, Comparison, Stand
from schemas.explanation import ExplainedDossier
from tests.indicators.asking import histories_of_records, known_in_order, some_question
from tests.indicators.telling import VIET_NAM, at, fact
from tests.oracle.feeds import START, Feed, Shape, feed
from tests.oracle.strategies import SEEDS, chosen, feeds

DAY = 24
RECEIVED = fact("received", 1, due=30)
HOME = 3


def asked(
    hour: float = 100, by: str = "strict@1", window: str = "7d", known: float | None = None
) -> Question:
    seen = None if known is None else at(known)
    return Question(by, read_window(window, VIET_NAM), at(hour), VIET_NAM, seen)


def of(histories: Mapping[str, Sequence[Fact]], question: Question) -> Side:
    """The histories as read as of K."""
    by_then: Histories = {
        name: facts
        for name, told in histories.items()
        if (facts := known_by(sorted(told), question.known))
    }
    return side("u", by_then, question, HOME)


def compare(facts: Sequence[Fact], a: Question, b: Question) -> Comparison:
    found = versus(of({"D": facts}, a), of({"D": facts}, b))
    assert_adds_up(found)
    return found


def assert_adds_up(found: Comparison) -> None:
    numerator = found.a.numerator + sum(one.numerator for one in found.changes)
    denominator = found.a.denominator + sum(one.denominator for one in found.changes)
    assert (numerator, denominator) == (found.b.numerator, found.b.denominator)


def told(found: Comparison) -> list[tuple[object, ...]]:
    return [
        (
            one.change,
            one.by,
            one.a.counted or one.a.reason,
            one.b.counted or one.b.reason,
            {event.event.event_id: (event.role_a, event.role_b) for event in one.events},
        )
        for one in found.changes
    ]


def late_to_come(one: Fact, hour: float) -> Fact:
    return one._replace(arrival=at(hour) // 1_000)


HAPPENED = ("not_yet", "counts")
ARRIVED = ("not_known", "counts")
COMPLETED = fact("completed", 50)


@pytest.mark.parametrize(
    ("facts", "a", "b", "expected"),
    [
        # between two instants
        pytest.param(
            [RECEIVED, COMPLETED],
            asked(40, "resolved@1"),
            asked(60, "resolved@1"),
            ("entered", "events", "open_overdue_not_counted", "late", {"completed": HAPPENED}),
            id="it ended",
        ),
        pytest.param(
            [RECEIVED, COMPLETED],
            asked(40),
            asked(60),
            ("changed_side", "events", "overdue", "late", {"completed": HAPPENED}),
            id="overdue, then ended late",
        ),
        pytest.param(
            [RECEIVED, COMPLETED],
            asked(20),
            asked(60),
            ("entered", "events", "open_not_overdue", "late", {"completed": HAPPENED}),
            id="ended late, and was not due before",
        ),
        pytest.param(
            [RECEIVED],
            asked(20),
            asked(60),
            ("entered", "time", "open_not_overdue", "overdue", {}),
            id="the due date passed",
        ),
        pytest.param(
            [RECEIVED],
            asked(0.5),
            asked(60),
            ("entered", "events", "not_yet", "overdue", {"received": HAPPENED}),
            id="nothing had happened",
        ),
        pytest.param(
            [RECEIVED, COMPLETED],
            asked(60),
            asked(60 + 7 * DAY),
            ("left", "time", "late", "ended_before_window", {}),
            id="it left the window",
        ),
        pytest.param(
            [RECEIVED, COMPLETED, fact("processing", 51), fact("delivered", 60)],
            asked(40),
            asked(70),
            ("changed_side", "events", "overdue", "late", {"completed": HAPPENED}),
            id="what made no difference is not named",
        ),
        pytest.param(
            [RECEIVED, fact("completed", 20), fact("voided", 60, voids="completed")],
            asked(50),
            asked(70),
            (
                "changed_side",
                "events",
                "early",
                "overdue",
                {"completed": ("counts", "taken_back"), "voided": ("not_yet", "takes_back")},
            ),
            id="a void, and what it took back",
        ),
        pytest.param(
            [
                RECEIVED,
                fact("completed", 50, event_id="x"),
                fact("voided", 60, voids="x"),
                fact("completed", 29, event_id="y"),
            ],
            asked(28),
            asked(70),
            ("entered", "events", "open_not_overdue", "on_time", {"y": HAPPENED}),
            id="an end that came and was taken back in between",
        ),
        pytest.param(
            [
                RECEIVED,
                fact("completed", 20, event_id="x"),
                fact("voided", 60, voids="x"),
                fact("completed", 22, event_id="y"),
            ],
            asked(18, "resolved@1"),
            asked(70, "resolved@1"),
            ("entered", "events", "open_not_overdue", "early", {"y": HAPPENED}),
            id="what was taken back made nothing so, though it would have",
        ),
        pytest.param(
            [RECEIVED, fact("delivered", 20), fact("completed", 22)],
            asked(18),
            asked(70),
            ("entered", "events", "open_not_overdue", "early", {"completed": HAPPENED}),
            id="the end that counts, not one that would do",
        ),
        pytest.param(
            [
                fact("received", 1, due=30, event_id="r"),
                fact("completed", 50),
                fact("voided", 60, voids="r"),
                fact("received", 2, due=25, event_id="r2"),
            ],
            asked(1.5),
            asked(70),
            (
                "entered",
                "events",
                "open_not_overdue",
                "late",
                {"r2": HAPPENED, "completed": HAPPENED},
            ),
            id="the due date that it was late by; it would stand though the first were not void",
        ),
        pytest.param(
            [RECEIVED, fact("fee_requested", 29)],
            asked(31),
            asked(28),
            None,
            id="paused is not overdue, and was not before",
        ),
        # the same, told backwards
        pytest.param(
            [RECEIVED, COMPLETED],
            asked(60),
            asked(40),
            ("changed_side", "events", "late", "overdue", {"completed": HAPPENED[::-1]}),
            id="an earlier instant",
        ),
        pytest.param(
            [RECEIVED],
            asked(60),
            asked(20),
            ("left", "time", "overdue", "open_not_overdue", {}),
            id="before the due date",
        ),
        # between two knowledge times
        pytest.param(
            [RECEIVED, late_to_come(fact("completed", 20), 90)],
            asked(60, known=60),
            asked(60),
            ("changed_side", "events", "overdue", "early", {"completed": ARRIVED}),
            id="an end that came late",
        ),
        pytest.param(
            [late_to_come(RECEIVED, 90)],
            asked(60, known=60),
            asked(60),
            ("entered", "events", "not_known", "overdue", {"received": ARRIVED}),
            id="a dossier that came late",
        ),
        pytest.param(
            [
                RECEIVED,
                fact("completed", 20),
                late_to_come(fact("voided", 21, voids="completed"), 90),
            ],
            asked(60, known=60),
            asked(60),
            (
                "changed_side",
                "events",
                "early",
                "overdue",
                {"completed": ("counts", "taken_back"), "voided": ("not_known", "takes_back")},
            ),
            id="a void that came late",
        ),
        pytest.param(
            [RECEIVED, late_to_come(fact("due_changed", 20, due=60), 90), COMPLETED],
            asked(70, known=70),
            asked(70),
            ("changed_side", "events", "late", "on_time", {"due_changed": ARRIVED}),
            id="a due date moved in time that came late",
        ),
        # between two definitions, two windows
        pytest.param(
            [RECEIVED],
            asked(60),
            asked(60, "resolved@1"),
            ("left", "definition", "overdue", "open_overdue_not_counted", {}),
            id="another definition",
        ),
        pytest.param(
            [RECEIVED, COMPLETED],
            asked(100, window="30d"),
            asked(100, window="1d"),
            ("left", "window", "late", "ended_before_window", {}),
            id="another window",
        ),
        pytest.param(
            [RECEIVED],
            asked(20, "resolved@1"),
            asked(60, "strict@1"),
            ("entered", "definition", "open_not_overdue", "overdue", {}),
            id="later, and by another definition",
        ),
        pytest.param([RECEIVED], asked(60), asked(60), None, id="the same"),
        pytest.param([RECEIVED, COMPLETED], asked(60), asked(61), None, id="nothing came"),
    ],
)
def test_versus(
    facts: Sequence[Fact], a: Question, b: Question, expected: tuple[object, ...] | None
) -> None:
    found = compare(facts, a, b)
    assert told(found) == ([] if expected is None else [expected])


def test_what_both_figures_and_each_dossier_say() -> None:
    histories = {
        "late": [RECEIVED, COMPLETED],
        "early": [RECEIVED, fact("completed", 20)],
        "void": [fact("voided", 2, voids="x")],
    }
    found = versus(of(histories, asked(40)), of(histories, asked(60, "resolved@1")))
    assert (found.unit_id, found.unchanged) == ("u", 1)
    [changed] = found.changes
    assert (changed.dossier_id, changed.numerator, changed.denominator) == ("late", 0, 0)
    assert changed.a == Stand("overdue", "R6", None, at(30), None, None)
    assert changed.b == Stand("late", "R6", None, at(30), at(50), "completed")
    [event] = changed.events
    assert (event.event.partition, event.event.offset) == (HOME, 0)
    assert found.a == ("strict@1", "7d", at(40), None, 1, 2)
    assert found.b == ("resolved@1", "7d", at(60), None, 1, 2)


def test_changes_in_order() -> None:
    histories = {
        "a": [RECEIVED, COMPLETED],
        "b": [fact("received", 1, due=50)],
        "c": [fact("completed", -DAY, due=1)],
        "d": [fact("received", 1, due=45)],
    }
    found = versus(of(histories, asked(40)), of(histories, asked(6 * DAY + 1)))
    assert [(one.dossier_id, one.change) for one in found.changes] == [
        ("b", "entered"),
        ("d", "entered"),
        ("c", "left"),
        ("a", "changed_side"),
    ]


def test_the_first_copy_that_had_arrived_is_another_event() -> None:
    """Where the arrivals of a partition run backwards, K can bring another copy of an id."""
    early, late = (fact("completed", hour)._replace(offset=int(hour)) for hour in (20, 50))
    a = side("u", {"D": [RECEIVED, early]}, asked(known=70), HOME)
    b = side("u", {"D": [RECEIVED, late]}, asked(), HOME)
    [changed] = versus(a, b).changes
    assert (changed.change, changed.by, changed.b.counted) == ("changed_side", "events", "late")
    [event] = changed.events
    assert (event.event.offset, event.role_a, event.role_b) == (50, "counts", "counts")


def test_copies_of_an_event_that_state_another_due_date() -> None:
    stated, silent = (fact("received", 1, due=due) for due in (30, None))
    found = versus(
        side("u", {"D": [silent]}, asked(known=70), HOME), side("u", {"D": [stated]}, asked(), HOME)
    )
    assert told(found) == [
        ("entered", "events", "no_due", "overdue", {"received": ("counts", "counts")})
    ]


def test_a_definition_that_weighs_dossiers_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(tally: Tally) -> Count:
        return Count(tally.early + tally.on_time + tally.late, sum(tally))

    definitions: dict[str, Definition] = {
        "lenient@1": lenient,
        "strict@1": lambda t: Count(0, sum(t)),
    }
    monkeypatch.setattr("indicators.definitions.DEFINITIONS", definitions)
    found = compare([RECEIVED, COMPLETED], asked(), asked(by="lenient@1"))
    assert told(found) == [("changed_side", "definition", "late", "late", {})]
    assert (found.changes[0].numerator, found.changes[0].denominator) == (1, 0)


def test_two_units_are_not_compared() -> None:
    with pytest.raises(ValueError, match="two units: u and v"):
        versus(of({}, asked()), side("v", {}, asked(), HOME))


def test_the_answer_in_json() -> None:
    facts = [RECEIVED, late_to_come(fact("completed", 20), 90)]
    found = compare(facts, asked(60, known=60), asked(60))
    stand = {"rule": "R6", "reason": None, "due_at": "2024-01-10T23:00:00+00:00"}
    open_, ended = (
        {**stand, "counted": "overdue", "ended_at": None, "ended_by": None},
        {
            **stand,
            "counted": "early",
            "ended_at": "2024-01-10T13:00:00+00:00",
            "ended_by": "completed",
        },
    )
    as_of = "2024-01-12T05:00:00+00:00"
    assert orjson.loads(found.to_json()) == {
        "unit_id": "u",
        "a": {
            "definition": "strict@1",
            "window": "7d",
            "as_of": as_of,
            "known_at": as_of,
            "numerator": 0,
            "denominator": 1,
        },
        "b": {
            "definition": "strict@1",
            "window": "7d",
            "as_of": as_of,
            "known_at": None,
            "numerator": 1,
            "denominator": 1,
        },
        "numerator": 1,
        "denominator": 0,
        "changes": [
            {
                "dossier_id": "D",
                "change": "changed_side",
                "by": "events",
                "numerator": 1,
                "denominator": 0,
                "a": open_,
                "b": ended,
                "events": [
                    {
                        "event_id": "completed",
                        "type": "completed",
                        "occurred_at": "2024-01-10T13:00:00+00:00",
                        "arrived_at": "2024-01-13T11:00:00.000+00:00",
                        "partition": 3,
                        "offset": 0,
                        "due_at": None,
                        "voids": None,
                        "role_a": "not_known",
                        "role_b": "counts",
                    }
                ],
            }
        ],
        "unchanged": 0,
    }


# -- by property -----------------------------------------------------------------------------------


def assert_compared(feed_: Feed, random: Random) -> Counter[str]:
    """Every difference of the two explanations is a change, and adds up; what was seen."""
    seen: Counter[str] = Counter()
    known = [random.choice((None, random.choice(feed_.records).arrival)) for _ in range(2)]
    moments = [START + timedelta(days=random.uniform(-1, 16)) for _ in range(2)]
    moments[1] = random.choice(moments)
    questions = [
        some_question(feed_, random, moment, known_at)
        for moment, known_at in zip(moments, known, strict=True)
    ]
    if random.random() < 0.5:  # often only one thing differs
        questions[1] = questions[0]._replace(
            **random.choice(
                (
                    {"at": questions[1].at},
                    {"window": questions[1].window},
                    {"definition": questions[1].definition},
                )
            )
        )
        known[1] = known[0]
    for unit in feed_.units():
        a, b = (
            side(unit, histories_of_records(known_in_order(feed_, known_at), unit), question, 1)
            for known_at, question in zip(known, questions, strict=True)
        )
        found = versus(a, b)
        assert_adds_up(found)
        assert_every_change(a, b, found)
        assert_backwards(found, versus(b, a))
        for changed in found.changes:
            seen[changed.change] += 1
            seen[changed.by] += 1
            assert_made_by(a, b, changed)
    return seen


def assert_every_change(a: Side, b: Side, found: Comparison) -> None:
    old, new = (
        {one.dossier_id: one.counted for one in each.explanation.dossiers} for each in (a, b)
    )
    expected: dict[str, Change] = dict.fromkeys(new.keys() - old.keys(), "entered")
    expected |= dict.fromkeys(old.keys() - new.keys(), "left")
    both = old.keys() & new.keys()
    expected |= dict.fromkeys({name for name in both if old[name] != new[name]}, "changed_side")
    assert {one.dossier_id: one.change for one in found.changes} == expected
    assert found.unchanged == len(both) - len(both & expected.keys())
    for one in found.changes:
        assert (one.a.counted, one.b.counted) == (old.get(one.dossier_id), new.get(one.dossier_id))
        for stand, each in ((one.a, a), (one.b, b)):
            reasons = dict(each.explanation.left_out)
            if stand.counted is None and stand.reason not in {"not_yet", "not_known"}:
                assert stand.reason == reasons[one.dossier_id]


def assert_backwards(found: Comparison, back: Comparison) -> None:
    turned = {"entered": "left", "left": "entered", "changed_side": "changed_side"}
    assert {(one.dossier_id, turned[one.change], one.a, one.b) for one in found.changes} == {
        (one.dossier_id, one.change, one.b, one.a) for one in back.changes
    }
    assert found.unchanged == back.unchanged


def standing(of: Stand | ExplainedDossier) -> tuple[object, ...]:
    return of.counted, of.due_at, of.ended_at, of.ended_by


def assert_made_by(a: Side, b: Side, changed: ChangedDossier) -> None:
    """A's events in B's figure, with those named as B has them, stand as in B; and not without."""
    facts_a, facts_b = (
        {
            fact.event_id: fact
            for fact in each.histories.get(changed.dossier_id, ())
            if fact.occurred_at < each.question.at
        }
        for each in (a, b)
    )
    named = {one.event.event_id for one in changed.events}
    assert bool(named) == (changed.by == "events")
    # A void's target stands beside it, and is in both.
    makers = [name for name in named if facts_a.get(name) != facts_b.get(name)]
    for less in [set(), *({name} for name in makers)]:
        turned = facts_a.keys() - {*makers} | less & facts_a.keys()
        mixed = [facts_a[name] for name in turned]
        mixed += [facts_b[name] for name in {*makers} - less if name in facts_b]
        if any(one.occurred_at >= b.question.at for one in mixed):
            continue  # what happens after B's T cannot be asked for in this way
        again = explain_dossier("D", sorted(mixed), b.question._replace(known=None), 1)
        # Where no event made it, others may differ that changed the date and not how it counts.
        stands = itemgetter(slice(None) if changed.by == "events" else 0)
        assert (stands(standing(again)) == stands(standing(changed.b))) == (not less)
    for event in changed.events:
        name = event.event.event_id
        assert event.role_a != event.role_b or facts_a.get(name) != facts_b.get(name)


def test_comparisons_of_untidy_feeds() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        for more in range(6):
            seen += assert_compared(feed(seed, Shape(taken_back=0.5)), Random(seed * 6 + more))
    usual = {*get_args(By), *get_args(Change)}
    assert {name for name in usual if seen[name] < 2} == set()  # what never happens is not tried


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_comparisons_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_compared(feed_, random)
