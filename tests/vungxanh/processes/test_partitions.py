"""The same work for every partition, in real processes: late, failing or killed ones too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vungxanh.errors import UnreachableError, WrongUseError
from vungxanh.processes.crew import Crew
from vungxanh.processes.partitions import FEW, cores, each_partition, jobs_for
from vungxanh.processes.work import Told

ROOT = Path(__file__).parents[3]
PATIENCE_S = 120  # against hanging
SIZES = {0: 5, 1: 0, 2: 30, 3: 7, 4: 1}


@dataclass(frozen=True)
class Naming:
    """Says which process has done a partition; waits for the others, fails, or is killed at one."""

    last: int | None = None
    done: Path | None = None  # where each leaves a file
    wrong: int | None = None
    broken: int | None = None
    killed: int | None = None
    sizes: Mapping[int, int] = field(default_factory=lambda: SIZES)

    def __call__(self, partition: int, told: Told) -> tuple[int, int]:
        if partition == self.wrong:
            raise WrongUseError(f"partition {partition} is wrong")
        if partition == self.broken:
            raise LookupError(f"partition {partition} is broken")
        if partition == self.killed:
            os.kill(os.getpid(), signal.SIGKILL)
        for read in range(self.sizes[partition]):
            told(read + 1)
        if self.done is not None:
            self._wait(partition, self.done)
        return partition, os.getpid()

    def _wait(self, partition: int, folder: Path) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while partition == self.last and len(list(folder.iterdir())) < len(self.sizes) - 1:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (folder / str(partition)).touch()


def done(work: Naming, jobs: int | None) -> list[tuple[int, int]]:
    return list(each_partition("naming", work, work.sizes, jobs))


def test_one_job_is_done_here() -> None:
    assert done(Naming(), 1) == [(number, os.getpid()) for number in SIZES]


@pytest.mark.parametrize("jobs", [2, 3, 50])
def test_many_jobs_are_done_elsewhere_and_told_in_order(jobs: int) -> None:
    found = done(Naming(), jobs)
    assert [partition for partition, _ in found] == list(SIZES)
    processes = {process for _, process in found}
    assert os.getpid() not in processes
    assert len(processes) <= min(jobs, len(SIZES))


def test_a_process_takes_the_next_while_another_is_at_a_large_one(tmp_path: Path) -> None:
    """The largest is begun first, and is not done before all the others are."""
    found = dict(done(Naming(last=2, done=tmp_path), 2))
    assert found[2] not in {found[number] for number in (0, 1, 3, 4)}


def test_few_records_are_not_worth_another_process() -> None:
    assert (jobs_for(FEW, None), jobs_for(FEW + 1, None), jobs_for(FEW, 7)) == (1, cores(), 7)
    assert {process for _, process in done(Naming(), None)} == {os.getpid()}


def test_no_partition_no_work() -> None:
    assert done(Naming(sizes={}), 3) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_the_work_is_the_command_s(jobs: int) -> None:
    with pytest.raises(WrongUseError, match="partition 3 is wrong"):
        done(Naming(wrong=3), jobs)


def test_a_defect_elsewhere_is_told_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*LookupError: partition 3 is broken"):
        done(Naming(broken=3), 2)


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(UnreachableError, match=r"exit code -9.*fewer --jobs"):
        done(Naming(killed=0), 2)


def test_what_is_said_to_one_that_is_gone_shows_when_it_is_heard() -> None:
    with Crew([_leave]) as crew:
        deadline = time.monotonic() + PATIENCE_S
        while crew._processes[0].is_alive():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        crew.say(0, "anything")
        with pytest.raises(UnreachableError, match="exit code 0"):
            crew.hear(0)


def test_ctrl_c_is_for_the_one_that_asked_from_the_first_moment_on(tmp_path: Path) -> None:
    """Processes that have not come to their work yet would die of it with a traceback each."""
    script = tmp_path / "asks.py"
    script.write_text(
        "from tests.vungxanh.processes.test_partitions import Naming, done\n"
        "if __name__ == '__main__':\n"
        "    done(Naming(), 2)\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    deadline, loading = time.monotonic() + PATIENCE_S, list[int]()
    while not loading:
        assert time.monotonic() < deadline
        assert process.poll() is None
        loading = [child for child in children_of(process.pid) if is_loading(child)]
    os.kill(loading[0], signal.SIGINT)  # as a terminal sends it to all, the one that asked apart
    _, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (0, b""), said.decode()


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found[1:]]  # the first watches over what they share


def is_loading(pid: int) -> bool:
    """Whether a Python process has begun to import what it needs."""
    there = Path(f"/proc/{pid}")
    try:
        begun = b"spawn_main" in (there / "cmdline").read_bytes()  # else it is a copy of its parent
        return begun and "_socket" in (there / "maps").read_text()
    except OSError:
        return False


def _leave(pipe: object) -> None:
    """Nothing is said."""
