"""The sealed book: what `audit-book` holds. One chain of entries a partition, kept for ever.

Its words in one place: the shapes of the entries (`schemas.book_entries`), the marks of records
(`schemas.book_marks`), and here how an entry is read back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import orjson

from schemas.book_entries import (
    BLOCK_RECORDS,
    ENTRY_KINDS,
    NO_BURSTS,
    START,
    BookEntry,
    BurstOfDay,
    BurstsOfDay,
    ChainedEntry,
    Correction,
    CorrectionOfDay,
    DayPage,
    EntryKind,
    FigureCorrected,
    FoldedAt,
    Place,
    RecordsBlock,
    SignOfDay,
    Terms,
    UnitDay,
    digest_of,
)
from schemas.book_marks import RecordMark, content_of, dossier_mark, pack_marks, unpack_marks
from schemas.instants import Millis, read_instant
from schemas.status import ZONES, Figure, OpenDossiers, Outcomes

__all__ = [
    "BLOCK_RECORDS",
    "ENTRY_KINDS",
    "NO_BURSTS",
    "START",
    "BookEntry",
    "BurstOfDay",
    "BurstsOfDay",
    "ChainedEntry",
    "Correction",
    "CorrectionOfDay",
    "DayPage",
    "EntryKind",
    "FigureCorrected",
    "FoldedAt",
    "Place",
    "RecordMark",
    "RecordsBlock",
    "SignOfDay",
    "Terms",
    "UnitDay",
    "content_of",
    "digest_of",
    "dossier_mark",
    "pack_marks",
    "read_entry",
    "unpack_marks",
]

_T = TypeVar("_T")


def read_entry(value: bytes) -> BookEntry:
    """The entry that a record's value states; ValueError saying what is wrong with it.

    Fields of a later release are passed over.
    """
    try:
        fields: Any = orjson.loads(value)
        return _READERS[_one_of(ENTRY_KINDS, fields, "kind")](fields)
    except KeyError as error:
        raise ValueError(f"no entry of the book: {error} is missing") from None
    except (AttributeError, TypeError) as error:
        raise ValueError(f"no entry of the book: {error}") from None


def _read_terms(fields: dict[str, Any]) -> Terms:
    policies = _object(fields, "unit_policies")
    return Terms(
        _place(fields),
        _number(fields, "next_offset"),
        None if fields["clock"] is None else _instant(fields, "clock"),
        _text(fields, "timezone"),
        _texts(fields, "windows"),
        _texts(fields, "definitions"),
        _number(fields, "due_soon"),
        _object(fields, "policy"),
        {unit: _object(policies, unit) for unit in policies},
        _text_or_none(fields, "calendar"),
    )


def _read_records(fields: dict[str, Any]) -> RecordsBlock:
    marks = unpack_marks(_number(fields, "first_offset"), _text(fields, "marks"))
    if not marks or marks[0].offset != fields["first_offset"]:
        raise ValueError("no entry of the book: marks: they do not begin at first_offset")
    late = (
        FoldedAt(_number(one, "offset"), _instant(one, "clock"))
        for one in (_list(fields, "folded_at") if "folded_at" in fields else ())
    )
    return RecordsBlock(_place(fields), marks, tuple(late))


def _read_figures(fields: dict[str, Any]) -> UnitDay:
    return UnitDay(
        _number(fields, "partition"),
        _text(fields, "day"),
        _instant(fields, "as_of"),
        _text(fields, "unit_id"),
        _one_of(ZONES, fields, "zone"),
        tuple(
            Figure(_text(one, "definition"), _text(one, "window"), *_count(one))
            for one in _list(fields, "figures")
        ),
        tuple(
            (window, Outcomes(*(_number(outcomes, name) for name in Outcomes._fields)))
            for window, outcomes in _object(fields, "resolved").items()
        ),
        OpenDossiers(*(_number(fields["open"], name) for name in OpenDossiers._fields)),
        _text_or_none(fields, "incident"),
        _text(fields, "policy"),
        tuple(
            SignOfDay(*(_text(one, name) for name in SignOfDay._fields))
            for one in _list(fields, "signs")
        ),
        _read_bursts(_object(fields, "bursts")) if "bursts" in fields else None,
    )


def _read_bursts(fields: dict[str, Any]) -> BurstsOfDay:
    return BurstsOfDay(tuple(map(_read_burst, _list(fields, "listed"))), _number(fields, "more"))


def _read_burst(fields: dict[str, Any]) -> BurstOfDay:
    return BurstOfDay(
        _instant(fields, "first"),
        _instant(fields, "last"),
        _number(fields, "corrections"),
        tuple(
            CorrectionOfDay(*(_text(one, name) for name in CorrectionOfDay._fields))
            for one in _list(fields, "named")
        ),
        _number(fields, "more"),
    )


def _read_corrected(fields: dict[str, Any]) -> FigureCorrected:
    corrections = tuple(
        Correction(
            _text(one, "stated"),
            _instant(one, "as_of"),
            _text(one, "definition"),
            _text(one, "window"),
            _pair(one, "old"),
            _pair(one, "new"),
        )
        for one in _list(fields, "corrections")
    )
    return FigureCorrected(
        _place(fields),
        _text(fields, "unit_id"),
        _instant(fields, "clock"),
        _text(fields, "dossier_id"),
        _text(fields, "event_id"),
        _text(fields, "event_type"),
        _number(fields, "offset"),
        corrections,
    )


def _read_day(fields: dict[str, Any]) -> DayPage:
    return DayPage(
        _place(fields),
        _text(fields, "day"),
        _instant(fields, "as_of"),
        _number(fields, "next_offset"),
        _number(fields, "units"),
        _text(fields, "root"),
        _text(fields, "terms"),
        _number(fields, "burst_count") if "burst_count" in fields else None,
    )


_READERS: Mapping[EntryKind, Callable[[dict[str, Any]], BookEntry]] = {
    "terms": _read_terms,
    "records": _read_records,
    "figures": _read_figures,
    "figure_corrected": _read_corrected,
    "day": _read_day,
}


def _place(fields: dict[str, Any]) -> Place:
    return Place(_number(fields, "partition"), _number(fields, "number"), _text(fields, "previous"))


def _count(fields: dict[str, Any]) -> tuple[int, int]:
    return _number(fields, "numerator"), _number(fields, "denominator")


def _wrong(name: str, value: object, what: str) -> ValueError:
    return ValueError(f"no entry of the book: {name}: {value!r} is {what}")


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise _wrong(name, value, "no text")
    return value


def _text_or_none(fields: dict[str, Any], name: str) -> str | None:
    return None if fields[name] is None else _text(fields, name)


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields[name]
    if type(value) is not int:  # True is one too
        raise _wrong(name, value, "no whole number")
    return value


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields[name]
    if not isinstance(value, list):
        raise _wrong(name, value, "no list")
    return value


def _texts(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    values = _list(fields, name)
    if not all(isinstance(value, str) for value in values):
        raise _wrong(name, values, "no list of texts")
    return tuple(values)


def _pair(fields: dict[str, Any], name: str) -> tuple[int, int]:
    values = _list(fields, name)
    if len(values) != 2 or not all(type(value) is int for value in values):
        raise _wrong(name, values, "no numerator and denominator")
    return values[0], values[1]


def _object(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields[name]
    if not isinstance(value, dict):
        raise _wrong(name, value, "no object")
    return value


def _one_of(allowed: tuple[_T, ...], fields: dict[str, Any], name: str) -> _T:
    value = fields[name]
    if value not in allowed:
        raise _wrong(name, value, f"none of {', '.join(map(str, allowed))}")
    return cast("_T", value)


def _instant(fields: dict[str, Any], name: str) -> Millis:
    return read_instant(_text(fields, name)) // 1_000
