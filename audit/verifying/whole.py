"""What the partitions say together: whose book is missing, and the last day confirmed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from zoneinfo import ZoneInfo

from audit.book_days import BookDays, SealedDay
from audit.verifying.finding import Finding
from audit.verifying.sources import PartitionReport
from schemas.instants import local_date


@dataclass(frozen=True, slots=True)
class Verified:
    """All partitions: what was found, and what the book has."""

    reports: Sequence[PartitionReport]
    findings: Sequence[Finding]  # the earliest first; those of no known time last
    sealed: Sequence[SealedDay]  # the days that all have closed, in order
    last_day: SealedDay | None  # the last of these up to which all is confirmed
    broken: bool  # entries of the book are gone, or another's: later days have no digest
    lost: bool  # a worker was at work, as its steps say, and nothing is left of any book

    def day_of(self, digest: str) -> SealedDay | None:
        """The sealed day that has a digest."""
        wanted = digest.strip().lower()
        return next((day for day in self.sealed if day.digest == wanted), None)

    def sums(self) -> dict[str, int]:
        """What has been gone through, in numbers."""
        return {
            "days": len(set(chain.from_iterable(report.days for report in self.reports))),
            "unit_days": sum(report.unit_days for report in self.reports),
            "steps": sum(report.steps for report in self.reports),
            "corrections": sum(report.corrections for report in self.reports),
            "records": sum(report.records for report in self.reports),
            "unsealed": sum(report.unsealed for report in self.reports),
        }

    def remarks(self) -> list[str]:
        """What could not be checked, a line each."""
        said = [remark for report in self.reports for remark in report.remarks]
        if steps := sum(report.others_steps for report in self.reports):
            step, be, past = ("step", "is", "was") if steps == 1 else ("steps", "are", "were")
            said.append(
                f"{steps:,} {step} of people or the notifier {be} not derived from events and "
                f"{past} not checked"
            )
        if days := len(set(chain.from_iterable(one.without_bursts for one in self.reports))):
            were = "1 day tells" if days == 1 else f"{days} days tell"
            said.append(f"{were} of no bursts: sealed by an earlier release, and none were checked")
        return said


def together(reports: Sequence[PartitionReport], days: BookDays, zone: ZoneInfo) -> Verified:
    """The answer of all partitions; a report whose book is missing is given that finding."""
    for partition in _missing_books(reports, zone):
        days.gap(partition)
    found = [report.finding for report in reports if report.finding is not None]
    found.sort(key=lambda one: (one.at is None, one.at or 0, one.partition))
    sealed = [day for day in days.all() if day.closed]
    until = min(map(_confirmed_until, reports), default=inf)
    return Verified(
        reports,
        found,
        sealed,
        next((day for day in reversed(sealed) if day.as_of <= until), None),
        days.broken,
        any(report.last_step is not None for report in reports)
        and not any(report.entries for report in reports),
    )


def _confirmed_until(report: PartitionReport) -> float:
    """The last midnight up to which nothing differs in a partition."""
    finding = report.finding
    if finding is None:
        return inf
    last = -inf if report.confirmed_to is None else report.confirmed_to
    return last if finding.about != "steps" or finding.at is None else min(last, finding.at)


def _missing_books(reports: Sequence[PartitionReport], zone: ZoneInfo) -> list[int]:
    """The partitions that must have had a book, since others have one; they are told so.

    Steps and book are written in one transaction, so steps without a book are proof, unless they
    are older than any book: a release that kept none may have made them. Records alone are none
    where workers are at work: one may just have begun, and not have come to them yet. In a copy of
    the topics without the workers' state nobody will come to them: there the days that others
    have sealed since are missing.
    """
    sealing = [report for report in reports if report.entries]
    if not sealing:
        return []
    began = min(report.book_began for report in sealing)
    sealed_to = max((report.sealed_to or 0 for report in sealing), default=0)
    at_work = any(report.kept for report in reports)
    missing = []
    for report in reports:
        if report.entries or (report.finding is not None and report.finding.about == "book"):
            continue
        told, read = report.last_step, report.first_unsealed
        by_steps = told is not None and (told >= began or not at_work)
        by_days = read is not None and read < sealed_to and not at_work
        where = f"partition {report.partition}"
        if by_steps or by_days:
            report.finding = _no_book(report, sealed_to, zone)
            missing.append(report.partition)
        elif read is not None and read < sealed_to:
            report.remarks.append(
                f"{where}: others have sealed days since its first record, and it has none: no "
                "worker has read it yet, or its book is gone"
            )
    return missing


def _no_book(report: PartitionReport, sealed_to: int, zone: ZoneInfo) -> Finding:
    known = [at for at in (report.first_step, report.first_unsealed) if at is not None]
    at = min(known)
    text = f"there is no book, and {report.records} records"
    text += " and steps that a worker made" if report.last_step is not None else ""
    if sealed_to:
        last = local_date(sealed_to * 1_000 - 1, zone).isoformat()
        text += f"; other partitions have sealed their days to {last}"
    day = local_date(at * 1_000, zone).isoformat()
    return Finding("book", "missing", report.partition, text, at, day)
