"""The form in which the sealed book's state stands in a partition's changelog, and back.

Where the chain ends; the block that is open; the days sealed last; and what has been stated of
each unit at each of them, as now known: one record a unit and day, in the place of the day that
went out of mind.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from schemas.book import FoldedAt, RecordMark, unpack_marks
from schemas.instants import Millis

REMEMBERED_DAYS = 100  # that are corrected where a late record changes them
CHAIN_KEY = orjson.dumps(["book"])
BLOCK_KEY = orjson.dumps(["book-block"])
DAYS_KEY = orjson.dumps(["book-days"])
BOOK_KINDS = frozenset({"book", "book-block", "book-days", "book-unit"})


class Chain(NamedTuple):
    """Where the chain of a partition ends."""

    number: int  # of the last entry
    digest: str  # of it
    next_offset: int  # all records before it have been marked
    page_offset: int  # those before it were read when the last day was sealed
    terms: str  # the digest of the terms in force
    basis: str  # what they say (`terms.basis_of`)
    recorded: Millis  # the latest arrival of a record folded; -1: none


class OpenBlock(NamedTuple):
    """The records read that no entry of the chain holds yet."""

    first: int  # offset
    closes_at: Millis | None  # the clock at which it is written, full or not
    marks: bytes  # packed, see `schemas.book_marks`
    folded_at: tuple[FoldedAt, ...] = ()

    def records(self) -> tuple[RecordMark, ...]:
        """The marks; there may be none."""
        return unpack_marks(self.first, base64.b64encode(self.marks).decode())


class SealedDays(NamedTuple):
    """The days sealed last, in order."""

    number: int  # of all that were ever sealed
    instants: list[Millis]  # the midnights that ended the last of them
    basis: str  # the windows and the time zone of what was stated of them

    def places(self) -> dict[Millis, int]:
        """Where in the ring of remembered days each of them stands."""
        first = self.number - len(self.instants)
        return {at: (first + n) % REMEMBERED_DAYS for n, at in enumerate(self.instants)}


class StatedTallies(NamedTuple):
    """A unit's tallies at a midnight, as now known."""

    unit_id: str
    place: int  # in the ring
    as_of: Millis
    numbers: list[int]  # four a window


class KeptBook(NamedTuple):
    """All that a changelog holds of a partition's book."""

    chain: Chain
    block: OpenBlock
    days: SealedDays
    stated: list[StatedTallies]


NO_BLOCK = OpenBlock(0, None, b"")


def stated_key(unit_id: str, place: int) -> bytes:
    """The changelog key of what has been stated of a unit at one of the remembered days."""
    return orjson.dumps(["book-unit", unit_id, place])


def write_chain(chain: Chain) -> bytes:
    """The end of the chain as JSON."""
    return orjson.dumps(list(chain))


def write_block(block: OpenBlock) -> bytes:
    """The open block as JSON."""
    marks = base64.b64encode(block.marks).decode()
    return orjson.dumps([block.first, block.closes_at, marks, list(map(list, block.folded_at))])


def write_days(days: SealedDays) -> bytes:
    """The sealed days as JSON."""
    return orjson.dumps(list(days))


def write_stated(as_of: Millis, numbers: Sequence[int]) -> bytes:
    """A unit's tallies at a midnight as JSON."""
    return orjson.dumps([as_of, list(numbers)])


def read_book(entries: Iterable[tuple[list[Any], Any]]) -> KeptBook | None:
    """The book's state by its keys and contents; None where there are none.

    ValueError where the end of the chain is missing while the rest is there.
    """
    chain, block, days = None, NO_BLOCK, SealedDays(0, [], "")
    stated: list[StatedTallies] = []
    for (kind, *names), content in entries:
        if kind == "book":
            chain = Chain(*content)
        elif kind == "book-block":
            first, closes_at, marks, *late = content  # the first books knew of no late folds
            folded_at = tuple(FoldedAt(*one) for one in (late[0] if late else ()))
            block = OpenBlock(first, closes_at, base64.b64decode(marks), folded_at)
        elif kind == "book-days":
            days = SealedDays(*content)
        else:
            stated.append(StatedTallies(*names, *content))
    if chain is None:
        if stated or days.number or block.marks:
            raise ValueError("the changelog holds days of the book, and not where its chain ends")
        return None
    return KeptBook(chain, block, days, stated)
