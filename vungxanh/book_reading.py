"""What `verify` reads of a partition: book, records, steps, and the end that a worker noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import orjson

from audit.verifying.sources import KeptEnd
from streams.book_state import BLOCK_KEY, CHAIN_KEY, read_book
from streams.record import Record
from streams.topics import ALERTS, BOOK, CHANGELOG, EVENTS
from vungxanh.errors import WrongUseError
from vungxanh.settings import Settings
from vungxanh.topic_reading import TopicReader

Told = Callable[[int], object]  # so many more records have been read


class TopicPartitions:
    """The partitions of the source, one after another. For `with`: clients are closed after it."""

    def __init__(self, settings: Settings, told: Told) -> None:
        """Raises WrongUseError where there is no source, or its first records are gone."""
        self._settings = settings
        self._told = told
        self._readers: list[TopicReader] = []
        with TopicReader(settings, EVENTS) as reader:
            self.partitions = reader.partitions
            spans = reader.spans(whole=True).values()
            self.total = sum(span.end - span.first for span in spans)
        self.has_book = self._there(BOOK)

    def history(self, partition: int) -> PartitionOfTopics:
        """One of them."""
        return PartitionOfTopics(self._settings, partition, self._told, self._there)

    def _there(self, name: str) -> bool:
        try:
            TopicReader(self._settings, name).__exit__(None, None, None)
        except WrongUseError:
            return False
        return True


class PartitionOfTopics:
    """One partition, as `audit.verifying.sources.PartitionHistory` has it."""

    def __init__(
        self, settings: Settings, partition: int, told: Told, there: Callable[[str], bool]
    ) -> None:
        self._settings = settings
        self._partition = partition
        self._told = told
        self._there = there

    def end(self) -> KeptEnd | None:
        """The end of its book, by the worker's own state; None where there is none."""
        latest: dict[bytes, bytes] = {}
        for record in self._read(CHANGELOG):
            if record.key in (CHAIN_KEY, BLOCK_KEY) and record.value is not None:
                latest[record.key] = record.value
        kept = read_book((orjson.loads(k), orjson.loads(v)) for k, v in latest.items())
        return None if kept is None else KeptEnd(kept.chain, kept.block)

    def book(self) -> Iterable[Record]:
        """The records of `audit-book`."""
        return self._read(BOOK)

    def steps(self) -> Iterable[Record]:
        """The records of `unit-alerts`."""
        return self._read(ALERTS)

    def records(self) -> Iterable[Record]:
        """The records of `dossier-events`, from the first."""
        return self._counted(self._read(EVENTS, whole=True))

    def _read(self, name: str, *, whole: bool = False) -> Iterator[Record]:
        """What there is of a topic by now; nothing where there is no such topic."""
        if not self._there(name):
            return iter(())
        with TopicReader(self._settings, name) as reader:
            spans = reader.spans({self._partition}, whole=whole)

        def records() -> Iterator[Record]:
            with TopicReader(self._settings, name) as reading:
                for batch in reading.batches(spans):
                    yield from batch

        return records()

    def _counted(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            self._told(1)
            yield record
