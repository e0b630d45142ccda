"""By which policy each unit was judged: the general one, or one of its own. Pure."""

from __future__ import annotations

from typing import NamedTuple

from audit.backtesting.backtest import Backtest, UnitOutcome
from indicators.policy import Policy


class Judging(NamedTuple):
    """What judges a unit, and what would if the unit had nothing of its own."""

    policy: Policy
    general: Policy

    @property
    def is_own(self) -> bool:
        """Whether the two differ in anything that decides."""
        return self.policy.digest != self.general.digest


def judging(unit: UnitOutcome, backtest: Backtest) -> list[Judging]:
    """By what a unit is judged: in force, then by each of the others."""
    return [
        Judging(outcome.policy, rules.policy)
        for outcome, rules in zip((unit.in_force, *unit.others), backtest.rules, strict=True)
    ]


def judging_all(backtest: Backtest) -> list[Judging]:
    """By what all figures together are: the general policies.

    Where only some units were asked for, and all of them are judged alike: by what these are.
    """
    general = [Judging(rules.policy, rules.policy) for rules in backtest.rules]
    if backtest.units is None:
        return general
    each = [judging(unit, backtest) for unit in backtest.outcomes.values()]
    if len({tuple(one.policy.digest for one in of_unit) for of_unit in each}) != 1:
        return general
    return each[0]
