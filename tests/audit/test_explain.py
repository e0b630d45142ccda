"""A unit's history from the records of its partition, and the receipt log dossier by dossier."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from audit.explain import UnitHistory, unit_history
from audit.history import read_history
from indicators.known import Question
from indicators.ledger import Admission
from indicators.windows import read_window
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
