"""The latest figure of each unit, and how it stood at the end of the previous working day."""

from __future__ import annotations

from datetime import date

from alerts.notifying.memory import FigureMemory
from alerts.notifying.situation import Situation

_DAYS = 2  # the last working day with a figure, which may be today, and the one before


def take(situation: Situation, unit_id: str, latest: FigureMemory) -> None:
    """Keep a figure if it is not older than the one known."""
    figures, working = situation.memory.figures, situation.working
    known = figures.get(unit_id) or FigureMemory()
    if known.definition and latest.at < known.at:
        return
    day = working.day(latest.at)
    latest.days, latest.outlook_as_of = known.days, known.outlook_as_of
    if working.is_working_day(day):
        before = [one for one in known.days if one[0] != day]
        latest.days = [*before, (day, latest.numerator, latest.denominator)][-_DAYS:]
    if latest != known:
        figures.put(unit_id, latest)


def previous(situation: Situation, unit_id: str) -> tuple[date, int, int] | None:
    """The last figure of the previous working day, or of the working day before that had one."""
    figure = situation.memory.figures.get(unit_id)
    if figure is None:
        return None
    last = situation.working.previous_day(situation.working.day(situation.clock))
    return next((one for one in reversed(figure.days) if one[0] <= last), None)
