"""Figures of repeated runs, never one alone: min, median, max."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def spread(figures: Sequence[float], unit: str, digits: int = 0) -> str:
    """`41,000 / 42,500 / 43,100 events/s (min / median / max of 3)`."""
    told = " / ".join(
        f"{figure:,.{digits}f}" for figure in (min(figures), median(figures), max(figures))
    )
    return f"{told} {unit} (min / median / max of {len(figures)})"


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000 * len(ordered)) // 1000) - 1)]
