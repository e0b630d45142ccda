"""A unit's outlook: what will become of its figure, and which dossiers decide it.

A record of `unit-outlook` (compacted, key: the unit). Ids of dossiers, no personal data.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import orjson

from schemas.instants import Millis, iso_millis, read_instant
from schemas.status import Zone

RiskState = Literal["overdue", "due_soon", "within"]
PLAN_MOST: Final = 200  # dossiers of a plan that an outlook names: nobody acts on more at once


class DossierAtRisk(NamedTuple):
    """An open dossier whose clock runs."""

    dossier_id: str
    due_at: Millis
    state: RiskState


class Projection(NamedTuple):
    """Where a supposition leads within the horizon."""

    leaves_green_at: Millis | None  # the first judgement below green; None: it stays green
    numerator: int  # at that instant, or at the end of the horizon
    denominator: int


class Forecast(NamedTuple):
    """Before it happens: of a unit that is green."""

    until: Millis  # the end of the horizon: so many working days from `as_of`
    if_nothing_is_closed: Projection
    at_the_pace: Projection | None  # of the last ten working days; None: nothing ended in them
    keep_green: tuple[str, ...] | None  # dossiers which, closed on time, keep it green until then,
    # by due date; empty: none is needed; None: no closing on time can
    keep_green_more: int = 0  # so many more belong to them, and are not named


class Recovery(NamedTuple):
    """After it happened: of a unit below green."""

    on_time_ends: int | None  # so many, all on time and by `by`, bring it back; None: see next
    by: Millis | None
    dossiers: tuple[str, ...]  # open ones that can still end on time, most urgent first
    impossible_before: Millis | None  # the window makes it impossible before; None: possible
    dossiers_more: int = 0  # so many more belong to `dossiers`, and are not named


class _Fields(NamedTuple):
    unit_id: str
    as_of: Millis  # T of everything here
    partition: int
    offset: int  # the last record folded
    zone: Zone
    definition: str
    window: str
    numerator: int
    denominator: int
    policy: str
    calendar: str  # the version of the working calendar
    at_risk: tuple[DossierAtRisk, ...]  # most urgent first, at most 50
    at_risk_total: int
    forecast: Forecast | None = None  # of a green unit
    recovery: Recovery | None = None  # of a unit below green
    last_arrival: Millis | None = None  # of its feed
    usual_gap: Millis | None = None  # working time between arrivals that is usual; None: unknown


class UnitOutlook(_Fields):
    """One record of `unit-outlook`."""

    def bounded(self) -> UnitOutlook:
        """The same, of each plan no more than the 200 most urgent dossiers by name.

        Thousands of ids would not fit into a record, nor into anybody's day.
        """
        forecast, recovery = self.forecast, self.recovery
        if forecast is not None and (more := len(forecast.keep_green or ()) - PLAN_MOST) > 0:
            named = (forecast.keep_green or ())[:PLAN_MOST]
            forecast = forecast._replace(
                keep_green=named, keep_green_more=forecast.keep_green_more + more
            )
        if recovery is not None and (more := len(recovery.dossiers) - PLAN_MOST) > 0:
            recovery = recovery._replace(
                dossiers=recovery.dossiers[:PLAN_MOST],
                dossiers_more=recovery.dossiers_more + more,
            )
        if forecast is self.forecast and recovery is self.recovery:
            return self
        return self._replace(forecast=forecast, recovery=recovery)

    def to_dict(self) -> dict[str, object]:
        """The JSON form, as in `unit-outlook`; instants in ISO 8601."""
        fields: dict[str, object] = self._asdict()
        fields["at_risk"] = [
            {**dossier._asdict(), "due_at": iso_millis(dossier.due_at)} for dossier in self.at_risk
        ]
        if self.forecast is not None:
            pace = self.forecast.at_the_pace
            fields["forecast"] = {
                **self.forecast._asdict(),
                "until": iso_millis(self.forecast.until),
                "if_nothing_is_closed": _projection(self.forecast.if_nothing_is_closed),
                "at_the_pace": None if pace is None else _projection(pace),
            }
        if self.recovery is not None:
            fields["recovery"] = {
                **self.recovery._asdict(),
                "by": _text(self.recovery.by),
                "impossible_before": _text(self.recovery.impossible_before),
            }
        fields["as_of"] = iso_millis(self.as_of)
        fields["last_arrival"] = _text(self.last_arrival)
        return fields

    def to_json(self) -> bytes:
        """The value of a `unit-outlook` record; made once, to be measured and to be written."""
        return self._json

    @cached_property
    def _json(self) -> bytes:
        return orjson.dumps(self.to_dict())


def read_outlook(value: bytes) -> UnitOutlook:
    """The outlook that `to_json` wrote."""
    fields: dict[str, Any] = orjson.loads(value)
    fields["at_risk"] = tuple(
        DossierAtRisk(one["dossier_id"], _instant(one["due_at"]), one["state"])
        for one in fields["at_risk"]
    )
    if (forecast := fields["forecast"]) is not None:
        pace, keep = forecast["at_the_pace"], forecast["keep_green"]
        fields["forecast"] = Forecast(
            _instant(forecast["until"]),
            _read_projection(forecast["if_nothing_is_closed"]),
            None if pace is None else _read_projection(pace),
            None if keep is None else tuple(keep),
            forecast.get("keep_green_more", 0),
        )
    if (recovery := fields["recovery"]) is not None:
        fields["recovery"] = Recovery(
            recovery["on_time_ends"],
            _optional(recovery["by"]),
            tuple(recovery["dossiers"]),
            _optional(recovery["impossible_before"]),
            recovery.get("dossiers_more", 0),
        )
    fields["as_of"] = _instant(fields["as_of"])
    fields["last_arrival"] = _optional(fields["last_arrival"])
    return UnitOutlook(**{name: fields[name] for name in _Fields._fields if name in fields})


def _projection(projection: Projection) -> dict[str, object]:
    return {**projection._asdict(), "leaves_green_at": _text(projection.leaves_green_at)}


def _read_projection(fields: dict[str, Any]) -> Projection:
    leaves = _optional(fields["leaves_green_at"])
    return Projection(leaves, fields["numerator"], fields["denominator"])


def _text(instant: Millis | None) -> str | None:
    return None if instant is None else iso_millis(instant)


def _instant(text: str) -> Millis:
    return read_instant(text) // 1_000


def _optional(text: str | None) -> Millis | None:
    return None if text is None else _instant(text)
