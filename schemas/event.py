"""The lifecycle event of a dossier: what a record of `dossier-events` must be.

Plain JSON, or a CloudEvents 1.0 envelope in structured mode (`id`, `type`, `time`, `subject` =
dossier, the rest in `data`). Whatever is not in the contract is dropped here and goes no further:
feeds carry names and telephone numbers.
"""

from __future__ import annotations

from datetime import date
from sys import intern
from typing import Annotated, Literal, NamedTuple, get_args

import msgspec
import orjson
from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from schemas.dead_letter import Reason
from schemas.instants import Micros, iso_micros, read_date, read_instant

PlainType = Literal[
    "submitted",
    "not_accepted",
    "received",
    "processing",
    "supplement_requested",
    "supplement_completed",
    "fee_requested",
    "fee_paid",
    "due_changed",
    "refused",
    "stopped",
    "withdrawn",
    "completed",
    "delivered",
    "apology_issued",
]
EventType = Literal[PlainType, "voided"]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

Due = Micros | date  # an instant, or a bare date: the end of that local day

TEXT_LIMIT = 500  # characters of procedure_id and step
INSTANT_LIMIT = 64  # characters
_ID = r"^[^\s\x00-\x1f\x7f-\x9f]{1,200}$"  # no spaces, no control characters
_EVENT_ID = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}$"

_Id = Annotated[str, StringConstraints(pattern=_ID)]
_EventId = Annotated[str, StringConstraints(pattern=_EVENT_ID)]
_Text = Annotated[str, StringConstraints(max_length=TEXT_LIMIT)]
_Instant = Annotated[str, StringConstraints(max_length=INSTANT_LIMIT)]


class _Required(TypedDict):
    event_id: _EventId
    type: EventType
    occurred_at: _Instant
    dossier_id: _Id
    unit_id: _Id


class EventFields(_Required, total=False):
    """The fields of an event as JSON has them; a null stands for an absent one."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    due_at: _Instant | None
    procedure_id: _Text | None
    step: _Text | None
    channel: Literal["online", "direct", "post"] | None
    service_level: Literal["2", "3", "4", "partial", "full", 2, 3, 4] | None
    voids: _EventId | None


FIELDS = frozenset(EventFields.__required_keys__ | EventFields.__optional_keys__)
_ENVELOPE = {"id": "event_id", "type": "type", "time": "occurred_at", "subject": "dossier_id"}
# What a CloudEvents envelope may have besides; its other extensions are unknown fields.
_STANDARD = "specversion source datacontenttype dataschema data"
_EXTENSIONS = "traceparent tracestate partitionkey sequence dataref"
_ATTRIBUTES = frozenset({*_ENVELOPE, *_STANDARD.split(), *_EXTENSIONS.split()})
_fields = TypeAdapter(EventFields)

ID_LIMIT = 200
_MOST_UNITS = 100_000
_plain_units: dict[str, str] = {}  # ids that have been looked at, each with the copy to keep
_new = tuple.__new__  # of a NamedTuple without the call of its constructor

_PlainId = Annotated[str, msgspec.Meta(min_length=1, max_length=ID_LIMIT)]
_PlainText = Annotated[str, msgspec.Meta(max_length=TEXT_LIMIT)]
_PlainInstant = Annotated[str, msgspec.Meta(max_length=INSTANT_LIMIT)]


class PlainEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The fields of an event in which nothing is out of the ordinary, as they are written."""

    event_id: _PlainId
    type: PlainType
    occurred_at: _PlainInstant
    dossier_id: _PlainId
    unit_id: str
    due_at: _PlainInstant | None = None
    procedure_id: _PlainText | None = None
    step: _PlainText | None = None
    channel: Literal["online", "direct", "post"] | None = None
    service_level: Literal["2", "3", "4", "partial", "full"] | None = None


_read_plain = msgspec.json.Decoder(PlainEvent).decode


