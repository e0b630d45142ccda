"""What the whole country's communes cost: size and time of the API's largest answers.

One worker's server with all units in this process, without Kafka: what is measured is the server.
Beside each answer stands the longest time for which the event loop gave way to nothing else: the
fold, the heartbeats and the lease wait for so long.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import time
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast

import orjson
from aiohttp import ClientSession

from schemas.instants import micros
from streams.app import GARBAGE_THRESHOLDS
from streams.http import WebServer
from streams.metrics import WorkerMetrics
from streams.monitor import PartitionMonitor
from streams.ownership import OwnedPartition, Ownership
from streams.presence import Whereabouts
from streams.record import FiledRecord
from streams.routing import partition_of
from streams.settings import Unit, WebContent, WorkerSettings
from streams.status_board import Boards
from streams.writer import PartitionWriter
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules

NOW = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
PAUSE_S = 0.001  # between two looks at how long the event loop took


class Answer(NamedTuple):
    """What one request cost."""

    status: int
    size: int  # bytes
    packed: int  # bytes, with gzip
    seconds: float
    cpu: float  # seconds of this process: what it would take on an idle machine
    held: float  # seconds: the longest in which nothing else had its turn


def run(options: Namespace) -> bool:
    """Measure; the target is that every answer comes, and that none holds up the worker."""
    print(f"{options.units} units of {options.dossiers} dossiers each, on one worker")
    answers = asyncio.run(_measured(options.units, options.dossiers))
    print(f"{'request':34} {'kB':>8} {'gzip kB':>8} {'ms':>8} {'CPU ms':>8} {'loop held ms':>13}")
    for name, one in answers.items():
        sizes = f"{one.size / 1000:8.0f} {one.packed / 1000:8.0f}"
        times = f"{one.seconds * 1000:8.0f} {one.cpu * 1000:8.0f} {one.held * 1000:13.0f}"
        print(f"{name:34} {sizes} {times}")
    return all(one.status == 200 for one in answers.values())


async def _measured(units: int, dossiers: int) -> dict[str, Answer]:
    gc.set_threshold(*GARBAGE_THRESHOLDS)  # as a worker does
    server, where = _server(units, dossiers)
    await server.on_start()
    try:
        async with ClientSession(auto_decompress=False) as web:
            answers: dict[str, Answer] = {}
            for name, path in {
                "/api/directory": "/api/directory",
                "/api/units, a page of 1000": "/api/units",
                "/api/ranking, first": "/api/ranking",
                "/api/ranking, again": "/api/ranking",
                "/api/ranking, of the past": "/api/ranking?as_of=2026-06-15T00:00:00Z",
                "/api/ranking, of the past, again": "/api/ranking?as_of=2026-06-15T00:00:00Z",
                "/api/units/{id}/profile": "/api/units/U00001/profile",
                "/api/units/{id}/explain": "/api/units/U00001/explain",
                "/api/monitor": "/api/monitor",
                "/metrics": "/metrics",
            }.items():
                answers[name] = await _asked(web, where.url + path)
                await asyncio.sleep(1.5)  # longer than one answer is given to many
            return answers
    finally:
        await server.on_stop()


async def _asked(web: ClientSession, url: str) -> Answer:
    held = 0.0

    async def watch() -> None:
        nonlocal held
        while True:
            before = time.perf_counter()
            await asyncio.sleep(PAUSE_S)
            held = max(held, time.perf_counter() - before - PAUSE_S)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    began, cpu = time.perf_counter(), time.process_time()
    async with web.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = await answer.read()
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        watching.cancel()
        body = gzip.decompress(packed) if "Content-Encoding" in answer.headers else packed
        return Answer(answer.status, len(body), len(packed), seconds, cpu, held)


def _server(units: int, dossiers: int) -> tuple[WebServer, Whereabouts]:
    settings = WorkerSettings(clock="records", http_port=0)
    rules = monitor_rules(Settings())
    boards, ownership = Boards(settings), Ownership(assigned_once=True)
    boards.read_to_end = True
    directory = [Unit("P", "Cả nước")]
    records: dict[int, list[FiledRecord]] = {n: [] for n in range(settings.partitions)}
    for number in range(units):
        unit_id = f"U{number:05}"
        directory.append(Unit(unit_id, f"Xã số {number}", f"Xa so {number}", "commune", "P"))
        home = partition_of(unit_id, settings.partitions)
        for arrival, value in _events(unit_id, dossiers, number):
            records[home].append(FiledRecord(home, 0, arrival, unit_id.encode(), value))
    for home, of_one in records.items():
        of_one.sort(key=lambda record: record.timestamp)
        placed = [record._replace(offset=n) for n, record in enumerate(of_one)]
        monitor = PartitionMonitor(home, settings.partitions, rules)
        for status in monitor.fold(placed).statuses:
            boards.units.take_status(status.unit_id, status.to_json(), status.clock)
        writer = cast(PartitionWriter, None)  # nothing is written
        partition = OwnedPartition(home, 0, monitor, writer, 0, 0, 0, stable=0)
        partition.caught_up_once = partition.clock_runs = True
        ownership.partitions[home] = partition
    where = Whereabouts(settings)
    server = WebServer(
        settings=settings,
        rules=rules,
        content=WebContent(units=tuple(directory)),
        ownership=ownership,
        boards=boards,
        metrics=WorkerMetrics(),
        whereabouts=where,
    )
    return server, where


def _events(unit_id: str, dossiers: int, seed: int) -> Iterator[tuple[int, bytes]]:
    """Arrival and value: two thirds have ended in the last 60 days, one in 5 to 30 of them late."""
    for number in range(dossiers):
        dossier = f"{unit_id}-{number}"
        received = NOW - timedelta(days=60) * (number + 1) / (dossiers + 1) - timedelta(days=3)
        due = received + timedelta(days=5)
        yield _event(unit_id, dossier, 1, "received", received, due_at=due.isoformat())
        if number % 3:
            late = (number + seed) % (5 + seed % 26) == 0
            ended = min(received + timedelta(days=6 if late else 2), NOW)
            yield _event(unit_id, dossier, 2, "completed", ended, channel="online")


def _event(
    unit_id: str, dossier: str, number: int, kind: str, at: datetime, **more: str
) -> tuple[int, bytes]:
    fields = {
        "event_id": f"{dossier}/{number}",
        "type": kind,
        "occurred_at": at.isoformat(),
        "dossier_id": dossier,
        "unit_id": unit_id,
    }
    return micros(at) // 1_000, orjson.dumps({**fields, **more})
