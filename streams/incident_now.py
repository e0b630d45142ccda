"""How an incident stands by its steps: open, acknowledged or closed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schemas.instants import Millis, read_instant


class IncidentNow(NamedTuple):
    """What the steps at hand say of one incident. Old steps may not be at hand: then None."""

    incident_id: str
    unit_id: str
    opened_at: Millis | None = None
    closed_at: Millis | None = None
    is_open: bool = True
    acknowledged_by: str | None = None
    acknowledged_at: Millis | None = None
    latest: Mapping[str, Any] | None = None  # the last step that states figures, as in unit-alerts


def unit_of_incident(incident_id: str) -> str | None:
    """The unit of an id `unit/definition/number`; None where it is no such id."""
    unit_id, *rest = incident_id.rsplit("/", 2)
    return unit_id if unit_id and len(rest) == 2 and all(rest) else None


def incident_now(incident_id: str, steps: Iterable[Mapping[str, Any]]) -> IncidentNow | None:
    """The incident by its steps, told in the order of the topic; None where none is its own.

    `steps` are values of `unit-alerts` as objects; those of other incidents are passed over.
    """
    now: IncidentNow | None = None
    for step in steps:
        if step["incident_id"] == incident_id:
            now = _after(now or IncidentNow(incident_id, step["unit_id"]), step)
    return now


def _after(now: IncidentNow, step: Mapping[str, Any]) -> IncidentNow:
    at = read_instant(step["at"]) // 1_000  # to Millis
    match step["kind"]:
        case "opened":
            return now._replace(opened_at=at, latest=step)
        case "closed":
            return now._replace(closed_at=at, is_open=False, latest=step)
        case "acknowledged":
            # The first to acknowledge counts; a later step cannot take it from them.
            if now.acknowledged_at is not None:
                return now
            author = str(step.get("author", ""))
            return now._replace(acknowledged_by=author, acknowledged_at=at)
        case "corrected":  # its figures are those of the opening, as known now
            return now
        case _:
            return now._replace(latest=step)
