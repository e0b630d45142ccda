"""The book of a partition, entry by entry, and its pages put together by day. Pure.

A page stands where it was written as long as the chain up to it is whole, whether its figures are
right or not. So the pages are gone through to the end of the book, though the comparing ends with
the first difference: whoever kept the digest of a day hears truly whether the book has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.book_chain import BookWalk, Written
from audit.book_days import BookDays
from audit.verifying.finding import Differs, Finding
from audit.verifying.sources import KeptEnd, PartitionReport
from schemas.book import DayPage, Terms, digest_of


class BookPages:
    """Counts the entries in the report, and puts the pages into `days`."""

    def __init__(
        self, report: PartitionReport, walk: BookWalk, kept: KeptEnd | None, days: BookDays
    ) -> None:
        self.report, self.walk, self.kept = report, walk, kept
        self._days = days

    def __iter__(self) -> Iterator[Written]:
        """The entries that have not been gone through; raises Differs at one the worker has not."""
        for written in self.walk:
            self.report.entries += 1
            self._check_kept(written)
            self._take(written)
            yield written

    @property
    def none_yet(self) -> bool:
        """Whether there is no book, not even a broken one."""
        return not self.report.entries and self.walk.broken is None

    def to_the_end(self) -> None:
        """After a difference: the pages that are left, as far as the chain vouches for them."""
        try:
            for _ in self:
                pass
        except Differs:
            self._days.gap(self.report.partition)
            return
        cut = self.kept is not None and self.kept.chain.number > self.report.entries
        if cut or self.walk.broken is not None:
            self._days.gap(self.report.partition)

    def _take(self, written: Written) -> None:
        report, entry = self.report, written.entry
        if isinstance(entry, Terms) and report.entries == 1:
            self._days.begin(report.partition, entry.clock)
            report.book_began = entry.clock or 0
        elif isinstance(entry, DayPage):
            self._days.add(entry, written.value)
            report.sealed_to = entry.as_of

    def _check_kept(self, written: Written) -> None:
        """The worker keeps the number and the digest of its last entry beside the book."""
        number, kept = self.report.entries, self.kept
        if kept is None or kept.chain.number != number:
            return
        if kept.chain.digest != digest_of(written.value):
            text = f"entry {number} is not the one that the worker's state has as its last"
            raise Differs(Finding("book", "changed", self.report.partition, text, number=number))
