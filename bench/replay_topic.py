"""Events a second and memory of `vungxanh replay` from a topic: one core, two; one T, a year of T.

The memory told is the sum of the peaks of all processes of the replay, so never too little.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.feed import make_feed
from bench.kafka_runs import settings_for, variables_of
from bench.machine import CORES, ROOT, calibrate, cores, keep_to
from bench.spread import spread
from vungxanh.local_kafka import LocalKafka, free_port

TARGET = 100_000  # events a second on one core
GROWTH = 1.1  # a year of instants may take so many times the memory of one
_LOOK_EVERY = 0.1  # seconds
_ONE = ("--as-of", "2026-01-01T00:00:00+07:00")
_DAILY = ("--every", "day", "--from", "2025-01-02", "--to", "2026-01-01")
INSTANTS = {"1 instant": _ONE, "365 instants": _DAILY}


class Run(NamedTuple):
    """One whole process, with those it started."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, of all its processes
    memory: float  # MB
    output: bytes


def run(options: Namespace) -> bool:
    """Measure; whether the targets were met."""
    core, rest = cores()
    with tempfile.TemporaryDirectory(prefix="vungxanh-bench-") as name:
        folder = Path(name)
        keep_to(rest)
        with LocalKafka(folder / "kafka", free_port()) as kafka:
            settings = settings_for(kafka.bootstrap_servers, "bench-", "records")
            print(f"topic: making and publishing {options.events:,} events", flush=True)
            os.sched_setaffinity(0, CORES)
            _publish(kafka.bootstrap_servers, options)
            return _measure(options, variables_of(settings), core, folder)


def _publish(bootstrap: str, options: Namespace) -> None:
    command = [sys.executable, "-m", "bench.replay_feed", bootstrap, "bench-"]
    command += [str(options.events), str(options.seed)]
    subprocess.run(command, check=True, cwd=ROOT)


def _measure(options: Namespace, env: dict[str, str], core: int, folder: Path) -> bool:
    sample = [sent.line for sent in make_feed(20_000, options.seed)]
    found: dict[tuple[int, str], list[Run]] = {}
    print("topic: `vungxanh replay --output FILE`, both definitions, from start to exit")
    for number in range(1, options.runs + 1):
        for instants, asked in INSTANTS.items():
            for jobs in dict.fromkeys((1, min(2, len(CORES)))):
                kept = {core} if jobs == 1 else set(CORES)
                idle = calibrate(sample)
                one = _replay(kept, [*asked, "--jobs", str(jobs)], env, folder)
                found.setdefault((jobs, instants), []).append(one)
                print(
                    f"  run {number}: {jobs} core(s), {instants}: "
                    f"{options.events / one.wall:,.0f} events/s ({one.wall:.1f} s; "
                    f"{options.events / one.cpu:,.0f} a second of processor time), "
                    f"{one.memory:,.0f} MB; orjson.loads of a line took {idle:.2f} µs before it",
                    flush=True,
                )
    for instants in INSTANTS:
        outputs = {one.output for (_, of), runs in found.items() if of == instants for one in runs}
        if len(outputs) > 1:
            raise SystemExit("wrong: the same question was not always answered the same")
    for (jobs, instants), runs in found.items():
        rates = [options.events / one.wall for one in runs]
        print(f"topic: {jobs} core(s), {instants}: {spread(rates, 'events/s')}")
        busy = [options.events / one.cpu for one in runs]
        print(f"topic: {jobs} core(s), {instants}: {spread(busy, 'events/s of processor time')}")
    return _met(found, options.events)


def _met(found: dict[tuple[int, str], list[Run]], events: int) -> bool:
    single, year = (found[1, instants] for instants in INSTANTS)
    growth = median(one.memory for one in year) / median(one.memory for one in single)
    print(f"topic: on one core 365 instants take {growth:.2f} times the memory of one")
    return events / median(one.wall for one in single) >= TARGET and growth <= GROWTH


def _replay(kept: set[int], asked: Sequence[str], env: dict[str, str], folder: Path) -> Run:
    output = folder / "replay.csv"
    command = [sys.executable, "-m", "vungxanh", "replay", *asked, "--format", "csv"]
    command += ["--definition", "resolved@1", "--definition", "strict@1", "--output", str(output)]
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        preexec_fn=lambda: os.sched_setaffinity(0, kept),  # noqa: PLW1509 - no threads run here
    )
    peaks: dict[int, int] = {}
    while process.poll() is None:
        for pid in (process.pid, *_children(process.pid)):
            peaks[pid] = max(peaks.get(pid, 0), _peak(pid))
        time.sleep(_LOOK_EVERY)
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user - before.children_user
    cpu += after.children_system - before.children_system
    if process.returncode != 0:
        raise SystemExit("replay failed")
    return Run(wall, cpu, sum(peaks.values()) / 1e3, output.read_bytes())


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _peak(pid: int) -> int:
    """The most memory that a process has held so far, in kB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
