"""A unit's history from the records of its partition, and the receipt log dossier by dossier."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from audit.explain import UnitHistory, unit_history
from audit.history import read_history
from indicators.known import Question
from indicators.ledger import Admission
from indicators.versus import versus
from indicators.windows import read_window
from schemas.comparison import Comparison
from schemas.explanation import Explanation
from schemas.instants import read_instant
from streams.record import FiledRecord
from streams.routing import partition_of
from tests.streams.telling import after, event

RECEIPT = Path(__file__).parents[1] / "data" / "receipt"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PARTITIONS = 8
HOME = partition_of("U", PARTITIONS)


def record(
    offset: int, value: dict[str, Any], arrived: float, *, key: str = "U", partition: int = HOME
) -> FiledRecord:
    return FiledRecord(partition, offset, after(arrived), key.encode(), orjson.dumps(value))


def history(records: Sequence[FiledRecord], known: float | None = None) -> UnitHistory:
    at = None if known is None else after(known) * 1_000
    return unit_history(records, "U", PARTITIONS, AMSTERDAM, at)


def figure(of: UnitHistory, second: float) -> tuple[int, int]:
    window = read_window("7d", AMSTERDAM)
    found = of.explain(Question("strict@1", window, after(second) * 1_000, AMSTERDAM))
    return found.numerator, found.denominator


RECEIVED = event("a", "received", 0, due=100)
COMPLETED = event("b", "completed", 50)


def test_events_keep_their_places() -> None:
    found = history([record(4, RECEIVED, 1), record(9, COMPLETED, 60)])
    [facts] = found.histories.values()
    assert [(fact.event_id, fact.offset, fact.arrival) for fact in facts] == [
        ("a", 4, after(1)),
        ("b", 9, after(60)),
    ]
    assert found.partition == HOME
    assert found.first_event == after(0) * 1_000
    assert found.first_arrival == after(1)
    window = read_window("7d", AMSTERDAM)
    told = found.explain(Question("resolved@1", window, after(70) * 1_000, AMSTERDAM))
    assert [(one.partition, one.offset) for one in told.dossiers[0].events] == [
        (HOME, 4),
        (HOME, 9),
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(record(5, event("b", "completed", 50, unit="V"), 1, key="V"), id="of another"),
        pytest.param(record(5, event("b", "completed", 50, unit="V"), 1), id="under a wrong key"),
        pytest.param(record(5, COMPLETED, 1, key="V"), id="under another's key"),
        pytest.param(record(5, COMPLETED, 1, partition=(HOME + 1) % PARTITIONS), id="elsewhere"),
    ],
)
def test_records_that_a_worker_does_not_fold_for_the_unit(other: FiledRecord) -> None:
    found = history([record(4, RECEIVED, 1), other])
    assert found.admitted == {Admission.NEW: 1}
    assert figure(found, 200) == (0, 1)


def test_a_record_that_is_no_event_is_counted() -> None:
    found = history([record(4, RECEIVED, 1), record(5, {"unit_id": "U"}, 2)])
    assert (found.unusable, found.admitted[Admission.NEW]) == (1, 1)


def test_of_an_id_the_first_that_had_arrived_counts() -> None:
    """The log's order decides, and K cuts before it does."""
    late = event("b", "completed", 150)
    records = [record(4, RECEIVED, 1), record(5, late, 300), record(6, COMPLETED, 200)]
    assert figure(history(records), 400) == (0, 1)
    found = history(records, known=250)
    assert figure(found, 400) == (1, 1)
    assert (found.not_known, found.admitted[Admission.CONFLICT]) == (1, 0)
    assert history(records).admitted == {Admission.NEW: 2, Admission.CONFLICT: 1}
    again = history([*records, record(7, late, 400)])
    assert again.admitted[Admission.DUPLICATE] == 1


def test_nothing_known_is_not_nothing_there() -> None:
    found = history([record(4, RECEIVED, 10)], known=9)
    assert (found.first_arrival, found.first_event, found.histories) == (after(10), None, {})
    nobody = history([])
    assert (nobody.first_arrival, nobody.first_event) == (None, None)


@pytest.fixture(scope="module")
def units() -> dict[str, UnitHistory]:
    filed = read_history(RECEIPT / "events.jsonl.gz")
    placed = filed.records(PARTITIONS)
    return {
        unit: unit_history(placed[partition_of(unit, PARTITIONS)], unit, PARTITIONS, AMSTERDAM)
        for unit in {line.event.unit_id for line in filed.lines}
    }


