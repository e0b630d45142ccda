"""A topic's records put into a replay of figures: of millions, each at the least cost there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from audit.replay import Arrived, FigureReplay
from indicators.facts import fact_of_plain
from indicators.ledger import NEVER
from schemas.event import UnusableEvent, plain_fields
from schemas.instants import Micros, Millis
from streams.record import LAST_ARRIVAL, FiledRecord, read_record
from streams.routing import is_home


class _Home(NamedTuple):
    """Where the events of one unit come from, and where they go."""

    unit_id: str
    partition: int
    dossiers: Arrived | None  # None: the unit's figures are not asked for


class RecordFold:
    """Takes what a worker would fold, as known at K; says what it left out."""

    def __init__(self, figures: FigureReplay, partitions: int, known: Micros | None) -> None:
        """`partitions`: how many the topic has."""
        self.figures = figures
        self.last: Millis | None = None  # the last arrival of what was taken
        self.unusable = 0  # records that are no events
        self.misrouted = 0  # events elsewhere than at home: a worker sends them on
        self._partitions = partitions
        self._until = NEVER if known is None else known // 1_000  # as `had_arrived` has it
        self._homes: dict[bytes | None, _Home] = {}  # by key

    def fold(self, records: Iterable[FiledRecord]) -> None:
        """Put records in, each partition's in the order of its offsets."""
        until, home_of = self._until, self._homes.get
        last = -1 if self.last is None else self.last
        for record in records:
            partition, _, arrival, key, value, _ = record
            if arrival > until:
                continue
            plain = None if value is None else plain_fields(value)
            if plain is None or not 0 <= arrival <= LAST_ARRIVAL:
                if self._fold_odd(record) and arrival > last:
                    last = arrival
                continue
            try:
                fact = fact_of_plain(plain, 0, 0)
            except ValueError:  # what looked plain has an instant that is none
                self.unusable += 1
                continue
            home = home_of(key)
            if home is None or home[0] != plain.unit_id or home[1] != partition:
                home = self._home(record, plain.unit_id)
                if home is None:
                    continue
            dossiers = home[2]
            if dossiers is not None:
                facts = dossiers.get(plain.dossier_id)
                if facts is None:
                    dossiers[plain.dossier_id] = [fact]
                else:
                    facts.append(fact)
                if plain.step is not None:
                    self.figures.note_step(fact, plain.step)
            last = max(last, arrival)
        self.last = None if last < 0 else last

    def _fold_odd(self, record: FiledRecord) -> bool:
        """A record out of the ordinary; whether it was taken."""
        try:
            event, _ = read_record(record)
        except UnusableEvent:
            self.unusable += 1
            return False
        if self._home(record, event.unit_id) is None:
            return False
        self.figures.add(event)
        return True

    def _home(self, record: FiledRecord, unit_id: str) -> _Home | None:
        """Where the record belongs; None where it is not there. Asked once for each key."""
        if not is_home(record.key, unit_id, record.partition, self._partitions):
            self.misrouted += 1
            return None
        home = _Home(unit_id, record.partition, self.figures.dossiers_of(unit_id))
        self._homes[record.key] = home
        return home
