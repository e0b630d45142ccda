"""`python -m bench.forecasts`: the forecasts of every working day, against what came after.

On a file of events (by default the receipt log of the tests). Every working day at 07:00 each green
unit's forecast is made of what was known then; the openings are those of a replay with the same
policy. A Markdown table is printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.history import FiledHistory, Line, arrival_ms, read_history
from audit.replay import replay_partition
from indicators.calendar import WorkingCalendar, YearFile
from indicators.dossier import END_RANKS
from indicators.facts import fact_of
from indicators.forecast import WORKING_DAYS, forecast
from indicators.ledger import Admission, UnitLedger
from indicators.policy import Policy
from indicators.standing import standing_of, zone_by
from indicators.windows import read_window
from schemas.instants import DAY, Millis, local_date, micros
from schemas.outlook import Forecast
from streams.rules import MonitorRules

RECEIPT = Path(__file__).parents[1] / "tests" / "data" / "receipt" / "events.jsonl.gz"
ZONE = ZoneInfo("Europe/Amsterdam")
# Mondays to Fridays: the holidays of Viet Nam are not those of a Dutch municipality.
NO_HOLIDAYS = YearFile(frozenset(), frozenset())
CALENDAR = WorkingCalendar(ZONE, years=dict.fromkeys(range(2000, 2100), NO_HOLIDAYS))
HOUR = 7  # of the local day at which forecasts are made
_TEN_MINUTES: Millis = 600_000


class Made(NamedTuple):
    """A forecast of a green unit."""

    day: date
    clock: Millis
    forecast: Forecast


class Opening(NamedTuple):
    """An incident that came."""

    unit_id: str
    at: Millis
    with_an_end: bool  # the run below green began with a record that ends a dossier, not with time


Says = Callable[[Forecast], bool]


def by_nothing_closed(made: Forecast) -> bool:
    return made.if_nothing_is_closed.leaves_green_at is not None


def by_pace(made: Forecast) -> bool:
    return made.at_the_pace is not None and made.at_the_pace.leaves_green_at is not None


ANSWERS: dict[str, Says] = {
    "if nothing is closed": by_nothing_closed,
    "if the pace holds": by_pace,
    "either": lambda made: by_nothing_closed(made) or by_pace(made),
    "a warning every day, to compare": lambda _: True,
}


class Score(NamedTuple):
    """What an answer was worth."""

    warned: int  # openings
    early: list[int]  # working days before each of them
    warnings: int  # runs of working days on which the answer is that the unit leaves green
    false: int  # those without an opening from their first day to the end of their last horizon
    said: int  # forecasts that say so
    right: int  # those with an opening within their horizon


def policy() -> Policy:
    """That of the receipt log's checks, with the holds of the default settings."""
    return Policy(
        "resolved@1",
        read_window("30d", ZONE),
        Fraction(9, 10),
        Fraction(8, 10),
        5,
        _TEN_MINUTES,
        _TEN_MINUTES,
    )


def openings_of(history: FiledHistory, by: Policy) -> list[Opening]:
    """The openings that a worker would have told."""
    ended = {
        (line.event.unit_id, arrival_ms(line.arrived_at))
        for line in history.lines
        if line.event.type in END_RANKS
    }
    # Without a hold an incident opens as soon as the unit is below green.
    began = list(_opened(history, replace(by, hold=0)))
    return [
        Opening(
            unit_id, at, (unit_id, max(b for u, b in began if u == unit_id and b <= at)) in ended
        )
        for unit_id, at in _opened(history, by)
    ]


def _opened(history: FiledHistory, by: Policy) -> Iterator[tuple[str, Millis]]:
    rules = MonitorRules(ZONE, (by.window,), DAY, by)
    for step in replay_partition(history.records(1)[0], 0, 1, rules):
        if step.kind == "opened":
            yield step.unit_id, step.at


def forecasts_of(history: FiledHistory, by: Policy) -> dict[str, list[Made]]:
    """Each unit's forecasts in order, for the working days on which it was green."""
    ledgers: dict[str, UnitLedger] = {}
    made: dict[str, list[Made]] = {}
    coming = iter(history.lines)
    line = next(coming, None)
    first, last = (history.lines[place].arrived_at for place in (0, -1))
    for day in working_days(local_date(first, ZONE), local_date(last, ZONE)):
        clock = micros(datetime(day.year, day.month, day.day, HOUR, tzinfo=ZONE)) // 1_000
        at = (clock + 1) * 1_000
        while line is not None and arrival_ms(line.arrived_at) <= clock:
            _add(line, ledgers, made)
            line = next(coming, None)
        for unit_id, ledger in ledgers.items():
            ledger.settle(at)
            standing = standing_of(ledger, by, at)
            if zone_by(by, standing.tally(by.window, at)) == "green":
                made[unit_id].append(Made(day, clock, forecast(standing, by, CALENDAR, at)))
    return made


