"""The incident machine in marks of time: a unit's zone minute by minute, and what comes of it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.correction import Opening
from alerts.incident import (
    START,
    IncidentState,
    Seen,
    deadline,
    incident_id,
    judge,
    see,
    side_of,
)
from indicators.counts import Tally
from indicators.definitions import Count
from indicators.policy import Policy
from indicators.windows import Rolling
from schemas.instants import Millis
from tests.profiles import steady

MINUTE: Millis = 60_000
LETTERS = {
    "g": Seen("green", recovered=True),
    "n": Seen("green", recovered=False),  # nearly: not by the margin
    "y": Seen("yellow", recovered=False),
    "r": Seen("red", recovered=False),
    "-": Seen("grey", recovered=False),
}


def policy(hold: float, recover: float, margin: Fraction = Fraction(0)) -> Policy:
    """Holds in minutes."""
    return Policy(
        "resolved@1",
        Rolling(30),
        Fraction(9, 10),
        Fraction(8, 10),
        20,
        round(hold * MINUTE),
        round(recover * MINUTE),
        margin,
    )


def run(judged: list[tuple[float, Seen]], by: Policy) -> list[tuple[float, str, int]]:
    """The steps: at which minute, of what kind, of which incident."""
    state = START
    steps: list[tuple[float, str, int]] = []
    for minute, seen in judged:
        state, kind = judge(state, seen, round(minute * MINUTE), by)
        if kind is not None:
            steps.append((minute, kind, state.number))
    return steps


def minutes(zones: str) -> list[tuple[float, Seen]]:
    """A judgement a minute, a letter each."""
    return [(float(minute), LETTERS[letter]) for minute, letter in enumerate(zones)]


@pytest.mark.parametrize(
    ("zones", "hold", "recover", "steps"),
    [
        pytest.param("gggg", 2, 2, [], id="green all along"),
        pytest.param("rrr", 0, 0, [(0, "opened", 1)], id="no hold: at once"),
        pytest.param("yyy", 0, 0, [(0, "opened", 1)], id="yellow is below green"),
        pytest.param("grrr", 2, 2, [(3, "opened", 1)], id="below for the hold: opened"),
        pytest.param("gryr", 2, 2, [(3, "opened", 1)], id="yellow and red are one side"),
        pytest.param("grrgrr", 2, 2, [], id="green again in time: the hold starts anew"),
        pytest.param("grr-rr", 2, 2, [], id="too few to judge: the hold starts anew"),
        pytest.param("grr-rrr", 2, 2, [(6, "opened", 1)], id="and runs its whole length again"),
        pytest.param("---", 0, 0, [], id="too few to judge: nothing"),
        pytest.param("rrrr", 1, 2, [(1, "opened", 1)], id="opened once, not at every judgement"),
        pytest.param(
            "rggg", 0, 2, [(0, "opened", 1), (3, "closed", 1)], id="green for the recovery: closed"
        ),
        pytest.param("rggrgg", 0, 2, [(0, "opened", 1)], id="below again: recovery starts anew"),
        pytest.param("rgg-gg", 0, 2, [(0, "opened", 1)], id="grey: recovery starts anew"),
        pytest.param("r------", 0, 0, [(0, "opened", 1)], id="grey closes nothing"),
        pytest.param("r-r-r", 0, 9, [(0, "opened", 1)], id="grey and below again opens nothing"),
        pytest.param(
            "rgrg",
            0,
            0,
            [(0, "opened", 1), (1, "closed", 1), (2, "opened", 2), (3, "closed", 2)],
            id="the next incident has the next number",
        ),
        pytest.param(
            "rrgrr",
            1,
            0,
            [(1, "opened", 1), (2, "closed", 1), (4, "opened", 2)],
            id="after closing the hold runs again",
        ),
    ],
)
def test_steps(
    zones: str, hold: float, recover: float, steps: list[tuple[float, str, int]]
) -> None:
    assert run(minutes(zones), policy(hold, recover)) == steps


@pytest.mark.parametrize(
    ("zones", "hold", "recover", "steps"),
    [
        pytest.param("yr", 0, 9, [(0, "opened", 1), (1, "worsened", 1)], id="yellow, then red"),
        pytest.param("ry", 0, 9, [(0, "opened", 1), (1, "improved", 1)], id="red, then yellow"),
        pytest.param(
            "yyryrr",
            0,
            9,
            [(0, "opened", 1), (2, "worsened", 1), (3, "improved", 1), (4, "worsened", 1)],
            id="each turn once",
        ),
        pytest.param("yrr", 2, 9, [(2, "opened", 1)], id="before it opens nothing is stated"),
        pytest.param(
            "rryr",
            1,
            9,
            [(1, "opened", 1), (2, "improved", 1), (3, "worsened", 1)],
            id="at once, without a hold",
        ),
        pytest.param("rgnr", 0, 9, [(0, "opened", 1)], id="green states nothing"),
        pytest.param("r--r", 0, 9, [(0, "opened", 1)], id="grey states nothing"),
        pytest.param("y-r", 0, 9, [(0, "opened", 1), (2, "worsened", 1)], id="grey hides no turn"),
        pytest.param("rgy", 0, 9, [(0, "opened", 1), (2, "improved", 1)], id="nor does green"),
        pytest.param(
            "rgyr",
            0,
            0,
            [(0, "opened", 1), (1, "closed", 1), (2, "opened", 2), (3, "worsened", 2)],
            id="the next incident states its own",
        ),
    ],
)
def test_what_an_open_incident_states(
    zones: str, hold: float, recover: float, steps: list[tuple[float, str, int]]
) -> None:
    assert run(minutes(zones), policy(hold, recover)) == steps


@pytest.mark.parametrize(
    ("zones", "recover", "steps"),
    [
        pytest.param("rnnng", 0, [(0, "opened", 1), (4, "closed", 1)], id="only by the margin"),
        pytest.param("rgngg", 1, [(0, "opened", 1), (4, "closed", 1)], id="it interrupts the hold"),
        pytest.param("rnnn", 0, [(0, "opened", 1)], id="neither closed nor below"),
        pytest.param("nnn", 0, [], id="without an incident it is green"),
        pytest.param("rgnn", 0, [(0, "opened", 1), (1, "closed", 1)], id="closed: green as well"),
    ],
)
def test_the_recovery_margin(
    zones: str, recover: float, steps: list[tuple[float, str, int]]
) -> None:
    assert run(minutes(zones), policy(0, recover)) == steps


@pytest.mark.parametrize(
    ("numerator", "denominator", "margin", "seen"),
    [
        pytest.param(90, 100, "0", "g", id="exactly green"),
        pytest.param(90, 100, "0.02", "n", id="exactly green, with a margin"),
        pytest.param(919, 1000, "0.02", "n", id="just not by the margin"),
        pytest.param(92, 100, "0.02", "g", id="exactly by the margin"),
        pytest.param(24, 25, "0.0600000001", "n", id="a hair below"),
        pytest.param(100, 100, "0.2", "n", id="more than all can never be"),
        pytest.param(89, 100, "0.02", "y", id="yellow"),
        pytest.param(1, 100, "0.02", "r", id="red"),
        pytest.param(19, 19, "0", "-", id="too few"),
    ],
)
def test_what_a_judgement_sees(numerator: int, denominator: int, margin: str, seen: str) -> None:
    by = policy(0, 0, Fraction(margin))
    assert see(Count(numerator, denominator), by) == LETTERS[seen]


def test_a_policy_without_a_margin_has_the_hash_it_always_had() -> None:
    assert policy(1, 2).digest == "e9351373f3a0c255"
    assert policy(1, 2, Fraction(1, 50)).digest != policy(1, 2).digest


@pytest.mark.parametrize(
    ("minute", "steps"),
    [
        pytest.param(9.999, [], id="a moment before the hold has passed"),
        pytest.param(10, [(10, "opened", 1)], id="when it has passed"),
        pytest.param(55, [(55, "opened", 1)], id="at the first judgement after it"),
    ],
)
def test_a_hold_is_measured_between_judgements(
    minute: float, steps: list[tuple[float, str, int]]
) -> None:
    assert run([(0, LETTERS["r"]), (minute, LETTERS["r"])], policy(10, 10)) == steps


@pytest.mark.parametrize(
    ("state", "clock"),
    [
        pytest.param(START, None, id="at the beginning"),
        pytest.param(IncidentState(0, False, "below", 5), 5 + 2 * MINUTE, id="the hold runs"),
        pytest.param(IncidentState(1, True, "below", 5), None, id="open and below"),
        pytest.param(IncidentState(1, True, "green", 5), 5 + 3 * MINUTE, id="the recovery runs"),
        pytest.param(IncidentState(1, True, "unknown", 5), None, id="interrupted"),
        pytest.param(IncidentState(1, True, "nearly", 5), None, id="not by the margin"),
        pytest.param(IncidentState(1, False, "green", 5), None, id="closed and green"),
        pytest.param(IncidentState(1, False, "unknown", 5), None, id="closed and unknown"),
    ],
)
def test_deadline(state: IncidentState, clock: Millis | None) -> None:
    assert deadline(state, policy(2, 3)) == clock


@steady(80)
@given(
    judged=st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(list(LETTERS.values()))), max_size=20
    ),
    hold=st.integers(0, 5),
    recover=st.integers(0, 5),
)
def test_steps_take_turns_and_a_deadline_is_the_clock_of_the_next(
    judged: list[tuple[int, Seen]], hold: int, recover: int
) -> None:
    by, state, clock, kinds, stated = policy(hold, recover), START, 0, [], list[str]()
    for waited, seen in judged:
        expected = deadline(state, by)
        clock += waited * MINUTE
        before = state
        state, kind = judge(state, seen, clock, by)
        turns = kind in ("opened", "closed")
        if side_of(seen, is_open=before.is_open) == before.side:
            assert turns == (expected is not None and clock >= expected)
            assert judge(state, seen, clock, by) == (state, None)  # judged twice: nothing new
        if turns:
            kinds.append((kind, state.number))
        if kind == "opened":
            stated = [seen.zone]
        elif kind in ("worsened", "improved"):
            assert before.is_open
            assert kind == {"red": "worsened", "yellow": "improved"}[seen.zone]
            assert seen.zone != stated[-1]
            stated.append(seen.zone)
        if state.is_open and seen.zone in ("yellow", "red"):
            assert stated[-1] == seen.zone
    assert kinds == [(("opened", "closed")[n % 2], n // 2 + 1) for n in range(len(kinds))]
    assert state.is_open == (len(kinds) % 2 == 1)


def test_the_id_is_of_unit_definition_and_number() -> None:
    assert incident_id("U", "resolved@1", 2) == "U/resolved@1/2"
    state = IncidentState(2, True, "below", 0, "red", "strict@1")
    assert state.incident_id("U") == state.latest_id("U") == "U/strict@1/2"
    assert state._replace(is_open=False).incident_id("U") is None
    assert state._replace(is_open=False).latest_id("U") == "U/strict@1/2"


@pytest.mark.parametrize(
    ("letter", "closed", "opened"),
    [
        ("g", "green", "green"),
        ("n", "green", "nearly"),
        ("y", "below", "below"),
        ("r", "below", "below"),
        ("-", "unknown", "unknown"),
    ],
)
def test_side(letter: str, closed: str, opened: str) -> None:
    assert side_of(LETTERS[letter], is_open=False) == closed
    assert side_of(LETTERS[letter], is_open=True) == opened


def test_an_incident_keeps_the_definition_it_opened_by() -> None:
    by = policy(0, 0)
    state, _ = judge(START, LETTERS["r"], 0, by)
    other = dataclasses.replace(by, definition="strict@1")
    state, _ = judge(state, LETTERS["y"], 1, other)
    state, kind = judge(state, LETTERS["g"], 2, other)
    assert (kind, state.latest_id("U")) == ("closed", "U/resolved@1/1")
    state, kind = judge(state, LETTERS["r"], 3, other)
    assert (kind, state.latest_id("U")) == ("opened", "U/strict@1/2")


OPENING = Opening(5_000, Tally(1, 2, 3, 4), 6, "by this")


def test_a_state_of_an_older_release_is_carried_on_and_states_its_zone_quietly() -> None:
    kept = IncidentState(3, True, "below", 7).carried_on("resolved@1", "by this")
    assert kept.latest_id("U") == "U/resolved@1/3"
    state, kind = judge(kept, LETTERS["r"], 8, policy(0, 0))
    assert (kind, state.stated, state.since) == (None, "red", 7)
    assert judge(state, LETTERS["y"], 9, policy(0, 0))[1] == "improved"


def test_an_opening_is_watched_as_long_as_it_is_judged_by_the_same() -> None:
    state = IncidentState(3, False, "green", 7, None, "resolved@1", OPENING)
    assert state.carried_on("resolved@1", "by this") == state
    assert state.carried_on("resolved@1", "by that") == state._replace(opening=None)
