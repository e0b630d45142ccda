"""`vungxanh replay` asked for much at once: instants, parts, files, and going on after a break."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import orjson
import pyarrow.parquet
import pytest

from schemas.instants import read_instant
from tests.vungxanh.conftest import Command
from tests.vungxanh.test_publishing import event
from tests.vungxanh.test_replay import COLUMNS, NOON, RECEIPT, rows_of

ROOT = Path(__file__).parents[2]
FROM_RECEIPT = ["replay", "--input", RECEIPT, "--format", "csv"]
MONTHLY = ["--every", "month", "--from", "2010-12-01", "--to", "2011-06-01"]
PATIENCE = 120.0  # seconds, against hanging


@pytest.fixture
def feed(tmp_path: Path) -> str:
    due = "2026-01-20T00:00:00+07:00"
    events = [
        event(1, "2026-01-10T09:00:00+07:00", unit_id="A", due_at=due, channel="online"),
        event(2, "2026-01-12T09:00:00+07:00", unit_id="B", due_at=due, channel="direct"),
        event(3, "2026-01-21T09:00:00+07:00", unit_id="B", dossier_id="d2", type="completed"),
        event(4, "2026-02-03T09:00:00+07:00", unit_id="A", dossier_id="d1", type="completed"),
    ]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    return "feed.jsonl"


def test_many_at_once_are_one_by_one(command: Command) -> None:
    windows, definitions = ("30d", "half"), ("strict@1", "resolved@1")
    question = ["--every", "month", "--from", "2011-02-01", "--to", "2011-04-01"]
    question += ["--as-of", "2011-03-15T12:00:00Z"]
    for window in windows:
        question += ["--window", window]
    for definition in definitions:
        question += ["--definition", definition]
    together = rows_of(command(*FROM_RECEIPT, *question))

    instants = list(dict.fromkeys(row["as_of"] for row in together))
    apart = []
    for instant in instants:
        for window in windows:
            one = ["--as-of", instant, "--window", window, "--definition"]
            apart += rows_of(command(*FROM_RECEIPT, *one, definitions[0]))
            if instant == instants[-1]:
                apart += rows_of(command(*FROM_RECEIPT, *one, definitions[1]))

    assert len(instants) == 4
    assert "2011-03-15T12:00:00Z" in instants
    assert instants[0] == "2011-02-01T00:00:00+07:00"
    expected = [
        row
        for row in together
        if row["definition"] == definitions[0] or row["as_of"] == instants[-1]
    ]
    assert len(expected) > 30
    assert sorted(map(str, apart)) == sorted(map(str, expected))


def test_every_from_the_first_event_to_the_last(command: Command, feed: str) -> None:
    asked = ["replay", "--input", feed, "--format", "csv", "--definition", "strict@1"]
    weekly = rows_of(command(*asked, "--every", "week"))
    assert [row["as_of"] for row in weekly if row["unit_id"] == "A"] == [
        "2026-01-26T00:00:00+07:00",  # overdue since the 20th; no row while all counts are 0
        "2026-02-02T00:00:00+07:00",
    ]
    [daily] = {len(rows_of(command(*asked, "--every", "day", "--unit", unit))) for unit in "A"}
    assert daily == 14  # the midnights from 21 January to 3 February
    none = command(*asked, "--every", "month", "--to", "2026-01-31")
    assert (none.code, none.lines) == (0, [COLUMNS])
    assert "no month begins" in none.err


def test_what_is_dated_beyond_the_last_arrival_is_no_reason_to_go_on(
    command: Command, feed: str, tmp_path: Path
) -> None:
    slip = event(9, "2199-01-01T00:00:00Z", recorded_at="2026-02-04T00:00:00Z", unit_id="A")
    with (tmp_path / feed).open("ab") as file:
        file.write(b"\n" + orjson.dumps(slip))
    rows = rows_of(command("replay", "--input", feed, "--format", "csv", "--every", "day"))
    assert {row["as_of"][:10] for row in rows} <= {
        f"2026-0{m}-{d:02}" for m in (1, 2) for d in range(32)
    }


def test_several_units(command: Command, feed: str) -> None:
    asked = ["replay", "--input", feed, "--as-of", NOON, "--format", "csv"]
    both = command(*asked, "--unit", "B", "--unit", "A", "--unit", "nobody")
    assert both.out == command(*asked).out
    assert "--unit nobody: the history has no event of it" in both.err
    assert {row["unit_id"] for row in rows_of(command(*asked, "--unit", "A"))} == {"A"}


def test_extra_columns_only_when_asked_for(command: Command, feed: str) -> None:
    asked = ["replay", "--input", feed, "--as-of", NOON, "--format"]
    assert command(*asked, "csv", "--by", "unit").out == command(*asked, "csv").out
    parted = command(*asked, "csv", "--by", "channel", "--by", "step")
    assert parted.lines[0] == f"{COLUMNS},channel,step"
    assert parted.lines[1] == f"{NOON},A,resolved@1,30d,0,0,,0,0,0,1,online,"
    [row, *_] = (orjson.loads(line) for line in command(*asked, "json", "--by", "step").lines)
    assert list(row)[-1] == "step"
    assert row["step"] is None


@pytest.mark.parametrize("by", ["channel", "procedure"])
def test_parts_add_up_to_the_unit(command: Command, by: str) -> None:
    names = ("numerator", "denominator", "early", "on_time", "late", "open_overdue")
    sums: dict[tuple[str, str], Counter[str]] = {}
    for row in rows_of(command(*FROM_RECEIPT, *MONTHLY, "--by", by)):
        found = sums.setdefault((row["as_of"], row["unit_id"]), Counter())
        found.update({name: int(row[name]) for name in names})
    whole = rows_of(command(*FROM_RECEIPT, *MONTHLY))
    assert len(whole) > 20
    assert {key: {name: one[name] for name in names} for key, one in sums.items()} == {
        (row["as_of"], row["unit_id"]): {name: int(row[name]) for name in names} for row in whole
    }


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_file_holds_what_is_printed(command: Command, tmp_path: Path, form: str) -> None:
    asked = ["replay", "--input", RECEIPT, *MONTHLY, "--format", form]
    printed = command(*asked)
    assert command(*asked, "--output", "rows").out == ""
    assert (tmp_path / "rows").read_text("utf-8") == printed.out
    assert not (tmp_path / "rows.progress").exists()


def test_parquet_read_back(command: Command, tmp_path: Path) -> None:
    question = [*MONTHLY, "--by", "channel"]
    asked = ["replay", "--input", RECEIPT, *question, "--format", "parquet"]
    assert command(*asked, "--output", "rows.parquet").code == 0

    table = pyarrow.parquet.read_table(tmp_path / "rows.parquet")

    expected = rows_of(command(*FROM_RECEIPT, *question))
    assert table.column_names == list(expected[0])
    assert len(expected) > 20
    for found, row in zip(table.to_pylist(), expected, strict=True):
        assert found["as_of"].timestamp() == _seconds(row["as_of"])
        ratio = found["ratio"]
        assert ("" if ratio is None else f"{ratio:.6f}") == row["ratio"]
        for name in ("unit_id", "window", "numerator", "denominator", "open_overdue"):
            assert str(found[name]) == row[name]
        assert (found["channel"] or "") == row["channel"]
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def _seconds(text: str) -> float:
    return read_instant(text) / 1e6


def test_parquet_without_pyarrow_says_what_to_install(
    command: Command, feed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    outcome = command("replay", "--input", feed, "--format", "parquet", "--output", "x.parquet")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "vungxanh[parquet]" in outcome.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "2026-01-01"], "only with --every"),
        (["--every", "day", "--from", "2026-02-30"], "--from"),
        (["--every", "day", "--from", "2026-02-02", "--to", "2026-02-01"], "is after --to"),
        (["--format", "parquet"], "--output"),
        (["--resume"], "--output"),
        (["--resume", "--output", "x"], "csv or json"),
        (["--alerts", "--output", "x"], "--alerts"),
        (["--alerts", "--as-of", "2026-01-01T00:00:00Z"], "--as-of: not with --alerts"),
        (["--alerts", "--definition", "strict@1"], "--definition: not with --alerts"),
        (["--alerts", "--by", "channel"], "--by: not with --alerts"),
        (["--alerts", "--format", "parquet"], "--format parquet: not with --alerts"),
        (["--until", "now"], "only with --alerts"),
        (["--unit", "no-such"], "no event of it"),
        (["--unit", "no-such", "--output", "x", "--format", "csv"], "no event of it"),
        (["--alerts", "--unit", "no-such"], "no event of it"),
        (["--as-of-file", "empty.txt"], "no instant stands in it"),
        (["--output", "no/such/folder/x", "--format", "csv"], "--output"),
        (["--output", "no/such/folder/x"], "--output"),
        (["--output", "no/such/folder/x", "--format", "parquet"], "--output"),
        (["--every", "year"], "--every"),
    ],
)
def test_wrong_use(
    command: Command, feed: str, tmp_path: Path, options: list[str], said: str
) -> None:
    (tmp_path / "empty.txt").write_text("\n  \n")
    outcome = command("replay", "--input", feed, *options)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1), outcome
    assert said in outcome.err


@pytest.mark.parametrize("asked", [[], ["--alerts"]])
def test_a_unit_of_the_list_may_have_no_event(
    command: Command, feed: str, tmp_path: Path, asked: list[str]
) -> None:
    (tmp_path / "units.csv").write_text("unit_id,name_vi,name_ascii,kind,parent_id\nN,N,N,k,\n")
    none = command("replay", "--input", feed, *asked, "--unit", "N", UNITS=tmp_path / "units.csv")
    assert (none.code, none.err) == (0, "")


@pytest.mark.parametrize("asked", [[], ["--alerts"]])
def test_what_is_wrong_with_the_file_is_said_of_an_unknown_unit_too(
    command: Command, tmp_path: Path, asked: list[str]
) -> None:
    (tmp_path / "bad.jsonl").write_text("no event\n")
    outcome = command("replay", "--input", "bad.jsonl", *asked, "--unit", "A")
    assert outcome.code == 2
    assert outcome.err.splitlines()[0].startswith("line 1: not_json")


def test_a_replay_of_nobody_leaves_nothing_to_be_gone_on_with(
    command: Command, feed: str, tmp_path: Path
) -> None:
    words = ["replay", "--input", feed, "--unit", "nobody", "--format", "csv"]
    assert command(*words, "--output", "x.csv").code == 2
    assert [one.name for one in tmp_path.iterdir()] == [feed]


@pytest.mark.parametrize("asked", [[], ["--alerts"]])
def test_a_unit_that_was_not_known_yet(command: Command, feed: str, asked: list[str]) -> None:
    early = ["--known-at", "2001-01-01T00:00:00Z", "--format", "csv", "--unit", "A"]
    outcome = command("replay", "--input", feed, *asked, *early)
    assert (outcome.code, len(outcome.lines)) == (0, 1)
    assert "nothing of it had arrived by 2001-01-01" in outcome.err


def test_instants_from_a_spreadsheet(command: Command, feed: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"\xef\xbb\xbf2026-01-09T00:00:00Z\r\n")
    outcome = command("replay", "--input", feed, "--as-of-file", "t.txt", "--format", "csv")
    assert outcome.code == 0
    assert {line.split(",")[0] for line in outcome.lines[1:]} <= {"2026-01-09T00:00:00Z"}


# -- going on --------------------------------------------------------------------------------------

LONG = ["--every", "day", "--from", "2009-01-01", "--to", "2015-01-01", "--window", "365d"]


def test_a_killed_replay_goes_on(command: Command, tmp_path: Path) -> None:
    asked = ["replay", "--input", str(RECEIPT), *LONG, "--definition", "strict@1"]
    asked += ["--format", "csv", "--output", "rows.csv"]
    notes, output = tmp_path / "rows.csv.progress", tmp_path / "rows.csv"
    process = subprocess.Popen(
        [sys.executable, "-m", "vungxanh", *asked],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + PATIENCE
    while not (notes.exists() and notes.read_bytes().count(b"\n") > 1):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    done = notes.read_bytes().count(b"\n") - 1
    with output.open("ab") as file:  # as if it had been killed in the middle of a row, and a note
        file.write(b"2011-01-01,half a ")
    with notes.open("ab") as file:
        file.write(b"[12345")

    other = command(*asked, "--by", "channel", "--resume")
    resumed = command(*asked, "--resume")

    assert (other.code, "by was []" in other.err) == (2, True), other
    assert resumed.code == 0
    assert 0 < done < 2_192
    command(*asked[:-1], "whole.csv")
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not notes.exists()


def test_going_on_with_what_is_complete_or_never_begun(command: Command, feed: str) -> None:
    asked = ["replay", "--input", feed, "--as-of", NOON, "--format", "csv", "--output", "x.csv"]

    begun = command(*asked, "--resume")
    again = command(*asked, "--resume")

    assert begun.code == 0
    assert (again.code, again.err.count("\n")) == (2, 1)
    assert "is complete" in again.err
    assert command(*asked).code == 0  # written anew


def test_the_file_itself_must_be_the_same(command: Command, feed: str, tmp_path: Path) -> None:
    asked = ["replay", "--input", feed, "--as-of", NOON, "--format", "csv", "--output", "x.csv"]
    command(*asked)
    lines = (tmp_path / "x.csv").read_bytes()
    (tmp_path / "x.csv.progress").write_bytes(orjson.dumps({"format": "csv"}) + b"\n")

    outcome = command(*asked, "--resume")

    assert outcome.code == 2
    assert (tmp_path / "x.csv").read_bytes() == lines
    assert lines.decode().splitlines()[0] == COLUMNS
