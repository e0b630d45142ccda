"""The entries of the sealed book (see `schemas.book`), and the form in which they are written.

The digest of an entry is the SHA-256 of its value as written, and each entry names the one before
it: an entry that is changed, taken out or slipped in breaks the chain at its place. The figures of
a unit (`UnitDay`) stand outside the chain: the `DayPage` that follows them holds the root of the
Merkle tree over them (see `schemas.merkle`), so that one unit's day can be proved alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

import orjson

from schemas.book_marks import RecordMark, pack_marks
from schemas.instants import Millis, iso_millis
from schemas.status import Figure, OpenDossiers, Outcomes, Zone

EntryKind = Literal["terms", "records", "figures", "figure_corrected", "day"]
ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
BLOCK_RECORDS = 256  # at most in one block
START = "0" * 64  # what the first entry of a chain names as the one before it


class Place(NamedTuple):
    """Where an entry stands in its partition's chain."""

    partition: int
    number: int  # from 1, one after another
    previous: str  # SHA-256, hex, of the value of the entry before


class Terms(NamedTuple):
    """What the figures go by from here on; written first, and whenever it has changed."""

    place: Place
    next_offset: int  # holds from this record on
    clock: Millis | None  # of the partition then; None: nothing folded yet
    timezone: str
    windows: tuple[str, ...]
    definitions: tuple[str, ...]
    due_soon: int  # microseconds
    policy: dict[str, Any]  # see `streams.terms.policy_to_dict`
    unit_policies: dict[str, dict[str, Any]]  # the same for the units that have their own
    calendar: str | None  # the version of the working calendar; None: there is none

    @property
    def kind(self) -> EntryKind:
        """Which entry it is."""
        return "terms"

    def to_json(self) -> bytes:
        """The value of its record."""
        rest = self._asdict() | {"clock": None if self.clock is None else iso_millis(self.clock)}
        return _chained(self.kind, self.place, rest)


class FoldedAt(NamedTuple):
    """A record that came when its arrival's minute had been judged already, by a clock run on."""

    offset: int
    clock: Millis  # at which it was folded and its unit judged

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {"offset": self.offset, "clock": iso_millis(self.clock)}


class RecordsBlock(NamedTuple):
    """The records read since the last block, used or not, in the order of their offsets."""

    place: Place
    marks: tuple[RecordMark, ...]  # one at least
    folded_at: tuple[FoldedAt, ...] = ()  # where the clock had run on past a record's arrival

    @property
    def kind(self) -> EntryKind:
        """Which entry it is."""
        return "records"

    def to_json(self) -> bytes:
        """The value of its record."""
        packed = pack_marks(self.marks)
        return records_json(self.place, self.marks[0].offset, packed, self.folded_at)


class SignOfDay(NamedTuple):
    """A sign that dates were rewritten, found that day: what happened, no accusation."""

    sign: str
    dossier_id: str
    event_id: str


class CorrectionOfDay(NamedTuple):
    """An event that took something back, or moved a due date after the breach."""

    dossier_id: str
    event_id: str


class BurstOfDay(NamedTuple):
    """Many corrections of a unit within minutes, some of which came into it that day.

    Named are the first of those that were in no burst when the last page was written.
    """

    first: Millis  # arrival of its first correction
    last: Millis  # and of its last one so far
    corrections: int  # all of them
    named: tuple[CorrectionOfDay, ...]  # in order of arrival
    more: int  # so many came in besides, and are not named

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            **self._asdict(),
            "first": iso_millis(self.first),
            "last": iso_millis(self.last),
            "named": [one._asdict() for one in self.named],
        }


class BurstsOfDay(NamedTuple):
    """Those that came up or grew that day, by their first arrival."""

    listed: tuple[BurstOfDay, ...]
    more: int  # so many are not listed

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {"listed": [burst.to_dict() for burst in self.listed], "more": self.more}


NO_BURSTS = BurstsOfDay((), 0)


