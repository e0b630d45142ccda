"""The oracle's judging: clock, minutes, holds and zones, case by case."""

from __future__ import annotations

from collections.abc import Sequence

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
