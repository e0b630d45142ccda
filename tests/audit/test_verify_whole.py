"""`verify` over all partitions: a book that is missing, the digests, the last day confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from audit.book_days import BookDays
from audit.verifying.sources import PartitionReport
from audit.verifying.verify import verify_partition
from audit.verifying.whole import Verified, together
from indicators.counts import Tally
from indicators.definitions import DEFINITIONS, Count
from schemas.book import DayPage, UnitDay, read_entry
from streams.record import FiledRecord
from streams.routing import partition_of
from tests.audit.sealed_history import History, Live, history_of, lived
from tests.audit.test_verify import chained_anew
from tests.indicators.telling import VIET_NAM
from tests.streams.telling import Topic, late, on_time, policy, rules

RULES = rules(policy("7d", min_sample=2), ("1d", "7d"))
DAY_S = 86_400.0
DAYS = 9
PARTITIONS = 3
UNITS = [next(u for u in "ABCDEFGHIJ" if partition_of(u, PARTITIONS) == n) for n in range(3)]


def records_of(partition: int, incidents: bool = True) -> list[FiledRecord]:
    """Each day some of one unit; where there are to be incidents, two of three are late."""
    topic, unit = Topic(partition), UNITS[partition]
    end = late if incidents else on_time
    told = []
    for day in range(DAYS):
        told += [end(topic, day * DAY_S + n, f"a{day}{n}", unit) for n in range(2)]
        told.append(on_time(topic, day * DAY_S + 5, f"b{day}", unit))
    return told


@cache
def world() -> tuple[History, ...]:
    """Three partitions; in the last one nothing is ever below green, so it has no steps."""
    histories = tuple(
        lived(RULES, records_of(number, number < 2), None, number, PARTITIONS)[1]
        for number in range(PARTITIONS)
    )
    assert [bool(one.told) for one in histories] == [True, True, False]
    return histories


def whole(*histories: History) -> Verified:
    days, reports = BookDays(), list[PartitionReport]()
    for number, history in enumerate(histories):
        own = BookDays()
        reports.append(verify_partition(number, len(histories), history, RULES, own))
        days.join(own)
    return together(reports, days, VIET_NAM)


def copied(histories: Sequence[History]) -> list[History]:
    """Without the workers' own state."""
    return [replace(one, kept=None) for one in histories]


def without_book(history: History) -> History:
    return replace(history, entries=[], kept=None)


NOTHING = History([], [], [], None)


def test_the_untouched_is_confirmed_to_its_last_day() -> None:
    for histories in (world(), copied(world())):
        verified = whole(*histories)
        assert (verified.findings, verified.remarks(), verified.broken) == ([], [], False)
        assert verified.last_day == verified.sealed[-1]
        assert len(verified.sealed) == DAYS - 1


# -- a book that is missing ------------------------------------------------------------------------


@pytest.mark.parametrize("gone", range(PARTITIONS))
def test_in_a_copy_a_partition_without_the_book_that_others_have_is_named(gone: int) -> None:
    """By its steps; and where it has none, by its records of days that others have sealed."""
    histories = copied(world())
    histories[gone] = without_book(histories[gone])
    verified = whole(*histories)
    [finding] = verified.findings
    assert (finding.about, finding.difference, finding.partition) == ("book", "missing", gone)
    assert (finding.day, finding.at) == ("2024-01-10", histories[gone].written[0].timestamp)
    assert finding.text.startswith(f"there is no book, and {3 * DAYS} records")
    assert ("steps" in finding.text) == (gone < 2)
    assert finding.text.endswith("other partitions have sealed their days to 2024-01-17")
    assert verified.sealed == []  # a page of every day may be gone
    assert (verified.last_day, verified.lost) == (None, False)


def test_where_workers_are_at_work_steps_without_a_book_are_proof() -> None:
    histories = list(world())
    histories[1] = without_book(histories[1])
    [finding] = whole(*histories).findings
    assert (finding.difference, finding.partition) == ("missing", 1)


