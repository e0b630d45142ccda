"""An explanation as one HTML file to hand over: Vietnamese, printable, nothing fetched."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from audit import explanation_words as words
from schemas.event import Due
from schemas.explanation import COUNTED, Explanation
from schemas.instants import SECOND, Micros, Millis, end_of_day, local_date

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEW = 5  # events of a dossier: with so many it is not parted between two sheets of paper


class Document(NamedTuple):
    """What the page says besides the explanation itself."""

    unit_name: str
    zone: ZoneInfo  # local times are of this one
    window_start: Micros
    source: str  # where the records were read
    command: str  # that gives the same again
    made_by: str  # program and version


class Writing:
    """Numbers and instants as they are written in Vietnamese."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def count(self, number: int) -> str:
        """`1.234`."""
        return f"{number:,}".replace(",", ".")

    def percent(self, numerator: int, denominator: int) -> str:
        """`88,70 %`, cut and not rounded: what is not yet 90 % must not look like it."""
        if not denominator:
            return "không có"
        hundredths = numerator * 10_000 // denominator
        return f"{hundredths // 100},{hundredths % 100:02} %"

    def instant(self, at: Micros) -> str:
        """`30/06/2026 17:00:00` local; the end of a day so; parts of a second where there are."""
        day = local_date(at, self._zone)
        if at == end_of_day(day, self._zone):
            return f"hết ngày {self.day(day)}"
        local = (_EPOCH + timedelta(microseconds=at)).astimezone(self._zone)
        part = f",{local.microsecond:06}".removesuffix("000") if at % SECOND else ""
        return f"{self.day(day)} {local:%H:%M:%S}{part}"

    def arrival(self, at: Millis) -> str:
        """As `instant`."""
        return self.instant(at * 1_000)

    def due(self, due: Due) -> str:
        """A due date as it was stated."""
        return f"ngày {self.day(due)}" if isinstance(due, date) else self.instant(due)

    def difference(self, number: int) -> str:
        """`+1.234`, `0`, `−2`."""
        sign = "+" if number > 0 else "−" if number < 0 else ""
        return sign + self.count(abs(number))

    def day(self, day: date) -> str:
        """`30/06/2026`."""
        return f"{day.day:02}/{day.month:02}/{day.year:04}"


def explanation_page(explanation: Explanation, document: Document) -> str:
    """The whole file. All that came from outside is escaped."""
    reasons: dict[str, list[str]] = {}
    for one in explanation.left_out:
        reasons.setdefault(one.reason, []).append(one.dossier_id)
    return page_template("explanation.html").render(
        explanation=explanation,
        document=document,
        groups=[
            (kind, [one for one in explanation.dossiers if one.counted == kind]) for kind in COUNTED
        ],
        reasons=sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])),
        rules=sorted({one.rule for one in explanation.dossiers if one.rule is not None}),
        writing=Writing(document.zone),
        words=words,
    )


@lru_cache
def page_template(name: str) -> Template:
    """A template of this folder; all that is put into it is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = _unbroken
    return environment.get_template(name, globals={"few": _FEW})


def _unbroken(text: str) -> str:
    """An instant that stays on one line."""
    return text.replace(" ", "\u00a0")
