"""The partition monitor, record by record: what it takes, what it sends on, what it says."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.dead_letter import HEADER_FORWARDED
from schemas.instants import iso_millis
from schemas.status import OpenDossiers, Outcomes
from streams.book_state import BLOCK_KEY, CHAIN_KEY
from streams.effects import Effects
from streams.monitor import PartitionMonitor
from streams.routing import partition_of
from tests.streams.telling import (
    HOUR,
    MINUTE,
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
    seen,
)

DAY_S = 86_400

# Where a record belongs


def elsewhere(unit: str, partitions: int) -> int:
    return (partition_of(unit, partitions) + 1) % partitions


def test_a_record_where_it_belongs_is_folded() -> None:
    home = partition_of("U", 8)
    told = PartitionMonitor(home, 8, rules()).fold(
        [Topic(home).record(0, event("a", "received", 0))]
    )
    assert (told.folded, told.forwards, told.dead_letters) == (1, [], [])


@pytest.mark.parametrize(
    ("key", "in_place"),
    [
        pytest.param("V", True, id="under another key"),
        pytest.param(None, True, id="without a key"),
        pytest.param("", True, id="under an empty key"),
        pytest.param("U", False, id="in the wrong partition"),
    ],
)
def test_a_record_in_the_wrong_place_is_sent_on_once(key: str | None, in_place: bool) -> None:
    home = partition_of("U", 8)
    here = home if in_place else elsewhere("U", 8)
    topic, other = Topic(here), PartitionMonitor(here, 8, rules())
    record = topic.record(3, event("a", "received", 0), key, [("trace", b"1")])
    told = other.fold([record])
    assert (told.folded, told.dead_letters, told.statuses) == (0, [], [])
    assert told.changes.keys() == {CHAIN_KEY, BLOCK_KEY}  # it has been read, and no more
    assert (other.clock, list(other.units())) == (None, [])
    (sent,) = told.forwards
    assert (sent.partition, sent.key, sent.value) == (home, b"U", record.value)
    assert sent.timestamp == record.timestamp  # the arrival it had
    assert list(sent.headers) == [("trace", b"1"), (HEADER_FORWARDED, f"{here}-0".encode())]


def test_a_record_sent_on_is_folded_where_it_belongs() -> None:
    here = elsewhere("U", 8)
    (sent,) = (
        PartitionMonitor(here, 8, rules())
        .fold([Topic(here).record(3, event("a", "received", 0), "V")])
        .forwards
    )
    record = Topic(sent.partition).record(3, sent.value, sent.key.decode(), sent.headers)
    assert PartitionMonitor(sent.partition, 8, rules()).fold([record]).folded == 1


def test_a_record_sent_on_and_still_in_the_wrong_place_is_a_dead_letter() -> None:
    here = elsewhere("U", 8)
    record = Topic(here).record(3, event("a", "received", 0), "V", [(HEADER_FORWARDED, b"1-2")])
    told = PartitionMonitor(here, 8, rules()).fold([record])
    assert [(one.reason.value, one.record) for one in told.dead_letters] == [("misrouted", record)]
    assert told.forwards == []


def test_a_known_key_takes_no_event_of_another_unit() -> None:
    topic, one = Topic(), monitor()
    told = one.fold(
        [
            topic.record(0, event("a", "received", 0)),
            topic.record(0, event("b", "received", 0, unit="V"), "U"),
        ]
    )
    assert (told.folded, [sent.key for sent in told.forwards]) == (1, [b"V"])


# What is no event, and what has been one before


def test_what_is_no_event_is_a_dead_letter_and_the_rest_is_folded() -> None:
    topic = Topic()
    bad = topic.record(5, b"{")
    told = monitor().fold([bad, topic.record(6, None), topic.record(7, event("a", "received", 0))])
    reasons = [(one.record.offset, one.reason.value) for one in told.dead_letters]
    assert reasons == [(0, "not_json"), (1, "null_value")]
    assert told.dead_letters[0].record is bad
    assert told.folded == 1


def test_a_dead_letter_does_not_move_the_clock() -> None:
    topic, one = Topic(), monitor()
    one.fold([topic.record(0, event("a", "received", 0)), topic.record(99, b"{")])
    assert (one.clock, one.offset) == (after(0), 0)


def test_a_duplicate_changes_nothing_and_does_not_move_the_clock() -> None:
    topic, one = Topic(), monitor()
    one.fold([topic.record(0, event("a", "completed", -1, due=0))])
    told = one.fold([topic.record(2 * DAY_S, event("a", "completed", -1, due=0))])
    assert told.duplicates == 1
    assert told.changes.keys() == {CHAIN_KEY, BLOCK_KEY}  # it has been read, and no more
    assert (told.folded, told.statuses, told.steps, told.book) == (0, [], [], [])
    assert (one.clock, one.offset) == (after(0), 0)


def test_a_copy_with_fields_outside_the_contract_is_a_duplicate_all_the_same() -> None:
    topic, one = Topic(), monitor()
    told = one.fold(
        [
            topic.record(0, event("a", "received", 0)),
            topic.record(1, event("a", "received", 0, citizen="Trần Thị B")),
        ]
    )
    assert (told.folded, told.duplicates, told.unknown_fields) == (1, 1, 1)
    assert "Trần".encode() not in b"".join(told.changes.values())


def test_an_event_id_with_other_content_is_a_dead_letter_and_the_first_stands() -> None:
    topic, one = Topic(), monitor()
    told = one.fold(
        [
            topic.record(0, event("a", "completed", -2, due=-1)),
            topic.record(9, event("a", "completed", -2, due=-3)),
        ]
    )
    (letter,) = told.dead_letters
    assert (letter.reason.value, letter.record.offset) == ("conflicting_event", 1)
    assert "event_id a" in letter.detail
    assert (one.clock, one.offset) == (after(0), 0)
    assert dict(told.statuses[0].resolved)["1d"] == Outcomes(0, 1, 0)


def test_the_same_event_id_in_another_dossier_is_another_event() -> None:
    topic, one = Topic(), monitor()
    told = one.fold(
        [
            topic.record(0, event("a", "received", 0)),
            topic.record(0, event("a", "received", 0, dossier="E")),
        ]
    )
    assert told.folded == 2


def test_what_a_step_says_is_not_kept() -> None:
    told = monitor().fold([Topic().record(0, event("a", "processing", 0, step="bà Nguyễn Thị A"))])
    assert "Nguyễn".encode() not in b"".join([*told.changes, *told.changes.values()])


# The clock


def test_the_clock_is_the_arrival_of_the_last_record_folded_and_never_goes_back() -> None:
    topic, one = Topic(), monitor()
    clocks = []
    for number, arrived in enumerate([5, 3, 8]):
        one.fold([topic.record(arrived, event(str(number), "received", 0))])
        assert one.clock is not None
        clocks.append(seconds(one.clock))
    assert clocks == [5, 5, 8]


def test_advancing_to_the_past_does_nothing() -> None:
    topic, one = Topic(), monitor()
    one.fold([topic.record(5, event("a", "completed", 0, due=1))])
    assert not one.advance(after(-DAY_S))
    assert one.clock == after(5)


def test_a_record_counts_as_soon_as_it_is_folded() -> None:
    """T is 1 ms after the clock, so that what happened in the clock's own millisecond counts."""
    told = monitor().fold([on_time(Topic(), 0, "D")])
    (status,) = told.statuses
    assert (status.clock, status.as_of) == (after(0), after(0) + 1)
    assert (status.figures[0].numerator, status.figures[0].denominator) == (1, 1)


