"""The OpenAPI 3.1 document, made of the very models and types that the server works with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaMode

from schemas.api.answers import Error
from schemas.api.operations import JSON, OPERATIONS, Answer, Operation
from schemas.api.parameters import LONGEST_ID, Query
from schemas.json_schema import Schema
from schemas.published import schemas

_REF = "#/components/schemas/{model}"
_RECORDS = {"Status": "status", "Alert": "alert", "Notification": "notification"}
_PATH_PART = re.compile(r"\{(\w+)\}")
_PATH_WORDS = {
    "unit_id": "the unit's id, url-encoded",
    "dossier_id": "the dossier's id, url-encoded",
    "incident_id": "the incident's id, url-encoded: its slashes too",
    "silence_id": "as the one who gave it was told",
}
_LENGTHS = {"incident_id": 2 * LONGEST_ID}  # unit, definition and number
_ERRORS: Mapping[int, str] = {
    400: "a parameter or the body is wrong: the error names it",
    401: "sign in, or send a bearer token",
    403: "this asker may not",
    404: "there is no such thing",
    409: "it cannot be done any more",
    413: "the body is too large",
    415: "the body is not application/json",
    503: "not now; come again after Retry-After",
}
_ABOUT = (
    "Figures of units, the dossiers behind them, incidents and the monitor itself. Any worker "
    "answers for all units. Instants are ISO 8601 with an offset. Every GET of JSON has an ETag; "
    "unknown parameters are refused."
)


def openapi(version: str, definitions: Iterable[str]) -> Schema:
    """The document. `version`: of the program; `definitions`: the ids of those that exist."""
    components = _components()
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        written = _operation(operation, list(definitions))
        paths.setdefault(operation.path, {})[operation.method.lower()] = written
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "vungxanh",
            "summary": "Dossiers, on time, green",
            "description": _ABOUT,
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "any worker"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "vungxanh_session"},
            },
        },
    }


def _components() -> dict[str, Schema]:
    """Every answer and body by its name, and the records of topics."""
    wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        ("Error", "serialization", TypeAdapter(Error))
    ]
    for operation in OPERATIONS:
        for answer in operation.answers:
            if answer.content is not None and _name(answer.content) is not None:
                adapter: TypeAdapter[Any] = TypeAdapter(answer.content)
                wanted.append((operation.operation_id, "serialization", adapter))
        if operation.body is not None:
            wanted.append((operation.operation_id, "validation", TypeAdapter(operation.body)))
    _, written = TypeAdapter.json_schemas(wanted, ref_template=_REF)
    found: dict[str, Schema] = {name: _tidy(one) for name, one in written["$defs"].items()}
    for one in found.values():
        if one.get("type") == "object":
            one.setdefault("additionalProperties", False)
    published = schemas()
    for name, kind in (*_RECORDS.items(), ("Outlook", "outlook")):
        record = deepcopy(published[kind])
        found[name] = {key: value for key, value in record.items() if key[0] != "$"}
    return dict(sorted(found.items()))


def _name(content: Any) -> str | None:  # noqa: ANN401 - a type
    """The component's name; None: it is none."""
    return getattr(content, "__name__", None) if hasattr(content, "__total__") else None


def _operation(operation: Operation, definitions: list[str]) -> Schema:
    written: Schema = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation.path), *_parameters(operation, definitions)],
        "responses": _answers(operation),
    }
    if operation.body is not None:
        name = operation.body.__name__
        written["requestBody"] = {
            "required": any(field.is_required() for field in operation.body.model_fields.values()),
            "content": {JSON: {"schema": {"$ref": _REF.format(model=name)}}},
        }
    if operation.access == "acting":
        written["security"] = [{"token": []}, {"session": []}]
    elif operation.access == "reading":
        written["security"] = [{}, {"token": []}, {"session": []}]
    return written


def _path_parameters(path: str) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_WORDS[name],
            "schema": {
                "type": "string",
                "minLength": 1,
                "maxLength": _LENGTHS.get(name, LONGEST_ID),
            },
        }
        for name in _PATH_PART.findall(path)
    ]


def _parameters(operation: Operation, definitions: list[str]) -> list[Schema]:
    if operation.query.model_fields == Query.model_fields:
        return []
    properties = operation.query.model_json_schema()["properties"]
    return [
        _parameter(name, field, deepcopy(properties[name]), definitions)
        for name, field in operation.query.model_fields.items()
    ]


def _parameter(name: str, field: FieldInfo, schema: Schema, definitions: list[str]) -> Schema:
    written = _tidy(schema)
    if "anyOf" in written:  # or null, which a query cannot say: it is absent then
        [own] = [one for one in written.pop("anyOf") if one != {"type": "null"}]
        written |= own
    if written.get("default", 0) is None:
        del written["default"]
    written.pop("description", None)
    name_of_figure = name.removeprefix("versus_")
    if name_of_figure == "definition":
        written["enum"] = definitions
    if name_of_figure == "window":
        written["pattern"] = "^([1-9][0-9]{0,4}d|month|quarter|half|year)$"
    return {
        "name": name,
        "in": "query",
        "required": field.is_required(),
        "description": field.description,
        "schema": written,
    }


def _answers(operation: Operation) -> Schema:
    written = {str(answer.status): _answer(answer, operation) for answer in operation.answers}
    if operation.tagged:
        written["304"] = {"description": "as the client has it: If-None-Match"}
    errors = {400, *operation.errors}
    if operation.access in ("reading", "acting"):
        errors.add(401)
    if operation.method != "GET":
        errors.add(403)
    if operation.body is not None:
        errors |= {413, 415}
    content = {JSON: {"schema": {"$ref": _REF.format(model="Error")}}}
    for status in sorted(errors):
        written.setdefault(str(status), {"description": _ERRORS[status], "content": content})
    return written


def _answer(answer: Answer, operation: Operation) -> Schema:
    written: Schema = {"description": answer.what}
    if answer.media != JSON:
        written["content"] = {answer.media: {}}
    elif answer.content is not None:
        name = _name(answer.content)
        schema = {"type": "object"} if name is None else {"$ref": _REF.format(model=name)}
        written["content"] = {JSON: {"schema": schema}}
    if operation.tagged and answer.status == 200:
        written["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return written


def _tidy(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Without titles that say no more than the names, and without our own notes."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    names_fields = "properties" in schema
    return {
        key: (
            {name: _tidy(one) for name, one in value.items()}
            if key == "properties"
            else _tidy(value)
        )
        for key, value in schema.items()
        if key != "x-wrong" and not (key == "title" and (names_fields or isinstance(value, str)))
    }
