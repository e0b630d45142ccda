"""The same work for every partition, on all cores.

No partition's outcome depends on another's, so each process takes the largest that is left when it
has done with one. The memory needed is that of one partition a process.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from vungxanh.processes.crew import Crew, saying_how_far
from vungxanh.processes.work import PartitionWork, Told
from vungxanh.progress import Meter

R = TypeVar("R")

FEW = 20_000  # records: they are read before other processes have started


def cores() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def jobs_for(records: int, asked: int | None) -> int:
    """How many processes: what was asked for, else one a core where there is enough to do."""
    if asked is not None:
        return asked
    return 1 if records <= FEW else cores()


def each_partition(
    what: str, work: PartitionWork[R], sizes: Mapping[int, int], jobs: int | None
) -> Iterator[R]:
    """What comes of every partition, in their order, done by at most so many processes.

    `what`: what is being done, for people; `sizes`: how many records each has; `jobs`: None for as
    many as there are cores. Raises what the work raises, in whatever process.
    """
    total = sum(sizes.values())
    number = min(jobs_for(total, jobs), len(sizes))
    with Meter(what, total) as meter:
        if number <= 1:
            yield from _alone(work, sizes, meter)
        else:
            yield from _by_many(work, sizes, number, meter)


def _alone(work: PartitionWork[R], sizes: Mapping[int, int], meter: Meter) -> Iterator[R]:
    before = 0
    for partition in sorted(sizes):
        yield work(partition, _after(before, meter))
        before += sizes[partition]


def _after(before: int, meter: Meter) -> Told:
    return lambda read: meter.show(before + read)


def _by_many(
    work: PartitionWork[R], sizes: Mapping[int, int], number: int, meter: Meter
) -> Iterator[R]:
    waiting = sorted(sizes, key=lambda one: (sizes[one], -one))  # the largest last
    doing: dict[int, int] = {}  # by process
    read = dict.fromkeys(sizes, 0)
    outcomes: dict[int, R] = {}
    with Crew([_Duty(work)] * number) as crew:
        for place in range(number):
            doing[place] = waiting.pop()
            crew.say(place, doing[place])
        while doing:
            for place, said in crew.heard(doing):
                partition = doing[place]
                if isinstance(said, _Done):
                    outcomes[partition] = said.outcome
                    read[partition] = sizes[partition]
                    del doing[place]
                    if waiting:
                        doing[place] = waiting.pop()
                        crew.say(place, doing[place])
                else:
                    read[partition] = said
            meter.show(sum(read.values()))
    for partition in sorted(outcomes):
        yield outcomes[partition]


@dataclass(frozen=True, slots=True)
class _Done(Generic[R]):
    """A partition is done."""

    outcome: R


@dataclass(frozen=True, slots=True)
class _Duty:
    """One partition after another, as they are named."""

    work: PartitionWork[object]

    def __call__(self, pipe: Connection) -> None:
        while True:
            partition: int = pipe.recv()  # EOFError: nothing is left to do
            pipe.send(_Done(self.work(partition, saying_how_far(pipe))))
            gc.collect()  # what pointed at itself is in nobody's way now
