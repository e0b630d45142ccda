"""The life of incidents as the records tell it: worsened, improved, corrected, closed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from schemas.step import IncidentStep
from streams.record import FiledRecord
from tests.streams.telling import (
    Life,
    Topic,
    after,
    event,
    late,
    monitor,
    on_time,
    policy,
    rules,
    seconds,
)

HALF = replace(policy(), green=Fraction(1, 2), yellow=Fraction(1, 3))  # of the dossiers
MONTH = replace(HALF, window=policy("30d").window)


def told(steps: list[IncidentStep]) -> list[tuple[str, float, str, int, int]]:
    """Kind, second, zone and figure of each step."""
    return [
        (step.kind, seconds(step.at), step.zone, step.evidence.numerator, step.evidence.denominator)
        for step in steps
    ]


def void(topic: Topic, arrived: float, dossier: str, occurred: float | None = None) -> FiledRecord:
    """The end of a dossier is taken back."""
    when = arrived if occurred is None else occurred
    voids = event(f"{dossier}-void", "voided", when, dossier=dossier, voids=f"{dossier}-end")
    return topic.record(arrived, voids)


def test_an_open_incident_tells_each_turn_between_yellow_and_red() -> None:
    topic, one = Topic(), monitor(rules(HALF))
    steps = one.fold(
        [
            late(topic, 0, "a"),
            late(topic, 1, "b"),
            on_time(topic, 2, "c"),
            late(topic, 3, "d"),
            on_time(topic, 4, "e"),
        ]
    ).steps
    assert told(steps) == [
        ("opened", 0, "red", 0, 1),
        ("improved", 2, "yellow", 1, 3),
        ("worsened", 3, "red", 1, 4),
        ("improved", 4, "yellow", 2, 5),
    ]
    assert {step.incident_id for step in steps} == {"U/resolved@1/1"}
    assert [step.evidence.offset for step in steps] == [0, 2, 3, 4]


def test_the_passing_of_time_worsens_too() -> None:
    topic, one = Topic(), monitor(rules(HALF, ("1d",)))
    one.fold([on_time(topic, 0, "a"), late(topic, 60, "b"), late(topic, 120, "c")])
    steps = one.advance(after(86_400 + 200)).steps
    assert told(steps)[0] == ("worsened", 86_400, "red", 0, 2)


def test_a_voided_end_corrects_its_opening_and_then_closes_the_incident() -> None:
    topic, one = Topic(), monitor(rules(HALF))
    one.fold([late(topic, 5, "a"), late(topic, 6, "b")])
    one.fold([on_time(topic, 7, "c")])
    corrected, closed = one.fold([void(topic, 8, "a")]).steps
    assert corrected.to_dict() == {
        "incident_id": "U/resolved@1/1",
        "unit_id": "U",
        "kind": "corrected",
        "at": "2024-01-10T01:00:08.000+00:00",
        "zone": "grey",
        "evidence": {
            "definition": "resolved@1",
            "window": "1d",
            "as_of": "2024-01-10T01:00:05.001+00:00",
            "numerator": 0,
            "denominator": 0,
            "partition": 0,
            "offset": 3,
            "policy": HALF.digest,
        },
        "cause": {"event_id": "a-void", "dossier_id": "a"},
    }
    assert told([closed]) == [("closed", 8, "green", 1, 2)]


@pytest.mark.parametrize(
    ("occurred", "corrected"),
    [
        pytest.param(-9, True, id="dated before the opening"),
        pytest.param(50, True, id="dated as it comes"),
        pytest.param(9_999, True, id="dated in the future"),
    ],
)
def test_a_void_says_that_an_event_never_was_whenever_it_is_dated(
    occurred: float, corrected: bool
) -> None:
    topic, one = Topic(), monitor(rules(MONTH))
    one.fold([late(topic, 0, "a")])
    steps = one.fold([void(topic, 50, "a", occurred)]).steps
    assert [step.kind for step in steps] == ["corrected"] * corrected


def test_a_void_that_the_opening_disregarded_is_no_news_when_its_time_comes() -> None:
    topic, one = Topic(), monitor(rules(MONTH))
    one.fold([void(topic, 0, "a", 300), late(topic, 10, "a")])
    told_later = one.fold([topic.record(500, event("n", "completed", 450, dossier="a"))])
    assert told_later.steps == []
    assert told_later.statuses[0].zone == "grey"  # the end is voided, and the next has no due date


def ended(topic: Topic, arrived: float, dossier: str, end: float, due: float) -> FiledRecord:
    fields = event(f"{dossier}-end", "completed", end, due=due, dossier=dossier)
    return topic.record(arrived, fields)


def test_late_events_turn_an_opening_over_and_back_and_each_turn_is_told() -> None:
    topic, one, life = Topic(), monitor(rules(replace(MONTH, recover_hold=9_999_999))), Life()
    life.take(one.fold([late(topic, 100, "a")]))
    life.take(one.fold([ended(topic, 200, "b", 40, 50)]))  # on time: 1/2 at the opening
    life.take(one.fold([ended(topic, 300, "c", 60, 50)]))  # late: 1/3
    life.take(one.fold([ended(topic, 400, name, 150, 50) for name in "de"]))  # not by then
    life.take(one.fold([ended(topic, 500, "f", 40, 50)]))  # 2/4
    assert told([step for step in life.steps if step.kind == "corrected"]) == [
        ("corrected", 200, "green", 1, 2),
        ("corrected", 300, "yellow", 1, 3),
        ("corrected", 500, "green", 2, 4),
    ]


def test_one_record_may_correct_an_incident_and_then_open_the_next() -> None:
    topic, one = Topic(), monitor(rules(MONTH))
    one.fold([late(topic, 100, "a"), ended(topic, 200, "b", 40, 50)])
    steps = one.fold([ended(topic, 300, "c", 60, 50)]).steps
    assert [(step.kind, step.at, step.incident_id) for step in steps] == [
        ("corrected", after(300), "U/resolved@1/1"),
        ("opened", after(300), "U/resolved@1/2"),
    ]


def test_what_comes_after_the_opening_moves_nothing_of_it() -> None:
    topic, one = Topic(), monitor(rules(MONTH))
    one.fold([late(topic, 0, "a")])
    steps = one.fold([on_time(topic, 1 + number, f"b{number}") for number in range(9)]).steps
    assert "corrected" not in {step.kind for step in steps}


def test_a_correction_of_a_closed_incident_has_its_id() -> None:
    topic, one = Topic(), monitor(rules(MONTH))
    one.fold([late(topic, 0, "a"), on_time(topic, 1, "b")])
    steps = one.fold([void(topic, 2, "a")]).steps
    assert [(step.kind, step.incident_id) for step in steps] == [("corrected", "U/resolved@1/1")]


def test_minutes_before_a_late_record_are_judged_first_and_then_corrected() -> None:
    by = replace(MONTH, hold=600_000)
    topic, one = Topic(), monitor(rules(by))
    one.fold([late(topic, 0, "a")])
    steps = one.fold([void(topic, 700, "a", -5)]).steps
    assert told(steps) == [("opened", 600, "red", 0, 1), ("corrected", 700, "grey", 0, 0)]


def test_an_incident_closes_only_by_the_margin() -> None:
    by = replace(MONTH, recover_margin=Fraction(1, 4), recover_hold=60_000)
    topic, one = Topic(), monitor(rules(by))
    one.fold([late(topic, 0, "a"), on_time(topic, 1, "b")])
    assert one.advance(after(600)).steps == []  # 1/2 is green, and not enough
    one.fold([on_time(topic, 601, "c"), on_time(topic, 602, "d")])  # 3/4 is
    assert told(one.advance(after(900)).steps) == [("closed", 720, "green", 3, 4)]


# By another policy than it opened


def test_an_incident_keeps_its_id_under_another_definition() -> None:
    topic, life = Topic(), Life()
    life.take(monitor(rules(MONTH)).fold([late(topic, 0, "a")]))
    other = monitor(rules(replace(MONTH, definition="strict@1")))
    other.restore(life.state.items())
    assert other.reading("U").incident == "U/resolved@1/1"
    life.take(other.fold([on_time(topic, 1, "b"), late(topic, 2, "c")]))
    assert [(step.kind, step.incident_id, step.evidence.definition) for step in life.steps] == [
        ("opened", "U/resolved@1/1", "resolved@1"),
        ("closed", "U/resolved@1/1", "strict@1"),
        ("opened", "U/strict@1/2", "strict@1"),
    ]


def test_an_opening_by_another_policy_is_corrected_no_more() -> None:
    topic, life = Topic(), Life()
    life.take(monitor(rules(MONTH)).fold([late(topic, 0, "a"), on_time(topic, 1, "b")]))
    for by in (replace(MONTH, min_sample=2), MONTH):  # nor when the first one is back
        other = monitor(rules(by))
        other.restore(life.state.items())
        life.take(other.fold([topic.record(2 + topic.next, event(f"{topic.next}", "received", 0))]))
    life.take(other.fold([void(topic, 9, "a")]))
    assert [step.kind for step in life.steps] == ["opened", "closed"]


def test_another_threshold_is_told_by_as_a_turn() -> None:
    topic, life = Topic(), Life()
    life.take(monitor(rules(MONTH)).fold([late(topic, 0, "a")]))
    other = monitor(rules(replace(MONTH, yellow=Fraction(0))))
    other.restore(life.state.items())
    (step,) = life.take(other.advance(after(600))).steps
    assert (step.kind, step.zone) == ("improved", "yellow")
