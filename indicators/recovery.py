"""After it happened: how a unit below green comes back, or when it can at the soonest. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from indicators.calendar import WorkingCalendar
from indicators.counts import Tally
from indicators.forecast import WORKING_DAYS, horizon
from indicators.policy import Policy
from indicators.standing import (
    OVERDUE,
    Standing,
    changes,
    is_below,
    losses,
    walk,
    zone_by,
)
from indicators.windows import Window
from schemas.instants import SECOND, Micros, Millis
from schemas.outlook import Recovery

_MS: Micros = SECOND // 1000


def recovery(standing: Standing, policy: Policy, calendar: WorkingCalendar, at: Micros) -> Recovery:
    """The way back to green for a unit below it at T = `at`, if nothing else happens.

    How many: the smallest k with which the figure at `at` is green. An on-time end adds one to
    numerator and denominator, so for green = p/q that is the smallest k with
    q(n + k) >= p(d + k): k = ceil((p * d - q * n) / (q - p)). It is searched by halving, through
    the definition itself: with each end the share grows, so "green with k" is once false, then
    true. Only open dossiers that can still end on time are counted on. A late end does not help:
    by `resolved@1` it lowers the figure, and by `strict@1` an overdue dossier closed late moves
    from overdue to late and changes neither numerator nor denominator.

    By when: as long as these k suffice. On-time ends that leave the window and dossiers that become
    overdue make more of them needed, so `by` is the last clock from which the unit is green for
    `recover_hold` - or, if it is not that long, the first. It is at most the end of work five
    working days on, the horizon of a forecast: the further away, the more that is not written down
    will have happened. If even a judgement at once would come too late for k, it is k + 1. Late
    ends leave the window as well, so later fewer may be needed: the outlook of that day says so.

    Which: those due first. By `strict@1` they would be overdue the soonest, and by every
    definition they are the ones that cannot wait. Each is to be closed by its due date and `by`.

    If the open dossiers do not suffice: `impossible_before` is the first clock at which the unit
    can be green, in the best case: all open dossiers closed on time, all overdue ones at once, and
    the late ends outside. `dossiers` are those needed for it. Without any such clock it is the
    first at which there are too few to judge. New dossiers can bring it forward.
    """
    closable = _Closable(standing, policy.window, at)
    until = horizon(calendar, at, WORKING_DAYS)
    last, clock = (until + 1) * _MS, at // _MS
    now = standing.tally(policy.window, at)
    # Dossiers that are not closed become overdue, so these are the changes for any number closed.
    found = changes(standing, policy.window, at, last, calendar.zone)
    found += losses(policy.window, closable.dues, last)

    def fails(number: int) -> Micros | None:
        return closable.first_not_green(policy, walk(now, found), number)

    def latest(failed: Micros | None) -> Millis:
        return until if failed is None else (failed - 1) // _MS - 1

    # What so many keep green, more keep green: searched by halving, like the number itself.
    numbers = range(closable.needed(policy, at, now), closable.most + 1)
    place = bisect_left(numbers, True, key=lambda number: latest(fails(number)) >= clock)
    if place == len(numbers):
        return _at_the_soonest(closable, policy, now, calendar.zone)
    number = numbers[place]
    failed = fails(number)
    by = latest(failed) if failed is None else max(clock, latest(failed) - policy.recover_hold)
    return Recovery(number, by, closable.names(number), None)


def _at_the_soonest(closable: _Closable, policy: Policy, now: Tally, zone: ZoneInfo) -> Recovery:
    """Recovery where the open dossiers do not suffice now."""
    at, window = closable.at, policy.window
    outside = _judged(window.leaves(at))  # by then even an overdue dossier closed at once is
    found = changes(closable.standing, window, at, outside, zone)
    judged = [(-(-instant // _MS) * _MS, column, by) for instant, column, by in found]
    grey = None
    for instant, tally in walk(now, [*judged, (outside, OVERDUE, -now.overdue)]):
        zone_then = zone_by(policy, closable.closed(instant, tally, closable.most))
        if zone_then == "green":
            needed = closable.needed(policy, instant, tally)
            return Recovery(None, None, closable.names(needed), instant // _MS - 1)
        if grey is None and not is_below(zone_then):
            grey = instant // _MS - 1
    return Recovery(None, None, (), grey)


class _Closable:
    """The open dossiers of a unit that can still end on time, and what closing them makes of it."""

    def __init__(self, standing: Standing, window: Window, at: Micros) -> None:
        self.standing = standing
        self.at = at
        self._window = window
        self._overdue = standing.overdue_at(at)  # for these it is too late
        self.dues = [due for due, _ in standing.open[self._overdue :]]

    @property
    def most(self) -> int:
        """How many there are."""
        return len(self.dues)

    def names(self, number: int) -> tuple[str, ...]:
        """Those due first."""
        chosen = self.standing.open[self._overdue : self._overdue + number]
        return tuple(dossier_id for _, dossier_id in chosen)

    def closed(self, instant: Micros, tally: Tally, number: int) -> Tally:
        """The counts at T, where nothing is closed, if the first ones were on time, before T.

        Those due before T would have become overdue; those due before the window of T begins are no
        longer in it.
        """
        counted = number - bisect_left(self.dues, self._window.start(instant), 0, number)
        saved = bisect_left(self.dues, instant, 0, number)
        return Tally(tally.early, tally.on_time + counted, tally.late, tally.overdue - saved)

    def needed(self, policy: Policy, instant: Micros, tally: Tally) -> int:
        """The fewest with which T is green; one more than there are if all are too few."""
        return bisect_left(
            range(self.most + 1),
            True,
            key=lambda number: zone_by(policy, self.closed(instant, tally, number)) == "green",
        )

    def first_not_green(
        self, policy: Policy, moments: Iterable[tuple[Micros, Tally]], number: int
    ) -> Micros | None:
        """The first T at which so many are too few."""
        for instant, tally in moments:
            if zone_by(policy, self.closed(instant, tally, number)) != "green":
                return instant
        return None


def _judged(instant: Micros) -> Micros:
    """The first T of a judgement that sees a change: clocks count whole milliseconds."""
    return -(-instant // _MS) * _MS
