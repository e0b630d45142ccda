"""`vungxanh report` from a file: which period, from what was known when, written where."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.vungxanh.conftest import Command, Outcome

LINE = (
    '{{"event_id":"{0}-{1}","type":"{1}","occurred_at":"{2}","dossier_id":"{0}","unit_id":"{3}",'
    '"due_at":"2024-06-15","recorded_at":"{4}"}}'
)
UNITS = (
    "unit_id,name_vi,name_ascii,kind,parent_id\n"
    "P,Tỉnh,,province,\nA,=Đơn vị A,,commune,P\nB,Đơn vị B,,commune,P\n"
)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "vungxanh.toml").write_text('units = "units.csv"\n[policy]\nmin_sample = 1\n')
    june, july = "2024-06-{}T08:00:00+07:00", "2024-07-03T08:00:00+07:00"
    lines = [
        LINE.format("a", "completed", june.format(10), "A", june.format(10)),
        LINE.format("b", "completed", june.format(20), "A", june.format(20)),
        LINE.format("c", "completed", june.format(11), "B", july),  # known only in July
        LINE.format("d", "received", june.format(12), "B", june.format(12)),  # overdue at the end
        LINE.format("e", "completed", july, "B", july),
    ]
    file = tmp_path / "feed.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return file


def rows_of(outcome: Outcome) -> dict[str, list[str]]:
    read = csv.reader(io.StringIO(outcome.out.removeprefix("\ufeff"), newline=""), delimiter=";")
    return {row[0]: row[1:] for row in ([r[2], *r] for r in read if len(r) > 2)}


def test_a_month_by_unit(command: Command, feed: Path) -> None:
    outcome = command("report", "--period", "2024-06", "--input", feed, "--format", "csv")
    assert (outcome.code, outcome.err) == (0, "")
    found = rows_of(outcome)
    assert found["B"][3:9] == ["Đơn vị B", "xanh", "1", "1", "100,00%", "1"]
    assert found["B"][11] == "1"
    assert found["A"][:9] == ["2", "", "A", "'=Đơn vị A", "đỏ", "1", "2", "50,00%", "1"]
    assert found[""][3:8] == ["Toàn tỉnh", "", "2", "3", "66,66%"]
    assert "chưa niêm phong" in outcome.out
    assert str(feed.parent) not in outcome.out


def test_as_known_then_by_another_definition_and_by_days(command: Command, feed: Path) -> None:
    words = ["report", "--input", feed, "--format", "csv", "--definition", "strict@1"]
    words += [
        "--known-at",
        "2024-07-01T00:00:00+07:00",
        "--from",
        "2024-06-11",
        "--to",
        "2024-06-30",
    ]
    found = rows_of(command(*words))
    assert found["A"][5:8] == ["0", "1", "0,00%"]
    assert found["B"][5:8] == ["0", "1", "0,00%"]  # c was not known, d is overdue
    assert (found["A"][0], found["A"][1]) == ("1", "2")


def test_formats_and_languages(command: Command, feed: Path, tmp_path: Path) -> None:
    words = ["report", "--period", "2024-Q2", "--input", feed]
    page = command(*words, "--language", "en").out
    assert '<html lang="en">' in page
    assert "quarter 2 of 2024" in page
    assert command(*words, "--format", "xlsx", "--output", "out.xlsx").out == ""
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    assert sheet["A2"].value == "Kỳ báo cáo: quý 2 năm 2024 (từ 01/04/2024 đến hết 30/06/2024)"


def test_bad_lines_are_told(command: Command, feed: Path) -> None:
    feed.write_text("{\n" + feed.read_text("utf-8"), "utf-8")
    outcome = command("report", "--period", "2024-06", "--input", feed)
    assert outcome.code == 1
    assert outcome.err.startswith("line 1: not_json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give either --period"),
        (["--period", "2024-06", "--from", "2024-06-01"], "give either --period"),
        (["--from", "2024-06-01"], "give either --period"),
        (["--period", "June"], "--period: 'June' is no period"),
        (["--from", "June", "--to", "2024-06-30"], "--from: 'June' is no day"),
        (["--from", "0001-01-01", "--to", "2024-06-30"], "--from: 0001-01-01 is outside"),
        (["--from", "2024-06-02", "--to", "2024-06-01"], "--to: 2024-06-01 is before 2024-06-02"),
        (["--period", "2024-06", "--known-at", "then"], "--known-at: not an instant"),
        (["--period", "2199"], "the period begins at 2198-12-31T17:00:00+00:00, which is not yet"),
        (["--period", "2024-06", "--output", "none/x"], "--output none/x: cannot be written"),
    ],
)
def test_wrong_use(command: Command, feed: Path, words: list[str], said: str) -> None:
    outcome = command("report", "--input", feed, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
