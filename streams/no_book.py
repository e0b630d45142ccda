"""A book that keeps nothing: for who asks a history for its incidents alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.facts import Fact
from schemas.instants import Millis
from streams.effects import Effects
from streams.record import Record
from streams.rules import MonitorRules
from streams.sealing import NEVER, PartitionBook
from streams.stated import Shift
from streams.unit_monitor import UnitMonitor


class NoBook(PartitionBook):
    """Nothing is marked, no day begins, so none is sealed and nothing has been stated."""

    def __init__(self, partition: int, partitions: int, rules: MonitorRules) -> None:
        super().__init__(partition, partitions, rules)
        self.begun = True
        self.recorded = NEVER  # no record arrives later, so no day is expected

    def mark(self, record: Record, dossier: int, clock: Millis | None) -> None:
        """Nothing is marked."""

    def behind(self, offset: int, clock: Millis) -> None:
        """Nothing is noted."""

    def touch(self, unit_id: str, dossier_id: str) -> None:
        """Nothing is noted."""

    def correct(
        self, unit: UnitMonitor, dossier_id: str, fact: Fact, shifts: Sequence[Shift]
    ) -> None:
        """Nothing has been stated in a book."""

    def collect(self, effects: Effects) -> None:
        """Nothing was written."""
