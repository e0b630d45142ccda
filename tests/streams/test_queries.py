"""Questions beside the fold: of one moment, one after another, and not too many."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams import queries as queries_module
from streams.figures_asked import Asked
from streams.kept_answers import Kept, KeptAnswers
from streams.queries import NotOwnedError, Queries, Thread, TooManyError, UnknownError
from streams.record import FiledRecord
from streams.routing import partition_of
from streams.web.shared import Shared
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


def test_an_answer_is_of_the_moment_it_was_asked() -> None:
    """Records that are folded while it waits for its turn are not in it."""
    site, thread = Site().fill(), Thread()
    monitor: Any = site.ownership.partitions[partition_of(UNIT, PARTITIONS)].monitor
    open_now = threading.Event()

    async def run() -> None:
        queries = queries_of(site, thread)
        before = await queries.explanation(UNIT, NOW_ASKED)
        busy = asyncio.ensure_future(thread.run(open_now.wait))
        asked = asyncio.ensure_future(queries.profile(UNIT, NOW_ASKED))
        await asyncio.sleep(0)  # asked, and waiting for its turn
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
        open_now.set()
        profile = await asked
        await busy
        assert profile.denominator == before.denominator
        after = await queries.explanation(UNIT, NOW_ASKED)
        assert after.denominator == before.denominator + 1
        assert (await queries.profile(UNIT, NOW_ASKED)).denominator == after.denominator

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
