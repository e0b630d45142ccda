"""Server-sent events: what is told, in which order, to whom, and what happens to slow readers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import ClientError

from streams.settings import AccessRules
from streams.web import stream_routes
from streams.web.access import Access
from streams.web.hub import FellBehindError, Hub, compact
from tests.streams.web.site import UNIT, Site


def status_of(unit_id: str, numerator: int = 9, window: str = "30d") -> bytes:
    figure = {"definition": "resolved@1", "window": window, "numerator": numerator}
    return json.dumps(
        {
            "unit_id": unit_id,
            "clock": "2026-06-30T00:00:00.000+00:00",
            "zone": "green",
            "figures": [figure | {"denominator": 10, "ratio": numerator / 10}],
            "resolved": {"30d": {"early": 1, "on_time": numerator - 1, "late": 10 - numerator}},
            "open": {"overdue": 0},
            "incident": None,
        }
    ).encode()


async def told(answer: Any) -> AsyncIterator[tuple[str, str, Any]]:
    """Id, kind and JSON of each event; a comment is the kind `:`."""
    event_id = kind = ""
    async for line in answer.content:
        text = line.decode().rstrip("\n")
        if text.startswith("id: "):
            event_id = text[4:]
        elif text.startswith("event: "):
            kind = text[7:]
        elif text.startswith("data: "):
            yield event_id, kind, json.loads(text[6:])
        elif text.startswith(":"):
            yield "", ":", None


async def next_of(events: AsyncIterator[tuple[str, str, Any]], *kinds: str) -> tuple[str, Any]:
    """Id and content of the next event of these kinds."""
    async for event_id, kind, content in events:
        if kind in kinds:
            return event_id, content
    raise AssertionError(f"the stream ended without {kinds}")


# -- the hub ---------------------------------------------------------------------------------------


def test_bursts_of_a_unit_become_one_and_the_last_counts() -> None:
    async def run() -> None:
        hub = Hub()
        for numerator in range(10):
            hub.status("A", status_of("A", numerator))
            hub.status("B", status_of("B", numerator))
        events = await hub.after(0, 1)
        assert [(e.unit_id, json.loads(e.data)["numerator"]) for e in events] == [
            ("A", 0),
            ("B", 0),
        ]
        found = await hub.after(hub.last, 60)  # they come when half a second is over
        while len(found) < 2:
            found += await hub.after(found[-1].number, 60)
        assert {(e.unit_id, json.loads(e.data)["numerator"]) for e in found} == {("A", 9), ("B", 9)}
        assert await hub.after(hub.last, 1.2) == []  # and nothing more

    asyncio.run(run())


def test_who_falls_behind_the_ring_is_told() -> None:
    async def run() -> None:
        hub = Hub(most=5)
        for number in range(7):
            hub.step("A", b"%d" % number)
        assert [e.data for e in await hub.after(2, 1)] == [b"2", b"3", b"4", b"5", b"6"]
        with pytest.raises(FellBehindError):
            await hub.after(1, 1)
        assert hub.place_of(hub.id_of(2)) == 2
        for unknown in (
            hub.id_of(1),
            hub.id_of(8),
            "other-3",
            "",
            "-",
            "x-1",
            hub.id_of(3) + "x",
            hub.id_of(3) + "0" * 5_000,
        ):
            assert hub.place_of(unknown) is None

    asyncio.run(run())


def test_a_window_that_is_not_shown_has_no_outcomes() -> None:
    row = compact(json.loads(status_of("A", window="17d")))
    assert (row["early"], row["on_time"], row["late"]) == (None, None, None)
    assert (row["numerator"], row["denominator"]) == (9, 10)


# -- over HTTP -------------------------------------------------------------------------------------


def test_it_begins_with_hello_and_tells_what_comes() -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        answer = await client.get("/api/stream")
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert (await answer.content.readline()) == b"retry: 2000\n"
        events = told(answer)
        _, hello = await next_of(events, "hello")
        assert hello["worker_id"] == site.where.worker_id
        assert hello["now"]
        site.hub.status(UNIT, site.boards.statuses[UNIT])
        _, status = await next_of(events, "status")
        assert status == compact(json.loads(site.boards.statuses[UNIT]))
        site.hub.step(UNIT, b'{"kind":"opened"}')
        assert (await next_of(events, "step"))[1] == {"kind": "opened"}
        site.hub.notification(None, b'{"kind":"digest"}')
        assert (await next_of(events, "notification"))[1] == {"kind": "digest"}

    site.serve(scenario)


def test_it_tells_how_the_monitor_is() -> None:
    site = Site()

    async def scenario(client: Any) -> None:
        _, monitor = await next_of(told(await client.get("/api/stream")), "monitor")
        assert len(monitor["partitions"]) == 4

    site.serve(scenario)


def test_only_the_units_that_are_asked_for() -> None:
    site = Site()

    async def scenario(client: Any) -> None:
        events = told(await client.get("/api/stream?units=A,C"))
        await next_of(events, "hello")
        for unit_id in ("A", "B", "C"):
            site.hub.status(unit_id, status_of(unit_id))
        site.hub.notification(None, b"{}")
        found = [(await next_of(events, "status", "notification"))[1] for _ in range(3)]
        assert [one.get("unit_id") for one in found] == ["A", "C", None]

    site.serve(scenario)


def test_who_comes_again_goes_on_where_it_was() -> None:
    site = Site()

    async def scenario(client: Any) -> None:
        events = told(await client.get("/api/stream"))
        await next_of(events, "hello")
        for number in range(5):
            site.hub.step("A", b"%d" % number)
        for _ in range(3):
            last_id, content = await next_of(events, "step")
        assert content == 2
        events = told(await client.get("/api/stream", headers={"Last-Event-ID": last_id}))
        kinds = [kind async for _, kind, _ in _first(events, 3)]
        assert kinds == ["hello", "step", "step"]
        for forgotten in ("other-7", "nonsense", site.hub.id_of(99)):
            events = told(await client.get("/api/stream", headers={"Last-Event-ID": forgotten}))
            kinds = [kind async for _, kind, _ in _first(events, 2)]
            assert kinds == ["reset", "hello"]

    site.serve(scenario)


async def _first(events: AsyncIterator[Any], count: int) -> AsyncIterator[Any]:
    async for event in events:
        yield event
        count -= 1
        if not count:
            return


def test_a_quiet_stream_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_routes, "KEEP_ALIVE_S", 0.05)

    async def scenario(client: Any) -> None:
        await next_of(told(await client.get("/api/stream")), ":")

    Site().serve(scenario)


def test_so_many_streams_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_routes, "MOST_STREAMS", 2)

    async def scenario(client: Any) -> None:
        one, other = [await client.get("/api/stream") for _ in range(2)]
        refused = await client.get("/api/stream")
        assert refused.status == 503
        assert refused.headers["Retry-After"]
        assert "2 streams" in (await refused.json())["error"]
        one.close()
        while (again := await client.get("/api/stream")).status == 503:  # until it is noticed
            site.hub.step("A", b"1")
            await asyncio.sleep(0.01)
        assert again.status == 200
        assert other.status == 200

    site = Site()
    site.serve(scenario)


def test_so_many_of_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_routes, "MOST_OF_ONE", 1)
    shared = {"127.0.0.1": False}
    monkeypatch.setattr(Access, "is_shared", lambda self, remote: shared[remote])

    async def scenario(client: Any) -> None:
        one = await client.get("/api/stream")
        refused = await client.get("/api/stream")
        assert (one.status, refused.status) == (200, 503)
        assert "127.0.0.1" in (await refused.json())["error"]
        shared["127.0.0.1"] = True
        assert (await client.get("/api/stream")).status == 200

    Site().serve(scenario)


@pytest.mark.parametrize(
    ("address", "is_shared"),
    [("127.0.0.1", True), ("::1", True), ("10.0.0.7", True), ("10.0.1.7", False), (None, False)],
)
def test_whose_address_may_be_of_many(address: str | None, is_shared: bool) -> None:
    rules = AccessRules(proxies=(ip_network("10.0.0.0/24"),))
    assert Access(rules).is_shared(address) is is_shared


def test_a_head_takes_no_stream() -> None:
    async def scenario(client: Any) -> None:
        assert (await client.head("/api/stream")).status == 405

    Site().serve(scenario)


def test_a_slow_reader_is_dropped_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_routes, "WRITE_S", 2.0)
    site, write, given_up = Site(), stream_routes._write, asyncio.Event()

    async def writing(response: Any, text: bytes) -> None:
        try:
            await write(response, text)
        except TimeoutError:
            given_up.set()
            raise

    monkeypatch.setattr(stream_routes, "_write", writing)

    async def scenario(client: Any) -> None:
        slow = await client.get("/api/stream")  # and reads nothing
        quick = told(await client.get("/api/stream"))
        await next_of(quick, "hello")
        large = json.dumps("x" * 100_000).encode()
        for _ in range(300):  # more than any buffer on the way
            site.hub.step("A", large)
            await next_of(quick, "step")
        await given_up.wait()  # to read before would be to take it all
        with pytest.raises(ClientError):
            await slow.content.read()

    site.serve(scenario)


def test_streams_end_with_the_worker() -> None:
    site = Site()

    async def scenario(client: Any) -> None:
        answer = await client.get("/api/stream")
        events = told(answer)
        await next_of(events, "hello")
        await client.server.close()
        assert [kind async for _, kind, _ in events if kind not in (":", "monitor")] == []

    site.serve(scenario)


def test_boards_that_were_read_anew_tell_everybody_to_load_anew() -> None:
    site = Site()

    async def scenario(client: Any) -> None:
        events = told(await client.get("/api/stream"))
        await next_of(events, "hello")
        site.hub.reset()
        await next_of(events, "reset")

    site.serve(scenario)
