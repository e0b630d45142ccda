"""A worker as a process of its own, started again when it ends by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.exits import Exit
from vungxanh.errors import UnreachableError
from vungxanh.local_kafka.launch import spawn_watch
from vungxanh.printing import warn

FIRST_PAUSE = 1.0  # seconds before a worker that ended is started again
LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds of work after which the next pause is the first again
_FOR_SOMEBODY = frozenset({Exit.SETTINGS, Exit.TORN, Exit.OUTPUT_TOO_LARGE})


class SupervisedWorker:
    """`vungxanh worker` with these arguments and variables; its log goes to a file.

    It has a process group of its own, so that Ctrl-C on the terminal does not reach it and whoever
    supervises decides the order in which things end; it ends when the supervisor's process does.
    """

    def __init__(
        self, arguments: Sequence[str], variables: Mapping[str, str], log_file: Path
    ) -> None:
        self._command = [sys.executable, "-m", "vungxanh", *arguments]
        self._variables = {**os.environ, **variables}
        self.log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self._pause = FIRST_PAUSE
        self._started = 0.0  # monotonic seconds
        self._next_start: float | None = None  # set while the worker waits to be started again

    @property
    def pid(self) -> int | None:
        """The process id; None while it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it. Its log of the last run is kept beside, with `.1` behind the name."""
        if self.log_file.exists():
            self.log_file.replace(self.log_file.with_name(f"{self.log_file.name}.1"))
        self._spawn()

    def look(self) -> None:
        """Start it again if it has ended and its pause is over; call this every now and then.

        Raises UnreachableError where starting again is of no use: settings that do not fit, state
        that is torn.
        """
        if self._next_start is not None:
            if time.monotonic() >= self._next_start:
                self._next_start = None
                self._spawn()
        elif self._process is not None and (code := self._process.poll()) is not None:
            self._ended(code)

    def stop(self, patience: float = 20.0) -> None:
        """End it in good order; after so many seconds, by force."""
        self._next_start = None
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.send_signal(signal.SIGCONT)  # a paused one ends only when it goes on
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._dismiss_watch()
        self._process = None

    def _spawn(self) -> None:
        self._dismiss_watch()
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watch = spawn_watch(self._process.pid)
        self._started = time.monotonic()

    def _ended(self, code: int) -> None:
        why = _name(code)
        if code in _FOR_SOMEBODY:
            raise UnreachableError(f"the worker ended ({why}): {self._last_line()}")
        if time.monotonic() - self._started > STEADY:
            self._pause = FIRST_PAUSE
        warn(f"the worker ended ({why}); it starts again in {self._pause:g} s; see {self.log_file}")
        self._next_start = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _last_line(self) -> str:
        lines = self.log_file.read_text("utf-8", errors="replace").splitlines()
        said = [line for line in lines if " CRITICAL " in line] or lines or ["it said nothing"]
        return said[-1]

    def _dismiss_watch(self) -> None:
        if self._watch is not None:
            assert self._watch.stdin is not None
            self._watch.stdin.close()
            self._watch.wait()
            self._watch = None


def _name(code: int) -> str:
    if code < 0:
        return signal.Signals(-code).name
    return f"{code} {Exit(code).name}" if code in set(Exit) else str(code)
