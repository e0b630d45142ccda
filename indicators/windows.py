"""Windows: half-open spans of time that end at T.

`7d`, `30d`, any `Nd`: [T - N x 24 h, T). `month`, `quarter`, `half`, `year`: [start of the local
period that T lies in, T). A window knows no clock: T is an argument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from schemas.instants import DAY, Micros, micros

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROLLING = re.compile(r"([1-9]\d{0,4})d")
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


class Window(Protocol):
    """A span that ends at T."""

    @property
    def text(self) -> str:
        """Its name: `30d`, `half`."""

    def start(self, at: Micros) -> Micros:
        """The first instant inside [start, at)."""

    def leaves(self, end: Micros) -> Micros:
        """The first T at which an end is no longer in the window."""


@dataclass(frozen=True, slots=True)
class Rolling:
    """[T - days x 24 h, T)."""

    days: int

    @property
    def text(self) -> str:
        """`30d`."""
        return f"{self.days}d"

    @property
    def span(self) -> Micros:
        """Its length; an end leaves it when it is older than that."""
        return self.days * DAY

    def start(self, at: Micros) -> Micros:
        """The first instant inside [start, at)."""
        return at - self.days * DAY

    def leaves(self, end: Micros) -> Micros:
        """The first T at which an end is no longer in the window."""
        return end + self.days * DAY + 1


class ToDate:
    """[start of the local month, quarter, half or year that T lies in, T)."""

    __slots__ = ("_span", "_zone", "text")

    def __init__(self, text: str, zone: ZoneInfo) -> None:
        self.text = text
        self._zone = zone
        self._span = (0, 0)  # the last period asked for: T lies in the same one nearly always

    def start(self, at: Micros) -> Micros:
        """The first instant inside [start, at)."""
        return self._period(at)[0]

    def turns(self, at: Micros) -> Micros:
        """The first T after `at` at which a new period starts, and all ends are outside."""
        return self._period(at)[1]

    def leaves(self, end: Micros) -> Micros:
        """The first T at which an end is no longer in the window: they all leave it together."""
        return self.turns(end)

    def _period(self, at: Micros) -> tuple[Micros, Micros]:
        """The first instant of the local period that T lies in, and of the next."""
        if not self._span[0] <= at < self._span[1]:
            local = (_EPOCH + timedelta(microseconds=at)).astimezone(self._zone)
            months = _MONTHS[self.text]
            first = local.year * 12 + (local.month - 1) // months * months  # since year 0
            self._span = (self._first_of(first), self._first_of(first + months))
        return self._span

    def _first_of(self, month: int) -> Micros:
        return micros(datetime(month // 12, month % 12 + 1, 1, tzinfo=self._zone))


def read_window(text: str, zone: ZoneInfo) -> Window:
    """The window of that name; ValueError naming what is allowed."""
    rolling = _ROLLING.fullmatch(text)
    if rolling:
        return Rolling(int(rolling[1]))
    if text in _MONTHS:
        return ToDate(text, zone)
    raise ValueError(
        f"{text!r} is no window: a number of days such as 30d, or one of {', '.join(_MONTHS)}"
    )
