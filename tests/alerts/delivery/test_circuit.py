"""The circuit of an endpoint: after five failures in a row one attempt a minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery.circuit import CLOSED, FAILURES, PAUSE, Circuit, after_failure, let_through
from tests.profiles import steady

NOW = 1_688_112_000_000


def failed(times: int, now: int = NOW) -> Circuit:
    circuit = CLOSED
    for _ in range(times):
        circuit = after_failure(circuit, now)
    return circuit


def test_four_failures_leave_it_closed_and_the_fifth_opens_it() -> None:
    assert failed(FAILURES - 1).state(NOW) == "closed"
    assert let_through(failed(FAILURES - 1), NOW) == failed(FAILURES - 1)
    assert failed(FAILURES).state(NOW) == "open"
    assert let_through(failed(FAILURES), NOW) is None


def test_when_the_pause_ends_one_is_let_through_and_the_others_wait_anew() -> None:
    circuit = failed(FAILURES)
    assert let_through(circuit, NOW + PAUSE - 1) is None
    assert circuit.state(NOW + PAUSE) == "half_open"
    after = let_through(circuit, NOW + PAUSE)
    assert after is not None
    assert let_through(after, NOW + PAUSE) is None
    assert let_through(after, NOW + 2 * PAUSE - 1) is None


def test_an_attempt_that_never_reports_back_blocks_for_one_pause_only() -> None:
    after = let_through(failed(FAILURES), NOW + PAUSE)
    assert after is not None
    assert let_through(after, NOW + 2 * PAUSE) is not None


def test_the_failure_of_the_one_opens_it_again() -> None:
    after = let_through(failed(FAILURES), NOW + PAUSE)
    assert after is not None
    again = after_failure(after, NOW + PAUSE)
    assert again.state(NOW + 2 * PAUSE - 1) == "open"
    assert again.state(NOW + 2 * PAUSE) == "half_open"


def test_a_failure_from_before_the_opening_does_not_shorten_the_pause() -> None:
    circuit = failed(FAILURES)
    assert after_failure(circuit, NOW - 9_000).open_until == circuit.open_until


@given(st.lists(st.integers(0, 2 * PAUSE), max_size=200))
@steady()
def test_a_dead_endpoint_is_tried_at_most_once_a_pause(gaps: list[int]) -> None:
    circuit, now, tried = failed(FAILURES), NOW, []
    for gap in gaps:
        now += gap
        admitted = let_through(circuit, now)
        if admitted is not None:
            tried.append(now)
            circuit = after_failure(admitted, now)
    assert all(after - before >= PAUSE for before, after in zip([NOW, *tried], tried, strict=False))
