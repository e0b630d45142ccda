"""The zones and incidents of a unit as a picture: lengths and paths for an SVG. Pure.

One row a policy: the zones as a band, below it the incidents as bars. All units have the same time
along the width, so that their pictures can be laid under each other.
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
from schemas.status import ZONES, Zone

LEFT, WIDTH = 150.0, 840.0  # where the time begins, and its length
BAND, BAR, ROW = 12.0, 8.0, 30.0  # heights; a row with the space below it
LEAST = 0.5  # a zone that would be narrower is drawn with the one before it
LEAST_BAR = 2.0
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
        return round(LEFT + WIDTH * part, 2)


class Bar(NamedTuple):
    """An incident."""

    x: float
    y: float
    width: float
    kind: str  # in_force, kept, moved, gained; lost: what is not there
    incident: Incident


class Row(NamedTuple):
    """One policy."""

    name: str
    y: float
    zones: tuple[tuple[Zone, str], ...]  # with the path of an SVG
    bars: tuple[Bar, ...]


class Mark(NamedTuple):
    """A day on the axis."""

    x: float
    day: date


def rows(unit: UnitOutcome, names: Sequence[str], scale: Scale) -> list[Row]:
    """The rows of a unit: the policy in force, then the others."""
    found = []
    for place, (name, outcome) in enumerate(zip(names, (unit.in_force, *unit.others), strict=True)):
        y = place * ROW
        bars = _bars_in_force(outcome) if place == 0 else _bars_of_other(outcome)
        drawn = tuple(_bar(kind, one, y + BAND + 2, scale) for kind, one in bars)
        found.append(Row(name, y, _paths(outcome.turns, y, scale), drawn))
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
    return [("in_force", incident) for incident in outcome.incidents]


def _bars_of_other(outcome: PolicyOutcome) -> Iterable[tuple[str, Incident]]:
    for kind, mine, other in told_in_order(outcome.differences):
        one = mine if other is None else other
        assert one is not None, "one of the two policies opened it"
        yield kind, one


def _bar(kind: str, incident: Incident, y: float, scale: Scale) -> Bar:
    x = scale.x(incident.opened)
    end = scale.x(scale.stop if incident.closed is None else incident.closed)
    return Bar(x, y, round(max(end - x, LEAST_BAR), 2), kind, incident)


def _paths(
    turns: Iterable[tuple[Turn, Millis]], y: float, scale: Scale
) -> tuple[tuple[Zone, str], ...]:
    """A path for each zone that there is, as fine as the picture is wide."""
    pieces: dict[Zone, list[str]] = {zone: [] for zone in ZONES}
    merged: list[tuple[Zone, float, float]] = []
    for turn, end in turns:
        left, right = scale.x(turn.clock), scale.x(end)
        if merged and (right - left < LEAST or merged[-1][0] == turn.zone):
            merged[-1] = (merged[-1][0], merged[-1][1], right)
        else:
            merged.append((turn.zone, left, right))
    for zone, left, right in merged:
        pieces[zone].append(f"M{left:g} {y:g}H{right:g}V{y + BAND:g}H{left:g}Z")
    return tuple((zone, "".join(paths)) for zone, paths in pieces.items() if paths)