class UnitDay(NamedTuple):
    """A unit's figures at the end of a local day, as known then: a leaf, not in the chain."""

    partition: int
    day: str  # the local day that ended, such as 2024-06-30
    as_of: Millis  # the midnight that ended it
    unit_id: str
    zone: Zone
    figures: tuple[Figure, ...]  # the first is the primary indicator
    resolved: tuple[tuple[str, Outcomes], ...]  # by window
    open: OpenDossiers
    incident: str | None  # the id of the open incident
    policy: str  # the hash of the policy
    signs: tuple[SignOfDay, ...] = ()  # found in what was folded since the last page
    bursts: BurstsOfDay | None = None  # in the same; None: the first books tell of none

    @property
    def kind(self) -> EntryKind:
        """Which entry it is."""
        return "figures"

    @property
    def has_counts(self) -> bool:
        """Whether any count of the unit is not 0."""
        return (
            any(self.open)
            or any(figure.denominator for figure in self.figures)
            or any(any(outcomes) for _, outcomes in self.resolved)
        )

    def to_json(self) -> bytes:
        """The value of its record, and of the leaf of the day's tree."""
        fields: dict[str, object] = {
            "kind": self.kind,
            **self._asdict(),
            "as_of": iso_millis(self.as_of),
            "figures": [figure._asdict() for figure in self.figures],
            "resolved": {window: outcomes._asdict() for window, outcomes in self.resolved},
            "open": self.open._asdict(),
            "signs": [sign._asdict() for sign in self.signs],
        }
        if self.bursts is None:
            del fields["bursts"]
        else:
            fields["bursts"] = self.bursts.to_dict()
        return orjson.dumps(fields)


class DayPage(NamedTuple):
    """Closes a local day of a partition."""

    place: Place
    day: str
    as_of: Millis
    next_offset: int  # all records before it have been read, none from it on
    units: int  # how many leaves
    root: str  # of the tree over them, hex; of none: SHA-256 of nothing
    terms: str  # the digest of the terms in force
    burst_count: int | None = None  # of all its units; None: the first books tell of no bursts

    @property
    def kind(self) -> EntryKind:
        """Which entry it is."""
        return "day"

    def to_json(self) -> bytes:
        """The value of its record."""
        rest = self._asdict() | {"as_of": iso_millis(self.as_of)}
        if self.burst_count is None:
            del rest["burst_count"]
        return _chained(self.kind, self.place, rest)


class Correction(NamedTuple):
    """A stated figure that a later record has changed."""

    stated: str  # the local day, or the incident whose opening stated it
    as_of: Millis
    definition: str
    window: str
    old: tuple[int, int]  # numerator and denominator, as last stated or corrected
    new: tuple[int, int]


class FigureCorrected(NamedTuple):
    """Which stated figures one late or voiding record changed."""

    place: Place
    unit_id: str
    clock: Millis
    dossier_id: str  # the cause: this event of this dossier, at this offset
    event_id: str
    event_type: str
    offset: int
    corrections: tuple[Correction, ...]  # one at least

    @property
    def kind(self) -> EntryKind:
        """Which entry it is."""
        return "figure_corrected"

    def to_json(self) -> bytes:
        """The value of its record."""
        corrections = [{**one._asdict(), "as_of": _midnight(one.as_of)} for one in self.corrections]
        rest = self._asdict() | {"clock": iso_millis(self.clock), "corrections": corrections}
        return _chained(self.kind, self.place, rest)


ChainedEntry = Terms | RecordsBlock | FigureCorrected | DayPage
BookEntry = ChainedEntry | UnitDay


@lru_cache(maxsize=512)
def _midnight(as_of: Millis) -> str:
    """As text: many corrections are of the same days."""
    return iso_millis(as_of)


def digest_of(value: bytes) -> str:
    """The digest of an entry: SHA-256, hex, of its value as written."""
    return hashlib.sha256(value).hexdigest()


def records_json(
    place: Place, first_offset: int, marks: str, folded_at: Iterable[FoldedAt]
) -> bytes:
    """The value of a block whose marks have been packed (see `schemas.book_marks`)."""
    late = [one.to_dict() for one in folded_at]
    rest = {"first_offset": first_offset, "marks": marks, "folded_at": late}
    return _chained("records", place, rest)


def _chained(kind: EntryKind, place: Place, rest: Mapping[str, object]) -> bytes:
    fields = {name: value for name, value in rest.items() if name != "place"}
    return orjson.dumps({"kind": kind, **place._asdict(), **fields})
