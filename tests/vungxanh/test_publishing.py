"""What is to be sent, in which order, with which arrival; and what bad lines come to."""

from __future__ import annotations

import gzip
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from audit.history import Line, read_lines
from schemas.instants import read_instant
from tests.vungxanh.conftest import Command
from vungxanh.publishing.parcels import in_order, shifted

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def event(number: int, occurred_at: str, **more: object) -> dict[str, object]:
    return {
        "event_id": f"e{number}",
        "type": "received",
        "occurred_at": occurred_at,
        "dossier_id": f"d{number}",
        "unit_id": "A",
        **more,
    }


def lines_of(folder: Path, *events: dict[str, object]) -> list[Line]:
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, events)))
    return [line for line in read_lines(file) if isinstance(line, Line)]


def test_by_arrival_equal_ones_as_in_the_file(tmp_path: Path) -> None:
    late = "2026-01-03T00:00:00Z"
    lines = lines_of(
        tmp_path,
        event(1, late),
        event(2, "2026-01-01T00:00:00Z", recorded_at="2026-01-04T00:00:00Z"),
        event(3, "2026-01-02T00:00:00Z"),
        event(4, late),
    )

    parcels = in_order(lines, "occurred")

    assert [parcel.event.event_id for parcel in parcels] == ["e3", "e1", "e4", "e2"]
    assert [parcel.arrival for parcel in parcels][-1] == read_instant(
        "2026-01-04T00:00:00Z"
    ) // 1000
    assert [parcel.number for parcel in in_order(lines, "now")] == [1, 2, 3, 4]
    assert {parcel.arrival for parcel in in_order(lines, "now")} == {None}


def test_a_shift_moves_every_instant_by_one_span(tmp_path: Path) -> None:
    lines = lines_of(
        tmp_path,
        event(1, "2026-01-01T00:00:00Z", due_at="2026-02-01T00:00:00Z"),
        event(2, "2026-01-02T00:00:00Z", due_at="2026-01-20", recorded_at="2026-01-03T00:00:00Z"),
    )
    last = read_instant("2026-01-13T12:00:00Z")  # ten and a half days after the last arrival

    first, second = shifted(in_order(lines, "occurred"), last, ZONE)

    assert first.event.occurred_at == read_instant("2026-01-11T12:00:00Z")
    assert first.event.due == read_instant("2026-02-11T12:00:00Z")
    assert second.event.occurred_at == read_instant("2026-01-12T12:00:00Z")
    assert second.event.due == read_instant("2026-01-31T11:59:59.999999+07:00")
    assert (second.arrived_at, second.arrival) == (last, last // 1000)


def test_a_shift_of_nothing_is_nothing() -> None:
    assert shifted([], 0, ZONE) == []


@pytest.mark.parametrize("name", ["feed.jsonl", "feed.jsonl.gz"])
def test_bad_lines_are_listed_with_number_and_reason(
    command: Command, tmp_path: Path, name: str
) -> None:
    lines = [
        orjson.dumps(event(1, "2026-01-01T00:00:00Z")),
        b"",
        b"oops",
        orjson.dumps(event(2, "2026-01-01T00:00:00")),
        orjson.dumps(event(3, "2026-01-01T00:00:00Z", citizen="Nguyen Van A")),
        b'{"event_id": "\xff"}',
    ]
    content = b"\n".join(lines)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)

    outcome = command("publish", name, "--dry-run")

    assert outcome.code == 1
    said = outcome.err.splitlines()
    assert [line.split(":")[:2] for line in said] == [
        ["line 3", " not_json"],
        ["line 4", " invalid_event"],
        ["line 6", " not_json"],
    ]
    assert "occurred_at" in said[1]
    assert "Nguyen" not in outcome.out + outcome.err
    assert outcome.lines == [
        "2 good lines, nothing sent (dry run); 3 bad lines; 1 lines had fields outside the "
        "contract, left out"
    ]


def test_a_shift_out_of_the_calendar_is_refused(command: Command, tmp_path: Path) -> None:
    lines_of(tmp_path, event(1, "1950-01-01T00:00:00Z"), event(2, "2190-01-01T00:00:00Z"))

    outcome = command("publish", "events.jsonl", "--dry-run", "--shift-to", "1901-01-01T00:00:00Z")

    assert outcome.code == 2
    assert "1900-2200" in outcome.err


def test_a_file_cut_short_is_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 10_000)[:-20])

    outcome = command("publish", "cut.gz", "--dry-run")

    assert outcome.code == 2
    assert "cut.gz" in outcome.err
