"""The working calendar: working days and hours of Viet Nam. Pure; a function of its arguments.

Instants are microseconds since 1970 (UTC), spans of working time too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from schemas.instants import Micros


@dataclass(frozen=True)
class WorkingCalendar:
    """Which time is working time. `version` names all that decides, for the evidence."""

    zone: ZoneInfo

    @property
    def version(self) -> str:
        """A short hash of hours, rules and the files of the years."""
        raise NotImplementedError

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on a local day."""
        raise NotImplementedError

    def is_working_time(self, at: Micros) -> bool:
        """Whether an instant lies in working hours; the first of a span does, its last does not."""
        raise NotImplementedError

    def next_working_time(self, at: Micros) -> Micros:
        """`at` itself if it is working time, else the first instant after it that is."""
        raise NotImplementedError

    def working_time(self, start: Micros, stop: Micros) -> Micros:
        """The working time in [start, stop); 0 where stop is not after start."""
        raise NotImplementedError

    def add_working_time(self, start: Micros, span: Micros) -> Micros:
        """The first instant at which `span` of working time has passed since `start`."""
        raise NotImplementedError

    def add_working_days(self, day: date, days: int) -> date:
        """The working day that is `days` working days after a day (0: itself or the next one)."""
        raise NotImplementedError

    def previous_working_day(self, day: date) -> date:
        """The last working day before a day."""
        raise NotImplementedError

    def end_of_work(self, day: date) -> Micros:
        """The end of the last working span of a local day, as if it were a working day."""
        raise NotImplementedError

    def next_time_of_day(self, at: Micros, minutes: int) -> Micros:
        """The first instant after `at` at that many minutes after local midnight, on a working day."""
        raise NotImplementedError
