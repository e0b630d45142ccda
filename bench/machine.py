"""What a figure was measured on, and how processes are kept to one core."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO

import orjson

PACKAGES = ("faust-streaming", "aiokafka", "kafka-python", "pydantic", "orjson")
CORES = sorted(os.sched_getaffinity(0))  # before anything is kept to one of them
ROOT = Path(__file__).resolve().parent.parent


def describe() -> str:
    """Cores, Python, versions, load: printed with every run."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"machine: {_processor()}, {len(CORES)} cores, "
        f"{platform.system()} {platform.release()}; load {load}\n"
        f"Python {platform.python_version()}; {packages}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def cores() -> tuple[int, int]:
    """One core for what is measured, one for the broker and the rest (the same if there is one)."""
    return CORES[-1], CORES[0]


def keep_to(core: int) -> None:
    """Keep this process, and all it starts from now on, to a core."""
    os.sched_setaffinity(0, {core})


def start_on(
    core: int, command: Sequence[str], *, folder: Path, log: IO[bytes], env: Mapping[str, str] = {}
) -> subprocess.Popen[bytes]:
    """Start `python ...` on one core, in a folder of its own, what it says in a log."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        preexec_fn=lambda: keep_to(core),  # noqa: PLW1509 - no threads run here yet that matter
    )


def stop(process: subprocess.Popen[bytes], patience: float = 20.0) -> None:
    """End it as a supervisor would: asked first, then killed."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu_seconds(pid: int) -> float:
    """The processor time that a process of ours has used so far, of user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def calibrate(lines: Sequence[bytes]) -> float:
    """Microseconds that `orjson.loads` takes for a line now: what a busy machine is told by."""
    best = min(_parse_all(lines) for _ in range(5))
    return best / len(lines) * 1e6


def _parse_all(lines: Sequence[bytes]) -> float:
    started = time.perf_counter()
    for line in lines:
        orjson.loads(line)
    return time.perf_counter() - started
