"""The AsyncAPI 3.0 document: topics, their keys and their records; and a page of it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from schemas.json_schema import Schema
from schemas.published import schemas


class _Topic(NamedTuple):
    name: str
    schema: str
    key: str
    kept: str
    content: str
    action: str  # what the monitor does with it


_TOPICS = (
    _Topic("dossier-events", "event", "unit_id", "for ever", "the history", "receive"),
    _Topic(
        "dossier-dead-letters",
        "dead-letter",
        "as it came",
        "90 days (topics.dead_letter_retention)",
        "records that could not be used, whole, with the reason in the headers",
        "send",
    ),
    _Topic(
        "unit-status",
        "status",
        "unit_id",
        "compacted",
        "the unit's latest figures and zone, clock, offset",
        "send",
    ),
    _Topic(
        "unit-alerts",
        "alert",
        "unit_id",
        "for ever",
        "every step of every incident, with its evidence",
        "send",
    ),
    _Topic(
        "unit-notifications",
        "notification",
        "the subject: an incident's id, or what else was told",
        "for ever",
        "every message sent, held back or failed, with a named reason",
        "send",
    ),
    _Topic(
        "unit-actions",
        "action",
        "unit_id, or * for all",
        "for ever",
        "what people did about incidents: acknowledged, silenced",
        "receive",
    ),
    _Topic(
        "unit-outlook",
        "outlook",
        "unit_id",
        "compacted",
        "what will become of the unit's figure, and which dossiers decide it",
        "send",
    ),
    _Topic(
        "audit-book",
        "book",
        "unit_id of figures and figure_corrected, else the partition's number",
        "for ever",
        "the sealed book: each local day's figures, what they were made of and their corrections, "
        "in a chain a partition",
        "send",
    ),
)
_ABOUT = (
    "On-time figures of a province's units, exact and provable. A record's Kafka timestamp in "
    "dossier-events is its arrival: when the fact became known. Readers of the outputs use "
    "isolation.level=read_committed. A setting puts a prefix before all names of topics."
)


def asyncapi(version: str) -> dict[str, Any]:
    """The document; `version` is that of the program."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "vungxanh",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in _TOPICS},
        "operations": {f"{topic.action}-{topic.name}": _operation(topic) for topic in _TOPICS},
        "components": {
            "messages": {topic.schema: _message(topic) for topic in _TOPICS},
            "schemas": {name: _embedded(schema) for name, schema in schemas().items()},
        },
    }


def _channel(topic: _Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"{topic.content}; kept: {topic.kept}; key: {topic.key}",
        "messages": {topic.schema: {"$ref": f"#/components/messages/{topic.schema}"}},
        "bindings": {"kafka": {"topic": topic.name, "bindingVersion": "0.5.0"}},
    }


def _operation(topic: _Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": topic.action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{topic.schema}"}],
    }


def _message(topic: _Topic) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{topic.schema}"}
    key = {"type": "string", "description": topic.key}
    message: dict[str, Any] = {
        "name": topic.schema,
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }
    if topic.schema == "dead-letter":
        return {**message, "contentType": "application/octet-stream", "headers": schema}
    return {**message, "contentType": "application/json", "payload": schema}


def _embedded(schema: Schema) -> Schema:
    """Within the document a schema has neither a dialect nor an id of its own."""
    return {name: value for name, value in schema.items() if not name.startswith("$")}


# -- the page --------------------------------------------------------------------------------------

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "padding:.3rem .6rem;border-bottom:1px solid #ccc}code{font-size:.95em}"
    "pre{overflow:auto;background:#f4f4f4;padding:1rem}"
)


def asyncapi_page(version: str) -> str:
    """The document as one HTML file that needs nothing else."""
    document = asyncapi(version)
    text = html.escape(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    sections = "".join(_section(topic, document["components"]["schemas"]) for topic in _TOPICS)
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>vungxanh: topics and records</title><style>{_STYLE}</style>"
        f"<h1>vungxanh {html.escape(version)}: topics and records</h1><p>{html.escape(_ABOUT)}</p>"
        f"{sections}<h2>AsyncAPI 3.0</h2><details><summary>the document</summary>"
        f"<pre>{text}</pre></details></html>\n"
    )


def _section(topic: _Topic, known: Mapping[str, Schema]) -> str:
    schema = known[topic.schema]
    what = html.escape(f"{topic.content}. Key: {topic.key}. Kept: {topic.kept}.")
    rows = "".join(_rows(schema, ""))
    return (
        f"<h2><code>{topic.name}</code></h2><p>{what}</p><p>{html.escape(schema['description'])}:"
        f"</p><table><tr><th>field<th>type<th>required<th>meaning</tr>{rows}</table>"
    )


def _rows(schema: Schema, above: str) -> Iterable[str]:
    for name, inner in schema["properties"].items():
        path = f"{above}{name}"
        required = "yes" if name in schema["required"] else ""
        cells = (f"<code>{html.escape(path)}</code>", html.escape(_type(inner)), required,
                 html.escape(inner.get("description", "")))  # fmt: skip
        yield "<tr>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>"
        some = inner["anyOf"][0] if "anyOf" in inner else inner  # the other one is null
        nested = some.get("items", some)
        if "properties" in nested:
            yield from _rows(nested, f"{path}[]." if "items" in some else f"{path}.")


def _type(schema: Schema) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    kind = schema.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)
