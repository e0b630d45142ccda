"""`vungxanh verify`: what it prints of partitions that were read, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from tests.audit.sealed_history import History
from tests.audit.test_verify_whole import DAYS, copied, whole, with_leaf_changed, without_book
from tests.audit.test_verify_whole import world as sealed
from tests.vungxanh.conftest import Command
from vungxanh.commands import verify
from vungxanh.processes.work import Told
from vungxanh.settings import Settings

Given = Callable[[Sequence[History]], None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """`given(histories)`: what the partitions of the topics hold."""

    def give(histories: Sequence[History]) -> None:
        class Held:
            def __init__(self, settings: Settings) -> None:
                self.count = len(histories)
                self.firsts = dict.fromkeys(range(self.count), 0)
                self.sizes = dict.fromkeys(range(self.count), 30)

            @staticmethod
            def history(partition: int, told: Told) -> History:
                return histories[partition]

        monkeypatch.setattr(verify, "TopicPartitions", Held)

    return give


def digest_of(day: str) -> str:
    return next(one.digest for one in whole(*sealed()).sealed if one.day == day)


def test_the_untouched(command: Command, given: Given) -> None:
    given(sealed())
    done = command("verify", "--digest", digest_of("2024-01-12").upper())
    assert done.code == 0
    last = digest_of("2024-01-17")
    assert (
        done.lines[0] == f"book: the digest {digest_of('2024-01-12').upper()} is that of 2024-01-12"
    )
    assert done.lines[1].startswith("confirmed: 8 days, ")
    assert done.lines[-1] == f"  last day sealed: 2024-01-17, digest {last}"
    told = json.loads(command("verify", "--format", "json").out)
    assert (told["confirmed"], told["digest_found"], told["digest_day"]) == (True, None, None)
    assert told["last_day"] == {"day": "2024-01-17", "digest": last}


def test_a_digest_of_a_day_after_the_first_difference(command: Command, given: Given) -> None:
    histories = list(sealed())
    histories[1] = with_leaf_changed(histories[1], "2024-01-13")
    given(histories)
    later = digest_of("2024-01-16")
    done = command("verify", "--digest", later)
    assert done.code == 1
    assert done.lines[0] == f"book: the digest {later} is that of 2024-01-16"
    assert done.lines[1].startswith("partition 1: book: changed: figures of 2024-01-13")
    assert done.lines[-1] == f"  last day confirmed: 2024-01-12, digest {digest_of('2024-01-12')}"
    told = json.loads(command("verify", "--digest", later, "--format", "json").out)
    assert (told["confirmed"], told["digest_found"]) == (False, True)
    assert (told["digest_day"], told["last_day"]["day"]) == ("2024-01-16", "2024-01-12")


def test_a_digest_that_the_book_does_not_have(command: Command, given: Given) -> None:
    given(sealed())
    done = command("verify", "--digest", "ab" * 32)
    assert done.code == 1
    assert done.lines[0].endswith(f"has the digest {'ab' * 32}: another book")
    assert done.lines[-1].startswith("  last day sealed: 2024-01-17")


def test_a_digest_beyond_entries_that_are_gone(command: Command, given: Given) -> None:
    histories = list(sealed())
    entries = list(histories[1].entries)
    place = next(n for n, one in enumerate(entries) if b'"day":"2024-01-13"' in (one.value or b""))
    del entries[place : place + 2]
    histories[1] = History(histories[1].written, entries, histories[1].told, histories[1].kept)
    given(histories)
    done = command("verify", "--digest", digest_of("2024-01-16"))
    assert done.code == 1
    assert "could not be looked for beyond 2024-01-12" in done.lines[0]
    assert "another book" not in done.out


def test_without_the_book_of_one_partition(command: Command, given: Given) -> None:
    histories = copied(sealed())
    histories[2] = without_book(histories[2])
    given(histories)
    done = command("verify", "--digest", digest_of("2024-01-16"))
    assert done.code == 1
    assert "could not be looked for at all: entries of the book are gone" in done.lines[0]
    assert done.lines[1].startswith("partition 2: book: missing: there is no book, and 27 records")
    assert "nothing is sealed" not in done.out
    assert "last day" not in done.out


def test_without_any_book(command: Command, given: Given) -> None:
    given([without_book(one) for one in sealed()])
    done = command("verify")
    assert done.code == 1
    assert done.lines[0].startswith("book: missing: a worker has made steps")
    assert "  nothing is sealed" in done.lines


def test_days_that_are_sealed_and_not_confirmed(command: Command, given: Given) -> None:
    histories = list(sealed())
    histories[0] = History(histories[0].written, histories[0].entries, [], histories[0].kept)
    given(histories)
    done = command("verify")
    assert done.code == 1
    assert (
        done.lines[-1] == f"  {DAYS - 1} days are sealed by all partitions, and none is confirmed"
    )
