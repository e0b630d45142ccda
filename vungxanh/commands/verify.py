"""`vungxanh verify`: the book, the history and the steps of incidents proved by each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import click
import orjson

from audit.book_days import BookDays, SealedDay
from audit.verifying.finding import Finding
from audit.verifying.sources import PartitionReport
from audit.verifying.verify import verify_partition
from vungxanh.book_reading import TopicPartitions
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE, FINDINGS
from vungxanh.printing import jobs_option
from vungxanh.processes.partitions import each_partition
from vungxanh.processes.work import Told
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules


@dataclass(frozen=True, slots=True)
class VerifiedPartition:
    """What has been confirmed of a partition, and its pages."""

    settings: Settings
    topics: TopicPartitions

    def __call__(self, partition: int, told: Told) -> tuple[PartitionReport, BookDays]:
        """Read it and compare."""
        days = BookDays()
        history = self.topics.history(partition, told)
        rules = monitor_rules(self.settings)
        report = verify_partition(partition, self.topics.count, history, rules, days)
        first = self.topics.firsts[partition]
        if first > 0 and report.finding is None:  # the book began later, or there is none
            text = f"the topic begins at offset {first}: what was before it could not be checked"
            report.finding = Finding("records", "cut", partition, text, topic_offset=first)
        return report, days


@click.command(cls=VungxanhCommand)
@click.option(
    "--digest",
    metavar="DIGEST",
    help="of a sealed day, as printed or kept elsewhere: the book must still have it",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="text for people, JSON for programs",
)
@jobs_option()
@pass_run
def command(run: Run, digest: str | None, form: str, jobs: int | None) -> int:
    """Compute every sealed day and every step of an incident again from the history.

    Exit code 0: all is as the book and unit-alerts say. 1: the first difference of each partition
    is named, the earliest first. Workers may go on meanwhile.
    """
    settings = run.settings()
    days = BookDays()
    reports: list[PartitionReport] = []
    topics = TopicPartitions(settings)
    for report, own in each_partition(
        "verifying", VerifiedPartition(settings, topics), topics.sizes, jobs
    ):
        reports.append(report)
        days.join(own)
    sealed = [day for day in days.all() if day.closed]
    found = _findings(reports)
    foreign = digest is not None and not _has(sealed, digest)
    lost = _lost(reports)
    if form == "json":
        answer = _as_dict(reports, found, sealed)
        answer["digest_found"] = None if digest is None else not foreign
        answer["book_lost"] = lost
        answer["confirmed"] = not (found or foreign or lost)
        click.echo(orjson.dumps(answer))
    else:
        if foreign:
            click.echo(f"book: no day that it has sealed has the digest {digest}: another book")
        if lost:
            click.echo(
                "book: missing: a worker has made steps, and no book: they alone are checked"
            )
        for line in _lines(reports, found, sealed, confirmed=not (found or foreign or lost)):
            click.echo(line)
    return FINDINGS if found or foreign or lost else DONE


def _lost(reports: Iterable[PartitionReport]) -> bool:
    """Whether a worker was at work, as its steps say, and nothing is left of its book."""
    return any(report.steps for report in reports) and not any(report.entries for report in reports)


def _findings(reports: Iterable[PartitionReport]) -> list[Finding]:
    """The earliest first; those of no known time last."""
    found = [report.finding for report in reports if report.finding is not None]
    return sorted(found, key=lambda one: (one.at is None, one.at or 0, one.partition))


def _has(sealed: Iterable[SealedDay], digest: str) -> bool:
    return digest.strip().lower() in {day.digest for day in sealed}


def _sums(reports: Sequence[PartitionReport]) -> dict[str, int]:
    return {
        "days": len(set(chain.from_iterable(report.days for report in reports))),
        "unit_days": sum(report.unit_days for report in reports),
        "steps": sum(report.steps for report in reports),
        "corrections": sum(report.corrections for report in reports),
        "records": sum(report.records for report in reports),
        "unsealed": sum(report.unsealed for report in reports),
    }


def _as_dict(
    reports: Sequence[PartitionReport], found: Sequence[Finding], sealed: Sequence[SealedDay]
) -> dict[str, object]:
    last = sealed[-1] if sealed else None
    return {
        **_sums(reports),
        "last_day": None if last is None else {"day": last.day, "digest": last.digest},
        "remarks": [remark for report in reports for remark in report.remarks],
        "findings": [one.to_dict() for one in found],
    }


def _lines(
    reports: Sequence[PartitionReport],
    found: Sequence[Finding],
    sealed: Sequence[SealedDay],
    *,
    confirmed: bool,
) -> Iterable[str]:
    for one in found:
        yield from one.lines()
    sums = {name: f"{number:,}" for name, number in _sums(reports).items()}
    yield (
        f"{'confirmed' if confirmed else 'not confirmed'}: {sums['days']} days, "
        f"{sums['unit_days']} unit days, {sums['steps']} steps, {sums['corrections']} corrections; "
        f"{sums['records']} records read" + (" up to the differences" if found else "")
    )
    if not any(report.entries for report in reports):
        yield "  nothing is sealed"
    elif sums["unsealed"] != "0":
        yield f"  {sums['unsealed']} records are in no entry of the book yet"
    for report in reports:
        yield from (f"  {remark}" for remark in report.remarks)
    if sealed:
        yield f"  last day sealed: {sealed[-1].day}, digest {sealed[-1].digest}"
