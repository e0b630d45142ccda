"""Every scenario on the pure machines, alone and with all others; and that nothing is left out."""

from __future__ import annotations

import pkgutil
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from alerts.notifying import stages
from alerts.notifying.stages.verdict import Drop, Hold, Say
from schemas.action import ACTION_KINDS
from schemas.notification import OUTCOMES, Why
from schemas.step import STEP_KINDS
from tests.scenarios.every import SCRIPTS, VARIANTS
from tests.scenarios.outcome import Outcome, owners
from tests.scenarios.pure_player import Hearing, PurePlayer
from tests.scenarios.script import Script
from tests.scenarios.variant import Variant

BY_NAME = [pytest.param(v, s, id=f"{v.name}-{s.name}") for v, s in SCRIPTS]
HEARINGS: tuple[Hearing, ...] = ("steps first", "clock first")

# Why no scenario has them: nothing is played on the wall clock, the marks are of the records.
NOT_PLAYED = {
    Why.HEALTH: "the monitor's own health is watched by the wall clock",
    Why.LONG_SILENT: "likewise: a feed that is not waited for any more",
    Why.CIRCUIT_OPEN: "takes five failures in a row, and a minute of the wall clock",
    Why.GAVE_UP: "takes a day of the wall clock",
    Why.TEST: "asked for by a command",
    Why.TEMPLATE_BROKEN: "takes templates of the province's own",
    Why.CROWDED_OUT: "takes some thousand incidents in one night",
}
OUTCOMES_NOT_PLAYED = {"failed": "takes a day of the wall clock"}


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
    assert owners(variant, outcome.records) <= {script.name}


@pytest.mark.parametrize(("variant", "script"), BY_NAME)
def test_each_message_is_handed_over_once(variant: Variant, script: Script) -> None:
    """But for the attempts that failed; under its key, and with all that travels in it."""
    outcome = play_alone(variant, script)
    failures = sum(script.fails().values())
    expected = outcome.expected()
    handed_over = Counter((one.key, one.kinds) for one in outcome.sent)
    assert handed_over.keys() == set(expected.items())
    assert handed_over.total() == len(expected) + failures
    for results in outcome.results().values():
        assert results["sent delivered"] == 1
    assert sum(one["outcome"] == "retrying" for one in outcome.records) == failures


@pytest.mark.parametrize("hearing", HEARINGS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: one.name)
def test_nobody_changes_what_comes_of_another(variant: Variant, hearing: Hearing) -> None:
    together = PurePlayer(variant, variant.scripts, hearing).play()
    for script in variant.scripts:
        alone = play_alone(variant, script)
        assert together.of(variant, script).comparable() == alone.comparable()
    assert None not in owners(variant, together.records)


def test_every_reason_is_played() -> None:
    """But for those that can come neither from events nor from people."""
    played = {Why(record["why"]) for record in everything().records}
    assert set(Why) - played == NOT_PLAYED.keys()


def test_every_outcome_is_played() -> None:
    played = {record["outcome"] for record in everything().records}
    assert set(OUTCOMES) - played == OUTCOMES_NOT_PLAYED.keys()


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
