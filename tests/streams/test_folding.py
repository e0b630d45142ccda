"""Folding, committing and ticking without Kafka: what is written when, and what is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import pytest

from schemas.instants import Millis
from streams import folding as folding_module
from streams.event_log import Chunk
from streams.exits import Exit, WorkerError
from streams.folding import Folding
from streams.lease import Lease
from streams.metrics import WorkerMetrics
from streams.monitor import PartitionMonitor
from streams.outputs import Output
from streams.ownership import OwnedPartition, Ownership
from streams.pace import Pace
from streams.record import FiledRecord
from streams.settings import WorkerSettings
from streams.topics import Topics
from streams.writer import Forwarder, PartitionWriter
from tests.streams.worker_process import rules

ARRIVAL = 1_741_000_020_000  # ms: 3 March 2025, a whole minute
MINUTE, DAY = 60_000, 86_400_000
TOPICS = Topics.of("")


class Transactions:
    """In the place of a partition's writer: keeps what was committed."""

    changelog_end: int | None = None

    def __init__(self) -> None:
        self.committed: list[tuple[dict[str, list[Output]], int]] = []

    async def commit(self, written: Mapping[str, Sequence[Output]], next_offset: int) -> None:
        await asyncio.sleep(0)
        self.committed.append(({topic: list(some) for topic, some in written.items()}, next_offset))


class Bench:
    """One owned partition, 0 of 1, and what folds into it."""

    def __init__(self, **settings: Any) -> None:
        self.settings = WorkerSettings(partitions=1, **settings)
        self.ownership = Ownership()
        self.metrics = WorkerMetrics()
        self.writer = Transactions()
        self.monitor = PartitionMonitor(0, 1, rules())
        self.partition = OwnedPartition(
            0, 0, self.monitor, cast("PartitionWriter", self.writer), 0, 0, 0
        )
        self.ownership.partitions[0] = self.partition
        self.folding = Folding(
            self.settings,
            self.ownership,
            Forwarder(self.settings),
            Lease(self.settings.session_timeout_ms),
            Pace(10_000, 5_000),
            self.metrics,
            {TOPICS.events: 1_000_000},
        )

    def chunk(self, start: int, end: int, *records: FiledRecord) -> Chunk:
        return Chunk(self.partition, start, end, records)

    def caught_up_at(self, polled_at: Millis) -> None:
        self.partition.stable, self.partition.polled_at = self.partition.next, polled_at


def record(offset: int, **fields: str) -> FiledRecord:
    event = {
        "event_id": f"e{offset}",
        "type": "received",
        "occurred_at": "2025-03-01T08:00:00+07:00",
        "dossier_id": "D1",
        "unit_id": "U1",
        **fields,
    }
    return FiledRecord(0, offset, ARRIVAL, b"U1", json.dumps(event).encode())


