"""Questions beside the fold: of one moment, one after another, and not too many."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from indicators.profile import unit_profile
from streams import queries as queries_module
from streams.figures_asked import Asked, snapshot
from streams.kept_answers import Kept, KeptAnswers
from streams.metrics import WorkerMetrics
from streams.ownership import Ownership
from streams.queries import NotOwnedError, Queries, Thread, TooManyError, UnknownError
from streams.record import FiledRecord
from streams.routing import partition_of
from streams.settings import WebContent
from streams.standings import Standings
from streams.web import monitor_routes
from streams.web.access import NOBODY
from streams.web.calls import Call
from streams.web.monitor_routes import MonitorRoutes
from streams.web.shared import Shared
from streams.web.unit_readings import readings
from tests.streams.web.site import FILLED, PARTITIONS, UNIT, Site, event

NOW_ASKED = Asked("resolved@1", "30d", None)


def queries_of(site: Site, thread: Thread) -> Queries:
    return Queries(
        partitions=PARTITIONS,
        ownership=site.ownership,
        rules=site.rules,
        is_listed=lambda unit_id: unit_id == "listed",
        thread=thread,
    )


def test_an_answer_is_of_the_moment_its_turn_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that are folded while it is computed are not in it."""
    site, thread = Site().fill(), Thread()
    monitor: Any = site.ownership.partitions[partition_of(UNIT, PARTITIONS)].monitor
    begun, go_on = threading.Event(), threading.Event()

    def slowly(*arguments: Any) -> Any:
        begun.set()
        go_on.wait()
        return unit_profile(*arguments)

    monkeypatch.setattr(queries_module, "unit_profile", slowly)

    async def run() -> None:
        queries = queries_of(site, thread)
        before = await queries.explanation(UNIT, NOW_ASKED)
        asked = asyncio.ensure_future(queries.profile(UNIT, NOW_ASKED))
        await asyncio.to_thread(begun.wait)
        at = site.now + 1
        ends = [
            event(UNIT, "new", 1, "received", "2026-06-29T08:00:00+07:00", due_at="2026-07-01"),
            event(UNIT, "new", 2, "completed", "2026-06-29T09:00:00+07:00"),
        ]
        records = [
            FiledRecord(monitor.partition, monitor.offset + 1 + n, at, UNIT.encode(), value)
            for n, value in enumerate(ends)
        ]
        site.fold(monitor, records)
        go_on.set()
        assert (await asked).denominator == before.denominator
        after = await queries.explanation(UNIT, NOW_ASKED)
        assert after.denominator == before.denominator + 1
        assert (await queries.profile(UNIT, NOW_ASKED)).denominator == after.denominator

    asyncio.run(run())
    thread.stop()


def test_who_waits_or_is_refused_has_nothing_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """And equal questions that wait together are computed once."""
    site, thread, done = Site().fill(), Thread(), threading.Event()
    copied: list[str] = []

    def counted(home: Any, unit_id: str, wall: int) -> Any:
        copied.append(unit_id)
        return snapshot(home, unit_id, wall)

    monkeypatch.setattr(queries_module, "MOST_WAITING", 6)
    monkeypatch.setattr(queries_module, "snapshot", counted)

    async def run() -> None:
        queries = queries_of(site, thread)
        busy = asyncio.ensure_future(thread.run(done.wait))
        await asyncio.sleep(0)
        asked = [asyncio.ensure_future(queries.profile(UNIT, NOW_ASKED)) for _ in range(9)]
        await asyncio.sleep(0)
        assert copied == []
        done.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        refused = [one for one in answers if isinstance(one, TooManyError)]
        assert (len(refused), copied) == (4, [UNIT])
        assert len({id(one) for one in answers if not isinstance(one, TooManyError)}) == 1
        await busy

    asyncio.run(run())
    thread.stop()


