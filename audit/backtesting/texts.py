"""The policies and the measures of a backtest as texts, the same for terminal and page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from audit.backtesting.backtest import Backtest, UnitOutcome
from audit.backtesting.measures import Measures, measures
from audit.backtesting.policies import Judging, judging, judging_all
from audit.backtesting.words import Speech
from indicators.policy import Policy

Texts = list[tuple[str, list[str]]]  # rows: a name, and a text for each policy


# -- policies --------------------------------------------------------------------------------------


def policy_texts(policy: Policy, speech: Speech) -> list[tuple[str, str]]:
    """What a policy says, each with its name."""
    word = speech.word
    return [
        (word("definition"), speech.definition(policy.definition)),
        (word("window"), speech.window(policy.window.text)),
        (word("green"), _share(policy.green, speech)),
        (word("yellow"), _share(policy.yellow, speech)),
        (word("min_sample"), speech.count(policy.min_sample)),
        (word("hold"), speech.length(policy.hold)),
        (word("recover_hold"), speech.length(policy.recover_hold)),
        (word("recover_margin"), _share(policy.recover_margin, speech)),
        (word("hash"), policy.digest),
    ]


def header_texts(backtest: Backtest, speech: Speech) -> Texts:
    """The policies that the figures of all units together are by, side by side.

    Where that is a unit's own, the first row says so.
    """
    heads = judging_all(backtest)
    each = [policy_texts(head.policy, speech) for head in heads]
    rows = [(name, [texts[place][1] for texts in each]) for place, (name, _) in enumerate(each[0])]
    if not any(head.is_own for head in heads):
        return rows
    own = speech.word("own_of").format(", ".join(sorted(backtest.outcomes)))
    whose = [own if head.is_own else speech.word("general") for head in heads]
    return [(speech.word("whose"), whose), *rows]


class OwnPolicy(NamedTuple):
    """A policy of a unit's own, by which it is judged in place of the general one."""

    unit_id: str
    name: str  # of the policy, in force or tried, that it is part of
    differs: str  # `Window 90d in place of 30d; ...`


def own_policies(
    units: Iterable[UnitOutcome], backtest: Backtest, names: Sequence[str], speech: Speech
) -> list[OwnPolicy]:
    """Where these units are judged by policies of their own."""
    return [
        OwnPolicy(unit.unit_id, name, _difference(by, speech))
        for unit in units
        for name, by in zip(names, judging(unit, backtest), strict=True)
        if by.is_own
    ]


def _difference(by: Judging, speech: Speech) -> str:
    own, general = policy_texts(by.policy, speech), policy_texts(by.general, speech)
    return "; ".join(
        f"{name} {text} {speech.word('in_place_of')} {instead}"
        for (name, text), (_, instead) in zip(own, general, strict=True)
        if text != instead
    )


def _share(share: Fraction, speech: Speech) -> str:
    """`90 %`, with all digits that it was written with."""
    text = format((Decimal(share.numerator) * 100 / share.denominator).normalize(), "f")
    return f"{text.replace('.', ',')} %" if speech.language == "vi" else f"{text}%"


# -- measures --------------------------------------------------------------------------------------

_ROWS: tuple[tuple[str, bool, Callable[[Measures, Speech], str]], ...] = (
    ("incidents", False, lambda m, s: s.count(m.incidents)),
    ("still_open", False, lambda m, s: s.count(m.still_open)),
    ("open_before", False, lambda m, s: s.count(m.open_before)),
    ("open_before_still", False, lambda m, s: s.count(m.open_before_still)),
    ("kept", True, lambda m, s: s.count(m.kept)),
    ("gained", True, lambda m, s: s.count(m.gained)),
    ("lost", True, lambda m, s: s.count(m.lost)),
    ("moved", True, lambda m, s: s.count(m.moved)),
    ("earlier", True, lambda m, s: s.count(m.earlier)),
    ("lead", True, lambda m, s: s.span(m.lead)),
    ("false_alarms", False, lambda m, s: s.count(m.false_alarms)),
    ("warned", False, lambda m, s: s.count(m.warned)),
    ("warning", False, lambda m, s: s.span(m.warning)),
    ("time_green", False, lambda m, s: s.span(m.times["green"])),
    ("time_yellow", False, lambda m, s: s.span(m.times["yellow"])),
    ("time_red", False, lambda m, s: s.span(m.times["red"])),
    ("time_grey", False, lambda m, s: s.span(m.times["grey"])),
)
_OF_A_PERIOD = ("open_before", "open_before_still")  # of one with a beginning: else there are none
_OF_A_UNIT = (
    "incidents",
    "open_before",
    "gained",
    "lost",
    "moved",
    "false_alarms",
    "warning",
    "time_green",
    "time_yellow",
    "time_red",
    "time_grey",
)


def measure_texts(totals: Sequence[Measures], backtest: Backtest, speech: Speech) -> Texts:
    """The measures, a row each with its name; `totals`: of the policy in force first."""
    return list(_measure_texts(totals, backtest, speech).values())


def unit_texts(unit: UnitOutcome, backtest: Backtest, speech: Speech) -> Texts:
    """The measures of one unit that say most."""
    totals = [measures([one]) for one in (unit.in_force, *unit.others)]
    texts = _measure_texts(totals, backtest, speech)
    return [texts[name] for name in _OF_A_UNIT if name in texts]


def _measure_texts(
    totals: Sequence[Measures], backtest: Backtest, speech: Speech
) -> dict[str, tuple[str, list[str]]]:
    """What compares with the policy in force is left blank (–) for that one itself."""
    return {
        name: (
            speech.word(name),
            [
                "–" if compares and place == 0 else text(total, speech)
                for place, total in enumerate(totals)
            ],
        )
        for name, compares, text in _ROWS
        if name not in _OF_A_PERIOD or backtest.period.start is not None
    }
