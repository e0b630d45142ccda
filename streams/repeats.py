"""The log while Kafka is away: what is said ten times a second is written once in a while."""

from __future__ import annotations

import logging
import time

SECONDS = 10.0  # between two writings of the same message


class Repeats(logging.Filter):
    """Lets a message through once in `SECONDS`, whatever its arguments; says how many it kept."""

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[tuple[str, str], float] = {}  # monotonic seconds
        self._kept: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        message = (record.name, str(record.msg))
        now = time.monotonic()
        if now - self._written.get(message, -SECONDS) < SECONDS:
            self._kept[message] = self._kept.get(message, 0) + 1
            return False
        self._written[message] = now
        if kept := self._kept.pop(message, 0):
            record.msg = f"{record.msg} (and {kept} times since the last line like this)"
        return True


def log_repeats_seldom(package: str) -> None:
    """Filter all loggers of a package that exist by now; a parent's filter would not do."""
    filter_ = Repeats()
    for name in list(logging.root.manager.loggerDict):
        if name == package or name.startswith(f"{package}."):
            logging.getLogger(name).addFilter(filter_)
