"""A unit's ledger: T moves on, events wait for their time, and the next change is exact."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.counts import Kind, Share, Tally
from indicators.facts import Fact
from indicators.ledger import (
    ALWAYS_FITS,
    BEFORE_ALL,
    DOSSIER_LIMIT,
    NEVER,
    Admission,
    Horizon,
    UnitLedger,
)
from indicators.windows import Window, read_window
from schemas.event import EVENT_TYPES
from schemas.instants import DAY, Micros
from schemas.status import OpenDossiers
from tests.indicators.telling import AMSTERDAM, HOUR, VIET_NAM, at, fact
from tests.profiles import steady

WINDOWS = tuple(read_window(name, AMSTERDAM) for name in ("1d", "2d", "month"))
SOON = 12 * HOUR
HORIZON = Horizon.of(WINDOWS, SOON)
ODD = 1 / 3.6e9  # a microsecond, in hours


def ledger_of(*told: tuple[str, Fact], first: Micros = BEFORE_ALL) -> UnitLedger:
    ledger = UnitLedger(AMSTERDAM, first)
    for dossier_id, one in told:
        ledger.add(dossier_id, one)
    return ledger


def seen(ledger: UnitLedger, windows: tuple[Window, ...] = WINDOWS) -> tuple[object, ...]:
    """All that is shown of a unit at the T it is settled at."""
    now, counts = ledger.settled_at, ledger.counts
    return ([counts.tally(w.start(now), now) for w in windows], counts.open_at(now, SOON))


def next_change(ledger: UnitLedger, horizon: Horizon = HORIZON) -> Micros | None:
    found = ledger.next_change(horizon, ledger.settled_at)
    return None if found == NEVER else found


def tally(ledger: UnitLedger, now: Micros) -> Tally:
    ledger.settle(now)
    return ledger.counts.tally(BEFORE_ALL, now)


def test_t_never_goes_back() -> None:
    ledger = ledger_of(("D", fact("received", 1, due=5)))
    ledger.settle(at(4))
    ledger.settle(at(4))
    with pytest.raises(ValueError, match="T cannot go back"):
        ledger.settle(at(4) - 1)


def test_an_event_counts_when_its_time_has_passed() -> None:
    ledger = ledger_of(("D", fact("received", 1, due=5)), ("D", fact("completed", 4)))
    assert tally(ledger, at(4)) == Tally(0, 0, 0, 0)
    assert ledger.next_pending() == at(4) + 1
    assert tally(ledger, at(4) + 1) == Tally(0, 1, 0, 0)
    assert ledger.next_pending() is None


def test_events_wait_in_whatever_order_they_came() -> None:
    ledger = UnitLedger(AMSTERDAM)
    for hour in (9, 3, 7):
        ledger.add(f"D{hour}", fact("completed", hour, due=99))
    found = [tally(ledger, at(hour)).early for hour in (2, 3.5, 7.5, 9.5)]
    assert found == [0, 1, 2, 3]


def test_settling_says_whether_any_dossier_changed() -> None:
    ledger = ledger_of(("D", fact("received", 1, due=5)))
    assert not ledger.settle(at(1))
    assert ledger.settle(at(2))
    assert not ledger.settle(at(9))  # it is overdue by now, but its share is what it was
    ledger.add("D", fact("received", 1.5, event_id="again"))
    assert not ledger.settle(at(9))
    ledger.add("D", fact("completed", 2))
    assert ledger.settle(at(9))


def test_an_event_that_comes_late_counts_at_once() -> None:
    ledger = ledger_of(("D", fact("received", 1, due=5)))
    ledger.settle(at(20))
    ledger.add("D", fact("completed", 4))
    assert tally(ledger, at(20)) == Tally(0, 1, 0, 0)


def test_an_event_taken_out_again_leaves_the_dossier_as_it_was() -> None:
    ledger = ledger_of(("D", fact("received", 1, due=5)))
    ledger.settle(at(9))
    before = seen(ledger)
    ledger.add("D", fact("completed", 4))
    ledger.remove("D", fact("completed", 4))
    ledger.settle(at(9))
    assert seen(ledger) == before


def test_the_only_event_taken_out_takes_its_dossier_along() -> None:
    ledger = UnitLedger(AMSTERDAM)
    ledger.add("D", fact("completed", 4, due=5))
    ledger.settle(at(9))
    ledger.remove("D", fact("completed", 4, due=5))
    assert ledger.dossiers == {}
    assert tally(ledger, at(9)) == Tally(0, 0, 0, 0)


def test_an_event_taken_out_leaves_another_of_its_instant_waiting() -> None:
    ledger = ledger_of(("D", fact("received", 1, due=99)))
    ledger.settle(at(2))
    ledger.add("D", fact("completed", 9))
    ledger.add("D", fact("delivered", 9))
    ledger.remove("D", fact("delivered", 9))
    assert ledger.next_pending() == at(9) + 1
    assert tally(ledger, at(10)) == Tally(1, 0, 0, 0)


@pytest.mark.parametrize(
    ("told", "now", "change"),
    [
        pytest.param([fact("received", 1, due=30)], 2, at(18), id="it becomes due soon"),
        pytest.param([fact("received", 1, due=30)], 18, at(30) + 1, id="it becomes overdue"),
        pytest.param([fact("received", 1, due=30)], 31, None, id="nothing more to come"),
        pytest.param([fact("completed", 1, due=5)], 2, at(25) + 1, id="it leaves the day"),
        pytest.param([fact("completed", 1, due=5)], 26, at(49) + 1, id="it leaves two days"),
        pytest.param([fact("received", 1)], 2, None, id="without a date nothing is due"),
        pytest.param(
            [fact("received", 1, due=30), fact("fee_requested", 2)], 3, None, id="paused for ever"
        ),
    ],
)
def test_next_change(told: list[Fact], now: float, change: Micros | None) -> None:
    ledger = ledger_of(*(("D", one) for one in told))
    ledger.settle(at(now))
    assert next_change(ledger, Horizon.of(WINDOWS[:2], SOON)) == change


def test_the_next_change_of_a_period_is_its_turn_while_there_is_something_in_it() -> None:
    month = read_window("month", VIET_NAM)
    ledger = UnitLedger(VIET_NAM)
    ledger.add("D", fact("completed", 1, due=5))
    ledger.settle(at(2))
    turn = at(22 * 24)  # from 10 January to 1 February
    assert next_change(ledger, Horizon.of([month], SOON)) == turn
    ledger.settle(turn)
    assert next_change(ledger, Horizon.of([month], SOON)) is None


HOURS = st.builds(
    lambda hour, odd: hour + odd * ODD, st.integers(0, 60), st.sampled_from([-1, 0, 0, 1])
)


@st.composite
def facts(draw: st.DrawFn, number: int) -> Fact:
    kind = draw(st.sampled_from(EVENT_TYPES))
    stated = draw(
        st.one_of(st.none(), HOURS, st.sampled_from([date(2024, 1, 10 + d) for d in (0, 1, 2)]))
    )
    voids = draw(st.sampled_from(["0", "1", "2"])) if kind == "voided" else None
    return fact(kind, draw(HOURS), due=stated, voids=voids, event_id=str(number))


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, Fact]]:
    told = [
        (draw(st.sampled_from("DE")), draw(facts(number)))
        for number in range(draw(st.integers(1, 8)))
    ]
    return draw(st.permutations(told))


@steady(80)
@given(told=histories(), now=HOURS, before=HOURS)
def test_nothing_changes_before_the_next_change_and_something_at_it(
    told: list[tuple[str, Fact]], now: float, before: float
) -> None:
    ledger = ledger_of(*told, first=at(min(now, before)))
    ledger.settle(at(now) if now >= before else at(before))
    for _ in range(12):
        was = seen(ledger)
        pending = ledger.next_pending()
        change = next_change(ledger)
        upcoming = [one for one in (pending, change) if one is not None]
        if not upcoming:
            ledger.settle(ledger.settled_at + 400 * DAY)
            assert seen(ledger) == was
            return
        following = min(upcoming)
        assert following > ledger.settled_at
        ledger.settle(following - 1)
        assert seen(ledger) == was
        ledger.settle(following)
        if following == change and following != pending:
            assert seen(ledger) != was


@steady(80)
@given(told=histories(), now=HOURS, span=st.integers(0, 60 * 24))
def test_the_last_change_is_the_last_of_the_next_changes(
    told: list[tuple[str, Fact]], now: float, span: int
) -> None:
    ledger = ledger_of(*told, first=at(now))
    ledger.settle(at(100_000))  # every event has had its time: only instants pass from here
    start, until = at(now), at(now + span)
    last, change = None, ledger.next_change(HORIZON, start)
    while change <= until:
        last, change = change, ledger.next_change(HORIZON, change)
    found = ledger.last_change(HORIZON, until)
    assert (found if found > start else None) == last


@steady(80)
@given(told=histories(), stops=st.lists(HOURS, max_size=4), last=HOURS)
def test_the_way_to_t_is_nothing_to_the_counts(
    told: list[tuple[str, Fact]], stops: list[float], last: float
) -> None:
    """Settled at once, in steps, with events between, or put back as kept: the same."""
    straight = ledger_of(*told, first=at(last))
    straight.settle(at(last))
    winding = UnitLedger(AMSTERDAM)
    parts = len(stops) + 1
    for number, stop in enumerate(sorted(min(stop, last) for stop in [*stops, last])):
        for dossier_id, one in told[number::parts]:
            winding.add(dossier_id, one)
        winding.settle(at(stop))
    winding.settle(at(last))
    kept = UnitLedger(AMSTERDAM, at(last))
    for dossier_id, dossier in straight.dossiers.items():
        kept.load(dossier_id, list(dossier.facts))
    kept.settle(at(last))
    assert seen(winding) == seen(straight) == seen(kept)
    changes = [next_change(one) for one in (straight, winding, kept)]
    assert changes[0] == changes[1] == changes[2]


@steady(60)
@given(told=histories(), now=HOURS)
def test_a_dossier_put_back_waits_for_the_same_instants(
    told: list[tuple[str, Fact]], now: float
) -> None:
    live = ledger_of(*told)
    live.settle(at(now))
    kept = UnitLedger(AMSTERDAM, at(now))
    for dossier_id, dossier in live.dossiers.items():
        kept.load(dossier_id, list(dossier.facts))
    kept.settle(at(now))
    assert kept.next_pending() == live.next_pending()


def test_an_overdue_dossier_stays_overdue_and_is_counted_once() -> None:
    ledger = ledger_of(("D", fact("received", 1, due=5)))
    found = []
    for hour in (5, 6, 2000):
        ledger.settle(at(hour))
        found.append(ledger.counts.open_at(at(hour), SOON))
    assert found == [
        OpenDossiers(0, 0, 1, 0, 0),
        OpenDossiers(1, 0, 0, 0, 0),
        OpenDossiers(1, 0, 0, 0, 0),
    ]


def test_a_dossier_of_many_long_events_is_full_before_it_cannot_be_kept() -> None:
    ledger, number = UnitLedger(AMSTERDAM), 0
    while True:
        long = fact("processing", number, event_id=f"{number:0200}")._replace(
            procedure_id="x" * 500
        )
        if ledger.examine("D", long) is Admission.FULL:
            break
        ledger.add("D", long)
        number += 1
        assert number < 10_000
    assert number >= ALWAYS_FITS
    known = ledger.dossiers["D"].facts[0]
    assert ledger.examine("D", known) is Admission.DUPLICATE  # one that is kept stays known
    assert number * 700 <= DOSSIER_LIMIT + 1000


def test_changes_between_two_instants_are_found_one_after_another() -> None:
    ledger = ledger_of(
        ("D", fact("received", 1, due=20)), ("E", fact("received", 1, due=30)), first=at(2)
    )
    ledger.settle(at(2))
    found = []
    while (change := next_change(ledger)) is not None:
        found.append(change)
        ledger.settle(change)
    assert found == [at(8), at(18), at(20) + 1, at(30) + 1]
    assert all(a < b for a, b in pairwise(found))


KINDS: tuple[Kind, ...] = ("none", "early", "on_time", "late", "open", "paused", "no_due")


@steady(100)
@given(kind=st.sampled_from(KINDS), instant=HOURS, after=HOURS)
def test_the_horizon_of_one_dossier_is_never_too_late(
    kind: Kind, instant: float, after: float
) -> None:
    """It may be too early (a unit is then looked at for nothing), but no change comes before it."""
    ledger = UnitLedger(AMSTERDAM)
    timed = kind in ("early", "on_time", "late", "open")
    share = Share(kind, at(instant) if timed else 0)
    ledger.counts.put_in(share)
    true = ledger.next_change(HORIZON, at(after))
    found = HORIZON.next_change(share, at(after))
    if timed and kind != "open" and at(instant) >= at(after):
        return  # an end is never of the future
    assert at(after) < found <= true


def arrived(event_id: str, arrival: int) -> Fact:
    return fact("processing", 1, event_id=event_id)._replace(arrival=arrival)


def test_the_last_arrival_is_that_of_all_events_in_whatever_order_they_came() -> None:
    ledger = ledger_of()
    assert ledger.last_arrival is None
    for dossier, event_id, arrival, last in (
        ("D1", "a", 50, 50),
        ("D2", "b", 70, 70),
        ("D1", "c", 60, 70),
        ("D3", "d", 70, 70),
    ):
        ledger.add(dossier, arrived(event_id, arrival))
        assert ledger.last_arrival == last


def test_an_event_taken_out_again_has_not_arrived() -> None:
    ledger = ledger_of()
    first, last = arrived("a", 50), arrived("b", 70)
    ledger.add("D1", first)
    ledger.add("D2", last)
    ledger.remove("D2", last)
    assert ledger.last_arrival == 50
    ledger.remove("D1", first)
    assert ledger.last_arrival is None


@steady(60)
@given(st.lists(st.tuples(st.sampled_from("DEF"), st.integers(0, 99)), min_size=1, max_size=20))
def test_a_ledger_put_back_knows_the_last_arrival(told: list[tuple[str, int]]) -> None:
    ledger, again = ledger_of(), ledger_of()
    for number, (name, arrival) in enumerate(told):
        ledger.add(name, arrived(f"e{number}", arrival))
    for dossier_id, dossier in ledger.dossiers.items():
        again.load(dossier_id, list(dossier.facts))
    assert ledger.last_arrival == again.last_arrival == max(arrival for _, arrival in told)
