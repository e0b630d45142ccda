"""The topic as history, as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from audit.replay import FigureReplay
from indicators.known import had_arrived
from schemas.event import UnusableEvent
from schemas.instants import Micros, Millis
from streams.record import Record, read_record
from streams.routing import is_home
from streams.topics import EVENTS
from vungxanh.printing import Meter
from vungxanh.settings import Settings
from vungxanh.topic_reading import read_topic

_SHOW_EVERY = 10_000  # records between two looks at the progress


@dataclass(slots=True)
class TopicSource:
    """The topic as history."""

    settings: Settings
    known: Micros | None
    partitions: int
    unusable: int = 0
    misrouted: int = 0

    def records(self) -> Iterator[tuple[int, Iterable[Record]]]:
        """Partition by partition, each one's records in the order of their offsets."""
        for partition in range(self.partitions):
            records: list[Record] = []
            with Meter(f"reading partition {partition}") as meter:
                self._read(records.append, {partition}, meter)
            yield partition, (one for one in records if had_arrived(one.timestamp, self.known))

    def figures(self, zone: ZoneInfo) -> tuple[FigureReplay, Millis | None]:
        """The events that are where they belong, ready to be asked; and the last arrival."""
        figures = FigureReplay(zone)
        last: Millis | None = None

        def take(record: Record) -> None:
            nonlocal last
            if not had_arrived(record.timestamp, self.known):
                return
            try:
                event, _ = read_record(record)
            except UnusableEvent:
                self.unusable += 1
                return
            if not is_home(record.key, event.unit_id, record.partition, self.partitions):
                self.misrouted += 1  # a worker sends it on, and the copy counts
                return
            figures.add(event)
            last = record.timestamp if last is None else max(last, record.timestamp)

        with Meter("reading the topic") as meter:
            self._read(take, None, meter)
        return figures, last

    def findings(self) -> list[str]:
        """None: what a topic holds that is no event lies in the dead letters already."""
        return []

    def remarks(self) -> list[str]:
        """What was not counted."""
        if not self.unusable:
            return []
        return [f"{self.unusable} records are no events; see `vungxanh dead-letters list`"]

    def _read(
        self, take: Callable[[Record], None], partitions: set[int] | None, meter: Meter
    ) -> None:
        read = 0

        def counted(record: Record) -> None:
            nonlocal read
            read += 1
            if read % _SHOW_EVERY == 0:
                meter.show(read)
            take(record)

        read_topic(self.settings, EVENTS, counted, partitions, whole=True)


def topic_source(settings: Settings, known: Micros | None) -> TopicSource:
    """The topic that the settings name.

    Raises WrongUseError where there is none, UnreachableError without Kafka.
    """
    partitions = read_topic(settings, EVENTS, lambda record: None, set())
    return TopicSource(settings, known, partitions)