class UnusableEvent(ValueError):  # noqa: N818 - it is a finding about the record, not a failure
    """A value that is no event; `reason` and `detail` go into its dead letter."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Event(NamedTuple):
    """A valid event, its instants as numbers."""

    event_id: str
    type: EventType
    occurred_at: Micros
    dossier_id: str
    unit_id: str
    due: Due | None = None
    procedure_id: str | None = None
    step: str | None = None
    channel: str | None = None
    service_level: str | None = None
    voids: str | None = None

    def to_json(self) -> bytes:
        """The event in plain JSON, with the fields of the contract and no others."""
        fields: dict[str, object] = {
            "event_id": self.event_id,
            "type": self.type,
            "occurred_at": iso_micros(self.occurred_at),
            "dossier_id": self.dossier_id,
            "unit_id": self.unit_id,
        }
        if self.due is not None:
            bare = isinstance(self.due, date)
            fields["due_at"] = self.due if bare else iso_micros(self.due)  # type: ignore[arg-type]
        for name in ("procedure_id", "step", "channel", "service_level", "voids"):
            value = getattr(self, name)
            if value is not None:
                fields[name] = value
        return orjson.dumps(fields)


def read_event(value: bytes | None) -> tuple[Event, bool]:
    """The event in a record's value, and whether it carried fields outside the contract.

    Raises `UnusableEvent` with a reason and a detail that names the field and what is allowed.
    """
    if value is None:
        raise UnusableEvent(Reason.NULL_VALUE, "the record has no value")
    event = plain_event(value)
    if event is not None:
        return event, False
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise UnusableEvent(
            Reason.NOT_JSON, _why_not_json(f"invalid JSON: {error}", value)
        ) from None
    if not isinstance(content, dict):
        raise UnusableEvent(Reason.INVALID_EVENT, "value: it is JSON, but not an object")
    others = False
    if "specversion" in content:
        others = not content.keys() <= _ATTRIBUTES
        content = _opened(content)
    try:
        known = _fields.validate_python(content)
    except ValidationError as error:
        raise _unusable(error) from None
    return _event(known), others or not known.keys() <= FIELDS


def plain_event(value: bytes) -> Event | None:
    """The event in a value in which nothing is out of the ordinary, as nearly all are.

    None does not mean that there is anything wrong with it: the full validation says. What is
    accepted here is accepted there, as the same event; tests/schemas/test_plain_event.py holds the
    two against each other. This is a sixth of the cost of the other way.
    """
    try:
        plain = plain_fields(value)
        if plain is None:
            return None
        due_at, procedure_id = plain.due_at, plain.procedure_id
        return _new(
            Event,
            (
                plain.event_id,
                plain.type,
                read_instant(plain.occurred_at),
                plain.dossier_id,
                plain.unit_id,
                None if due_at is None else read_due(due_at),
                None if procedure_id is None else intern(procedure_id),
                plain.step,
                plain.channel,
                plain.service_level,
                None,
            ),
        )
    except ValueError:
        return None


def plain_fields(value: bytes) -> PlainEvent | None:
    """The fields of such an event; its instants are still texts, and may yet prove to be none."""
    try:
        plain = _read_plain(value)
    except msgspec.MsgspecError:
        return None
    dossier_id, unit_id = plain.dossier_id, plain.unit_id
    if " " in dossier_id or not (unit_id in _plain_units or _note_unit(unit_id)):
        return None
    # JSON has no bare control characters: in ASCII without escapes one is left to be looked for.
    bare = value.isascii() and b"\\" not in value and b"\x7f" not in value
    if not bare and not (plain.event_id.isprintable() and dossier_id.isprintable()):
        return None
    # One copy in memory of the few texts that millions of events carry.
    plain.unit_id = _plain_units[unit_id]
    return plain


def _note_unit(unit_id: str) -> bool:
    """Keep one copy of a unit's id, if it is plain: few units have millions of events."""
    if len(_plain_units) >= _MOST_UNITS:
        _plain_units.clear()
    if 0 < len(unit_id) <= ID_LIMIT and unit_id.isprintable() and " " not in unit_id:
        _plain_units[unit_id] = unit_id
        return True
    return False


def _event(fields: EventFields) -> Event:
    kind = fields["type"]
    voids = fields.get("voids") if kind == "voided" else None
    if kind == "voided" and voids is None:
        raise UnusableEvent(Reason.INVALID_EVENT, "voids: a voided event names the event it voids")
    level = fields.get("service_level")
    due_at = fields.get("due_at")
    try:
        field = "occurred_at"
        occurred_at = read_instant(fields["occurred_at"])
        field = "due_at"
        due = None if due_at is None else read_due(due_at)
    except ValueError as error:
        raise UnusableEvent(Reason.INVALID_EVENT, f"{field}: {error}") from None
    return Event(
        fields["event_id"],
        kind,
        occurred_at,
        fields["dossier_id"],
        fields["unit_id"],
        due,
        fields.get("procedure_id"),
        fields.get("step"),
        fields.get("channel"),
        None if level is None else str(level),
        voids,
    )


def read_due(text: str) -> Due:
    """A due date as it is written; ValueError, saying what is wrong."""
    return read_date(text) if len(text) <= len("2023-06-30") else read_instant(text)


def _opened(envelope: dict[str, object]) -> dict[str, object]:
    """The flat fields of a CloudEvents envelope; its attributes win over the same in `data`."""
    data = envelope.get("data", {})
    if not isinstance(data, dict):
        raise UnusableEvent(Reason.INVALID_EVENT, "data: a CloudEvent's data must be an object")
    fields: dict[str, object] = dict(data)
    for attribute, name in _ENVELOPE.items():
        if attribute in envelope:
            fields[name] = envelope[attribute]
    if isinstance(kind := fields.get("type"), str):
        fields["type"] = kind.rpartition(".")[2]  # `vn.gov.dossier.received` is `received`
    return fields


def _unusable(error: ValidationError) -> UnusableEvent:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    said = "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'value'}: {_plain(problem)}"
        for problem in problems[:5]
    )
    texts = [
        p
        for p in problems
        if p["type"] == "string_too_long" and p["loc"][0] in ("procedure_id", "step")
    ]
    return UnusableEvent(Reason.TOO_LARGE if texts else Reason.INVALID_EVENT, said)


def _why_not_json(said: str, value: bytes) -> str:
    try:
        value.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}"
    return said


def _plain(problem: ErrorDetails) -> str:
    """Pydantic's message, with a pattern in words."""
    if problem["type"] != "string_pattern_mismatch":
        return problem["msg"]
    spaces = "" if problem["loc"][0] in ("event_id", "voids") else "spaces or "
    return f"1-200 characters, without {spaces}control characters"
