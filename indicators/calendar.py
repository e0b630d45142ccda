"""The working calendar: working days and hours of Viet Nam. Pure; a function of its arguments.

Instants are microseconds since 1970 (UTC), spans of working time too. The working spans of a local
year are laid out once, as instants with the working time before each, and looked up by bisection:
a question costs the same for a minute as for a year.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

import orjson

from indicators.calendars import (
    YEARS_BY_RULE,
    YearFile,
    builtin_years,
    read_year,
    year_by_rule,
)
from schemas.instants import DAY, MINUTE, Micros, local_date, local_day, micros

__all__ = [
    "DEFAULT_HOURS",
    "Hours",
    "WorkingCalendar",
    "YearFile",
    "builtin_years",
    "read_hours",
    "read_year",
    "vietnam",
]

Hours = tuple[tuple[int, int], ...]  # spans in minutes after local midnight, [start, stop)
DEFAULT_HOURS: Hours = ((7 * 60, 11 * 60 + 30), (13 * 60 + 30, 17 * 60))
_DAY_MINUTES = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_NO_YEARS: Mapping[int, YearFile] = MappingProxyType({})


class _Year(NamedTuple):
    """The working spans of a local year; none is empty, none overlaps the next."""

    days: list[date]  # the working days
    starts: list[Micros]
    stops: list[Micros]
    before: list[Micros]  # working time of the year before each span; one more: of the whole year

    def worked(self, at: Micros) -> Micros:
        """The working time of this year before an instant."""
        index = bisect_right(self.starts, at)
        return self.before[index] - max(0, self.stops[index - 1] - at if index else 0)

    def instant(self, worked: Micros) -> Micros:
        """The first instant at which so much of this year has been worked; 0 < worked <= all."""
        index = bisect_left(self.before, worked) - 1
        return self.starts[index] + worked - self.before[index]


@dataclass(frozen=True)
class WorkingCalendar:
    """Which time is working time. `version` names all that decides, for the evidence.

    A year in `years` is as its file says, any other by rule; `vietnam` brings the known years.
    Raises ValueError if `hours` are not one or more spans in order within a day.
    """

    zone: ZoneInfo
    hours: Hours = DEFAULT_HOURS
    years: Mapping[int, YearFile] = field(default_factory=lambda: _NO_YEARS, hash=False)
    _laid_out: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bounds = [minute for span in self.hours for minute in span]
        rising = all(start < stop for start, stop in self.hours) and bounds == sorted(bounds)
        if not bounds or not rising or bounds[0] < 0 or bounds[-1] > _DAY_MINUTES:
            raise ValueError(f"working hours must be spans in order within a day: {self.hours!r}")

    @cached_property
    def version(self) -> str:
        """A short hash of hours, zone and the days of every year, whatever decided them.

        It is of the days that the rule gives, not of the release of `holidays`: a release that
        changes nothing here leaves evidence comparable, one that moves a day changes the version.
        """
        days = [
            [year, sorted(known.off), sorted(known.work)]
            for year in sorted({*YEARS_BY_RULE, *self.years})
            for known in [self._known(year)]
        ]
        content = orjson.dumps([self.zone.key, self.hours, days])
        return hashlib.sha256(content).hexdigest()[:16]

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on a local day."""
        return self._known(day.year).is_working_day(day)

    def is_working_time(self, at: Micros) -> bool:
        """Whether an instant lies in working hours; the first of a span does, its last does not."""
        year = self._year_at(at)
        index = bisect_right(year.starts, at)
        return index > 0 and at < year.stops[index - 1]

    def next_working_time(self, at: Micros) -> Micros:
        """`at` itself if it is working time, else the first instant after it that is."""
        number = _year_of(at, self.zone)
        index = bisect_right(self._year(number).stops, at)
        while index == len(self._year(number).stops):
            number, index = number + 1, 0
        return max(at, self._year(number).starts[index])

    def working_time(self, start: Micros, stop: Micros) -> Micros:
        """The working time in [start, stop); 0 where stop is not after start."""
        if stop <= start:
            return 0
        first, last = _year_of(start, self.zone), _year_of(stop, self.zone)
        between = sum(self._year(number).before[-1] for number in range(first, last))
        return between + self._year(last).worked(stop) - self._year(first).worked(start)

    def add_working_time(self, start: Micros, span: Micros) -> Micros:
        """The first instant at which `span` of working time has passed since `start`.

        A span that ends with the office ends at its stop, not at the next opening; a span of 0
        ends at `start`. Raises ValueError for a negative span.
        """
        if span < 0:
            raise ValueError(f"a negative span of working time: {span}")
        if span == 0:
            return start
        number = _year_of(start, self.zone)
        left = span + self._year(number).worked(start)
        while left > self._year(number).before[-1]:
            left -= self._year(number).before[-1]
            number += 1
        return self._year(number).instant(left)

    def add_working_days(self, day: date, days: int) -> date:
        """The working day that is `days` working days after a day (0: itself or the next one).

        The day itself is never counted, as in a promise of so many days: Friday and 1 is Monday,
        and so is Saturday and 1. Raises ValueError for negative days.
        """
        if days < 0:
            raise ValueError(f"a negative number of working days: {days}")
        number = day.year
        known = self._year(number).days
        index = bisect_right(known, day) + days - 1 if days else bisect_left(known, day)
        while index >= len(self._year(number).days):
            index -= len(self._year(number).days)
            number += 1
        return self._year(number).days[index]

    def previous_working_day(self, day: date) -> date:
        """The last working day before a day."""
        number = day.year
        index = bisect_left(self._year(number).days, day)
        while index == 0:
            number -= 1
            index = len(self._year(number).days)
        return self._year(number).days[index - 1]

    def end_of_work(self, day: date) -> Micros:
        """The end of the last working span of a local day, as if it were a working day."""
        return _at(day, self.hours[-1][1], self.zone)

    def next_time_of_day(self, at: Micros, minutes: int) -> Micros:
        """The first instant after `at` at that many minutes after local midnight, on a working day.

        Raises ValueError if the minutes are not of one day.
        """
        if not 0 <= minutes < _DAY_MINUTES:
            raise ValueError(f"no minute of a day (0-{_DAY_MINUTES - 1}): {minutes}")
        day = self.add_working_days(local_date(at, self.zone), 0)
        while (found := _at(day, minutes, self.zone)) <= at:
            day = self.add_working_days(day, 1)
        return found

    def _known(self, number: int) -> YearFile:
        return self.years.get(number) or year_by_rule(number)

    def _year_at(self, at: Micros) -> _Year:
        return self._year(_year_of(at, self.zone))

    def _year(self, number: int) -> _Year:
        if (known := self._laid_out.get(number)) is None:
            known = self._laid_out[number] = self._lay_out(number)
        return known

    def _lay_out(self, number: int) -> _Year:
        known, day = self._known(number), date(number, 1, 1)
        days, starts, stops = [], [], []
        while day.year == number:
            if known.is_working_day(day):
                days.append(day)
                for start, stop in self._spans(day):
                    starts.append(start)
                    stops.append(stop)
            day += timedelta(days=1)
        lengths = (stop - start for start, stop in zip(starts, stops, strict=True))
        return _Year(days, starts, stops, list(accumulate(lengths, initial=0)))

    def _spans(self, day: date) -> Iterator[tuple[Micros, Micros]]:
        """The working spans of a day, without one that a change of the clocks leaves out."""
        midnight = _at(day, 0, self.zone)
        if _at(day, _DAY_MINUTES, self.zone) - midnight == DAY:  # the clocks are not changed
            for start, stop in self.hours:
                yield midnight + start * MINUTE, midnight + stop * MINUTE
            return
        for span in self.hours:
            start, stop = (_at(day, minutes, self.zone) for minutes in span)
            if start < stop:
                yield start, stop


