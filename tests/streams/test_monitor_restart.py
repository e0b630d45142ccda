"""Stopped and restored anywhere, cut into any chunks, read at any time: the same comes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import orjson
from hypothesis import given
from hypothesis import strategies as st

from schemas.event import EVENT_TYPES
from schemas.instants import Millis
from streams.monitor import PartitionMonitor
from streams.record import FiledRecord
from streams.rules import MonitorRules
from streams.state import PARTITION_KEY, unit_key
from tests.profiles import steady
from tests.streams.telling import HOUR, Life, Topic, event, late, monitor, on_time, policy, rules

PLAIN = rules(policy("1d", hold=1800, recover_hold=900), ("1d", "2d", "month"))
# That of two dossiers one on time is yellow: what is told of an open incident is told often.
LIVELY = rules(
    replace(
        policy("1d", hold=0, recover_hold=900),
        yellow=Fraction(2, 5),
        recover_margin=Fraction(1, 20),
    ),
    ("1d", "2d"),
)
SECONDS = st.builds(
    lambda minute, odd: minute * 600 + odd,
    st.integers(-20, 300),
    st.sampled_from([0, 0, 0.001, -0.001, 30]),
)


@st.composite
def events(draw: st.DrawFn, number: int) -> dict[str, object]:
    kind = draw(st.sampled_from(["completed", "received", *EVENT_TYPES]))
    due = draw(st.one_of(SECONDS, SECONDS, st.none(), st.just(date(2024, 1, 11))))
    more: dict[str, object] = {}
    if kind == "voided":
        more["voids"] = str(draw(st.integers(0, 9)))
    return event(
        str(number),
        kind,
        draw(SECONDS),
        due=due,
        dossier=draw(st.sampled_from("DE")),
        unit=draw(st.sampled_from(["U", "U", "V"])),
        **more,
    )


@st.composite
def feeds(draw: st.DrawFn) -> list[FiledRecord]:
    """Any events, arriving in nearly any order, some of them twice, some unusable."""
    topic = Topic()
    told = [draw(events(number)) for number in range(draw(st.integers(1, 9)))]
    if draw(st.booleans()):
        told.append(draw(st.sampled_from(told)))
    arrivals = [draw(SECONDS) for _ in told]
    if draw(st.booleans()):
        arrivals.sort()
    records = [
        topic.record(arrived, one, str(one["unit_id"]))
        for arrived, one in zip(arrivals, told, strict=True)
    ]
    if draw(st.booleans()):
        records.append(topic.record(draw(SECONDS), b"{"))
    return records


def ended(one: PartitionMonitor, life: Life, until: Millis | None) -> Life:
    """After days without records, minute for minute as a worker's ticks would find them."""
    if one.clock is not None:
        life.take(one.advance(one.clock + 72 * HOUR if until is None else until))
    return life


def straight(records: list[FiledRecord], by: MonitorRules = PLAIN) -> tuple[object, ...]:
    one, life = monitor(by), Life()
    life.take(one.fold(records))
    return ended(one, life, None).outcome()


@steady(60)
@given(records=feeds())
def test_any_cut_into_chunks_gives_the_same(records: list[FiledRecord]) -> None:
    one, life = monitor(PLAIN), Life()
    for record in records:
        life.take(one.fold([record]))
    assert ended(one, life, None).outcome() == straight(records)


@steady(60)
@given(records=feeds(), cuts=st.sets(st.integers(0, 10), max_size=4))
def test_any_restart_gives_the_same(records: list[FiledRecord], cuts: set[int]) -> None:
    one, life = monitor(PLAIN), Life()
    edges = [0, *sorted(cut for cut in cuts if cut < len(records)), len(records)]
    for begin, end in pairwise(edges):
        life.take(one.fold(records[begin:end]))
        before = (one.clock, one.offset)
        one = monitor(PLAIN)
        one.restore(life.state.items())
        assert (one.clock, one.offset) == before
    assert ended(one, life, None).outcome() == straight(records)


