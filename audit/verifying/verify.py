"""`verify`: the book, the records and the steps of a partition prove each other, or do not. Pure.

The book is gone through entry by entry. The records are held against its marks, and fed to the
monitor that the worker has, under the terms that the book names; what it says of each day, each
correction and each step must be what is written. After the first difference of a partition nothing
more is sought there; only of a difference in the records the first sealed figure that differs
because of it, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from audit.book_chain import BookWalk, Written
from audit.book_days import BookDays
from audit.verifying.days import DaysBeside
from audit.verifying.differences import first_difference
from audit.verifying.feeding import Feeding
from audit.verifying.finding import Difference, Differs, Finding
from audit.verifying.pages import BookPages
from audit.verifying.records import MOST_PASSED, Alignment
from audit.verifying.recount import Recount
from audit.verifying.sources import PartitionHistory, PartitionReport
from audit.verifying.steps import differing_step, written_steps
from schemas.book import DayPage, FigureCorrected, RecordMark, RecordsBlock, Terms
from schemas.instants import Millis
from schemas.step import IncidentStep
from streams.rules import MonitorRules
from streams.terms import rules_of


def verify_partition(
    partition: int,
    partitions: int,
    history: PartitionHistory,
    today: MonitorRules,
    days: BookDays,
) -> PartitionReport:
    """Check a partition; its pages are put into `days`.

    `today`: the rules by which steps are checked where no book says by which they were made.
    """
    report = PartitionReport(partition)
    kept = history.end()
    pages = BookPages(report, BookWalk(partition, history.book()), kept, days)
    try:
        check = _Check(pages, partitions, history, today)
        try:
            check.book()
            check.tail()
        finally:
            check.count()
    except Differs as differs:
        report.finding = differs.finding
        pages.to_the_end()
    if pages.none_yet and report.last_step is not None and any(True for _ in history.book()):
        return verify_partition(partition, partitions, history, today, days)  # it has just begun
    # A worker that has just begun wrote its state with the book, after it had been asked for.
    report.kept = kept is not None or (report.entries > 0 and history.end() is not None)
    return report


class _Check:
    """A partition on its way. Its steps raise Differs with the first difference."""

    def __init__(
        self,
        pages: BookPages,
        partitions: int,
        history: PartitionHistory,
        today: MonitorRules,
    ) -> None:
        self._pages = pages
        self._report, self._kept, self._walk = pages.report, pages.kept, pages.walk
        partition = pages.report.partition
        first = pages.walk.first()
        steps = history.steps()
        self._aligned = Alignment(history.records())
        self._terms: Terms | None = None  # the first
        rules = today
        if first is not None and isinstance(first.entry, Terms):
            self._terms = first.entry
            rules = self._rules_of(self._terms)
        self._zone = rules.zone
        self._written = written_steps(partition, steps, rules.zone)
        self._steps: list[IncidentStep] = self._written.steps
        self._recount = Recount(partition, partitions, rules)
        self._feeding = Feeding(self._recount, self._steps, self._zone)
        self._beside = DaysBeside(self._recount)
        self._thereby: Finding | None = None
        self._marked = -1  # the last offset that the book knows
        self._unchecked = 0  # recomputed steps from before the book, that cannot be compared
        self._older_policy = False  # they were made by one that is not known

    # -- the book ----------------------------------------------------------------------------------

    def book(self) -> None:
        """Go through the entries of the book."""
        for written in self._pages:
            self._entry(written)
            if self._aligned.lost:
                break
        if self._aligned.first is None and self._walk.broken is not None:
            raise Differs(self._walk.broken)

    def _entry(self, written: Written) -> None:
        entry = written.entry
        if isinstance(entry, Terms):
            self._take_terms(entry)
        elif isinstance(entry, RecordsBlock):
            self._feeding.folded_at(entry.folded_at)
            self._take_records(entry.marks, entry.place.number)
        elif isinstance(entry, FigureCorrected):
            self._beside.corrected(entry)
            self._feeding.corrected(entry.offset, entry.clock)
        elif isinstance(entry, DayPage):
            self._feeding.midnight(entry.as_of)
            if self._aligned.first is None:
                self._found(self._beside.page(written), entry.place.number)
            elif self._thereby is None:
                self._thereby = self._beside.figures(written)

    def _take_terms(self, terms: Terms) -> None:
        if terms is not self._terms and self._aligned.first is None:
            # What was corrected before goes by the terms of then, of which this is the end.
            self._found(self._beside.corrections_so_far(), terms.place.number)
        rules = self._rules_of(terms)
        self._beside.definitions = frozenset(terms.definitions)
        self._recount.state_by(terms.definitions)
        if terms is not self._terms:
            self._feeding.go_on_by(rules, terms.next_offset, terms.clock)
            return
        if terms.clock is not None:  # something had been folded when the book began
            self._before_the_book(rules, terms.next_offset, terms.clock)

    def _before_the_book(self, rules: MonitorRules, next_offset: int, clock: Millis) -> None:
        """The book of a partition that had a history begins in the middle of it."""
        records = 0
        for record in self._aligned.before(next_offset):
            self._feeding.record(record)
            records += 1
        self._recount.begin_book(rules, next_offset)
        where = f"partition {self._report.partition}"
        self._report.remarks.append(f"{where}: {records} records are older than the book")
        older = [step for step in self._steps if step.at <= clock]
        others = [
            step for step in older if step.evidence.policy != rules.policy_of(step.unit_id).digest
        ]
        if others or (self._recount.steps and not older):
            self._older_policy = True
            self._report.remarks.append(
                f"{where}: steps from before the book were made by a policy that nobody wrote "
                "down, and are not checked"
            )
            self._steps = [step for step in self._steps if step.at > clock]
            self._unchecked = len(self._recount.steps)

    def _rules_of(self, terms: Terms) -> MonitorRules:
        try:
            return rules_of(terms)
        except ValueError as error:
            number = terms.place.number
            text = f"entry {number}: {error}; a release that knows it can recompute these days"
            raise self._of_book("unknown", text, number) from None

    def _of_book(self, difference: Difference, text: str, number: int) -> Differs:
        return Differs(Finding("book", difference, self._report.partition, text, number=number))

    # -- the records -------------------------------------------------------------------------------

    def _take_records(self, marks: Sequence[RecordMark], number: int) -> None:
        agreed = self._aligned.first is None
        self._marked = marks[-1].offset
        for record in self._aligned.of(marks, self._marks_ahead):
            self._feeding.marked(record)
        if agreed and self._aligned.first is not None:
            broken = self._broken_by(number)
            if broken is not None:
                raise Differs(broken)

    def _marks_ahead(self, wanted: int) -> list[RecordMark]:
        """The marks after those in hand, the ones that stand in the worker's state too."""
        ahead = self._walk.marks_ahead(wanted)
        if len(ahead) < wanted and self._kept is not None and self._walk.broken is None:
            last = ahead[-1].offset if ahead else self._marked
            ahead += [mark for mark in self._kept.block.records() if mark.offset > last]
        return ahead[:wanted]

    def _broken_by(self, number: int) -> Finding | None:
        """What is wrong with the chain up to an entry: then the book was changed, nothing else."""
        self._walk.marks_ahead(1)
        broken = self._walk.broken
        if broken is not None and broken.number is not None and broken.number <= number:
            return broken
        return None

    def _found(self, finding: Finding | None, number: int) -> None:
        """A figure or correction differs, and no record."""
        if finding is None:
            return
        broken = self._broken_by(number)
        if broken is None:
            raise Differs(self._perhaps(finding))
        raise Differs(
            broken._replace(
                text=f"{broken.text}; {finding.text}",
                unit_id=finding.unit_id,
                definition=finding.definition,
                window=finding.window,
                stated=finding.stated,
                recomputed=finding.recomputed,
            )
        )

    def _perhaps(self, finding: Finding) -> Finding:
        """An incident that was open when the book began can have been of another policy."""
        if not self._older_policy or (finding.about == "figures" and finding.definition):
            return finding
        why = "; the policy from before the book is not known, and may be why"
        return finding._replace(text=finding.text + why)

    # -- after the last entry ----------------------------------------------------------------------

    def tail(self) -> None:
        """The records after the last entry, and the steps."""
        if self._kept is not None and self._walk.broken is None and not self._aligned.lost:
            self._open_block()
        if self._aligned.first is None:
            # A correction is written at once, the mark of its record only with its block.
            self._rest(self._beside.last_cause)
            self._found(self._beside.end(), self._report.entries)
        sure = len(self._recount.steps)
        self._rest()
        if self._kept is None and self._report.entries and self._aligned.first is None:
            # Nobody says how far the worker had come: a day that has ended should be sealed.
            self._found(self._beside.days_left(), self._report.entries)
        self._feeding.end()
        if self._aligned.first is not None:
            raise Differs(self._of_records())
        self._check_steps(sure)

    def _open_block(self) -> None:
        """What has been read and is in no entry yet stands in the worker's state."""
        assert self._kept is not None
        chain, block = self._kept
        if chain.number > self._report.entries:
            text = (
                f"the book ends with entry {self._report.entries}, the worker wrote {chain.number}"
            )
            raise self._of_book("cut", text, self._report.entries + 1)
        marks = [mark for mark in block.records() if mark.offset > self._marked]
        if marks:
            self._feeding.folded_at(block.folded_at)
            self._take_records(marks, self._report.entries)

    def _rest(self, last: int | None = None) -> None:
        """The records that are not marked yet; `last`: up to this one."""
        for record in self._aligned.rest(last):
            self._report.unsealed += 1
            earliest = self._report.first_unsealed
            self._report.first_unsealed = min(earliest or record.timestamp, record.timestamp)
            if not self._aligned.lost:
                self._feeding.record(record)

    def _of_records(self) -> Finding:
        finding = first_difference(
            self._aligned.passed,
            self._aligned.begins,
            self._report.partition,
            self._zone,
            self._recount.dossiers_of,
            marks_after=self._marks_ahead(MOST_PASSED) if self._aligned.lost else None,
        )
        if finding.unit_id is None and self._thereby is not None:
            finding = finding._replace(unit_id=self._thereby.unit_id)
        if self._aligned.lost:
            text = f"{finding.text}; from there on records and book have nothing in common"
            finding = finding._replace(text=text)
        return finding._replace(thereby=self._thereby)

    def _check_steps(self, sure: int) -> None:
        if self._written.wrong is not None:
            raise Differs(self._written.wrong)
        again = self._recount.steps
        if self._report.entries == 0 and (self._aligned.read or self._steps):
            # Nothing says how far the worker has come but its steps.
            self._report.remarks.append(
                f"partition {self._report.partition}: it has no book; only the steps are checked, "
                "by the settings of today"
            )
            last = max((step.evidence.offset for step in self._steps), default=-1)
            sure = sum(step.evidence.offset <= last for step in again)
        unchecked = self._unchecked
        finding = differing_step(
            self._steps, again[unchecked:], sure - unchecked, self._report.partition, self._zone
        )
        if finding is not None:
            raise Differs(self._perhaps(finding))
        self._report.steps = len(self._steps)

    def count(self) -> None:
        """Put into the report what has been gone through."""
        report = self._report
        report.records = self._aligned.read
        report.days = frozenset(self._beside.days)
        report.unit_days = self._beside.unit_days
        report.corrections = self._beside.corrections
        report.confirmed_to = self._beside.confirmed_to
        report.others_steps = self._written.others
        if self._written.steps:
            report.first_step = min(step.at for step in self._written.steps)
            report.last_step = max(step.at for step in self._written.steps)
        report.without_bursts = frozenset(self._beside.without_bursts)
