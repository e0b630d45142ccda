"""Figures parted by channel, service level, procedure and step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.replay import FigureReplay, ReplayedFigure
from audit.replay_parts import order
from audit.replay_question import PARTS, By
from indicators.profile import stated
from indicators.windows import read_window
from tests.audit.test_replay import BOTH, Arrived, told
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady
from tests.streams.telling import after

WINDOWS = (read_window("1d", VIET_NAM), read_window("month", VIET_NAM))
FIELDS = {"channel": "channel", "service_level": "service_level", "procedure": "procedure_id"}


def rows(history: Iterable[Arrived], seconds: Iterable[float], *by: By) -> list[ReplayedFigure]:
    replay = FigureReplay(VIET_NAM, by)
    for read, _ in history:
        replay.add(read)
    return [
        row for second in seconds for row in replay.figures(after(second) * 1000, BOTH, WINDOWS)
    ]


def parts(found: Iterable[ReplayedFigure]) -> dict[tuple[str | None, ...], tuple[int, int]]:
    return {
        row.part: (row.numerator, row.denominator)
        for row in found
        if (row.definition, row.window) == ("strict@1", "1d")
    }


MOVING = [
    told("a", "received", 0, due=100, channel="direct"),
    told("b", "processing", 20, channel="online", step="Thụ lý"),
    told("c", "completed", 50),
    told("d", "processing", 60, step="Trả kết quả"),
    told("e", "voided", 70, voids="b"),
]


@pytest.mark.parametrize(
    ("second", "by", "expected"),
    [
        pytest.param(55, "channel", ("online",), id="the latest that says so"),
        pytest.param(75, "channel", ("direct",), id="less what is taken back"),
        pytest.param(55, "step", ("Thụ lý",), id="a step as it was written"),
        pytest.param(65, "step", ("Trả kết quả",), id="a note moves a dossier, too"),
        pytest.param(65, "service_level", (None,), id="nothing says so"),
    ],
)
def test_where_a_dossier_belongs(second: float, by: By, expected: tuple[str | None]) -> None:
    assert parts(rows(MOVING, [second], by)) == {expected: (1, 1)}
    # The same where T has come there by steps.
    assert parts(rows(MOVING, [52, second], by)[-len(BOTH) * len(WINDOWS) :]) == {expected: (1, 1)}


SAID: dict[str, dict[str, Any]] = {
    "A": {"channel": "post", "service_level": "4"},
    "B": {"channel": "online"},
    "C": {"channel": "online", "service_level": "2"},
    "D": {},
}


def test_two_things_at_once_and_in_order() -> None:
    history = [
        told(f"{dossier}{number}", kind, number, due=100, dossier=dossier, **said)
        for dossier, said in SAID.items()
        for number, kind in enumerate(("received", "completed"))
    ]
    found = parts(rows(history, [9], "channel", "service_level"))
    assert list(found) == [("online", "2"), ("online", None), ("post", "4"), (None, None)]
    assert set(found.values()) == {(1, 1)}


texts = st.sampled_from([None, "online", "post"])
events = st.lists(
    st.tuples(
        st.sampled_from(["received", "processing", "completed", "supplement_requested",
                         "supplement_completed", "voided", "refused"]),
        st.integers(0, 90_000),
        st.sampled_from("DEF"),
        texts,
        st.sampled_from([None, "2", "full"]),
        st.sampled_from([None, "P", "Q"]),
        st.sampled_from([None, "bước 1", "bước 2"]),
        st.integers(0, 20),
    ),
    max_size=20,
)  # fmt: skip


def history_of(drawn: list[tuple]) -> list[Arrived]:  # type: ignore[type-arg]
    made = []
    for number, (kind, at, dossier, channel, level, procedure, step, other) in enumerate(drawn):
        said = {"channel": channel, "service_level": level, "procedure_id": procedure, "step": step}
        more = {name: text for name, text in said.items() if text is not None}
        if kind == "voided":
            more["voids"] = f"e{other}"
        if kind == "received":
            more["due_at"] = "2026-01-01T12:00:00+07:00"
        made.append(told(f"e{number}", kind, at, dossier=dossier, **more))
    return made


@steady(60)
@given(drawn=events, seconds=st.lists(st.integers(0, 180_000), min_size=1, max_size=4))
def test_the_parts_add_up_to_the_unit(drawn: list, seconds: list[int]) -> None:  # type: ignore[type-arg]
    history, seconds = history_of(drawn), sorted(set(seconds))
    whole = {row[:4]: row[4:10] for row in rows(history, seconds)}
    for number in (1, 2, 4):
        for by in combinations(PARTS, number):
            sums: dict[tuple[object, ...], Counter[int]] = {}
            for row in rows(history, seconds, *by):
                sums.setdefault(row[:4], Counter()).update(dict(enumerate(row[4:10])))
            assert {key: tuple(each[n] for n in range(6)) for key, each in sums.items()} == whole


@steady(60)
@given(drawn=events, seconds=st.lists(st.integers(0, 180_000), min_size=2, max_size=5))
def test_many_instants_at_once_are_one_by_one(drawn: list, seconds: list[int]) -> None:  # type: ignore[type-arg]
    history, seconds = history_of(drawn), sorted(set(seconds))
    for by in ((), ("channel",), ("step", "procedure")):
        one_by_one = [row for second in seconds for row in rows(history, [second], *by)]
        assert rows(history, seconds, *by) == one_by_one


@steady(60)
@given(drawn=events)
def test_a_part_is_what_the_unit_s_page_says(drawn: list) -> None:  # type: ignore[type-arg]
    """The same attribution as in a unit's profile, held against it dossier by dossier."""
    by_dossier: dict[str, list[Arrived]] = {}
    for one in history_of(drawn):
        by_dossier.setdefault(one[0].dossier_id, []).append(one)
    for history in by_dossier.values():
        replay = FigureReplay(VIET_NAM, PARTS)
        for read, _ in history:
            replay.add(read)
        replay.span()
        [facts] = (d.facts for led in replay._ledgers.values() for d in led.dossiers.values())
        for by, field in FIELDS.items():
            said = {row.part for row in rows(history, [200_000], by)}  # type: ignore[arg-type]
            assert said <= {(stated(facts, field),)}


def test_nothing_said_comes_last() -> None:
    assert sorted([("b",), (None,), ("a",)], key=order) == [("a",), ("b",), (None,)]
