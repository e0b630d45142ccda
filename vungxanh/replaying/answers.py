"""A history that has been read for a replay, asked for its counts at one instant after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from audit.replay import FigureReplay, UnitTally
from audit.replay_question import FigureQuestion, Instants
from schemas.instants import Micros, Millis

Answer = tuple[Micros, str, Sequence[UnitTally]]  # T, the text that asked for it, the counts


class Folded(NamedTuple):
    """What a history, or a part of it, turned out to be."""

    span: tuple[Micros, Micros] | None  # when its first and its last event happened
    last: Millis | None  # its last arrival
    conflicts: int
    unusable: int
    units: frozenset[str]  # of those asked for by name, the ones that have any event

    def joined(self, other: Folded) -> Folded:
        """The two together."""
        spans = [one for one in (self.span, other.span) if one is not None]
        lasts = [one for one in (self.last, other.last) if one is not None]
        return Folded(
            (min(one[0] for one in spans), max(one[1] for one in spans)) if spans else None,
            max(lasts, default=None),
            self.conflicts + other.conflicts,
            self.unusable + other.unusable,
            self.units | other.units,
        )


class Answering(Protocol):
    """A history that has been read and can be asked once."""

    @property
    def folded(self) -> Folded:
        """What it turned out to be."""

    def answers(self, instants: Instants, after: Micros | None) -> Iterator[Answer]:
        """The counts at each instant later than `after`, in order of unit, window and part."""


class Alone:
    """A history that this process has read itself."""

    def __init__(
        self, figures: FigureReplay, last: Millis | None, unusable: int, question: FigureQuestion
    ) -> None:
        self._figures = figures
        self._windows = question.windows_read()
        units = figures.units & (question.units or frozenset())
        self.folded = Folded(figures.span(), last, figures.conflicts, unusable, units)

    def answers(self, instants: Instants, after: Micros | None) -> Iterator[Answer]:
        """The counts at each instant later than `after`, in order of unit, window and part."""
        for at, text in instants.in_order(after):
            yield at, text, list(self._figures.tallies(at, self._windows))
