"""How numbers, instants and the words of the field are written in a language. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts.messages.content import Limits
from alerts.messages.words import Words
from alerts.recipients import Language
from schemas.instants import Millis
from schemas.outlook import RiskState
from schemas.status import Zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = re.compile(r"(\d+)d")
_MOST_DIGITS = 6  # after the decimal sign, of a percentage


class _Signs(NamedTuple):
    decimal: str
    thousands: str
    percent: str  # with the space before it, if any
    months: tuple[str, ...]  # empty: dates in figures, day/month/year


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNS: Mapping[Language, _Signs] = {
    "vi": _Signs(decimal=",", thousands=".", percent=" %", months=()),
    "en": _Signs(decimal=".", thousands=",", percent="%", months=_MONTHS),
}


class Speech:
    """The ways of writing of one recipient: a language with its words, and a time zone."""

    def __init__(self, language: Language, zone: str, words: Words) -> None:
        self._words = words
        self._signs = _SIGNS[language]
        self._zone = ZoneInfo(zone)

    def count(self, number: int) -> str:
        """`1.234` in Vietnamese, `1,234` in English."""
        return f"{number:,}".replace(",", self._signs.thousands)

    def ratio(self, numerator: int, denominator: int) -> str:
        """`44/50`."""
        return f"{self.count(numerator)}/{self.count(denominator)}"

    def percent(self, numerator: int, denominator: int, limits: Limits) -> str:
        """`88,0 %`; empty where the denominator is 0.

        A share is never rounded over a limit. It is rounded down, as on the page: what is shown is
        at most what is, so 8999/10000 reads 89,9 % and nothing below 90 % reads 90. The other
        side is held by digits: where rounding down would put a share below a limit that it has
        reached (90,05 % of a limit of 90,05 %), as many more are shown as it takes. Only a limit
        that no six decimals can write, such as 2/3, is beyond that.
        """
        if denominator == 0:
            return ""
        digits, scaled = _digits(Fraction(numerator, denominator), limits)
        return self._percent(scaled, digits)

    def limit(self, share: Fraction) -> str:
        """`90 %`, exactly; a share that decimals cannot write stays a fraction: `2/3`."""
        for digits in range(_MOST_DIGITS + 1):
            scaled = share * 100 * 10**digits
            if scaled.denominator == 1:
                return self._percent(scaled.numerator, digits)
        return str(share)

    def _percent(self, scaled: int, digits: int) -> str:
        whole, rest = divmod(scaled, 10**digits)
        decimals = f"{self._signs.decimal}{rest:0{digits}}" if digits else ""
        return f"{self.count(whole)}{decimals}{self._signs.percent}"

    def instant(self, at: Millis) -> str:
        """`23/11/2026 08:10` local, to the minute; `23 Nov 2026 08:10` in English."""
        local = (_EPOCH + timedelta(milliseconds=at)).astimezone(self._zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def day(self, day: date) -> str:
        """`23/11/2026`; `23 Nov 2026` in English."""
        if self._signs.months:
            return f"{day.day} {self._signs.months[day.month - 1]} {day.year:04}"
        return f"{day.day:02}/{day.month:02}/{day.year:04}"

    def zone(self, zone: Zone) -> str:
        """`vùng vàng`."""
        return self._words.zones[zone]

    def due(self, state: RiskState, at: Millis) -> str:
        """`quá hạn từ 20/11/2026 17:00`."""
        return self._words.due[state].format(due=self.instant(at))

    def definition(self, name: str) -> str:
        """In words; a definition that has none here is shown by its id."""
        return self._words.definitions.get(name, name)

    def window(self, name: str) -> str:
        """In words; a window that has none here is shown by its name."""
        if days := _DAYS.fullmatch(name):
            return self._words.labels["last_days"].format(days=days[1])
        return self._words.windows.get(name, name)


def _digits(share: Fraction, limits: Limits) -> tuple[int, int]:
    """Digits after the decimal sign, and the percentage rounded down to them as a whole number."""
    reached = [limit for limit in limits if share >= limit]
    for digits in range(1, _MOST_DIGITS + 1):
        unit = 100 * 10**digits
        scaled = int(share * unit)
        if all(Fraction(scaled, unit) >= limit for limit in reached):
            break
    return digits, scaled
