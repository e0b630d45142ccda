"""`/metrics`: names and labels of the contract, computed at the scrape for what is owned now."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from prometheus_client import generate_latest

from schemas.dead_letter import Reason
from streams.effects import BookRecord, DeadLetter, Effects
from streams.metrics import UnitCollector, WorkerMetrics
from streams.monitor import PartitionMonitor
from streams.ownership import OwnedPartition, Ownership
from streams.record import FiledRecord
from streams.settings import Unit
from streams.writer import PartitionWriter
from tests.streams.worker_process import rules

ARRIVAL = 1_741_000_000_000  # ms: 3 March 2025


def record(offset: int, **fields: Any) -> FiledRecord:
    event = {
        "event_id": str(offset),
        "occurred_at": "2025-03-01T08:00:00+07:00",
        "unit_id": "U1",
        **fields,
    }
    return FiledRecord(0, offset, ARRIVAL, b"U1", json.dumps(event).encode())


def samples(metrics: WorkerMetrics) -> dict[str, float]:
    text = generate_latest(metrics.registry).decode()
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def owned(monitor: PartitionMonitor, ownership: Ownership) -> OwnedPartition:
    nobody = cast("PartitionWriter", None)
    partition = OwnedPartition(0, ownership.epoch, monitor, nobody, 3, 3, 0)
    ownership.partitions[0] = partition
    return partition


def test_figures_follow_what_is_owned() -> None:
    async def scenario() -> None:
        ownership, metrics = Ownership(), WorkerMetrics()
        directory = {"U1": Unit("U1", "Sở Y tế", "So Y te", "department", "H47")}
        metrics.registry.register(UnitCollector(ownership, directory))
        assert not any("U1" in name for name in samples(metrics))

        monitor = PartitionMonitor(0, 1, rules())
        monitor.fold(
            [
                record(0, type="received", dossier_id="D1", due_at="2025-03-02"),
                record(1, type="completed", dossier_id="D1"),
                record(2, type="received", dossier_id="D2", due_at="2025-03-02"),
            ]
        )
        partition = owned(monitor, ownership)
        partition.stable = 5
        found = samples(metrics)
        ratio = 'dossier_on_time_ratio{definition="%s",unit="U1",window="30d"}'
        assert found[ratio % "resolved@1"] == 1.0
        assert found[ratio % "strict@1"] == 0.5
        counted = 'dossier_window_dossiers{count="%s",definition="strict@1",unit="U1",window="30d"}'
        assert (found[counted % "numerator"], found[counted % "denominator"]) == (1, 2)
        resolved = 'dossier_resolved{outcome="%s",unit="U1",window="365d"}'
        parts = [found[resolved % outcome] for outcome in ("early", "on_time", "late")]
        assert parts == [1, 0, 0]
        states = ("overdue", "paused", "due_soon", "within", "no_due")
        assert [found[f'dossier_open{{state="{s}",unit="U1"}}'] for s in states] == [1, 0, 0, 0, 0]
        zones = ("green", "yellow", "red", "grey")
        shown = [found[f'dossier_unit_zone{{unit="U1",zone="{z}"}}'] for z in zones]
        assert shown == [0, 0, 0, 1]
        info = 'dossier_unit_info{kind="department",name="Sở Y tế",parent="H47",unit="U1"}'
        assert found[info] == 1
        assert found['dossier_unit_incident{unit="U1"}'] == 0
        assert found['dossier_partition_lag_records{partition="0"}'] == 2
        assert found['dossier_partition_clock_seconds{partition="0"}'] == ARRIVAL / 1000

        ownership.forget()
        assert not any("U1" in name or "partition=" in name for name in samples(metrics))

    asyncio.run(scenario())


def test_a_ratio_of_nothing_is_absent() -> None:
    async def scenario() -> None:
        ownership, metrics = Ownership(), WorkerMetrics()
        metrics.registry.register(UnitCollector(ownership, {}))
        monitor = PartitionMonitor(0, 1, rules())
        monitor.fold([record(0, type="received", dossier_id="D1")])
        owned(monitor, ownership)
        found = samples(metrics)
        assert not any(name.startswith("dossier_on_time_ratio") for name in found)
        name = 'dossier_window_dossiers{count="denominator",definition="resolved@1",unit="U1",%s}'
        assert found[name % 'window="30d"'] == 0
        assert found['dossier_unit_info{kind="",name="U1",parent="",unit="U1"}'] == 1

    asyncio.run(scenario())


def test_counters_begin_at_0_and_count_effects() -> None:
    metrics = WorkerMetrics()
    before = samples(metrics)
    for result in ("folded", "duplicate", "dead_letter", "forwarded"):
        assert before[f'dossier_events_total{{result="{result}"}}'] == 0
    letter = DeadLetter(record(0), Reason.NOT_JSON, "")
    book = [BookRecord("figures", b"U1", b"{}", 1), BookRecord("day", b"0", b"{}", 1)]
    metrics.count(Effects(5, 2, 1, dead_letters=[letter], book=book), forwarded=3)
    found = samples(metrics)
    names = ("folded", "duplicate", "dead_letter", "forwarded")
    counts = [found[f'dossier_events_total{{result="{result}"}}'] for result in names]
    assert counts == [5, 2, 1, 3]
    assert found["dossier_unknown_fields_total"] == 1
    assert found["dossier_book_pages_total"] == before["dossier_book_pages_total"] + 1 == 1
    assert found['dossier_dead_letters_total{reason="not_json"}'] == 1


def test_latency_is_from_arrival_in_seconds() -> None:
    metrics = WorkerMetrics()
    metrics.observe_latency([record(0)], now=ARRIVAL + 300)
    found = samples(metrics)
    assert found["dossier_fold_latency_seconds_sum"] == 0.3
    assert found['dossier_fold_latency_seconds_bucket{le="0.25"}'] == 0
    assert found['dossier_fold_latency_seconds_bucket{le="0.5"}'] == 1
