"""The topic as history, as it stood when it was first looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from audit.replay import FigureReplay
from audit.replay_fold import RecordFold
from indicators.known import had_arrived
from schemas.instants import Micros
from streams.record import FiledRecord, Record
from streams.topics import EVENTS
from vungxanh.errors import WrongUseError
from vungxanh.processes.partitions import each_partition
from vungxanh.processes.work import RecordsWork, Told
from vungxanh.progress import Meter
from vungxanh.settings import Settings
from vungxanh.topic_reading import Span, TopicReader

R = TypeVar("R")


@dataclass(slots=True)
class TopicSource:
    """The topic as history: what lies in `spans`, whoever writes on meanwhile."""

    settings: Settings
    known: Micros | None
    partitions: int
    spans: Mapping[int, Span]
    unusable: int = field(default=0, init=False)

    def total(self, partitions: Collection[int] | None = None) -> int:
        """An upper bound of the records of these partitions (None: of all)."""
        chosen = self.spans if partitions is None else partitions
        return sum(self.spans[number].end - self.spans[number].first for number in chosen)

    def keep(self, partitions: Collection[int]) -> None:
        """Read only these from now on."""
        self.spans = {number: span for number, span in self.spans.items() if number in partitions}

    def end_at(self, ends: Mapping[int, int]) -> None:
        """Read each partition only up to where it ended once.

        Raises WrongUseError where the topic has become shorter: it is another one.
        """
        for number, end in ends.items():
            if number not in self.spans or self.spans[number].end < end:
                raise WrongUseError(
                    f"partition {number} of the topic ends before offset {end}, where it ended "
                    "when the output was begun; it is another topic: leave out --resume"
                )
        self.spans = {number: Span(self.spans[number].first, end) for number, end in ends.items()}

    def records(self) -> Iterator[tuple[int, Iterable[Record]]]:
        """Partition by partition, each one's records in the order of their offsets."""
        for partition in sorted(self.spans):
            yield partition, self.known_of(self.partition_records(partition))

    def known_of(self, records: Iterable[Record]) -> Iterator[Record]:
        """Those that had arrived by K."""
        return (one for one in records if had_arrived(one.timestamp, self.known))

    def partition_records(self, partition: int) -> Iterator[Record]:
        """All records of one partition in the order of their offsets, whenever they arrived.

        Read as they are asked for; none of them is kept.
        """
        with Meter(f"reading partition {partition}", self.total({partition})) as meter:
            yield from self.read_partition(partition, meter.show)

    def read_partition(self, partition: int, told: Told) -> Iterator[Record]:
        """The same; `told` hears how many have been read."""
        read = 0
        for batch in self.batches({partition}):
            yield from batch
            read += len(batch)
            told(read)

    def each_partition(
        self, what: str, work: RecordsWork[R], jobs: int | None = None
    ) -> Iterator[R]:
        """What comes of each partition's records, on all cores or in so many processes."""
        sizes = {number: span.end - span.first for number, span in self.spans.items()}
        yield from each_partition(what, _ReadAndDone(self, work), sizes, jobs)

    def batches(
        self, partitions: Collection[int], *, headers: bool = True
    ) -> Iterator[list[FiledRecord]]:
        """The records of some partitions, as they come; each partition's in order."""
        spans = {number: self.spans[number] for number in partitions}
        with TopicReader(self.settings, EVENTS) as reader:
            yield from reader.batches(spans, headers=headers)

    def fold(self, figures: FigureReplay, partitions: Collection[int], told: Told) -> RecordFold:
        """Put the events of some partitions into a replay; `told` hears how far it is."""
        fold = RecordFold(figures, self.partitions, self.known)
        read = 0
        for batch in self.batches(partitions, headers=False):
            fold.fold(batch)
            read += len(batch)
            told(read)
        return fold

    def findings(self) -> list[str]:
        """None: what a topic holds that is no event lies in the dead letters already."""
        return []

    def remarks(self) -> list[str]:
        """What was not counted."""
        if not self.unusable:
            return []
        return [f"{self.unusable} records are no events; see `vungxanh dead-letters list`"]


@dataclass(frozen=True, slots=True)
class _ReadAndDone(Generic[R]):
    """A partition is read as it is worked on."""

    source: TopicSource
    work: RecordsWork[R]

    def __call__(self, partition: int, told: Told) -> R:
        records = self.source.read_partition(partition, told)
        return self.work(partition, self.source.known_of(records))


def topic_source(settings: Settings, known: Micros | None) -> TopicSource:
    """The topic that the settings name, up to where it ends now.

    Raises WrongUseError where there is none, or where its first records are gone;
    UnreachableError without Kafka.
    """
    with TopicReader(settings, EVENTS) as reader:
        return TopicSource(settings, known, reader.partitions, reader.spans(whole=True))
