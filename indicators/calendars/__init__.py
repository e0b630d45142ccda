"""Which days are worked: by a file per year where the government has decided, else by rule. Pure.

Tet's exact days off, the days off in lieu and the Saturdays that make up for a swapped day are
decided anew each year, so a year's file is complete: it stands in place of the rule, and a newer
`holidays` changes nothing in a year that has one. Only its own files are read, as data that comes
with the package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import holidays

YEARS_BY_RULE = range(1901, 2101)  # the lunar calendar is known for; beyond, weekends only
_FRIDAY = 4
_KEYS = ("off", "work")


@dataclass(frozen=True, slots=True)
class YearFile:
    """What sets a year apart from Monday to Friday."""

    off: frozenset[date]  # days off from Monday to Friday
    work: frozenset[date]  # Saturdays and Sundays that are worked

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on a day of this year."""
        return day in self.work if day.weekday() > _FRIDAY else day not in self.off


_WEEKENDS_ONLY = YearFile(frozenset(), frozenset())


def read_year(text: str, year: int) -> YearFile:
    """The year that a text in TOML states: `off` and `work`, lists of dates such as 2026-02-16.

    Weekends may stand in `off`; they are off anyway. Raises ValueError naming key and value: not
    TOML, an unknown key, no `off`, no date, a date of another year, a day both off and worked, or
    in `work` a Monday to Friday, which is worked unless it is off.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the calendar of {year} is no TOML: {error}") from None
    for key in content:
        if key not in _KEYS:
            raise ValueError(f"{key}: unknown in the calendar of {year}; it has off and work")
    if "off" not in content:
        raise ValueError(f"off: missing in the calendar of {year}; without days off write off = []")
    off, work = (_dates(content.get(key, []), key, year) for key in _KEYS)
    for day in sorted(work):
        if day in off:
            raise ValueError(f"work: {day} is in off too")
        if day.weekday() <= _FRIDAY:
            raise ValueError(f"work: {day} is a {day:%A}, worked unless it is in off")
    return YearFile(frozenset(day for day in off if day.weekday() <= _FRIDAY), work)


def _dates(value: object, key: str, year: int) -> frozenset[date]:
    if not isinstance(value, list):
        raise ValueError(f"{key}: {value!r} is no list of dates such as [{year}-01-01]")
    for day in value:
        if not isinstance(day, date) or isinstance(day, datetime):
            raise ValueError(f"{key}: {day!r} is no date; write {year}-01-01, without quotes")
        if day.year != year:
            raise ValueError(f"{key}: {day} is not of {year}")
    return frozenset(value)


@cache
def builtin_years() -> Mapping[int, YearFile]:
    """The years whose days are known, from the files that come with the package."""
    found = {
        int(file.name.removeprefix("vn-").removesuffix(".toml")): file.read_text(encoding="utf-8")
        for file in files(__package__).iterdir()
        if file.name.endswith(".toml")
    }
    return MappingProxyType({year: read_year(found[year], year) for year in sorted(found)})


def year_by_rule(year: int) -> YearFile:
    """What `holidays` gives for Viet Nam: fixed days, Tet, Hung Kings, days in lieu, swaps."""
    return _years_by_rule().get(year, _WEEKENDS_ONLY)


@cache
def _years_by_rule() -> Mapping[int, YearFile]:
    """All years at once: what a year holds must not depend on which were asked for before."""
    rule = holidays.country_holidays("VN", years=YEARS_BY_RULE)
    off, work = _by_year(rule), _by_year(rule.weekend_workdays)
    return {
        year: YearFile(
            frozenset(day for day in off.get(year, ()) if day.weekday() <= _FRIDAY),
            frozenset(work.get(year, ())),
        )
        for year in sorted({*off, *work})
    }


def _by_year(days: Iterable[date]) -> dict[int, list[date]]:
    found: dict[int, list[date]] = {}
    for day in days:
        found.setdefault(day.year, []).append(day)
    return found
