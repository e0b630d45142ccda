"""Every scenario on the pure machines, alone and with all others; and that nothing is left out."""

from __future__ import annotations

import pkgutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest

from alerts.notifying import stages
from alerts.notifying.stages.verdict import Drop, Hold, Say
from schemas.action import ACTION_KINDS
from schemas.instants import read_instant
from schemas.notification import OUTCOMES, Why
from schemas.step import STEP_KINDS
from tests.scenarios.every import SCRIPTS, THROUGH_A_WORKER, VARIANTS
from tests.scenarios.marks import MINUTE
from tests.scenarios.outcome import OF_SENDING, Outcome, of_nobody
from tests.scenarios.pure_player import Hearing, PurePlayer
from tests.scenarios.script import (
    CircuitOpen,
    Condition,
    FailsForADay,
    Script,
    TryOut,
)
from tests.scenarios.scripts_care import CARE, ESCALATED
from tests.scenarios.scripts_rare import GIVEN_UP, LEFT_ALONE, RARE
from tests.scenarios.variant import Variant

BY_NAME = [pytest.param(v, s, id=f"{v.name}-{s.name}") for v, s in SCRIPTS]
HEARINGS: tuple[Hearing, ...] = ("steps first", "clock first")

NOT_PLAYED = {
    Why.TEMPLATE_BROKEN: "composing is no part of a play: the office composes; the test below does",
}
COVERED_BY = {
    Why.TEMPLATE_BROKEN: (
        "tests.vungxanh.test_notify.test_a_broken_template_is_told_and_the_built_in_one_sent"
    ),
}
PURE_ONLY = {"health", "testmessage", "givenup", "leftalone"}


def play_alone(variant: Variant, script: Script, hearing: Hearing = "steps first") -> Outcome:
    return PurePlayer(variant, [script], hearing).play()


@cache
def everything() -> Outcome:
    """What comes of all scenarios, each played alone."""
    outcomes = [play_alone(variant, script) for variant, script in SCRIPTS]
    return Outcome(
        [step for one in outcomes for step in one.steps],
        [record for one in outcomes for record in one.records],
    )


@pytest.mark.parametrize("hearing", HEARINGS)
@pytest.mark.parametrize(("variant", "script"), BY_NAME)
def test_it_comes_as_the_table_says(variant: Variant, script: Script, hearing: Hearing) -> None:
    """Whether the notifier hears of a step before its clock moves on, or after."""
    outcome = play_alone(variant, script, hearing)
    assert outcome.table(script) == script.wanted()
    assert of_nobody(replace(variant, scripts=(script,)), outcome) == []


@pytest.mark.parametrize(("variant", "script"), BY_NAME)
def test_each_message_is_handed_over_once(variant: Variant, script: Script) -> None:
    """But for the attempts that failed; under its key, and with all that travels in it."""
    outcome = play_alone(variant, script)
    expected, results = outcome.expected(), outcome.results()
    handed_over = Counter((one.key, one.kinds) for one in outcome.sent)
    assert handed_over.keys() == set(expected.items())
    assert results.keys() == expected.keys()
    failures = sum(script.fails().values())
    assert handed_over.total() == len(expected) + failures or script.dead()
    for (key, _), tries in handed_over.items():
        failed = results[key]["retrying channel_failed"]
        came_of = {"failed gave_up": 1} if script.dead() else {"sent delivered": 1}
        assert +results[key] == +Counter(
            {
                **came_of,
                "retrying channel_failed": tries - 1,
                "retrying circuit_open": sum(script.shut().values()),
            }
        )
        assert failed == failures or script.dead()


def test_a_message_is_tried_for_a_day() -> None:
    """Then it is given up; until then it is tried at least every half an hour."""
    records = [one for one in play_alone(RARE, GIVEN_UP).records if one["outcome"] in OF_SENDING]
    tried = [read_instant(one["at"]) for one in records]
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert [one["outcome"] for one in records] == ["retrying"] * (len(records) - 1) + ["failed"]
    half_an_hour, day = 30 * MINUTE * 1_000, 24 * 60 * MINUTE * 1_000
    assert max(gaps) <= half_an_hour
    assert day - half_an_hour < tried[-1] - tried[0] <= day


