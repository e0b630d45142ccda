"""Incidents by what the boards hold. Pure, but for the boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from alerts.recipients import covers
from schemas.action import Action
from schemas.instants import Millis, iso_millis
from streams.incident_now import IncidentNow, incident_now, unit_of_incident
from streams.status_board import Boards

MOST_DECISIONS = 50  # of one incident: the newest


class Incident(NamedTuple):
    """What is known of an incident before it is shown."""

    incident_id: str
    steps: Sequence[dict[str, Any]]
    status: (
        dict[str, Any] | None
    )  # of its unit, if it is the open one; its oldest steps may be gone
    known: IncidentNow | None  # by its steps

    @property
    def is_open(self) -> bool:
        """Whether no step has closed it."""
        return self.known is None or self.known.closed_at is None

    @property
    def order(self) -> tuple[str, str]:
        """What incidents are sorted by: when they opened, as far as known, and their id."""
        opened_at = None if self.known is None else self.known.opened_at
        first = self.steps[0]["at"] if self.steps else ""
        return _text(opened_at) or first, self.incident_id


class Incidents:
    """All incidents that are known here, as `/api/incidents` shows them."""

    def __init__(self, boards: Boards, parents: Mapping[str, str]) -> None:
        self._boards = boards
        self._parents = parents

    def find(self, incident_id: str, now: Millis) -> dict[str, Any] | None:
        """One incident as it is shown; None: the boards know nothing of it."""
        unit_id = unit_of_incident(incident_id)
        if unit_id is None:
            return None
        found = [one for one in self.newest(unit_id) if one.incident_id == incident_id]
        return self.shown(found, now)[0] if found else None

    def newest(self, unit_id: str | None = None) -> list[Incident]:
        """The incidents, newest first; of one unit if it is named."""
        steps = self._boards.step_board.by_incident(unit_id)
        statuses = {
            incident_id: status
            for incident_id, status in self._boards.units.open_incidents().items()
            if unit_id in (None, status["unit_id"])
        }
        found = []
        for incident_id in {**steps, **statuses}:
            own = steps.get(incident_id, ())
            known = incident_now(incident_id, own)
            found.append(Incident(incident_id, own, statuses.get(incident_id), known))
        return sorted(found, key=lambda one: one.order, reverse=True)

    def shown(self, incidents: Sequence[Incident], now: Millis) -> list[dict[str, Any]]:
        """These as they are shown, with what was decided of them and what silences them."""
        decisions = self._boards.notifications.by_subject(MOST_DECISIONS)
        silences = self._boards.silences.in_force(now)
        return [self._shown(one, decisions.get(one.incident_id, []), silences) for one in incidents]

    def _shown(
        self, one: Incident, decisions: list[dict[str, Any]], silences: Sequence[Action]
    ) -> dict[str, Any]:
        steps, status, known = one.steps, one.status, one.known
        unit_id = steps[0]["unit_id"] if known is not None else (status or {})["unit_id"]
        silenced_until = self._silenced_until(unit_id, silences) if one.is_open else None
        return {
            "incident_id": one.incident_id,
            "unit_id": unit_id,
            "opened_at": None if known is None else _text(known.opened_at),
            "closed_at": None if known is None else _text(known.closed_at),
            "zone": _zone(steps, status),
            "acknowledged_by": None if known is None else known.acknowledged_by,
            "acknowledged_at": None if known is None else _text(known.acknowledged_at),
            "silenced_until": _text(silenced_until),
            "steps": list(steps),
            "decisions": decisions,
        }

    def _silenced_until(self, unit_id: str, silences: Sequence[Action]) -> Millis | None:
        """The latest end of the silences that hold the unit; None: nobody is kept from telling."""
        return max(
            (
                silence.until
                for silence in silences
                if silence.until is not None and covers(silence.scope or "", unit_id, self._parents)
            ),
            default=None,
        )


def _zone(steps: Sequence[dict[str, Any]], status: dict[str, Any] | None) -> str:
    """The zone of the unit while it is open, else of the last step that is about now."""
    if status is not None:
        return str(status["zone"])
    about_now = [step for step in steps if step["kind"] != "corrected"] or steps
    return str(about_now[-1]["zone"])


def _text(instant: Millis | None) -> str | None:
    return None if instant is None else iso_millis(instant)
