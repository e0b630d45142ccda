"""The published schemas agree with what is read and written."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from schemas.action import ACTION_KINDS, Action
from schemas.asyncapi import asyncapi, asyncapi_page
from schemas.book import ENTRY_KINDS
from schemas.dead_letter import Reason
from schemas.event import FIELDS, UnusableEvent, read_event
from schemas.json_schema import Schema
from schemas.notification import OUTCOMES, Notification, Why
from schemas.outlook import DossierAtRisk, Forecast, Projection, Recovery, UnitOutlook
from schemas.published import event_schema, schemas, status_schema
from schemas.published_book import FIELDS_OF, book_schema
from schemas.published_telling import (
    action_schema,
    alert_schema,
    notification_schema,
    outlook_schema,
)
from schemas.status import Figure, OpenDossiers, Outcomes, UnitStatus
from schemas.step import STEP_KINDS, Cause, Evidence, IncidentStep
from streams.effects import DeadLetter, Effects
from streams.outputs import outputs
from streams.record import FiledRecord
from streams.topics import Topics
from tests.schemas.test_book import GOOD as ENTRIES

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_KNOWN = {
    *("$schema", "$id", "title", "description", "format", "type", "enum", "const", "properties"),
    *("required", "additionalProperties", "items", "minItems", "minimum", "maximum", "anyOf"),
    *("minLength", "maxLength", "pattern", "if", "then"),
}


def problems(schema: Schema, value: Any, at: str = "") -> list[str]:
    """Where a value breaks a schema: the part of JSON Schema that the published ones use."""
    assert schema.keys() <= _KNOWN, f"{at}: unchecked keywords {schema.keys() - _KNOWN}"
    found = [f"{at}: {said}" for said in _plain_problems(schema, value)]
    if "anyOf" in schema and all(problems(one, value) for one in schema["anyOf"]):
        found.append(f"{at}: none of anyOf")
    if "if" in schema and not problems(schema["if"], value):
        found += problems(schema["then"], value, at)
    if isinstance(value, dict):
        found += _problems_inside(schema, value, at)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += problems(schema["items"], item, f"{at}[{number}]")
    return found


def _plain_problems(schema: Schema, value: Any) -> list[str]:
    kinds = schema.get("type", list(_TYPES))
    allowed = [
        one for kind in ([kinds] if isinstance(kinds, str) else kinds) for one in _TYPES[kind]
    ]
    checks = {
        "type": isinstance(value, tuple(allowed)) and not isinstance(value, bool),
        "enum": value in schema.get("enum", [value]),
        "const": value == schema.get("const", value),
    }
    if isinstance(value, str):
        checks["length"] = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 9**9)
        checks["pattern"] = re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, int | float):
        checks["range"] = schema.get("minimum", value) <= value <= schema.get("maximum", value)
    if isinstance(value, list):
        checks["minItems"] = len(value) >= schema.get("minItems", 0)
    return [f"{name} of {value!r}" for name, fine in checks.items() if not fine]


def _problems_inside(schema: Schema, value: dict[str, Any], at: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value]
    rest = schema.get("additionalProperties", True)
    for name, inner in value.items():
        if name in known:
            found += problems(known[name], inner, f"{at}.{name}")
        elif rest is False:
            found.append(f"{at}.{name}: not in the schema")
        elif isinstance(rest, dict):
            found += problems(rest, inner, f"{at}.{name}")
    return found


EVIDENCE = Evidence("resolved@1", "30d", 1_700_000_000_001, 17, 20, 3, 42, "abc")
STEP = IncidentStep("A/resolved@1/1", "A", "opened", 1_700_000_000_000, "yellow", EVIDENCE)
STATUS = UnitStatus(
    "A",
    1_700_000_000_000,
    3,
    42,
    "grey",
    (Figure("resolved@1", "30d", 0, 0), Figure("strict@1", "half", 1, 3)),
    (("30d", Outcomes(0, 0, 0)), ("half", Outcomes(1, 2, 3))),
    OpenDossiers(1, 2, 3, 4, 5),
    None,
    "abc",
)


def test_a_status_is_as_published() -> None:
    assert problems(status_schema(), orjson.loads(STATUS.to_json())) == []
    assert (
        problems(status_schema(), orjson.loads(STATUS._replace(incident="A/x/1").to_json())) == []
    )


@pytest.mark.parametrize(
    "step",
    [
        STEP,
        STEP._replace(kind="corrected", zone="grey", cause=Cause("e", "D")),
        STEP._replace(kind="acknowledged", author="trực ban", reason=""),
        STEP._replace(kind="escalated", level=2, evidence=EVIDENCE._replace(calendar="2024a")),
        *(STEP._replace(kind=kind) for kind in STEP_KINDS),
    ],
)
def test_a_step_is_as_published(step: IncidentStep) -> None:
    assert problems(alert_schema(), orjson.loads(step.to_json())) == []


def test_what_every_step_has_and_what_only_some() -> None:
    schema, only_some = alert_schema(), {"cause", "author", "reason", "level"}

    assert set(schema["required"]) == STEP.to_dict().keys()
    assert schema["properties"].keys() - schema["required"] == only_some
    assert problems(schema, {**STEP.to_dict(), "level": 0, "by": "x"}) == [
        ".level: range of 0",
        ".by: not in the schema",
    ]


SENT = Notification(
    "A/resolved@1/1#opened#head-a#email", "sent", Why.DELIVERED, "opened", "A/resolved@1/1", 1
)
LONG = SENT._replace(
    unit_id="A", recipient="head-a", channel="email", until=5, attempts=3, message="m", detail="d"
)


@pytest.mark.parametrize(
    "notification",
    [
        SENT,
        LONG,
        *(SENT._replace(why=why) for why in Why),
        *(SENT._replace(outcome=outcome) for outcome in OUTCOMES),
        *(SENT._replace(kind=kind) for kind in STEP_KINDS),
        SENT._replace(kind="warned"),
        SENT._replace(kind="digest"),
        SENT._replace(kind="health"),
        SENT._replace(kind="test"),
    ],
)
def test_a_notification_is_as_published(notification: Notification) -> None:
    assert problems(notification_schema(), orjson.loads(notification.to_json())) == []


def test_every_field_of_a_notification_is_published() -> None:
    assert notification_schema()["properties"].keys() == LONG.to_dict().keys()
    assert set(notification_schema()["required"]) == SENT.to_dict().keys()


DEED = Action("a1", "acknowledge", "trực ban", 1)
SILENCE = DEED._replace(kind="silence", reason="bảo trì", scope="A/*", until=9)


@pytest.mark.parametrize(
    "action",
    [
        DEED._replace(incident_id="A/resolved@1/1"),
        SILENCE,
        DEED._replace(kind="unsilence", silence_id="a1"),
    ],
)
def test_an_action_is_as_published(action: Action) -> None:
    value = orjson.loads(action.to_json())

    assert problems(action_schema(), value) == []
    assert set(action_schema()["required"]) <= value.keys()
    assert action_schema()["properties"].keys() == set(Action._fields)
    assert action_schema()["properties"]["kind"]["enum"] == list(ACTION_KINDS)


OUTLOOK = UnitOutlook(
    "A", 1, 0, 9, "grey", "resolved@1", "30d", 0, 0, "abc", "2024a", at_risk=(), at_risk_total=0
)
STAYS, LEAVES = Projection(None, 9, 10), Projection(7, 8, 10)


@pytest.mark.parametrize(
    "outlook",
    [
        OUTLOOK,
        OUTLOOK._replace(
            zone="green",
            at_risk=(DossierAtRisk("D", 5, "overdue"), DossierAtRisk("E", 6, "within")),
            at_risk_total=2,
            forecast=Forecast(9, LEAVES, STAYS, ("D",)),
            last_arrival=4,
            usual_gap=60_000,
        ),
        OUTLOOK._replace(zone="green", forecast=Forecast(9, LEAVES, None, None)),
        OUTLOOK._replace(zone="red", recovery=Recovery(3, 8, ("D", "E"), None)),
        OUTLOOK._replace(zone="red", recovery=Recovery(None, None, (), 8)),
    ],
)
def test_an_outlook_is_as_published(outlook: UnitOutlook) -> None:
    value = orjson.loads(outlook.to_json())

    assert problems(outlook_schema(), value) == []
    assert set(outlook_schema()["required"]) == value.keys()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"forecast": {"until": "x"}}, ".forecast: none of anyOf"),
        ({"recovery": 5}, ".recovery: none of anyOf"),
        ({"at_risk": [{"dossier_id": "D"}]}, ".at_risk[0].due_at: missing"),
    ],
)
def test_what_is_no_outlook_is_found(change: dict[str, Any], where: str) -> None:
    assert where in problems(outlook_schema(), {**OUTLOOK.to_dict(), **change})


@pytest.mark.parametrize("kind", FIELDS_OF)
def test_an_entry_of_the_book_is_as_published(kind: str) -> None:
    value = orjson.loads(ENTRIES[kind].to_json())

    assert problems(book_schema(), value) == []
    assert value.keys() == {"kind", "partition", *FIELDS_OF[kind]}


def test_every_kind_of_entry_is_published_with_its_fields() -> None:
    properties = book_schema()["properties"]

    assert FIELDS_OF.keys() == ENTRIES.keys() == set(ENTRY_KINDS)
    assert properties.keys() == {"kind", "partition"}.union(*FIELDS_OF.values())


@pytest.mark.parametrize("name", sorted(status_schema()["properties"]))
def test_nothing_of_a_status_may_be_missing(name: str) -> None:
    value = {key: one for key, one in STATUS.to_dict().items() if key != name}

    assert problems(status_schema(), value) == [f".{name}: missing"]


def test_a_dead_letter_s_headers_are_as_published() -> None:
    record = FiledRecord(1, 2, 3, b"k", b"x")
    effects = Effects(dead_letters=[DeadLetter(record, Reason.NOT_JSON, "d" * 2_000)])
    topics = Topics.of("")

    [letter] = outputs(effects, topics, 5, {topics.dead_letters: 10_000})[topics.dead_letters]

    headers = {name: value.decode() for name, value in letter.headers}
    assert problems(schemas()["dead-letter"], headers) == []


GOOD: dict[str, Any] = {
    "event_id": "e 1",
    "type": "received",
    "occurred_at": "2026-01-01T08:00:00+07:00",
    "dossier_id": "000.00.18.H47-260101-0001",
    "unit_id": "H47.502",
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"due_at": "2026-01-20"},
        {"due_at": None, "step": None, "channel": None},
        {"type": "voided", "voids": "e0"},
        {"service_level": 4},
        {"service_level": "partial", "channel": "post", "step": "x" * 500},
        {"citizen": "is ignored"},
        {"event_id": "e" * 200},
    ],
)
def test_the_parser_and_the_schema_take_the_same(change: dict[str, Any]) -> None:
    value = {**GOOD, **change}

    event, _ = read_event(orjson.dumps(value))

    assert problems(event_schema(), value) == []
    assert problems(event_schema(), orjson.loads(event.to_json())) == []


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": ""},
        {"event_id": "e" * 201},
        {"event_id": 7},
        {"event_id": "a\nb"},
        {"unit_id": "a b"},
        {"dossier_id": "a\nb"},
        {"type": "reopened"},
        {"type": "voided"},
        {"type": "voided", "voids": None},
        {"channel": "fax"},
        {"service_level": "5"},
        {"step": "x" * 501},
        {"occurred_at": None},
        {"occurred_at": 1_700_000_000},
    ],
)
def test_the_parser_and_the_schema_refuse_the_same(change: dict[str, Any]) -> None:
    value = {**GOOD, **change}

    with pytest.raises(UnusableEvent):
        read_event(orjson.dumps(value))

    assert problems(event_schema(), value)


def test_the_event_s_schema_names_all_fields_and_explains_them() -> None:
    properties = event_schema()["properties"]

    assert properties.keys() == FIELDS
    assert all(one["description"] for one in properties.values())


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi("1.2.3")
    references = re.findall(r'"\$ref":"#/([^"]+)"', orjson.dumps(document).decode())

    assert references
    for reference in references:
        part: Any = document
        for name in reference.split("/"):
            part = part[name]
        assert isinstance(part, dict)


def test_the_asyncapi_document_has_every_topic_that_is_written_now() -> None:
    topics = Topics.of("")

    assert asyncapi("1")["channels"].keys() == {
        topics.events,
        topics.dead_letters,
        topics.status,
        topics.alerts,
        topics.notifications,
        topics.actions,
        topics.outlook,
        topics.book,
    }


def test_every_schema_has_its_topic() -> None:
    document = asyncapi("1")

    assert document["components"]["messages"].keys() == schemas().keys()
    assert len(document["channels"]) == len(schemas())


def test_the_page_needs_nothing_else() -> None:
    page = asyncapi_page("1.2.3")

    assert "<script" not in page
    assert "http" not in re.sub(r"<pre>.*</pre>", "", page, flags=re.S)
    assert all(f"<code>{name}</code>" in page for name in FIELDS)
    assert "evidence.numerator" in page
    assert "figures[].ratio" in page
    assert "forecast.at_the_pace.leaves_green_at" in page
    assert "at_risk[].due_at" in page
