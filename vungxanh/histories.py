"""A history to be replayed: a file, or the topic as it stands. Both are read the same way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from schemas.instants import Micros
from streams.record import Record
from vungxanh.errors import DONE, FINDINGS
from vungxanh.file_history import FiledSource
from vungxanh.printing import warn
from vungxanh.processes.work import RecordsWork
from vungxanh.settings import Settings

R = TypeVar("R")


class Source(Protocol):
    """What can be replayed."""

    @property
    def known(self) -> Micros | None:
        """Only what had arrived by then; None: everything."""

    @property
    def partitions(self) -> int:
        """How many the units are spread over."""

    def records(self) -> Iterable[tuple[int, Iterable[Record]]]:
        """Partition by partition, each one's records in the order of their offsets."""

    def each_partition(
        self, what: str, work: RecordsWork[R], jobs: int | None = None
    ) -> Iterable[R]:
        """What comes of each partition's `records`, in the order of partitions.

        `what`: what is being done, for people; `jobs`: in so many processes at most, where that is
        of use; None: as many as there are cores.
        """

    def partition_records(self, partition: int) -> Iterable[Record]:
        """All records of one partition in the order of their offsets, whenever they arrived."""

    def findings(self) -> list[str]:
        """What is wrong with the history itself, a line each."""

    def remarks(self) -> list[str]:
        """What was not counted, and is in order."""


def history_of(source: Path | None, settings: Settings, known: Micros | None) -> Source:
    """A file, or without one the topic; `known`: only what had arrived by then.

    Raises WrongUseError where there is nothing to read, UnreachableError without Kafka.
    """
    if source is None:
        # Kafka's clients take longer to import than a small file to replay.
        from vungxanh.topic_history import topic_source  # noqa: PLC0415

        return topic_source(settings, known)
    return FiledSource(source, known, settings.topics.partitions)


def say_what_was_wrong(history: Source) -> int:
    """Say what of a history could not be used; bad lines of a file make the exit code 1."""
    findings = history.findings()
    for line in (*findings, *history.remarks()):
        warn(line)
    return FINDINGS if findings else DONE
