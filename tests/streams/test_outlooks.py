from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from indicators.calendar import vietnam
from schemas.outlook import UnitOutlook
from schemas.step import Evidence, IncidentStep
from streams.effects import Effects
from streams.monitor import PartitionMonitor
from streams.outlooks import AFTER_CHANGE, AT_LEAST, Agenda
from tests.streams.telling import Topic, after, event, late, policy, rules

CALENDAR = vietnam(ZoneInfo("Asia/Ho_Chi_Minh"))
NOW = 1_800_000_000_000
LONG = 60.0  # seconds: the first look at a calendar takes longer than a budget
STEP = IncidentStep(
    "U7/resolved@1/1",
    "U7",
    "opened",
    NOW,
    "red",
    Evidence("resolved@1", "30d", NOW + 1, 1, 2, 0, 5, "p"),
)


class Units:
    """A monitor of units that takes its time."""

    def __init__(self, count: int, seconds: float = 0.0) -> None:
        self.clock: int | None = NOW
        self.asked: list[str] = []
        self.broken: set[str] = set()
        self.arrived: list[int] = []
        self.usual: list[int | None] = []  # of each outlook
        self._ids = [f"U{n}" for n in range(count)]
        self._seconds = seconds

    def units(self) -> Iterable[str]:
        return self._ids

    def arrivals(self, unit_id: str, since: int) -> list[int]:
        return [at for at in self.arrived if at >= since]

    def last_arrival(self, unit_id: str) -> int | None:
        return max(self.arrived, default=None)

    def outlook(self, unit_id: str, usual: int | None) -> UnitOutlook | None:
        self.asked.append(unit_id)
        self.usual.append(usual)
        until = time.thread_time() + self._seconds
        while time.thread_time() < until:
            pass
        if unit_id in self.broken:
            raise ArithmeticError(unit_id)
        return UnitOutlook(
            unit_id, NOW + 1, 0, 5, "green", "resolved@1", "30d", 9, 9, "p", "c", (), 0
        )


def names(made: list[UnitOutlook]) -> list[str]:
    return [one.unit_id for one in made]


def test_an_outlook_of_a_monitor_is_bounded_and_knows_the_last_arrival() -> None:
    """40 ended late: 360 on time bring it back, of 700 that are open and due from tomorrow on."""
    monitor = PartitionMonitor(0, 1, replace(rules(policy("30d")), calendar=CALENDAR))
    topic = Topic()
    records = [late(topic, number, f"E{number}") for number in range(40)]
    for number in range(700):
        due = 86_400 + number
        told = event(f"R{number}", "received", 100, due=due, dossier=f"D{number:03}")
        records.append(topic.record(100, told))
    monitor.fold(records)
    outlook = monitor.outlook("U", None)
    assert outlook is not None
    assert outlook.recovery is not None
    assert (outlook.zone, outlook.at_risk_total) == ("red", 700)
    assert outlook.last_arrival == after(100)
    assert outlook.recovery.on_time_ends == 360
    assert outlook.recovery.dossiers == tuple(f"D{number:03}" for number in range(200))
    assert outlook.recovery.dossiers_more == 160


def test_a_step_comes_first_and_every_unit_within_the_hour() -> None:
    agenda, units = Agenda(), Units(9)
    agenda.note(Effects(steps=[STEP]))
    assert names(agenda.outlooks(units, CALENDAR, LONG)) == [
        "U7",
        *(f"U{n}" for n in range(9) if n != 7),
    ]
    assert agenda.outlooks(units, CALENDAR, LONG) == []
    units.clock = NOW + AT_LEAST
    assert len(agenda.outlooks(units, CALENDAR, LONG)) == 9


def test_a_step_does_not_wait() -> None:
    agenda, units = Agenda(), Units(9)
    agenda.outlooks(units, CALENDAR, LONG)
    agenda.note(Effects(steps=[STEP]))
    units.clock = NOW + AFTER_CHANGE - 1
    assert names(agenda.outlooks(units, CALENDAR, LONG)) == ["U7"]


@pytest.mark.parametrize("broken", [False, True])
def test_the_figures_wait_no_longer_than_the_budget(broken: bool) -> None:
    agenda, units = Agenda(), Units(50, seconds=0.01)
    units.broken = set(units.units()) if broken else set()
    agenda.outlooks(units, CALENDAR, budget_s=0.03)
    assert 1 <= len(units.asked) <= 5
    while len(units.asked) < 50:
        agenda.outlooks(units, CALENDAR, budget_s=0.03)
    assert len(set(units.asked)) == 50  # all had their turn


def test_one_unit_without_an_outlook_does_not_keep_the_others_from_theirs() -> None:
    agenda, units = Agenda(), Units(3)
    units.broken = {"U1"}
    assert names(agenda.outlooks(units, CALENDAR, LONG)) == ["U0", "U2"]


def test_as_a_feed_falls_quiet_its_usual_gap_counts_back_from_its_last_arrival() -> None:
    """Else a silence would begin by an old answer, and end by a new one though nothing came."""
    agenda, units = Agenda(), Units(1)
    hour = 60 * 60_000
    units.arrived = [NOW - n * 60_000 for n in range(500)]
    agenda.outlooks(units, CALENDAR)
    units.arrived = [NOW + 5 * hour]  # a busy feed has become a rare one
    for minutes in (1, 40, 105):
        units.clock = NOW + 5 * hour + minutes * 60_000
        agenda._urgent["U0"] = None
        agenda.outlooks(units, CALENDAR)
    first, at_once, quiet, still = units.usual
    assert at_once == first, "kept while records come"
    assert quiet != first
    assert still == quiet
