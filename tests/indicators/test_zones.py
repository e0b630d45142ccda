"""Zones by policy, and the digest by which evidence names the policy."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from indicators.definitions import Count
from indicators.policy import Policy
from indicators.windows import Rolling, read_window
from indicators.zones import zone_of
from schemas.status import Zone
from tests.indicators.telling import VIET_NAM

POLICY = Policy("resolved@1", Rolling(30), Fraction("0.90"), Fraction("0.80"), 20, 600_000, 600_000)


@pytest.mark.parametrize(
    ("count", "zone"),
    [
        pytest.param(Count(90, 100), "green", id="exactly 90 % is green"),
        pytest.param(Count(899_999, 1_000_000), "yellow", id="a millionth below is not"),
        pytest.param(Count(27, 30), "green", id="27 of 30 is exactly 90 %"),
        pytest.param(Count(26, 29), "yellow", id="26 of 29 is 89.7 %"),
        pytest.param(Count(80, 100), "yellow", id="exactly 80 % is yellow"),
        pytest.param(Count(79, 100), "red", id="79 % is red"),
        pytest.param(Count(0, 20), "red", id="none of twenty is red"),
        pytest.param(Count(20, 20), "green", id="enough to judge"),
        pytest.param(Count(19, 19), "grey", id="one too few to judge"),
        pytest.param(Count(0, 0), "grey", id="nothing to judge"),
    ],
)
def test_zone(count: Count, zone: Zone) -> None:
    assert zone_of(count, POLICY) == zone


@pytest.mark.parametrize(
    ("count", "zone"), [(Count(0, 0), "grey"), (Count(1, 1), "green"), (Count(0, 1), "red")]
)
def test_nothing_is_grey_even_where_no_sample_is_asked_for(count: Count, zone: Zone) -> None:
    assert zone_of(count, replace(POLICY, min_sample=0)) == zone


def test_thresholds_are_the_policys() -> None:
    strict = replace(POLICY, green=Fraction(1), yellow=Fraction(1, 3))
    assert [zone_of(Count(n, 60), strict) for n in (60, 59, 20, 19)] == [
        "green",
        "yellow",
        "yellow",
        "red",
    ]


def test_the_digest_is_of_content() -> None:
    again = Policy("resolved@1", Rolling(30), Fraction(9, 10), Fraction(4, 5), 20, 600_000, 600_000)
    assert again.digest == POLICY.digest
    assert len(POLICY.digest) == 16


def test_all_that_decides_is_in_the_digest() -> None:
    others = [
        replace(POLICY, definition="strict@1"),
        replace(POLICY, window=Rolling(31)),
        replace(POLICY, window=read_window("month", VIET_NAM)),
        replace(POLICY, green=Fraction("0.91")),
        replace(POLICY, yellow=Fraction("0.81")),
        replace(POLICY, min_sample=21),
        replace(POLICY, hold=0),
        replace(POLICY, recover_hold=0),
    ]
    assert len({policy.digest for policy in (POLICY, *others)}) == 1 + len(others)
