"""Incidents by what the boards hold. Pure, but for the boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.recipients import covers
from schemas.instants import Millis, iso_millis
from streams.incident_now import incident_now, unit_of_incident
from streams.status_board import Boards

MOST_DECISIONS = 50  # of one incident: the newest


class Incidents:
    """All incidents that are known here, as `/api/incidents` shows them."""

    def __init__(self, boards: Boards, parents: Mapping[str, str]) -> None:
        self._boards = boards
        self._parents = parents

    def find(self, incident_id: str, now: Millis) -> dict[str, Any] | None:
        """One incident; None: the boards know nothing of it."""
        unit_id = unit_of_incident(incident_id)
        if unit_id is None:
            return None
        found = [one for one in self.all(now, unit_id) if one["incident_id"] == incident_id]
        return found[0] if found else None

    def all(self, now: Millis, unit_id: str | None = None) -> list[dict[str, Any]]:
        """The incidents, newest first; of one unit if it is named."""
        steps = self._boards.step_board.by_incident(unit_id)
        statuses = {
            incident_id: status
            for incident_id, status in self._boards.units.open_incidents().items()
            if unit_id in (None, status["unit_id"])
        }
        decisions = self._boards.notifications.by_subject(MOST_DECISIONS)
        found = [
            self._shown(
                incident_id,
                steps.get(incident_id, ()),
                statuses.get(incident_id),
                decisions.get(incident_id, []),
                now,
            )
            for incident_id in {**steps, **statuses}
        ]
        return sorted(found, key=order_of, reverse=True)

    def _shown(
        self,
        incident_id: str,
        steps: Sequence[dict[str, Any]],
        status: dict[str, Any] | None,
        decisions: list[dict[str, Any]],
        now: Millis,
    ) -> dict[str, Any]:
        """`status`: of its unit, if it is the open one; then its oldest steps may be gone."""
        known = incident_now(incident_id, steps)
        unit_id = steps[0]["unit_id"] if known is not None else (status or {})["unit_id"]
        opened_at = None if known is None else known.opened_at
        acknowledged_at = None if known is None else known.acknowledged_at
        closed_at = None if known is None else known.closed_at
        return {
            "incident_id": incident_id,
            "unit_id": unit_id,
            "opened_at": _text(opened_at),
            "closed_at": _text(closed_at),
            "zone": _zone(steps, status),
            "acknowledged_by": None if known is None else known.acknowledged_by,
            "acknowledged_at": _text(acknowledged_at),
            "silenced_until": None if closed_at else _text(self._silenced_until(unit_id, now)),
            "steps": list(steps),
            "decisions": decisions,
        }

    def _silenced_until(self, unit_id: str, now: Millis) -> Millis | None:
        """The latest end of the silences that hold the unit; None: nobody is kept from telling."""
        return max(
            (
                silence.until
                for silence in self._boards.silences.in_force(now)
                if silence.until is not None and covers(silence.scope or "", unit_id, self._parents)
            ),
            default=None,
        )


def order_of(incident: Mapping[str, Any]) -> tuple[str, str]:
    """What incidents are sorted by: when they opened, as far as known, and their id."""
    steps = incident["steps"]
    at = incident["opened_at"] or (steps[0]["at"] if steps else "")
    return at, incident["incident_id"]


def _zone(steps: Sequence[dict[str, Any]], status: dict[str, Any] | None) -> str:
    """The zone of the unit while it is open, else of the last step that is about now."""
    if status is not None:
        return str(status["zone"])
    about_now = [step for step in steps if step["kind"] != "corrected"] or steps
    return str(about_now[-1]["zone"])


def _text(instant: Millis | None) -> str | None:
    return None if instant is None else iso_millis(instant)
