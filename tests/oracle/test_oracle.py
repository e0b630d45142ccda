"""The oracle is right: on real data with an independent truth, and case by case on each rule."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.oracle.count import Counted, OpenCounted, count, figure, open_states, window_start
from tests.oracle.fold import (
    Folded,
    Known,
    fates,
    fold_dossier,
    fold_unit,
    instant,
    known_by,
    promised,
    to_millis,
)
from tests.oracle.told import VIET_NAM, day, happened, sent

RECEIPT = Path(__file__).parents[1] / "data" / "receipt"


def test_real_receipt_log_gives_every_row_of_its_truth() -> None:
    with gzip.open(RECEIPT / "events.jsonl.gz", "rt", encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    records: dict[str, list[Known]] = defaultdict(list)
    for event in events:
        unit = records[event["unit_id"]]
        unit.append(Known(event, to_millis(instant(event["occurred_at"])), 0, len(unit)))
    with (RECEIPT / "truth.csv").open(encoding="utf-8") as file:
        truth = list(csv.DictReader(file))
    assert len(truth) == 1_044
    zone = ZoneInfo("Europe/Amsterdam")
    folded: dict[tuple[str, str], list[Folded]] = {}
    for row in truth:
        at = instant(row["as_of"])
        key = (row["unit"], row["as_of"])
        if key not in folded:
            folded[key] = fold_unit(records[row["unit"]], row["unit"], at, zone)
        resolved = count(folded[key], "resolved@1", row["window"], at, zone)
        strict = count(folded[key], "strict@1", row["window"], at, zone)
        stated = [row["on_time"], row["late"], row["open_overdue"]]
        for counted in (resolved, strict):
            found = [counted.on_time, counted.late, counted.open_overdue]
            assert [str(number) for number in found] == stated, row
        for counted, column in ((resolved, "ratio_resolved"), (strict, "ratio_strict")):
            if counted.ratio is None:
                assert row[column] == "", row
            else:
                assert float(row[column]) == pytest.approx(float(counted.ratio), abs=1e-6), row


def folded(*told: str, at: str = "30") -> Folded:
    return fold_dossier("H-1", happened(*told), day(at), VIET_NAM)


def verdict(dossier: Folded) -> str:
    """How a dossier with a due date and an end came out."""
    return "early" if dossier.early else "on time" if dossier.on_time else "late"


class Due(NamedTuple):
    """A case of R3 or R4: what happened, and the due date in force at the end of the month."""

    name: str
    told: Sequence[str]
    due: str | None
    flagged: bool = False


RECEIVED = "received 1 08:00 due 5 17:00"
DUES = (
    Due("first stated stands", [RECEIVED], "5 17:00"),
    Due("none stated", ["received 1 08:00"], None),
    Due("moved in time", [RECEIVED, "due_changed 3 due 9 12:00"], "9 12:00"),
    Due("moved earlier in time", [RECEIVED, "due_changed 3 due 4 12:00"], "4 12:00"),
    Due("moved at the last instant", [RECEIVED, "due_changed 5 17:00 due 9 12:00"], "9 12:00"),
    Due("moved after breach", [RECEIVED, "due_changed 5 17:01 due 9 12:00"], "5 17:00", True),
    Due("any event states", [RECEIVED, "processing 3 due 9 12:00"], "9 12:00"),
    Due("slip after breach", [RECEIVED, "apology_issued 6 due 9 12:00"], "5 17:00", True),
    Due(
        "moved again after the first move",
        [RECEIVED, "due_changed 3 due 9 12:00", "due_changed 8 due 12 12:00"],
        "12 12:00",
    ),
    Due(
        "moved after the end",
        [RECEIVED, "completed 2", "due_changed 3 due 9 12:00"],
        "5 17:00",
        True,
    ),
    Due("moved by the end itself", [RECEIVED, "completed 2 due 9 12:00"], "5 17:00", True),
    Due(
        "moved at the instant of the end, before it in canonical order",
        [RECEIVED, "due_changed 2 due 9 12:00", "completed 2"],
        "9 12:00",
    ),
    Due(
        "first stated after the end",
        ["received 1", "completed 2", "due_changed 3 due 9 12:00"],
        "9 12:00",
    ),
    Due("pause moves", [RECEIVED, "supplement_requested 3", "supplement_completed 5"], "7 17:00"),
    Due("fee moves", [RECEIVED, "fee_requested 3", "fee_paid 5"], "7 17:00"),
    Due("pause not ended moves by the time up to T", [RECEIVED, "fee_requested 3"], "32 17:00"),
    Due(
        "pause ends with a date",
        [RECEIVED, "supplement_requested 3", "supplement_completed 5 due 12 12:00"],
        "12 12:00",
    ),
    Due(
        "pause after breach ends with a date",
        [RECEIVED, "supplement_requested 8", "supplement_completed 9 due 12 12:00"],
        "12 12:00",
    ),
    Due(
        "second request changes nothing",
        [RECEIVED, "fee_requested 2", "fee_requested 3", "fee_paid 4", "fee_paid 5"],
        "7 17:00",
    ),
    Due(
        "overlapping pauses are one",
        [
            RECEIVED,
            "fee_requested 2",
            "supplement_requested 3",
            "fee_paid 4",
            "supplement_completed 6",
        ],
        "9 17:00",
    ),
    Due(
        "a date in the midst of a merged pause moves by what is left",
        [
            RECEIVED,
            "fee_requested 2",
            "supplement_requested 3",
            "fee_paid 4 due 10 12:00",
            "supplement_completed 6",
        ],
        "12 12:00",
    ),
    Due(
        "a date in the midst of a merged pause after breach is no cure",
        [
            RECEIVED,
            "fee_requested 6",
            "supplement_requested 7",
            "fee_paid 8 due 20 12:00",
            "supplement_completed 9",
        ],
        "8 17:00",  # moved by three days that had passed: it stays behind
        True,
    ),
    Due(
        "stated during a pause, moved by the part after",
        [RECEIVED, "fee_requested 2", "due_changed 3 due 9 12:00", "fee_paid 6"],
        "12 12:00",
    ),
    Due(
        "first stated during a pause",
        ["fee_requested 2", "received 3 due 9 12:00", "fee_paid 6"],
        "12 12:00",
    ),
    Due(
        "pause before receipt counts",
        ["submitted 1 due 9 12:00", "fee_requested 2", "fee_paid 3", "received 4"],
        "10 12:00",
    ),
    Due("paid without a request", [RECEIVED, "fee_paid 3"], "5 17:00"),
    Due(
        "two pauses",
        [RECEIVED, "fee_requested 2", "fee_paid 3", "fee_requested 4", "fee_paid 5"],
        "7 17:00",
    ),
    Due(
        "pause still open at the end ends there",
        [RECEIVED, "fee_requested 2", "completed 3", "fee_paid 9"],
        "6 17:00",
    ),
    Due(
        "a date after the end does not end the pause",
        [RECEIVED, "fee_requested 2", "completed 3", "fee_paid 9 due 20 12:00"],
        "6 17:00",
        True,
    ),
    Due(
        "pause after the end", [RECEIVED, "completed 3", "fee_requested 4", "fee_paid 5"], "5 17:00"
    ),
    Due("voided statement", [RECEIVED, "due_changed 2 due 9 12:00", "voided 3 voids b"], "5 17:00"),
    Due("voided receipt", [RECEIVED, "due_changed 2 due 9 12:00", "voided 3 voids a"], "9 12:00"),
    Due("voided pause", [RECEIVED, "fee_requested 2", "fee_paid 4", "voided 5 voids b"], "5 17:00"),
)


@pytest.mark.parametrize("case", DUES, ids=lambda case: case.name)
def test_due_date(case: Due) -> None:
    dossier = folded(*case.told)
    assert dossier.due_at == (None if case.due is None else day(case.due).astimezone(UTC))
    assert ("due_moved_after_breach" in dossier.flags) == case.flagged


@pytest.mark.parametrize(
    ("told", "ended_by", "ended"),
    [
        (["completed 4"], "completed", "4"),
        (["delivered 4", "completed 6"], "completed", "6"),
        (["completed 4", "completed 3"], "completed", "3"),
        (["refused 2", "delivered 4"], "delivered", "4"),
        (["stopped 2", "refused 4"], "stopped", "2"),
        (["withdrawn 3", "stopped 3"], "withdrawn", "3"),  # one instant: by event_id
        (["completed 4", "voided 5 voids a"], None, None),
        (["completed 4", "voided 3 voids a"], None, None),  # before its target
        (["completed 4", "voided 5 voids a", "voided 6 voids b"], None, None),
        (["completed 4", "received 5", "processing 6"], "completed", "4"),
        (["completed 4", "voided 30 voids a"], "completed", "4"),  # its time has not come at T
        (["completed 30"], None, None),  # occurred_at < T, not at it
    ],
)
def test_end(told: Sequence[str], ended_by: str | None, ended: str | None) -> None:
    dossier = folded(*told)
    assert dossier.ended_by == ended_by
    assert dossier.ended_at == (None if ended is None else day(ended).astimezone(UTC))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["received 1 due 5", "completed 5 23:59"], "on time"),
        (["received 1 due 5", "completed 4 23:59"], "early"),
        (["received 1 due 5", "completed 6"], "late"),
        (["received 1 due 5 17:00", "completed 5 17:00"], "on time"),
        (["received 1 due 5 17:00", "completed 5 17:01"], "late"),
        (["received 1 due 5 17:00", "fee_requested 5 17:00", "completed 9"], "on time"),
        (["received 1 due 5 17:00", "fee_requested 5 17:01", "completed 9"], "late"),
        (["received 9 due 5 17:00", "completed 4"], "early"),
    ],
)
def test_verdict(told: Sequence[str], expected: str) -> None:
    assert verdict(folded(*told)) == expected


def test_bare_date_lasts_to_the_last_microsecond_of_the_local_day() -> None:
    assert promised("2023-06-30", VIET_NAM) == day("31") - timedelta(microseconds=1)
    new_york = ZoneInfo("America/New_York")  # a day of 25 hours
    midnight = datetime(2023, 11, 6, 5, tzinfo=UTC)
    assert promised("2023-11-05", new_york) == midnight - timedelta(microseconds=1)


def test_end_before_receipt_is_flagged_and_stands() -> None:
    dossier = folded("received 9 due 12", "completed 4")
    assert dossier.flags == {"end_before_receipt"}
    assert dossier.ended_at == day("4").astimezone(UTC)


def test_resolved_and_strict_and_what_counts() -> None:
    dossiers = [
        folded("received 1 due 5", "completed 3"),  # early
        folded("received 1 due 5", "delivered 5 10:00"),  # on time
        folded("received 1 due 5", "refused 6"),  # late
        folded("received 1 due 5", "stopped 3"),  # no result
        folded("received 1 due 5"),  # overdue
        folded("submitted 1 due 5"),  # not received
        folded("completed 3 due 5"),  # no receipt: counts
        folded("received 1", "completed 3"),  # no due
    ]
    at = day("30")
    assert count(dossiers, "resolved@1", "30d", at, VIET_NAM) == Counted(3, 4, 2, 3, 1, 1)
    assert count(dossiers, "strict@1", "30d", at, VIET_NAM) == Counted(3, 5, 2, 3, 1, 1)
    assert count(dossiers, "strict@1", "1d", at, VIET_NAM) == Counted(0, 1, 0, 0, 0, 1)
    assert count(dossiers, "resolved@1", "1d", at, VIET_NAM).ratio is None


def test_windows_are_half_open() -> None:
    dossiers = [folded("received 1 due 5", "completed 3")]
    for at, found in (("10", 1), ("10 00:01", 0)):
        assert count(dossiers, "resolved@1", "7d", day(at), VIET_NAM).denominator == found
    before = fold_dossier("H-1", happened("received 1 due 5", "completed 3"), day("3"), VIET_NAM)
    assert before.ended_at is None


@pytest.mark.parametrize(
    ("window", "start"),
    [("7d", "23"), ("month", "1"), ("quarter", "-60"), ("half", "-150"), ("year", "-150")],
)
def test_window_start(window: str, start: str) -> None:
    assert window_start(window, day("30"), VIET_NAM) == day(start).astimezone(UTC)


def test_open_dossiers_each_in_the_first_state_that_fits() -> None:
    at = "10"
    dossiers = [
        folded("received 1 due 5", at=at),
        folded("received 1 due 5", "fee_requested 7", at=at),  # overdue comes before paused
        folded("received 1 due 9", "fee_requested 3", at=at),
        folded("received 1", "fee_requested 3", at=at),  # paused comes before no_due
        folded("received 1 due 11 00:00", at=at),  # due in 24 h: soon
        folded("received 1 due 10 00:00", at=at),  # due at T: not overdue yet
        folded("received 1 due 11 00:01", at=at),
        folded("received 1", at=at),
        folded("submitted 1 due 5", at=at),
        folded("received 1 due 5", "withdrawn 3", at=at),
    ]
    assert open_states(dossiers, day(at)) == OpenCounted(2, 2, 2, 1, 1)


def test_first_to_arrive_counts_and_others_are_duplicates_or_conflicts() -> None:
    first, other = happened("completed 3", "completed 4")
    again = {**first, "ho_ten": "Nguyễn Văn A"}  # outside the contract: not content
    conflicting = {**other, "event_id": first["event_id"]}
    elsewhere = {**conflicting, "dossier_id": "H-2"}
    records = sent([first, again, conflicting, elsewhere], ["3", "3", "4", "5"])
    assert fates(records) == ["folded", "duplicate", "conflicting_event", "folded"]


def test_known_at_includes_what_arrived_at_that_instant() -> None:
    records = sent(happened("received 1 due 5", "completed 3"), ["1", "9"])
    for known_at, found in (("8 23:59", 0), ("9", 1)):
        counted = figure(
            records, "u", "resolved@1", "30d", day("30"), VIET_NAM, to_millis(day(known_at))
        )
        assert counted.denominator == found
    assert len(known_by(records, to_millis(day("9")))) == 2
