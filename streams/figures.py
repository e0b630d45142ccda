"""Which figures are stated of a unit, in status and book alike. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indicators.counts import Tally
from indicators.definitions import DEFINITIONS
from indicators.policy import Policy
from schemas.book import BurstsOfDay, SignOfDay, UnitDay
from schemas.status import Figure, UnitStatus


def figure_names(policy: Policy, shown: Iterable[str]) -> list[tuple[str, str]]:
    """Definition and window of all figures of a unit; the primary indicator comes first."""
    primary = (policy.definition, policy.window.text)
    windows = list(shown)
    names = [(name, window) for name in DEFINITIONS for window in windows]
    return [primary, *(name for name in names if name != primary)]


def figures_of(
    tallies: Mapping[str, Tally], policy: Policy, shown: Iterable[str]
) -> tuple[Figure, ...]:
    """All figures of a unit by the tallies of its windows."""
    return tuple(
        Figure(name, window, *DEFINITIONS[name](tallies[window]))
        for name, window in figure_names(policy, shown)
    )


def leaf_of(
    status: UnitStatus,
    day: str,
    signs: Sequence[SignOfDay],
    bursts: BurstsOfDay,
) -> UnitDay:
    """A unit's day as the book has it, by its status at the midnight that ended it."""
    return UnitDay(
        status.partition,
        day,
        status.as_of,
        status.unit_id,
        status.zone,
        status.figures,
        status.resolved,
        status.open,
        status.incident,
        status.policy,
        tuple(signs),
        bursts,
    )
