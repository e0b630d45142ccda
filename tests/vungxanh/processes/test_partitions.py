"""The same work for every partition, in real processes: late, failing or killed ones too."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vungxanh.errors import UnreachableError, WrongUseError
from vungxanh.processes.crew import Crew
from vungxanh.processes.partitions import FEW, cores, each_partition, jobs_for
from vungxanh.processes.work import Told

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


def _leave(pipe: object) -> None:
    """Nothing is said."""
