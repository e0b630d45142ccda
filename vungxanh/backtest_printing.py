"""A backtest as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from textwrap import fill

from audit.backtesting.backtest import Backtest
from audit.backtesting.incidents import Incident
from audit.backtesting.measures import measures, measures_of_all, told_in_order
from audit.backtesting.policies import judging
from audit.backtesting.texts import OwnPolicy, header_texts, measure_texts, own_policies
from audit.backtesting.words import Speech
from vungxanh.errors import WrongUseError
from vungxanh.printing import print_line, print_rows
from vungxanh.settings import Settings

_LINE = 100  # characters of a line of prose


def print_backtest_to(
    output: Path, backtest: Backtest, names: Sequence[str], settings: Settings
) -> None:
    """As `print_backtest`, into a file. Raises WrongUseError where it cannot be written."""
    try:
        with output.open("w", encoding="utf-8") as file, redirect_stdout(file):
            print_backtest(backtest, names, settings)
    except OSError as error:
        raise WrongUseError(f"--output {output}: cannot be written: {error.strerror}") from None


def print_backtest(backtest: Backtest, names: Sequence[str], settings: Settings) -> None:
    """The policies and their measures side by side, the units, and the differences."""
    speech = Speech("en", settings.zone)
    assert backtest.start is not None, "nothing was looked at"
    assert backtest.stop is not None
    print_line(f"from {speech.instant(backtest.start)} to {speech.instant(backtest.stop)}")
    units = [backtest.outcomes[unit_id] for unit_id in sorted(backtest.outcomes)]
    totals = measures_of_all(units, len(names) - 1)
    rows = [
        {"": label, **dict(zip(names, texts, strict=True))}
        for label, texts in (
            *header_texts(backtest, speech),
            *measure_texts(totals, backtest, speech),
        )
    ]
    period = backtest.period
    print_rows(rows, ["", *names], "table")
    _print_own(own_policies(units, backtest, names, speech), speech)
    columns = [one for one in _UNIT_COLUMNS if one != "open_before" or period.start is not None]
    print_rows(_unit_rows(backtest, names, speech), columns, "table")
    different = _different(backtest, names, speech)
    if different:
        print_rows(different, list(different[0]), "table")
    else:
        print_line("no incident is gained, lost or moved")
    if any(bound is not None for bound in period):
        print_line(fill(speech.word("means_period"), _LINE))


def _print_own(own: Sequence[OwnPolicy], speech: Speech) -> None:
    """The units that are judged by a policy of their own, where there are any."""
    if own:
        print_line(speech.word("own_means"))
        print_rows([one._asdict() for one in own], OwnPolicy._fields, "table")


_UNIT_COLUMNS = (
    "unit_id",
    "policy",
    "incidents",
    "open_before",
    "gained",
    "lost",
    "moved",
    "false_alarms",
    "warning",
    "green",
    "yellow",
    "red",
    "grey",
)


def _unit_rows(backtest: Backtest, names: Sequence[str], speech: Speech) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for unit_id in sorted(backtest.outcomes):
        unit = backtest.outcomes[unit_id]
        each = zip(names, (unit.in_force, *unit.others), judging(unit, backtest), strict=True)
        for name, outcome, by in each:
            of = measures([outcome])
            found.append(
                {
                    "unit_id": unit_id,
                    "policy": f"{name} (own)" if by.is_own else name,
                    "incidents": of.incidents,
                    "open_before": of.open_before,
                    "gained": of.gained,
                    "lost": of.lost,
                    "moved": of.moved,
                    "false_alarms": of.false_alarms,
                    "warning": speech.span(of.warning),
                    **{zone: speech.span(length) for zone, length in of.times.items()},
                }
            )
    return found


def _different(backtest: Backtest, names: Sequence[str], speech: Speech) -> list[dict[str, object]]:
    def shown(incident: Incident | None) -> str:
        return "" if incident is None else speech.instant(incident.opened)

    return [
        {
            "unit_id": unit_id,
            "policy": name,
            "difference": kind,
            "in force opened": shown(mine),
            "the other opened": shown(other),
            "earlier by": ""
            if mine is None or other is None
            else speech.span(mine.opened - other.opened),
        }
        for unit_id in sorted(backtest.outcomes)
        for name, outcome in zip(names[1:], backtest.outcomes[unit_id].others, strict=True)
        for kind, mine, other in told_in_order(outcome.differences)
        if kind != "kept"
    ]