def test_an_event_of_the_future_waits_for_its_minute() -> None:
    topic, one = Topic(), monitor()
    told = one.fold([topic.record(0, event("a", "completed", 90, due=91))])
    assert told.statuses[0].figures[0].denominator == 0
    assert one.next_minute == after(120)
    (status,) = one.advance(after(121)).statuses
    assert (seconds(status.clock), status.figures[0].denominator) == (120, 1)


@pytest.mark.parametrize(
    ("occurred", "wake"),
    [
        pytest.param(59.999, 60, id="just before the minute"),
        pytest.param(60, 60, id="at the minute itself it counts in its judgement"),
        pytest.param(60.001, 120, id="a millisecond later: the next"),
    ],
)
def test_wakes_are_exact(occurred: float, wake: float) -> None:
    one = monitor()
    one.fold([Topic().record(0, event("a", "completed", occurred, due=999))])
    assert one.next_minute == after(wake)


def test_a_minute_is_judged_when_the_clock_passes_it_and_not_before() -> None:
    topic, one = Topic(), monitor()
    one.fold([topic.record(0, event("a", "completed", 30, due=29))])
    assert not one.advance(after(60))  # records of that instant may still come
    assert one.next_minute == after(60)
    assert seen(one.advance(after(60) + 1).steps) == [("opened", 60)]
    assert one.next_minute is not None
    assert one.next_minute > after(60)


