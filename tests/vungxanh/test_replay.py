"""`vungxanh replay` from a file: the figures of the truth table, and what is printed how."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import orjson
import pytest

from tests.vungxanh.conftest import Command, Outcome
from tests.vungxanh.test_publishing import event

DATA = Path(__file__).parents[1] / "data" / "receipt"
RECEIPT = DATA / "events.jsonl.gz"
COLUMNS = (
    "as_of,unit_id,definition,window,numerator,denominator,ratio,early,on_time,late,open_overdue"
)
RATIOS = {"resolved@1": "ratio_resolved", "strict@1": "ratio_strict"}
NOON = "2026-02-01T12:00:00+07:00"


def rows_of(outcome: Outcome) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(outcome.out)))


def test_all_rows_of_the_truth_table_and_no_others(command: Command, tmp_path: Path) -> None:
    with (DATA / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    instants = sorted({row["as_of"] for row in truth})
    (tmp_path / "instants").write_text("\n".join(instants), "utf-8")
    question = ["--input", RECEIPT, "--as-of-file", "instants", "--format", "csv"]
    for window in ("30d", "90d", "365d"):
        question += ["--window", window]
    for definition in RATIOS:
        question += ["--definition", definition]

    outcome = command("replay", *question, TIMEZONE="Europe/Amsterdam")

    assert outcome.code == 0
    assert len(truth) == 1_044
    expected = {
        (row["as_of"], row["unit"], definition, row["window"]): (
            *(row[name] for name in ("on_time", "late", "open_overdue")),
            f"{float(row[ratio]):.6f}" if row[ratio] else "",
        )
        for row in truth
        for definition, ratio in RATIOS.items()
    }
    found = {
        (row["as_of"], row["unit_id"], row["definition"], row["window"]): (
            *(row[name] for name in ("on_time", "late", "open_overdue")),
            row["ratio"],
        )
        for row in rows_of(outcome)
    }
    assert found == expected


@pytest.fixture
def feed(tmp_path: Path) -> str:
    """A: one early, one overdue. B: one overdue, nothing resolved. C: one that is not due yet."""
    due = "2026-01-20T00:00:00+07:00"
    events = [
        event(1, "2026-01-10T00:00:00+07:00", unit_id="A", due_at=due),
        event(2, "2026-01-11T00:00:00+07:00", unit_id="A", due_at=due),
        event(3, "2026-01-12T00:00:00+07:00", unit_id="B", due_at=due),
        event(4, "2026-01-13T00:00:00+07:00", unit_id="C", due_at="2027-01-01"),
        event(
            5,
            "2026-01-19T00:00:00+07:00",
            unit_id="A",
            dossier_id="d1",
            type="completed",
            recorded_at="2026-01-25T00:00:00+07:00",
        ),
    ]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    return "feed.jsonl"


def test_columns_are_those_of_the_contract(command: Command, feed: str) -> None:
    outcome = command("replay", "--input", feed, "--as-of", NOON, "--format", "csv",
                      "--definition", "strict@1", "--definition", "resolved@1")  # fmt: skip

    assert outcome.lines == [
        COLUMNS,
        f"{NOON},A,strict@1,30d,1,2,0.500000,1,1,0,1",
        f"{NOON},A,resolved@1,30d,1,1,1.000000,1,1,0,1",
        f"{NOON},B,strict@1,30d,0,1,0.000000,0,0,0,1",
        f"{NOON},B,resolved@1,30d,0,0,,0,0,0,1",
    ]


def test_by_default_the_policy_s_figure_just_after_the_last_record(
    command: Command, feed: str
) -> None:
    rows = rows_of(command("replay", "--input", feed, "--format", "csv", POLICY__WINDOW="7d"))

    assert {(row["as_of"], row["definition"], row["window"]) for row in rows} == {
        ("2026-01-24T17:00:00.001000+00:00", "resolved@1", "7d")
    }


def test_only_what_was_known(command: Command, feed: str) -> None:
    asked = ["--input", feed, "--as-of", NOON, "--unit", "A", "--format", "json"]

    [before] = command("replay", *asked, "--known-at", "2026-01-24T23:59:59+07:00").lines
    [after] = command("replay", *asked, "--known-at", "2026-01-25T00:00:00+07:00").lines

    assert orjson.loads(before)["open_overdue"] == 2
    assert orjson.loads(before)["ratio"] is None
    assert orjson.loads(after)["open_overdue"] == 1
    assert orjson.loads(after)["ratio"] == 1.0


def test_instants_are_answered_in_order_each_once(command: Command, feed: str) -> None:
    earlier, same = "2026-01-21T00:00:00Z", "2026-02-01T05:00:00Z"
    asked = ["--as-of", NOON, "--as-of", earlier, "--as-of", same]

    rows = rows_of(command("replay", "--input", feed, *asked, "--unit", "B", "--format", "csv"))

    assert [row["as_of"] for row in rows] == [earlier, NOON]


def test_bad_lines_are_listed_and_the_rest_is_counted(
    command: Command, feed: str, tmp_path: Path
) -> None:
    with (tmp_path / feed).open("ab") as file:
        file.write(b"\noops\n")

    outcome = command("replay", "--input", feed, "--as-of", NOON, "--format", "csv")

    assert outcome.code == 1
    assert outcome.err.startswith("line 6: not_json")
    assert len(outcome.lines) == 3


def test_steps_are_json_lines_in_order(command: Command) -> None:
    outcome = command(
        "replay", "--alerts", "--input", RECEIPT, "--format", "json", POLICY__MIN_SAMPLE=5
    )

    steps = [orjson.loads(line) for line in outcome.lines]
    assert len(steps) > 10
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    only = command("replay", "--alerts", "--input", RECEIPT, "--format", "json", "--unit",
                   "WABO.R11", POLICY__MIN_SAMPLE=5)  # fmt: skip
    assert only.lines == [line for line in outcome.lines if '"unit_id":"WABO.R11"' in line]


def test_until_lets_the_clock_run_on(command: Command, tmp_path: Path) -> None:
    """Below green with the last record: only the time that passes opens the incident."""
    events = [
        event(1, "2026-01-01T00:00:00Z", due_at="2026-01-02T00:00:00Z"),
        event(2, "2026-01-03T00:00:00Z", dossier_id="d1", type="completed"),
    ]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    asked = ["replay", "--alerts", "--input", "feed.jsonl", "--format", "json"]

    assert command(*asked, POLICY__MIN_SAMPLE=1).lines == []
    [opened] = command(*asked, "--until", "2026-01-03T01:00:00Z").lines

    assert orjson.loads(opened)["at"] == "2026-01-03T00:10:00.000+00:00"
