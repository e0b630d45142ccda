"""What `vungxanh replay` is asked: which figures, of whom, by what, as known when, at which T."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from indicators.windows import Window, read_window
from schemas.instants import Micros, local_date, start_of_day

By = Literal["channel", "service_level", "procedure", "step"]
PARTS: tuple[By, ...] = get_args(By)
Period = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = get_args(Period)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FigureQuestion:
    """Which figures are asked for, at whatever T."""

    definitions: tuple[str, ...]
    windows: tuple[str, ...]
    zone: ZoneInfo
    units: frozenset[str] | None = None  # None: all
    by: tuple[By, ...] = ()  # what a unit's figure is parted by
    known: Micros | None = None  # only from what had arrived by then

    def windows_read(self) -> list[Window]:
        """The windows; ValueError naming what is allowed."""
        return [read_window(text, self.zone) for text in self.windows]


@dataclass(frozen=True, slots=True)
class Instants:
    """The T asked for: single ones with the texts that asked for them, and local midnights."""

    asked: Mapping[Micros, str]
    zone: ZoneInfo
    every: Period | None = None
    first: Micros = 0  # of the midnights: between these two, both included
    last: Micros = -1

    def in_order(self, after: Micros | None = None) -> Iterator[tuple[Micros, str]]:
        """Each once, with its text; `after`: only those later than that T."""
        before = None
        for at, text in merge(sorted(self.asked.items()), self._regular()):
            if at != before and (after is None or at > after):
                yield at, self.asked.get(at, text)
            before = at

    def _regular(self) -> Iterator[tuple[Micros, str]]:
        if self.every is not None:
            for at in midnights(self.every, self.first, self.last, self.zone):
                yield at, iso_local(at, self.zone)

    def count(self, after: Micros | None = None) -> int:
        """How many there are."""
        return sum(1 for _ in self.in_order(after))


def midnights(period: Period, first: Micros, last: Micros, zone: ZoneInfo) -> Iterator[Micros]:
    """The starts of local days, of weeks (Mondays), or of months (firsts) in [first, last]."""
    if first > last:
        return
    day = _start(period, local_date(first, zone))
    at = start_of_day(day, zone)
    while at <= last:
        if at >= first:
            yield at
        day = _next(period, day)
        at = start_of_day(day, zone)


def _start(period: Period, day: date) -> date:
    if period == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if period == "week" else day


def _next(period: Period, day: date) -> date:
    if period == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if period == "week" else 1)


def iso_local(at: Micros, zone: ZoneInfo) -> str:
    """ISO 8601 with the offset of the zone, which a midnight is easiest told by."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone).isoformat()
