"""The zones of a unit over time, exactly as its monitor judges them, by several policies at once.

A zone can change at the unit's own records and at whole minutes of the clock; between two
judgements it stands as it was judged. One ledger serves all policies: they differ in what they
read from the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.facts import Fact
from indicators.ledger import NEVER, Admission, Horizon, UnitLedger
from indicators.policy import Policy
from indicators.standing import zone_by
from schemas.instants import Micros, Millis
from schemas.status import ZONES, Zone
from streams.unit_monitor import instant_of, minute_from

ZoneTimes = Mapping[Zone, Millis]


class Turn(NamedTuple):
    """The zone that a unit is in from a clock on."""

    clock: Millis
    zone: Zone


class ZoneCourse:
    """Folds a unit's events and notes each change of its zone, policy by policy.

    What it is given has to be what the unit's monitor folds, at the same clocks.
    """

    def __init__(self, policies: Sequence[Policy], zone: ZoneInfo) -> None:
        self.policies = tuple(policies)
        self.turns: tuple[list[Turn], ...] = tuple([] for _ in policies)  # as the policies
        self._ledger = UnitLedger(zone)
        self._horizon = Horizon.of((policy.window for policy in policies), None)

    def take(self, dossier_id: str, fact: Fact, clock: Millis) -> bool:
        """Fold an event that arrived, and judge at the clock; False: it had come before (R1).

        Clocks do not go back.
        """
        if not self.is_new(dossier_id, fact):
            return False
        self.pass_minutes(clock)
        self._ledger.add(dossier_id, fact)
        self._judge(clock)
        return True

    def is_new(self, dossier_id: str, fact: Fact) -> bool:
        """Whether an event would be folded: it had not come before (R1)."""
        return self._ledger.examine(dossier_id, fact) is Admission.NEW

    def pass_minutes(self, clock: Millis) -> None:
        """Judge the whole minutes before a clock at which a count differs."""
        ledger = self._ledger
        while ledger.dossiers:
            change = ledger.next_change(self._horizon, ledger.settled_at)
            pending = ledger.next_pending()
            change = change if pending is None else min(change, pending)
            if change == NEVER or (minute := minute_from(change)) >= clock:
                return
            self._judge(minute)

    def late_ends(self) -> list[Micros]:
        """When its dossiers ended late, in order, by all that has been folded."""
        shares = (dossier.share for dossier in self._ledger.dossiers.values())
        return sorted(share.instant for share in shares if share.kind == "late")

    def _judge(self, clock: Millis) -> None:
        at = instant_of(clock)
        self._ledger.settle(at)
        for policy, turns in zip(self.policies, self.turns, strict=True):
            tally = self._ledger.counts.tally(policy.window.start(at), at)
            zone = zone_by(policy, tally)
            if turns and turns[-1].clock == clock:  # of one clock the last judgement stands
                turns.pop()
            if not turns or turns[-1].zone != zone:
                turns.append(Turn(clock, zone))


def clipped(turns: Sequence[Turn], start: Millis, stop: Millis) -> list[tuple[Turn, Millis]]:
    """The turns that hold somewhere in [start, stop), cut to it, each with where it ends."""
    ends = [turn.clock for turn in turns[1:]] + [stop]
    cut = (
        (Turn(max(turn.clock, start), turn.zone), min(end, stop))
        for turn, end in zip(turns, ends, strict=False)
    )
    return [(turn, end) for turn, end in cut if turn.clock < end]


def zone_times(turns: Sequence[Turn], start: Millis, stop: Millis) -> ZoneTimes:
    """How long each zone held in [start, stop): from the unit's first judgement at the earliest."""
    times: dict[Zone, Millis] = dict.fromkeys(ZONES, 0)
    for turn, end in clipped(turns, start, stop):
        times[turn.zone] += end - turn.clock
    return times
