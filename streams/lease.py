"""The lease beside the fence: who stood still for too long does not go on.

A worker that was stopped (SIGSTOP, a frozen machine, a fold without end) may have lost its
partitions without knowing. The fence keeps it from writing; the lease keeps it from trying, from
serving old figures, and from standing still for ever.
"""

from __future__ import annotations

import asyncio
import threading
import time

from streams.exits import Exit, end_process

SHARE = 0.8  # of the session timeout


def _now() -> float:
    """Seconds that pass while the machine sleeps, too."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Lease:
    """Renewed by the event loop, watched by a thread of its own."""

    def __init__(self, session_timeout_ms: int) -> None:
        self._limit = SHARE * session_timeout_ms / 1000  # seconds
        self._renewed = _now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lease", daemon=True)

    def start(self) -> None:
        """Begin to watch; from now on `renew` has to run."""
        self._renewed = _now()
        self._thread.start()

    async def renew(self) -> None:
        """Run for as long as the event loop does."""
        while not self._ended.is_set():
            self.check()
            self._renewed = _now()
            await asyncio.sleep(self._limit / 10)

    def check(self) -> None:
        """End the process where the lease has run out; called before anything is written."""
        still = _now() - self._renewed
        if still > self._limit and not self._ended.is_set():
            end_process(
                Exit.STALLED,
                f"the event loop stood still for {still:.1f} s; others may own its partitions",
            )

    def end(self) -> None:
        """Stop watching: the worker is stopping."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(self._limit / 10):
            self.check()