@pytest.fixture(scope="module")
def truth() -> list[dict[str, str]]:
    with (RECEIPT / "truth.csv").open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


@pytest.mark.parametrize("definition", ["resolved@1", "strict@1"])
def test_the_receipt_log_adds_up_to_its_truth_dossier_by_dossier(
    units: dict[str, UnitHistory], truth: list[dict[str, str]], definition: str
) -> None:
    assert len(truth) == 1_044
    for row in truth:
        history_, at = units[row["unit"]], read_instant(row["as_of"])
        window = read_window(row["window"], AMSTERDAM)
        found = history_.explain(Question(definition, window, at, AMSTERDAM))
        counts = Counter(one.counted for one in found.dossiers)
        on_time, late = int(row["on_time"]), int(row["late"])
        overdue = int(row["open_overdue"]) if definition == "strict@1" else 0
        assert counts["early"] + counts["on_time"] == on_time == found.numerator
        assert (counts["late"], counts["overdue"]) == (late, overdue)
        assert found.denominator == on_time + late + overdue
        named = [one.dossier_id for one in found.dossiers]
        named += [one.dossier_id for one in found.left_out]
        assert sorted(named) == sorted(
            name for name, facts in history_.histories.items() if facts[0].occurred_at < at
        )
        for dossier in found.dossiers:
            assert all(one.occurred_at < at for one in dossier.events)
            ends = {one.occurred_at for one in dossier.events if one.type == dossier.ended_by}
            assert (dossier.ended_at is None) == (dossier.counted == "overdue")
            if dossier.ended_at is not None:
                assert window.start(at) <= dossier.ended_at < at
                assert dossier.ended_at in ends


@pytest.mark.parametrize("definition", ["resolved@1", "strict@1"])
def test_from_month_to_month_every_change_of_the_truth_is_accounted_for(
    units: dict[str, UnitHistory], truth: list[dict[str, str]], definition: str
) -> None:
    """Dossier by dossier: what entered, left and changed sides makes the one of the other."""
    rows = {(row["unit"], row["window"], read_instant(row["as_of"])): row for row in truth}
    months = sorted({at for _, _, at in rows})
    assert len(months) > 6
    seen: Counter[str] = Counter()
    for unit, history_ in units.items():
        for text in ("30d", "90d", "365d"):
            window = read_window(text, AMSTERDAM)
            sides = [history_.side(Question(definition, window, at, AMSTERDAM)) for at in months]
            for a, b in pairwise(sides):
                found = versus(a, b)
                old, new = (
                    _figure(rows.get((unit, text, one.question.at)), definition) for one in (a, b)
                )
                assert (found.a.numerator, found.a.denominator) == old
                assert (found.b.numerator, found.b.denominator) == new
                numerator = sum(one.numerator for one in found.changes)
                denominator = sum(one.denominator for one in found.changes)
                assert (old[0] + numerator, old[1] + denominator) == new
                _assert_every_dossier(a.explanation, b.explanation, found)
                seen.update(one.change for one in found.changes)
                seen.update(one.by for one in found.changes)
                seen["alike"] += found.unchanged
    usual = {"entered", "left", "events", "time", "alike"}
    usual |= {"changed_side"} if definition == "strict@1" else set()
    assert {name for name in usual if seen[name] < 10} == set()


def _figure(row: dict[str, str] | None, definition: str) -> tuple[int, int]:
    """What the truth has; a unit without a count has no row there."""
    if row is None:
        return 0, 0
    on_time, late = int(row["on_time"]), int(row["late"])
    overdue = int(row["open_overdue"]) if definition == "strict@1" else 0
    return on_time, on_time + late + overdue


def _assert_every_dossier(a: Explanation, b: Explanation, found: Comparison) -> None:
    """The changes are exactly the dossiers that the two explanations do not count alike."""
    old, new = ({one.dossier_id: one.counted for one in each.dossiers} for each in (a, b))
    expected = {
        name: (old.get(name), new.get(name))
        for name in old.keys() | new.keys()
        if old.get(name) != new.get(name)
    }
    assert {one.dossier_id: (one.a.counted, one.b.counted) for one in found.changes} == expected
    assert found.unchanged == len(old.keys() | new.keys()) - len(expected)
    for one in found.changes:
        assert bool(one.events) == (one.by == "events")
        for told in one.events:  # nothing of the receipt log arrives late or is taken back
            assert (told.role_a, told.role_b) == ("not_yet", "counts")
            assert a.as_of <= told.event.occurred_at < b.as_of


