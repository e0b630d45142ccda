"""The sealed book of a partition: marks of what was read, days, corrections, in one chain. Pure.

Every record read is marked. Marks make a block, which closes when it is full, at the first whole
hour of the clock after it began, and before a day is sealed. A day is sealed when the clock comes
to the local midnight that ends it: its figures are those at T = midnight of the records read so
far. A partition without records goes on for `IDLE_DAYS` days; then no day is sealed until a record
is folded. So the days do not depend on whether a tick passed the midnights or the next record did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from indicators.facts import Fact
from indicators.ledger import BEFORE_ALL
from schemas import merkle
from schemas.book import (
    BLOCK_RECORDS,
    NO_BURSTS,
    START,
    DayPage,
    EntryKind,
    FigureCorrected,
    FoldedAt,
    Place,
    digest_of,
)
from schemas.book_entries import records_json
from schemas.book_marks import MOST_APART, marks_text, packed_mark
from schemas.instants import Micros, Millis, local_day, start_of_day
from streams.book_state import (
    BLOCK_KEY,
    CHAIN_KEY,
    Chain,
    KeptBook,
    OpenBlock,
    write_block,
    write_chain,
)
from streams.bursts_of_day import KnownCorrections
from streams.effects import BookRecord, Effects
from streams.figures import leaf_of
from streams.record import Record
from streams.rules import MonitorRules
from streams.signs_of_day import NO_NEWS, news_since
from streams.stated import Shift, StatedFigures
from streams.terms import basis_of, stated_basis, terms_of
from streams.unit_monitor import UnitMonitor

IDLE_DAYS = 400  # so long days are sealed of a partition to which nothing comes
NEVER: Millis = 1 << 62
_HOUR: Millis = 3_600_000
_FIRST_DAY = date(1970, 1, 1)


class PartitionBook:
    """Writes a partition's entries, and keeps what it needs to go on after a restart."""

    def __init__(self, partition: int, partitions: int, rules: MonitorRules) -> None:
        self.partition = partition
        self.partitions = partitions
        self.begun = False  # whether the terms in force are those of the chain
        self.due: Millis = NEVER  # the next clock at which a day ends or the open block closes
        self.recorded: Millis = -1  # the latest arrival of a record folded; -1: none
        self.sealed_to: Micros = BEFORE_ALL  # the T of the last day sealed
        self.page_offset = 0  # the records before it were read when the last day was sealed
        self._touched: set[tuple[str, str]] = set()  # (unit, dossier) since the last page
        self._rules = rules
        self._number, self._digest = 0, START
        self._next_offset: int | None = None  # None: nothing read yet, and nobody said
        self._terms, self._basis = "", ""
        self._first = 0  # offset of the open block
        self._marks = bytearray()
        self._folded_at: list[FoldedAt] = []
        self._room = BLOCK_RECORDS
        self._closes: Millis = NEVER  # the clock at which the open block closes
        self._day: int | None = None  # the local day that is sealed next
        self._midnight: Millis = NEVER  # its end
        self._stated = StatedFigures(rules, stated_basis(rules, partition, partitions))
        self._corrections = KnownCorrections(rules.zone)
        self._written: list[BookRecord] = []
        self._changed = False

    # -- what the monitor tells it -----------------------------------------------------------------

    def begin(self, offset: int | None, clock: Millis | None) -> None:
        """Before the first record or tick: state the terms, if they are not those of the chain.

        `offset`: of that record; None where it is a tick.
        """
        self.begun = True
        if self._next_offset is None:
            assert offset is not None, "no tick comes before the first record"
            self._next_offset = self.page_offset = offset
        place = self._place()
        terms = terms_of(self._rules, place, self.partitions, self._next_offset, clock)
        if (basis := basis_of(terms)) == self._basis:
            return
        self._close_block(clock)
        value = terms._replace(place=self._place()).to_json()
        self._chain("terms", self._own_key, value, clock)
        self._terms, self._basis = self._digest, basis

    def mark(self, record: Record, dossier: int, clock: Millis | None) -> None:
        """A record has been read; `dossier` is the mark of its dossier, 0 where it is no event."""
        offset = record.offset
        if self._marks and offset - self._first > MOST_APART:
            self._close_block(clock)
        if not self._marks:
            self._first = offset
        if self._closes == NEVER and clock is not None:
            self._closes = (clock // _HOUR + 1) * _HOUR
            self.due = min(self.due, self._closes)
        self._marks += packed_mark(
            record.key, record.value, dossier, offset - self._first, record.timestamp
        )
        self._next_offset = offset + 1
        self._changed = True
        self._room -= 1
        if not self._room:
            self._close_block(clock)

    def fold(self, arrival: Millis, clock: Millis) -> None:
        """A record has been folded that arrived after all the others; `clock`: the partition's."""
        self.recorded = arrival
        if self._midnight == NEVER:  # the first one, or after so long a time that days were left
            day = local_day(clock * 1_000, self._rules.zone)
            self._expect(day if self._day is None else max(day, self._day))

    def behind(self, offset: int, clock: Millis) -> None:
        """A record was folded at a clock that no record says: by itself it had run on so far."""
        self._folded_at.append(FoldedAt(offset, clock))

    def touch(self, unit_id: str, dossier_id: str) -> None:
        """A dossier has an event more: its signs are told with the next page."""
        self._touched.add((unit_id, dossier_id))

    def midnight_due(self, clock: Millis) -> Millis | None:
        """The next midnight to be sealed if the clock comes to `clock`; None: no day ends by then.

        A block whose hour is over before it is closed.
        """
        if self._closes <= min(clock, self._midnight):
            self._close_block(self._closes)
        return self._midnight if clock >= self._midnight else None

    def seal(self, units: Mapping[str, UnitMonitor]) -> None:
        """End the day that `midnight_due` named."""
        midnight, day = self._midnight, self._day
        assert day is not None, "a day is sealed after one has begun"
        assert self._next_offset is not None, "and after a record"
        name = (_FIRST_DAY + timedelta(days=day)).isoformat()
        self._close_block(midnight)
        news = news_since(self.page_offset, self._touched, units, self._rules.zone)
        bursts = {
            unit_id: self._corrections.bursts(unit_id, changes, units[unit_id].ledger.dossiers)
            for unit_id, (_, changes) in news.items()
            if changes
        }
        self._stated.begin_day(midnight)
        leaves = []
        for unit_id in sorted(units):
            status, tallies = units[unit_id].sealed(midnight - 1, self.partition, 0)
            self._stated.state(unit_id, tallies)
            signs, _ = news.get(unit_id, NO_NEWS)
            found = bursts.get(unit_id, NO_BURSTS)
            leaf = leaf_of(status, name, signs, found)
            if leaf.has_counts or signs or found.listed:
                value = leaf.to_json()
                leaves.append(value)
                self._written.append(BookRecord("figures", unit_id.encode(), value, midnight))
        page = DayPage(
            self._place(),
            name,
            midnight,
            self._next_offset,
            len(leaves),
            merkle.root(leaves),
            self._terms,
            sum(len(found.listed) + found.more for found in bursts.values()),
        )
        self._chain("day", self._own_key, page.to_json(), midnight)
        self.page_offset, self.sealed_to = self._next_offset, self._stated.last
        self._touched.clear()
        self._expect(day + 1)

    def shifts(self, facts: Sequence[Fact], fact: Fact) -> list[Shift]:
        """Which sealed days a new event of a dossier can change; `facts` are those before it."""
        return self._stated.shifts(facts, fact)

    def correct(
        self, unit: UnitMonitor, dossier_id: str, fact: Fact, shifts: Sequence[Shift]
    ) -> None:
        """An event has been folded: what has been stated and is not so any more."""
        corrections = self._stated.correct(unit.unit_id, shifts) if shifts else []
        corrections += unit.corrected_opening()
        if corrections:
            assert unit.judged_at is not None, "it has been judged with that event"
            entry = FigureCorrected(
                self._place(),
                unit.unit_id,
                unit.judged_at,
                dossier_id,
                fact.event_id,
                fact.type,
                fact.offset,
                tuple(corrections),
            )
            self._chain(entry.kind, unit.unit_id.encode(), entry.to_json(), unit.judged_at)

    def collect(self, effects: Effects) -> None:
        """Hand over what was written since the last time, and the changes of state."""
        if not self._changed:
            return
        effects.book, self._written = self._written, []
        effects.changes.update(self._stated.changes())
        effects.changes[CHAIN_KEY] = write_chain(self._chain_end())
        effects.changes[BLOCK_KEY] = write_block(self._open_block())
        self._changed = False

    def restore(self, kept: KeptBook | None, clock: Millis | None, next_offset: int | None) -> None:
        """Stand where the state that was kept left off.

        `next_offset`: the first record to be read, where no book has been kept: it begins there,
        and says nothing of what lies before.
        """
        if kept is None:
            if clock is not None:  # else nothing has been folded: the first record begins it
                self._next_offset, self.page_offset = next_offset, next_offset or 0
                self.fold(clock, clock)
            return
        chain, block = kept.chain, kept.block
        self._number, self._digest, self._next_offset, self.page_offset = chain[:4]
        self._terms, self._basis, self.recorded = chain[4:]
        self._first, self._marks = block.first, bytearray(block.marks)
        self._folded_at = list(block.folded_at)
        self._room = BLOCK_RECORDS - len(block.records())
        self._closes = NEVER if block.closes_at is None else block.closes_at
        self._stated.restore(kept.days, kept.stated)
        self.sealed_to = self._stated.last
        if self.recorded >= 0 and clock is not None:
            day = local_day(clock * 1_000, self._rules.zone)
            if kept.days.instants:
                day = max(day, local_day(self._stated.last, self._rules.zone))
            self._expect(day)
        self.due = min(self._closes, self._midnight)

    def load(self, unit_id: str, dossier_id: str, facts: Iterable[Fact]) -> None:
        """After `restore`: a dossier as it was kept; noted if it is news since the last page."""
        if any(fact.offset >= self.page_offset for fact in facts):
            self.touch(unit_id, dossier_id)

    # -- the chain ---------------------------------------------------------------------------------

    @property
    def _own_key(self) -> bytes:
        return str(self.partition).encode()

    def _place(self) -> Place:
        return Place(self.partition, self._number + 1, self._digest)

    def _chain(self, kind: EntryKind, key: bytes, value: bytes, at: Millis | None) -> None:
        self._written.append(BookRecord(kind, key, value, at))
        self._number, self._digest = self._number + 1, digest_of(value)
        self._changed = True

    def _chain_end(self) -> Chain:
        assert self._next_offset is not None, "nothing is written before the first record"
        return Chain(
            self._number,
            self._digest,
            self._next_offset,
            self.page_offset,
            self._terms,
            self._basis,
            self.recorded,
        )

    def _open_block(self) -> OpenBlock:
        closes = None if self._closes == NEVER else self._closes
        return OpenBlock(self._first, closes, bytes(self._marks), tuple(self._folded_at))

    def _close_block(self, clock: Millis | None) -> None:
        if self._marks:
            marks = marks_text(self._marks)
            value = records_json(self._place(), self._first, marks, self._folded_at)
            self._chain("records", self._own_key, value, clock)
            self._marks.clear()
            self._folded_at.clear()
        self._room, self._closes, self.due = BLOCK_RECORDS, NEVER, self._midnight

    # -- days --------------------------------------------------------------------------------------

    def _expect(self, day: int) -> None:
        """The day that is sealed next; none is where nothing has come for so long."""
        zone = self._rules.zone
        self._day, self._midnight = day, NEVER
        if day - local_day(self.recorded * 1_000, zone) < IDLE_DAYS:
            following = _FIRST_DAY + timedelta(days=day + 1)
            self._midnight = start_of_day(following, zone) // 1_000
        self.due = min(self._closes, self._midnight)
