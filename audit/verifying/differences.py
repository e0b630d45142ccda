"""What a difference between the records and the marks of the book is called. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.verifying.finding import Difference, Finding
from audit.verifying.records import Passed
from schemas.book import RecordMark, content_of
from schemas.event import UnusableEvent
from schemas.instants import Millis, iso_millis, local_date
from streams.record import Record, read_record

DossiersOf = Callable[[int], Sequence[tuple[str, str]]]  # unit and dossier, by `dossier_mark`


class _Named(NamedTuple):
    """Whose record it is, as far as it says so."""

    unit_id: str | None = None
    dossier_id: str | None = None
    event_id: str | None = None


class _Told(NamedTuple):
    """What a difference is, and of which record: as it was marked, as it stands here, or both."""

    difference: Difference
    mark: RecordMark | None
    record: Record | None
    text: str


def first_difference(
    passed: Sequence[Passed],
    begins: int | None,
    partition: int,
    zone: ZoneInfo,
    dossiers_of: DossiersOf,
    *,
    marks_after: Sequence[RecordMark] | None = None,
) -> Finding:
    """The first of the differences: removed, inserted, changed, moved or cut.

    The others are looked at too: what is gone here and stands elsewhere has been moved. `begins`:
    the offset of the first record in the topic; None: it has none. `marks_after`: marks that come
    later, where records and book could not be brought together again; else None.
    """
    first = passed[0]
    difference, mark, record, text = (
        _cut(first, begins)
        or _another_arrival(first)
        or _elsewhere(passed, marks_after)
        or _in_place(first)
    )
    named = _named(mark, record, dossiers_of)
    if difference == "changed" and mark is not None:
        text += _not_the_same(mark, named, dossiers_of)
    elif named.dossier_id is None and mark is not None and mark.dossier:
        text += "; no other record tells which dossier it was of"
    at = _arrival(mark, record)
    return Finding(
        "records",
        difference,
        partition,
        text,
        at,
        local_date(at * 1_000, zone).isoformat(),
        *named,
        offset=None if mark is None else mark.offset,
        topic_offset=None if record is None else record.offset,
    )


def _cut(first: Passed, begins: int | None) -> _Told | None:
    """The topic begins later than the book."""
    mark = first.marks[0] if first.marks else None
    if mark is None or begins is None or first.follows is not None or begins <= mark.offset:
        return None
    text = (
        f"the topic begins with offset {begins}, and the book knows its records from "
        f"{mark.offset} on: the first ones are gone"
    )
    return _Told("cut", mark, None, text)


def _another_arrival(first: Passed) -> _Told | None:
    """The same content in the same place, as if it had arrived at another time."""
    if not first.marks or not first.records:
        return None
    mark, record = first.marks[0], first.records[0]
    if mark.content != _content(record):
        return None
    was, now = iso_millis(mark.arrival), iso_millis(record.timestamp)
    text = f"the record at offset {mark.offset} arrived at {was}; now it says {now}"
    return _Told("moved", mark, record, text)


def _elsewhere(passed: Sequence[Passed], marks_after: Sequence[RecordMark] | None) -> _Told | None:
    """What was marked here or stands here is found in another place, or nothing is any more."""
    first, others = passed[0], passed[1:]
    mark = first.marks[0] if first.marks else None
    record = first.records[0] if first.records else None
    other_marks = [*first.marks[1:], *(one for other in others for one in other.marks)]
    other_marks += marks_after or ()
    other_records = [*first.records[1:], *(one for other in others for one in other.records)]
    gone = None if mark is None else _record_of(mark.content, other_records)
    came = None if record is None else _mark_of(_content(record), other_marks)
    lost = marks_after is not None
    if mark is not None and record is not None and gone is None and (lost or came is not None):
        return _removed(mark)  # and what stands here stood further on: more are gone in between
    if lost and gone is not None and came is None:
        text = f"very many records that the book does not know stand {_after(first)}"
        return _Told("inserted", None, record, text)
    if gone is not None and came is not None:  # the one that went further was moved
        if other_records.index(gone) > other_marks.index(came):
            came = None
        else:
            gone = None
    if record is not None and came is not None:
        now = f"stands {_after(first)} now{_other(came, record)}"
        return _Told("moved", came, record, f"{_sealed(came)} {now}")
    if mark is not None and gone is not None:
        now = f"stands at offset {gone.offset} of the topic now{_other(mark, gone)}"
        return _Told("moved", mark, gone, f"{_sealed(mark)} {now}")
    return None


def _in_place(first: Passed) -> _Told:
    """What is marked here stands nowhere else, nor does the book know what stands here."""
    mark = first.marks[0] if first.marks else None
    record = first.records[0] if first.records else None
    if mark is not None and record is not None:
        text = f"the record at offset {mark.offset} does not say what it said when it was sealed"
        return _Told("changed", mark, record, text)
    if record is not None:
        text = f"a record that the book does not know stands {_after(first)}"
        return _Told("inserted", None, record, text)
    assert mark is not None, "a difference of nothing"
    return _removed(mark)


def _removed(mark: RecordMark) -> _Told:
    return _Told("removed", mark, None, f"{_sealed(mark)} is gone")


def _sealed(mark: RecordMark) -> str:
    return f"the record sealed at offset {mark.offset}"


def _after(first: Passed) -> str:
    return "before all others" if first.follows is None else f"after offset {first.follows}"


def _content(record: Record) -> bytes:
    return content_of(record.key, record.value)


def _record_of(content: bytes, records: Sequence[Record]) -> Record | None:
    return next((one for one in records if _content(one) == content), None)


def _mark_of(content: bytes, marks: Sequence[RecordMark]) -> RecordMark | None:
    return next((one for one in marks if one.content == content), None)


def _other(mark: RecordMark, record: Record) -> str:
    if mark.arrival == record.timestamp:
        return ""
    return f", with the arrival {iso_millis(record.timestamp)} for {iso_millis(mark.arrival)}"


def _arrival(mark: RecordMark | None, record: Record | None) -> Millis:
    if mark is not None:
        return mark.arrival
    assert record is not None, "a difference of nothing"
    return record.timestamp


def _named(mark: RecordMark | None, record: Record | None, dossiers_of: DossiersOf) -> _Named:
    """By the record where there is one, else by the digest of its dossier in the mark."""
    if record is not None:
        try:
            event, _ = read_record(record)
        except UnusableEvent:
            key = (record.key or b"").decode(errors="replace")
            return _Named(key or None)
        return _Named(event.unit_id, event.dossier_id, event.event_id)
    assert mark is not None, "a difference of nothing"
    found = dossiers_of(mark.dossier) if mark.dossier else ()
    return _Named(*found[0]) if len(found) == 1 else _Named()


def _not_the_same(mark: RecordMark, named: _Named, dossiers_of: DossiersOf) -> str:
    """Which dossier the sealed record was of, if not of the one that stands there now."""
    if not mark.dossier:
        return "; it was no event then"
    found = dossiers_of(mark.dossier)
    if not found or (named.unit_id, named.dossier_id) in found:
        return ""
    return f"; it was of dossier {found[0][1]} of unit {found[0][0]}"
