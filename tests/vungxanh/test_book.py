"""`vungxanh book`: days sealed by a monitor, listed, shown, handed over and checked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import pytest

from audit.book_days import day_digest
from schemas.book import DayPage, UnitDay, read_entry
from schemas.instants import read_instant
from schemas.merkle import leaf_digest
from streams.record import FiledRecord, Record
from streams.routing import partition_of
from tests.audit.sealed_history import Live, lived
from tests.streams.telling import Topic, event, late, on_time, policy, rules
from tests.vungxanh.conftest import Command
from vungxanh import topic_reading
from vungxanh.errors import NoTopicError, UnreachableError
from vungxanh.settings import Settings

DAY_S = 86_400.0
MIDNIGHT = read_instant("2024-01-13T00:00:00+07:00") // 1_000
BY = rules(policy("30d"), ("30d",))
HOME = {unit: partition_of(unit, 2) for unit in ("A", "B", "C", "D", "E", "F")}


def worker(partition: int) -> Live:
    """Three days of a partition: of each unit a dossier on time and a late one, and of A more."""
    topic, records = Topic(partition), []
    units = [unit for unit, home in HOME.items() if home == partition]
    for number, unit in enumerate(units):
        records.append(on_time(topic, number, f"{unit}1", unit))
        records.append(late(topic, 1_000.0 + number, f"{unit}2", unit))
    if "A" in units:
        told = event("A3-end", "completed", 500, due=900, dossier="A3", unit="A")
        records.append(topic.record(DAY_S + 7, told, "A"))  # on the next day: a late word
        void = event("A2-void", "voided", 2_000, dossier="A2", unit="A", voids="A2-end")
        records.append(topic.record(DAY_S + 9, void, "A"))
    live, _ = lived(BY, records, Random(7), partition, 2)
    live.tick(MIDNIGHT)
    return live


WORKERS = [worker(0), worker(1)]
BOOK = [record for live in WORKERS for record in live.book]
Given = Callable[[Iterable[Record]], None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """`given(records)`: what the topic holds."""

    def give(records: Iterable[Record]) -> None:
        held = list(records)

        def read(settings: Settings, name: str, take: Callable[[Record], None]) -> int:
            assert name == "audit-book"
            for record in held:
                take(record)
            return 2

        monkeypatch.setattr(topic_reading, "read_topic", read)

    return give


def digest_of_day(day: str) -> str:
    pages = {}
    for record in BOOK:
        assert record.value is not None
        entry = read_entry(record.value)
        if isinstance(entry, DayPage) and entry.day == day:
            pages[record.partition] = record.value
    return day_digest(pages)


def changed(records: Iterable[FiledRecord], old: bytes, new: bytes) -> list[FiledRecord]:
    found = [one._replace(value=(one.value or b"").replace(old, new)) for one in records]
    assert found != list(records)
    return found


def test_the_sealed_days_are_listed(command: Command, given: Given) -> None:
    given(BOOK)

    done = command("book", "list", "--format", "json")

    days = [json.loads(line) for line in done.lines]
    assert (done.code, done.err) == (0, "")
    assert [day["day"] for day in days] == ["2024-01-10", "2024-01-11", "2024-01-12"]
    assert days[0] == {
        "day": "2024-01-10",
        "as_of": "2024-01-10T17:00:00.000+00:00",
        "pages": 2,
        "units": 6,
        "closed": True,
        "digest": digest_of_day("2024-01-10"),
    }
    table = command("book", "list").lines
    assert any(line.split()[:6] == _row(days[1]) for line in table), table


def _row(day: dict[str, object]) -> list[str]:
    return [str(day["day"]), "2024-01-12", "00:00:00", "2", "6", "yes"]


def test_a_day_that_a_partition_has_not_closed_is_told(command: Command, given: Given) -> None:
    last = max(n for n, one in enumerate(WORKERS[1].book) if b'"kind":"day"' in (one.value or b""))
    given([*WORKERS[0].book, *WORKERS[1].book[:last]])

    days = [json.loads(line) for line in command("book", "list", "--format", "json").lines]
    assert [(day["closed"], day["pages"]) for day in days] == [(True, 2), (True, 2), (False, 1)]
    assert "1 to come" in command("book", "list").out
    unit = next(unit for unit, home in HOME.items() if home == 0)
    done = command("book", "export", "--day", "2024-01-12", "--unit", unit)
    assert done.code == 0
    assert "partitions that have not closed 2024-01-12 yet: 1;" in done.err


def is_page(record: Record) -> bool:
    return b'"kind":"day"' in (record.value or b"")


PAGES = [number for number, one in enumerate(WORKERS[1].book) if is_page(one)]
GAPS = [
    pytest.param(0, PAGES[0] + 1, ["2024-01-10"], id="the beginning, with the first page"),
    pytest.param(0, PAGES[1], ["2024-01-10"], id="up to the second page"),
    pytest.param(PAGES[1], PAGES[1] + 1, ["2024-01-11"], id="a page in the middle"),
    pytest.param(PAGES[0] - 1, PAGES[2], ["2024-01-10", "2024-01-11"], id="two pages"),
]


@pytest.mark.parametrize(("start", "stop", "without"), GAPS)
def test_days_of_which_a_page_is_gone_have_no_digest(
    command: Command, given: Given, start: int, stop: int, without: list[str]
) -> None:
    book = [*WORKERS[1].book]
    del book[start:stop]
    given([*WORKERS[0].book, *book])

    done = command("book", "list", "--format", "json")
    days = {day["day"]: day for day in map(json.loads, done.lines)}
    assert done.code == 1
    assert done.err.count("audit-book partition 1: entries ") == 1
    for name, day in days.items():
        assert (day["digest"], day["closed"]) == (
            (None, False) if name in without else (digest_of_day(name), True)
        )
    for name in without:
        shown = command("book", "show", "--day", name)
        assert (shown.code, "are gone" in shown.err) == (1, True)
        assert "digest unknown" in shown.out
        unit = next(unit for unit, home in HOME.items() if home == 0)
        kept = command("book", "export", "--day", name, "--unit", unit)
        assert (kept.code, kept.out) == (1, "")
        lost = next(unit for unit, home in HOME.items() if home == 1)
        if not any(one.unit_id == lost for one in read_units(book, name)):
            assert (
                "pages of that day are gone"
                in command("book", "export", "--day", name, "--unit", lost).err
            )


def read_units(book: Iterable[Record], day: str) -> list[UnitDay]:
    entries = [read_entry(one.value or b"") for one in book]
    days = {one.day for one in entries if isinstance(one, DayPage)}
    return [one for one in entries if isinstance(one, UnitDay) and one.day == day in days]


def test_a_day_is_shown_as_it_was_stated_and_what_was_corrected(
    command: Command, given: Given
) -> None:
    given(BOOK)

    shown = command("book", "show", "--day", "2024-01-10", "--unit", "A")

    assert (shown.code, shown.err) == (0, "")
    assert shown.lines[:4] == [
        "2024-01-10, as of 2024-01-11 00:00:00 (Asia/Ho_Chi_Minh)",
        "2 pages, 6 units; closed by all partitions: yes",
        f"digest {digest_of_day('2024-01-10')}",
        "",
    ]
    assert "  resolved@1 30d: 1 on time of 2 (50.00%)" in shown.lines
    assert "  ended in 30d: early 0, on time 1, late 1" in shown.lines
    assert "corrections since: 2" in shown.lines
    [late_word, void] = [line for line in shown.lines if "of dossier" in line]
    assert "A: completed of dossier A3, event A3-end" in late_word
    assert "A: voided of dossier A2, event A2-void" in void
    assert "    resolved@1 30d: from 1 of 2 to 2 of 3" in shown.lines
    assert "    resolved@1 30d: from 2 of 3 to 2 of 2" in shown.lines


def test_a_sign_stands_in_the_day_it_was_found(command: Command, given: Given) -> None:
    given(BOOK)
    sign = "  sign late_end_voided: dossier A2, event A2-void"
    assert sign not in command("book", "show", "--day", "2024-01-10").lines
    assert sign in command("book", "show", "--day", "2024-01-11").lines
    assert sign in command("book", "show", "--day", "2024-01-11", "--unit", "A").lines


def corrected_often(times: int) -> Live:
    """A unit of which so much is taken back within minutes, before midnight and after it."""
    topic, midnight = Topic(), 16 * 3_600
    records = [on_time(topic, 0, "a", "A")]
    for number in range(times):
        at = midnight - 60 + (5 * number / (times - 3) if number < times - 2 else 600)
        void = event("v", "voided", at, dossier=f"d{number}", unit="A", voids="e")
        records.append(topic.record(at, void, "A"))
    live, _ = lived(BY, records)
    live.tick(MIDNIGHT)
    return live


def test_a_burst_stands_in_the_day_it_came_up_and_in_that_it_grew(
    command: Command, given: Given, tmp_path: Path
) -> None:
    given(corrected_often(8).book)
    of_the_first, of_the_second = (
        command("book", "show", "--day", day, "--unit", "A").lines
        for day in ("2024-01-10", "2024-01-11")
    )
    first, last = "2024-01-10 23:59:00", "2024-01-10 23:59:05"
    assert of_the_first[-9:-2] == [
        f"  burst of 6 corrections from {first} to {last}",
        *(f"    dossier d{number}, event v" for number in range(6)),
    ]
    assert of_the_second[-5:-2] == [
        f"  burst of 8 corrections from {first} to 2024-01-11 00:09:00, 2 of them new in it",
        "    dossier d6, event v",
        "    dossier d7, event v",
    ]
    short = command("book", "show", "--day", "2024-01-10").lines
    assert short[-4:-2] == ["A: green, resolved@1 30d: 1 on time of 1 (100.00%)", of_the_first[-9]]
    none = command("book", "show", "--day", "2024-01-12", "--unit", "A").out
    assert "burst" not in none

    done = command("book", "export", "--day", "2024-01-10", "--unit", "A", "--output", "a.json")
    checked = command("book", "check", "a.json", "--digest", done.lines[0].split()[-1])
    assert (done.code, checked.code) == (0, 0)
    assert "d5" in (tmp_path / "a.json").read_text("utf-8")


def test_of_a_burst_of_thousands_some_are_named(command: Command, given: Given) -> None:
    given(corrected_often(702).book)
    lines = command("book", "show", "--day", "2024-01-10", "--unit", "A").lines
    assert sum(line.endswith("event v") for line in lines) == 500
    assert "    and 200 more" in lines
    given(corrected_often(8).book)
    assert "more" not in command("book", "show", "--day", "2024-01-10", "--unit", "A").out


def test_a_day_as_json_is_what_the_book_holds(command: Command, given: Given) -> None:
    given(BOOK)
    whole = json.loads(command("book", "show", "--day", "2024-01-10", "--format", "json").out)
    leaves = [
        json.loads(one.value or b"")
        for one in BOOK
        if b'"kind":"figures"' in (one.value or b"") and b'"day":"2024-01-10"' in (one.value or b"")
    ]

    assert whole["units"] == sorted(leaves, key=lambda leaf: leaf["unit_id"])
    assert (whole["closed"], whole["digest"]) == (True, digest_of_day("2024-01-10"))
    assert [one["event_id"] for one in whole["corrections"]] == ["A3-end", "A2-void"]
    stated = {one["stated"] for entry in whole["corrections"] for one in entry["corrections"]}
    assert stated == {"2024-01-10"}

    of_b = command("book", "show", "--day", "2024-01-10", "--unit", "B", "--format", "json")
    part = json.loads(of_b.out)
    assert ([leaf["unit_id"] for leaf in part["units"]], part["corrections"]) == (["B"], [])


def test_an_exported_day_is_checked_here_and_by_the_script_alone(
    command: Command, given: Given, tmp_path: Path
) -> None:
    given(BOOK)
    digest = digest_of_day("2024-01-11")
    words = ("book", "export", "--day", "2024-01-11", "--unit", "A")

    done = command(*words, "--output", "a.json")

    assert (done.code, done.err) == (0, "")
    assert done.lines[0].endswith(f"python check_day.py a.json {digest}")
    assert command(*words).out == (tmp_path / "a.json").read_text("utf-8")
    here = command("book", "check", "a.json", "--digest", digest)
    alone = subprocess.run(
        [sys.executable, "-I", *done.lines[0].split()[-3:]],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (alone.returncode, alone.stdout) == (here.code, here.out)
    assert here.code == 0
    assert here.lines[-1] == f"OK: proved by {digest}"


def test_what_was_changed_does_not_pass(command: Command, given: Given, tmp_path: Path) -> None:
    given(BOOK)
    command("book", "export", "--day", "2024-01-10", "--unit", "A", "--output", "a.json")
    path = tmp_path / "a.json"
    other = command("book", "check", "a.json", "--digest", leaf_digest(b""))
    assert other.code == 1
    assert "WRONG: the digest of the day is" in other.lines[-1]

    path.write_text(path.read_text("utf-8").replace('numerator\\":1', 'numerator\\":2'), "utf-8")
    done = command("book", "check", "a.json")
    assert done.code == 1
    assert done.lines[-1].startswith("WRONG: the figures do not go with the page")

    path.write_text("[]", "utf-8")
    done = command("book", "check", "a.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("vungxanh: a.json: no proof of a day")


def test_figures_that_do_not_go_with_their_page_are_not_handed_over(
    command: Command, given: Given, tmp_path: Path
) -> None:
    of_a = b'"unit_id":"A","zone":"red"'
    given(changed(BOOK, of_a, b'"unit_id":"A","zone":"green"'))

    shown = command("book", "show", "--day", "2024-01-10", "--unit", "A")
    assert shown.code == 1
    assert f"in partition {HOME['A']} are not those that its page was written over" in shown.err
    words = ("book", "export", "--day", "2024-01-10", "--unit", "A", "--output", "a.json")
    done = command(*words)
    assert (done.code, done.out) == (1, "")
    assert not (tmp_path / "a.json").exists()


def test_figures_added_after_the_page_are_not_of_the_day(command: Command, given: Given) -> None:
    leaf = next(one for one in BOOK if b'"unit_id":"A"' in (one.value or b""))
    before = command_output(command, given, BOOK)
    assert command_output(command, given, [*BOOK, leaf]) == before


def command_output(command: Command, given: Given, records: Iterable[Record]) -> str:
    given(records)
    done = command("book", "show", "--day", "2024-01-10")
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "--day", "2024-13-01"), "'2024-13-01' is no day such as 2024-06-30"),
        (("show", "--day", "2023-01-01"), "the book has 2024-01-10 to 2024-01-12"),
        (("show", "--day", "2024-01-10", "--unit", "Z"), "--unit Z: 2024-01-10 states nothing"),
        (("export", "--day", "2024-01-10", "--unit", "Z"), "--unit Z: 2024-01-10 states nothing"),
        (
            ("export", "--day", "2024-01-10", "--unit", "A", "--output", "none/a.json"),
            "--output none/a.json: cannot be written",
        ),
        (
            ("export", "--day", "2024-01-10", "--unit", "A", "--output", "check_day.py"),
            "the name of the script",
        ),
        (("check", "none.json"), "none.json: no proof of a day: FileNotFoundError"),
    ],
)
def test_wrong_use_is_told(
    command: Command, given: Given, words: tuple[str, ...], said: str
) -> None:
    given(BOOK)
    done = command("book", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_book_without_days(command: Command, given: Given) -> None:
    given(BOOK[:1])
    done = command("book", "list", "--format", "json")
    assert (done.code, done.out) == (0, "")
    assert "the book has no day yet" in done.err
    done = command("book", "show", "--day", "2024-01-10")
    assert done.code == 2
    assert "the book has no day yet" in done.err


def test_a_page_that_cannot_be_read_is_named(command: Command, given: Given) -> None:
    given([FiledRecord(3, 41, 0, b"3", b'{"kind":"day",')])
    done = command("book", "list")
    assert done.code == 2
    assert "audit-book partition 3, offset 41" in done.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoTopicError("there is no topic audit-book: make it with `vungxanh topics`"), 2),
        (UnreachableError("Kafka at 127.0.0.1:9: gone"), 3),
    ],
)
def test_no_book_and_no_kafka(
    command: Command, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def read(*_: object) -> int:
        raise error

    monkeypatch.setattr(topic_reading, "read_topic", read)
    done = command("book", "list")
    assert (done.code, done.out) == (code, "")
    assert str(error) in done.err
