"""A step in the life of an incident, with the evidence that proves it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeVar, cast, get_args

import orjson

from schemas.instants import Millis, iso_millis, read_instant
from schemas.status import ZONES, Zone

StepKind = Literal[
    "opened",
    "worsened",  # yellow to red
    "improved",  # red to yellow
    "reminded",
    "acknowledged",
    "escalated",
    "closed",
    "corrected",  # a late or voided event shows that the opening was not so, or was so after all
]
STEP_KINDS: tuple[StepKind, ...] = get_args(StepKind)
_T = TypeVar("_T")


class Evidence(NamedTuple):
    """All that is needed to compute the figure again."""

    definition: str
    window: str
    as_of: Millis
    numerator: int
    denominator: int
    partition: int
    offset: int  # the last record folded
    policy: str  # the hash of the policy
    calendar: str | None = None  # the version of the working calendar, where it decided


class Cause(NamedTuple):
    """The event that shows an opening in another light."""

    event_id: str
    dossier_id: str


class IncidentStep(NamedTuple):
    """One record of `unit-alerts`."""

    incident_id: str  # unit, definition and number: the same however often it is derived
    unit_id: str
    kind: StepKind
    at: Millis  # the partition's clock
    zone: Zone
    evidence: Evidence
    cause: Cause | None = None  # of `corrected`
    author: str | None = None  # of `acknowledged`
    reason: str | None = None  # of `acknowledged`, in the author's words
    level: int | None = None  # of `escalated`: told from now on

    def to_dict(self) -> dict[str, object]:
        """The JSON form, as in `unit-alerts`."""
        evidence: dict[str, object] = dict(self.evidence._asdict())
        evidence["as_of"] = iso_millis(self.evidence.as_of)
        if self.evidence.calendar is None:
            del evidence["calendar"]
        only_some = {
            "cause": None if self.cause is None else self.cause._asdict(),
            "author": self.author,
            "reason": self.reason,
            "level": self.level,
        }
        return {
            "incident_id": self.incident_id,
            "unit_id": self.unit_id,
            "kind": self.kind,
            "at": iso_millis(self.at),
            "zone": self.zone,
            "evidence": evidence,
            **{name: value for name, value in only_some.items() if value is not None},
        }

    def to_json(self) -> bytes:
        """The value of a `unit-alerts` record, and one line of `replay --alerts`."""
        return orjson.dumps(self.to_dict())


def read_step(value: bytes) -> IncidentStep:
    """The step that a record's value states; ValueError saying what is wrong with it.

    Fields of a later release are passed over.
    """
    try:
        fields: Any = orjson.loads(value)
        evidence, cause = fields["evidence"], fields.get("cause")
        return IncidentStep(
            _text(fields, "incident_id"),
            _text(fields, "unit_id"),
            _one_of(STEP_KINDS, fields, "kind"),
            _instant(fields, "at"),
            _one_of(ZONES, fields, "zone"),
            Evidence(
                _text(evidence, "definition"),
                _text(evidence, "window"),
                _instant(evidence, "as_of"),
                _number(evidence, "numerator"),
                _number(evidence, "denominator"),
                _number(evidence, "partition"),
                _number(evidence, "offset"),
                _text(evidence, "policy"),
                _text(evidence, "calendar") if "calendar" in evidence else None,
            ),
            None if cause is None else Cause(_text(cause, "event_id"), _text(cause, "dossier_id")),
            _text(fields, "author") if "author" in fields else None,
            _text(fields, "reason") if "reason" in fields else None,
            _number(fields, "level") if "level" in fields else None,
        )
    except KeyError as error:
        raise ValueError(f"no step: {error} is missing") from None
    except (AttributeError, TypeError) as error:
        raise ValueError(f"no step: {error}") from None


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise ValueError(f"no step: {name}: {value!r} is no text")
    return value


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields[name]
    if type(value) is not int:  # True is one too
        raise ValueError(f"no step: {name}: {value!r} is no whole number")
    return value


def _one_of(allowed: tuple[_T, ...], fields: dict[str, Any], name: str) -> _T:
    value = fields[name]
    if value not in allowed:
        raise ValueError(f"no step: {name}: {value!r} is none of {', '.join(map(str, allowed))}")
    return cast("_T", value)


def _instant(fields: dict[str, Any], name: str) -> Millis:
    return read_instant(_text(fields, name)) // 1_000
