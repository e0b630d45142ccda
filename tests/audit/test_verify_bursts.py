"""`verify` and the bursts of corrections in the book: confirmed, tampered with, not yet there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from audit.book_days import BookDays
from audit.verifying.finding import Finding
from schemas.book import (
    NO_BURSTS,
    BookEntry,
    BurstOfDay,
    BurstsOfDay,
    CorrectionOfDay,
    DayPage,
    UnitDay,
    read_entry,
)
from streams.record import FiledRecord
from tests.audit.sealed_history import History, lived, verified
from tests.audit.test_verify import chained_anew
from tests.streams.telling import Topic, event, late, on_time, policy, rules

RULES = rules(policy("7d", min_sample=3), ("1d", "7d"))
DAY_S = 86_400
TO_MIDNIGHT = 16 * 3_600  # from the beginning


def records() -> list[FiledRecord]:
    """Some days of three units; U has a burst that grows after midnight, W nothing but voids."""
    topic, told = Topic(), list[FiledRecord]()
    for day in range(5):
        at = day * DAY_S
        told += [late(topic, at, f"a{day}"), on_time(topic, at + 60, f"b{day}", "V")]
        if day in (1, 3):
            told += [void(topic, at + TO_MIDNIGHT - 60 + n, f"u{day}{n}", "U") for n in range(6)]
            told += [void(topic, at + TO_MIDNIGHT + 60 + n, f"w{day}{n}", "U") for n in range(3)]
    told += [void(topic, 5 * DAY_S + n, f"w{n}", "W") for n in range(5)]
    return [*told, on_time(topic, 7 * DAY_S, "last")]


def void(topic: Topic, at: float, dossier: str, unit: str) -> FiledRecord:
    told = event("v", "voided", at, dossier=dossier, unit=unit, voids=f"{dossier}-end")
    return topic.record(at, told, unit)


@cache
def world() -> History:
    history = lived(RULES, records(), Random(4))[1]
    assert [one[:2] for one in listed(history)] == [
        ("U", "2024-01-11"),
        ("U", "2024-01-12"),
        ("U", "2024-01-13"),
        ("U", "2024-01-14"),
        ("W", "2024-01-15"),
    ]
    return history


def leaves_of(history: History) -> list[UnitDay]:
    entries = (read_entry(one.value or b"") for one in history.entries)
    return [entry for entry in entries if isinstance(entry, UnitDay)]


def listed(history: History) -> list[tuple[str, str, BurstsOfDay | None]]:
    leaves = [leaf for leaf in leaves_of(history) if leaf.bursts != NO_BURSTS]
    return [(leaf.unit_id, leaf.day, leaf.bursts) for leaf in leaves]


def found(history: History) -> Finding:
    finding = verified(history, RULES).finding
    assert finding is not None
    return finding


def written(
    entries: Sequence[FiledRecord], make: Callable[[BookEntry], BookEntry | None]
) -> History:
    """The book with other entries in it, with all digests made to fit; None: it is left out."""
    made = []
    for one in entries:
        entry = make(read_entry(one.value or b""))
        if entry is not None:
            made.append(one._replace(value=entry.to_json()))
    return replace(world(), entries=chained_anew(made), kept=None)


# -- the untouched ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_bursts_are_confirmed_wherever_the_worker_stopped(seed: int) -> None:
    _, history = lived(RULES, records(), Random(seed))
    for one in (history, replace(history, kept=None), history.with_records(records())):
        report = verified(one, RULES)
        assert report.finding is None, report.finding.lines()
        assert len(report.days) >= 7
    assert listed(history) == listed(world())


# -- tampered with ---------------------------------------------------------------------------------


def other(burst: BurstOfDay, **fields: object) -> BurstsOfDay:
    return BurstsOfDay((burst._replace(**fields),), 0)  # type: ignore[arg-type]


TAMPERINGS: list[tuple[str, Callable[[BurstOfDay], BurstsOfDay | None], str, str]] = [
    ("gone", lambda burst: NO_BURSTS, "nothing", "6 corrections from"),
    ("first", lambda burst: other(burst, first=burst.first - 1), "6 corrections", "6 corrections"),
    ("last", lambda burst: other(burst, last=burst.last + 1), "6 corrections", "6 corrections"),
    ("fewer", lambda burst: other(burst, corrections=5), "5 corrections", "6 corrections"),
    ("more", lambda burst: other(burst, more=1), "6 of them named and 1 more", "and 0 more"),
    ("unnamed", lambda burst: other(burst, named=burst.named[1:], more=1), "5 of them", "6 of"),
    (
        "another dossier",
        lambda burst: other(burst, named=(*burst.named[:-1], CorrectionOfDay("x", "v")), more=0),
        "event v of dossier x",
        "event v of dossier u15",
    ),
    ("invented", lambda burst: BurstsOfDay((burst, burst), 0), "6 corrections", "nothing"),
    ("not listed", lambda burst: BurstsOfDay((burst,), 1), "1 more", "0 more"),
    ("stripped", lambda burst: None, "not told of", "1"),
]


@pytest.mark.parametrize(
    ("make", "stated", "recomputed"),
    [one[1:] for one in TAMPERINGS],
    ids=[one[0] for one in TAMPERINGS],
)
def test_a_burst_that_is_changed_is_named(
    make: Callable[[BurstOfDay], BurstsOfDay | None], stated: str, recomputed: str
) -> None:
    """With every digest made to fit."""

    def changed(entry: BookEntry) -> BookEntry:
        if isinstance(entry, UnitDay) and (entry.unit_id, entry.day) == ("U", "2024-01-11"):
            assert entry.bursts is not None
            [burst] = entry.bursts.listed
            return entry._replace(bursts=make(burst))
        return entry

    finding = found(written(world().entries, changed))
    assert (finding.about, finding.difference) == ("figures", "changed")
    assert (finding.unit_id, finding.day) == ("U", "2024-01-11")
    assert finding.text.startswith("unit U, 2024-01-11: bursts: stated ")
    assert stated in (finding.stated or "")
    assert recomputed in (finding.recomputed or "")
    assert finding.stated != finding.recomputed


def test_a_burst_stripped_from_a_leaf_is_found_by_the_root() -> None:
    entries = []
    for one in world().entries:
        entry = read_entry(one.value or b"")
        if isinstance(entry, UnitDay):
            entries.append(one._replace(value=entry._replace(bursts=None).to_json()))
        else:
            entries.append(one)
    finding = found(replace(world(), entries=entries))
    assert (finding.about, finding.difference, finding.day) == ("book", "changed", "2024-01-10")


def test_a_leaf_there_is_for_its_burst_alone_that_is_gone() -> None:
    finding = found(
        written(
            world().entries, lambda entry: None if getattr(entry, "unit_id", 0) == "W" else entry
        )
    )
    assert (finding.difference, finding.unit_id, finding.day) == ("missing", "W", "2024-01-15")


def test_a_page_with_another_number_of_bursts() -> None:
    def changed(entry: BookEntry) -> BookEntry:
        if isinstance(entry, DayPage) and entry.day == "2024-01-12":
            return entry._replace(burst_count=0)
        return entry

    finding = found(written(world().entries, changed))
    assert (finding.day, finding.stated, finding.recomputed) == ("2024-01-12", "0", "1")
    assert "burst count" in finding.text


def test_a_void_that_is_gone_is_named_with_the_burst_that_it_was_of() -> None:
    voids = [one for one in records() if b'"voided"' in (one.value or b"")]
    finding = found(world().with_records([one for one in records() if one != voids[2]]))
    assert (finding.about, finding.difference, finding.offset) == (
        "records",
        "removed",
        voids[2].offset,
    )
    thereby = finding.thereby
    assert thereby is not None
    assert thereby.text.startswith("unit U, 2024-01-11: bursts: stated 6 corrections from ")
    assert (thereby.recomputed or "").startswith("5 corrections from ")


# -- books from before -----------------------------------------------------------------------------


def of_first_books(entry: BookEntry) -> BookEntry | None:
    """As a release wrote it that knew of no bursts."""
    if isinstance(entry, DayPage):
        return entry._replace(burst_count=None)
    if isinstance(entry, UnitDay):
        return entry._replace(bursts=None) if entry.has_counts or entry.signs else None
    return entry


@pytest.mark.parametrize("days", range(8))
def test_a_book_begun_before_there_were_bursts_is_confirmed(days: int) -> None:
    """The first days of it, by number; then the release has changed."""
    seen: set[str] = set()

    def since(entry: BookEntry) -> BookEntry | None:
        if isinstance(entry, DayPage | UnitDay):
            seen.add(entry.day)
        return of_first_books(entry) if len(seen) <= days else entry

    history = written(world().entries, since)
    report = verified(history, RULES)
    assert report.finding is None, report.finding.lines()
    assert len(report.days) == 7
    assert len(report.without_bursts) == min(days, 7)


@pytest.mark.parametrize("days", range(1, 7))
def test_bursts_that_are_stripped_from_all_later_days_are_missed(days: int) -> None:
    """By somebody who makes every digest fit: the first pages of the book told of bursts."""
    seen: list[str] = []

    def until(entry: BookEntry) -> BookEntry | None:
        if isinstance(entry, DayPage | UnitDay) and entry.day not in seen:
            seen.append(entry.day)
        return entry if len(seen) <= days else of_first_books(entry)

    finding = found(written(world().entries, until))
    assert (finding.about, finding.difference, finding.day) == ("figures", "changed", seen[days])
    assert finding.text == (
        f"the page of {seen[days]} tells of no bursts, and that of {seen[0]} before it did"
    )
    assert finding.number is not None


def test_a_figure_of_a_book_from_before_is_compared_all_the_same() -> None:
    def changed(entry: BookEntry) -> BookEntry | None:
        if isinstance(entry, UnitDay) and (entry.unit_id, entry.day) == ("V", "2024-01-12"):
            return of_first_books(entry._replace(zone="red"))
        return of_first_books(entry)

    finding = found(written(world().entries, changed))
    assert finding.text == "unit V, 2024-01-12: zone: stated red, recomputed green"


def test_a_void_that_is_gone_changes_no_figure_of_a_book_from_before() -> None:
    voids = [one for one in records() if b'"voided"' in (one.value or b"")]
    history = written(world().entries, of_first_books)
    finding = found(history.with_records([one for one in records() if one != voids[2]]))
    assert (finding.difference, finding.offset, finding.thereby) == (
        "removed",
        voids[2].offset,
        None,
    )


def test_a_burst_in_a_book_whose_page_tells_of_none() -> None:
    def changed(entry: BookEntry) -> BookEntry | None:
        return entry if isinstance(entry, UnitDay) else of_first_books(entry)

    finding = found(written(world().entries, changed))
    assert (finding.stated, finding.recomputed) == ("0", "not told of")


def test_a_book_written_again_without_bursts_is_found_by_what_was_kept_of_it() -> None:
    """The worker's own state, and the digest of any day."""
    history = written(world().entries, of_first_books)
    assert found(replace(history, kept=world().kept)).about == "book"
    printed, now = BookDays(), BookDays()
    verified(world(), RULES, printed)
    verified(history, RULES, now)
    assert not {day.digest for day in printed.all()} & {day.digest for day in now.all()}