def run(scenario: Callable[[Bench], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        await scenario(Bench(**settings))

    asyncio.run(main())


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Callable[[Millis], None]:
    """Sets the wall clock that the ticks see."""

    def set_to(now: Millis) -> None:
        monkeypatch.setattr(folding_module, "wall", lambda: now)

    return set_to


def test_a_chunk_is_one_transaction_with_its_end() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.folding.fold([bench.chunk(0, 5, record(0), record(3, dossier_id="D2"))])
        ((written, next_offset),) = bench.writer.committed
        assert next_offset == 5  # markers and aborted records count as read
        assert set(written) == {TOPICS.status, TOPICS.changelog, TOPICS.book}
        assert [output.timestamp for output in written[TOPICS.status]] == [ARRIVAL]
        assert bench.partition.next == 5

    run(scenario)


def test_what_holds_no_records_commits_offsets_only() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.folding.fold([bench.chunk(0, 4)])
        assert bench.writer.committed == [({}, 4)]
        assert bench.partition.next == 4

    run(scenario)


def test_a_chunk_of_an_earlier_ownership_is_dropped() -> None:
    async def scenario(bench: Bench) -> None:
        chunk = bench.chunk(0, 1, record(0))
        bench.ownership.epoch += 1  # revoked, the lock not yet taken
        await bench.folding.fold([chunk])
        bench.ownership.epoch -= 1
        bench.ownership.partitions[0] = Bench().partition  # the same number, another object
        await bench.folding.fold([chunk])
        assert bench.writer.committed == []
        assert bench.monitor.offset == -1

    run(scenario)


def test_a_chunk_that_does_not_begin_where_the_state_ends_is_refused() -> None:
    async def scenario(bench: Bench) -> None:
        with pytest.raises(WorkerError, match="a chunk from 3, not 0") as error:
            await bench.folding.fold([bench.chunk(3, 4, record(3))])
        assert error.value.code is Exit.DEFECT
        assert bench.writer.committed == []

    run(scenario)


def test_the_clock_runs_behind_the_wall_and_what_falls_due_is_written(
    wall: Callable[[Millis], None],
) -> None:
    async def scenario(bench: Bench) -> None:
        due = "2025-03-03T18:08:00+07:00"  # 67 s after the arrival
        await bench.folding.fold([bench.chunk(0, 1, record(0, due_at=due))])
        bench.writer.committed.clear()

        for lag, polled_at, now, expected in (
            (1, ARRIVAL + 30_000, ARRIVAL + 30_000, ARRIVAL),  # behind: the records' clock
            (0, ARRIVAL + 30_000, ARRIVAL + 40_000, ARRIVAL + 29_500),  # as Kafka last said
            (0, ARRIVAL + 40_000, ARRIVAL + 35_000, ARRIVAL + 34_500),  # the wall was set back
            (0, ARRIVAL + 20_000, ARRIVAL + 20_000, ARRIVAL + 34_500),  # never back
        ):
            wall(now)
            bench.partition.stable, bench.partition.polled_at = 1 + lag, polled_at
            await bench.folding.tick()
            assert bench.monitor.clock == expected
        assert bench.writer.committed == []  # nothing fell due: nothing is written

        wall(ARRIVAL + 4 * MINUTE)
        bench.caught_up_at(ARRIVAL + 4 * MINUTE)
        await bench.folding.tick()
        ((written, next_offset),) = bench.writer.committed
        assert next_offset == 1
        (status,) = [json.loads(output.value or b"") for output in written[TOPICS.status]]
        assert status["open"]["overdue"] == 1
        assert status["clock"] < "2025-03-03T11:11:00"
        assert TOPICS.changelog in written

    run(scenario)


def test_a_minute_left_behind_by_a_late_record_does_not_stop_the_clock(
    wall: Callable[[Millis], None],
) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.folding.fold([bench.chunk(0, 1, record(0))])
        now = ARRIVAL + 400 * DAY
        wall(now)
        bench.caught_up_at(now)
        while bench.monitor.clock != now - bench.settings.clock_grace_ms:
            await bench.folding.tick()
        late = record(1, dossier_id="D2", due_at="2025-03-05")._replace(timestamp=ARRIVAL + MINUTE)
        await bench.folding.fold([bench.chunk(1, 2, late)])  # its due minute is 13 months back
        wall(now + 30 * DAY)
        bench.caught_up_at(now + 30 * DAY)
        bench.partition.stride = MINUTE
        for _ in range(100):
            await bench.folding.tick()
        assert bench.monitor.clock == now + 30 * DAY - bench.settings.clock_grace_ms
        assert bench.monitor.reading("U1").open.overdue == 1

    run(scenario)


def test_a_partition_without_records_has_no_clock_to_run(wall: Callable[[Millis], None]) -> None:
    async def scenario(bench: Bench) -> None:
        wall(ARRIVAL)
        bench.caught_up_at(ARRIVAL)
        await bench.folding.tick()
        assert bench.monitor.clock is None
        assert bench.writer.committed == []

    run(scenario)


def test_a_long_past_is_worked_through_in_strides(wall: Callable[[Millis], None]) -> None:
    async def scenario(bench: Bench) -> None:
        later = ARRIVAL + 400 * DAY
        some = [record(n, dossier_id=f"D{n}", due_at=f"2025-03-{4 + n:02}") for n in range(20)]
        await bench.folding.fold([bench.chunk(0, 20, *some)])
        bench.writer.committed.clear()
        wall(later)
        bench.caught_up_at(later)
        await bench.folding.tick()
        assert bench.monitor.clock == later - bench.settings.clock_grace_ms
        clocks = [
            json.loads(output.value or b"")["clock"]
            for written, _ in bench.writer.committed
            for output in written.get(TOPICS.status, ())
        ]
        assert len(clocks) > 1, "not in one go"
        assert clocks == sorted(clocks)

    run(scenario)
