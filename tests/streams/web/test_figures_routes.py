"""Ranking, profile, explanation and dossier say the same of a figure, now and of the past."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from indicators.definitions import DEFINITIONS
from schemas.instants import iso_millis
from streams.record import FiledRecord
from streams.routing import partition_of
from streams.web.cursors import WRONG, write_cursor
from tests.streams.web.site import FILLED, PARTITIONS, UNIT, Site, event, made_up_records

PAST = "2026-06-22T00:00:00Z"


async def good(client: Any, path: str, **query: str) -> Any:
    answer = await client.get(path, params=query)
    body = await answer.json()
    assert answer.status == 200, body
    return body


def monitor_of(site: Site, unit_id: str) -> Any:
    return site.ownership.partitions[partition_of(unit_id, PARTITIONS)].monitor


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("query", [{}, {"as_of": PAST}, {"as_of": PAST, "known": "then"}])
def test_all_of_them_agree(definition: str, query: dict[str, str]) -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        for window in ("7d", "30d", "month", "17d"):  # the last is not one that is shown
            chosen = {"definition": definition, "window": window, **query}
            ranking = await good(client, "/api/ranking", **chosen)
            rows = {row["unit_id"]: row for row in ranking["rows"]}
            assert (ranking["definition"], ranking["window"]) == (definition, window)
            assert ranking["known"] == query.get("known", "now")
            for unit_id in FILLED:
                row, path = rows[unit_id], f"/api/units/{unit_id}"
                profile = await good(client, f"{path}/profile", **chosen)
                count = {"numerator": row["numerator"], "denominator": row["denominator"]}
                assert profile["figure"] == count
                assert profile["zone"] == row["zone"]
                assert profile["open"] == row["open"]
                assert profile["outcomes"] == {
                    outcome: row[outcome] for outcome in ("early", "on_time", "late")
                }
                known_at = {"known_at": PAST} if "known" in query else {}
                at = {"as_of": query["as_of"]} if query else {}
                explained = await good(
                    client,
                    f"{path}/explain",
                    definition=definition,
                    window=window,
                    **at,
                    **known_at,
                )
                assert {name: explained[name] for name in count} == count
                assert len(explained["dossiers"]) == row["denominator"]

    site.serve(scenario)


def test_now_is_as_the_status_says() -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        ranking = await good(client, "/api/ranking")
        assert ranking["as_of"] == iso_millis(site.now + 1)
        rows = {row["unit_id"]: row for row in ranking["rows"]}
        for unit_id in FILLED:
            status = monitor_of(site, unit_id).reading(unit_id)
            row, figure = rows[unit_id], status.figures[0]
            assert (row["numerator"], row["denominator"]) == figure[2:4]
            assert (row["zone"], row["incident"]) == (status.zone, status.incident)
            assert row["open"] == status.open._asdict()

    site.serve(scenario)


def test_the_ranking_has_all_units_but_the_heading_and_a_past_one_knows_no_incident_of_now() -> (
    None
):
    site = Site().fill()

    async def scenario(client: Any) -> None:
        ranking = await good(client, "/api/ranking")
        listed = {unit.unit_id for unit in site.units} - {"H47"}
        assert {row["unit_id"] for row in ranking["rows"]} == listed
        assert ranking["missing"] == []
        judged = [row for row in ranking["rows"] if row["zone"] != "grey"]
        assert [row["place"] for row in judged] == sorted(row["place"] for row in judged)
        assert any(row["incident"] for row in ranking["rows"])
        for row in ranking["rows"][len(judged) :]:
            assert (row["place"], row["zone"]) == (None, "grey")
        past = await good(client, "/api/ranking", as_of=PAST)
        assert not any(row["incident"] or row["stale_since"] for row in past["rows"])
        assert past["previous"] == {
            "day": "2026-06-21T17:00:00.000+00:00",  # local midnight
            "month": "2026-05-31T17:00:00.000+00:00",
            "half": "2025-12-31T17:00:00.000+00:00",
        }

    site.serve(scenario)


def test_what_was_computed_holds_until_a_record_says_something_of_before() -> None:
    """A late record changes the past as known now, and not as known then."""
    site = Site().fill()
    monitor = monitor_of(site, UNIT)
    late = [
        event(UNIT, "late", 1, "received", "2026-06-18T08:00:00+07:00", due_at="2026-06-19"),
        event(UNIT, "late", 2, "completed", "2026-06-20T08:00:00+07:00"),
    ]
    fresh = [event(UNIT, "fresh", 1, "received", "2026-06-30T08:00:00+07:00")]

    def records(values: list[bytes]) -> list[FiledRecord]:
        first, at = monitor.offset + 1, site.now + 60_000
        return [
            FiledRecord(monitor.partition, first + n, at + n, UNIT.encode(), value)
            for n, value in enumerate(values)
        ]

    async def scenario(client: Any) -> None:
        async def figures(**query: str) -> list[Any]:
            ranking = await good(client, "/api/ranking", **query)
            row = next(row for row in ranking["rows"] if row["unit_id"] == UNIT)
            profile = await good(client, f"/api/units/{UNIT}/profile", **query)
            explained = await good(client, f"/api/units/{UNIT}/explain", as_of=PAST)
            before = (row["previous"]["day"]["denominator"], row["previous"]["month"])
            return [
                row["denominator"],
                before,
                profile["figure"]["denominator"],
                len(explained["dossiers"]),
            ]

        async def renewed() -> list[Any]:
            await asyncio.sleep(1.1)  # what many ask at the same time is answered once
            return [
                await figures(),
                await figures(as_of=PAST),
                await figures(as_of=PAST, known="then"),
            ]

        now, past, then = await renewed()
        site.fold(monitor, records(fresh))
        assert await renewed() == [now, past, then]  # it says nothing of any end
        site.fold(monitor, records(late))
        after_now, after_past, after_then = await renewed()
        assert after_now[0] == now[0] + 1
        assert after_now[1][0] == now[1][0] + 1  # the start of today, too
        assert after_past[0] == past[0] + 1
        assert after_past[2] == past[2] + 1
        assert after_past[3] == past[3] + 1
        assert after_then[:3] == then[:3]

    site.serve(scenario)


def test_an_explanation_page_by_page_is_the_whole() -> None:
    site = Site().fill()
    path = f"/api/units/{UNIT}/explain"

    async def scenario(client: Any) -> None:
        whole = await good(client, path)
        assert whole["next"] is None
        dossiers: list[Any] = []
        left_out: list[Any] = []
        query = {"limit": "37"}
        while True:
            page = await good(client, path, **query)
            assert 0 < len(page["dossiers"]) + len(page["left_out"]) <= 37
            assert page["numerator"] == whole["numerator"]
            assert page["as_of"] == whole["as_of"]
            dossiers += page["dossiers"]
            left_out += page["left_out"]
            if page["next"] is None:
                break
            query["after"] = page["next"]
        assert (dossiers, left_out) == (whole["dossiers"], whole["left_out"])

    site.serve(scenario)


def test_one_dossier_with_all_its_events() -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        explained = await good(client, f"/api/units/{UNIT}/explain")
        told = explained["dossiers"][0]
        where = f"/api/dossiers/{UNIT}/{quote(told['dossier_id'], safe='')}"
        dossier = await good(client, where)
        assert dossier["unit_id"] == UNIT
        assert {name: dossier[name] for name in told if name != "events"} == {
            name: value for name, value in told.items() if name != "events"
        }
        assert len(dossier["events"]) >= len(told["events"])
        early = await good(client, where, as_of="2026-01-01T00:00:00Z")
        assert (early["counted"], early["reason"]) == (None, "not_yet")
        for unknown in (f"/api/dossiers/{UNIT}/nothing", "/api/dossiers/nobody/nothing"):
            answer = await client.get(unknown)
            assert answer.status == 404
            assert "no dossier nothing" in (await answer.json())["error"]

    site.serve(scenario)


@pytest.mark.parametrize("at", [2**62, -(2**62), 10**16])
def test_a_cursor_of_no_instant_is_none_of_ours(at: int) -> None:
    async def scenario(client: Any) -> None:
        query = {"after": write_cursor(at, 0)}
        answer = await client.get(f"/api/units/{UNIT}/explain", params=query)
        assert answer.status == 400
        assert (await answer.json())["error"] == WRONG

    Site().fill().serve(scenario)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"as_of": "2026-06-30"}, "as_of: '2026-06-30' is no instant with an offset, such as 2026"),
        ({"as_of": "1026-06-30T00:00:00Z"}, "as_of: '1026-06-30T00:00:00Z' is no instant"),
        ({"known": "then"}, "known: 'then' says nothing without as_of"),
        ({"known": "later"}, "known: 'later' is neither now nor then"),
        (
            {"definition": "resolved"},
            "definition: 'resolved' is no definition; there are resolved@1",
        ),
        ({"definition": ""}, "definition: '' is no definition"),
        ({"window": "week"}, "window: 'week' is no window: a number of days such as 30d"),
        ({"window": ""}, "window: '' is no window"),
        ({"unit": "a"}, "unit: no such parameter; known: definition, window, as_of, known"),
    ],
)
def test_a_wrong_question_is_named(query: dict[str, str], said: str) -> None:
    async def scenario(client: Any) -> None:
        for path in ("/api/ranking", f"/api/units/{UNIT}/profile"):
            answer = await client.get(path, params=query)
            assert answer.status == 400
            assert (await answer.json())["error"].startswith(said)

    Site().fill().serve(scenario)


@pytest.mark.parametrize("as_of", ["1900-01-01T00:00:00Z", "2200-12-31T23:59:59Z"])
def test_the_ends_of_time(as_of: str) -> None:
    async def scenario(client: Any) -> None:
        for window in ("99999d", "year"):
            await good(client, "/api/ranking", as_of=as_of, window=window)
            for what in ("profile", "explain"):
                await good(client, f"/api/units/{UNIT}/{what}", as_of=as_of, window=window)

    Site().fill().serve(scenario)


def test_a_listed_unit_without_records_has_an_empty_profile() -> None:
    async def scenario(client: Any) -> None:
        profile = await good(client, "/api/units/H47.519/profile")
        assert profile["figure"] == {"numerator": 0, "denominator": 0}
        assert profile["zone"] == "grey"
        answer = await client.get("/api/units/nobody/profile")
        assert answer.status == 404
        assert "no unit nobody" in (await answer.json())["error"]

    Site().fill().serve(scenario)


def test_a_unit_whose_owner_is_away() -> None:
    """Its partition is nobody's: it is told so, and the ranking says who is missing."""
    site = Site().fill()
    number = partition_of(UNIT, PARTITIONS)
    del site.ownership.partitions[number]
    away = {one.unit_id for one in site.units if partition_of(one.unit_id, PARTITIONS) == number}

    async def scenario(client: Any) -> None:
        for path in (f"/api/units/{UNIT}/profile", f"/api/units/{UNIT}/explain"):
            answer = await client.get(path)
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert f"partition {number}" in (await answer.json())["error"]
        ranking = await good(client, "/api/ranking")
        assert set(ranking["missing"]) == away - {"H47"}
        assert not {row["unit_id"] for row in ranking["rows"]} & away

    site.serve(scenario)


def test_the_made_up_province_is_worth_asking() -> None:
    assert sum(map(len, made_up_records().values())) > 1_000
