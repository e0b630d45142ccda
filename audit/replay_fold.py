"""A topic's records put into a replay of figures: of millions, each at the least cost there is."""

from __future__ import annotations

from collections.abc import Iterable

from audit.replay import FigureReplay
from indicators.facts import fact_of, fact_of_plain
from indicators.ledger import NEVER
from schemas.event import Event, UnusableEvent, plain_fields
from schemas.instants import Micros, Millis
from streams.record import LAST_ARRIVAL, FiledRecord, read_record
from streams.routing import is_home


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
        self._homes: dict[bytes | None, tuple[str, int]] = {}  # of keys: unit and partition

    def fold(self, records: Iterable[FiledRecord]) -> None:
        """Put records in, each partition's in the order of its offsets."""
        until, put, homes = self._until, self.figures.put, self._homes
        last = -1 if self.last is None else self.last
        for record in records:
            partition, _, arrival, key, value, _ = record
            if arrival > until:
                continue
            plain = None if value is None else plain_fields(value)
            if plain is None or not 0 <= arrival <= LAST_ARRIVAL:
                if not self._fold_odd(record):
                    continue
            else:
                try:
                    fact = fact_of_plain(plain, 0, 0)
                except ValueError:  # what looked plain has an instant that is none
                    self.unusable += 1
                    continue
                unit_id = plain.unit_id
                if homes.get(key) != (unit_id, partition) and not self._note_home(record, unit_id):
                    continue
                put(unit_id, plain.dossier_id, fact, plain.step)
            last = max(last, arrival)
        self.last = None if last < 0 else last

    def _fold_odd(self, record: FiledRecord) -> bool:
        """A record out of the ordinary; whether it was put in."""
        try:
            event, _ = read_record(record)
        except UnusableEvent:
            self.unusable += 1
            return False
        return self._put(record, event)

    def _put(self, record: FiledRecord, event: Event) -> bool:
        if not self._note_home(record, event.unit_id):
            return False
        self.figures.put(event.unit_id, event.dossier_id, fact_of(event, 0, 0), event.step)
        return True

    def _note_home(self, record: FiledRecord, unit_id: str) -> bool:
        """Whether the record is where it belongs; whose key is, is asked once."""
        if not is_home(record.key, unit_id, record.partition, self._partitions):
            self.misrouted += 1
            return False
        self._homes[record.key] = (unit_id, record.partition)
        return True
