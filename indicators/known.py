"""What was known at K of what had happened before T. Pure.

A ledger holds the events of its dossiers with their arrival; these are its answers about the past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.facts import Fact
from indicators.ledger import UnitLedger
from indicators.windows import Window
from schemas.instants import Micros, Millis

Histories = Mapping[str, Sequence[Fact]]  # by dossier: its events in canonical order, one at least


class Question(NamedTuple):
    """Which figure is asked for.

    A window to date remembers the period it was asked for last: give each thread its own.
    """

    definition: str  # such as resolved@1
    window: Window
    at: Micros  # T: of the events before it
    zone: ZoneInfo
    known: Micros | None = None  # K: of those that had arrived by then; None: of all


def histories_of(ledger: UnitLedger) -> dict[str, list[Fact]]:
    """A unit's events by dossier, as the ledger holds them now, those of the future too.

    A copy: it may be read in another thread while the ledger goes on.
    """
    return {dossier_id: dossier.facts.copy() for dossier_id, dossier in ledger.dossiers.items()}


def had_arrived(arrival: Millis, known: Micros | None) -> bool:
    """Whether a record counts as known at an instant (None: at any)."""
    return known is None or arrival * 1_000 <= known


def known_by(facts: Sequence[Fact], known: Micros | None) -> Sequence[Fact]:
    """The events that had arrived by K (None: all), in the order given.

    R1 as known at K: of an id the first to arrive counts, and a ledger holds only that one, by
    offset. Where the arrivals of a partition run backwards (a feed that stamps its own), a ledger
    does not know a copy that says it came before the first; a history that is read as of K does.
    """
    if known is None:
        return facts
    return [fact for fact in facts if had_arrived(fact.arrival, known)]
