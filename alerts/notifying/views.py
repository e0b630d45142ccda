"""How incidents stand, for those who show them."""

from __future__ import annotations

from alerts.notifying.memory import Memory
from alerts.notifying.telling import IncidentView
from schemas.instants import Millis

RECENT: Millis = 24 * 60 * 60 * 1000


def incidents_in_view(memory: Memory) -> list[IncidentView]:
    """Those open, and those closed within a day of the clock; in the order of opening."""
    since = (memory.clock or 0) - RECENT
    views = [
        IncidentView(
            incident_id,
            incident.unit_id,
            incident.opened_at,
            incident.zone,
            incident.evidence,
            incident.level,
            incident.acknowledged_by,
            incident.acknowledged_at,
            incident.history,
            incident.closed_at,
        )
        for incident_id, incident in memory.incidents
        if incident.closed_at is None or incident.closed_at > since
    ]
    return sorted(views, key=lambda view: (view.opened_at, view.incident_id))
