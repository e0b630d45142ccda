"""What cannot be folded: it ends in dead letters, and the monitor lives on as if it never came."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from indicators import ledger
from indicators.dossier import Course, course
from indicators.facts import Fact
from indicators.ledger import ALWAYS_FITS
from schemas.dead_letter import DETAIL_LIMIT
from streams.book_state import BLOCK_KEY, CHAIN_KEY
from streams.record import FiledRecord
from tests.streams.telling import (
    Life,
    Topic,
    after,
    event,
    late,
    monitor,
    on_time,
    policy,
    rules,
    seen,
)

MEBIBYTE = 1 << 20


class PoisonError(Exception):
    """A defect of a rule."""


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that fails on every dossier with an event whose id begins with `poison`."""

    def failing(facts: Sequence[Fact], zone: ZoneInfo) -> Course:
        if any(fact.event_id.startswith("poison") for fact in facts):
            raise PoisonError("this rule " + "fails " * 200)
        return course(facts, zone)

    monkeypatch.setattr(ledger, "course", failing)


def poisoned(topic: Topic, arrived: float, dossier: str = "a", occurred: float = -5) -> FiledRecord:
    number = f"poison{topic.next}"
    return topic.record(arrived, event(number, "completed", occurred, due=-6, dossier=dossier))


@pytest.mark.usefixtures("poison")
def test_a_record_that_cannot_be_folded_is_a_dead_letter() -> None:
    topic, one = Topic(), monitor()
    told = one.fold([poisoned(topic, 0)])
    (letter,) = told.dead_letters
    assert letter.reason.value == "not_foldable"
    assert letter.detail.startswith("the fold failed: PoisonError: this rule fails")
    assert len(letter.detail) <= DETAIL_LIMIT
    assert (told.folded, told.statuses) == (0, [])
    assert told.changes.keys() == {CHAIN_KEY, BLOCK_KEY}  # it has been read, and no more
    assert (one.clock, one.offset, list(one.units())) == (None, -1, [])


@pytest.mark.usefixtures("poison")
@pytest.mark.parametrize("cut", [True, False], ids=["in its own chunk", "among others in a chunk"])
@pytest.mark.parametrize(
    ("arrived", "following"),
    [
        pytest.param(1, 2, id="the records after it arrive later"),
        pytest.param(2, 2, id="at the same instant"),
        pytest.param(9, 2, id="stamped earlier than it"),
        pytest.param(200, 2, id="stamped minutes earlier than it"),
    ],
)
def test_the_monitor_goes_on_as_if_it_never_came(
    cut: bool, arrived: float, following: float
) -> None:
    topic = Topic()
    records = [
        late(topic, 0, "a"),
        poisoned(topic, arrived, "a"),
        on_time(topic, following, "b"),
        poisoned(topic, following + 1, "b"),
        late(topic, following + 2, "c"),
    ]
    good, all_of_them, one, other = Life(), Life(), monitor(), monitor()
    good.take(one.fold([record for record in records if b"poison" not in (record.value or b"")]))
    for chunk in [[record] for record in records] if cut else [records]:
        all_of_them.take(other.fold(chunk))
    assert all_of_them.letters == [(1, "not_foldable"), (3, "not_foldable")]
    all_of_them.letters = []
    for life in (good, all_of_them):  # the book has all that was read
        life.state = {key: one for key, one in life.state.items() if b"book" not in key}
        life.book = []
    assert all_of_them.outcome() == good.outcome()
    assert (one.clock, one.offset) == (other.clock, other.offset)
    assert one.next_minute == other.next_minute


@pytest.mark.usefixtures("poison")
def test_what_is_told_after_a_failed_fold_still_names_the_last_record() -> None:
    """Of a unit that nothing judges again: its status by the passing of time alone."""
    by = rules(policy("30d"), ("1d", "30d"))
    topic, one, other = Topic(), monitor(by), monitor(by)
    good = late(topic, 0, "a")
    one.fold([good])
    other.fold([good])
    other.fold([poisoned(topic, 1, "a")])
    a_day_later = after(25 * 3600)  # outside 1d, and no more than that
    expected, found = one.advance(a_day_later), other.advance(a_day_later)
    assert expected.statuses
    assert found.statuses == expected.statuses
    assert all(status.offset == good.offset for status in found.statuses)


