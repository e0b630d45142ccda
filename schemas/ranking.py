"""The ranking of units: what the owner of each tells, and the places that follow from all.

`UnitStanding` is what one worker tells another of a unit; `RankedUnit` is a row of `/api/ranking`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.instants import Millis, iso_millis
from schemas.status import OpenDossiers, Outcomes, Zone


class Earlier(NamedTuple):
    """A unit's figure as of an earlier instant."""

    numerator: int
    denominator: int
    zone: Zone


class UnitStanding(NamedTuple):
    """A unit's figure at T, and as of the starts of its day, month and half-year."""

    unit_id: str
    zone: Zone
    numerator: int
    denominator: int
    outcomes: Outcomes  # of the window, in three parts
    open: OpenDossiers
    day: Earlier
    month: Earlier
    half: Earlier

    def to_dict(self) -> dict[str, object]:
        """The JSON form in which a worker tells another."""
        return {
            "unit_id": self.unit_id,
            "zone": self.zone,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "outcomes": list(self.outcomes),
            "open": list(self.open),
            "day": list(self.day),
            "month": list(self.month),
            "half": list(self.half),
        }


class EarlierPlace(NamedTuple):
    """A unit's figure and place as of an earlier instant."""

    numerator: int
    denominator: int
    zone: Zone
    place: int | None  # None: too few to judge


class RankedUnit(NamedTuple):
    """A unit with its place."""

    standing: UnitStanding
    place: int | None  # from 1; None: too few to judge
    tied: int  # how many units share the place; 1: alone; 0: there is no place
    day: EarlierPlace
    month: EarlierPlace
    half: EarlierPlace

    def to_dict(self, incident: str | None, stale_since: Millis | None) -> dict[str, object]:
        """A row of `/api/ranking`; the two arguments come from the boards, not from the counts."""
        unit = self.standing
        return {
            "unit_id": unit.unit_id,
            "zone": unit.zone,
            "numerator": unit.numerator,
            "denominator": unit.denominator,
            "place": self.place,
            "tied": self.tied,
            **unit.outcomes._asdict(),
            "open": unit.open._asdict(),
            "incident": incident,
            "stale_since": None if stale_since is None else iso_millis(stale_since),
            "previous": {
                "day": self.day._asdict(),
                "month": self.month._asdict(),
                "half": self.half._asdict(),
            },
        }


def read_standing(fields: Mapping[str, Any]) -> UnitStanding:
    """The standing that `to_dict` wrote and JSON brought back."""
    return UnitStanding(
        fields["unit_id"],
        fields["zone"],
        fields["numerator"],
        fields["denominator"],
        Outcomes(*fields["outcomes"]),
        OpenDossiers(*fields["open"]),
        Earlier(*fields["day"]),
        Earlier(*fields["month"]),
        Earlier(*fields["half"]),
    )