def test_at_one_instant_the_records_come_first_then_the_minute() -> None:
    topic, one = Topic(), monitor()
    one.fold([topic.record(0, event("a", "completed", 30, due=29))])
    told = one.fold(
        [topic.record(60, event("b", "voided", 31, voids="a")), on_time(topic, 61, "E")]
    )
    assert (told.steps, told.folded) == ([], 2)


def test_a_record_judges_the_minutes_before_its_arrival_first() -> None:
    topic, one = Topic(), monitor()
    one.fold([topic.record(0, event("a", "completed", 30, due=29))])
    told = one.fold([topic.record(150, event("b", "voided", 31, voids="a"))])
    # By the record at 150 nothing was late any more, and nothing ever had been.
    assert seen(told.steps) == [("opened", 60), ("corrected", 150)]
    assert (told.statuses[0].incident, told.statuses[0].zone) == ("U/resolved@1/1", "grey")


def test_minutes_of_several_units_are_judged_in_order() -> None:
    topic, one = Topic(), monitor()
    one.fold(
        [
            topic.record(0, event("a", "completed", 150, due=29, unit="U1"), "U1"),
            topic.record(0, event("a", "completed", 30, due=29, unit="U2"), "U2"),
            topic.record(0, event("a", "completed", 90, due=29, unit="U3"), "U3"),
        ]
    )
    steps = one.advance(after(600)).steps
    assert [(step.unit_id, seconds(step.at)) for step in steps] == [
        ("U2", 60),
        ("U3", 120),
        ("U1", 180),
    ]


def test_nothing_to_come_is_nothing_to_wake_for() -> None:
    one = monitor(rules(windows=("1d",)))
    one.fold([Topic().record(0, event("a", "received", -1))])
    assert one.next_minute is None
    told = one.advance(after(400 * DAY_S))
    assert (told.statuses, told.steps) == ([], [])


def test_a_monitor_of_nothing_advances_and_says_nothing() -> None:
    one = monitor()
    assert one.next_minute is None
    assert not one.advance(after(5))


def test_changes_that_no_event_announces_are_found_one_after_another() -> None:
    topic, one, judged = Topic(), monitor(rules(windows=("1d",))), []
    one.fold(
        [
            topic.record(0, event("r", "received", -1, due=2 * DAY_S, dossier="open")),
            topic.record(0, event("c", "completed", -1, due=9, dossier="ended")),
        ]
    )
    while (wake := one.next_minute) is not None:
        (status,) = one.advance(wake + 1).statuses
        judged.append((seconds(status.clock), status.figures[0].denominator, status.open))
    assert judged == [
        (DAY_S, 0, OpenDossiers(0, 0, 1, 0, 0)),  # it left the window, and the other is due soon
        (2 * DAY_S, 0, OpenDossiers(1, 0, 0, 0, 0)),
    ]


def test_an_event_of_the_future_that_changes_nothing_hides_no_later_change() -> None:
    topic, one = Topic(), monitor(rules(windows=("1d",)))
    one.fold(
        [
            topic.record(0, event("a", "completed", -1, due=9)),
            topic.record(0, event("b", "received", 300)),  # of a dossier that has ended
        ]
    )
    assert one.next_minute == after(300)
    one.advance(after(360))
    assert one.next_minute == after(DAY_S)
    assert [seconds(status.clock) for status in one.advance(after(2 * DAY_S)).statuses] == [DAY_S]


