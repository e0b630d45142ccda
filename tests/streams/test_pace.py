"""Chunks small enough that a fold stays far below the lease, on any machine."""

from __future__ import annotations

from streams.lease import SHARE as LEASE_SHARE
from streams.pace import FIRST, LEAST, Pace


def test_begins_small_and_learns() -> None:
    pace = Pace(session_timeout_ms=10_000, most=5_000)
    assert pace.records == FIRST
    pace.note(100, seconds=0.001)
    assert pace.records == 5_000
    pace.note(0, seconds=9.0)  # a chunk without records says nothing
    assert pace.records == 5_000
    for _ in range(20):
        pace.note(1_000, seconds=1.0)
    assert pace.records == 700


def test_a_fold_takes_a_small_part_of_the_lease_once_the_pace_is_known() -> None:
    for session in (1_000, 6_000, 10_000, 700_000):
        for each in (1e-6, 1e-4, 1e-3):
            pace = Pace(session, most=5_000)
            pace.note(10, 10 * each)
            assert pace.records * each < LEASE_SHARE * session / 1000 / 10


def test_never_nothing() -> None:
    pace = Pace(1_000, most=5_000)
    pace.note(1, seconds=60.0)
    assert pace.records == LEAST
    assert Pace(1_000, most=10).records == 10
