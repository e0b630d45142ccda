"""A worker's HTTP server without Kafka: partitions with a made-up province, boards beside them."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

import orjson
from aiohttp.test_utils import TestClient, TestServer
from aiokafka.errors import KafkaConnectionError

from schemas.action import Action
from schemas.instants import Millis, read_instant
from streams.http import WebServer
from streams.metrics import WorkerMetrics
from streams.monitor import PartitionMonitor
from streams.ownership import OwnedPartition, Ownership
from streams.presence import Whereabouts
from streams.record import FiledRecord
from streams.routing import partition_of
from streams.rules import MonitorRules
from streams.settings import AccessRules, Person, ProvinceMap, Unit, WebContent, WorkerSettings
from streams.status_board import Boards
from streams.web.hub import Hub
from streams.writer import PartitionWriter
from vungxanh.demo import DemoProvince, units_file
from vungxanh.demo.profiles import PROFILES
from vungxanh.map_file import read_map
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules
from vungxanh.units import read_units

BORN = datetime(2026, 6, 30, 3, 0, tzinfo=UTC)
PARTITIONS = 4
FILLED = ("H47.504", "H47.505", "H47.510", "H47.511", "H47.516")  # one is red, some are green
UNIT = "H47.505"
ACTOR, READER = "token of an actor", "token of a reader"
UNITS = tuple(read_units(units_file()))
MAP = read_map(units_file().with_name("districts.geojson"), "unit_id")


def person(name: str, token: str, may: Any) -> Person:
    return Person(name, hashlib.sha256(token.encode()).digest(), may)


PEOPLE = (person("Lê An", ACTOR, "act"), person("Trần Bình", READER, "read"))


@lru_cache(maxsize=1)
def made_up_rules() -> MonitorRules:
    return monitor_rules(Settings())


@lru_cache(maxsize=1)
def made_up_records() -> dict[int, tuple[FiledRecord, ...]]:
    """Some weeks of five small units, by partition."""
    small = tuple(one for one in PROFILES if one.unit_id in FILLED)
    province = DemoProvince(18, BORN, days=20, profiles=small)
    found: dict[int, list[FiledRecord]] = defaultdict(list)
    for event in province.history():
        number = partition_of(str(event["unit_id"]), PARTITIONS)
        arrival = read_instant(str(event["occurred_at"])) // 1_000 + 1
        records = found[number]
        key = str(event["unit_id"]).encode()
        records.append(FiledRecord(number, len(records), arrival, key, orjson.dumps(event)))
    return {number: tuple(records) for number, records in found.items()}


class Written:
    """What was done over HTTP, in place of Kafka."""

    def __init__(self) -> None:
        self.actions: list[tuple[str, Action]] = []
        self.broken = False

    async def write(self, key: str, action: Action) -> None:
        if self.broken:
            raise KafkaConnectionError("no broker")
        self.actions.append((key, action))

    async def stop(self) -> None:
        pass


def owned(monitor: PartitionMonitor) -> OwnedPartition:
    """A partition that has caught up, with nothing to write by."""
    writer = cast(PartitionWriter, None)
    partition = OwnedPartition(monitor.partition, 0, monitor, writer, 0, 0, 0, stable=0)
    partition.caught_up_once = partition.clock_runs = True
    return partition


@dataclass
class Site:
    """One worker; what it owns and what its boards hold may be changed."""

    settings: WorkerSettings = field(
        default_factory=lambda: WorkerSettings(partitions=PARTITIONS, clock="records")
    )
    access: AccessRules = field(default_factory=lambda: AccessRules(people=PEOPLE))
    rules: MonitorRules = field(default_factory=made_up_rules)
    units: tuple[Unit, ...] = UNITS
    map: ProvinceMap | None = MAP
    written: Written = field(default_factory=Written)

    def __post_init__(self) -> None:
        self.hub = Hub()
        self.ownership = Ownership(assigned_once=True)
        self.boards = Boards(self.settings, self.hub)
        self.boards.read_to_end = True
        self.where = Whereabouts(self.settings)
        self.server = WebServer(
            settings=self.settings,
            rules=self.rules,
            content=WebContent(units=self.units, map=self.map, access=self.access),
            ownership=self.ownership,
            boards=self.boards,
            metrics=WorkerMetrics(),
            hub=self.hub,
            whereabouts=self.where,
            actions=self.written,
        )

    def own(self, number: int, records: Iterable[FiledRecord] = ()) -> PartitionMonitor:
        """Own a partition, with these records folded."""
        monitor = PartitionMonitor(number, self.settings.partitions, self.rules)
        self.ownership.partitions[number] = owned(monitor)
        self.fold(monitor, records)
        return monitor

    def fold(self, monitor: PartitionMonitor, records: Iterable[FiledRecord]) -> None:
        """Fold, and put onto the boards what a reader of the topics would."""
        effects = monitor.fold(records)
        for status in effects.statuses:
            self.boards.units.take_status(status.unit_id, status.to_json(), status.clock)
            if self.boards.read_to_end:
                self.take_news(status.unit_id, status.to_json())
        for number, step in enumerate(effects.steps):
            place = (step.at, monitor.partition, number)
            self.boards.step_board.take(place, step.unit_id, step.to_json())

    def take_news(self, unit_id: str, value: bytes) -> None:
        """As the boards tell it, where a loop runs."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        self.hub.status(unit_id, value)

    def fill(self) -> Site:
        """Own everything, with the made-up province in it."""
        for number in range(self.settings.partitions):
            self.own(number, made_up_records().get(number, ()))
        return self

    @property
    def now(self) -> Millis:
        """The latest clock."""
        clocks = (one.monitor.clock or 0 for one in self.ownership.partitions.values())
        return max(clocks)

    def serve(self, scenario: Callable[[Any], Awaitable[None]]) -> None:
        """Run a scenario with a client of the server."""

        async def run() -> None:
            async with TestClient(TestServer(self.server.application())) as client:
                await scenario(client)
            await self.server.on_stop()

        asyncio.run(run())


def event(unit_id: str, dossier_id: str, number: int, kind: str, at: str, **more: str) -> bytes:
    """An event as a producer would send it."""
    fields = {
        "event_id": f"{dossier_id}/{number}",
        "type": kind,
        "occurred_at": at,
        "dossier_id": dossier_id,
        "unit_id": unit_id,
    }
    return orjson.dumps({**fields, **more})
