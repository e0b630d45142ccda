"""The one-stop desks of the demo: dossiers received in working hours, a day at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from schemas.instants import Millis
from vungxanh.demo.dossiers import DeskDossier, Dossier, Ending, Happening, instant_of
from vungxanh.demo.profiles import PROCEDURES, Profile
from vungxanh.demo.working_time import WORKING_DAY, WorkingTime, local, midnight

# How busy Monday to Sunday are; weekends only where they make up for a day given off.
_WEEKDAYS = (1.25, 1.05, 1.0, 0.95, 0.85, 0.6, 0.6)
_WEIGHTS = [procedure.weight for procedure in PROCEDURES]


def desk_day(seed: int, profile: Profile, day: date, calendar: WorkingTime) -> Iterator[Dossier]:
    """The dossiers a unit receives on a working day, each with its whole life.

    A function of its arguments alone: the day is its own seed.
    """
    chance = Random(f"{seed}/desk/{profile.unit_id}/{day}")  # noqa: S311
    usual = profile.dossiers * _WEEKDAYS[day.weekday()]
    opens = calendar.worked(midnight(day))
    moments = sorted(
        int(WORKING_DAY * chance.betavariate(1.3, 1.7))
        for _ in range(max(0, round(chance.gauss(usual, 0.15 * usual + 0.5))))
    )
    for number, moment in enumerate(moments, start=1):
        procedure = chance.choices(PROCEDURES, _WEIGHTS)[0]
        dossier_id = f"000.00.{profile.code}.H47-{day:%y%m%d}-{number:04}"
        plan = DeskDossier(Dossier(seed, profile.unit_id, dossier_id), procedure, calendar, chance)
        yield plan.plan(
            received=calendar.instant(opens + min(moment, WORKING_DAY - 1)),
            on_time=chance.random() < profile.on_time,
            corrections=profile.script is None,
        )


class Desks:
    """All desks of the province since a first day; keeps what was planned, by day of occurrence."""

    def __init__(self, seed: int, profiles: Iterable[Profile], first: date) -> None:
        self.calendar = WorkingTime(first)
        self._seed = seed
        self._profiles = tuple(profiles)
        self._next = first  # the first day not yet planned
        self._by_day: dict[date, list[Happening]] = {}
        self._sorted: set[date] = set()
        self._endings: dict[str, list[Ending]] = {p.unit_id: [] for p in self._profiles if p.script}

    def between(self, start: Millis, end: Millis) -> Iterator[Happening]:
        """What happens in [start, end), in canonical order."""
        if start >= end:
            return
        last = local(end - 1).date()
        self.plan_to(last)
        day = local(start).date()
        while day <= last:
            happenings = self._by_day.get(day, [])
            if day not in self._sorted:  # complete: no dossier acts before the day it came in
                happenings.sort()
                self._sorted.add(day)
            lower = bisect_left(happenings, start, key=instant_of)
            yield from happenings[lower : bisect_left(happenings, end, key=instant_of)]
            day += timedelta(days=1)

    def endings(self, unit_id: str, last: date) -> list[Ending]:
        """The ends of a scripted unit planned up to a day, those after it included; unsorted."""
        self.plan_to(last)
        return self._endings[unit_id]

    def plan_to(self, last: date) -> None:
        """Plans every dossier received up to the end of a local day."""
        while self._next <= last:
            if self.calendar.is_working_day(self._next):
                self._plan(self._next)
            self._next += timedelta(days=1)

    def _plan(self, day: date) -> None:
        for profile in self._profiles:
            endings = self._endings.get(profile.unit_id)
            for dossier in desk_day(self._seed, profile, day, self.calendar):
                for happening in dossier.happenings:
                    on = local(happening.at).date()
                    self._by_day.setdefault(on, []).append(happening)
                if endings is not None and dossier.ending:
                    endings.append(dossier.ending)
