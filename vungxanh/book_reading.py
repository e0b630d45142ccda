"""What `verify` reads of a partition: book, records, steps, and the end that a worker noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from audit.verifying.sources import KeptEnd
from streams.book_state import BLOCK_KEY, CHAIN_KEY, read_book
from streams.record import Record
from streams.topics import ALERTS, BOOK, CHANGELOG, EVENTS
from vungxanh.errors import NoTopicError
from vungxanh.processes.work import Told
from vungxanh.settings import Settings
from vungxanh.topic_reading import TopicReader


class TopicPartitions:
    """The partitions of the source, each of which can be read by itself."""

    def __init__(self, settings: Settings) -> None:
        """Raises WrongUseError where there is no source."""
        self._settings = settings
        with TopicReader(settings, EVENTS) as reader:
            self.count = reader.partitions
            spans = reader.spans()
        self.firsts = {number: span.first for number, span in spans.items()}  # offsets
        self.sizes = {number: span.end - span.first for number, span in spans.items()}  # records

    def history(self, partition: int, told: Told) -> PartitionOfTopics:
        """One of them; `told` hears how many of its records have been read."""
        return PartitionOfTopics(self._settings, partition, told)


class PartitionOfTopics:
    """One partition, as `audit.verifying.sources.PartitionHistory` has it."""

    def __init__(self, settings: Settings, partition: int, told: Told) -> None:
        self._settings = settings
        self._partition = partition
        self._told = told

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
        """The records of `dossier-events`, from the first there is."""
        return self._read(EVENTS, self._told)

    def _read(self, name: str, told: Told | None = None) -> Iterator[Record]:
        """What there is of a topic by now; nothing where there is no such topic."""
        try:
            with TopicReader(self._settings, name) as reader:
                spans = reader.spans({self._partition})
        except NoTopicError:
            return iter(())

        def records() -> Iterator[Record]:
            read = 0
            with TopicReader(self._settings, name) as reading:
                for batch in reading.batches(spans):
                    yield from batch
                    read += len(batch)
                    if told is not None:
                        told(read)

        return records()
