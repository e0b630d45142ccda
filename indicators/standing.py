"""What is known of a unit at T, and how its counts move on from there. Pure.

Plans and projections suppose ends that are not yet so, and a ledger holds only what was told. A
standing is the part of a ledger that decides the primary figure from T on: few instants, cheap to
walk along.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.counts import Kind, Tally
from indicators.definitions import DEFINITIONS
from indicators.dossier import r4_due_of_open, r6_verdict
from indicators.ledger import UnitLedger
from indicators.policy import Policy
from indicators.tallies import before
from indicators.windows import Window
from indicators.zones import zone_of
from schemas.instants import DAY, Micros
from schemas.status import Zone

REACH: Micros = 60 * DAY  # ends so far back are known also where the window is shorter: for a pace
_COLUMNS: Mapping[Kind, int] = {"early": 0, "on_time": 1, "late": 2}  # of a Tally
OVERDUE = 3
NOTHING_CLOSED: Mapping[int, Micros] = MappingProxyType({})

_new = tuple.__new__  # of a NamedTuple without the call of its constructor

Change = tuple[Micros, int, int]  # from this T on a column of the Tally differs by so much


class Standing(NamedTuple):
    """What decides a unit's primary figure at T and after it, as far as it is written down.

    Not in it: events of the future, and paused dossiers, whose due dates move on as fast as T; but
    those that were overdue when their clock stood still, which stay so.
    """

    ends: tuple[Micros, ...]  # in order
    columns: bytes  # of the Tally: where each of the ends counts
    open: tuple[tuple[Micros, str], ...]  # (due, dossier) whose clock runs, the earliest due first

    def overdue_at(self, at: Micros) -> int:
        """How many of the open ones are overdue at T: they are the first ones."""
        return bisect_left(self.open, (at,))

    def between(self, start: Micros, stop: Micros) -> slice:
        """The places of the ends in [start, stop)."""
        return slice(bisect_left(self.ends, start), bisect_left(self.ends, stop))

    def tally(self, window: Window, at: Micros) -> Tally:
        """The counts at T."""
        count = self.columns[self.between(window.start(at), at)].count
        return Tally(count(0), count(1), count(2), self.overdue_at(at))


def standing_of(ledger: UnitLedger, policy: Policy, at: Micros) -> Standing:
    """What a ledger knows of its unit at T; it changes nothing.

    Raises ValueError if the ledger does not stand at T: settled later, or an event's time came
    since it was settled.
    """
    pending = ledger.next_pending()
    if ledger.settled_at > at or (pending is not None and pending <= at):
        raise ValueError(f"the ledger stands at {ledger.settled_at}, not at {at}: settle it first")
    since = min(policy.window.start(at), at - REACH)
    ends: list[tuple[Micros, int]] = []
    still_open: list[tuple[Micros, str]] = []
    for dossier_id, dossier in ledger.dossiers.items():
        kind, instant = dossier.share
        if kind == "open":
            due = r4_due_of_open(before(dossier.facts, at), instant, at, ledger.zone)
            still_open.append((due, dossier_id))
        elif instant >= since and (column := _COLUMNS.get(kind)) is not None:
            ends.append((instant, column))
    ends.sort()
    still_open.sort()
    instants, columns = zip(*ends, strict=True) if ends else ((), ())
    return Standing(instants, bytes(columns), tuple(still_open))


def zone_by(policy: Policy, tally: Tally) -> Zone:
    """The zone of these counts."""
    return zone_of(DEFINITIONS[policy.definition](tally), policy)


def is_below(zone: Zone) -> bool:
    """Whether a unit has left green; too few to judge is its own answer."""
    return zone in ("yellow", "red")


def changes(
    standing: Standing,
    window: Window,
    at: Micros,
    last: Micros,
    zone: ZoneInfo,
    *,
    closed: Mapping[int, Micros] = NOTHING_CLOSED,
) -> list[Change]:
    """All that changes the counts at a T in (at, last], in no order.

    `closed` supposes ends: place in `standing.open` -> instant, not before `at`. One after its due
    is late: overdue from its due on, and moved from overdue to late by its end.
    """
    beyond = window.start(last)
    leaving = standing.between(window.start(at), min(beyond, at))
    each = zip(standing.ends[leaving], standing.columns[leaving], strict=True)
    leaves_at = window.leaves
    found = [(leaves_at(end), column, -1) for end, column in each]
    for place, (due, _) in enumerate(standing.open):
        end = closed.get(place, last)
        if at <= due < min(end, last):
            found.append((due + 1, OVERDUE, 1))
        if end >= last:
            continue
        column = _COLUMNS[r6_verdict(end, due, zone)]
        found.append((end + 1, column, 1))
        if due < end:
            found.append((end + 1, OVERDUE, -1))
        if end < beyond:
            found.append((leaves_at(end), column, -1))
    return found


def losses(window: Window, ends: Iterable[Micros], last: Micros) -> list[Change]:
    """The T up to `last` at which ends would leave the window again: nothing differs, but look.

    Also when those would leave that are put just before such a T in place of what it loses.
    """
    beyond = window.start(last)
    found: set[Micros] = set()
    waiting = set(ends)
    while waiting:
        lost = {window.leaves(end) for end in waiting if end < beyond} - found
        found |= lost
        waiting = {instant - 1 for instant in lost}
    return [(instant, 0, 0) for instant in found]


def walk(tally: Tally, found: Iterable[Change]) -> Iterator[tuple[Micros, Tally]]:
    """Every T at which something changes, in order, with the counts from then on."""
    counts = list(tally)
    for instant, together in groupby(sorted(found), key=itemgetter(0)):
        for _, column, by in together:
            counts[column] += by
        yield instant, _new(Tally, counts)
