"""A unit's profile: its figure over time and what it is made of, as `/api/units/{id}/profile`."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

import orjson

from schemas.instants import Micros, iso_micros, iso_millis
from schemas.outlook import DossierAtRisk
from schemas.status import OpenDossiers, Outcomes, Zone

Bucket = Literal[
    "overdue_30d",  # for more than 30 x 24 h
    "overdue_7d",  # more than 7 days, at most 30
    "overdue_1d",
    "overdue",  # at most 1 day
    "due_1d",  # due within 1 day
    "due_7d",  # later than that, within 7 days
    "due_30d",
    "due_later",
    "paused",
    "no_due",
]
BUCKETS: tuple[Bucket, ...] = (
    "overdue_30d",
    "overdue_7d",
    "overdue_1d",
    "overdue",
    "due_1d",
    "due_7d",
    "due_30d",
    "due_later",
    "paused",
    "no_due",
)


class FigureAt(NamedTuple):
    """A point of the figure over time."""

    at: Micros
    numerator: int
    denominator: int


class Week(NamedTuple):
    """What ended in a local week, by the end's local date; each dossier once."""

    monday: date
    outcomes: Outcomes


class Breakdown(NamedTuple):
    """A part of those that ended in the window: by channel or by service level."""

    key: str | None  # None: none was stated
    resolved: int
    on_time: int  # with the early ones
    late: int
    share: float  # 0-1, of all that ended in the window


class ProcedureRow(NamedTuple):
    """A procedure: what ended in the window, and what is overdue at T."""

    key: str | None
    resolved: int
    on_time: int  # with the early ones
    late: int
    overdue: int


class UnitProfile(NamedTuple):
    """One unit at T, by a definition over a window, as known at K."""

    unit_id: str
    as_of: Micros
    known_at: Micros | None
    definition: str
    window: str
    numerator: int
    denominator: int
    zone: Zone
    outcomes: Outcomes  # of the window, in three parts
    open: OpenDossiers
    series: tuple[FigureAt, ...]  # oldest first, the last at T
    weeks: tuple[Week, ...]  # oldest first, the last is running
    backlog: tuple[tuple[Bucket, int], ...]  # all of `BUCKETS`: every open dossier once
    channels: tuple[Breakdown, ...]  # most resolved first
    service_levels: tuple[Breakdown, ...]
    procedures: tuple[ProcedureRow, ...]  # most late and overdue first
    at_risk: tuple[DossierAtRisk, ...]  # earliest due first, so overdue ones first
    at_risk_total: int

    def to_dict(self) -> dict[str, object]:
        """The JSON form. `known` is `now` without K, `then` with K = T, else the instant K."""
        return {
            "unit_id": self.unit_id,
            "as_of": iso_millis(self.as_of // 1_000),
            "known": self._known(),
            "definition": self.definition,
            "window": self.window,
            "figure": {"numerator": self.numerator, "denominator": self.denominator},
            "zone": self.zone,
            "outcomes": self.outcomes._asdict(),
            "open": self.open._asdict(),
            "series": [
                {**point._asdict(), "at": iso_millis(point.at // 1_000)} for point in self.series
            ],
            "weeks": [
                {"from": week.monday.isoformat(), **week.outcomes._asdict()} for week in self.weeks
            ],
            "backlog": [{"bucket": bucket, "dossiers": n} for bucket, n in self.backlog],
            "channels": [part._asdict() for part in self.channels],
            "service_levels": [part._asdict() for part in self.service_levels],
            "procedures": [row._asdict() for row in self.procedures],
            "at_risk": [
                {**dossier._asdict(), "due_at": iso_millis(dossier.due_at)}
                for dossier in self.at_risk
            ],
            "at_risk_total": self.at_risk_total,
        }

    def to_json(self) -> bytes:
        """`to_dict` as JSON."""
        return orjson.dumps(self.to_dict())

    def _known(self) -> str:
        if self.known_at is None:
            return "now"
        return "then" if self.known_at == self.as_of else iso_micros(self.known_at)
