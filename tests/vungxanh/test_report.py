"""`vungxanh report` from a file: which period, from what was known when, written where."""

from __future__ import annotations

import csv
import io
import shlex
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from schemas.instants import read_instant
from tests.vungxanh.conftest import Command, Outcome
from vungxanh.file_history import FiledSource

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


def foot_of(outcome: Outcome) -> dict[str, str]:
    below = outcome.out.split("\r\n\r\n")[1]
    return {row[0]: row[1] for row in csv.reader(io.StringIO(below, newline=""), delimiter=";")}


def set_clock(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    now = read_instant(text) * 1_000
    monkeypatch.setattr(time, "time_ns", lambda: now)


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


# What was known, and when

K = "2024-06-20T12:00:00+07:00"


@pytest.mark.parametrize("definition", ["resolved@1", "strict@1"])
def test_before_the_end_it_is_as_it_would_have_been_made_then(
    command: Command, feed: Path, definition: str
) -> None:
    """Overdue is who was overdue then, not at an end that nobody had seen."""
    later = LINE.format("f", "received", "2024-06-12T08:00:00+07:00", "A", K)
    with feed.open("a", encoding="utf-8") as lines:
        lines.write("\n" + later.replace("2024-06-15", "2024-06-25"))
    asked = ["--known-at", K, "--definition", definition, "--input", feed, "--format", "csv"]
    outcome = command("report", "--period", "2024-06", *asked)
    reported = {unit: row for unit, row in rows_of(outcome).items() if unit in ("A", "B")}
    replayed = command("replay", "--as-of", K, "--window", "month", *asked)
    counts = {row["unit_id"]: row for row in csv.DictReader(replayed.lines)}
    assert {unit: row[5:7] for unit, row in reported.items()} == {
        "A": [counts["A"]["numerator"], counts["A"]["denominator"]],
        "B": [counts["B"]["numerator"], counts["B"]["denominator"]],
    }
    overdue = {unit: counts[unit]["open_overdue"] for unit in ("A", "B")}
    assert {unit: row[11] for unit, row in reported.items()} == overdue == {"A": "0", "B": "1"}
    foot = foot_of(outcome)
    assert foot["Thời điểm tính"].startswith("20/06/2024 12:00:00, ")
    assert foot["Thời điểm tính"].endswith("kỳ báo cáo chưa kết thúc")


def test_after_the_end_the_period_is_over(command: Command, feed: Path) -> None:
    words = ["report", "--period", "2024-06", "--input", feed, "--format", "csv", "--known-at"]
    at_the_end = command(*words, "2024-07-01T00:00:00+07:00")
    later = command(*words, "2024-07-02T00:00:00+07:00")
    assert rows_of(at_the_end) == rows_of(later)
    for outcome in (at_the_end, later):
        assert foot_of(outcome)["Thời điểm tính"] == (
            "01/07/2024 00:00:00, chỉ gồm các sự kiện xảy ra trước đó"
        )


def test_the_command_in_it_makes_it_again(
    command: Command, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a period that was not over, after more has happened and arrived."""
    set_clock(monkeypatch, "2024-06-20T12:00:00.250+07:00")
    (feed.parent / "other.toml").write_text('units = "units.csv"\n[policy]\nmin_sample = 2\n')
    config = ["--config", feed.parent / "other.toml"]
    first = command("report", *config, "--period", "2024-06", "--input", feed, "--format", "csv")
    foot = foot_of(first)
    assert foot["Dữ liệu ghi nhận đến"].startswith("20/06/2024 12:00:00,249, ")
    assert foot["Lập lúc"] == "20/06/2024 12:00:00"
    again = foot["Lập lại bằng lệnh"]
    assert again == (
        "vungxanh report --config other.toml --period 2024-06 --known-at "
        "2024-06-20T12:00:00.249+07:00 --input feed.jsonl --format csv --language vi"
    )

    set_clock(monkeypatch, "2024-07-20T12:00:00+07:00")
    second = command(*shlex.split(again)[1:])
    assert rows_of(second) == rows_of(first)
    assert {**foot_of(second), "Lập lúc": foot["Lập lúc"]} == foot
    assert foot_of(second)["Lập lúc"] == "20/07/2024 12:00:00"
    unlike = command("report", *config, "--period", "2024-06", "--input", feed, "--format", "csv")
    assert rows_of(unlike) != rows_of(first)


def test_what_arrives_only_after_the_report_was_made_is_said(
    command: Command, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A producer's clock may be ahead; K is the moment of making where none is named."""
    set_clock(monkeypatch, "2024-07-02T00:00:00+07:00")
    words = ["report", "--period", "2024-06", "--input", feed, "--format", "csv"]
    made = command(*words)
    assert (made.code, made.err.startswith("2 records arrive only after")) == (0, True)
    named = command(*words, "--known-at", "2024-07-02T00:00:00+07:00")
    assert named.err == ""


def test_the_book_is_asked_for_the_instant_of_the_figures(
    command: Command, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def last(_: object, as_of: int) -> tuple[str, str]:
        asked.append(as_of)
        return "2024-06-19", "f" * 64

    filed = FiledSource(feed, None, 8)
    monkeypatch.setattr("vungxanh.commands.report.history_of", lambda *_: filed)
    monkeypatch.setattr("vungxanh.commands.report.last_sealed", last)
    outcome = command("report", "--period", "2024-06", "--known-at", K, "--format", "csv")
    assert foot_of(outcome)["Sổ niêm phong"] == f"ngày 2024-06-19: {'f' * 64}"
    assert asked == [read_instant(K)]


def test_formats_and_languages(command: Command, feed: Path, tmp_path: Path) -> None:
    words = ["report", "--period", "2024-Q2", "--input", feed]
    page = command(*words, "--language", "en").out
    assert '<html lang="en">' in page
    assert "second quarter of 2024" in page
    assert command(*words, "--format", "xlsx", "--output", "out.xlsx").out == ""
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    created = load_workbook(tmp_path / "out.xlsx").properties.created
    assert abs(created.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(hours=1)
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
        (
            ["--period", "2024-06", "--known-at", "2199-01-01T00:00:00Z"],
            "00Z is not yet; it is",
        ),
        (
            ["--period", "2024-06", "--known-at", "2024-06-01T00:00:00+07:00"],
            "the period begins at 2024-05-31T17:00:00+00:00, which is not before --known-at",
        ),
        (["--period", "2199"], "the period begins at 2198-12-31T17:00:00+00:00, which is not yet"),
        (["--period", "2024-06", "--output", "none/x"], "--output none/x: cannot be written"),
    ],
)
def test_wrong_use(command: Command, feed: Path, words: list[str], said: str) -> None:
    outcome = command("report", "--input", feed, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
