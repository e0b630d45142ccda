"""The incident machine of a unit: when it has left the green zone, and when it is back. Pure.

An incident opens when a unit with enough dossiers has been below green for `hold`, and closes when
it has been green again for `recover_hold`. Too few to judge interrupts both without closing.
Spans are measured between judgements on the partition's clock.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from indicators.policy import Policy
from schemas.instants import Millis
from schemas.status import Zone
from schemas.step import StepKind

Side = Literal["green", "below", "unknown"]


class IncidentState(NamedTuple):
    """Where a unit stands; the state to keep between judgements."""

    number: int = 0  # incidents opened so far
    is_open: bool = False
    side: Side = "unknown"  # of the last judgement
    since: Millis = 0  # the clock of the first judgement of the unbroken run on that side

    def incident_id(self, unit_id: str, definition: str) -> str | None:
        """The id of the open incident; None while none is open."""
        return incident_id(unit_id, definition, self.number) if self.is_open else None


START = IncidentState()


def incident_id(unit_id: str, definition: str, number: int) -> str:
    """Unit, definition and number of the incident: the same however often it is derived."""
    return f"{unit_id}/{definition}/{number}"


def side_of(zone: Zone) -> Side:
    """Green, below green, or too few to judge."""
    if zone == "grey":
        return "unknown"
    return "green" if zone == "green" else "below"


def judge(
    state: IncidentState, zone: Zone, clock: Millis, policy: Policy
) -> tuple[IncidentState, StepKind | None]:
    """The state after a judgement, and the step that it made, if any."""
    side = side_of(zone)
    since = state.since if side == state.side else clock
    number, is_open, held = state.number, state.is_open, clock - since
    step: StepKind | None = None
    if not is_open and side == "below" and held >= policy.hold:
        number, is_open, step = number + 1, True, "opened"
    elif is_open and side == "green" and held >= policy.recover_hold:
        is_open, step = False, "closed"
    if step is None and side == state.side:
        return state, None
    return IncidentState(number, is_open, side, since), step


def deadline(state: IncidentState, policy: Policy) -> Millis | None:
    """The clock at which a hold ends if nothing changes; None while none is running."""
    if not state.is_open and state.side == "below":
        return state.since + policy.hold
    if state.is_open and state.side == "green":
        return state.since + policy.recover_hold
    return None
