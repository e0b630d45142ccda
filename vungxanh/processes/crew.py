"""Processes that work for one command, each joined to it by a pipe.

What goes through the pipes can be pickled. Whatever ends the command's process ends the others too:
each finds its pipe broken at its next word.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

from vungxanh.errors import CommandError, UnreachableError
from vungxanh.processes.work import Told

Duty = Callable[[Connection], None]  # the whole work of a process

_TELL_EVERY = 0.3  # seconds between two words of a process about how far it is
_END_S = 5.0  # for a process that was asked to end


class Crew:
    """A process for each duty: for `with`, after which they are gone."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        context = get_context("spawn")  # the Kafka client does not survive a fork
        self._pipes: list[Connection] = []
        self._processes = []
        with _deaf_to_interrupts():
            for duty in duties:
                here, there = context.Pipe()
                process = context.Process(target=_work, args=(duty, there), daemon=True)
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

    def __len__(self) -> int:
        return len(self._processes)

    def say(self, place: int, word: object) -> None:
        """To one of them. Where it is gone, that is told when it is heard next."""
        try:
            self._pipes[place].send(word)
        except (BrokenPipeError, ConnectionResetError):
            return

    def hear(self, place: int) -> Any:  # noqa: ANN401 - whatever the duty says
        """The next word of one of them.

        Raises the error that ended its duty; UnreachableError where it was killed.
        """
        try:
            said = self._pipes[place].recv()
        except (EOFError, ConnectionResetError):
            self._processes[place].join(_END_S)
            raise UnreachableError(
                f"a process of this command has ended (exit code "
                f"{self._processes[place].exitcode}): was there memory enough? fewer --jobs need "
                "less at a time"
            ) from None
        if isinstance(said, _Failed):
            raise said.error() from None
        return said

    def heard(self, places: Collection[int]) -> Iterator[tuple[int, Any]]:
        """The next word of each of these that has one; waits for one at least."""
        for pipe in wait([self._pipes[place] for place in places]):
            place = self._pipes.index(pipe)  # type: ignore[arg-type]
            yield place, self.hear(place)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started here hears no Ctrl-C from its first moment on: it is for the one that asked.

    Only the main thread can see to that; elsewhere a process hears it until it works.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


@dataclass(frozen=True, slots=True)
class _Failed:
    """What ended a duty: an error of the command, or a defect with its traceback."""

    kind: type[CommandError] | None
    text: str

    def error(self) -> Exception:
        return RuntimeError(self.text) if self.kind is None else self.kind(self.text)


def _work(duty: Duty, pipe: Connection) -> None:
    """The whole life of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # millions of events that all stay
    try:
        duty(pipe)
    except (BrokenPipeError, EOFError, ConnectionResetError):
        return  # nobody listens any more
    except CommandError as error:
        _tell(pipe, _Failed(type(error), str(error)))
    except Exception:  # noqa: BLE001 - told as a defect by the process that asked
        _tell(pipe, _Failed(None, traceback.format_exc()))
    pipe.close()
    os._exit(0)  # all is said; to free millions of events one by one helps nobody


def _tell(pipe: Connection, failed: _Failed) -> None:
    try:
        pipe.send(failed)
    except OSError:
        return  # nobody listens any more


def saying_how_far(pipe: Connection) -> Told:
    """Says through the pipe how many records have been read, and not too often."""
    last_word = time.monotonic()

    def told(read: int) -> None:
        nonlocal last_word
        if time.monotonic() - last_word > _TELL_EVERY:
            pipe.send(read)
            last_word = time.monotonic()

    return told
