"""Instants as whole numbers: microseconds and milliseconds since 1970, UTC.

Numbers compare, add and bisect fast, have no time zone to forget, and say in their name what
they are. Text is ISO 8601 with an offset; anything less is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

Micros = int  # microseconds since 1970-01-01T00:00:00Z
Millis = int  # milliseconds since 1970-01-01T00:00:00Z

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
DAY: Micros = 24 * 60 * MINUTE
_SLOT: Micros = 6 * 60 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200

# What the halves of `2023-06-30T08:15:42+07:00` amount to, each noted when a whole text with it has
# been read: reading a text from its halves costs a sixth of parsing it.
_hours: dict[str, Micros] = {}  # `2023-06-30T08`, as if it were UTC
_rests: dict[str, Micros] = {}  # `:15:42+07:00`, `:15:42Z`
_MOST_NOTED = 200_000  # of each: the hours of 20 years, the seconds of an hour in 50 offsets
_dates: dict[str, date] = {}
_PARTED = (len("2023-06-30T08:15:42Z"), len("2023-06-30T08:15:42+07:00"))


def micros(instant: datetime) -> Micros:
    """The exact microseconds of an aware datetime."""
    return (instant - _EPOCH) // _MICROSECOND


def read_instant(text: str) -> Micros:
    """The instant that a text in ISO 8601 with an offset states.

    Raises ValueError, saying what is wrong: not ISO 8601, no offset, or a year outside 1900-2200.
    """
    try:
        return _hours[text[:13]] + _rests[text[13:]]
    except KeyError:
        return _read_anew(text)


def _read_anew(text: str) -> Micros:
    try:
        instant = _parse(text)
    except ValueError:
        raise ValueError(f"not an instant in ISO 8601: {text[:64]!r}") from None
    if instant.tzinfo is None:
        raise ValueError(f"an instant without an offset from UTC (+07:00): {text[:64]!r}")
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError(f"a year outside {_FIRST_YEAR}-{_LAST_YEAR}: {text[:64]!r}")
    if (
        text[10:11] == "T"
        and text[13:14] == text[16:17] == ":"
        and len(text) in _PARTED
        and text[19] in "+-Z"
        and text[11:13] == f"{instant.hour:02}"  # not 24:00, which is the next day's 00:00
    ):
        for noted in (_hours, _rests):
            if len(noted) >= _MOST_NOTED:
                noted.clear()
        hour = micros(instant.replace(minute=0, second=0, tzinfo=UTC))
        _hours[text[:13]] = hour
        _rests[text[13:]] = micros(instant) - hour
    return micros(instant)


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
    if (known := _dates.get(text)) is not None:
        return known
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"neither an instant nor a date in ISO 8601: {text[:64]!r}") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"a year outside {_FIRST_YEAR}-{_LAST_YEAR}: {text[:64]!r}")
    _dates[text] = day
    return day


def start_of_day(day: date, zone: ZoneInfo) -> Micros:
    """The first instant of a local day: of a midnight that comes twice the first."""
    return micros(datetime(day.year, day.month, day.day, tzinfo=zone))


def end_of_day(day: date, zone: ZoneInfo) -> Micros:
    """The last microsecond of a local day: the promise of a bare due date (R6).

    Clocks that are put back can show midnight twice: just after it, so that the day comes again
    and ends at the second one (Newfoundland until 2011), or from later to it, and it ends at the
    first.
    """
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=zone, fold=1)
    first, second = start_of_day(following, zone) - 1, micros(midnight) - 1
    return second if second > first and local_date(second, zone) == day else first


def local_date(instant: Micros, zone: ZoneInfo) -> date:
    """The date on the wall calendar of a zone at an instant."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).date()


def local_day(instant: Micros, zone: ZoneInfo) -> int:
    """The local date as a number of days since 1970-01-01."""
    offset = _offset_in(instant // _SLOT, zone)
    if offset is None:
        return local_date(instant, zone).toordinal() - _EPOCH.toordinal()
    return (instant + offset) // DAY


@lru_cache(maxsize=65_536)
def _offset_in(slot: int, zone: ZoneInfo) -> Micros | None:
    """The zone's offset in a slot of six hours since 1970; None where it changes within.

    No zone has changed twice within six hours.
    """
    first, last = (
        (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset()
        for instant in (slot * _SLOT, (slot + 1) * _SLOT - 1)
    )
    return first // _MICROSECOND if first is not None and first == last else None


def iso_millis(instant: Millis) -> str:
    """`2023-06-30T10:00:00.000+00:00`."""
    return (_EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds")


def _offset(instant: Micros) -> timezone:
    """UTC, but for the few hours that only another offset has in 1900-2200."""
    year = (_EPOCH + timedelta(microseconds=instant)).year
    if year < _FIRST_YEAR:
        return timezone(timedelta(hours=23, minutes=59))
    return timezone(-timedelta(hours=23, minutes=59)) if year > _LAST_YEAR else UTC


def iso_micros(instant: Micros) -> str:
    """ISO 8601 in UTC with as many digits as the instant needs."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(_offset(instant)).isoformat()