def test_a_late_record_after_the_future_has_come_hides_no_later_change() -> None:
    topic, one = Topic(), monitor(rules(windows=("1d",)))
    one.fold(
        [
            topic.record(0, event("a", "completed", -1, due=9)),
            topic.record(0, event("b", "received", 290)),
        ]
    )
    one.fold([topic.record(295, event("c", "processing", 0))])
    one.advance(after(360))
    assert one.next_minute == after(DAY_S)


# What is said of a unit


def test_one_status_a_unit_and_chunk_its_last_judgement() -> None:
    topic, one = Topic(), monitor()
    told = one.fold([on_time(topic, 0, "a"), late(topic, 1, "b", "V"), late(topic, 2, "c")])
    shown = {status.unit_id: status for status in told.statuses}
    assert len(told.statuses) == 2
    assert (shown["U"].offset, seconds(shown["U"].clock)) == (2, 2)
    assert (shown["V"].offset, seconds(shown["V"].clock)) == (1, 1)
    assert shown["U"].figures[0][2:] == (1, 2)


def test_a_status_shows_every_definition_and_window_once_the_primary_first() -> None:
    topic, one = Topic(), monitor(rules(policy("7d"), ("1d", "7d")))
    told = one.fold(
        [late(topic, 0, "a"), topic.record(1, event("o", "received", 0, due=0, dossier="o"))]
    )
    (status,) = told.statuses
    assert [figure[:2] for figure in status.figures] == [
        ("resolved@1", "7d"),
        ("resolved@1", "1d"),
        ("strict@1", "1d"),
        ("strict@1", "7d"),
    ]
    assert [figure[2:] for figure in status.figures] == [(0, 1), (0, 1), (0, 2), (0, 2)]
    assert dict(status.resolved) == {"1d": Outcomes(0, 0, 1), "7d": Outcomes(0, 0, 1)}


def test_a_primary_window_that_is_not_shown_is_still_the_first_figure() -> None:
    one = monitor(rules(policy("30d"), ("1d",)))
    (status,) = one.fold([late(Topic(), 0, "a")]).statuses
    assert status.figures[0][:4] == ("resolved@1", "30d", 0, 1)
    assert [figure[:2] for figure in status.figures[1:]] == [
        ("resolved@1", "1d"),
        ("strict@1", "1d"),
    ]


def test_a_window_of_the_policy_alone_wakes_its_unit() -> None:
    one = monitor(rules(policy("2d"), ("1d",)))
    one.fold([late(Topic(), 0, "a")])
    one.advance(after(DAY_S + 60))
    assert one.next_minute == after(2 * DAY_S)


def test_the_open_dossiers_of_a_status() -> None:
    topic, one = Topic(), monitor()
    kinds = [
        event("a", "received", -9, due=-5, dossier="overdue"),
        event("b", "received", -9, due=999, dossier="paused"),
        event("b2", "fee_requested", -8, dossier="paused"),
        event("c", "received", -9, due=999, dossier="soon"),
        event("d", "received", -9, due=9 * DAY_S, dossier="within"),
        event("e", "received", -9, dossier="no due"[:2]),
        event("f", "submitted", -9, due=999, dossier="submitted"),
        event("g", "received", -9, due=date(2024, 1, 31), dossier="bare"),
    ]
    (status,) = one.fold([topic.record(0, kind) for kind in kinds]).statuses
    assert status.open == OpenDossiers(overdue=1, paused=1, due_soon=1, within=2, no_due=1)


def test_a_step_has_its_evidence() -> None:
    topic, one, by = Topic(), monitor(), policy()
    told = one.fold([on_time(topic, 0, "a"), late(topic, 2.5, "b"), topic.record(3, b"{")])
    (step,) = told.steps
    assert step.to_dict() == {
        "incident_id": "U/resolved@1/1",
        "unit_id": "U",
        "kind": "opened",
        "at": "2024-01-10T01:00:02.500+00:00",
        "zone": "red",
        "evidence": {
            "definition": "resolved@1",
            "window": "1d",
            "as_of": "2024-01-10T01:00:02.501+00:00",
            "numerator": 1,
            "denominator": 2,
            "partition": 0,
            "offset": 1,
            "policy": by.digest,
        },
    }


