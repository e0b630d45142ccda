"""The topics by name; `topic_plans` says what they are like and makes them."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS = "dossier-events"
DEAD_LETTERS = "dossier-dead-letters"
STATUS = "unit-status"
ALERTS = "unit-alerts"
NOTIFICATIONS = "unit-notifications"
CHANGELOG = "dossier-monitor-changelog"


@dataclass(frozen=True, slots=True)
class Topics:
    """The names as they are in Kafka, prefix and all."""

    events: str
    dead_letters: str
    status: str
    alerts: str
    notifications: str
    changelog: str

    @classmethod
    def of(cls, prefix: str) -> Topics:
        """The topics under a prefix."""
        names = (EVENTS, DEAD_LETTERS, STATUS, ALERTS, NOTIFICATIONS, CHANGELOG)
        return cls(*(prefix + name for name in names))
