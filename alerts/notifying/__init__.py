"""Pure: who is told what, when and why. One notifier serves the whole province."""

from alerts.notifying.channels import channels_of
from alerts.notifying.health import condition_in
from alerts.notifying.machine import Notifier
from alerts.notifying.rules import NotifyRules
from alerts.notifying.telling import (
    IncidentView,
    Notice,
    NotifierEffects,
    Occasion,
    Outgoing,
    Silence,
)

__all__ = [
    "IncidentView",
    "Notice",
    "Notifier",
    "NotifierEffects",
    "NotifyRules",
    "Occasion",
    "Outgoing",
    "Silence",
    "channels_of",
    "condition_in",
]
