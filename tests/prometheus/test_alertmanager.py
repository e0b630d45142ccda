"""Incidents in a real Alertmanager (Debian's), by its own API and by what it tells its receivers.

Its API lists alerts while they are active; that one was resolved, and did not merely end, is told
to receivers: a webhook receiver in the test takes it down.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from alerts.delivery.alertmanager import AlertmanagerSync, OpenIncident
from schemas.instants import Millis, read_instant
from tests.alerts.delivery.endpoint import Endpoint, serving, status
from tests.commands import PATIENCE_S
from vungxanh.local_kafka import free_port

pytestmark = pytest.mark.prometheus

PROGRAM = "prometheus-alertmanager"
MINUTE: Millis = 60_000
Alerts = list[dict[str, Any]]


@pytest.fixture
def program() -> None:
    """Debian's package of that name; without it skip at home, fail where CI is set."""
    if not shutil.which(PROGRAM):
        assert not os.environ.get("CI"), f"{PROGRAM} has to be installed in CI"
        pytest.skip(f"no {PROGRAM} here: apt-get install {PROGRAM}")


def wall() -> Millis:
    return time.time_ns() // 1_000_000


def incident(opened_at: Millis, number: int = 3) -> OpenIncident:
    return OpenIncident(
        incident_id=f"H47.12/resolved@1/{number}",
        unit_id="H47.12",
        unit_name="Tam Kỳ",
        zone="yellow",
        definition="resolved@1",
        window="30d",
        numerator=133,
        denominator=150,
        opened_at=opened_at,
        closed_at=None,
        page_url="http://127.0.0.1:8080/#H47.12",
    )


@asynccontextmanager
async def alertmanager(folder: Path, receiver: Endpoint) -> AsyncIterator[str]:
    """An Alertmanager that tells the receiver at once; gives its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    config = folder / "alertmanager.yml"
    config.write_text(
        json.dumps(  # JSON is YAML
            {
                "route": {
                    "receiver": "test",
                    "group_by": ["incident"],
                    "group_wait": "0s",
                    "group_interval": "1s",
                },
                "receivers": [{"name": "test", "webhook_configs": [{"url": receiver.url}]}],
            }
        )
    )
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(
            [
                PROGRAM,
                f"--config.file={config}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address={url.removeprefix('http://')}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            await until(lambda _: True, url, folder)
            yield url
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 30)


async def active(url: str) -> Alerts | None:
    """The alerts that it lists; None while it is starting."""
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}/api/v2/alerts") as answer,
        ):
            return list(await answer.json()) if answer.status == 200 else None
    except aiohttp.ClientConnectionError:
        return None


async def until(so: Callable[[Alerts], bool], url: str, folder: Path) -> Alerts:
    """Its alerts, once they are so."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        alerts = await active(url)
        if alerts is not None and so(alerts):
            return alerts
        assert time.monotonic() < deadline, (alerts, (folder / "alertmanager.log").read_text())
        await asyncio.sleep(0.1)


async def told(receiver: Endpoint, count: int) -> list[tuple[str, str]]:
    """The first things that the receiver was told: of which incident, and what."""
    deadline = time.monotonic() + PATIENCE_S
    while len(receiver.received) < count:
        assert time.monotonic() < deadline, receiver.received
        await asyncio.sleep(0.1)
    alerts = [one for got in receiver.received for one in json.loads(got.body)["alerts"]]
    return [(one["labels"]["incident"], one["status"]) for one in alerts]


def test_an_incident_is_active_and_then_resolved(program: None, tmp_path: Path) -> None:
    async def run() -> None:
        async with (
            serving(status(200)) as receiver,
            alertmanager(tmp_path, receiver) as url,
        ):
            tell = AlertmanagerSync([url])
            opened_at = wall() - 10 * MINUTE
            yellow = incident(opened_at)
            now = wall()
            assert await tell.sync([yellow], now) == [("alertmanager-1", 1, None)]
            (shown,) = await until(lambda alerts: len(alerts) == 1, url, tmp_path)
            assert shown["status"]["state"] == "active"
            assert shown["labels"] == {
                "alertname": "UnitBelowGreen",
                "unit": "H47.12",
                "incident": "H47.12/resolved@1/3",
                "definition": "resolved@1",
                "window": "30d",
            }
            assert shown["annotations"]["summary"] == "Tam Kỳ đang ở vùng vàng"
            assert shown["generatorURL"] == yellow.page_url
            assert millis(shown["startsAt"]) == opened_at
            assert millis(shown["endsAt"]) == now + 4 * MINUTE

            # Worse, and a later end: the same alert still, with its start as it was.
            red = yellow._replace(zone="red", numerator=100)
            await tell.sync([red], now + MINUTE)
            (worse,) = await until(
                lambda alerts: alerts[0]["annotations"]["zone"] == "red", url, tmp_path
            )
            assert worse["fingerprint"] == shown["fingerprint"]
            assert millis(worse["startsAt"]) == opened_at
            assert millis(worse["endsAt"]) == now + 5 * MINUTE

            closed = red._replace(zone="green", numerator=140, closed_at=wall())
            await tell.sync([closed], wall())
            assert await until(lambda alerts: not alerts, url, tmp_path) == []
            assert await told(receiver, 2) == [
                ("H47.12/resolved@1/3", "firing"),
                ("H47.12/resolved@1/3", "resolved"),
            ]

            # The next incident of the unit is another alert; telling the old end again is none.
            await tell.sync([closed, incident(wall(), number=4)], wall())
            (following,) = await until(lambda alerts: len(alerts) == 1, url, tmp_path)
            assert following["labels"]["incident"] == "H47.12/resolved@1/4"
            assert (await told(receiver, 3))[2:] == [("H47.12/resolved@1/4", "firing")]

    asyncio.run(run())


def test_an_incident_that_nobody_tells_of_any_more_ends_by_itself(
    program: None, tmp_path: Path
) -> None:
    async def run() -> None:
        async with (
            serving(status(200)) as receiver,
            alertmanager(tmp_path, receiver) as url,
        ):
            await AlertmanagerSync([url], interval=500).sync([incident(wall() - MINUTE)], wall())
            await until(lambda alerts: len(alerts) == 1, url, tmp_path)
            await until(lambda alerts: not alerts, url, tmp_path)
            assert [what for _, what in await told(receiver, 2)] == ["firing", "resolved"]

    asyncio.run(run())


def test_odd_incidents_are_taken_like_any_other(program: None, tmp_path: Path) -> None:
    """Ended as it began, begun in the future, a name with quotes: it refuses none of them."""

    async def run() -> None:
        async with (
            serving(status(200)) as receiver,
            alertmanager(tmp_path, receiver) as url,
        ):
            now = wall()
            odd = incident(now - MINUTE, number=5)._replace(closed_at=now - MINUTE)
            plain = incident(now, number=6)._replace(unit_id='đơn-vị-"12"\\', page_url="")
            ahead = incident(now + 60 * MINUTE, number=7)
            (one,) = await AlertmanagerSync([url]).sync([odd, plain, ahead], now)
            assert one.error is None
            shown = await until(lambda alerts: len(alerts) == 2, url, tmp_path)
            units = {alert["labels"]["incident"]: alert["labels"]["unit"] for alert in shown}
            assert units == {plain.incident_id: plain.unit_id, ahead.incident_id: "H47.12"}

    asyncio.run(run())


def millis(text: str) -> Millis:
    return read_instant(text) // 1_000
