"""Two figures held against each other, and signs of rewritten dates, over HTTP."""

from __future__ import annotations

from typing import Any

from indicators.integrity import integrity
from indicators.known import histories_of
from indicators.windows import read_window
from schemas.instants import read_instant
from streams.record import FiledRecord
from streams.routing import partition_of
from tests.streams.web.site import PARTITIONS, UNIT, Site, event

PATH = f"/api/units/{UNIT}/integrity"
VERSUS = f"/api/units/{UNIT}/versus"
EXPLAIN = f"/api/units/{UNIT}/explain"


def monitor_of(site: Site) -> Any:
    return site.ownership.partitions[partition_of(UNIT, PARTITIONS)].monitor


def late_end_taken_back(site: Site) -> None:
    """A dossier that ended late; later that end is taken back, and another is told instead."""
    monitor = monitor_of(site)
    values = [
        event(UNIT, "d", 1, "received", "2026-06-20T08:00:00+07:00", due_at="2026-06-22"),
        event(UNIT, "d", 2, "completed", "2026-06-24T09:00:00+07:00"),
        event(UNIT, "d", 3, "voided", "2026-06-25T09:00:00+07:00", voids="d/2"),
        event(UNIT, "d", 4, "completed", "2026-06-22T16:00:00+07:00"),
    ]
    first, at = monitor.offset + 1, site.now + 60_000
    records = [
        FiledRecord(monitor.partition, first + n, at + n, UNIT.encode(), value)
        for n, value in enumerate(values)
    ]
    site.fold(monitor, records)


def test_signs_are_told_with_their_events() -> None:
    site = Site().fill()
    late_end_taken_back(site)

    async def scenario(client: Any) -> None:
        told = await (await client.get(PATH)).json()
        monitor = monitor_of(site)
        at, zone = read_instant(told["as_of"]), site.rules.zone
        expected = integrity(
            histories_of(monitor.unit(UNIT).ledger), at, read_window("30d", zone), zone
        )
        assert (told["numerator"], told["denominator"]) == expected[:2]
        assert told["denominator"] > 1
        assert told["dossiers_total"] == len(expected.signed) + len(expected.apart)
        (ours,) = (one for one in told["dossiers"] if one["dossier_id"] == "d")
        assert ours["counted"]
        assert {"sign": "late_end_voided", "event_id": "d/3"} in ours["signs"]
        assert told["signs"]["late_end_voided"] == 1
        assert told["bursts"] == []

    site.serve(scenario)


def test_as_known_then_nothing_had_been_taken_back() -> None:
    site = Site().fill()
    late_end_taken_back(site)
    then = "2026-06-27T00:00:00Z"

    async def scenario(client: Any) -> None:
        for known, there in (("now", True), ("then", False)):
            query = {"as_of": then, "known": known, "window": "90d"}
            told = await (await client.get(PATH, params=query)).json()
            ids = {one["dossier_id"] for one in told["dossiers"]}
            assert ("d" in ids) == there
            assert (told["known"], told["window"]) == (known, "90d")

    site.serve(scenario)


def test_wrong_questions_are_named() -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        answer = await client.get(PATH, params={"window": "fortnight"})
        assert answer.status == 400
        assert "fortnight" in (await answer.json())["error"]
        assert (await client.get(PATH, params={"definition": "strict@1"})).status == 400
        assert (await client.get("/api/units/nobody/integrity")).status == 404

    site.serve(scenario)


# -- versus ----------------------------------------------------------------------------------------


async def told(client: Any, path: str, **query: str) -> Any:
    answer = await client.get(path, params=query)
    assert answer.status == 200, await answer.text()
    return await answer.json()


def test_what_was_shown_then_and_what_is_known_now() -> None:
    site = Site().fill()
    late_end_taken_back(site)
    then = "2026-06-27T00:00:00Z"

    async def scenario(client: Any) -> None:
        found = await told(client, VERSUS, as_of=then, known_at=then, versus_known_at="now")
        (ours,) = (one for one in found["changes"] if one["dossier_id"] == "d")
        assert (ours["change"], ours["by"]) == ("entered", "events")
        assert {one["event_id"] for one in ours["events"]} <= {"d/1", "d/2", "d/3", "d/4"}
        assert (found["a"]["known_at"], found["b"]["known_at"]) == (
            "2026-06-27T00:00:00+00:00",
            None,
        )

    site.serve(scenario)


def test_the_changes_lead_from_one_explanation_to_the_other() -> None:
    site = Site().fill()
    first, second = "2026-06-10T00:00:00Z", "2026-06-25T00:00:00Z"
    sides: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"as_of": first}, {"as_of": second}),
        ({"as_of": second}, {"definition": "strict@1"}),
        ({"as_of": second, "window": "7d"}, {"window": "month", "as_of": first}),
    ]

    async def scenario(client: Any) -> None:
        changed = 0
        for one, other in sides:
            a = await told(client, EXPLAIN, **one)
            b = await told(client, EXPLAIN, **{**one, **other})
            versus = {f"versus_{name}": value for name, value in other.items()}
            found = await told(client, VERSUS, **one, **versus)
            changed += len(found["changes"])
            for count in ("numerator", "denominator"):
                assert found["a"][count] == a[count]
                assert found["b"][count] == b[count]
                moved = sum(change[count] for change in found["changes"])
                assert found[count] == b[count] - a[count] == moved
        assert changed > 10

    site.serve(scenario)


def test_a_wrong_second_figure_is_named_and_an_equal_one_differs_in_nothing() -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        wrong_ones: list[tuple[dict[str, str], str]] = [
            ({"versus_definition": "fair@9"}, "fair@9"),
            ({"versus_window": "fortnight"}, "fortnight"),
            ({"versus_known_at": "yesterday"}, "yesterday"),
        ]
        for query, wrong in wrong_ones:
            answer = await client.get(VERSUS, params=query)
            assert answer.status == 400
            assert wrong in (await answer.json())["error"]
        same = await told(client, VERSUS)
        assert same["changes"] == []
        assert same["unchanged"] == same["a"]["denominator"] > 0
        answer = await client.get("/api/units/nobody/versus?versus_window=7d")
        assert answer.status == 404

    site.serve(scenario)
