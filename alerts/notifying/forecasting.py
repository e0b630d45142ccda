"""Forecast warnings: a green unit that is on course to leave green."""

from __future__ import annotations

from alerts.notifying.memory import FigureMemory, UnitMemory
from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Drop
from alerts.notifying.teller import Teller
from alerts.notifying.telling import Occasion
from schemas.notification import Why
from schemas.outlook import UnitOutlook


def answers(outlook: UnitOutlook) -> list[str]:
    """Which suppositions lead out of green within the horizon, by their names in the outlook."""
    forecast = outlook.forecast
    if forecast is None:
        return []
    projections = {
        "if_nothing_is_closed": forecast.if_nothing_is_closed,
        "at_the_pace": forecast.at_the_pace,
    }
    return [
        name
        for name, projection in projections.items()
        if projection is not None
        and projection.leaves_green_at is not None
        and projection.leaves_green_at <= forecast.until
    ]


def is_new(situation: Situation, outlook: UnitOutlook) -> bool:
    """Whether an outlook is later than the last one taken of its unit; it is that from now on."""
    figures = situation.memory.figures
    figure = figures.get(outlook.unit_id) or figures.put(outlook.unit_id, FigureMemory())
    if outlook.as_of <= figure.outlook_as_of:
        return False
    figure.outlook_as_of = outlook.as_of
    figures.touch(outlook.unit_id)
    return True


def foresee(teller: Teller, outlook: UnitOutlook) -> None:
    """Warn if the outlook says so and it was not said before."""
    situation = teller.situation
    memory, unit_id = situation.memory, outlook.unit_id
    found = answers(outlook)
    if not found or outlook.zone != "green" or memory.open_of.get(unit_id):
        unit = memory.units.get(unit_id)
        if unit is not None and unit.forecast_stands:
            unit.forecast_stands = False
            memory.units.touch(unit_id)
        return
    unit = memory.unit(unit_id)
    if outlook.as_of < situation.horizon or not _says_more(situation, unit):
        return
    serial, unit.warnings = unit.warnings, unit.warnings + 1
    unit.warned_at, unit.forecast_stands = situation.clock, True
    memory.units.touch(unit_id)
    subject, detail = f"outlook/{unit_id}", ", ".join(found)
    occasion = Occasion(
        "warned", subject, serial, situation.clock, unit_id, outlook.zone, None, detail
    )
    recipients = situation.to_be_told("forecasts", unit_id)
    if recipients:
        teller.tell_all(occasion, recipients)
    else:
        teller.drop(occasion, Drop(Why.NO_RECIPIENT))


def _says_more(situation: Situation, unit: UnitMemory) -> bool:
    """Not while an earlier warning stands and is young; and not twice a day.

    A forecast on the edge comes and goes with every dossier.
    """
    if unit.warned_at is None:
        return True
    working, today = situation.working, situation.working.day(situation.clock)
    warned = working.day(unit.warned_at)
    if unit.forecast_stands:
        return today >= working.days_after(warned, situation.rules.warn_again_after)
    return today > warned
