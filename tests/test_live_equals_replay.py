"""Live equals replay equals truth: the receipt log through a real broker and real workers.

The commands are run as a user runs them. What the workers show in /metrics and write to
`unit-alerts` has to be what `vungxanh replay` computes from the file.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.routing import partition_of
from tests.commands import (
    PARTITIONS,
    RECEIPT,
    RECEIPT_EVENTS,
    WINDOWS,
    Command,
    Scrape,
    partitions,
    scrape,
    wait_until_read,
    wait_until_ready,
)
from vungxanh.local_kafka import LocalKafka

Figures = dict[tuple[str, str, str], tuple[int, int, float]]  # unit, definition, window


@pytest.mark.parametrize("workers", [1, 2])
def test_the_receipt_log_live_is_the_receipt_log_replayed(
    workers: int, kafka: LocalKafka, topic_prefix: str, tmp_path: Path
) -> None:
    command = Command(kafka, topic_prefix, tmp_path)
    command.run("topics")
    with ExitStack() as stack:
        ports = [stack.enter_context(command.worker()) for _ in range(workers)]
        wait_until_ready(ports)
        file = str(RECEIPT / "events.jsonl.gz")
        command.run("publish", file, "--arrival", "occurred")
        wait_until_read(ports, events=RECEIPT_EVENTS)
        owned = [partitions(port) for port in ports]
        assert sum(map(len, owned)) == PARTITIONS
        assert set().union(*owned) == set(range(PARTITIONS))
        live: Scrape = {}
        for port in ports:
            live |= scrape(port)

    replayed_steps = command.run("replay", "--alerts", "--input", file, "--format", "json")
    assert len(replayed_steps.splitlines()) > 50
    assert command.run("alerts", "list", "--format", "json") == replayed_steps
    assert command.run("replay", "--alerts", "--format", "json") == replayed_steps
    assert figures_of(live) == replayed_figures(command, live, file)
    assert incidents_of(live) == open_incidents(replayed_steps)


def figures_of(live: Scrape) -> Figures:
    """Numerator, denominator and ratio as in /metrics."""
    counts = {
        (s.label("unit"), s.label("definition"), s.label("window"), s.label("count")): int(value)
        for s, value in live.items()
        if s.name == "dossier_window_dossiers"
    }
    ratios = {
        (s.label("unit"), s.label("definition"), s.label("window")): round(value, 6)
        for s, value in live.items()
        if s.name == "dossier_on_time_ratio"
    }
    found: Figures = {}
    for key in {key[:3] for key in counts}:
        numerator, denominator = counts[*key, "numerator"], counts[*key, "denominator"]
        if denominator:
            found[key] = (numerator, denominator, ratios.pop(key))
    assert not ratios, "a ratio where the denominator is 0"
    return found


def replayed_figures(command: Command, live: Scrape, file: str) -> Figures:
    """The same from the file, each partition at its own clock; asked for in one go."""
    clocks = {
        int(s.label("partition")): value
        for s, value in live.items()
        if s.name == "dossier_partition_clock_seconds"
    }
    assert len(clocks) == PARTITIONS
    instants = {
        partition: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(at * 1000) + 1)
        for partition, at in clocks.items()
    }
    (command.folder / "clocks.txt").write_text(
        "\n".join({one.isoformat() for one in instants.values()})
    )
    words = ["replay", "--input", file, "--as-of-file", "clocks.txt", "--format", "csv"]
    for window in WINDOWS:
        words += ["--window", window]
    for definition in ("resolved@1", "strict@1"):
        words += ["--definition", definition]
    found: Figures = {}
    for row in csv.DictReader(io.StringIO(command.run(*words))):
        at = instants[partition_of(row["unit_id"], PARTITIONS)]
        if datetime.fromisoformat(row["as_of"]) == at and row["ratio"]:
            key = (row["unit_id"], row["definition"], row["window"])
            found[key] = (int(row["numerator"]), int(row["denominator"]), float(row["ratio"]))
    return found


def incidents_of(live: Scrape) -> set[str]:
    return {
        s.label("unit") for s, value in live.items() if s.name == "dossier_unit_incident" and value
    }


def open_incidents(steps: str) -> set[str]:
    found: set[str] = set()
    for line in steps.splitlines():
        step = json.loads(line)
        if step["kind"] == "opened":
            found.add(step["unit_id"])
        elif step["kind"] == "closed":
            found.remove(step["unit_id"])
    return found


def test_the_truth_table_through_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VUNGXANH_TIMEZONE", "Europe/Amsterdam")
    with (RECEIPT / "truth.csv").open(newline="") as file:
        truth = list(csv.DictReader(file))
    assert len(truth) == 1_044
    instants = tmp_path / "instants.txt"
    instants.write_text("\n".join(dict.fromkeys(row["as_of"] for row in truth)))
    words = ["replay", "--input", str(RECEIPT / "events.jsonl.gz"), "--format", "csv"]
    words += ["--as-of-file", str(instants)]
    for window in WINDOWS:
        words += ["--window", window]
    for definition in ("resolved@1", "strict@1"):
        words += ["--definition", definition]
    done = subprocess.run(
        [sys.executable, "-m", "vungxanh", *words], capture_output=True, text=True, check=True
    )
    rows = {
        (row["as_of"], row["window"], row["unit_id"], row["definition"]): row
        for row in csv.DictReader(io.StringIO(done.stdout))
    }
    assert len(rows) == 2 * len(truth)
    for row in truth:
        for definition, ratio in (("resolved@1", "ratio_resolved"), ("strict@1", "ratio_strict")):
            found = rows[row["as_of"], row["window"], row["unit"], definition]
            for column in ("on_time", "late", "open_overdue"):
                assert found[column] == row[column]
            expected = f"{float(row[ratio]):.6f}" if row[ratio] else ""
            assert found["ratio"] == expected
