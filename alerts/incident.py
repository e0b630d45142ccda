"""The incident machine of a unit: when it has left the green zone, and when it is back. Pure.

An incident opens when a unit with enough dossiers has been below green for `hold`, and closes when
it has been green again, with the recovery margin, for `recover_hold`. Too few to judge interrupts
both without closing. While it is open, yellow after red and red after yellow are told at once.
Spans are measured between judgements on the partition's clock.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from alerts.correction import Opening
from indicators.definitions import Count
from indicators.policy import Policy
from indicators.zones import zone_of
from schemas.instants import Millis
from schemas.status import Zone
from schemas.step import StepKind

# "nearly": green, but not by the margin that an open incident asks for.
Side = Literal["green", "nearly", "below", "unknown"]


class Seen(NamedTuple):
    """What a judgement sees of the figure."""

    zone: Zone
    recovered: bool  # green, by the margin too


class IncidentState(NamedTuple):
    """Where a unit stands; the state to keep between judgements."""

    number: int = 0  # incidents opened so far
    is_open: bool = False
    side: Side = "unknown"  # of the last judgement
    since: Millis = 0  # the clock of the first judgement of the unbroken run on that side
    stated: Zone | None = None  # of an open incident: yellow or red, whichever was stated last
    definition: str = ""  # by which the latest incident opened; its id has it to the end
    opening: Opening | None = None  # of the latest incident; None: it is not watched (any more)

    def latest_id(self, unit_id: str) -> str:
        """The id of the latest incident, open or since closed."""
        return incident_id(unit_id, self.definition, self.number)

    def incident_id(self, unit_id: str) -> str | None:
        """The id of the open incident; None while none is open."""
        return self.latest_id(unit_id) if self.is_open else None

    def carried_on(self, definition: str, basis: str) -> IncidentState:
        """As it was kept, perhaps by an older release, to go on by this definition and basis.

        An opening's figure cannot be moved by another basis than it was made by: it is watched no
        more.
        """
        kept = self
        if self.opening is not None and self.opening.basis != basis:
            kept = kept._replace(opening=None)
        if self.is_open and not self.definition:
            kept = kept._replace(definition=definition)
        return kept


START = IncidentState()


def incident_id(unit_id: str, definition: str, number: int) -> str:
    """Unit, definition and number of the incident: the same however often it is derived."""
    return f"{unit_id}/{definition}/{number}"


def see(count: Count, policy: Policy) -> Seen:
    """A figure by a policy; compared as whole numbers."""
    zone = zone_of(count, policy)
    if zone != "green" or not policy.recover_margin:
        return Seen(zone, zone == "green")
    enough, of = policy.recover_parts
    return Seen(zone, of * count.numerator >= enough * count.denominator)


def side_of(seen: Seen, *, is_open: bool) -> Side:
    """Green, below green, or too few to judge; the margin is asked for of an open incident only."""
    if seen.zone == "grey":
        return "unknown"
    if seen.zone != "green":
        return "below"
    return "green" if seen.recovered or not is_open else "nearly"


def judge(
    state: IncidentState, seen: Seen, clock: Millis, policy: Policy
) -> tuple[IncidentState, StepKind | None]:
    """The state after a judgement, and the step that it made, if any.

    The opening is left for the caller to note.
    """
    side = side_of(seen, is_open=state.is_open)
    since = state.since if side == state.side else clock
    held = clock - since
    if not state.is_open:
        if side == "below" and held >= policy.hold:
            opened = IncidentState(
                state.number + 1, True, side, since, seen.zone, policy.definition
            )
            return opened, "opened"
    elif side == "green" and held >= policy.recover_hold:
        return state._replace(is_open=False, side=side, since=since, stated=None), "closed"
    elif side == "below" and seen.zone != state.stated:
        restated = state._replace(side=side, since=since, stated=seen.zone)
        if state.stated is None:  # kept by a release that stated no zone
            return restated, None
        return restated, "worsened" if seen.zone == "red" else "improved"
    return (state if side == state.side else state._replace(side=side, since=since)), None


def deadline(state: IncidentState, policy: Policy) -> Millis | None:
    """The clock at which a hold ends if nothing changes; None while none is running."""
    if not state.is_open and state.side == "below":
        return state.since + policy.hold
    if state.is_open and state.side == "green":
        return state.since + policy.recover_hold
    return None
