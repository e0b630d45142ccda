"""A backtest as one HTML file to hand over: printable, nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from audit.backtesting.backtest import Backtest, UnitOutcome
from audit.backtesting.measures import Measures, measures, measures_of_all, told_in_order
from audit.backtesting.picture import LEFT, ROW, WIDTH, Scale, marks, rows
from audit.backtesting.words import Speech
from indicators.policy import Policy
from schemas.status import ZONES


class Document(NamedTuple):
    """What the page says besides the backtest itself."""

    names: Sequence[str]  # of the policies, the one in force first
    units: Mapping[str, str]  # their names, where they have one
    source: str  # where the records were read
    command: str  # that gives the same again
    made_by: str  # program and version


def backtest_page(backtest: Backtest, document: Document, speech: Speech) -> str:
    """The whole file. All that came from outside is escaped."""
    units = [backtest.outcomes[unit_id] for unit_id in sorted(backtest.outcomes)]
    scale = Scale(backtest.start or 0, backtest.stop or 0)
    totals = measures_of_all(units, len(document.names) - 1)
    return _template().render(
        backtest=backtest,
        document=document,
        speech=speech,
        policies=[
            (name, policy_texts(rules.policy, speech))
            for name, rules in zip(document.names, backtest.rules, strict=True)
        ],
        own_policies=any(rules.unit_policies for rules in backtest.rules),
        table=measure_texts(totals, speech),
        pictures=[
            (
                unit,
                rows(unit, document.names, scale),
                _unit_texts(unit, speech),
                [
                    [one for one in told_in_order(other.differences) if one[0] != "kept"]
                    for other in unit.others
                ],
            )
            for unit in units
        ],
        marks=marks(scale, speech.zone),
        zones=ZONES,
        left=LEFT,
        width=WIDTH,
        height=ROW * len(document.names),
    )


def policy_texts(policy: Policy, speech: Speech) -> list[tuple[str, str]]:
    """What a policy says, each with its name."""
    word = speech.word
    return [
        (word("definition"), policy.definition),
        (word("window"), policy.window.text),
        (word("green"), _share(policy.green, speech)),
        (word("yellow"), _share(policy.yellow, speech)),
        (word("min_sample"), speech.count(policy.min_sample)),
        (word("hold"), speech.span(policy.hold)),
        (word("recover_hold"), speech.span(policy.recover_hold)),
        (word("recover_margin"), _share(policy.recover_margin, speech)),
        (word("hash"), policy.digest),
    ]


def _share(share: Fraction, speech: Speech) -> str:
    """`90 %`, with all digits that it was written with."""
    text = format((Decimal(share.numerator) * 100 / share.denominator).normalize(), "f")
    return f"{text.replace('.', ',')} %" if speech.language == "vi" else f"{text}%"


_ROWS: tuple[tuple[str, bool, Callable[[Measures, Speech], str]], ...] = (
    ("incidents", False, lambda m, s: s.count(m.incidents)),
    ("still_open", False, lambda m, s: s.count(m.still_open)),
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

_OF_A_UNIT = (
    "incidents",
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


def measure_texts(totals: Sequence[Measures], speech: Speech) -> list[tuple[str, list[str]]]:
    """The measures, a row each with its name; `totals`: of the policy in force first.

    What compares with the policy in force is left blank (–) for that one itself.
    """
    return [
        (
            speech.word(name),
            [
                "–" if compares and place == 0 else text(total, speech)
                for place, total in enumerate(totals)
            ],
        )
        for name, compares, text in _ROWS
    ]


def _unit_texts(unit: UnitOutcome, speech: Speech) -> list[tuple[str, list[str]]]:
    """The measures of one unit that say most."""
    totals = [measures([one]) for one in (unit.in_force, *unit.others)]
    texts = dict(zip((name for name, *_ in _ROWS), measure_texts(totals, speech), strict=True))
    return [texts[name] for name in _OF_A_UNIT]


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("backtest.html")
