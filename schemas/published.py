"""The published schemas: JSON Schema 2020-12 of everything that crosses a process boundary.

The event's schema is made of the very types that the parser validates with; the others are held
against real outputs by the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from pydantic import TypeAdapter

from schemas.dead_letter import (
    DETAIL_LIMIT,
    HEADER_DETAIL,
    HEADER_FORWARDED,
    HEADER_LEFT_OUT,
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_TIMESTAMP,
    HEADER_TOPIC,
    Reason,
)
from schemas.event import EventFields
from schemas.json_schema import (
    Schema,
    count,
    counts,
    head,
    instant,
    object_of,
    place,
    text,
)
from schemas.published_book import book_schema
from schemas.published_telling import (
    action_schema,
    alert_schema,
    notification_schema,
    outlook_schema,
)
from schemas.status import ZONES

_EVENT_NOTES: Mapping[str, str] = {
    "event_id": "unique for ever; an id seen before counts once (R1)",
    "type": "what happened",
    "occurred_at": "when it happened: ISO 8601 with offset, years 1900-2200",
    "dossier_id": "the application, together with unit_id",
    "unit_id": "the body answerable for it; also the record's key",
    "due_at": "the promised instant, ISO 8601 with offset, or a bare date: the end of that local "
    "day; years 1900-2200",
    "procedure_id": "the administrative procedure",
    "step": "the step of the procedure",
    "channel": "how it was handed in",
    "service_level": "the level of the online service",
    "voids": "with `voided`: the event_id taken back",
}


def schemas() -> dict[str, Schema]:
    """Every schema by its name."""
    return {
        "event": event_schema(),
        "status": status_schema(),
        "alert": alert_schema(),
        "dead-letter": dead_letter_schema(),
        "notification": notification_schema(),
        "action": action_schema(),
        "outlook": outlook_schema(),
        "book": book_schema(),
    }


def event_schema() -> Schema:
    """A record of `dossier-events` in plain JSON; a null stands for an absent field."""
    made = TypeAdapter(EventFields).json_schema()
    properties: dict[str, Schema] = deepcopy(made["properties"])
    for name, note in _EVENT_NOTES.items():
        properties[name].pop("title", None)
        properties[name]["description"] = note
    return {
        **head(
            "event", "A lifecycle event of a dossier", "the value of a record of dossier-events"
        ),
        **object_of(properties, seldom=properties.keys() - made["required"], closed=False),
        "if": {"properties": {"type": {"const": "voided"}}, "required": ["type"]},
        "then": {"properties": {"voids": {"type": "string"}}, "required": ["voids"]},
    }


def status_schema() -> Schema:
    """A record of `unit-status`, as `UnitStatus.to_dict` makes it."""
    figure = object_of(
        {
            "definition": text("such as resolved@1"),
            "window": text("such as 30d"),
            "numerator": count("dossiers"),
            "denominator": count("dossiers"),
            "ratio": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 1,
                "description": "null where the denominator is 0",
            },
        }
    )
    outcomes = counts("early", "on_time", "late")
    properties: dict[str, Schema] = {
        "unit_id": text("the unit; also the record's key"),
        "clock": instant("the partition's clock at the judgement"),
        "as_of": instant("the instant T of the figures: 1 ms after the clock"),
        "partition": count("of dossier-events"),
        "offset": place("the last record folded in the partition by then"),
        "zone": {"enum": list(ZONES)},
        "primary": object_of(
            {"definition": text("of the primary indicator"), "window": text("of it")}
        ),
        "figures": {"type": "array", "items": figure, "minItems": 1},
        "resolved": {
            "type": "object",
            "additionalProperties": outcomes,
            "description": "dossiers resolved in each window, in three parts, each dossier once",
        },
        "open": counts("overdue", "paused", "due_soon", "within", "no_due"),
        "incident": {"type": ["string", "null"], "description": "the id of the open incident"},
        "policy": text("the hash of the policy by which it was judged"),
    }
    about = head(
        "status", "A unit's latest figures and zone", "the value of a record of unit-status"
    )
    return {**about, **object_of(properties)}


def dead_letter_schema() -> Schema:
    """The headers of a record of `dossier-dead-letters`; its key and value are as they came."""
    number: Schema = {"type": "string", "pattern": "^-?[0-9]+$"}
    properties: dict[str, Schema] = {
        HEADER_REASON: {"enum": [reason.value for reason in Reason]},
        HEADER_DETAIL: {"type": "string", "maxLength": DETAIL_LIMIT},
        HEADER_TOPIC: text("where the record was"),
        HEADER_PARTITION: number,
        HEADER_OFFSET: number,
        HEADER_TIMESTAMP: {**number, "description": "its arrival, milliseconds since 1970"},
        HEADER_FORWARDED: text("partition-offset, if the record had been sent on"),
        HEADER_LEFT_OUT: text("why key and value lack: the record is too large for a dead letter"),
    }
    return {
        **head(
            "dead-letter",
            "The headers of a dead letter",
            "the headers of a record of dossier-dead-letters, whose key and value are as they came",
        ),
        **object_of(properties, seldom=[HEADER_FORWARDED, HEADER_LEFT_OUT], closed=False),
    }
