"""A worker in a process of its own: `python -m tests.streams.worker_process JSON`."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterable
from fractions import Fraction
from zoneinfo import ZoneInfo

from indicators.policy import Policy
from indicators.windows import read_window
from schemas.instants import DAY
from streams.app import run_worker
from streams.monitor import PartitionMonitor
from streams.rules import MonitorRules
from streams.settings import KafkaAccess, Unit, WebContent, WorkerSettings

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = (Unit("U000", "Sở Nội vụ", "So Noi vu", "department", "H47"),)
HOLD = 10 * 60 * 1000  # ms


def rules() -> MonitorRules:
    """What the workers of these tests go by, and the fold in the test's own process."""
    return MonitorRules(
        zone=ZONE,
        windows=tuple(read_window(name, ZONE) for name in ("30d", "365d")),
        due_soon=DAY,
        policy=Policy(
            "resolved@1", read_window("30d", ZONE), Fraction(9, 10), Fraction(8, 10), 5, HOLD, HOLD
        ),
    )


def read_settings(text: str) -> WorkerSettings:
    """Worker settings from JSON; `bootstrap_servers` stands for `kafka`."""
    given = json.loads(text)
    return WorkerSettings(kafka=KafkaAccess(given.pop("bootstrap_servers")), **given)


def main() -> int:
    """Run one worker until it is told to stop."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("streams").setLevel(logging.INFO)
    settings = read_settings(sys.argv[1])
    pause = float(os.environ.get("SLOW_RESTORE_S", "0"))

    def new_monitor(number: int) -> PartitionMonitor:
        monitor = SlowlyRestored if pause else PartitionMonitor
        return monitor(number, settings.partitions, rules())

    class SlowlyRestored(PartitionMonitor):
        """A partition whose state takes longer to restore than a session lasts."""

        def restore(
            self, entries: Iterable[tuple[bytes, bytes]], next_offset: int | None = None
        ) -> None:
            super().restore(entries, next_offset)
            time.sleep(pause)

    return run_worker(settings, rules(), WebContent(units=UNITS), make_monitor=new_monitor)


if __name__ == "__main__":
    sys.exit(main())