@pytest.mark.usefixtures("poison")
@pytest.mark.parametrize("cut", [True, False], ids=["in its own chunk", "among others in a chunk"])
def test_what_cannot_be_folded_corrects_nothing(cut: bool) -> None:
    """Were it taken in, the opening would not have been so: the end would have been on time."""
    by, topic = rules(policy("30d")), Topic()

    def known_late(arrived: float, dossier: str) -> FiledRecord:
        told = event(f"{dossier}-end", "completed", -9, due=-5, dossier=dossier)
        return topic.record(arrived, told)

    opened, poison = late(topic, 0, "a"), poisoned(topic, 1, "a", occurred=-9_999_999)
    records = [opened, poison, *(known_late(2 + number, f"b{number}") for number in range(9))]
    one, life = monitor(by), Life()
    for chunk in [[record] for record in records] if cut else [records]:
        life.take(one.fold(chunk))
    assert life.letters == [(1, "not_foldable")]
    assert [step.kind for step in life.steps] == ["opened", "improved", "corrected", "closed"]
    corrected = life.steps[2]
    assert (corrected.evidence.numerator, corrected.evidence.denominator) == (9, 10)


@pytest.mark.usefixtures("poison")
def test_an_event_of_the_future_that_cannot_be_folded_does_not_stop_the_partition() -> None:
    topic, one = Topic(), monitor()
    one.fold([late(topic, 0, "a"), poisoned(topic, 0, "p", occurred=30)])
    one.advance(after(120))
    told = one.fold([on_time(topic, 130, "b")])
    assert (told.folded, told.dead_letters) == (1, [])


def test_the_monitor_goes_on_after_the_defect_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    topic, one = Topic(), monitor()

    def failing(facts: Sequence[Fact], zone: ZoneInfo) -> Course:
        raise PoisonError

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "course", failing)
        assert [one.reason.value for one in one.fold([late(topic, 0, "a")]).dead_letters] == [
            "not_foldable"
        ]
    assert seen(one.fold([late(topic, 1, "a")]).steps) == [("opened", 1)]


@pytest.mark.parametrize(
    "stamp",
    [
        pytest.param(after(0) * 1000, id="microseconds taken for milliseconds"),
        pytest.param(1 << 62, id="the largest there is"),
        pytest.param(253_402_300_800_000, id="the year 10000"),
    ],
)
def test_an_arrival_that_is_no_date_ends_in_dead_letters_and_leaves_the_clock(stamp: int) -> None:
    topic, one = Topic(), monitor()
    one.fold([on_time(topic, 0, "a")])
    odd = on_time(topic, 0, "b")._replace(timestamp=stamp)
    told = one.fold([odd])
    assert [letter.record for letter in told.dead_letters] == [odd]
    assert one.clock == after(0)
    assert one.fold([on_time(topic, 1, "c")]).folded == 1


def largest(number: int) -> dict[str, object]:
    """The event that takes most room in the state of all that the contract allows."""
    return event(
        f"{number:04}" + "ế" * 196,
        "voided",
        number / 1000,
        voids="ế" * 200,
        procedure_id="\u0001" * 500,
        step="s" * 500,
        channel="online",
        service_level="partial",
        due=number,
        dossier="\U00020000" * 200,
        unit="U",
    )


def test_a_dossier_too_large_to_keep_ends_as_too_large_below_a_mebibyte() -> None:
    topic, one, life = Topic(), monitor(), Life()
    life.take(one.fold([topic.record(0, largest(number)) for number in range(ALWAYS_FITS + 5)]))
    assert life.folded >= ALWAYS_FITS
    assert {reason for _, reason in life.letters} == {"too_large"}
    largest_kept = max(len(key) + len(value) for key, value in life.state.items())
    assert largest_kept < MEBIBYTE - 1024


def test_a_dossier_that_is_full_still_knows_what_it_has() -> None:
    topic, one, life = Topic(), monitor(rules(windows=("1d",))), Life()

    def note(number: int) -> dict[str, object]:
        return event(f"{number:0200}", "processing", -number, procedure_id="x" * 500)

    while not life.letters:
        start = topic.next
        assert start < 1_000
        life.take(one.fold([topic.record(0, note(number)) for number in range(start, start + 50)]))
    assert {reason for _, reason in life.letters} == {"too_large"}
    assert max(map(len, life.state.values())) < MEBIBYTE - 1024
    assert one.fold([topic.record(1, note(0))]).duplicates == 1
    assert one.fold([late(topic, 2, "another")]).folded == 1
