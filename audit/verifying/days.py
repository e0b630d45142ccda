"""The days and corrections of the book beside those of the recount, in order. Pure."""

from __future__ import annotations

from collections import deque

from audit.book_chain import Written
from audit.verifying.figures import (
    as_recorded,
    bursts_not_told,
    day_not_reached,
    day_not_sealed,
    differing_correction,
    differing_day,
    differing_page,
    without_newer,
)
from audit.verifying.finding import Finding
from audit.verifying.recount import Recount
from schemas.book import DayPage, FigureCorrected
from schemas.instants import Millis


class DaysBeside:
    """Compares as the book goes on; corrections with the page that follows them, or at the end."""

    def __init__(self, recount: Recount) -> None:
        self.definitions: frozenset[str] = frozenset()  # that the terms name
        self.days: set[str] = set()
        self.unit_days = 0
        self.corrections = 0
        self.confirmed_to: Millis | None = None  # the midnight of the last day that was
        self.without_bursts: set[str] = set()  # days whose pages tell of none, by an old release
        self._told_of_bursts: str | None = None  # the first day whose page does
        self._recount = recount
        self._stated: deque[FigureCorrected] = deque()

    def corrected(self, entry: FigureCorrected) -> None:
        """A correction that the book states."""
        self._stated.append(entry)

    @property
    def last_cause(self) -> int:
        """The offset of the record that caused the last correction not compared yet; -1: none."""
        return self._stated[-1].offset if self._stated else -1

    def page(self, written: Written) -> Finding | None:
        """The first difference up to a page, to whose midnight the recount has been brought."""
        page = written.entry
        assert isinstance(page, DayPage), "no page"
        if (finding := self.corrections_so_far()) is not None:
            return finding
        again = self._recount.pages.pop(page.day, None)
        if again is None:
            return day_not_reached(page)
        earlier = [one for one in self._recount.pages.values() if one.page.as_of < page.as_of]
        if earlier:
            return day_not_sealed(earlier[0])
        if (finding := self._bursts_told(page)) is not None:
            return finding
        again = as_recorded(page, again)
        finding = differing_day(page, written.leaves, again, self.definitions)
        if finding is None and written.wrong is None:
            finding = differing_page(page, again)
        if finding is None and written.wrong is None:
            self.days.add(page.day)
            self.unit_days += page.units
            self.confirmed_to = page.as_of
        return _both(written.wrong, finding)

    def _bursts_told(self, page: DayPage) -> Finding | None:
        """A release that tells of bursts is not followed by one that does not."""
        if page.burst_count is not None:
            self._told_of_bursts = self._told_of_bursts or page.day
        elif self._told_of_bursts is not None:
            return bursts_not_told(page, self._told_of_bursts)
        else:
            self.without_bursts.add(page.day)
        return None

    def figures(self, written: Written) -> Finding | None:
        """After a difference in the records: the first figure of a page that is another thereby."""
        page = written.entry
        assert isinstance(page, DayPage), "no page"
        again = self._recount.pages.pop(page.day, None)
        if again is None:
            return day_not_reached(page)
        return differing_day(page, written.leaves, as_recorded(page, again), self.definitions)

    def corrections_so_far(self) -> Finding | None:
        """The first difference among the corrections, all of which both sides know by now."""
        self._recount.flush()
        again = deque(without_newer(self._recount.corrections, self.definitions))
        self._recount.corrections.clear()
        while self._stated or again:
            stated = self._stated.popleft() if self._stated else None
            other = again.popleft() if again else None
            finding = differing_correction(stated, other, self.definitions)
            if finding is not None:
                return finding
            self.corrections += 1
        return None

    def end(self) -> Finding | None:
        """After all that the book knows: corrections, and days that it does not have."""
        if (finding := self.corrections_so_far()) is not None:
            return finding
        return self.days_left()

    def days_left(self) -> Finding | None:
        """The first day that the recount has sealed and the book has not."""
        self._recount.flush()
        left = list(self._recount.pages.values())
        return day_not_sealed(left[0]) if left else None


def _both(wrong: Finding | None, differs: Finding | None) -> Finding | None:
    """What is wrong with the leaves by the page itself; which of them, the recount tells."""
    if wrong is None or differs is None:
        return wrong or differs
    return wrong._replace(
        text=f"{wrong.text}; {differs.text}",
        unit_id=differs.unit_id,
        definition=differs.definition,
        window=differs.window,
        stated=differs.stated,
        recomputed=differs.recomputed,
    )