def test_where_workers_are_at_work_one_may_not_have_read_a_partition_yet() -> None:
    histories = list(world())
    histories[2] = without_book(histories[2])
    verified = whole(*histories)
    assert verified.findings == []
    assert any(
        one.startswith("partition 2: others have sealed days since its first record")
        for one in verified.remarks()
    )


def test_steps_of_a_release_without_a_book_are_no_proof() -> None:
    """Workers are being replaced: one has taken over, and another one not yet."""
    before = records_of(0)
    live = Live(RULES, PARTITIONS, 0)
    live.fold(before[:-3])
    live.book.clear()
    live.state = {key: value for key, value in live.state.items() if b"book" not in key}
    live.restart()
    live.fold(before[-3:])
    live.tick(before[-1].timestamp + round(DAY_S * 1000))
    older = [one for one in world()[1].told if one.timestamp < before[-4].timestamp]
    assert older
    not_yet = replace(without_book(world()[1]), written=records_of(1)[:-3], told=older)

    assert whole(history_of(live, before), not_yet, NOTHING).findings == []


@pytest.mark.parametrize("at_work", [True, False])
def test_a_partition_to_which_nothing_came_has_no_book_to_miss(at_work: bool) -> None:
    histories = world() if at_work else copied(world())
    verified = whole(*histories[:2], NOTHING)
    assert (verified.findings, verified.remarks()) == ([], [])
    assert len(verified.sealed) == DAYS - 1


def test_records_after_the_last_day_that_others_have_sealed_miss_no_book() -> None:
    topic = Topic(2)
    new = [late(topic, DAYS * DAY_S, "n", UNITS[2])]
    verified = whole(*copied(world())[:2], History(new, [], [], None))
    assert verified.findings == []


def test_where_there_is_no_book_at_all_it_is_lost_and_none_is_missing() -> None:
    verified = whole(*map(without_book, world()))
    assert (verified.findings, verified.lost) == ([], True)


def test_a_book_that_a_worker_begins_meanwhile_is_read_again() -> None:
    """Its steps are read after the book, which was not there yet."""

    class Beginning(History):
        asked = 0

        def book(self) -> list[FiledRecord]:
            Beginning.asked += 1
            return [] if Beginning.asked == 1 else list(self.entries)

    begun = Beginning(*(getattr(world()[0], name) for name in History.__annotations__))
    verified = whole(begun, *world()[1:])
    assert verified.findings == []
    assert verified.reports[0].entries > 0


# -- digests, and the last day ---------------------------------------------------------------------


def digests() -> list[str]:
    return [day.digest for day in whole(*world()).sealed]


def with_leaf_changed(history: History, day: str) -> History:
    """One of the figures, and nothing else: the page stands as it was."""
    entries = list(history.entries)
    for place, one in enumerate(entries):
        entry = read_entry(one.value or b"")
        if isinstance(entry, UnitDay) and entry.day == day:
            entries[place] = one._replace(value=entry._replace(zone="grey").to_json())
    return replace(history, entries=entries)


def test_days_after_the_first_difference_have_their_digest_and_are_not_confirmed() -> None:
    histories = list(world())
    histories[1] = with_leaf_changed(histories[1], "2024-01-13")
    verified = whole(*histories)
    [finding] = verified.findings
    assert (finding.about, finding.difference, finding.day) == ("book", "changed", "2024-01-13")
    assert [day.digest for day in verified.sealed] == digests()
    assert all(verified.day_of(digest) is not None for digest in digests())
    assert verified.last_day is not None
    assert verified.last_day.day == "2024-01-12"
    assert not verified.broken