def test_a_turn_lasts_until_the_thread_is_done() -> None:
    """Whoever goes away: else each one who comes and goes would leave a copy behind."""
    thread, begun, go_on = Thread(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait()

    async def run() -> None:
        gone = asyncio.ensure_future(thread.run(work))
        await asyncio.to_thread(begun.wait)
        gone.cancel()
        following = asyncio.ensure_future(thread.run(go_on.is_set))
        await asyncio.sleep(0.01)
        assert not gone.done()
        go_on.set()
        assert await following
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(run())
    thread.stop()


def test_a_live_standing_that_is_never_looked_for_again_is_not_kept() -> None:
    """One without live counts has a key with its instant: a past one alone is asked for again."""
    site, thread = Site().fill(), Thread()
    odd = NOW_ASKED._replace(window="17d")  # no window whose counts the fold keeps

    async def run() -> None:
        standings = Standings(ownership=site.ownership, rules=site.rules, thread=thread)
        kept: Any = standings._memory
        assert (await standings.part(range(PARTITIONS), odd, ())).standings
        assert len(kept) == 0
        past = odd._replace(as_of=site.now * 1_000)
        assert (await standings.part(range(PARTITIONS), past, ())).standings
        assert len(kept) == len(FILLED)

    asyncio.run(run())
    thread.stop()


def test_so_many_wait_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_module, "MOST_WAITING", 2)
    thread, done = Thread(), threading.Event()

    async def run() -> None:
        waiting = [asyncio.ensure_future(thread.run(done.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyError):
            await thread.run(lambda: 1)
        done.set()
        await asyncio.gather(*waiting)
        assert await thread.run(lambda: 1) == 1

    asyncio.run(run())
    thread.stop()


def test_whose_unit_it_is() -> None:
    site, thread = Site().fill(), Thread()

    async def run() -> None:
        queries = queries_of(site, thread)
        with pytest.raises(UnknownError, match="no unit nobody"):
            await queries.profile("nobody", NOW_ASKED)
        assert (await queries.profile("listed", NOW_ASKED)).denominator == 0
        number = partition_of(UNIT, PARTITIONS)
        del site.ownership.partitions[number]
        for ask in (queries.profile, queries.explanation):
            with pytest.raises(NotOwnedError) as refused:
                await ask(UNIT, NOW_ASKED)
            assert refused.value.partition == number

    asyncio.run(run())
    thread.stop()


def test_the_least_recently_used_answer_is_forgotten() -> None:
    kept: KeptAnswers[str] = KeptAnswers(2)
    for name in "ab":
        kept.put(name, Kept(name, 0, 0))
    assert kept.get("a") == Kept("a", 0, 0)
    kept.put("c", Kept("c", 0, 0))
    assert (kept.get("a"), kept.get("b"), len(kept)) == (Kept("a", 0, 0), None, 2)


def test_many_who_ask_the_same_are_answered_once() -> None:
    async def run() -> None:
        shared: Shared[int] = Shared(0.05)
        asked = 0

        async def answer() -> int:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0.01)
            return asked

        first = asyncio.ensure_future(shared.get("q", answer))
        await asyncio.sleep(0)
        first.cancel()  # one who goes away takes it from nobody
        assert await asyncio.gather(*(shared.get("q", answer) for _ in range(5))) == [1] * 5
        assert await shared.get("another", answer) == 2
        await asyncio.sleep(0.2)
        assert await shared.get("q", answer) == 3

        async def fails() -> int:
            raise ValueError("no")

        for _ in range(2):
            with pytest.raises(ValueError, match="no"):
                await shared.get("failing", fails)

    asyncio.run(run())


def test_metrics_are_of_the_partitions_that_are_owned() -> None:
    site = Site().fill()
    gone = partition_of(UNIT, PARTITIONS)

    async def scenario(client: Any) -> None:
        async def units() -> set[str]:
            text = await (await client.get("/metrics")).text()
            families = list(text_string_to_metric_families(text))
            assert len({family.name for family in families}) == len(families)
            samples = [sample for family in families for sample in family.samples]
            for sample in samples:
                if sample.name == "dossier_unit_zone" and sample.value == 1:
                    unit_id = sample.labels["unit"]
                    home = site.ownership.partitions[partition_of(unit_id, PARTITIONS)]
                    assert home.monitor.reading(unit_id).zone == sample.labels["zone"]
            return {sample.labels["unit"] for sample in samples if "unit" in sample.labels}

        assert await units() == set(FILLED)
        del site.ownership.partitions[gone]
        assert await units() == {
            unit_id for unit_id in FILLED if partition_of(unit_id, PARTITIONS) != gone
        }

    site.serve(scenario)


def test_metrics_are_written_once_for_all_who_ask_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site().fill()
    asked: list[Ownership] = []

    async def counted(ownership: Ownership) -> Any:
        asked.append(ownership)
        return await readings(ownership)

    monkeypatch.setattr(monitor_routes, "readings", counted)
    province: Any = SimpleNamespace(content=WebContent(units=site.units), boards=site.boards)
    state: Any = None
    routes = MonitorRoutes(province, state, site.ownership, WorkerMetrics())
    show = routes.handlers()["metrics"]

    async def run() -> None:
        requests = [
            make_mocked_request("GET", "/metrics", headers={"Accept-Encoding": coding})
            for coding in ("gzip", "identity") * 5
        ]
        calls = [Call(request, None, None, NOBODY, False) for request in requests]
        answers: list[Any] = await asyncio.gather(*map(show, calls))
        assert len(asked) == 1
        assert len({answer.body for answer in answers}) == 2
        await asyncio.sleep(0.01)
        await show(calls[0])  # and who asks later gets what is then
        assert len(asked) == 2

    asyncio.run(run())