def test_the_offset_of_a_minute_is_the_last_record_folded_in_the_partition() -> None:
    topic, one = Topic(), monitor()
    one.fold(
        [
            topic.record(0, event("a", "completed", 30, due=29)),
            on_time(topic, 1, "e", "V"),
            topic.record(2, b"{"),
        ]
    )
    told = one.advance(after(61))
    assert [step.evidence.offset for step in told.steps] == [1]
    assert [status.offset for status in told.statuses] == [1]


def test_an_incident_opens_and_closes_and_the_next_has_the_next_number() -> None:
    topic, one, life = Topic(), monitor(rules(windows=("1d",))), Life()
    life.take(one.fold([late(topic, 0, "a")]))
    life.take(one.fold([on_time(topic, 60 + number, f"b{number}") for number in range(9)]))
    life.take(one.fold([late(topic, 100, "c")]))
    assert [(step.kind, step.incident_id) for step in life.steps] == [
        ("opened", "U/resolved@1/1"),
        ("improved", "U/resolved@1/1"),
        ("closed", "U/resolved@1/1"),
        ("opened", "U/resolved@1/2"),
    ]
    assert life.statuses["U"].incident == "U/resolved@1/2"


def test_a_hold_ends_at_a_whole_minute_though_no_event_comes() -> None:
    topic, one = Topic(), monitor(rules(policy(hold=600)))
    one.fold([late(topic, 5, "a")])
    assert one.next_minute == after(660)  # 605 s, and the next whole minute
    assert seen(one.advance(after(661)).steps) == [("opened", 660)]


def test_a_hold_that_ends_at_a_record_ends_there() -> None:
    topic, one = Topic(), monitor(rules(policy(hold=600)))
    one.fold([late(topic, 5, "a")])
    told = one.fold([topic.record(605, event("n", "processing", 0))])
    assert seen(told.steps) == [("opened", 605)]


def test_a_recovery_interrupted_by_too_few_starts_anew() -> None:
    by = policy(window="1d", recover_hold=3600, min_sample=2)
    topic, one, life = Topic(), monitor(rules(by, ("1d",))), Life()
    life.take(one.fold([late(topic, 0, "a"), late(topic, 0, "b")]))
    life.take(one.fold([on_time(topic, DAY_S - 1000, f"c{number}") for number in range(20)]))
    life.take(one.advance(after(3 * DAY_S)))
    assert seen(life.steps) == [
        ("opened", 0),
        ("improved", DAY_S - 1000),  # with the eighth of twenty
        ("closed", DAY_S - 1000 + 3640),
    ]


def test_reading_a_unit_changes_nothing_that_is_said_later() -> None:
    """A scrape between an event's time and its minute must not swallow the judgement."""

    def steps(*, read: bool) -> list[tuple[str, float]]:
        topic, one = Topic(), monitor()
        one.fold([topic.record(0, event("a", "completed", 30, due=29))])
        one.advance(after(40))
        if read:
            one.reading("U")
        return seen(one.advance(after(120)).steps)

    assert steps(read=True) == steps(read=False) == [("opened", 60)]


def test_a_reading_is_as_of_the_partitions_clock() -> None:
    topic, one = Topic(), monitor(rules(windows=("1d",)))
    one.fold([late(topic, 0, "a")])
    one.advance(after(DAY_S) + 5)
    status = one.reading("U")
    assert (status.clock, status.figures[0].denominator) == (after(DAY_S) + 5, 0)
    assert iso_millis(status.as_of) == "2024-01-11T01:00:00.006+00:00"


def test_the_shape_of_the_effects_of_nothing() -> None:
    assert not monitor().fold([])
    assert not Effects()
    assert MINUTE * 60 == HOUR
