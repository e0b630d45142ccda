"""A backtest as one HTML file to hand over: printable, nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from audit.backtesting.backtest import Backtest, PolicyOutcome, UnitOutcome
from audit.backtesting.incidents import Incident
from audit.backtesting.measures import measures_of_all, told_in_order
from audit.backtesting.picture import BAND, BAR, ROW, Row, Scale, marks, rows
from audit.backtesting.texts import (
    OwnPolicy,
    Texts,
    header_texts,
    measure_texts,
    own_policies,
    unit_texts,
)
from audit.backtesting.words import Speech
from schemas.status import ZONES

Told = tuple[str, Incident | None, Incident | None]  # a difference, in force and by the other


class Document(NamedTuple):
    """What the page says besides the backtest itself."""

    names: Sequence[str]  # of the policies, the one in force first
    units: Mapping[str, str]  # their names, where they have one
    source: str  # where the records were read
    command: str  # that gives the same again
    made_by: str  # program and version


class Picture(NamedTuple):
    """What the page says of one unit."""

    unit: UnitOutcome
    own: Sequence[OwnPolicy]
    rows: Sequence[Row]
    table: Texts
    differing: Sequence[tuple[str, Sequence[Told]]]  # of each policy that has some
    same: Sequence[str]  # the policies tried by which no incident differs
    open_before: Sequence[tuple[str, Sequence[Incident]]]  # of each policy that has some

    @property
    def is_short(self) -> bool:
        """Whether it is printed on one sheet, and not begun on what is left of the one before."""
        return sum(len(found) for _, found in (*self.differing, *self.open_before)) <= _SHORT


_SHORT = 10  # incidents listed below the picture
BARS = ("in_force", "kept", "moved", "gained", "lost", "open_before")  # the last: of a period alone


def backtest_page(backtest: Backtest, document: Document, speech: Speech) -> str:
    """The whole file. All that came from outside is escaped."""
    assert backtest.start is not None, "nothing was looked at"
    assert backtest.stop is not None
    units = [backtest.outcomes[unit_id] for unit_id in sorted(backtest.outcomes)]
    names = document.names
    scale = Scale(backtest.start, backtest.stop)
    return _template().render(
        backtest=backtest,
        document=document,
        speech=speech,
        policies=header_texts(backtest, speech),
        own=own_policies(units, backtest, names, speech),
        table=measure_texts(measures_of_all(units, len(names) - 1), backtest, speech),
        pictures=[_picture(unit, backtest, names, scale, speech) for unit in units],
        period=any(bound is not None for bound in backtest.period),
        marks=marks(scale, speech.zone),
        zones=ZONES,
        bars=BARS if backtest.period.start is not None else BARS[:-1],
        band_height=BAND,
        bar_height=BAR,
        row_height=ROW,
    )


def _picture(
    unit: UnitOutcome, backtest: Backtest, names: Sequence[str], scale: Scale, speech: Speech
) -> Picture:
    tried = [(name, _differing(one)) for name, one in zip(names[1:], unit.others, strict=True)]
    before = zip(names, (one.open_before for one in (unit.in_force, *unit.others)), strict=True)
    return Picture(
        unit,
        own_policies([unit], backtest, names, speech),
        rows(unit, names, scale),
        unit_texts(unit, backtest, speech),
        [(name, found) for name, found in tried if found],
        [name for name, found in tried if not found],
        [(name, found) for name, found in before if found],
    )


def _differing(outcome: PolicyOutcome) -> list[Told]:
    return [one for one in told_in_order(outcome.differences) if one[0] != "kept"]


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
