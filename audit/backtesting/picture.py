"""The zones and incidents of a unit as a picture: places and lengths for an SVG. Pure.

One row a policy: the zones as a band, below it the incidents as bars. All units have the same time
along the width, so that their pictures can be laid under each other. Along the width all is in
percent, so that the picture fits a phone and a sheet of paper; heights are in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.backtesting.backtest import PolicyOutcome, UnitOutcome
from audit.backtesting.incidents import Incident
from audit.backtesting.measures import told_in_order
from audit.backtesting.zones import Turn
from schemas.instants import Micros, Millis, start_of_day
from schemas.status import Zone

WIDTH = 100.0
BAND, BAR, ROW = 11, 6, 23  # heights; a row with the space below it
LEAST = 0.06  # a zone that would be narrower is drawn with the one before it
LEAST_BAR = 0.3
_DAYS = (1, 2, 7, 14, 28, 91, 182, 364)  # between two marks of the axis
_MOST_MARKS = 9


class Scale(NamedTuple):
    """Clocks along the width."""

    start: Millis
    stop: Millis

    def x(self, clock: Millis) -> float:
        """Where a clock is; those outside are at the edge."""
        length = max(self.stop - self.start, 1)
        part = min(max(clock - self.start, 0), length) / length
        return round(WIDTH * part, 3)


class Bar(NamedTuple):
    """An incident."""

    x: float
    width: float
    kind: str  # in_force, kept, moved, gained, open_before; lost: what is not there
    incident: Incident


class Band(NamedTuple):
    """A zone for as long as it holds."""

    x: float
    width: float
    zone: Zone


class Row(NamedTuple):
    """One policy."""

    name: str
    y: int
    bands: tuple[Band, ...]
    bars: tuple[Bar, ...]


class Mark(NamedTuple):
    """A day on the axis."""

    x: float
    day: date


def rows(unit: UnitOutcome, names: Sequence[str], scale: Scale) -> list[Row]:
    """The rows of a unit: the policy in force, then the others."""
    found = []
    for place, (name, outcome) in enumerate(zip(names, (unit.in_force, *unit.others), strict=True)):
        bars = _bars_in_force(outcome) if place == 0 else _bars_of_other(outcome)
        drawn = tuple(_bar(kind, one, unit.stop, scale) for kind, one in bars)
        found.append(Row(name, place * ROW, tuple(_bands(outcome.turns, scale)), drawn))
    return found


def marks(scale: Scale, zone: ZoneInfo) -> list[Mark]:
    """Days for the axis, a handful, at their first instants."""
    first = _local_date(scale.start * 1_000, zone) + timedelta(days=1)
    days = (_local_date(scale.stop * 1_000, zone) - first).days + 1
    step = next((n for n in _DAYS if days <= n * _MOST_MARKS), -(-days // _MOST_MARKS))
    chosen = (first + timedelta(days=n) for n in range(0, max(days, 0), step))
    return [Mark(scale.x(start_of_day(day, zone) // 1_000), day) for day in chosen]


def _local_date(at: Micros, zone: ZoneInfo) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone).date()


def _bars_in_force(outcome: PolicyOutcome) -> Iterable[tuple[str, Incident]]:
    return [("in_force", incident) for incident in (*outcome.open_before, *outcome.incidents)]


def _bars_of_other(outcome: PolicyOutcome) -> Iterable[tuple[str, Incident]]:
    """Each incident once: by what it differs in the period, or as one from before it.

    The latter first: what is lost while one of them is open is drawn upon it.
    """
    differing: list[tuple[str, Incident]] = []
    for kind, mine, other in told_in_order(outcome.differences):
        one = mine if other is None else other
        assert one is not None, "one of the two policies opened it"
        differing.append((kind, one))
    drawn = {one for _, one in differing}
    before = [("open_before", one) for one in outcome.open_before if one not in drawn]
    return [*before, *differing]


def _bar(kind: str, incident: Incident, stop: Millis, scale: Scale) -> Bar:
    """From its opening to its closing; what is still open, to where looking at the unit ends."""
    last = scale.x(stop)
    end = last if incident.closed is None else min(scale.x(incident.closed), last)
    x = scale.x(incident.opened)
    if end - x < LEAST_BAR:
        x = max(min(x, last - LEAST_BAR), 0)
    return Bar(x, round(max(end - x, LEAST_BAR), 3), kind, incident)


def _bands(turns: Iterable[tuple[Turn, Millis]], scale: Scale) -> list[Band]:
    """The zones one after another, as fine as the picture is wide."""
    merged: list[Band] = []
    for turn, end in turns:
        left, right = scale.x(turn.clock), scale.x(end)
        if merged and (right - left < LEAST or merged[-1].zone == turn.zone):
            before = merged.pop()
            merged.append(Band(before.x, round(right - before.x, 3), before.zone))
        else:
            merged.append(Band(left, round(right - left, 3), turn.zone))
    return merged