def test_a_circuit_that_is_open_is_no_attempt() -> None:
    records = [one for one in play_alone(RARE, LEFT_ALONE).records if one["outcome"] in OF_SENDING]
    assert [(one["why"], one.get("attempts")) for one in records] == [
        ("circuit_open", 0),
        ("circuit_open", 0),
        ("channel_failed", 1),
        ("delivered", 2),
    ]


@pytest.mark.parametrize("hearing", HEARINGS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: one.name)
def test_nobody_changes_what_comes_of_another(variant: Variant, hearing: Hearing) -> None:
    together = PurePlayer(variant, variant.scripts, hearing).play()
    for script in variant.scripts:
        alone = play_alone(variant, script)
        assert together.of(variant, script).comparable() == alone.comparable()
    assert of_nobody(variant, together) == []


@pytest.mark.parametrize("what", ["steps", "records", "sent"])
def test_what_is_of_nobody_is_seen(what: str) -> None:
    """A step, too, that no script's table would miss."""
    outcome = play_alone(CARE, ESCALATED)
    without = replace(CARE, scripts=tuple(one for one in CARE.scripts if one is not ESCALATED))
    only = Outcome(**{what: getattr(outcome, what)})
    assert getattr(outcome, what)
    assert of_nobody(CARE, only) == []
    assert len(of_nobody(without, only)) == len(getattr(outcome, what))


def test_what_only_the_pure_player_plays() -> None:
    """Each says why, and no other is left out by the real one."""
    assert {script.name for _, script in SCRIPTS if script.pure_only} == PURE_ONLY
    played = {script.name for variant in THROUGH_A_WORKER for script in variant.scripts}
    assert played == {script.name for _, script in SCRIPTS} - PURE_ONLY
    assert all(variant.scripts for variant in THROUGH_A_WORKER)
    for _, script in SCRIPTS:
        own = (Condition, TryOut, FailsForADay, CircuitOpen)
        assert any(isinstance(one, own) for one in script.doings) == bool(script.pure_only)


def test_what_is_not_played_is_tested_elsewhere() -> None:
    assert COVERED_BY.keys() == NOT_PLAYED.keys()
    for place in COVERED_BY.values():
        module, _, name = place.rpartition(".")
        assert callable(getattr(import_module(module), name))


def test_every_reason_is_played() -> None:
    played = {Why(record["why"]) for record in everything().records}
    assert set(Why) - played == NOT_PLAYED.keys()


def test_every_outcome_is_played() -> None:
    played = {record["outcome"] for record in everything().records}
    assert set(OUTCOMES) == played


def test_every_step_is_played() -> None:
    assert {step["kind"] for step in everything().steps} == set(STEP_KINDS)


def test_everything_that_people_do_is_played() -> None:
    played = {record["kind"] for record in everything().records}
    assert set(ACTION_KINDS) - played == set()


def test_every_stage_decides_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a verdict of its own, and not only by letting all pass."""
    spoke: set[str] = set()

    def watched(name: str, decide: Callable[..., Any]) -> Callable[..., Any]:
        def deciding(*arguments: Any) -> Any:
            verdict = decide(*arguments)
            if isinstance(verdict, Drop | Hold | Say):
                spoke.add(name)
            return verdict

        return deciding

    names = {one.name for one in pkgutil.iter_modules(stages.__path__)} - {"verdict"}
    modules = {name: import_module(f"{stages.__name__}.{name}") for name in names}
    in_order = {one.__module__.rpartition(".")[2]: one for one in stages.STAGES}
    monkeypatch.setattr(
        stages, "STAGES", tuple(watched(name, one) for name, one in in_order.items())
    )
    # Two are asked before a notice is made: once for a step, and not again.
    monkeypatch.setattr(modules["history"], "decide", watched("history", modules["history"].decide))
    monkeypatch.setattr(modules["routing"], "route", watched("routing", modules["routing"].route))
    for variant, script in SCRIPTS:
        play_alone(variant, script)
    assert spoke == names
    assert in_order.keys() | {"history"} == names