def vietnam(
    zone: ZoneInfo, own_years: Mapping[int, YearFile] = _NO_YEARS, hours: Hours = DEFAULT_HOURS
) -> WorkingCalendar:
    """The calendar of Viet Nam; a province's own year stands in place of the built-in one."""
    return WorkingCalendar(zone, hours, MappingProxyType({**builtin_years(), **own_years}))


def read_hours(text: str) -> Hours:
    """The spans that a text such as `07:00-11:30, 13:30-17:00` states; ValueError naming it."""
    try:
        return tuple(
            (_minutes(start), _minutes(stop))
            for start, stop in (span.split("-") for span in text.split(","))
        )
    except ValueError:
        raise ValueError(
            f"working hours: {text!r} is not written like 07:00-11:30, 13:30-17:00"
        ) from None


def _minutes(text: str) -> int:
    hour, minute = text.strip().split(":")
    found = int(hour) * 60 + int(minute)
    if not (hour + minute).isdecimal() or int(minute) > 59 or found > _DAY_MINUTES:
        raise ValueError(text)
    return found


def _year_of(at: Micros, zone: ZoneInfo) -> int:
    return date.fromordinal(local_day(at, zone) + _EPOCH_DAY).year


def _at(day: date, minutes: int, zone: ZoneInfo) -> Micros:
    """The first instant at which the clocks of a zone show a time of a day, or have passed it.

    So it never falls as the time rises, also where the clocks skip an hour or show it twice.
    """
    wanted = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    shown = wanted.replace(tzinfo=zone)
    again = shown.replace(fold=1)
    latest, earliest = micros(shown), micros(again)
    if latest <= earliest:  # shown once, or twice: then the first
        return latest
    # Skipped: with the offset after the skip too early, with the one before too late.
    skip = bisect_left(
        range(earliest, latest), micros(wanted), key=lambda at: at + _offset(at, zone)
    )
    return earliest + skip


def _offset(at: Micros, zone: ZoneInfo) -> Micros:
    offset = (_EPOCH + timedelta(microseconds=at)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)
