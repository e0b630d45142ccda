"""Incidents as spells of time, and what became of them under another policy. Pure.

How the incidents of two policies are matched, unit by unit:
- One that both open at the same clock is `kept`, whenever each closes it.
- Of the rest, in the order of time, two that are open at the same moment are one spell that was
  opened earlier or later: `moved`. An incident is matched with one other at most.
- What is left is `lost` where only the policy in force opens it, `gained` where only the other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.instants import DAY, Micros, Millis
from schemas.status import Zone
from schemas.step import IncidentStep
from streams.unit_monitor import instant_of

A_DAY: Millis = DAY // 1_000


class Incident(NamedTuple):
    """An incident from its opening to its closing."""

    incident_id: str
    unit_id: str
    opened: Millis  # the partition's clock
    closed: Millis | None  # None: still open where looking ends
    zone: Zone  # at the opening
    numerator: int
    denominator: int
    false_alarm: bool = False  # closed within 24 h, and no dossier ended late from then to then
    warning: Millis | None = None  # from the opening to the first late end while it was open

    def is_open_with(self, other: Incident) -> bool:
        """Whether the two are open at the same moment."""
        if self.opened > other.opened:
            return other.is_open_with(self)
        return self.closed is None or other.opened < self.closed or self.opened == other.opened


class Pair(NamedTuple):
    """One spell as the policy in force tells it, and as the other does."""

    in_force: Incident
    other: Incident

    @property
    def lead(self) -> Millis:
        """By how much the other policy opens it earlier; negative: later."""
        return self.in_force.opened - self.other.opened


class Differences(NamedTuple):
    """What another policy makes of the incidents of a unit, or of all."""

    kept: tuple[Pair, ...] = ()
    moved: tuple[Pair, ...] = ()
    gained: tuple[Incident, ...] = ()
    lost: tuple[Incident, ...] = ()


def incidents_of(steps: Iterable[IncidentStep]) -> dict[str, list[Incident]]:
    """The incidents by unit, in the order of their openings, from steps in order."""
    found: dict[str, list[Incident]] = {}
    for step in steps:
        of_unit = found.setdefault(step.unit_id, [])
        if step.kind == "opened":
            figure = step.evidence
            of_unit.append(
                Incident(
                    step.incident_id,
                    step.unit_id,
                    step.at,
                    None,
                    step.zone,
                    figure.numerator,
                    figure.denominator,
                )
            )
        elif step.kind == "closed":
            of_unit[-1] = of_unit[-1]._replace(closed=step.at)
    return {unit_id: incidents for unit_id, incidents in found.items() if incidents}


def weighed(incident: Incident, late_ends: Sequence[Micros]) -> Incident:
    """An incident with what came of it, by the unit's late ends in order.

    All that were known where looking ends: also those that became known after the closing.
    """
    since = instant_of(incident.opened)
    place = bisect_left(late_ends, since)
    first = late_ends[place] if place < len(late_ends) else None
    closed = incident.closed
    if first is not None and closed is not None and first >= instant_of(closed):
        first = None
    soon = closed is not None and closed - incident.opened <= A_DAY
    return incident._replace(
        false_alarm=soon and first is None,
        warning=None if first is None else (first - since) // 1_000,
    )


def differences(in_force: Sequence[Incident], other: Sequence[Incident]) -> Differences:
    """The incidents of one unit by two policies, each in order, matched as said above."""
    openings: dict[Millis, list[Incident]] = {}
    for incident in other:
        openings.setdefault(incident.opened, []).append(incident)
    kept: list[Pair] = []
    for mine in in_force:
        if same := openings.get(mine.opened):
            kept.append(Pair(mine, same.pop(0)))
    mine_kept, their_kept = {pair.in_force for pair in kept}, {pair.other for pair in kept}
    left = [incident for incident in in_force if incident not in mine_kept]
    right = [incident for incident in other if incident not in their_kept]
    moved: list[Pair] = []
    gained: list[Incident] = []
    lost: list[Incident] = []
    while left and right:
        if left[0].is_open_with(right[0]):
            moved.append(Pair(left.pop(0), right.pop(0)))
        elif left[0].opened < right[0].opened:
            lost.append(left.pop(0))
        else:
            gained.append(right.pop(0))
    return Differences(tuple(kept), tuple(moved), (*gained, *right), (*lost, *left))


def together(parts: Iterable[Differences]) -> Differences:
    """The differences of several units as one."""
    each = list(parts)
    return Differences(
        tuple(pair for part in each for pair in part.kept),
        tuple(pair for part in each for pair in part.moved),
        tuple(one for part in each for one in part.gained),
        tuple(one for part in each for one in part.lost),
    )
