"""Incidents as alerts: labels, instants and words; every Alertmanager gets them."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from alerts.delivery.alertmanager import (
    CLOSED_TOLD,
    AlertmanagerSync,
    OpenIncident,
    alerts_of,
)
from schemas.instants import iso_millis
from schemas.status import Zone
from tests.alerts.delivery.endpoint import AT, never, serving, status
from vungxanh.local_kafka import free_port

MINUTE = 60_000
OPEN = OpenIncident(
    incident_id="tam-ky/resolved@1/3",
    unit_id="tam-ky",
    unit_name="Tam Kỳ",
    zone="yellow",
    definition="resolved@1",
    window="30d",
    numerator=133,
    denominator=150,
    opened_at=AT,
    closed_at=None,
    page_url="https://vungxanh.example.vn/?unit=tam-ky",
)


def alert(incident: OpenIncident, now: int, interval: int = MINUTE) -> dict[str, Any]:
    (one,) = alerts_of([incident], now, interval)
    return one


def test_an_open_incident_as_an_alert() -> None:
    assert alert(OPEN, AT + 5 * MINUTE) == {
        "labels": {
            "alertname": "UnitBelowGreen",
            "unit": "tam-ky",
            "incident": "tam-ky/resolved@1/3",
            "definition": "resolved@1",
            "window": "30d",
        },
        "annotations": {
            "summary": "Tam Kỳ đang ở vùng vàng",
            "description": "88,6 % đúng hạn: 133/150 hồ sơ (theo resolved@1, 30d)",
            "zone": "yellow",
        },
        "startsAt": "2023-06-30T08:00:00.000+00:00",
        "endsAt": "2023-06-30T08:09:00.000+00:00",
        "generatorURL": "https://vungxanh.example.vn/?unit=tam-ky",
    }


@pytest.mark.parametrize("zone", ["green", "yellow", "red", "grey"])
def test_a_change_of_zone_or_figure_is_the_same_alert(zone: Zone) -> None:
    changed = OPEN._replace(zone=zone, numerator=1, denominator=2)
    assert alert(changed, AT)["labels"] == alert(OPEN, AT)["labels"]
    assert alert(changed, AT)["annotations"]["zone"] == zone
    assert alert(changed._replace(closed_at=AT + 1), AT)["labels"] == alert(OPEN, AT)["labels"]


@pytest.mark.parametrize("interval", [15_000, MINUTE, 5 * MINUTE])
def test_an_open_alert_outlives_four_intervals_from_every_post(interval: int) -> None:
    for now in (AT, AT + 7 * 24 * 60 * MINUTE):
        assert alert(OPEN, now, interval)["endsAt"] == iso_millis(now + 4 * interval)
        assert alert(OPEN, now, interval)["startsAt"] == iso_millis(AT)


def test_the_end_is_told_for_a_quarter_of_an_hour() -> None:
    closed = OPEN._replace(closed_at=AT + MINUTE, zone="green", numerator=140)
    assert alert(closed, AT + 2 * MINUTE)["endsAt"] == iso_millis(AT + MINUTE)
    assert alert(closed, AT + 2 * MINUTE)["annotations"]["summary"] == "Tam Kỳ đã trở lại vùng xanh"
    assert len(alerts_of([closed], AT + MINUTE + CLOSED_TOLD, MINUTE)) == 1
    assert alerts_of([closed], AT + MINUTE + CLOSED_TOLD + 1, MINUTE) == []


def test_an_end_is_never_before_the_start() -> None:
    assert alert(OPEN._replace(closed_at=AT), AT)["endsAt"] == iso_millis(AT)
    assert alert(OPEN, AT - 60 * MINUTE)["endsAt"] == iso_millis(AT)


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [
        (8_999, 10_000, "89,9 % đúng hạn: 8999/10000 hồ sơ"),
        (9, 10, "90,0 % đúng hạn: 9/10 hồ sơ"),
        (0, 3, "0,0 % đúng hạn: 0/3 hồ sơ"),
        (0, 0, "Không có hồ sơ nào để tính"),
    ],
)
def test_a_share_is_cut_and_never_alone(numerator: int, denominator: int, words: str) -> None:
    said = alert(OPEN._replace(numerator=numerator, denominator=denominator), AT)
    assert said["annotations"]["description"].startswith(words)


@pytest.mark.parametrize(
    ("zone", "summary"),
    [
        ("red", "Tam Kỳ đang ở vùng đỏ"),
        ("green", "Tam Kỳ đang trở lại vùng xanh"),
        ("grey", "Tam Kỳ đã rời vùng xanh, nay quá ít hồ sơ để đánh giá"),
    ],
)
def test_the_summary_says_where_the_unit_is(zone: Zone, summary: str) -> None:
    assert alert(OPEN._replace(zone=zone), AT)["annotations"]["summary"] == summary


def test_without_a_page_there_is_no_link() -> None:
    assert "generatorURL" not in alert(OPEN._replace(page_url=""), AT)


def test_every_alertmanager_is_told_whatever_becomes_of_the_others() -> None:
    async def run() -> None:
        async with (
            serving(status(200)) as first,
            serving(status(500)) as failing,
            serving(lambda _: never()) as slow,
            serving(status(200)) as last,
        ):
            urls = [
                f"http://{first.host}/",
                f"http://{failing.host}",
                f"http://{slow.host}",
                f"http://127.0.0.1:{free_port()}",
                f"http://{last.host}/prefix",
            ]
            told = await AlertmanagerSync(urls, timeout_s=0.3).sync([OPEN], AT)
        assert [(one.name, one.alerts) for one in told] == [
            ("alertmanager-1", 1),
            ("alertmanager-2", 0),
            ("alertmanager-3", 0),
            ("alertmanager-4", 0),
            ("alertmanager-5", 1),
        ]
        assert [one.error.said if one.error else None for one in told] == [
            None,
            "answered 500 Internal Server Error",
            "no answer within 0.3 s",
            "connection refused",
            None,
        ]
        assert first.received[0].path == "/api/v2/alerts"
        assert last.received[0].path == "/prefix/api/v2/alerts"
        assert orjson.loads(first.received[0].body) == alerts_of([OPEN], AT, MINUTE)
        assert first.received[0].body == last.received[0].body

    asyncio.run(run())


def test_nothing_to_tell_is_not_posted() -> None:
    async def run() -> None:
        async with serving(status(200)) as endpoint:
            told = await AlertmanagerSync([f"http://{endpoint.host}"]).sync([], AT)
        assert told == [("alertmanager-1", 0, None)]
        assert endpoint.received == []

    asyncio.run(run())
