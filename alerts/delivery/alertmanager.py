"""Open incidents as alerts of Prometheus Alertmanager (API v2).

An alert is its labels: another label is another alert. So the labels are what an incident keeps
from open to close, and the zone, which changes, is an annotation. As a label it would leave the
yellow alert firing beside the red one until its `endsAt`, or tell of a recovery that is none.

Alertmanager forgets: an open alert ends by itself at `endsAt`. So each is posted again every
interval, with an end that four missed posts do not reach; when nobody posts any more, it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from alerts.delivery.message import DeliveryError
from alerts.delivery.posting import post
from schemas.instants import Millis, iso_millis
from schemas.status import Zone

ALERTNAME = "UnitBelowGreen"
INTERVAL: Millis = 60_000  # between two syncs
INTERVALS_KEPT = 4  # an open alert outlives so many intervals without a post
CLOSED_TOLD: Millis = 15 * 60_000  # for so long the end of an incident is told

_HEADERS = {"Content-Type": "application/json"}
_ZONES: dict[Zone, str] = {"green": "xanh", "yellow": "vàng", "red": "đỏ", "grey": "xám"}


class OpenIncident(NamedTuple):
    """An incident that is open, or was closed a short time ago."""

    incident_id: str
    unit_id: str
    unit_name: str
    zone: Zone
    definition: str
    window: str
    numerator: int
    denominator: int
    opened_at: Millis
    closed_at: Millis | None
    page_url: str  # empty: none


class Synced(NamedTuple):
    """What came of telling one Alertmanager."""

    name: str  # `alertmanager-1`: by its place in the list, not by its address
    alerts: int  # posted
    error: DeliveryError | None


class AlertmanagerSync:
    """Tells every Alertmanager of a list which incidents are open."""

    def __init__(
        self, urls: Sequence[str], *, interval: Millis = INTERVAL, timeout_s: float = 8.0
    ) -> None:
        """`urls`: of each Alertmanager, as in a browser (`http://host:9093`)."""
        self._urls = tuple(urls)
        self._interval = interval
        self._timeout_s = timeout_s

    async def sync(self, incidents: Sequence[OpenIncident], now: Millis) -> list[Synced]:
        """Post all that are open, and those closed in the last 15 minutes.

        To be called every `interval`, whether or not something changed. `now`: the wall clock, as
        Alertmanager's. One that fails does not stop the others; what it missed the next call says.
        """
        alerts = alerts_of(incidents, now, self._interval)
        body = orjson.dumps(alerts)
        told = (
            self._tell(f"alertmanager-{number}", url, body, len(alerts))
            for number, url in enumerate(self._urls, start=1)
        )
        return list(await asyncio.gather(*told))

    async def _tell(self, name: str, url: str, body: bytes, alerts: int) -> Synced:
        try:
            if alerts:
                address = url.rstrip("/") + "/api/v2/alerts"
                await post(address, body, _HEADERS, self._timeout_s)
        except DeliveryError as error:
            return Synced(name, 0, error)
        return Synced(name, alerts, None)


def alerts_of(
    incidents: Sequence[OpenIncident], now: Millis, interval: Millis
) -> list[dict[str, object]]:
    """The alerts as the API has them; an incident closed too long ago is none any more."""
    return [
        _alert(one, now + INTERVALS_KEPT * interval if one.closed_at is None else one.closed_at)
        for one in incidents
        if one.closed_at is None or now - one.closed_at <= CLOSED_TOLD
    ]


def _alert(incident: OpenIncident, ends_at: Millis) -> dict[str, object]:
    alert: dict[str, object] = {
        "labels": {
            "alertname": ALERTNAME,
            "unit": incident.unit_id,
            "incident": incident.incident_id,
            "definition": incident.definition,
            "window": incident.window,
        },
        "annotations": {
            "summary": _summary(incident),
            "description": _description(incident),
            "zone": incident.zone,
        },
        "startsAt": iso_millis(incident.opened_at),
        # An end before the start is refused; the wall may be behind a clock that runs on records.
        "endsAt": iso_millis(max(ends_at, incident.opened_at)),
    }
    if incident.page_url:
        alert["generatorURL"] = incident.page_url
    return alert


def _summary(incident: OpenIncident) -> str:
    if incident.closed_at is not None:
        return f"{incident.unit_name} đã trở lại vùng xanh"
    if incident.zone == "green":
        return f"{incident.unit_name} đang trở lại vùng xanh"
    if incident.zone == "grey":
        return f"{incident.unit_name} đã rời vùng xanh, nay quá ít hồ sơ để đánh giá"
    return f"{incident.unit_name} đang ở vùng {_ZONES[incident.zone]}"


def _description(incident: OpenIncident) -> str:
    """The share with what it is made of; cut, not rounded: 89,99 % must not read 90 %."""
    n, d = incident.numerator, incident.denominator
    by = f"theo {incident.definition}, {incident.window}"
    if d == 0:
        return f"Không có hồ sơ nào để tính ({by})"
    whole, tenth = divmod(1_000 * n // d, 10)
    return f"{whole},{tenth} % đúng hạn: {n}/{d} hồ sơ ({by})"
