"""How settings write spans of time, shares, addresses: text in, exact values out, text again."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from schemas.instants import Millis

DAY: Millis = 86_400_000

_SPAN = re.compile(r"(\d{1,9})(ms|s|m|h|d)")
_UNITS: dict[str, Millis] = {"d": DAY, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_LAST_PORT = 65_535


def read_span(value: object) -> Millis:
    """Milliseconds of `30s`, `10m`, `24h`, `90d`, `500ms` or 0; ValueError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and value == 0:
        return 0
    text = str(value).strip()
    if text == "0":
        return 0
    parts = _SPAN.fullmatch(text)
    if parts is None:
        raise ValueError("not a span of time")
    return int(parts[1]) * _UNITS[parts[2]]


def span_text(span: Millis) -> str:
    """The shortest text that `read_span` reads back: `10m`, `24h`, `0`."""
    if span == 0:
        return "0"
    unit = next(name for name, size in _UNITS.items() if span % size == 0)
    if unit == "d" and span <= 2 * _UNITS["d"]:
        unit = "h"  # people say 24h and 48h, and 90d
    return f"{span // _UNITS[unit]}{unit}"


def read_share(value: object) -> Decimal:
    """A share between 0 and 1 as it was written, so that 0.90 is 9/10 and not nearly so."""
    if isinstance(value, bool):
        raise ValueError("not a share")
    try:
        share = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("not a share") from None
    if not share.is_finite() or not 0 <= share <= 1:
        raise ValueError("not between 0 and 1")
    return share


def read_zone(value: object) -> str:
    """The name of a time zone of the IANA database."""
    name = str(value).strip()
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder of the database, such as "Asia"
        raise ValueError("not a time zone") from None
    return name


def read_texts(value: object) -> object:
    """A list of texts: a list as it is, or a text with commas between."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def read_address(value: object) -> str:
    """`host:port`; ValueError for anything else."""
    text = str(value).strip()
    parts = _ADDRESS.fullmatch(text)
    if parts is None or not 0 < int(parts[2]) <= _LAST_PORT:
        raise ValueError("not host:port")
    return text


def refuse_truth(value: object) -> object:
    """`true` is no number, though Python counts it as 1."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


Span = Annotated[Millis, BeforeValidator(read_span), PlainSerializer(span_text)]
Share = Annotated[Decimal, BeforeValidator(read_share), PlainSerializer(str)]
ZoneName = Annotated[str, BeforeValidator(read_zone)]
Whole = Annotated[int, BeforeValidator(refuse_truth)]
Address = Annotated[str, BeforeValidator(read_address)]
