"""Words to write the published JSON Schemas with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def head(name: str, title: str, what: str) -> Schema:
    """What a schema begins with."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:vungxanh:schema:{name}:1",
        "title": title,
        "description": what,
    }


def object_of(
    properties: Mapping[str, Schema],
    *,
    seldom: Collection[str] = (),  # properties that may be absent
    closed: bool = True,
    description: str | None = None,
) -> Schema:
    """An object of these properties; no others where it is closed."""
    made: Schema = {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in seldom],
    }
    if closed:
        made["additionalProperties"] = False
    if description is not None:
        made["description"] = description
    return made


def or_null(schema: Schema) -> Schema:
    """That, or null; the description says what null means."""
    inner = {name: value for name, value in schema.items() if name != "description"}
    return {"anyOf": [inner, {"type": "null"}], "description": schema["description"]}


def counts(*names: str) -> Schema:
    """An object of numbers of dossiers."""
    return object_of({name: count("dossiers") for name in names})


def count(what: str) -> Schema:
    """A number, 0 or more."""
    return {"type": "integer", "minimum": 0, "description": what}


def place(what: str) -> Schema:
    """An offset."""
    return {"type": "integer", "minimum": -1, "description": f"{what}; -1: none"}


def text(what: str) -> Schema:
    """A text that is not empty."""
    return {"type": "string", "minLength": 1, "description": what}


def instant(what: str) -> Schema:
    """An instant in ISO 8601."""
    return {"type": "string", "format": "date-time", "description": what}