def _add(line: Line, ledgers: dict[str, UnitLedger], made: dict[str, list[Made]]) -> None:
    event, fact = line.event, fact_of(line.event, 0, 0)
    ledger = ledgers.setdefault(event.unit_id, UnitLedger(ZONE))
    made.setdefault(event.unit_id, [])
    if ledger.examine(event.dossier_id, fact) is Admission.NEW:
        ledger.add(event.dossier_id, fact)


def working_days(first: date, last: date) -> Iterator[date]:
    """From one date to another, both included."""
    day = CALENDAR.add_working_days(first, 0)
    while day <= last:
        yield day
        day = CALENDAR.add_working_days(day, 1)


def days_between(start: date, stop: date) -> int:
    """The working days after one date up to another."""
    return sum(1 for day in working_days(start + timedelta(days=1), stop))


def covering(opening: Opening, made: Sequence[Made]) -> list[Made]:
    """The forecasts in whose horizon an opening lies."""
    return [one for one in made if one.clock < opening.at <= one.forecast.until]


def runs(made: Sequence[Made], says: Says) -> list[list[Made]]:
    """The warnings: unbroken runs of working days with a forecast that says so."""
    found: list[list[Made]] = []
    for one in made:
        if not says(one.forecast):
            continue
        if found and CALENDAR.add_working_days(found[-1][-1].day, 1) == one.day:
            found[-1].append(one)
        else:
            found.append([one])
    return found


def score(openings: Sequence[Opening], made: dict[str, list[Made]], says: Says) -> Score:
    """An answer against what came."""
    early = []
    for opening in openings:
        warned = [
            one for one in covering(opening, made.get(opening.unit_id, [])) if says(one.forecast)
        ]
        if warned:
            early.append(days_between(warned[0].day, local_date(opening.at * 1_000, ZONE)))
    warnings = false = said = right = 0
    for unit_id, each in made.items():
        came = [opening.at for opening in openings if opening.unit_id == unit_id]
        for run in runs(each, says):
            warnings += 1
            false += not any(run[0].clock < at <= run[-1].forecast.until for at in came)
        told = [one for one in each if says(one.forecast)]
        said += len(told)
        right += sum(any(one.clock < at <= one.forecast.until for at in came) for one in told)
    return Score(len(early), early, warnings, false, said, right)


def table(history: FiledHistory) -> str:
    """The comparison in Markdown."""
    by = policy()
    openings, made = openings_of(history, by), forecasts_of(history, by)
    foreseeable = [one for one in openings if covering(one, made.get(one.unit_id, []))]
    lines = [
        f"{len(history.lines):,} events, {len(made)} units, {len(openings)} openings; "
        f"{sum(map(len, made.values())):,} forecasts, one a working day and green unit. "
        f"Before {len(openings) - len(foreseeable)} of the openings the unit was green at 07:00 "
        f"on none of the {WORKING_DAYS} working days, so that there was no forecast.",
        "",
        "| answer | openings warned of | of those with a forecast | how early, median (min-max) "
        "| warnings | false | days of warning | followed by an opening within the horizon |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, says in ANSWERS.items():
        found = score(openings, made, says)
        days = sorted(found.early)
        early = f"{median(days):g} ({days[0]}-{days[-1]}) working days" if days else "-"
        lines.append(
            f"| {name} | {found.warned} of {len(openings)} | {found.warned} of {len(foreseeable)} "
            f"| {early} | {found.warnings} | {found.false} "
            f"({_percent(found.false, found.warnings)}) "
            f"| {found.said} | {found.right} ({_percent(found.right, found.said)}) |"
        )
    return "\n".join([*lines, "", _with_an_end(foreseeable, made), "", _plans(made)])


def _with_an_end(openings: Sequence[Opening], made: dict[str, list[Made]]) -> str:
    """Which of the openings with a forecast the first answer can see."""

    def warned(some: Sequence[Opening]) -> str:
        return f"{score(some, made, by_nothing_closed).warned} of the {len(some)}"

    ends = [one for one in openings if one.with_an_end]
    time = [one for one in openings if not one.with_an_end]
    return (
        f"By the first answer {warned(time)} openings with a forecast were warned of that began "
        f"with the passing of time, and {warned(ends)} that began with the end of a dossier."
    )


def _plans(made: dict[str, list[Made]]) -> str:
    """What could be done about the warnings by the first answer."""
    first = [run[0].forecast for each in made.values() for run in runs(each, by_nothing_closed)]
    plans = [one.keep_green for one in first]
    sizes = [len(plan) for plan in plans if plan] or [0]
    return (
        f"On the first day of its {len(plans)} warnings, dossiers that keep the unit green were "
        f"named in {len(plans) - plans.count(None)} (median {median(sizes):g}, at most "
        f"{max(sizes)}); in {plans.count(None)} no closing on time could."
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


def main() -> int:
    """Exit code 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.forecasts", description=__doc__)
    parser.add_argument("--input", type=Path, default=RECEIPT, help="events (the receipt log)")
    print(table(read_history(parser.parse_args().input)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
