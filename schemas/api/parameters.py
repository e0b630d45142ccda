"""What may stand in a query: one model an operation. Unknown parameters are refused.

Each field's description says what is allowed; `read_query` puts it into the one line of an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from schemas.instants import Micros, read_instant

MOST = 1_000  # of anything on a page
LONGEST_ID = 200  # characters: of a unit, a dossier, as in an event
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_INSTANT_EXAMPLE = "2026-06-30T17:00:00+07:00"
_M = TypeVar("_M", bound=BaseModel)


class ParameterError(ValueError):
    """A parameter or a body is wrong; the text is the one line to answer with."""


def _read_instant(value: object) -> Micros:
    if not isinstance(value, str):
        raise ValueError("no text")
    return read_instant(value)


def _read_limit(value: object) -> int:
    """A whole number as a query has it: no sign, no spaces, no other digits."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value) or int(value) > MOST:
        raise ValueError("no number in range")
    return int(value)


Instant = Annotated[
    Micros,
    BeforeValidator(_read_instant),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": [_INSTANT_EXAMPLE]},
    ),
]
InstantOrNow = Annotated[
    Micros | Literal["now"],
    BeforeValidator(lambda value: value if value == "now" else _read_instant(value)),
    WithJsonSchema(
        {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "string", "enum": ["now"]}]}
    ),
]
Limit = Annotated[
    int,
    BeforeValidator(_read_limit),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST}),
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)]
Known = Literal["then", "now"]
IncidentState = Literal["open", "closed", "all"]

_INSTANT = f"is no instant with an offset, such as {_INSTANT_EXAMPLE}"
_LIMIT = f"is no whole number from 1 to {MOST}"
_CURSOR = "is no cursor of this list; take `next` of the page before"
_ID = f"is no id of 1 to {LONGEST_ID} characters"


def _parameter(default: object, meaning: str, wrong: str) -> Any:  # noqa: ANN401 - as pydantic's
    return Field(default=default, description=meaning, json_schema_extra={"x-wrong": wrong})


def _limit(default: int | None, what: str) -> Any:  # noqa: ANN401
    return _parameter(default, f"at most so many {what}", _LIMIT)


def _after() -> Any:  # noqa: ANN401
    return _parameter(None, "`next` of the page before", _CURSOR)


class Query(BaseModel):
    """The parameters of one operation."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Query):
    """No parameters."""


class PageQuery(Query):
    """A page of a list."""

    limit: Limit = _limit(MOST, "on a page")
    after: str | None = _after()


class FigureQuery(Query):
    """Which figure, at which instant, as known when."""

    definition: str | None = _parameter(
        None, "the definition of on time; absent: the policy's", "is no definition"
    )
    window: str | None = _parameter(
        None,
        "the window: a number of days such as 30d, or month, quarter, half, year; absent: the "
        "policy's",
        "is no window",
    )
    as_of: Instant | None = _parameter(
        None, "the instant T; absent: now, 1 ms after the clock of the unit's partition", _INSTANT
    )
    known: Known = _parameter(
        "now",
        "now: by all records known today; then: by those only that had arrived by as_of",
        "is neither now nor then",
    )


class ExplainQuery(Query):
    """Which figure to explain."""

    definition: str | None = _parameter(
        None, "the definition of on time; absent: the policy's", "is no definition"
    )
    window: str | None = _parameter(None, "the window; absent: the policy's", "is no window")
    as_of: Instant | None = _parameter(None, "the instant T; absent: now", _INSTANT)
    known_at: Instant | None = _parameter(
        None, "the instant K: only records that had arrived by then; absent: all", _INSTANT
    )
    limit: Limit | None = _limit(None, "dossiers, counted and left out; absent: all")
    after: str | None = _after()


class VersusQuery(Query):
    """Two figures of a unit: the second is as the first where nothing else is said of it."""

    definition: str | None = _parameter(
        None, "the definition of on time; absent: the policy's", "is no definition"
    )
    window: str | None = _parameter(None, "the window; absent: the policy's", "is no window")
    as_of: Instant | None = _parameter(None, "the instant T; absent: now", _INSTANT)
    known_at: Instant | None = _parameter(
        None, "the instant K: only records that had arrived by then; absent: all", _INSTANT
    )
    versus_definition: str | None = _parameter(
        None, "the definition of the second", "is no definition"
    )
    versus_window: str | None = _parameter(None, "the window of the second", "is no window")
    versus_as_of: Instant | None = _parameter(None, "the instant T of the second", _INSTANT)
    versus_known_at: InstantOrNow | None = _parameter(
        None, "the instant K of the second; now: all records", f"{_INSTANT}, nor now"
    )


class IntegrityQuery(Query):
    """Of which window, at which instant, as known when."""

    window: str | None = _parameter(None, "the window; absent: the policy's", "is no window")
    as_of: Instant | None = _parameter(None, "the instant T; absent: now", _INSTANT)
    known: Known = _parameter(
        "now",
        "now: by all records known today; then: by those only that had arrived by as_of",
        "is neither now nor then",
    )


class DossierQuery(Query):
    """At which instant, as known when."""

    as_of: Instant | None = _parameter(None, "the instant T; absent: now", _INSTANT)
    known_at: Instant | None = _parameter(
        None, "the instant K: only records that had arrived by then; absent: all", _INSTANT
    )


class IncidentsQuery(Query):
    """Which incidents."""

    unit: Id | None = _parameter(None, "of this unit only", _ID)
    state: IncidentState = _parameter("all", "open, closed or all", "is none of open, closed, all")
    limit: Limit = _limit(100, "incidents")
    after: str | None = _after()


class AlertsQuery(Query):
    """Which steps of incidents."""

    unit: Id | None = _parameter(None, "of this unit only", _ID)
    limit: Limit = _limit(100, "steps")
    after: str | None = _after()


class NotificationsQuery(Query):
    """Which decisions about telling people."""

    unit: Id | None = _parameter(None, "about this unit only", _ID)
    incident: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = _parameter(
        None, "about this incident only", "is no id of an incident"
    )
    limit: Limit = _limit(100, "records")
    after: str | None = _after()


class StreamQuery(Query):
    """What is to be told."""

    units: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] | None = _parameter(
        None,
        "ids of units with commas between: only their news; absent: all",
        "is no list of ids with commas between",
    )


class PeerRankingQuery(FigureQuery):
    """The part of a ranking that one worker owns; asked by workers only."""

    partitions: Annotated[str, StringConstraints(pattern=r"^\d{1,4}(,\d{1,4})*$")] = _parameter(
        ..., "numbers of partitions with commas between", "is no list of numbers"
    )


class Body(BaseModel):
    """What is sent with a POST or DELETE, as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _one_line(value: object) -> object:
    """One line of printable signs: it goes into records, tables and messages."""
    if not isinstance(value, str):
        raise ValueError("no text")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


