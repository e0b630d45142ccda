"""How a worker ends: at once, with a code that says why.

Whatever goes wrong while records are folded, the process must not go on: its state in memory may
be ahead of what Kafka has committed. Nothing past the error is committed, a supervisor starts the
worker again, and the new one begins at the committed offset with the committed state. Letting the
error pass through Faust's supervision, or closing clients in good order first, would leave time in
which the wrong state could still be used; so the process ends without any clean-up.
"""

from __future__ import annotations

import logging
import os
import sys
from enum import IntEnum
from typing import NoReturn

log = logging.getLogger(__name__)


class Exit(IntEnum):
    """Why a worker ended. From 70 on it may be started again; 76 and 77 need somebody first."""

    DONE = 0  # stopped by SIGTERM or SIGINT
    SETTINGS = 2  # wrong settings: topics that do not fit together, an address in use
    UNREACHABLE = 3  # Kafka cannot be reached at the start
    DEFECT = 70  # an error that should not be; the log has its traceback
    FENCED = 71  # another worker took the partition over; nothing of this one was written
    STALLED = 72  # the event loop stood still for 0.8 of the session timeout, or was stopped
    NOT_WRITTEN = 73  # a transaction or a forward failed: Kafka went away, or refused it
    NOT_READ = 74  # the source or the changelog cannot be read
    SLOW_STOP = 75  # a stop took too long; what had been committed stands
    TORN = 76  # committed offsets, history and changelog do not fit together
    OUTPUT_TOO_LARGE = 77  # an output is larger than its topic takes


class WorkerError(Exception):
    """An error that ends the worker with a code of its own."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


def end_process(code: Exit, message: str, error: BaseException | None = None) -> NoReturn:
    """One clear line in the log, then the end: no clean-up, no further write."""
    log.critical("worker ends with code %d (%s): %s", code, code.name, message)
    if error is not None and code is Exit.DEFECT:
        log.critical("the error was", exc_info=error)
    for handler in [*logging.getLogger().handlers, *log.handlers]:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
