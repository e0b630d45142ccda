"""The periods reported on: months, quarters, half-years, years, and spans of days. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.ledger import NEVER
from indicators.windows import Window
from schemas.instants import Micros, start_of_day

_PERIOD = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])))?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
ALLOWED = "a month 2024-06, a quarter 2024-Q2, a half-year 2024-H1 or a year 2024"


class Period(NamedTuple):
    """Local days from the first to before the next; of so many calendar months, or 0: of days."""

    first: date
    next: date
    months: int = 0

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next - timedelta(days=1)

    def start(self, zone: ZoneInfo) -> Micros:
        """Its first instant."""
        return start_of_day(self.first, zone)

    def end(self, zone: ZoneInfo) -> Micros:
        """The first instant after it."""
        return start_of_day(self.next, zone)

    def before(self) -> Period:
        """The one of the same kind before it: the month before, or as many days."""
        if self.months:
            return Period(_months_later(self.first, -self.months), self.first, self.months)
        return Period(self.first - (self.next - self.first), self.first)


class Since(NamedTuple):
    """A window that begins at a given instant, whatever T."""

    text: str
    first: Micros

    def start(self, at: Micros) -> Micros:
        """The first instant inside [start, at)."""
        return self.first

    def leaves(self, end: Micros) -> Micros:
        """Never: it has but a beginning."""
        return NEVER


def window_of(period: Period, zone: ZoneInfo) -> Window:
    """The period as a window, for a T that is not after its end."""
    return Since(f"{period.first}/{period.last}", period.start(zone))


def read_period(text: str) -> Period:
    """The period of that name; ValueError naming what is allowed."""
    parts = _PERIOD.fullmatch(text)
    if parts is None or not _FIRST_YEAR <= int(parts[1]) < _LAST_YEAR:
        raise ValueError(f"{text!r} is no period: {ALLOWED}")
    year, month, quarter, half = (None if one is None else int(one) for one in parts.groups())
    assert year is not None
    if month is not None:
        if not 1 <= month <= 12:
            raise ValueError(f"{text!r} is no period: {ALLOWED}")
        return _months(year, month, 1)
    if quarter is not None:
        return _months(year, quarter * 3 - 2, 3)
    if half is not None:
        return _months(year, half * 6 - 5, 6)
    return _months(year, 1, 12)


def days_between(first: date, last: date) -> Period:
    """The days from the first to the last, both of them in it; ValueError if there is none."""
    if last < first:
        raise ValueError(f"{last} is before {first}")
    return Period(first, last + timedelta(days=1))


def _months(year: int, month: int, months: int) -> Period:
    first = date(year, month, 1)
    return Period(first, _months_later(first, months), months)


def _months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