Reason = Annotated[str, BeforeValidator(_one_line), StringConstraints(strict=True, max_length=500)]
_REASON = "is no text of at most 500 characters"


class AcknowledgeBody(Body):
    """Somebody has seen an incident and takes care of it."""

    reason: Reason = _parameter("", "in the author's words", _REASON)


class UnsilenceBody(Body):
    """A silence is lifted."""

    reason: Reason = _parameter("", "in the author's words", _REASON)


class SilenceBody(Body):
    """A silence to be given."""

    scope: Annotated[
        str, StringConstraints(strict=True, pattern=r"^\S+$", max_length=LONGEST_ID + 2)
    ] = _parameter(
        ..., 'a unit, "unit/*" (and all below it) or "*"', 'is no unit, no "unit/*" and no "*"'
    )
    until: Instant = _parameter(..., "its end", _INSTANT)
    reason: Annotated[
        str,
        BeforeValidator(_one_line),
        StringConstraints(strict=True, min_length=1, max_length=500),
    ] = _parameter(..., "why, in the author's words", "is no text of 1 to 500 characters")


class SessionBody(Body):
    """Who signs in."""

    token: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1_000)] = (
        _parameter(..., "as operations gave it out", "is no text of 1 to 1000 characters")
    )


def read_query(model: type[_M], given: Iterable[tuple[str, str]]) -> _M:
    """The parameters of a query, validated. Raises ParameterError."""
    values: dict[str, str] = {}
    for name, value in given:
        if name in values:
            raise ParameterError(f"{name}: given twice; give it once")
        values[name] = value
    return _read(model, values, "parameter")


def read_body(model: type[_M], content: object) -> _M:
    """A body that was JSON, validated. Raises ParameterError."""
    if not isinstance(content, dict):
        raise ParameterError("the body is no JSON object; send one, such as {}")
    return _read(model, content, "field of the body")


def _read(model: type[_M], values: Mapping[str, object], kind: str) -> _M:
    for name in values:
        if name not in model.model_fields:
            known = ", ".join(model.model_fields) or "none"
            raise ParameterError(f"{_shown(name)}: no such {kind}; known: {known}")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        name = str(error.errors(include_url=False)[0]["loc"][0])
        if name not in values:
            raise ParameterError(f"{name}: missing, a {kind}") from None
        extra = model.model_fields[name].json_schema_extra
        assert isinstance(extra, dict), "every field is made by _parameter"
        said = "the value given" if name == "token" else repr(_shown(str(values[name])))
        raise ParameterError(f"{name}: {said} {extra['x-wrong']}") from None


def _shown(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"
