"""The working calendar in the notifier's unit, milliseconds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from indicators.calendar import WorkingCalendar
from schemas.instants import Micros, Millis, local_date, micros

_MS: Micros = 1_000


def _millis(instant: Micros) -> Millis:
    """Not before the instant."""
    return -(-instant // _MS)


class WorkingTime:
    """Questions to the calendar, asked and answered in milliseconds."""

    __slots__ = ("_calendar", "version")

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self.version = calendar.version

    def holds(self, at: Millis) -> bool:
        """Whether an instant lies in working hours."""
        return self._calendar.is_working_time(at * _MS)

    def next(self, at: Millis) -> Millis:
        """The instant itself, or the first after it, that lies in working hours."""
        return _millis(self._calendar.next_working_time(at * _MS))

    def after(self, at: Millis, span: Millis) -> Millis:
        """When so much working time has passed since an instant."""
        return _millis(self._calendar.add_working_time(at * _MS, span * _MS))

    def day(self, at: Millis) -> date:
        """The local date."""
        return local_date(at * _MS, self._calendar.zone)

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on a local day."""
        return self._calendar.is_working_day(day)

    def previous_day(self, day: date) -> date:
        """The last working day before a day."""
        return self._calendar.previous_working_day(day)

    def days_after(self, day: date, days: int) -> date:
        """The working day that is so many working days after a day."""
        return self._calendar.add_working_days(day, days)

    def next_morning(self, at: Millis) -> Millis:
        """The start of work on the first working day after the local day of an instant."""
        day = self.day(at) + timedelta(days=1)
        midnight = datetime.combine(day, time(), self._calendar.zone)
        return self.next(_millis(micros(midnight)))

    def next_time_of_day(self, at: Millis, minutes: int) -> Millis:
        """The first instant after one at that many minutes after midnight of a working day."""
        return _millis(self._calendar.next_time_of_day(at * _MS, minutes))
