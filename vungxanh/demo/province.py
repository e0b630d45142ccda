"""The demo province: events of 18 units for the last 60 days and for ever after.

Everything is a function of the seed and of the birth, the instant at which the demo was first
started. Whoever keeps these two can stop at any time and ask for the rest later, in any spans:
there is no gap, and an event asked for twice is the same to the letter. Nothing outside this folder
knows of it: it makes events as a producer would.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from schemas.instants import Millis
from vungxanh.demo.desk import Desks
from vungxanh.demo.dossiers import Event, Happening
from vungxanh.demo.online import OnlineCounter
from vungxanh.demo.profiles import PROFILES, Profile
from vungxanh.demo.scripted import ScriptedUnit
from vungxanh.demo.working_time import DAY, HOUR, MINUTE, local, midnight, millis

_ONLINE_OPENS = HOUR  # before the birth, so that the first minute is as busy as the others
_STEP = MINUTE  # of `live`


def units_file() -> Path:
    """The CSV with the units of the demo: the setting `units`."""
    return Path(str(files("vungxanh.demo") / "quangnam" / "units.csv"))


class DemoProvince:
    """Events of the demo province. `born` must be aware; it is cut to whole seconds.

    `profiles` are the units to be had; what happens in one does not depend on the others, but for
    the online counter, which shares its dossiers out among them.
    """

    def __init__(
        self,
        seed: int,
        born: datetime,
        days: int = 60,
        profiles: tuple[Profile, ...] = PROFILES,
    ) -> None:
        if born.tzinfo is None:
            raise ValueError(f"the birth of the demo needs an offset from UTC: {born}")
        self.seed = seed
        self.born = born.replace(microsecond=0)
        at = millis(self.born)
        self._begins = midnight(local(at - days * DAY).date())
        self._desks = Desks(seed, profiles, local(self._begins).date())
        self._online = OnlineCounter(seed, profiles, at - _ONLINE_OPENS)
        self._scripted = [
            ScriptedUnit(seed, profile, at, self._desks) for profile in profiles if profile.script
        ]

    @property
    def begins(self) -> datetime:
        """The instant of the earliest possible event: a local midnight."""
        return local(self._begins)

    def history(self) -> Iterator[Event]:
        """All events before the birth, in order of occurrence."""
        return self.events_between(self.begins, self.born)

    def live(self, since: datetime) -> Iterator[Event]:
        """All events from an instant on, in order of occurrence, without an end."""
        start = millis(since)
        while True:
            yield from self._events(start, start + _STEP)
            start += _STEP

    def events_between(self, start: datetime, end: datetime) -> Iterator[Event]:
        """The events with start <= `occurred_at` < end, in canonical order.

        Instants are cut to whole milliseconds. A start before `begins` yields what there is.
        """
        return self._events(millis(start), millis(end))

    def _events(self, start: Millis, end: Millis) -> Iterator[Event]:
        return (happening.to_event() for happening in self._between(start, end))

    def _between(self, start: Millis, end: Millis) -> list[Happening]:
        start = max(start, self._begins)
        if start >= end:
            return []
        happenings = [*self._desks.between(start, end), *self._online.between(start, end)]
        for unit in self._scripted:
            happenings += unit.between(start, end)
        happenings.sort()
        return happenings