@st.composite
def endings(draw: st.DrawFn) -> list[FiledRecord]:
    """Dossiers that end, late or on time, some known late, some taken back, in any order."""
    topic = Topic()
    told: list[tuple[float, dict[str, object]]] = []
    for number in range(draw(st.integers(1, 9))):
        end, name = draw(st.integers(0, 60)) * 60, str(number)
        due = end + draw(st.sampled_from([-1, 1]))
        known = end + draw(st.sampled_from([0, 0, 900, 3600, -300]))
        told.append((known, event("e", "completed", end, due=due, dossier=name)))
        if draw(st.booleans()):
            dated, came = (known + draw(st.integers(-9, 60)) * 60 for _ in "12")
            told.append((came, event("v", "voided", dated, dossier=name, voids="e")))
    told.sort(key=lambda one: one[0])
    return [topic.record(*one) for one in told]


def test_incidents_live_on_the_same_however_cut_and_restarted() -> None:
    kinds: Counter[str] = Counter()

    @steady(80)
    @given(records=endings(), cuts=st.sets(st.integers(0, 18), max_size=6), data=st.data())
    def tried(records: list[FiledRecord], cuts: set[int], data: st.DataObject) -> None:
        one, life = monitor(LIVELY), Life()
        edges = [0, *sorted(cut for cut in cuts if cut < len(records)), len(records)]
        for begin, end in pairwise(edges):
            life.take(one.fold(records[begin:end]))
            if data.draw(st.booleans()):
                one = monitor(LIVELY)
                one.restore(life.state.items())
        assert ended(one, life, None).outcome() == straight(records, LIVELY)
        kinds.update(step.kind for step in life.steps)

    tried()
    least = dict.fromkeys(("opened", "worsened", "improved", "closed", "corrected"), 5)
    assert {kind: kinds[kind] for kind in least if kinds[kind] < least[kind]} == {}


@steady(60)
@given(records=feeds())
def test_a_restart_gives_the_same_readings(records: list[FiledRecord]) -> None:
    one, life = monitor(PLAIN), Life()
    life.take(one.fold(records))
    other = monitor(PLAIN)
    other.restore(life.state.items())
    assert {unit: other.reading(unit) for unit in other.units()} == {
        unit: one.reading(unit) for unit in one.units()
    }


@steady(60)
@given(records=feeds(), ahead=st.integers(0, 3 * 3_600_000))
def test_readings_change_nothing(records: list[FiledRecord], ahead: int) -> None:
    """Scraped after every record and tick: what is said is what would have been said."""

    def life(*, read: bool) -> tuple[object, ...]:
        one, told = monitor(PLAIN), Life()
        for record in records:
            told.take(one.fold([record]))
            for clock in () if one.clock is None else (one.clock, one.clock + ahead):
                told.take(one.advance(clock))
                for unit in one.units() if read else ():
                    one.reading(unit)
        return ended(one, told, None).outcome()

    assert life(read=True) == life(read=False)


@steady(60)
@given(records=feeds(), stride=st.integers(20 * 60_000, 10 * HOUR))
def test_ticks_in_small_steps_find_what_one_long_tick_finds(
    records: list[FiledRecord], stride: int
) -> None:
    one, life = monitor(PLAIN), Life()
    life.take(one.fold(records))
    if one.clock is not None:
        until = one.clock + 72 * HOUR
        for clock in range(one.clock, until, stride):
            life.take(one.advance(clock))
        ended(one, life, until)
    assert apart_from_the_clock(life.outcome()) == apart_from_the_clock(straight(records))


def apart_from_the_clock(outcome: tuple[object, ...]) -> tuple[object, ...]:
    """The clock of a tick is kept only when something is written with it."""
    told, shown, state, *rest = outcome
    assert isinstance(state, dict)
    return told, shown, {key: state[key] for key in state.keys() - {PARTITION_KEY}}, *rest


@steady(60)
@given(records=feeds(), data=st.data())
def test_every_order_of_arrival_gives_the_same_figures(
    records: list[FiledRecord], data: st.DataObject
) -> None:
    """The ids being unlike, the order in which events came is nothing to the counts at one T."""
    latest = max(record.timestamp for record in records)
    shuffled = data.draw(st.permutations(records))

    def figures(of: list[FiledRecord]) -> dict[str, object]:
        one = monitor(PLAIN)
        one.fold(
            [record._replace(offset=number, timestamp=latest) for number, record in enumerate(of)]
        )
        shown: dict[str, object] = {}
        for unit in one.units():
            status = one.reading(unit)
            shown[unit] = (status.figures, status.resolved, status.open, status.zone)
        return shown

    assert figures(shuffled) == figures(records)


