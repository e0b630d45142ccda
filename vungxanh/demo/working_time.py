"""The working time of the offices: days of Viet Nam, 07:00-11:30 and 13:30-17:00 local.

Promised days are counted in working time, so it is kept as a number line of its own: seconds worked
since a first day, 28,800 to a working day. Instants are whole milliseconds since 1970.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from schemas.instants import Millis

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
WORKING_DAY: Final = 8 * 3600  # seconds: 4.5 h before noon, 3.5 h after
SECOND: Final = 1_000  # milliseconds
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_MORNING = 4 * 3600 + 1800  # seconds worked before the noon break
_OPENS = 7 * 3600  # seconds after midnight
_REOPENS = 13 * 3600 + 1800
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
        self._holidays = holidays.country_holidays("VN")
        self._days: list[date] = []
        self._known_to = first  # every working day before this one is in the list

    def is_working_day(self, day: date) -> bool:
        """Neither a weekend nor a public holiday nor a day off given for one."""
        return bool(self._holidays.is_working_day(day))

    def worked(self, instant: Millis) -> int:
        """Seconds worked from the first day to an instant, which must not be before that day."""
        at = local(instant)
        self._learn(at.date())
        whole_days = bisect_right(self._days, at.date())
        if not whole_days or self._days[whole_days - 1] != at.date():
            return whole_days * WORKING_DAY
        clock = at.hour * 3600 + at.minute * 60 + at.second
        morning = min(max(clock - _OPENS, 0), _MORNING)
        afternoon = min(max(clock - _REOPENS, 0), WORKING_DAY - _MORNING)
        return (whole_days - 1) * WORKING_DAY + morning + afternoon

    def instant(self, worked: int) -> Millis:
        """The instant at which so many seconds have been worked."""
        whole_days, seconds = divmod(worked, WORKING_DAY)
        while whole_days >= len(self._days):
            self._learn(self._known_to + timedelta(days=30))
        clock = _OPENS + seconds if seconds < _MORNING else _REOPENS + seconds - _MORNING
        return midnight(self._days[whole_days]) + clock * SECOND

    def _learn(self, day: date) -> None:
        while self._known_to <= day:
            if self.is_working_day(self._known_to):
                self._days.append(self._known_to)
            self._known_to += timedelta(days=1)
