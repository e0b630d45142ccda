"""The working time of the offices: days of Viet Nam, 07:00-11:30 and 13:30-17:00 local.

Promised days are counted in working time, so it is kept as a number line of its own: seconds worked
since a first day, 28,800 to a working day. Instants are whole milliseconds since 1970.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from indicators.calendar import vietnam
from schemas.instants import Micros, Millis

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
WORKING_DAY: Final = 8 * 3600  # seconds: 4.5 h before noon, 3.5 h after
SECOND: Final = 1_000  # milliseconds
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_MICROS: Final = 1_000  # of a millisecond
_SECOND: Final[Micros] = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def millis(instant: datetime) -> Millis:
    """Whole milliseconds since 1970 of an aware datetime, rounded down."""
    return (instant - _EPOCH) // _MILLISECOND


def local(instant: Millis) -> datetime:
    """The instant on the clocks of the province."""
    return (_EPOCH + instant * _MILLISECOND).astimezone(ZONE)


def midnight(day: date) -> Millis:
    """The first instant of a local day."""
    return millis(datetime(day.year, day.month, day.day, tzinfo=ZONE))


class WorkingTime:
    """Translates between instants and seconds worked since the first working day."""

    def __init__(self, first: date) -> None:
        self._calendar = vietnam(ZONE)
        self._first = _MICROS * midnight(first)

    def is_working_day(self, day: date) -> bool:
        """Neither a weekend nor a public holiday nor a day off given for one."""
        return self._calendar.is_working_day(day)

    def worked(self, instant: Millis) -> int:
        """Seconds worked from the first day to an instant, which must not be before that day."""
        return self._calendar.working_time(self._first, _MICROS * instant) // _SECOND

    def instant(self, worked: int) -> Millis:
        """The instant at which so many seconds have been worked and work goes on."""
        reached = self._calendar.add_working_time(self._first, worked * _SECOND)
        return self._calendar.next_working_time(reached) // _MICROS