def judged_later(one: PartitionMonitor) -> list[Millis]:
    """The clocks of what is said in the hours without records that follow."""
    assert one.clock is not None
    begin = one.clock
    ticks = [one.advance(begin + minute * 60_000) for minute in range(60)]
    return [status.clock for effects in ticks for status in effects.statuses]


def test_a_future_note_wakes_no_restored_unit_either() -> None:
    topic, one, life = Topic(), monitor(), Life()
    life.take(
        one.fold(
            [
                topic.record(0, event("a", "received", -1)),
                topic.record(0, event("n", "processing", 300)),
            ]
        )
    )
    other = monitor()
    other.restore(life.state.items())
    assert judged_later(other) == judged_later(one)


def test_an_incident_goes_on_after_a_restart_with_its_number() -> None:
    topic, one, life = Topic(), monitor(), Life()
    life.take(one.fold([late(topic, 0, "a")]))
    other = monitor()
    other.restore(life.state.items())
    life.take(other.fold([on_time(topic, 1 + number, f"b{number}") for number in range(9)]))
    assert [(step.kind, step.incident_id) for step in life.steps] == [
        ("opened", "U/resolved@1/1"),
        ("improved", "U/resolved@1/1"),
        ("closed", "U/resolved@1/1"),
    ]


def test_a_state_of_an_older_release_goes_on_and_states_its_zone_quietly() -> None:
    """It had no more of an incident than number, whether it is open, its side and since when."""
    topic, life = Topic(), Life()
    life.take(monitor(LIVELY).fold([late(topic, 0, "a")]))
    incident, *rest = orjson.loads(life.state[unit_key("U")])
    life.state[unit_key("U")] = orjson.dumps([incident[:4], *rest])
    other = monitor(LIVELY)
    other.restore(life.state.items())
    assert other.reading("U").incident == "U/resolved@1/1"
    life.take(
        other.fold(
            [
                late(topic, 1, "b"),
                on_time(topic, 2, "c"),
                on_time(topic, 3, "d"),
                late(topic, 4, "e"),
                late(topic, 5, "f"),
            ]
        )
    )
    life.take(other.fold([topic.record(6, event("v", "voided", 6, dossier="a", voids="a-end"))]))
    assert [step.kind for step in life.steps] == ["opened", "improved", "worsened", "improved"]


def test_a_changed_policy_is_judged_by_at_the_next_minute() -> None:
    topic, life = Topic(), Life()
    life.take(monitor(rules(policy(min_sample=5))).fold([late(topic, 0, "a")]))
    other = monitor(rules(policy(min_sample=1)))
    other.restore(life.state.items())
    assert life.steps == []
    (step,) = life.take(other.advance(other.clock + HOUR if other.clock else 0)).steps
    assert step.kind == "opened"


def test_a_changed_policy_does_not_take_the_clock_back() -> None:
    topic, life = Topic(), Life()
    one = monitor(rules(policy(min_sample=5)))
    life.take(one.fold([late(topic, 0, "a"), late(topic, 7200, "b", "V")]))
    other = monitor(rules(policy(min_sample=1)))
    other.restore(life.state.items())
    before = other.clock
    assert before is not None
    steps = life.take(other.advance(before + HOUR)).steps
    assert {step.unit_id for step in steps} == {"U", "V"}
    assert all(step.at >= before for step in steps)


def test_a_future_event_that_came_and_changed_nothing_wakes_no_unit_twice() -> None:
    """Judged by a record after its time, it needs no minute of its own: live as restored."""
    topic, one, life = Topic(), monitor(), Life()
    life.take(
        one.fold(
            [
                topic.record(0, event("a", "completed", -1, due=9)),
                topic.record(0, event("b", "received", 290)),
                topic.record(295, event("c", "processing", 0)),
            ]
        )
    )
    other = monitor()
    other.restore(life.state.items())
    assert judged_later(other) == judged_later(one)
