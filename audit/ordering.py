"""The one order in which steps of incidents are told, whatever partition they came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from schemas.step import IncidentStep

# Of one record: it shows an opening in another light first, and makes the next step then.
_KINDS = {"corrected": 0, "opened": 1, "worsened": 2, "improved": 2, "closed": 3}
StepOrder = tuple[int | str, str, int, str, int, int]


def steps_in_order(steps: Iterable[IncidentStep]) -> list[IncidentStep]:
    """By time, unit, incident and record; what opens comes before what closes."""
    return sorted(
        steps,
        key=lambda step: _place(
            step.at, step.unit_id, step.incident_id, step.evidence.offset, step.kind
        ),
    )


def written_steps_in_order(values: Iterable[bytes]) -> list[tuple[dict[str, Any], bytes]]:
    """The same for values of `unit-alerts`: each as an object, and as it was written."""
    told = [(orjson.loads(value), value) for value in values]
    told.sort(
        key=lambda one: _place(  # `at` is text of one length in UTC: its order is that of time
            one[0]["at"],
            one[0]["unit_id"],
            one[0]["incident_id"],
            one[0]["evidence"]["offset"],
            one[0]["kind"],
        )
    )
    return told


def _place(at: int | str, unit_id: str, incident_id: str, offset: int, kind: str) -> StepOrder:
    # The number of an incident ends its id: the ninth comes before the tenth.
    return (at, unit_id, len(incident_id), incident_id, offset, _KINDS.get(kind, len(_KINDS)))
