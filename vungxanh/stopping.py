"""Ctrl-C and SIGTERM as a flag to wait for, so that things end in their order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self


class StopAsked:
    """While in force, SIGINT and SIGTERM set a flag; nothing is broken off in the middle.

    Only for the main thread. A signal that comes before `wait` is not lost.
    """

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before: dict[signal.Signals, Any] = {}
        self._breaks_off = False

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until a stop is asked for, or so many seconds; whether it was."""
        return self._asked.wait(seconds)

    @contextmanager
    def breaking_off(self) -> Iterator[None]:
        """What takes long and may be broken off: here a signal raises KeyboardInterrupt as well."""
        self._breaks_off = True
        try:
            if self.asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._breaks_off = False

    def __enter__(self) -> Self:
        for number in self._SIGNALS:
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()
        if self._breaks_off:
            self._breaks_off = False  # once: the way out is not broken off
            raise KeyboardInterrupt
