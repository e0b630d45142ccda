"""Which sealed day a report names: the last that all partitions had closed by its T."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.book_days import day_digest
from schemas.book_entries import START, DayPage, Place
from schemas.instants import read_instant
from streams.record import FiledRecord, Record
from streams.topics import BOOK
from vungxanh import topic_reading
from vungxanh.errors import NoTopicError, WrongUseError
from vungxanh.report_book import last_sealed
from vungxanh.settings import Settings


def page(partition: int, number: int, day: str, end: str) -> bytes:
    at = read_instant(f"{end}T00:00:00+07:00") // 1_000
    return DayPage(Place(partition, number, START), day, at, 9, 0, START, START).to_json()


FIRST = [page(n, 1, "2024-06-29", "2024-06-30") for n in (0, 1)]
SECOND = page(0, 2, "2024-06-30", "2024-07-01")  # partition 1 has not closed it


def book_of(monkeypatch: pytest.MonkeyPatch, *values: bytes) -> None:
    def read(settings: Settings, name: str, take: Callable[[Record], None]) -> int:
        assert name == BOOK
        for offset, value in enumerate(values):
            take(FiledRecord(0, offset, 0, b"0", value))
        return 2

    monkeypatch.setattr(topic_reading, "read_topic", read)


def sealed(at: str) -> tuple[str, str] | None:
    return last_sealed(Settings(), read_instant(at))


def test_the_last_day_that_all_had_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    book_of(monkeypatch, b'{"kind":"figures"}', *FIRST, SECOND)
    digest = day_digest(dict(enumerate(FIRST)))
    assert sealed("2024-07-01T00:00:00+07:00") == ("2024-06-29", digest)
    assert sealed("2024-06-30T00:00:00+07:00") == ("2024-06-29", digest)
    assert sealed("2024-06-29T23:59:59+07:00") is None


def test_an_empty_book_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    book_of(monkeypatch)
    assert sealed("2024-07-01T00:00:00+07:00") is None

    def no_topic(*_: object, **__: object) -> int:
        raise NoTopicError("there is no topic audit-book")

    monkeypatch.setattr(topic_reading, "read_topic", no_topic)
    assert sealed("2024-07-01T00:00:00+07:00") is None


def test_a_page_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    book_of(monkeypatch, b'{"kind":"day",')
    with pytest.raises(WrongUseError, match=r"partition 0, offset 0: .*vungxanh verify"):
        sealed("2024-07-01T00:00:00+07:00")
