"""Units page by page, the directory, the map."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from streams.settings import AccessRules, Unit
from tests.streams.web.site import ACTOR, MAP, PEOPLE, READER, UNITS, Site


def test_page_by_page_every_unit_comes_once() -> None:
    site = Site().fill()
    site.boards.units.take_status("H47.999", site.boards.statuses["H47.505"], 1)  # not listed

    async def scenario(client: Any) -> None:
        found: list[str] = []
        after = ""
        while True:
            body = await (await client.get(f"/api/units?limit=4{after}")).json()
            assert len(body["units"]) <= 4
            found += [unit["unit_id"] for unit in body["units"]]
            if body["next"] is None:
                break
            after = f"&after={body['next']}"
        assert found == [*(unit.unit_id for unit in UNITS), "H47.999"]
        whole = await (await client.get("/api/units")).json()
        assert [unit["unit_id"] for unit in whole["units"]] == found
        assert whole["next"] is None

    site.serve(scenario)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit: '0' is no whole number from 1 to 1000"),
        ("limit=1001", "limit: '1001' is no whole number from 1 to 1000"),
        ("limit=1_0", "limit: '1_0' is no whole number"),
        ("limit=%201", "limit: ' 1' is no whole number"),
        ("limit=", "limit: '' is no whole number"),
        ("limit=1&limit=2", "limit: given twice"),
        ("after=x", "after: this is no cursor of this list"),
        ("after=WzFd", "after: this is no cursor of this list"),  # [1]
        ("after=WyJub2JvZHkiXQ", "after: the page before ended with a unit that is gone"),
        ("lang=vi", "lang: no such parameter; known: limit, after"),
    ],
)
def test_a_wrong_parameter_is_named(query: str, said: str) -> None:
    async def scenario(client: Any) -> None:
        answer = await client.get(f"/api/units?{query}")
        assert answer.status == 400
        body = await answer.json()
        assert set(body) == {"error"}
        assert body["error"].startswith(said)

    Site().serve(scenario)


def test_a_unit_with_its_outlook() -> None:
    site = Site().fill()
    unit_id = "H47.505"
    [monitor] = [
        one.monitor
        for one in site.ownership.partitions.values()
        if unit_id in set(one.monitor.units())
    ]
    outlook = monitor.outlook(unit_id, None)
    assert outlook is not None

    async def scenario(client: Any) -> None:
        body = await (await client.get(f"/api/units/{unit_id}")).json()
        assert body["outlook"] is None
        assert body["status"]["unit_id"] == unit_id
        site.boards.units.take_outlook(unit_id, outlook.to_json())
        body = await (await client.get(f"/api/units/{unit_id}")).json()
        assert body["outlook"] == json.loads(outlook.to_json())
        site.boards.units.take_outlook(unit_id, b"{}")  # unreadable: the last good one stays
        body = await (await client.get(f"/api/units/{unit_id}")).json()
        assert body["outlook"] == json.loads(outlook.to_json())

    site.serve(scenario)


def test_a_silent_feed_is_told_with_since_when() -> None:
    site = Site().fill()
    day = 24 * 3_600_000
    site.boards.units.feeds["H47.505"] = (site.now - 30 * day, 1_000)
    site.boards.units.feeds["H47.510"] = (site.now - 1_000, 1_000)

    async def scenario(client: Any) -> None:
        body = await (await client.get("/api/units")).json()
        stale = {unit["unit_id"]: unit["stale_since"] for unit in body["units"]}
        assert stale["H47.505"] is not None
        assert [one for one, since in stale.items() if since] == ["H47.505"]
        monitor = await (await client.get("/api/monitor")).json()
        assert monitor["stale_units"] == [{"unit_id": "H47.505", "since": stale["H47.505"]}]
        site.boards.units.feeds["H47.505"] = (site.now - 1_000, 1_000)  # it speaks again
        monitor = await (await client.get("/api/monitor")).json()
        assert monitor["stale_units"] == []

    site.serve(scenario)


def test_the_directory_says_what_a_page_has_to_know() -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        answer = await client.get("/api/directory")
        body = await answer.json()
        assert body["province"] == {"unit_id": "H47", "name": "Quảng Nam"}
        assert body["timezone"] == "Asia/Ho_Chi_Minh"
        assert body["policy"] == {
            "definition": "resolved@1",
            "window": "30d",
            "green": 0.9,
            "yellow": 0.8,
            "min_sample": 20,
        }
        assert body["definitions"] == ["resolved@1", "strict@1"]
        assert body["windows"] == ["7d", "30d", "90d", "365d", "half"]
        assert [unit["unit_id"] for unit in body["units"]] == [unit.unit_id for unit in UNITS]
        shapes = {unit["unit_id"] for unit in body["units"] if unit["shape"]}
        assert shapes == {unit.unit_id for unit in UNITS} - {"H47"}
        assert body["access"] == {"reading": "open", "may_act": False, "who": None}
        for token, who, may in ((ACTOR, "Lê An", True), (READER, "Trần Bình", False)):
            headers = {"Authorization": f"Bearer {token}"}
            body = await (await client.get("/api/directory", headers=headers)).json()
            assert body["access"] == {"reading": "open", "may_act": may, "who": who}
            assert answer.headers["ETag"] not in (
                (await client.get("/api/directory", headers=headers)).headers["ETag"],
            )

    site.serve(scenario)


@pytest.mark.parametrize(
    "units",
    [
        (),
        (Unit("A", "a"), Unit("B", "b")),  # no tree
        (
            Unit("A", "a"),
            Unit("A.1", "", parent_id="A"),
            Unit("B", ""),
            Unit("B.1", "", "", "", "B"),
        ),
    ],
)
def test_without_one_top_there_is_no_province(units: tuple[Unit, ...]) -> None:
    async def scenario(client: Any) -> None:
        assert (await (await client.get("/api/directory")).json())["province"] is None

    Site(units=units).serve(scenario)


def test_the_map_is_sent_packed_and_only_once() -> None:
    assert MAP is not None
    geojson = MAP.geojson

    async def scenario(client: Any) -> None:
        answer = await client.get("/api/map")
        assert answer.content_type == "application/geo+json"
        assert await answer.read() == geojson
        assert answer.headers["Content-Encoding"] == "gzip"  # the client unpacks it
        again = await client.get("/api/map", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status, await again.read()) == (304, b"")

    Site().serve(scenario)


def test_without_a_map_it_says_how_to_have_one() -> None:
    async def scenario(client: Any) -> None:
        answer = await client.get("/api/map")
        assert answer.status == 404
        assert "setting map" in (await answer.json())["error"]
        assert not (await (await client.get("/api/directory")).json())["has_map"]

    Site(map=None).serve(scenario)


@pytest.mark.parametrize(
    ("wanted", "packed"),
    [
        ("gzip", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("GZIP", True),
        ("*", True),
        ("gzip;q=0", False),
        ("identity", False),
        ("", False),
    ],
)
def test_packed_for_those_who_take_it(wanted: str, packed: bool) -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        for path in ("/api/units", "/metrics"):
            headers = {"Accept-Encoding": wanted}
            answer = await client.get(path, headers=headers, auto_decompress=False)
            assert ("Content-Encoding" in answer.headers) is packed
            assert answer.headers["Vary"] == "Accept-Encoding"
            body = await answer.read()
            text = gzip.decompress(body) if packed else body
            assert b"H47.505" in text
        short = await client.get("/api/silences", headers={"Accept-Encoding": wanted})
        assert "Content-Encoding" not in short.headers

    site.serve(scenario)


def test_reading_may_be_closed() -> None:
    site = Site(access=AccessRules("closed", PEOPLE)).fill()
    closed = ("/api/units", "/api/directory", "/api/ranking", "/api/stream", "/metrics")

    async def scenario(client: Any) -> None:
        for path in closed:
            answer = await client.get(path)
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert "sign in" in (await answer.json())["error"]
        for path in ("/healthz", "/readyz", "/api/openapi.json"):
            assert (await client.get(path)).status == 200
        headers = {"Authorization": f"bearer {READER}"}
        for path in closed[:3]:
            assert (await client.get(path, headers=headers)).status == 200
        assert (await client.post("/api/session", json={"token": READER})).status == 204
        for path in closed[:3]:
            assert (await client.get(path)).status == 200
        assert (await client.delete("/api/session")).status == 204
        assert (await client.get("/api/units")).status == 401

    site.serve(scenario)
