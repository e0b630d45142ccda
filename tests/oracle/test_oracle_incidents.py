"""The oracle's judging: clock, minutes, holds and zones, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.oracle.count import Counted
from tests.oracle.feeds import Shape, feed
from tests.oracle.fold import Known, from_millis, to_millis
from tests.oracle.incidents import Minutes, Policy, Step, steps, ticks, zone_of
from tests.oracle.told import VIET_NAM, day, happened, sent


def test_zone_is_compared_exactly() -> None:
    policy = Policy(min_sample=10)
    for on_time, all_, zone in (
        (9, 10, "green"),
        (89, 99, "yellow"),
        (8, 10, "yellow"),
        (7, 10, "red"),
        (9, 9, "grey"),
    ):
        assert zone_of(Counted(on_time, all_, 0, on_time, all_ - on_time, 0), policy) == zone
    assert zone_of(Counted(0, 0, 0, 0, 0, 0), Policy(min_sample=0)) == "grey"


NOW = Policy(window="7d", min_sample=1, hold=0, recover_hold=0)


def late_then_gone() -> list[Known]:
    """Late on the 6th at 10:30 sharp; out of a week's window on the 13th."""
    events = happened("received 1 due 5", "completed 6 10:30")
    return sent(events, ["1", "6 10:30"])


def brief(found: Sequence[Step]) -> list[tuple[str, int, int]]:
    return [(step.kind, step.at, step.offset) for step in found]


def test_incident_opens_with_the_record_and_grey_does_not_close_it() -> None:
    found = steps(late_then_gone(), NOW, VIET_NAM, until=to_millis(day("29")))["u"]
    at = to_millis(day("6 10:30"))
    assert found == [Step("u/resolved@1/1", "u", "opened", at, "red", at + 1, 0, 1, 0, 1)]


def test_hold_is_measured_between_clocks_and_judged_at_whole_minutes() -> None:
    records = late_then_gone()
    held = Policy(window="7d", min_sample=1, hold=90_000, recover_hold=0)
    opened = to_millis(day("6 10:32"))  # 10:30 + 90 s, at the next whole minute
    assert steps(records, held, VIET_NAM, until=opened)["u"] == []  # not yet past
    found = steps(records, held, VIET_NAM, until=opened + 1)["u"]
    assert brief(found) == [("opened", opened, 1)]


def test_grey_interrupts_the_hold() -> None:
    records = late_then_gone()
    week = Policy(window="7d", min_sample=1, hold=7 * 86_400_000, recover_hold=0)
    # after 7 days the late one is at the edge of its window: [T - 7d, T) with T = 1 ms later
    assert steps(records, week, VIET_NAM, until=to_millis(day("29")))["u"] == []
    shorter = Policy(window="7d", min_sample=1, hold=7 * 86_400_000 - 60_000, recover_hold=0)
    found = steps(records, shorter, VIET_NAM, until=to_millis(day("29")))["u"]
    assert brief(found) == [("opened", to_millis(day("13 10:29")), 1)]


def test_overdue_opens_at_the_minute_without_an_event() -> None:
    records = sent(happened("received 1 due 5 17:00"), ["1"])
    strict = Policy(definition="strict@1", window="7d", min_sample=1, hold=0, recover_hold=0)
    found = steps(records, strict, VIET_NAM, until=to_millis(day("6")))["u"]
    # due < T = clock + 1 ms: overdue at 17:00 itself
    assert brief(found) == [("opened", to_millis(day("5 17:00")), 0)]


def test_minute_comes_after_the_records_of_its_instant_and_closing_reopens_under_a_new_number() -> (
    None
):
    late = happened("received 1 due 5", "completed 6")
    other = [
        {**event, "dossier_id": "H-2"} for event in happened("received 7 due 20", "completed 13")
    ]
    third = [
        {**event, "dossier_id": "H-3"} for event in happened("received 7 due 8", "completed 14")
    ]
    records = sent([*late, *other, *third], ["1", "6", "7", "13", "14", "14"])
    found = steps(records, NOW, VIET_NAM)["u"]
    # On the 13th at 00:00 the late one has left the window when the other's end is judged.
    assert [(step.kind, step.incident_id[-1], from_millis(step.at)) for step in found] == [
        ("opened", "1", day("6")),
        ("closed", "1", day("13")),
        ("opened", "2", day("14")),
    ]


def test_clock_never_goes_back_and_only_folded_records_move_it() -> None:
    events = happened("received 1 due 5", "completed 6", "processing 2")
    duplicate = sent([events[0]], ["20"])[0]
    records = [
        *sent(events, ["1", "9", "4"]),
        Known(duplicate.event, duplicate.arrival, 0, 3),
    ]
    assert [from_millis(tick.clock) for tick in ticks(records)] == [day("1"), day("9"), day("9")]