def test_after_a_difference_in_the_records_too() -> None:
    histories = list(world())
    histories[0] = histories[0].with_records(records_of(0)[:12] + records_of(0)[13:])
    verified = whole(*histories)
    assert [one.about for one in verified.findings] == ["records"]
    assert [day.digest for day in verified.sealed] == digests()
    assert verified.last_day is not None
    assert verified.last_day.day == "2024-01-13"


def test_a_step_that_differs_confirms_the_days_before_it() -> None:
    histories = list(world())
    histories[0] = replace(histories[0], told=[])
    verified = whole(*histories)
    [finding] = verified.findings
    assert (finding.about, finding.day) == ("steps", "2024-01-10")
    assert verified.last_day is None
    assert [day.digest for day in verified.sealed] == digests()


def test_a_definition_that_is_not_known_takes_no_digest_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ended(tally: Tally) -> Count:
        return Count(tally.early, tally.early + tally.on_time + tally.late)

    monkeypatch.setitem(DEFINITIONS, "ended@1", ended)
    history = lived(RULES, records_of(0), None, 0, 1)[1]
    kept = [day.digest for day in whole(history).sealed]
    monkeypatch.delitem(DEFINITIONS, "ended@1")
    verified = whole(history)
    assert [one.difference for one in verified.findings] == ["unknown"]
    assert [day.digest for day in verified.sealed] == kept
    assert len(kept) == DAYS - 1
    assert verified.last_day is None
    assert verified.reports[0].entries > DAYS


@pytest.mark.parametrize("kept", [True, False])
def test_beyond_an_entry_that_is_gone_no_digest_is_known(kept: bool) -> None:
    histories = list(world()) if kept else copied(world())
    entries = list(histories[1].entries)
    place = next(
        n
        for n, one in enumerate(entries)
        if isinstance(entry := read_entry(one.value or b""), DayPage) and entry.day == "2024-01-13"
    )
    histories[1] = replace(histories[1], entries=[*entries[:place], *entries[place + 1 :]])
    verified = whole(*histories)
    assert verified.broken
    assert [day.digest for day in verified.sealed] == digests()[:3]
    assert verified.last_day is not None
    assert verified.last_day.day == "2024-01-12"


def test_a_book_cut_off_is_broken_from_there_on() -> None:
    histories = list(world())
    histories[1] = replace(histories[1], entries=histories[1].entries[:-4])
    verified = whole(*histories)
    [finding] = verified.findings
    assert finding.difference in ("cut", "missing")
    assert verified.broken
    assert len(verified.sealed) < DAYS - 1


def test_a_book_that_is_not_the_worker_s_vouches_for_no_later_day() -> None:
    """Written anew with other figures: what the worker kept of its last entry tells."""
    histories = list(world())
    forged = with_leaf_changed(histories[1], "2024-01-13")
    histories[1] = replace(forged, entries=chained_anew(forged.entries, 1))
    verified = whole(*histories)
    [finding] = verified.findings
    assert (finding.about, finding.day) == ("figures", "2024-01-13")
    assert verified.broken
    assert verified.last_day is not None
    assert verified.last_day.day == "2024-01-12"


# -- what is not checked ---------------------------------------------------------------------------


def test_what_is_not_checked_is_counted_once_for_all_partitions() -> None:
    verified = whole(*world())
    one, other, _ = verified.reports
    one.without_bursts = frozenset({"2024-01-10", "2024-01-11"})
    other.without_bursts = frozenset({"2024-01-11"})
    assert verified.remarks() == [
        "2 days tell of no bursts: sealed by an earlier release, and none were checked"
    ]
    one.others_steps, other.others_steps = 1_000, 2
    assert verified.remarks()[0] == (
        "1,002 steps of people or the notifier are not derived from events and were not checked"
    )
    one.others_steps, other.others_steps = 0, 1
    assert verified.remarks()[0] == (
        "1 step of people or the notifier is not derived from events and was not checked"
    )
    one.without_bursts, other.others_steps = frozenset(), 0
    assert verified.remarks()[0].startswith("1 day tells of no bursts: ")
