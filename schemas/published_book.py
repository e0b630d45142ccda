"""The published schema of the sealed book."""

from __future__ import annotations

from schemas.book import ENTRY_KINDS
from schemas.json_schema import (
    Schema,
    count,
    counts,
    head,
    instant,
    object_of,
    or_null,
    place,
    text,
)
from schemas.status import ZONES

_ALWAYS = ("kind", "partition")  # what every entry has
_CHAIN = ("number", "previous")  # what every entry of the chain has
FIELDS_OF: dict[str, tuple[str, ...]] = {
    "terms": (
        *_CHAIN,
        *("next_offset", "clock", "timezone", "windows", "definitions", "due_soon"),
        *("policy", "unit_policies", "calendar"),
    ),
    "records": (*_CHAIN, "first_offset", "marks", "folded_at"),
    "figures": (
        *("day", "as_of", "unit_id", "zone", "figures", "resolved", "open", "incident"),
        *("policy", "signs", "bursts"),
    ),
    "figure_corrected": (
        *_CHAIN,
        *("unit_id", "clock", "dossier_id", "event_id", "event_type", "offset", "corrections"),
    ),
    "day": (*_CHAIN, "day", "as_of", "next_offset", "units", "root", "terms", "burst_count"),
}


def book_schema() -> Schema:
    """A record of `audit-book`, as the entries of `schemas.book` write it.

    One object with the fields of every kind; which kind has which, its description says.
    """
    properties = _properties()
    kinds = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in FIELDS_OF.items())
    about = head("book", "An entry of the sealed book", "the value of a record of audit-book")
    about["description"] += f". Beside kind and partition each kind has its own fields: {kinds}"
    seldom = [name for name in properties if name not in _ALWAYS]
    return {**about, **object_of(properties, seldom=seldom)}


def _properties() -> dict[str, Schema]:
    policy: Schema = {
        "type": ["string", "object"],
        "description": "of figures: the hash of the policy; of terms: the policy in full",
    }
    terms: Schema = text("of a day: the SHA-256 of the terms in force")
    return {
        "kind": {"enum": list(ENTRY_KINDS)},
        "partition": count("of dossier-events"),
        "number": {
            "type": "integer",
            "minimum": 1,
            "description": "in the partition's chain, one after another",
        },
        "previous": {
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 of the value of the chain's entry before; 0 of the first",
        },
        "next_offset": count("all records before it had been read, none from it on"),
        "clock": or_null(instant("the partition's clock; null: nothing folded yet")),
        "timezone": text("local days are of it"),
        "windows": {"type": "array", "items": text("such as 30d"), "description": "shown"},
        "definitions": {"type": "array", "items": text("such as resolved@1")},
        "due_soon": count("microseconds"),
        "policy": policy,
        "unit_policies": {
            "type": "object",
            "additionalProperties": {"type": "object"},
            "description": "of the units that have a policy of their own",
        },
        "calendar": or_null(text("the version of the working calendar; null: there is none")),
        "first_offset": count("of the block's first record"),
        "marks": text(
            "base64 of 32 bytes a record: 16 of SHA-256 over the key's length, key and value; "
            "CRC-32 of unit, line feed and dossier, 0 where it is no event; offset after the "
            "first; arrival in ms. All big-endian"
        ),
        "folded_at": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["offset", "clock"],
                "properties": {
                    "offset": count("of the record"),
                    "clock": instant("at which it was folded"),
                },
            },
            "description": "records that came when the clock had run on past their arrival",
        },
        "day": text("the local day that ended, such as 2024-06-30"),
        "as_of": instant("the midnight that ended it: the instant T of the figures"),
        "unit_id": text("the unit; also the record's key"),
        "zone": {"enum": list(ZONES)},
        "figures": {"type": "array", "items": _figure(), "minItems": 1},
        "resolved": {
            "type": "object",
            "additionalProperties": counts("early", "on_time", "late"),
            "description": "dossiers resolved in each window, in three parts, each dossier once",
        },
        "open": counts("overdue", "paused", "due_soon", "within", "no_due"),
        "incident": or_null(text("the id of the open incident; null: there is none")),
        "signs": {
            "type": "array",
            "items": object_of(
                {
                    "sign": text("that dates were rewritten"),
                    "dossier_id": text("of the dossier"),
                    "event_id": text("of the event that says so"),
                }
            ),
            "description": "found that day",
        },
        "bursts": {
            **object_of(
                {
                    "listed": {"type": "array", "items": _burst()},
                    "more": count("that are not listed"),
                }
            ),
            "description": "of corrections, that came up or grew that day; not in the first books",
        },
        "dossier_id": text("of the event that changed a stated figure"),
        "event_id": text("of it"),
        "event_type": text("of it"),
        "offset": place("of it"),
        "corrections": {"type": "array", "items": _correction(), "minItems": 1},
        "units": count("figures of the day, the leaves of its tree"),
        "root": text("of the Merkle tree over them (RFC 6962), in hex"),
        "terms": terms,
        "burst_count": count("bursts of all the units of the day; not in the first books"),
    }


def _figure() -> Schema:
    return object_of(
        {
            "definition": text("such as resolved@1"),
            "window": text("such as 30d"),
            "numerator": count("dossiers"),
            "denominator": count("dossiers"),
        }
    )


def _burst() -> Schema:
    named: Schema = {
        "type": "array",
        "items": object_of(
            {
                "dossier_id": text("of the correction"),
                "event_id": text("that takes something back or moved a due date after the breach"),
            }
        ),
        "description": "those that came into a burst that day, the first to arrive",
    }
    return object_of(
        {
            "first": instant("arrival of its first correction"),
            "last": instant("arrival of its last one so far"),
            "corrections": count("all of them"),
            "named": named,
            "more": count("that came in that day and are not named"),
        }
    )


def _correction() -> Schema:
    pair: Schema = {"type": "array", "items": count("dossiers"), "minItems": 2}
    return object_of(
        {
            "stated": text("the local day, or the incident whose opening stated it"),
            "as_of": instant("the instant T of the figure"),
            "definition": text("of the figure"),
            "window": text("of the figure"),
            "old": {**pair, "description": "numerator and denominator as stated or corrected last"},
            "new": {**pair, "description": "as now known"},
        }
    )
