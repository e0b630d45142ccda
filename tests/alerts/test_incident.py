"""The incident machine in marks of time: a unit's zone minute by minute, and what comes of it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.incident import START, IncidentState, deadline, incident_id, judge, side_of
from indicators.policy import Policy
from indicators.windows import Rolling
from schemas.instants import Millis
from schemas.status import ZONES, Zone
from tests.profiles import steady

MINUTE: Millis = 60_000
LETTERS: dict[str, Zone] = {"g": "green", "y": "yellow", "r": "red", "-": "grey"}


def policy(hold: float, recover: float) -> Policy:
    """Holds in minutes."""
    return Policy(
        "resolved@1",
        Rolling(30),
        Fraction(9, 10),
        Fraction(8, 10),
        20,
        round(hold * MINUTE),
        round(recover * MINUTE),
    )


def run(judged: list[tuple[float, Zone]], by: Policy) -> list[tuple[float, str, int]]:
    """The steps: at which minute, of what kind, of which incident."""
    state = START
    steps: list[tuple[float, str, int]] = []
    for minute, zone in judged:
        state, kind = judge(state, zone, round(minute * MINUTE), by)
        if kind is not None:
            steps.append((minute, kind, state.number))
    return steps


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
    judged = [(float(minute), LETTERS[letter]) for minute, letter in enumerate(zones)]
    assert run(judged, policy(hold, recover)) == steps


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
    assert run([(0, "red"), (minute, "red")], policy(10, 10)) == steps


@pytest.mark.parametrize(
    ("state", "clock"),
    [
        pytest.param(START, None, id="at the beginning"),
        pytest.param(IncidentState(0, False, "below", 5), 5 + 2 * MINUTE, id="the hold runs"),
        pytest.param(IncidentState(1, True, "below", 5), None, id="open and below"),
        pytest.param(IncidentState(1, True, "green", 5), 5 + 3 * MINUTE, id="the recovery runs"),
        pytest.param(IncidentState(1, True, "unknown", 5), None, id="interrupted"),
        pytest.param(IncidentState(1, False, "green", 5), None, id="closed and green"),
        pytest.param(IncidentState(1, False, "unknown", 5), None, id="closed and unknown"),
    ],
)
def test_deadline(state: IncidentState, clock: Millis | None) -> None:
    assert deadline(state, policy(2, 3)) == clock


@steady(80)
@given(
    judged=st.lists(st.tuples(st.integers(0, 6), st.sampled_from(ZONES)), max_size=20),
    hold=st.integers(0, 5),
    recover=st.integers(0, 5),
)
def test_steps_take_turns_and_a_deadline_is_the_clock_of_the_next(
    judged: list[tuple[int, Zone]], hold: int, recover: int
) -> None:
    by, state, clock, kinds = policy(hold, recover), START, 0, []
    for waited, zone in judged:
        expected = deadline(state, by)
        clock += waited * MINUTE
        before = state
        state, kind = judge(state, zone, clock, by)
        if side_of(zone) == before.side:
            assert (kind is not None) == (expected is not None and clock >= expected)
            again = judge(state, zone, clock, by)
            assert again == (state, None)  # judged twice at one clock says nothing new
        if kind is not None:
            kinds.append((kind, state.number))
    assert kinds == [(("opened", "closed")[n % 2], n // 2 + 1) for n in range(len(kinds))]
    assert state.is_open == (len(kinds) % 2 == 1)


def test_the_id_is_of_unit_definition_and_number() -> None:
    assert incident_id("U", "resolved@1", 2) == "U/resolved@1/2"
    assert IncidentState(2, True, "below", 0).incident_id("U", "strict@1") == "U/strict@1/2"
    assert IncidentState(2, False, "below", 0).incident_id("U", "strict@1") is None


@pytest.mark.parametrize(
    ("zone", "side"),
    [("green", "green"), ("yellow", "below"), ("red", "below"), ("grey", "unknown")],
)
def test_side(zone: Zone, side: str) -> None:
    assert side_of(zone) == side
