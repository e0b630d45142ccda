"""What a partition monitor goes by: the same for all partitions, workers and replays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import orjson

from indicators.calendar import WorkingCalendar
from indicators.ledger import Horizon
from indicators.policy import Policy
from indicators.windows import Window
from schemas.instants import Micros


@dataclass(frozen=True, slots=True)
class MonitorRules:
    """Time zone, windows and policies; no clock, no Kafka."""

    zone: ZoneInfo
    windows: tuple[Window, ...]  # shown for every definition
    due_soon: Micros  # an open dossier due within this span is due soon
    policy: Policy
    unit_policies: Mapping[str, Policy] = field(default_factory=dict)
    calendar: WorkingCalendar | None = None  # to look ahead by; None: nobody looks ahead
    warn_days: int = 5  # working days that an outlook looks ahead

    def horizon_of(self, unit_id: str) -> Horizon:
        """The instants to watch for a unit's judgements: only its primary indicator decides."""
        return Horizon.of((self.policy_of(unit_id).window,), None)

    def shown_horizon_of(self, unit_id: str) -> Horizon:
        """The instants to watch for all that a unit's status shows."""
        return Horizon.of((*self.windows, self.policy_of(unit_id).window), self.due_soon)

    def basis_of(self, unit_id: str) -> str:
        """A short hash of all that a unit's figures and judgements go by.

        Kept with the unit's state: where it has changed, the unit is judged anew.
        """
        content = [
            self.policy_of(unit_id).digest,
            str(self.zone),
            [window.text for window in self.windows],
            self.due_soon,
        ]
        return hashlib.sha256(orjson.dumps(content)).hexdigest()[:16]

    def windows_of(self, unit_id: str) -> tuple[Window, ...]:
        """The windows of all figures of a unit: those shown, and the primary indicator's."""
        primary = self.policy_of(unit_id).window
        if any(window.text == primary.text for window in self.windows):
            return self.windows
        return (*self.windows, primary)

    def policy_of(self, unit_id: str) -> Policy:
        """The policy by which a unit is judged."""
        return self.unit_policies.get(unit_id, self.policy)
