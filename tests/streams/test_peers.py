"""Two workers without Kafka: the one that is asked asks the owner, and nobody a third one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from schemas.instants import Millis
from schemas.presence import OwnedNow, WorkerPresence
from streams.folding import wall
from streams.routing import partition_of
from streams.settings import AccessRules
from streams.web.access import Access
from tests.streams.web.site import (
    FILLED,
    PARTITIONS,
    PEOPLE,
    READER,
    UNIT,
    Site,
    made_up_records,
)
from vungxanh.local_kafka import free_port

HOME = partition_of(UNIT, PARTITIONS)
Ask = Callable[..., Awaitable[tuple[int, Any, Any]]]


def presence(site: Site, url: str | None = None, at: Millis | None = None) -> WorkerPresence:
    partitions = sorted(site.ownership.partitions)
    return WorkerPresence(
        site.where.worker_id,
        url or site.where.url,
        at or wall(),
        "1",
        tuple(OwnedNow(number, None, 0) for number in partitions),
        {"folded": 5},
        {"not_json": 1},
        telling=True,
    )


def introduce(one: Site, other: Site, **more: Any) -> None:
    """Let a worker hear of another."""
    told = presence(other, **more)
    one.boards.presences.take(told.worker_id, told.to_json(), wall())


def two(**more: Any) -> tuple[Site, Site]:
    """One worker owns UNIT's partition, the other everything else."""
    first, second = (Site(replace(Site().settings, http_port=0), **more) for _ in range(2))
    for number in range(PARTITIONS):
        owner = first if number == HOME else second
        owner.own(number, made_up_records().get(number, ()))
    for site in (first, second):
        site.boards.units.statuses = first.boards.statuses | second.boards.statuses
    return first, second


def serve(sites: tuple[Site, ...], scenario: Callable[[Ask], Awaitable[None]]) -> None:
    """Run a scenario with all of them listening."""

    async def run() -> None:
        for site in sites:
            await site.server.on_start()
        try:
            async with aiohttp.ClientSession() as web:

                async def ask(site: Site, path: str, **headers: str) -> tuple[int, Any, Any]:
                    async with web.get(site.where.url + path, headers=headers) as answer:
                        body = None if answer.status == 304 else await answer.json()
                        return answer.status, body, answer.headers

                await scenario(ask)
        finally:
            for site in sites:
                await site.server.on_stop()

    asyncio.run(run())


PATHS = (
    f"/api/units/{UNIT}/profile?window=90d",
    f"/api/units/{UNIT}/explain?limit=3",
    f"/api/dossiers/{UNIT}/nothing",  # 404, and so says the owner
    f"/api/units/{UNIT}/profile?window=0d",  # 400
    f"/api/units/{UNIT.replace('.', '%2E')}/profile",
)


@pytest.mark.parametrize("reading", ["open", "closed"])
def test_the_owner_answers_whoever_is_asked(reading: Any) -> None:
    owner, other = two(access=AccessRules(reading, PEOPLE))

    async def scenario(ask: Ask) -> None:
        introduce(other, owner)
        introduce(owner, other)
        token = {"Authorization": f"Bearer {READER}"}
        for path in PATHS:
            here, there = await ask(owner, path, **token), await ask(other, path, **token)
            assert here[:2] == there[:2]
            assert here[2].get("ETag") == there[2].get("ETag")
            if here[0] == 200:
                again = await ask(other, path, **token, **{"If-None-Match": here[2]["ETag"]})
                assert again[0] == 304
        for path in ("/api/ranking", "/api/ranking?as_of=2026-06-22T00:00:00Z&known=then"):
            here, there = await ask(owner, path, **token), await ask(other, path, **token)
            assert here[1]["rows"] == there[1]["rows"]
            assert here[1]["missing"] == there[1]["missing"] == []
            denominators = {row["unit_id"]: row["denominator"] for row in here[1]["rows"]}
            assert all(denominators[unit_id] for unit_id in FILLED)
        if reading == "closed":  # a hop is no way in
            assert (await ask(other, PATHS[0]))[0] == 401
            assert (await ask(owner, PATHS[0], **{"X-Vungxanh-Hop": "1"}))[0] == 401

    serve((owner, other), scenario)


def test_no_second_hop() -> None:
    """Each takes the other for the owner: whoever is asked by a worker answers by itself."""
    owner, other = two()
    del owner.ownership.partitions[HOME]

    async def scenario(ask: Ask) -> None:
        for one, two in ((owner, other), (other, owner)):
            told = presence(two)._replace(partitions=(OwnedNow(HOME, None, 0),))
            one.boards.presences.take(told.worker_id, told.to_json(), wall())
        status, body, headers = await ask(other, PATHS[0])
        assert (status, headers["Retry-After"]) == (503, "2")
        assert f"partition {HOME}" in body["error"]

    serve((owner, other), scenario)


@pytest.mark.parametrize("gone", ["nobody listens", "silent for long"])
def test_an_owner_that_does_not_answer(gone: str) -> None:
    owner, other = two()

    async def scenario(ask: Ask) -> None:
        if gone == "silent for long":
            told = presence(owner, at=wall() - 60_000)
            other.boards.presences.take(told.worker_id, told.to_json(), None)
        else:
            introduce(other, owner, url=f"http://127.0.0.1:{free_port()}")
        status, body, headers = await ask(other, PATHS[0])
        assert status == 503
        assert headers["Retry-After"]
        assert "try again" in body["error"]
        _, ranking, _ = await ask(other, "/api/ranking")
        theirs = {
            unit.unit_id
            for unit in other.units
            if partition_of(unit.unit_id, PARTITIONS) == HOME and unit.unit_id != "H47"
        }
        assert set(ranking["missing"]) == theirs
        assert not theirs & {row["unit_id"] for row in ranking["rows"]}

    serve((owner, other), scenario)


def test_a_worker_of_another_people_file_is_no_peer() -> None:
    owner, other = two(access=AccessRules("closed", PEOPLE))
    other.server._peers._access = Access(AccessRules("closed", PEOPLE[:1]))

    async def scenario(ask: Ask) -> None:
        introduce(other, owner)
        status, body, _ = await ask(other, PATHS[0], Authorization=f"Bearer {READER}")
        assert (status, "the same people file" in body["error"]) == (503, True)
        _, ranking, _ = await ask(other, "/api/ranking", Authorization=f"Bearer {READER}")
        assert UNIT in ranking["missing"]

    serve((owner, other), scenario)


def test_the_state_of_all_workers() -> None:
    owner, other = two()

    async def scenario(ask: Ask) -> None:
        introduce(other, owner)
        introduce(other, other)
        _, state, _ = await ask(other, "/api/monitor")
        owners = {one["partition"]: one["owner"] for one in state["partitions"]}
        assert owners == {
            number: (owner if number == HOME else other).where.worker_id
            for number in range(PARTITIONS)
        }
        assert all(one["alive"] and one["telling"] for one in state["workers"])
        assert state["events"]["folded"] == 10
        assert state["dead_letters"] == {"total": 2, "by_reason": {"not_json": 2}}
        seat = next(one["owner"] for one in state["partitions"] if one["partition"] == 0)
        assert state["notifier"] == {"worker_id": seat, "waiting": 0, "failed_last_hour": 0}
        other.boards.presences.take(owner.where.worker_id, None, wall())  # it takes its leave
        _, state, _ = await ask(other, "/api/monitor")
        assert [one["worker_id"] for one in state["workers"]] == [other.where.worker_id]
        assert {one["owner"] for one in state["partitions"] if one["partition"] == HOME} == {None}

    serve((owner, other), scenario)
