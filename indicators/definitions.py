"""The definitions of "on time", each a numerator and a denominator. This table is all there is.

A definition is added here and in tests/indicators/test_definitions.py, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from indicators.counts import Tally


class Count(NamedTuple):
    """Numerator and denominator, never reduced: they are numbers of dossiers."""

    numerator: int
    denominator: int


Definition = Callable[[Tally], Count]


def resolved(tally: Tally) -> Count:
    """`resolved@1`: of those ended completed, delivered or refused in the window, the on-time."""
    on_time = tally.early + tally.on_time
    return Count(on_time, on_time + tally.late)


def strict(tally: Tally) -> Count:
    """`strict@1`: as `resolved@1`, with the dossiers overdue at T in the denominator."""
    on_time = tally.early + tally.on_time
    return Count(on_time, on_time + tally.late + tally.overdue)


DEFINITIONS: Mapping[str, Definition] = {"resolved@1": resolved, "strict@1": strict}


def definition(name: str) -> Definition:
    """The definition of that id; ValueError naming those that exist."""
    try:
        return DEFINITIONS[name]
    except KeyError:
        raise ValueError(f"{name!r} is no definition; there are {', '.join(DEFINITIONS)}") from None
