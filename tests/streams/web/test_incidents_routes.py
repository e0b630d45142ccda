"""Incidents with their steps and decisions, silences, and what people do about them."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from schemas.action import Action
from schemas.instants import Millis, iso_millis
from schemas.notification import Notification, Outcome, Why
from schemas.step import Evidence, IncidentStep, StepKind
from streams.boards.silences import KEPT_AFTER_END
from streams.boards.steps import STEPS_KEPT
from tests.streams.web.site import ACTOR, READER, Site

NOW: Millis = 4_000_000_000_000  # in the year 2096: silences are compared with the wall clock
HOUR: Millis = 3_600_000
EVIDENCE = Evidence("resolved@1", "30d", NOW, 80, 100, 0, 1, "policy")
ACT = {"Authorization": f"Bearer {ACTOR}"}


def step(
    unit_id: str, number: int, kind: StepKind, at: Millis, zone: Any = "yellow", **more: Any
) -> IncidentStep:
    incident_id = f"{unit_id}/resolved@1/{number}"
    return IncidentStep(incident_id, unit_id, kind, at, zone, EVIDENCE, **more)


def site_of(*steps: IncidentStep) -> Site:
    site = Site()
    for offset, one in enumerate(steps):
        place = (one.at, 0, offset)
        site.boards.step_board.take(place, one.unit_id, one.to_json())
    return site


STEPS = (
    step("H47.502", 1, "opened", NOW - 9 * HOUR),
    step("H47.502", 1, "worsened", NOW - 8 * HOUR, "red"),
    step("H47.502", 1, "closed", NOW - 7 * HOUR, "green"),
    step("H47.503", 4, "opened", NOW - 6 * HOUR),
    step("H47.502", 2, "opened", NOW - 5 * HOUR),
    step("H47.502", 2, "acknowledged", NOW - 4 * HOUR, author="Lê An", reason="xem"),
)


def path_of(incident_id: str) -> str:
    return f"/api/incidents/{quote(incident_id, safe='')}"


def ids(body: Any) -> list[str]:
    return [one["incident_id"] for one in body["incidents"]]


def test_incidents_newest_first_by_state_and_unit() -> None:
    async def scenario(client: Any) -> None:
        async def asked(query: str = "") -> Any:
            return await (await client.get(f"/api/incidents{query}")).json()

        first, second, other = (
            "H47.502/resolved@1/1",
            "H47.502/resolved@1/2",
            "H47.503/resolved@1/4",
        )
        assert ids(await asked()) == [second, other, first]
        assert ids(await asked("?state=open")) == [second, other]
        assert ids(await asked("?state=closed")) == [first]
        assert ids(await asked("?unit=H47.502")) == [second, first]
        assert ids(await asked("?unit=nobody")) == []
        page = await asked("?limit=2")
        assert ids(page) == [second, other]
        page = await asked(f"?limit=2&after={page['next']}")
        assert (ids(page), page["next"]) == ([first], None)
        shown = (await asked("?state=open"))["incidents"][0]
        assert shown == {
            "incident_id": second,
            "unit_id": "H47.502",
            "opened_at": iso_millis(NOW - 5 * HOUR),
            "closed_at": None,
            "zone": "yellow",
            "acknowledged_by": "Lê An",
            "acknowledged_at": iso_millis(NOW - 4 * HOUR),
            "silenced_until": None,
            "steps": [one.to_dict() for one in STEPS[4:]],
            "decisions": [],
        }
        assert await (await client.get(path_of(second))).json() == shown

    site_of(*STEPS).serve(scenario)


def test_an_old_incident_whose_steps_are_gone_is_known_by_its_units_status() -> None:
    site = Site().fill()
    held = site.boards.units.open_incidents()
    assert held, "the made-up province has one"
    site.boards.steps.clear()

    async def scenario(client: Any) -> None:
        body = await (await client.get("/api/incidents?state=open")).json()
        assert set(ids(body)) == set(held)
        for one in body["incidents"]:
            assert (one["steps"], one["opened_at"], one["closed_at"]) == ([], None, None)
            assert one["zone"] == held[one["incident_id"]]["zone"]
        answer = await client.post(f"{path_of(ids(body)[0])}/acknowledge", json={}, headers=ACT)
        assert answer.status == 201

    site.serve(scenario)


@pytest.mark.parametrize("incident_id", ["nothing", "H47.502/resolved@1/9", "a//b", "%"])
def test_an_unknown_incident_is_named(incident_id: str) -> None:
    async def scenario(client: Any) -> None:
        answer = await client.get(path_of(incident_id))
        assert answer.status == 404
        assert incident_id in (await answer.json())["error"]
        answer = await client.post(f"{path_of(incident_id)}/acknowledge", json={}, headers=ACT)
        assert answer.status == 404

    site_of(*STEPS).serve(scenario)


def told(subject: str, outcome: Outcome, why: Why, at: Millis, **more: Any) -> Notification:
    return Notification(f"{subject}|head", outcome, why, "opened", subject, at, **more)


def test_what_was_told_of_an_incident() -> None:
    site = site_of(*STEPS)
    incident = "H47.502/resolved@1/2"
    records = [
        told(incident, "decided", Why.FIRST_NOTIFICATION, NOW + n, unit_id="H47.502")
        for n in range(60)
    ]
    records.append(told("digest/head", "sent", Why.DIGEST, NOW + 70))
    for offset, one in enumerate(records):
        site.boards.notifications.take((one.at, 0, offset), one.to_json())

    async def scenario(client: Any) -> None:
        shown = await (await client.get(path_of(incident))).json()
        assert shown["decisions"] == [one.to_dict() for one in records[10:60]]  # the newest 50
        everything = await (await client.get("/api/notifications")).json()
        assert everything["notifications"] == [one.to_dict() for one in reversed(records)]
        for query, count in (
            ("limit=3", 3),
            ("unit=H47.502", 60),
            ("unit=H47.503", 0),
            (f"incident={quote(incident)}&limit=7", 7),
            ("incident=digest/head", 1),
        ):
            body = await (await client.get(f"/api/notifications?{query}")).json()
            assert len(body["notifications"]) == count

    site.serve(scenario)


def test_steps_page_by_page() -> None:
    async def scenario(client: Any) -> None:
        found: list[Any] = []
        after = ""
        while True:
            body = await (await client.get(f"/api/alerts?limit=4{after}")).json()
            found += body["alerts"]
            if body["next"] is None:
                break
            after = f"&after={body['next']}"
        assert found == [one.to_dict() for one in reversed(STEPS)]
        for query in ("limit=0", "limit=-1", "limit=x", "after=WzEsMl0", "since=1"):
            assert (await client.get(f"/api/alerts?{query}")).status == 400

    site_of(*STEPS).serve(scenario)


def test_the_oldest_steps_fall_off() -> None:
    site = Site()
    most = STEPS_KEPT * site.settings.partitions
    for n in range(most + 10):
        one = step("H47.502", n, "opened", NOW + n)
        site.boards.step_board.take((one.at, 0, n), one.unit_id, one.to_json())
    site.boards.step_board.drop_old()
    kept = site.boards.step_board.by_incident()
    assert len(kept) == most
    assert "H47.502/resolved@1/9" not in kept
    assert "H47.502/resolved@1/10" in kept


def test_acknowledging() -> None:
    site = site_of(*STEPS)

    async def scenario(client: Any) -> None:
        async def post(number: str, body: Any = None, **headers: str) -> tuple[int, Any]:
            path = f"{path_of(number)}/acknowledge"
            answer = await client.post(path, json=body or {}, headers=headers)
            return answer.status, await answer.json()

        status, body = await post("H47.503/resolved@1/4")
        assert (status, body["error"][:6]) == (401, "acting")
        status, body = await post("H47.503/resolved@1/4", Authorization=f"Bearer {READER}")
        assert status == 403
        assert "Trần Bình" in body["error"]
        status, body = await post("H47.502/resolved@1/1", **ACT)
        assert (status, "closed" in body["error"]) == (409, True)
        status, body = await post("H47.502/resolved@1/2", **ACT)
        assert (status, "Lê An has acknowledged" in body["error"]) == (409, True)
        status, body = await post("H47.503/resolved@1/4", {"reason": "gọi\n điện"}, **ACT)
        assert status == 201
        [(key, action)] = site.written.actions
        assert key == "H47.503"
        assert action == Action(
            action_id=body["action_id"],
            kind="acknowledge",
            author="Lê An",
            at=action.at,
            reason="gọi điện",
            incident_id="H47.503/resolved@1/4",
        )
        site.written.broken = True
        status, body = await post("H47.503/resolved@1/4", **ACT)
        assert (status, "Kafka" in body["error"]) == (503, True)
        site.boards.read_to_end = False
        status, body = await post("H47.503/resolved@1/4", **ACT)
        assert (status, "being read" in body["error"]) == (503, True)

    site.serve(scenario)


def test_a_silence_is_given_shown_and_lifted() -> None:
    site = site_of(*STEPS)
    wanted = {"scope": "H47/*", "until": iso_millis(NOW), "reason": "hội chợ"}

    async def scenario(client: Any) -> None:
        answer = await client.post("/api/silences", json=wanted, headers=ACT)
        assert answer.status == 201
        silence_id = (await answer.json())["silence_id"]
        [(key, action)] = site.written.actions
        assert (key, action.action_id, action.until) == ("H47", silence_id, NOW)
        assert (await (await client.get("/api/silences")).json()) == {"silences": []}
        site.boards.silences.take(action.to_json())  # as the topic tells it
        [shown] = (await (await client.get("/api/silences")).json())["silences"]
        assert shown == {
            "silence_id": silence_id,
            "author": "Lê An",
            "at": iso_millis(action.at),
            **wanted,
        }
        body = await (await client.get("/api/incidents")).json()
        until = {one["incident_id"]: one["silenced_until"] for one in body["incidents"]}
        assert until == {
            "H47.502/resolved@1/2": iso_millis(NOW),
            "H47.503/resolved@1/4": iso_millis(NOW),
            "H47.502/resolved@1/1": None,  # it is closed
        }
        path = f"/api/silences/{silence_id}"
        assert (await client.delete(path)).status == 401
        answer = await client.delete(path, json={"reason": "xong"}, headers=ACT)
        assert answer.status == 200
        lifted = site.written.actions[-1][1]
        assert (lifted.kind, lifted.silence_id, lifted.reason) == ("unsilence", silence_id, "xong")
        assert site.written.actions[-1][0] == "H47"
        site.boards.silences.take(lifted.to_json())
        assert (await (await client.get("/api/silences")).json()) == {"silences": []}
        assert (await client.delete(path, headers=ACT)).status == 404
        assert (await client.delete("/api/silences/none", headers=ACT)).status == 404

    site.serve(scenario)


def test_a_silence_that_is_over_is_none() -> None:
    site = Site()
    past = Action("s1", "silence", "An", 1, "", scope="*", until=5)
    site.boards.silences.take(past.to_json())
    site.boards.silences.take(b"{}")  # unreadable: passed over
    assert site.boards.silences.in_force(4) == [past]
    assert site.boards.silences.in_force(5) == []
    assert site.boards.silences.find("s1", 5) is None


def test_silences_are_looked_through_once_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_of(*STEPS)
    looks: list[Millis] = []

    def counted(now: Millis) -> list[Action]:
        looks.append(now)
        return []

    monkeypatch.setattr(site.boards.silences, "in_force", counted)

    async def scenario(client: Any) -> None:
        body = await (await client.get("/api/incidents")).json()
        assert len(body["incidents"]) > 1
        assert len(looks) == 1

    site.serve(scenario)


def test_a_silence_that_ended_long_ago_is_let_go_of() -> None:
    board = Site().boards.silences
    given = Action("s1", "silence", "An", 1, "", scope="*", until=5)
    board.take(given.to_json())
    assert board.in_force(5) == []
    assert board.in_force(4) == [given]  # a clock that was set right
    assert board.in_force(5 + KEPT_AFTER_END) == []
    assert board.in_force(4) == []
    lifted = Action("s2", "unsilence", "An", 2, "", scope="*", silence_id="s1")
    board.take(given.to_json())
    board.take(lifted.to_json())
    assert board.in_force(4) == []


def test_what_was_begun_is_written_though_the_asker_goes_away() -> None:
    site = site_of(*STEPS)
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
    write = site.written.write

    async def slowly(key: str, action: Action) -> None:
        begun.set()
        try:
            await go_on.wait()
            await write(key, action)
        finally:
            ended.set()

    site.written.write = slowly  # type: ignore[method-assign]
    wanted = {"scope": "H47/*", "until": iso_millis(NOW), "reason": "hội chợ"}

    async def scenario(client: Any) -> None:
        asked = asyncio.ensure_future(client.post("/api/silences", json=wanted, headers=ACT))
        await begun.wait()
        asked.cancel()
        await asyncio.sleep(0.1)  # the server notices
        go_on.set()
        await ended.wait()
        assert len(site.written.actions) == 1

    site.serve(scenario)
