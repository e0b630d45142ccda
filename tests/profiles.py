"""How long hypothesis looks: few examples and the same in every run, so that a red run repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings


def steady(examples: int = 100) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator for tests by property."""
    return settings(
        derandomize=True,
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
