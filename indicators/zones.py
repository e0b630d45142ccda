"""The zone of a figure by a policy, compared as whole numbers: exactly 90 % is green."""

from __future__ import annotations

from indicators.definitions import Count
from indicators.policy import Policy
from schemas.status import Zone


def zone_of(count: Count, policy: Policy) -> Zone:
    """Green, yellow or red; grey where there are too few to judge."""
    if count.denominator < policy.min_sample or count.denominator == 0:
        return "grey"
    if _at_least(count, policy.green_parts):
        return "green"
    return "yellow" if _at_least(count, policy.yellow_parts) else "red"


def _at_least(count: Count, parts: tuple[int, int]) -> bool:
    return parts[1] * count.numerator >= parts[0] * count.denominator