# -- what was shown, and what is known now ---------------------------------------------------------

WEEK = read_window("7d", AMSTERDAM)
SHOWN = 200.0  # the second at which the figure was shown: T and K
HOURS = 3_600.0


def shown_and_since() -> tuple[list[FiledRecord], list[FiledRecord]]:
    """The records of six dossiers up to K; and what comes later about what was before T."""
    told = [(f"d{number}", 100.0) for number in range(6)]
    before = [(event(f"r-{name}", "received", 0, due=due, dossier=name), 1.0) for name, due in told]
    before += [(event(f"c-{name}", "completed", 50, dossier=name), 51.0) for name in ("d0", "d1")]
    before.append((event("c-d2", "completed", 150, dossier="d2"), 151.0))
    since = [
        (event("c-d3", "completed", 90, dossier="d3"), 5 * HOURS),  # late to be told
        (event("v-d1", "voided", 60, dossier="d1", voids="c-d1"), 6 * HOURS),  # a void
        (event("m-d2", "due_changed", 80, due=160, dossier="d2"), 7 * HOURS),  # a correction
        (event("p-d4", "processing", 70, dossier="d4"), 8 * HOURS),  # changes nothing
        (event("c-d5", "completed", 9 * HOURS, dossier="d5"), 9 * HOURS),  # after T
    ]
    every = [
        record(offset, value, arrived) for offset, (value, arrived) in enumerate(before + since)
    ]
    return every[: len(before)], every[len(before) :]


def question_at(second: float, known: float | None) -> Question:
    seen = None if known is None else after(known) * 1_000
    return Question("strict@1", WEEK, after(second) * 1_000, AMSTERDAM, seen)


def test_a_figure_as_known_then_stays_whatever_comes_later() -> None:
    """A late event, a void, a correction: the same answer for ever, byte by byte."""
    before, since = shown_and_since()
    then = question_at(SHOWN, SHOWN)
    shown = history(before, SHOWN).explain(then)
    assert (shown.numerator, shown.denominator) == (2, 6)
    for number in range(len(since) + 1):
        again = history([*before, *since[:number]], SHOWN)
        assert again.explain(then).to_json() == shown.to_json()
        assert again.not_known == number


def test_what_is_known_now_differs_by_exactly_the_stated_dossiers() -> None:
    before, since = shown_and_since()
    then, now = question_at(SHOWN, SHOWN), question_at(SHOWN, None)
    every = [*before, *since]
    shown, known = history(every, SHOWN), history(every)
    found = versus(shown.side(then), known.side(now))

    assert (found.a.numerator, found.a.denominator) == (2, 6)
    assert (found.b.numerator, found.b.denominator) == (3, 6)
    assert {one.dossier_id: (one.a.counted, one.b.counted) for one in found.changes} == {
        "d1": ("on_time", "overdue"),
        "d2": ("late", "on_time"),
        "d3": ("overdue", "on_time"),
    }
    assert found.unchanged == 3
    named = {
        one.dossier_id: [(each.event.event_id, each.role_a, each.role_b) for each in one.events]
        for one in found.changes
    }
    assert named == {
        "d1": [("c-d1", "counts", "taken_back"), ("v-d1", "not_known", "takes_back")],
        "d2": [("m-d2", "not_known", "counts")],
        "d3": [("c-d3", "not_known", "counts")],
    }
    untouched = {"d0", "d4", "d5"}
    old, new = (
        {
            one.dossier_id: one
            for one in each.explain(question).dossiers
            if one.dossier_id in untouched
        }
        for each, question in ((shown, then), (known, now))
    )
    assert {name: one._replace(events=()) for name, one in old.items()} == {
        name: one._replace(events=()) for name, one in new.items()
    }


def test_each_record_that_comes_moves_the_figure_by_its_own_dossier() -> None:
    """One after the other: what K brings is the dossier of that record, or nothing."""
    before, since = shown_and_since()
    every, changed = [*before, *since], []
    marks = [SHOWN, *(5 * HOURS + number * HOURS for number in range(5))]
    for early, late in pairwise(marks):
        a, b = (history(every, known).side(question_at(SHOWN, known)) for known in (early, late))
        changed.append([one.dossier_id for one in versus(a, b).changes])
    assert changed == [["d3"], ["d1"], ["d2"], [], []]
