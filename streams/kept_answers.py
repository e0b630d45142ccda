"""What was computed of the past is kept: it holds until a record says something that counts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from schemas.instants import Micros

T = TypeVar("T")


class Kept(NamedTuple, Generic[T]):
    """An answer, and what it was made of."""

    answer: T
    offset: int  # of the last record known then
    at: Micros  # its T


class KeptAnswers(Generic[T]):
    """The most recently used answers; older ones are forgotten. For one thread at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Kept[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Kept[T] | None:
        """What is kept under a key; it is the most recently used one then."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept[T]) -> None:
        """Keep it."""
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
