"""`vungxanh verify`: the book, the history and the steps of incidents proved by each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import click
import orjson

from audit.book_days import BookDays, SealedDay
from audit.verifying.finding import Finding
from audit.verifying.sources import PartitionReport
from audit.verifying.verify import verify_partition
from audit.verifying.whole import Verified, together
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
    verified = together(reports, days, monitor_rules(settings).zone)
    named = None if digest is None else verified.day_of(digest)
    foreign = digest is not None and named is None
    confirmed = not (verified.findings or foreign or verified.lost)
    if form == "json":
        answer = _as_dict(verified)
        answer["digest_found"] = None if digest is None else not foreign
        answer["digest_day"] = None if named is None else named.day
        answer["book_lost"] = verified.lost
        answer["confirmed"] = confirmed
        click.echo(orjson.dumps(answer))
    else:
        if digest is not None:
            click.echo(_of_digest(verified, digest, named))
        if verified.lost:
            click.echo(
                "book: missing: a worker has made steps, and no book: they alone are checked"
            )
        for line in _lines(verified, confirmed=confirmed):
            click.echo(line)
    return DONE if confirmed else FINDINGS


def _of_digest(verified: Verified, digest: str, named: SealedDay | None) -> str:
    """Whether the book has the digest that somebody kept."""
    if named is not None:
        return f"book: the digest {digest} is that of {named.day}"
    if not verified.broken:
        return f"book: no day that it has sealed has the digest {digest}: another book"
    until = f"beyond {verified.sealed[-1].day}" if verified.sealed else "at all"
    return (
        f"book: the digest {digest} could not be looked for {until}: entries of the book are gone "
        "or changed" + (", and no day until then has it" if verified.sealed else "")
    )


def _as_dict(verified: Verified) -> dict[str, object]:
    last = verified.last_day
    return {
        **verified.sums(),
        "last_day": None if last is None else {"day": last.day, "digest": last.digest},
        "remarks": verified.remarks(),
        "findings": [one.to_dict() for one in verified.findings],
    }


def _lines(verified: Verified, *, confirmed: bool) -> Iterable[str]:
    for one in verified.findings:
        yield from one.lines()
    sums = {name: f"{number:,}" for name, number in verified.sums().items()}
    yield (
        f"{'confirmed' if confirmed else 'not confirmed'}: {sums['days']} days, "
        f"{sums['unit_days']} unit days, {sums['steps']} steps, {sums['corrections']} corrections; "
        f"{sums['records']} records read" + (" up to the differences" * bool(verified.findings))
    )
    if not any(report.entries for report in verified.reports):
        yield "  nothing is sealed"
    elif sums["unsealed"] != "0":
        yield f"  {sums['unsealed']} records are in no entry of the book yet"
    yield from (f"  {remark}" for remark in verified.remarks())
    yield from _last_day(verified)


def _last_day(verified: Verified) -> Iterable[str]:
    """The line to keep: the last day up to which nothing differs, with its digest."""
    last = verified.last_day
    if last is not None:
        what = "confirmed" if verified.findings else "sealed"
        yield f"  last day {what}: {last.day}, digest {last.digest}"
    elif verified.sealed:
        yield f"  {len(verified.sealed)} days are sealed by all partitions, and none is confirmed"
