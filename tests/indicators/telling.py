"""Small words to tell a dossier in: hours and days since a Wednesday morning in Quảng Nam."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from indicators.dossier import Course, course
from indicators.facts import Fact
from schemas.event import Due
from schemas.instants import MINUTE, Micros, read_instant

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR: Micros = 60 * MINUTE
_BEGIN = read_instant("2024-01-10T00:00:00+07:00")
_FIRST_DAY = date(2024, 1, 10)


def at(hour: float) -> Micros:
    """So many hours after the beginning; 24 of them are a local day."""
    return _BEGIN + round(hour * HOUR)


def day(number: int) -> date:
    """The local date of `at(24 * number)`."""
    return _FIRST_DAY + timedelta(days=number)


def fact(
    kind: str,
    hour: float,
    *,
    due: float | date | None = None,
    voids: str | None = None,
    event_id: str | None = None,
) -> Fact:
    """An event at an hour; `due` is an hour or a bare date. Its id is its type, unless given."""
    stated: Due | None = due if due is None or isinstance(due, date) else at(due)
    return Fact(
        at(hour), event_id or kind, kind, stated, voids, None, None, None, None, at(hour) // 1000, 0
    )


def told(*facts: Fact, zone: ZoneInfo = VIET_NAM) -> Course:
    """What the events amount to, told in any order."""
    return course(sorted(facts), zone)
