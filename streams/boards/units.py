"""The latest status and outlook of every unit."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from schemas.instants import Millis
from schemas.outlook import read_outlook

log = logging.getLogger(__name__)

_NO_INCIDENT = b'"incident":null'  # as UnitStatus.to_json writes it


class UnitBoard:
    """What `unit-status` and `unit-outlook` say last of each unit."""

    def __init__(self) -> None:
        self.statuses: dict[str, bytes] = {}  # unit -> its latest UnitStatus as JSON
        self.outlooks: dict[str, bytes] = {}  # unit -> its latest UnitOutlook as JSON
        # unit -> its feed's last arrival and usual gap, by its latest outlook
        self.feeds: dict[str, tuple[Millis | None, Millis | None]] = {}
        self.clock: Millis | None = None  # the latest of all judgements

    def take_status(self, unit_id: str, value: bytes, clock: Millis) -> None:
        """A record of `unit-status`."""
        self.statuses[unit_id] = value
        self.clock = max(self.clock or 0, clock)

    def take_outlook(self, unit_id: str, value: bytes) -> None:
        """A record of `unit-outlook`; one that cannot be read is logged, and left out."""
        try:
            outlook = read_outlook(value)
        except (ValueError, KeyError, TypeError) as error:
            log.error("the outlook of unit %s is unreadable: %s", unit_id, error)
        else:
            self.outlooks[unit_id] = value
            self.feeds[unit_id] = (outlook.last_arrival, outlook.usual_gap)

    def open_incident(self, unit_id: str) -> str | None:
        """The id of the unit's open incident; None: there is none."""
        value = self.statuses.get(unit_id, _NO_INCIDENT)
        if _NO_INCIDENT in value:  # seldom there is one: most need not be parsed
            return None
        incident: str | None = orjson.loads(value).get("incident")
        return incident

    def open_incidents(self) -> dict[str, dict[str, Any]]:
        """The statuses, as objects, of the units with an open incident, by the incident's id."""
        found: dict[str, dict[str, Any]] = {}
        for unit_id in self.statuses:
            incident = self.open_incident(unit_id)
            if incident is not None:
                found[incident] = orjson.loads(self.statuses[unit_id])
        return found
