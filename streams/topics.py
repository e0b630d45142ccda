"""The topics by name; `topic_plans` says what they are like and makes them."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS = "dossier-events"
DEAD_LETTERS = "dossier-dead-letters"
STATUS = "unit-status"
ALERTS = "unit-alerts"
NOTIFICATIONS = "unit-notifications"
CHANGELOG = "dossier-monitor-changelog"
ACTIONS = "unit-actions"  # what people did about incidents: acknowledged, silenced
OUTLOOK = "unit-outlook"
NOTIFIER = "unit-notifier-changelog"  # the one notifier's state: all of it in partition 0
BOOK = "audit-book"  # the sealed days, in a chain a partition
PRESENCE = "worker-presence"  # which worker is where, and owns what: one partition


@dataclass(frozen=True, slots=True)
class Topics:
    """The names as they are in Kafka, prefix and all."""

    events: str
    dead_letters: str
    status: str
    alerts: str
    notifications: str
    changelog: str
    actions: str
    outlook: str
    notifier: str
    presence: str
    book: str

    @classmethod
    def of(cls, prefix: str) -> Topics:
        """The topics under a prefix."""
        return cls(
            events=prefix + EVENTS,
            dead_letters=prefix + DEAD_LETTERS,
            status=prefix + STATUS,
            alerts=prefix + ALERTS,
            notifications=prefix + NOTIFICATIONS,
            changelog=prefix + CHANGELOG,
            actions=prefix + ACTIONS,
            outlook=prefix + OUTLOOK,
            notifier=prefix + NOTIFIER,
            presence=prefix + PRESENCE,
            book=prefix + BOOK,
        )
