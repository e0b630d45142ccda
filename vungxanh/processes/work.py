"""What processes are given to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from streams.record import Record

R_co = TypeVar("R_co", covariant=True)

Told = Callable[[int], object]  # hears how many records have been read


class PartitionWork(Protocol[R_co]):
    """What is done with a partition. It can be pickled, and so can what comes of it."""

    def __call__(self, partition: int, told: Told) -> R_co:
        """Do it."""


class RecordsWork(Protocol[R_co]):
    """What is done with a partition's records. It can be pickled, and so can what comes of it."""

    def __call__(self, partition: int, records: Iterable[Record]) -> R_co:
        """Do it; the records are read as they are asked for."""
