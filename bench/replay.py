"""Events a second of `vungxanh replay --input FILE`, a whole process on one core."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from argparse import Namespace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.history import read_history
from audit.replay import FigureReplay
from bench.feed import make_feed, write_feed
from bench.machine import calibrate, cores, keep_to, start_on
from bench.spread import spread
from indicators.windows import read_window

TARGET = 80_000  # events a second
AS_OF = "2026-01-01T00:00:00+07:00"  # the end of the feed's year


class Run(NamedTuple):
    """One whole process."""

    wall: float  # seconds
    cpu: float  # seconds, user and system


def run(options: Namespace) -> bool:
    """Measure; whether the target was met (always true where it is not asked for)."""
    core, _ = cores()
    with tempfile.TemporaryDirectory(prefix="vungxanh-bench-") as name:
        folder = Path(name)
        file, empty = folder / "feed.jsonl", folder / "empty.jsonl"
        print(f"replay: making {options.replay_events:,} events", flush=True)
        feed = make_feed(options.replay_events, options.seed)
        write_feed(feed, file)
        empty.touch()
        sample = [sent.line for sent in feed[:20_000]]
        del feed
        size = file.stat().st_size / 1e6
        print(
            f"replay: {size:.0f} MB of plain JSON Lines; `vungxanh replay --input FILE`, one core"
        )
        start_up = _replay(core, empty, folder)
        runs = []
        for number in range(options.runs):
            idle = calibrate(sample)
            runs.append(one := _replay(core, file, folder))
            print(
                f"  run {number + 1}: {options.replay_events / one.wall:,.0f} events/s "
                f"({one.wall:.2f} s wall, {one.cpu:.2f} s cpu; "
                f"orjson.loads of a line took {idle:.2f} µs before it)",
                flush=True,
            )
        rates = [options.replay_events / one.wall for one in runs]
        print(f"replay: {spread(rates, 'events/s')}")
        print(
            f"replay: without the {start_up.wall:.2f} s in which it starts: "
            + spread(
                [options.replay_events / (one.wall - start_up.wall) for one in runs], "events/s"
            )
        )
        _split(core, file, sample)
    return bool(max(rates) >= TARGET)


def _replay(core: int, file: Path, folder: Path) -> Run:
    command = ["-m", "vungxanh", "replay", "--input", str(file), "--as-of", AS_OF]
    command += ["--format", "csv", "--definition", "resolved@1", "--definition", "strict@1"]
    with (folder / "replay.csv").open("wb") as out:
        before = os.times()
        started = time.perf_counter()
        process = start_on(core, command, folder=folder, log=out)
        if process.wait() != 0:
            raise SystemExit(f"replay failed: {(folder / 'replay.csv').read_text('utf-8')[:500]}")
        wall = time.perf_counter() - started
    after = os.times()
    return Run(
        wall,
        after.children_user - before.children_user + after.children_system - before.children_system,
    )


def _split(core: int, file: Path, sample: list[bytes]) -> None:
    """The same in this process, by direct calls: what is reading and what is counting."""
    child = os.fork()
    if child == 0:
        keep_to(core)
        gc.disable()  # as the command does
        try:
            _tell_split(file, sample)
            sys.stdout.flush()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _tell_split(file: Path, sample: list[bytes]) -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    idle = calibrate(sample)
    times = [time.perf_counter()]
    history = read_history(file)
    times.append(time.perf_counter())
    at = max(line.event.occurred_at for line in history.lines) + 1
    replay = FigureReplay(zone)
    for line in history.lines:
        replay.add(line.event)
    times.append(time.perf_counter())
    windows = [read_window("30d", zone)]
    rows = list(replay.figures(at, ["resolved@1", "strict@1"], windows))
    times.append(time.perf_counter())
    read, added, counted = (b - a for a, b in pairwise(times))
    number = len(history.lines)
    print(
        f"replay: {read / number * 1e6:.2f} µs an event to read and validate, "
        f"{added / number * 1e6:.2f} to put it into its dossier, "
        f"{counted / number * 1e6:.2f} for the rules and figures ({len(rows)} rows); "
        f"orjson.loads of a line {idle:.2f} µs",
        flush=True,
    )
