"""Marks of time: `Mon 08:00` is in the week from Monday 2 March 2026, `Mon+1 08:00` in the next.

Any other day is a date: `2026-02-13 17:00`. All are local, and all are past: the wall clock stands
after them, so that no record is stamped ahead of it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.instants import Millis, micros

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONDAY = date(2026, 3, 2)
_WEEKS = 2  # told by name

MARK = rf"(?:(?:{'|'.join(_DAYS)})(?:\+\d)?|\d{{4}}-\d\d-\d\d) \d\d:\d\d"
_PARTS = re.compile(r"(\S+) (\d\d):(\d\d)")


def instant(mark: str) -> Millis:
    """The instant of a mark; ValueError where it is none."""
    found = _PARTS.fullmatch(mark)
    if found is None:
        raise ValueError(f"no mark of time: {mark!r}")
    name, _, weeks = found[1].partition("+")
    if name in _DAYS:
        day = _MONDAY + timedelta(days=_DAYS.index(name) + 7 * int(weeks or 0))
    else:
        day = date.fromisoformat(found[1])
    hour, minute = int(found[2]), int(found[3])
    return micros(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)) // 1000


def mark(at: Millis) -> str:
    """The minute that an instant lies in, as a mark."""
    local = datetime.fromtimestamp(at / 1000, ZONE)
    week, day = divmod((local.date() - _MONDAY).days, 7)
    if not 0 <= week < _WEEKS:
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{_DAYS[day]}{f'+{week}' if week else ''} {local:%H:%M}"
