"""Small words to feed a partition monitor with: records at seconds after a whole minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import orjson

from indicators.policy import Policy
from indicators.windows import read_window
from schemas.book import EntryKind, read_entry
from schemas.instants import DAY, Millis, iso_micros, read_instant
from schemas.status import UnitStatus
from schemas.step import IncidentStep
from streams.effects import BookRecord, Effects
from streams.monitor import PartitionMonitor
from streams.record import FiledRecord, Headers
from streams.rules import MonitorRules
from tests.indicators.telling import VIET_NAM

BEGIN: Millis = read_instant("2024-01-10T08:00:00+07:00") // 1000
MINUTE: Millis = 60_000
HOUR: Millis = 60 * MINUTE


def after(seconds: float) -> Millis:
    """The clock so many seconds after the beginning, which is a whole minute."""
    return BEGIN + round(seconds * 1000)


def seconds(clock: Millis) -> float:
    """The seconds after the beginning, for tests to compare with."""
    return (clock - BEGIN) / 1000


def policy(
    window: str = "1d", hold: float = 0, recover_hold: float = 0, min_sample: int = 1
) -> Policy:
    """By `resolved@1`, at once and from the first dossier on, unless said; holds in seconds."""
    return Policy(
        "resolved@1",
        read_window(window, VIET_NAM),
        Fraction("0.90"),
        Fraction("0.80"),
        min_sample,
        round(hold * 1000),
        round(recover_hold * 1000),
    )


def rules(by: Policy | None = None, windows: tuple[str, ...] = ("1d", "month")) -> MonitorRules:
    shown = tuple(read_window(name, VIET_NAM) for name in windows)
    return MonitorRules(VIET_NAM, shown, DAY, by or policy())


def event(
    event_id: str,
    kind: str,
    occurred: float,
    *,
    due: float | date | None = None,
    dossier: str = "D",
    unit: str = "U",
    **more: object,
) -> dict[str, object]:
    """An event as a feed has it; instants in seconds after the beginning."""
    fields: dict[str, object] = {
        "event_id": event_id,
        "type": kind,
        "occurred_at": iso_micros(after(occurred) * 1000),
        "dossier_id": dossier,
        "unit_id": unit,
        **more,
    }
    if due is not None:
        fields["due_at"] = due if isinstance(due, date) else iso_micros(after(due) * 1000)
    return fields


class Topic:
    """One partition of a topic: it gives the records their offsets."""

    def __init__(self, partition: int = 0) -> None:
        self.partition = partition
        self.next = 0

    def record(
        self,
        arrived: float,
        value: dict[str, object] | bytes | None,
        key: str | None = "U",
        headers: Headers = (),
    ) -> FiledRecord:
        """The next record; `arrived` in seconds after the beginning."""
        offset, self.next = self.next, self.next + 1
        content = orjson.dumps(value) if isinstance(value, dict) else value
        named = None if key is None else key.encode()
        return FiledRecord(self.partition, offset, after(arrived), named, content, headers)


def monitor(by: MonitorRules | None = None) -> PartitionMonitor:
    return PartitionMonitor(0, 1, by or rules())


def late(topic: Topic, arrived: float, dossier: str, unit: str = "U") -> FiledRecord:
    """A dossier that ended late, the moment it arrives."""
    told = event(
        f"{dossier}-end", "completed", arrived, due=arrived - 1, dossier=dossier, unit=unit
    )
    return topic.record(arrived, told, unit)


def on_time(topic: Topic, arrived: float, dossier: str, unit: str = "U") -> FiledRecord:
    """A dossier that ended on time, the moment it arrives."""
    told = event(
        f"{dossier}-end", "completed", arrived, due=arrived + 1, dossier=dossier, unit=unit
    )
    return topic.record(arrived, told, unit)


def seen(steps: Iterable[IncidentStep]) -> list[tuple[str, float]]:
    """What the steps were, and at how many seconds after the beginning."""
    return [(step.kind, seconds(step.at)) for step in steps]


class Life:
    """All that a monitor has answered, put together as the topics would have it."""

    def __init__(self) -> None:
        self.steps: list[IncidentStep] = []
        self.statuses: dict[str, UnitStatus] = {}
        self.state: dict[bytes, bytes] = {}
        self.letters: list[tuple[int, str]] = []
        self.book: list[BookRecord] = []
        self.folded = self.duplicates = 0

    def take(self, effects: Effects) -> Effects:
        self.steps += effects.steps
        self.statuses |= {status.unit_id: status for status in effects.statuses}
        self.state |= effects.changes
        self.letters += [(one.record.offset, one.reason.value) for one in effects.dead_letters]
        self.book += effects.book
        self.folded += effects.folded
        self.duplicates += effects.duplicates
        return effects

    def outcome(self) -> tuple[object, ...]:
        """What must be the same however it came about."""
        told = [step.to_dict() for step in self.steps]
        shown = {unit: status.to_dict() for unit, status in self.statuses.items()}
        return told, shown, self.state, self.letters, self.folded, self.duplicates, self.book

    def entries(self, *kinds: EntryKind) -> list[Any]:
        """The entries of the book, of these kinds or of all."""
        return [read_entry(one.value) for one in self.book if not kinds or one.kind in kinds]
