"""The replay of a topic on all cores: a process for each group of partitions.

Each process reads its partitions by offsets, keeps its own units' events, and answers instant by
instant; the answers are merged in the order of instant and unit. No process runs further ahead of
the one that writes than a pipe holds, so memory does not grow with the number of instants.
"""

from __future__ import annotations

import gc
import os
import signal
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

from audit.replay import FigureReplay, UnitTally
from audit.replay_parts import order
from audit.replay_question import FigureQuestion, Instants
from schemas.instants import Micros
from vungxanh.errors import CommandError, UnreachableError
from vungxanh.replaying.answers import Alone, Answer, Folded
from vungxanh.topic_history import TopicSource

_TELL_EVERY = 0.3  # seconds between two words of a process about how far it is
_END_S = 5.0  # for a process that was asked to end


@dataclass(frozen=True, slots=True)
class Task:
    """What one process is to do."""

    source: TopicSource
    partitions: Collection[int]  # its own
    question: FigureQuestion


class Processes:
    """The processes of one replay: for `with`, then `read`, then `answers`.

    Whatever ends this process ends them too: each finds its pipe broken at its next word.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        context = get_context("spawn")  # the Kafka client does not survive a fork
        self._pipes: list[Connection] = []
        self._processes = []
        self._folded: Folded | None = None
        for task in tasks:
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(task, there), daemon=True)
            process.start()
            there.close()
            self._pipes.append(here)
            self._processes.append(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.terminate()
            process.join(_END_S)
            if process.is_alive():
                process.kill()
                process.join()

    @property
    def folded(self) -> Folded:
        """What the history turned out to be, once it has been read."""
        assert self._folded is not None
        return self._folded

    def read(self, told: Callable[[int], object]) -> None:
        """Wait until all is read; `told` hears how many records have been.

        Raises WrongUseError and UnreachableError as the reading does, in whatever process.
        """
        done = [0] * len(self._pipes)
        folded: dict[int, Folded] = {}
        while len(folded) < len(self._pipes):
            waiting = [pipe for place, pipe in enumerate(self._pipes) if place not in folded]
            for pipe in wait(waiting):
                place = self._pipes.index(pipe)  # type: ignore[arg-type]
                said = self._hear(place)
                if isinstance(said, Folded):
                    folded[place] = said
                else:
                    done[place] = said
            told(sum(done))
        self._folded = reduce(Folded.joined, folded.values())

    def answers(self, instants: Instants, after: Micros | None) -> Iterator[Answer]:
        """The counts at each instant later than `after`, in order of unit, window and part."""
        for pipe in self._pipes:
            pipe.send((instants, after))
        for at, text in instants.in_order(after):
            tallies: list[UnitTally] = []
            for place in range(len(self._pipes)):
                tallies.extend(self._hear(place))
            tallies.sort(key=lambda one: (one.unit_id, one.window, order(one.part)))
            yield at, text, tallies

    def _hear(self, place: int) -> Any:  # noqa: ANN401 - a number, Folded, or counts
        try:
            said = self._pipes[place].recv()
        except (EOFError, ConnectionResetError):
            self._processes[place].join(_END_S)
            raise UnreachableError(
                f"a process of the replay has ended (exit code "
                f"{self._processes[place].exitcode}): was there memory enough? fewer --jobs need "
                "less at a time"
            ) from None
        if isinstance(said, _Failed):
            raise said.error() from None
        return said


@dataclass(frozen=True, slots=True)
class _Failed:
    """What ended a process: an error of the command, or a defect with its traceback."""

    kind: type[CommandError] | None
    text: str

    def error(self) -> Exception:
        return RuntimeError(self.text) if self.kind is None else self.kind(self.text)


def _work(task: Task, pipe: Connection) -> None:
    """The whole life of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that writes
    gc.disable()  # millions of events that all stay
    try:
        for counts in _counts(task, pipe):
            pipe.send(counts)
    except (BrokenPipeError, EOFError, ConnectionResetError):
        return  # nobody listens any more
    except CommandError as error:
        _tell(pipe, _Failed(type(error), str(error)))
    except Exception:  # noqa: BLE001 - told as a defect by the process that writes
        _tell(pipe, _Failed(None, traceback.format_exc()))
    pipe.close()
    os._exit(0)  # all is said; to free millions of events one by one helps nobody


def _counts(task: Task, pipe: Connection) -> Iterator[list[UnitTally]]:
    question = task.question
    last_word = time.monotonic()

    def told(read: int) -> None:
        nonlocal last_word
        if time.monotonic() - last_word > _TELL_EVERY:
            pipe.send(read)
            last_word = time.monotonic()

    figures = FigureReplay(question.zone, question.by, question.units)
    fold = task.source.fold(figures, task.partitions, told)
    alone = Alone(figures, fold.last, fold.unusable, question)
    pipe.send(task.source.total(task.partitions))
    pipe.send(alone.folded)
    instants, after = pipe.recv()
    for _, _, tallies in alone.answers(instants, after):
        yield list(tallies)


def _tell(pipe: Connection, failed: _Failed) -> None:
    try:
        pipe.send(failed)
    except OSError:
        return  # nobody listens any more
