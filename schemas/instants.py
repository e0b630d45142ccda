"""Instants as whole numbers: microseconds and milliseconds since 1970, UTC.

Numbers compare, add and bisect fast, have no time zone to forget, and say in their name what
they are. Text is ISO 8601 with an offset; anything less is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Micros = int  # microseconds since 1970-01-01T00:00:00Z
Millis = int  # milliseconds since 1970-01-01T00:00:00Z

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
DAY: Micros = 24 * 60 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def micros(instant: datetime) -> Micros:
    """The exact microseconds of an aware datetime."""
    return (instant - _EPOCH) // _MICROSECOND


def read_instant(text: str) -> Micros:
    """The instant that a text in ISO 8601 with an offset states.

    Raises ValueError, saying what is wrong: not ISO 8601, no offset, or a year outside 1900-2200.
    """
    try:
        instant = _parse(text)
    except ValueError:
        raise ValueError(f"not an instant in ISO 8601: {text[:64]!r}") from None
    if instant.tzinfo is None:
        raise ValueError(f"an instant without an offset from UTC (+07:00): {text[:64]!r}")
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError(f"a year outside {_FIRST_YEAR}-{_LAST_YEAR}: {text[:64]!r}")
    return (instant - _EPOCH) // _MICROSECOND


def _parse(text: str) -> datetime:
    """ISO 8601, with a small t or z or a space for the T as RFC 3339 allows."""
    if text[10:11] == "T" and text[-1] != "z":
        return datetime.fromisoformat(text)
    plain = text.upper()
    if "T" not in plain and text[10:11] != " ":  # any other sign in the T's place is a slip
        raise ValueError(text)
    return datetime.fromisoformat(plain)


def read_date(text: str) -> date:
    """The date that a bare date in ISO 8601 (2023-06-30) states; ValueError as `read_instant`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"neither an instant nor a date in ISO 8601: {text[:64]!r}") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"a year outside {_FIRST_YEAR}-{_LAST_YEAR}: {text[:64]!r}")
    return day


def end_of_day(day: date, zone: ZoneInfo) -> Micros:
    """The last microsecond of a local day: the promise of a bare due date (R6)."""
    following = day + timedelta(days=1)
    return micros(datetime(following.year, following.month, following.day, tzinfo=zone)) - 1


def local_date(instant: Micros, zone: ZoneInfo) -> date:
    """The date on the wall calendar of a zone at an instant."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).date()


def iso_millis(instant: Millis) -> str:
    """`2023-06-30T10:00:00.000+00:00`."""
    return (_EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds")


def iso_micros(instant: Micros) -> str:
    """ISO 8601 in UTC with as many digits as the instant needs."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat()
