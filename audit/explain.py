"""The dossiers behind a figure of a unit, from the records of its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from indicators.explain import explain
from indicators.facts import fact_of
from indicators.known import Histories, Question, had_arrived, histories_of
from indicators.ledger import Admission, UnitLedger
from indicators.versus import Side, side
from schemas.event import UnusableEvent
from schemas.explanation import Explanation
from schemas.instants import Micros, Millis
from streams.record import Record, read_record
from streams.routing import is_home, partition_of


@dataclass(slots=True)
class UnitHistory:
    """What the records of a unit's partition tell of it, as known at K."""

    unit_id: str
    partition: int
    histories: Histories = field(default_factory=dict)
    admitted: Counter[Admission] = field(default_factory=Counter)  # how many events of each kind
    unusable: int = 0  # under the unit's key, and no events
    not_known: int = 0  # arrived after K
    first_arrival: Millis | None = None  # of all its records, also those that arrived after K

    @property
    def first_event(self) -> Micros | None:
        """When the first of its events happened."""
        return min((facts[0].occurred_at for facts in self.histories.values()), default=None)

    def explain(self, question: Question) -> Explanation:
        """The figure asked for, dossier by dossier."""
        return explain(self.unit_id, self.histories, question, self.partition)

    def side(self, question: Question) -> Side:
        """The figure asked for, to be compared with another."""
        return side(self.unit_id, self.histories, question, self.partition)


def unit_history(
    records: Iterable[Record],
    unit_id: str,
    partitions: int,
    zone: ZoneInfo,
    known: Micros | None = None,
) -> UnitHistory:
    """The history of a unit from records of its partition, in the order of their offsets.

    Records of other units are passed over, and so are those in the wrong partition: a worker sends
    them on, and the copy counts. K cuts before R1 does: of an id the first that had arrived counts.
    """
    found = UnitHistory(unit_id, partition_of(unit_id, partitions))
    ledger, key = UnitLedger(zone), unit_id.encode()
    for record in records:
        if record.key != key:
            continue
        try:
            event, _ = read_record(record)
        except UnusableEvent:
            found.unusable += 1
            continue
        if event.unit_id != unit_id or not is_home(key, unit_id, record.partition, partitions):
            continue
        arrival = record.timestamp
        if found.first_arrival is None or arrival < found.first_arrival:
            found.first_arrival = arrival
        if not had_arrived(arrival, known):
            found.not_known += 1
            continue
        fact = fact_of(event, arrival, record.offset)
        admission = ledger.examine(event.dossier_id, fact)
        found.admitted[admission] += 1
        if admission is Admission.NEW:
            ledger.add(event.dossier_id, fact)
    found.histories = histories_of(ledger)
    return found
