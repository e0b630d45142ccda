"""`verify` and a book that was written by several releases, which knew other definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from audit.verifying.sources import PartitionReport
from indicators.counts import Tally
from indicators.definitions import DEFINITIONS, Count
from schemas.book import FigureCorrected, Terms, read_entry
from streams.record import FiledRecord
from tests.audit.sealed_history import History, Live, history_of, verified
from tests.audit.test_verify import chained_anew
from tests.streams.telling import Topic, event, late, on_time, policy, rules

RULES = rules(policy("7d", min_sample=3), ("1d", "7d"))
OTHER_WINDOWS = rules(policy("7d", min_sample=3), ("7d", "30d"))
DAY_S = 86_400.0
NEWER = "ended@1"


def ended(tally: Tally) -> Count:
    """A definition of a later release."""
    return Count(tally.early, tally.early + tally.on_time + tally.late)


def records(days: int = 9) -> list[FiledRecord]:
    """Each day something on time, something late, and something that ended the day before."""
    topic, told = Topic(), list[FiledRecord]()
    for day in range(days):
        at = day * DAY_S
        told += [late(topic, at, f"a{day}"), on_time(topic, at + 60, f"b{day}")]
        before = event(f"c{day}", "completed", at - DAY_S, due=at, dossier=f"c{day}")
        told.append(topic.record(at + 120, before))
    return told


class Releases:
    """One partition through several releases; each knows definitions of its own."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.records = records()
        self.live = Live(RULES)
        self._read = 0

    def reads(self, to: int) -> None:
        self.live.fold(self.records[self._read : to])
        self._read = to

    def gain(self) -> None:
        self.knows_it_again()
        self.live.restart()

    def knows_it_again(self) -> None:
        self._patch.setitem(DEFINITIONS, NEWER, ended)

    def lose(self) -> None:
        self._patch.delitem(DEFINITIONS, NEWER)
        self.live.restart()

    def history(self) -> History:
        return history_of(self.live, self.records)


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Releases:
    return Releases(monkeypatch)


def assert_confirmed(history: History) -> PartitionReport:
    for one in (history, history.with_records(list(history.written))):
        report = verified(one, RULES)
        assert report.finding is None, report.finding.lines()
    entries = [read_entry(one.value or b"") for one in history.entries]
    assert report.corrections == sum(isinstance(one, FigureCorrected) for one in entries) > 1
    return report


def terms_of(history: History) -> Sequence[tuple[str, ...]]:
    entries = [read_entry(one.value or b"") for one in history.entries]
    return [one.definitions for one in entries if isinstance(one, Terms)]


@pytest.mark.parametrize("cut", range(10, 22))
def test_a_release_with_a_definition_more_after_a_correction(releases: Releases, cut: int) -> None:
    releases.reads(cut)
    releases.gain()
    releases.reads(len(releases.records))

    history = releases.history()

    assert terms_of(history) == [("resolved@1", "strict@1"), ("resolved@1", "strict@1", NEWER)]
    assert_confirmed(history)


@pytest.mark.parametrize("cut", range(10, 22))
def test_a_release_with_a_definition_less_after_a_correction(releases: Releases, cut: int) -> None:
    releases.gain()
    releases.reads(cut)
    releases.lose()
    releases.reads(len(releases.records))
    history = releases.history()

    finding = verified(history, RULES).finding
    assert finding is not None
    assert (finding.difference, finding.number) == ("unknown", 1)

    releases.knows_it_again()
    assert_confirmed(history)


@pytest.mark.parametrize("back", range(11, 18))
def test_a_release_that_was_taken_back(releases: Releases, back: int) -> None:
    """Before a day is stated by it the days of before are remembered, and after it forgotten."""
    releases.reads(11)
    releases.gain()
    releases.reads(back)
    releases.live.tick(releases.records[back].timestamp - 1)
    releases.lose()
    releases.reads(len(releases.records))

    history = releases.history()

    assert len(terms_of(history)) == 3
    finding = verified(history, RULES).finding
    assert finding is not None
    assert finding.difference == "unknown"
    releases.knows_it_again()
    assert_confirmed(history)


@pytest.mark.parametrize("cut", range(10, 22))
def test_other_windows_after_a_correction(releases: Releases, cut: int) -> None:
    releases.reads(cut)
    releases.live.restart(OTHER_WINDOWS)
    releases.reads(len(releases.records))
    assert_confirmed(releases.history())


def test_a_correction_changed_right_before_the_terms(releases: Releases) -> None:
    """It is found where it stands: by the definitions of then."""
    releases.reads(12)
    releases.gain()
    releases.reads(len(releases.records))
    forged = [
        one._replace(value=(one.value or b"").replace(b'"new":[', b'"new":[1'))
        if b'"event_id":"c3"' in (one.value or b"")
        else one
        for one in releases.live.book
    ]
    history = replace(releases.history(), entries=chained_anew(forged), kept=None)

    finding = verified(history, RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference, finding.event_id) == ("corrections", "changed", "c3")
    assert (finding.definition, finding.day) == ("resolved@1", "2024-01-12")
