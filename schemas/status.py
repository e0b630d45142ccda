"""A unit's latest figures and zone, as they stand in `unit-status` and at `/api/units`."""

from __future__ import annotations

from typing import Literal, NamedTuple

import orjson

from schemas.instants import Millis, iso_millis

Zone = Literal["green", "yellow", "red", "grey"]
ZONES: tuple[Zone, ...] = ("green", "yellow", "red", "grey")


class Figure(NamedTuple):
    """One percentage with what it is made of; never a ratio alone."""

    definition: str
    window: str
    numerator: int
    denominator: int

    @property
    def ratio(self) -> float | None:
        """Share 0-1; None where the denominator is 0."""
        return self.numerator / self.denominator if self.denominator else None


class Outcomes(NamedTuple):
    """Dossiers resolved in a window, in three parts, each dossier once."""

    early: int
    on_time: int
    late: int


class OpenDossiers(NamedTuple):
    """Open dossiers, each once, in the first of these states that fits."""

    overdue: int
    paused: int
    due_soon: int
    within: int
    no_due: int


class UnitStatus(NamedTuple):
    """What one judgement of a unit saw."""

    unit_id: str
    clock: Millis  # the partition's clock at the judgement
    partition: int
    offset: int  # the last record folded in the partition by then
    zone: Zone
    figures: tuple[Figure, ...]  # the first is the primary indicator, the others by definition
    resolved: tuple[tuple[str, Outcomes], ...]  # by window
    open: OpenDossiers
    incident: str | None  # the id of the open incident
    policy: str  # the hash of the policy it was judged by

    @property
    def as_of(self) -> Millis:
        """The instant T of the figures: 1 ms after the clock."""
        return self.clock + 1

    def to_dict(self) -> dict[str, object]:
        """The JSON form, as in `unit-status`."""
        return {
            "unit_id": self.unit_id,
            "clock": iso_millis(self.clock),
            "as_of": iso_millis(self.as_of),
            "partition": self.partition,
            "offset": self.offset,
            "zone": self.zone,
            "primary": {"definition": self.figures[0].definition, "window": self.figures[0].window},
            "figures": [
                {
                    "definition": f.definition,
                    "window": f.window,
                    "numerator": f.numerator,
                    "denominator": f.denominator,
                    "ratio": f.ratio,
                }
                for f in self.figures
            ],
            "resolved": {window: outcomes._asdict() for window, outcomes in self.resolved},
            "open": self.open._asdict(),
            "incident": self.incident,
            "policy": self.policy,
        }

    def to_json(self) -> bytes:
        """The value of a `unit-status` record."""
        return orjson.dumps(self.to_dict())
