"""The words of a scenario: what is read, and what is refused."""

from __future__ import annotations

import pytest

from tests.scenarios.every import SCRIPTS
from tests.scenarios.marks import SECOND, instant, mark
from tests.scenarios.script import (
    Acknowledge,
    CircuitOpen,
    Condition,
    Ends,
    Fails,
    FailsForADay,
    Silence,
    TryOut,
    Unsilence,
    Void,
    script,
)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("commune: 16 on time, 2 late", Ends("commune", 16, 2, None)),
        ("commune: 1 late", Ends("commune", 0, 1, None)),
        ("a: 3 on time, dated Mon 07:50", Ends("a", 3, 0, instant("Mon 07:50"))),
        ("commune: void late-1", Void("commune", "late-1")),
        ("An acknowledges commune 2", Acknowledge("An", "commune", 2)),
        (
            "An silences district/* until Tue 09:00 as s1",
            Silence("An", "district/*", instant("Tue 09:00"), "s1"),
        ),
        ("An unsilences s1", Unsilence("An", "s1")),
        ("the webhook of head fails 2 times", Fails("head", 2)),
        ("the webhook of head fails for a day", FailsForADay("head")),
        ("the circuit of head is open 2 times", CircuitOpen("head", 2)),
        ("a test message goes to head", TryOut("head")),
        ("lag ails", Condition("lag", "ails")),
        ("feed/commune is given up", Condition("feed/commune", "is given up")),
        ("delivery/email is well", Condition("delivery/email", "is well")),
    ],
)
def test_what_can_happen(words: str, meant: object) -> None:
    [block] = script("s", table=f"Mon 08:00  {words}").blocks
    assert block.doings == (meant,)
    assert block.moment == block.at == instant("Mon 08:00")


def test_a_mark_in_brackets_is_leapt_over() -> None:
    first, leapt, last = script(
        "s", table="Mon 07:00\n(Mon 07:15) - decided digest digest to a\nMon 12:01"
    ).blocks
    assert leapt.moment is None
    assert (leapt.at, leapt.wants) == (instant("Mon 07:15"), ("decided digest digest to a",))
    assert (first.moment, last.moment) == (first.at + SECOND, last.at + SECOND)


def test_a_mark_where_nothing_happens_comes_after_its_minute() -> None:
    first, second = script("s", table="Mon 08:00  a: 1 late\nMon 08:00  - opened a red 0/1").blocks
    assert (first.moment, second.moment) == (first.at, first.at + SECOND)
    assert second.wants == ("opened a red 0/1",)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("Mon 08:00  commune: 2 early", "commune: 2 early"),
        ("Mon 08:00  commune: ", "commune:"),
        ("Mon 08:10  a: 1 late\nMon 08:00  a: 1 late", "goes back in time"),
        ("(Mon 08:00)  a: 1 late", "not played"),
        ("Mon 08:00  lag is bad", "lag is bad"),
    ],
)
def test_what_is_refused(table: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        script("s", table=table)


@pytest.mark.parametrize("text", ["Mon 08:00", "Mon+1 07:00", "2026-02-23 17:05"])
def test_a_mark_is_told_as_it_is_read(text: str) -> None:
    assert mark(instant(text)) == text
    assert mark(instant(text) + 59 * SECOND) == text


def test_names_are_unmistakable() -> None:
    names = [one.name for _, one in SCRIPTS]
    assert len(set(names)) == len(names)
    assert not any("." in name or "/" in name for name in names)
