"""What the feed makes of what aiokafka gives it, without Kafka: every record in one chunk, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from streams.event_log import Callbacks, Chunk, EventLog, Reading
from streams.exits import Exit, WorkerError
from streams.lease import Lease
from streams.ownership import OwnedPartition, Ownership
from streams.pace import Pace
from streams.record import FiledRecord
from streams.settings import WorkerSettings


def source(number: int) -> TopicPartition:
    return TopicPartition("dossier-events", number)


def record(number: int, offset: int) -> FiledRecord:
    return FiledRecord(number, offset, 0, b"U1", b"{}")


class Readings:
    """In the place of the consumer: gives what it is told to, in turn."""

    def __init__(self) -> None:
        self.script: list[dict[TopicPartition, list[FiledRecord]] | Exception] = []
        self.positions = {source(0): 0, source(1): 0}
        self.meanwhile: Callable[[], None] = lambda: None

    async def getmany(self, *sources: TopicPartition, **_: Any) -> Any:
        answer = self.script.pop(0) if self.script else {}
        self.meanwhile()
        if isinstance(answer, Exception):
            raise answer
        for tp, records in answer.items():
            self.positions[tp] = records[-1].offset + 1
        return answer

    async def position(self, tp: TopicPartition) -> int:
        return self.positions[tp]

    def last_stable_offset(self, tp: TopicPartition) -> int:
        return 10

    def last_poll_timestamp(self, tp: TopicPartition) -> int:
        return 1_000


class Channel:
    """In the place of Faust's channel, with somebody listening."""

    subscriber_count = 1

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []

    async def put(self, reading: Reading) -> None:
        self.chunks += reading.chunks
        reading.done.set()


class Writer:
    """In the place of a partition's writer."""

    stopped = False

    async def stop(self) -> None:
        self.stopped = True


class Scene:
    """An event log that owns partitions 0 and 1 and stands at their beginning."""

    def __init__(self) -> None:
        self.ownership, self.channel, self.readings = Ownership(), Channel(), Readings()
        settings = WorkerSettings(partitions=2)
        self.log = EventLog(
            app=None,
            settings=settings,
            ownership=self.ownership,
            recovery=cast("Any", None),
            channel=self.channel,
            lease=Lease(settings.session_timeout_ms),
            pace=Pace(10_000, 5_000),
        )
        self.log._consumer = self.readings
        for number in (0, 1):
            self.ownership.partitions[number] = OwnedPartition(
                number, 0, cast("Any", None), cast("Any", Writer()), 0, 0, 0
            )

    def ranges(self) -> list[tuple[int, int, int, list[int]]]:
        return [
            (c.partition.number, c.start, c.end, [r.offset for r in c.records])
            for c in self.channel.chunks
        ]


def run(scenario: Callable[[Scene], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario(Scene())

    asyncio.run(main())


def test_a_chunk_is_the_range_between_two_positions() -> None:
    async def scenario(scene: Scene) -> None:
        scene.readings.script = [{source(0): [record(0, 0), record(0, 3)]}, {}]
        await scene.log._read()
        scene.readings.positions[source(1)] = 4  # markers and aborted records, nothing else
        scene.readings.script = [{source(0): [record(0, 4)]}, {}]
        await scene.log._read()
        await scene.log._read()  # nothing moved
        assert scene.ranges() == [(0, 0, 4, [0, 3]), (0, 4, 5, [4]), (1, 0, 4, [])]

    run(scenario)


def test_what_has_come_meanwhile_comes_along() -> None:
    async def scenario(scene: Scene) -> None:
        scene.readings.script = [
            {source(0): [record(0, 0)]},
            {source(0): [record(0, 1)], source(1): [record(1, 0)]},
        ]
        await scene.log._read()
        assert scene.ranges() == [(0, 0, 2, [0, 1]), (1, 0, 1, [0])]

    run(scenario)


def test_where_much_is_read_the_other_partitions_have_their_share() -> None:
    async def scenario(scene: Scene) -> None:
        scene.log._pace = Pace(10_000, most=1)
        scene.readings.script = [{source(0): [record(0, 0)]}, {source(1): [record(1, 0)]}]
        await scene.log._read()
        assert scene.ranges() == [(0, 0, 1, [0]), (1, 0, 1, [0])]

    run(scenario)


@pytest.mark.parametrize("reading", [0, 1])
def test_an_offset_missed_before_the_seek_loses_nothing(reading: int) -> None:
    async def scenario(scene: Scene) -> None:
        scene.readings.script = [{source(0): [record(0, 0), record(0, 1)]}, {}]
        scene.readings.script.insert(reading, NoOffsetForPartitionError())
        await scene.log._read()
        await scene.log._read()
        assert scene.ranges() == [(0, 0, 2, [0, 1])]

    run(scenario)


def test_what_was_read_across_a_rebalance_is_dropped() -> None:
    async def scenario(scene: Scene) -> None:
        def revoked() -> None:
            scene.ownership.epoch += 1

        scene.readings.meanwhile = revoked
        scene.readings.script = [{source(0): [record(0, 0)]}]
        await scene.log._read()
        assert scene.ranges() == []

    run(scenario)


def test_history_cut_under_the_reader_is_no_skip() -> None:
    async def scenario(scene: Scene) -> None:
        scene.readings.script = [OffsetOutOfRangeError({source(0): 0})]
        with pytest.raises(WorkerError, match="retention cut dossier-events") as error:
            await scene.log._read()
        assert error.value.code is Exit.TORN

    run(scenario)


def test_revoking_waits_for_the_chunk_in_flight_and_stops_the_writers() -> None:
    async def scenario(scene: Scene) -> None:
        ownership = scene.ownership
        given_up = list(ownership.partitions.values())
        callbacks = Callbacks(ownership)
        async with ownership.lock:
            revoking = asyncio.create_task(callbacks.on_partitions_revoked([]))
            await asyncio.sleep(0.01)
            assert not revoking.done()
            assert not any(ownership.holds(partition) for partition in given_up)
        await revoking
        assert ownership.partitions == {}
        assert all(cast("Any", partition.writer).stopped for partition in given_up)
        await callbacks.on_partitions_assigned([source(1)])
        assert ownership.wanted == frozenset({1})

    run(scenario)