@pytest.mark.parametrize(
    ("seed", "definition", "window", "hold"),
    [
        (0, "resolved@1", "1d", 0),
        (1, "strict@1", "1d", 45 * 60_000),
        (7, "resolved@1", "2d", 7_000),
        (3, "strict@1", "month", 90_000),
        (6, "strict@1", "2d", 0),
    ],
)
def test_judging_every_minute_gives_the_same_as_judging_beside_instants(
    seed: int, definition: str, window: str, hold: int
) -> None:
    small = feed(seed, Shape(units=1, dossiers=6, days=1.0, partitions=1))
    policy = Policy(definition, window, min_sample=2, hold=hold, recover_hold=hold // 2)
    until = max(known.arrival for known in small.records) + 3_600_000
    near = steps(small.records, policy, small.zone, until, Minutes.NEAR_INSTANTS)
    assert near == steps(small.records, policy, small.zone, until, Minutes.EVERY)
    assert any(near.values())


def ends(*told: str) -> list[Known]:
    """`late 6`, `fine 7`: one dossier each, known as it ends."""
    events, arrivals = [], []
    for number, line in enumerate(told):
        how, _, when = line.partition(" ")
        due = "1" if how == "late" else "30"
        (event,) = happened(f"completed {when} due {due}")
        events.append({**event, "dossier_id": f"H-{number}"})
        arrivals.append(when)
    return sent(events, arrivals)


def test_yellow_and_red_are_told_in_turn_while_open_and_nothing_else_is() -> None:
    policy = Policy(window="30d", min_sample=2, hold=0, recover_hold=0, yellow=Fraction(1, 2))
    records = ends("late 2", "late 3", "fine 4", "fine 5", "fine 6", "late 7", "late 8", "late 9")
    found = steps(records, policy, VIET_NAM)["u"]
    assert [(step.kind, step.zone, step.numerator, step.denominator) for step in found] == [
        ("opened", "red", 0, 2),
        ("improved", "yellow", 2, 4),
        ("worsened", "red", 3, 7),
    ]


def test_green_between_two_reds_states_nothing() -> None:
    policy = Policy(window="30d", min_sample=1, hold=0, recover_hold=10**9, green=Fraction(1, 2))
    records = ends("late 2", "fine 3", "late 4")
    found = steps(records, replace(policy, yellow=Fraction(1, 4)), VIET_NAM)["u"]
    assert [(step.kind, step.zone) for step in found] == [("opened", "red"), ("improved", "yellow")]
    found = steps(records, replace(policy, yellow=Fraction(2, 5)), VIET_NAM)["u"]
    assert [(step.kind, step.zone) for step in found] == [("opened", "red")]


def test_an_incident_closes_by_the_margin() -> None:
    policy = Policy(window="30d", min_sample=1, hold=0, recover_hold=0, green=Fraction(1, 2))
    records = ends("late 2", "fine 3", "fine 4", "fine 5")
    for margin, closed_on in ((0, "3"), (Fraction(1, 6), "4"), (Fraction(1, 4), "5")):
        found = steps(records, replace(policy, recover_margin=Fraction(margin)), VIET_NAM)["u"]
        assert brief(found)[-1][:2] == ("closed", to_millis(day(closed_on)))
    never = replace(policy, recover_margin=Fraction(1, 3))
    assert [step.kind for step in steps(records, never, VIET_NAM)["u"]] == ["opened"]


LATE = ("received 1 due 5", "completed 6 10:30")  # a, b


def corrections(told: Sequence[str], arrivals: Sequence[str]) -> list[tuple[object, ...]]:
    found = steps(sent(happened(*told), arrivals), NOW, VIET_NAM, until=to_millis(day("9")))["u"]
    opening = next(step for step in found if step.kind == "opened")
    corrected = [step for step in found if step.kind == "corrected"]
    assert {step.incident_id for step in corrected} <= {opening.incident_id}
    assert {step.as_of for step in corrected} <= {opening.as_of}
    return [
        (step.at, step.zone, step.numerator, step.denominator, step.cause) for step in corrected
    ]


def test_a_voided_end_was_never_late_and_another_end_was() -> None:
    at_7, at_8 = to_millis(day("7")), to_millis(day("8"))
    for voided_on in ("6", "7", "8 12:00"):  # before T, after it, in the future
        assert corrections(
            [*LATE, f"voided {voided_on} voids b", "completed 6 09:00"], ["1", "6 10:30", "7", "8"]
        ) == [
            (at_7, "grey", 0, 0, ("c", "H-1")),
            (at_8, "red", 0, 1, ("d", "H-1")),
        ]


def test_a_pause_known_late_shows_that_the_end_was_on_time() -> None:
    told = [*LATE, "fee_requested 3", "fee_paid 5", "processing 6"]
    assert corrections(told, ["1", "6 10:30", "7", "7", "8"]) == [
        (to_millis(day("7")), "green", 1, 1, ("c", "H-1"))
    ]


def test_what_the_opening_could_know_and_what_came_after_its_time_is_no_correction() -> None:
    told = ["received 1 due 5", "voided 8 voids c", "completed 6 10:30", "fee_requested 7"]
    assert corrections(told, ["1", "2", "6 10:30", "7"]) == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param(10, ["opened 1", "closed 1", "corrected 1", "opened 2"], id="closed"),
        pytest.param(12, ["opened 1", "closed 1", "opened 2", "corrected 2"], id="the next open"),
    ],
)
def test_a_correction_is_of_the_latest_incident(place: int, expected: list[str]) -> None:
    events = [known.event for known in ends("late 6", *["fine 7"] * 9, "late 8", "late 9")]
    (voided,) = happened("voided 7 voids a")
    events.insert(place, {**voided, "event_id": "v", "dossier_id": "H-0"})
    arrivals = ["6", *["7"] * 9, "8", "8" if place == 10 else "9", "9"]
    found = steps(sent(events, arrivals), NOW, VIET_NAM)["u"]
    rest = ("improved", "worsened")
    told = [f"{step.kind} {step.incident_id[-1]}" for step in found if step.kind not in rest]
    assert told == expected
