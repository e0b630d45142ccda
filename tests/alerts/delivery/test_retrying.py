"""When a message is tried again: pauses, jitter, Retry-After and the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery.retrying import (
    FIRST_PAUSE,
    GIVE_UP_AFTER,
    LONGEST_PAUSE,
    next_try,
    spread,
)
from tests.profiles import steady

NOW = 1_688_112_000_000
HOUR = 3_600_000

keys = st.text(min_size=1, max_size=40)
counts = st.integers(1, 10_000)


@pytest.mark.parametrize(
    ("attempts", "least_s", "most_s"),
    [
        (1, 10, 15),
        (2, 20, 30),
        (3, 40, 60),
        (7, 640, 960),
        (8, 1_200, 1_800),
        (9, 1_200, 1_800),
        (1_000, 1_200, 1_800),
    ],
)
def test_the_pauses_double_up_to_half_an_hour(attempts: int, least_s: int, most_s: int) -> None:
    for number in range(200):
        again = next_try(attempts, NOW, f"key-{number}", NOW)
        assert again is not None
        assert least_s * 1_000 <= again - NOW < most_s * 1_000


@given(keys, counts)
@steady()
def test_a_pause_is_between_ten_seconds_and_half_an_hour(key: str, attempts: int) -> None:
    again = next_try(attempts, NOW, key, NOW)
    assert again is not None
    assert FIRST_PAUSE <= again - NOW <= LONGEST_PAUSE


def test_a_restarted_worker_comes_to_the_same_instant_and_two_messages_to_two() -> None:
    # From `printf %s a/1 | sha256sum`: a salted hash would change with every process.
    assert next_try(1, NOW, "a", NOW) == NOW + 12_328
    assert next_try(2, NOW, "a", NOW) == NOW + 20_021
    assert next_try(1, NOW, "b", NOW) == NOW + 13_804


def test_messages_that_failed_together_come_back_spread_out() -> None:
    instants = {next_try(3, NOW, f"key-{number}", NOW) for number in range(100)}
    assert len(instants) > 95


@pytest.mark.parametrize(
    ("asked", "least"),
    [(None, 10_000), (0, 10_000), (5_000, 10_000), (90_000, 90_000), (2 * HOUR, 2 * HOUR)],
)
def test_a_pause_asked_for_only_lengthens_ours(asked: int | None, least: int) -> None:
    again = next_try(1, NOW, "a", NOW, asked)
    assert again is not None
    assert least <= again - NOW < max(least, 15_000) + 1


def test_it_is_given_up_a_day_after_the_first_attempt() -> None:
    assert next_try(60, NOW, "a", NOW - GIVE_UP_AFTER + LONGEST_PAUSE) is not None
    assert next_try(60, NOW, "a", NOW - GIVE_UP_AFTER + FIRST_PAUSE) is None
    assert next_try(1, NOW, "a", NOW, GIVE_UP_AFTER + 1) is None


@given(keys)
@steady(20)
def test_the_tries_of_a_day_are_few_and_end(key: str) -> None:
    at: int | None = NOW
    tries = 0
    while at is not None:
        assert at <= NOW + GIVE_UP_AFTER
        last, tries = at, tries + 1
        at = next_try(tries, at, key, NOW)
    assert 48 + 7 <= tries <= 72 + 8
    assert last > NOW + GIVE_UP_AFTER - LONGEST_PAUSE


@given(keys, st.integers(1, 10**9))
@steady()
def test_a_spread_is_within_its_width(key: str, width: int) -> None:
    assert 0 <= spread(key, width) < width
