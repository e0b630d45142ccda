"""A file as the auditor reads it: plain or gzip, by arrival, its bad lines by number."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import orjson
import pytest

from audit.history import BadLine, Line, arrival_ms, read_history, read_lines
from schemas.instants import read_instant
from streams.routing import partition_of


def line(event_id: str, hour: int = 8, unit: str = "U", **more: object) -> bytes:
    return orjson.dumps(
        {
            "event_id": event_id,
            "type": "received",
            "occurred_at": f"2024-01-10T{hour:02}:00:00+07:00",
            "dossier_id": "D",
            "unit_id": unit,
            **more,
        }
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


def ids(source: Path) -> list[str]:
    return [one.event.event_id for one in read_history(source).lines]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "last line not ended"])
def test_lines_are_read_whatever_their_packing(
    file: Path, packed: bool, ending: bytes, last: bool
) -> None:
    content = ending.join([line("a"), line("b"), line("c")]) + (ending if last else b"")
    file.write_bytes(gzip.compress(content) if packed else content)
    assert ids(file) == ["a", "b", "c"]


def test_gzip_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    named = tmp_path / "history.jsonl.gz"
    named.write_bytes(line("a"))
    assert ids(named) == ["a"]


def test_an_empty_file_is_an_empty_history(file: Path) -> None:
    file.write_bytes(b"")
    history = read_history(file)
    assert (history.lines, history.bad) == ([], [])


def test_standard_input_is_a_file_named_by_a_hyphen(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (line("a") + b"\n", gzip.compress(line("a"))):
        stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))
        monkeypatch.setattr("sys.stdin", stream)
        (read,) = read_lines(Path("-"))
        assert isinstance(read, Line)
        assert read.event.event_id == "a"


def test_blank_lines_are_skipped_and_counted(file: Path) -> None:
    file.write_bytes(b"\n".join([b"", line("a"), b"  ", line("b")]))
    assert [one.number for one in read_history(file).lines] == [2, 4]


def test_lines_are_in_the_order_of_their_arrival(file: Path) -> None:
    file.write_bytes(
        b"\n".join(
            [
                line("occurred at 10", 10),
                line("recorded at 12", 7, recorded_at="2024-01-10T05:00:00Z"),
                line("occurred at 9", 9),
                line("recorded at 8", 11, recorded_at="2024-01-10T08:00:00+07:00"),
                line("recorded null", 13, recorded_at=None),
            ]
        )
    )
    assert ids(file) == [
        "recorded at 8",
        "occurred at 9",
        "occurred at 10",
        "recorded at 12",
        "recorded null",
    ]


def test_equal_arrivals_keep_the_order_of_the_file(file: Path) -> None:
    names = [f"{number * 7 % 10}" for number in range(10)]
    file.write_bytes(b"\n".join(line(name) for name in names))
    assert ids(file) == names


def test_bad_lines_have_their_number_and_reason_and_the_rest_is_read(file: Path) -> None:
    file.write_bytes(
        b"\n".join(
            [
                line("a"),
                b"{",
                line("b", unit="has spaces"),
                line("c", recorded_at="2024-01-10T08:00:00"),
                line("d", recorded_at=1704848400),
                line("e", step="x" * 501),
                line("f"),
            ]
        )
    )
    history = read_history(file)
    assert [one.event.event_id for one in history.lines] == ["a", "f"]
    found = [(bad.number, bad.reason.value, bad.detail.split(":")[0]) for bad in history.bad]
    assert found == [
        (2, "not_json", "invalid JSON"),
        (3, "invalid_event", "unit_id"),
        (4, "invalid_event", "recorded_at"),
        (5, "invalid_event", "recorded_at"),
        (6, "too_large", "step"),
    ]


def test_a_gzip_cut_short_is_an_error(file: Path) -> None:
    file.write_bytes(gzip.compress(line("a") * 50)[:-9])
    with pytest.raises(EOFError):
        read_history(file)


def test_a_file_that_is_not_there_is_an_error(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_history(file)


def test_records_stand_as_if_sent_to_an_empty_topic(file: Path) -> None:
    units = [f"U{number}" for number in range(9)]
    file.write_bytes(
        b"\n".join(line(f"{unit}-{hour}", hour, unit) for hour in (9, 8) for unit in units)
    )
    placed = read_history(file).records(4)
    assert len(placed) == 4
    for number, records in enumerate(placed):
        assert [record.partition for record in records] == [number] * len(records)
        assert [record.offset for record in records] == list(range(len(records)))
        assert [record.timestamp for record in records] == sorted(r.timestamp for r in records)
        assert {partition_of((record.key or b"").decode(), 4) for record in records} <= {number}
    assert sum(map(len, placed)) == 18


def test_an_arrival_is_in_whole_milliseconds_and_none_is_before_1970() -> None:
    assert arrival_ms(read_instant("2024-01-10T08:00:00.0019Z")) % 1000 == 1
    assert arrival_ms(read_instant("1969-12-31T23:59:59Z")) == 0


def test_a_bad_line_is_no_line() -> None:
    assert not isinstance(BadLine(1, None, ""), Line)  # type: ignore[arg-type]
