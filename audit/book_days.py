"""The days of the book over all partitions: one digest for a day of the whole province.

Each partition closes a local day with a page of its own. The digest of the day is the root of the
Merkle tree over these pages, as written, in the order of their partitions. A page names the entry
before it, so the digest of a day vouches for all that the book said until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from schemas.book import DayPage, UnitDay
from schemas.instants import Millis
from schemas.merkle import Sibling, path, root

PROOF = "vungxanh-day-proof"
PROOF_VERSION = 1


def day_digest(pages: Mapping[int, bytes]) -> str:
    """The digest of a day: `pages` are its pages' values as written, by partition.

    It stands once every partition that has begun has closed the day (`SealedDay.closed`), and only
    where the pages of all of them are there.
    """
    return root(_in_order(pages))


def _in_order(pages: Mapping[int, bytes]) -> list[bytes]:
    return [pages[partition] for partition in sorted(pages)]


@dataclass(slots=True)
class SealedDay:
    """What the book has of one local day."""

    day: str
    as_of: Millis
    pages: dict[int, bytes] = field(default_factory=dict)  # as written, by partition
    units: int = 0
    awaited: int = 0  # partitions that had begun by then and have not closed it yet
    gone: int = 0  # partitions whose page may have been among entries that are gone

    @property
    def digest(self) -> str:
        """See `day_digest`."""
        return day_digest(self.pages)

    @property
    def closed(self) -> bool:
        """Whether all pages are there: the digest is that of the day, and changes no more."""
        return not self.awaited and not self.gone


class BookDays:
    """The pages of all partitions, put together by day."""

    def __init__(self) -> None:
        self._days: dict[str, SealedDay] = {}
        self._last: dict[int, Millis] = {}  # the latest midnight closed, by partition
        self._begun: dict[int, Millis | None] = {}  # the clock of the first terms, by partition
        self._gaps: list[tuple[int, float, float]] = []  # partition, between which two midnights
        self._open: dict[int, float] = {}  # by partition: the midnight after which entries are gone

    def begin(self, partition: int, clock: Millis | None) -> None:
        """A partition has a book; `clock`: where its partition stood then."""
        self._begun.setdefault(partition, clock)

    def add(self, page: DayPage, value: bytes) -> None:
        """A page, and its value as written. A second one of a day and partition is passed over."""
        day = self._days.setdefault(page.day, SealedDay(page.day, page.as_of))
        partition = page.place.partition
        if partition not in day.pages:
            day.pages[partition] = value
            day.units += page.units
        self.begin(partition, None)
        if (after := self._open.pop(partition, None)) is not None:
            self._gaps.append((partition, after, page.as_of))
        self._last[partition] = max(page.as_of, self._last.get(partition, page.as_of))

    def gap(self, partition: int) -> None:
        """Entries are gone after what has been added of a partition; pages may be among them."""
        self.begin(partition, None)
        self._open.setdefault(partition, self._last.get(partition, -inf))

    @property
    def broken(self) -> bool:
        """Whether entries are gone somewhere: of some days no digest is known."""
        return bool(self._gaps or self._open)

    def join(self, others: BookDays) -> None:
        """Take in the pages of other partitions."""
        for name, other in others._days.items():
            day = self._days.setdefault(name, SealedDay(name, other.as_of))
            day.pages |= other.pages
            day.units += other.units
        self._last |= others._last
        self._begun |= others._begun
        self._gaps += others._gaps
        self._open |= others._open

    def all(self) -> list[SealedDay]:
        """The days in order."""
        days = sorted(self._days.values(), key=lambda day: day.as_of)
        gaps = [*self._gaps, *((one, after, inf) for one, after in self._open.items())]
        for day in days:
            day.awaited = sum(self._last.get(one, day.as_of - 1) < day.as_of for one in self._begun)
            day.gone = sum(after < day.as_of < before for _, after, before in gaps)
        return days


def day_proof(
    leaf: UnitDay,
    leaves: Mapping[str, bytes],
    pages: Mapping[int, bytes],
) -> dict[str, object]:
    """A unit's figures of a day with all that is needed to check them, as JSON.

    `leaves`: the values of the page's leaves by unit; `pages`: the day's pages by partition. The
    texts `leaf` and `page` are the exact bytes: their digests are taken over them as they stand.
    """
    units, partitions = sorted(leaves), sorted(pages)
    values = [leaves[unit] for unit in units]
    unit_place, page_place = units.index(leaf.unit_id), partitions.index(leaf.partition)
    return {
        "what": PROOF,
        "version": PROOF_VERSION,
        "unit_id": leaf.unit_id,
        "day": leaf.day,
        "leaf": leaves[leaf.unit_id].decode(),
        "leaf_index": unit_place,
        "leaf_count": len(units),
        "leaf_path": _as_dicts(path(values, unit_place)),
        "page": pages[leaf.partition].decode(),
        "page_index": page_place,
        "page_count": len(partitions),
        "page_path": _as_dicts(path(_in_order(pages), page_place)),
        "day_digest": day_digest(pages),
    }


def _as_dicts(siblings: list[Sibling]) -> list[dict[str, str]]:
    return [sibling._asdict() for sibling in siblings]
