"""A step in the life of an incident, with the evidence that proves it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import orjson

from schemas.instants import Millis, iso_millis
from schemas.status import Zone

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
