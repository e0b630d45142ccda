"""By what people are told: made by the command from its settings, used by the notifier's office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.delivery.alertmanager import AlertmanagerSync
from alerts.delivery.dispatch import Dispatcher
from alerts.messages.composer import Composer
from alerts.messages.links import AckLinks
from alerts.notifying import NotifyRules
from alerts.recipients import Recipients
from indicators.calendar import WorkingCalendar
from schemas.instants import Millis
from streams.rules import MonitorRules
from streams.settings import Unit


@dataclass(frozen=True, slots=True)
class Telling:
    """Rules, recipients, words and ways."""

    rules: NotifyRules
    monitor_rules: MonitorRules  # the policies that figures are judged by, and the time zone
    calendar: WorkingCalendar
    recipients: Recipients
    composer: Composer
    dispatcher: Dispatcher
    base_url: str  # where people reach the page
    links: AckLinks | None = None  # None: messages carry no link to acknowledge by
    links_last: Millis = 3 * 24 * 60 * 60 * 1000
    alertmanager: AlertmanagerSync | None = None
    units: Mapping[str, Unit] = field(default_factory=dict)  # the directory
