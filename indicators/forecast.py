"""Before it happens: whether a green unit is on course to leave green, and what keeps it. Pure.

Nothing is guessed: due dates and ends are written down, and the pace is that of days gone by.
Dossiers still to be received, pauses still to come and events dated in the future are in no answer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.calendar import WorkingCalendar
from indicators.counts import Tally
from indicators.definitions import DEFINITIONS
from indicators.policy import Policy
from indicators.standing import (
    Change,
    Standing,
    changes,
    is_below,
    losses,
    walk,
    zone_by,
)
from schemas.instants import MINUTE, SECOND, Micros, Millis, local_date, start_of_day
from schemas.outlook import Forecast, Projection

WORKING_DAYS = 5  # looked ahead over
PACE_DAYS = 10  # working days whose pace is supposed to hold
_MS: Micros = SECOND // 1000
_DAY = timedelta(days=1)


class Closing(NamedTuple):
    """A dossier to be closed, with the last instant at which that is soon enough."""

    dossier_id: str
    by: Micros  # not after its due date, nor after the need for it


def forecast(
    standing: Standing,
    policy: Policy,
    calendar: WorkingCalendar,
    at: Micros,
    working_days: int = WORKING_DAYS,
) -> Forecast:
    """The three answers for a green unit at T = `at`.

    Projections tell what would be judged: whole minutes at which a count has changed, named by
    their clock, whose figure is that of T = clock + 1 ms. A record may have the unit judged at any
    instant between them, so the plan has to hold at every T; it is empty where the first projection
    stays green.

    The pace is that of the ten working days before the local day of `at`: with n counted ends in
    them and s of working time, the j-th of the open dossiers in order of due ends when j * s / n of
    working time has passed since `at`, rounded up to a microsecond. Overdue ones come first.
    """
    until = horizon(calendar, at, working_days)
    last, window, zone = (until + 1) * _MS, policy.window, calendar.zone
    nothing = _projection(standing, policy, at, last, changes(standing, window, at, last, zone))
    pace = ends_at_the_pace(standing, calendar, at, last)
    keep: tuple[Closing, ...] | None = ()
    if nothing.leaves_green_at is not None:
        keep = closings_to_keep_green(standing, policy, zone, at, last)
    return Forecast(
        until,
        nothing,
        None
        if pace is None
        else _projection(
            standing, policy, at, last, changes(standing, window, at, last, zone, closed=pace)
        ),
        None if keep is None else tuple(closing.dossier_id for closing in keep),
    )


def horizon(calendar: WorkingCalendar, at: Micros, working_days: int) -> Millis:
    """The end of work, `working_days` working days after the local day of `at`."""
    day = calendar.add_working_days(local_date(at, calendar.zone), working_days)
    return calendar.end_of_work(day) // _MS


def ends_at_the_pace(
    standing: Standing, calendar: WorkingCalendar, at: Micros, last: Micros
) -> Mapping[int, Micros] | None:
    """When which of the open dossiers end if the pace holds: place in `standing.open` -> instant.

    Only ends before `last`. None if nothing ended in the ten working days.
    """
    today = first = local_date(at, calendar.zone)
    for _ in range(PACE_DAYS):
        first = calendar.previous_working_day(first)
    start, stop = (start_of_day(day, calendar.zone) for day in (first, today))
    ended = len(standing.columns[standing.between(start, stop)])
    if not ended:
        return None
    worked = calendar.working_time(start, stop)
    found: dict[int, Micros] = {}
    for place in range(len(standing.open)):
        end = calendar.add_working_time(at, -(-(place + 1) * worked // ended))
        if end >= last:
            break
        found[place] = end
    return found


def closings_to_keep_green(
    standing: Standing, policy: Policy, zone: ZoneInfo, at: Micros, last: Micros
) -> tuple[Closing, ...] | None:
    """The fewest on-time closings that keep a unit from being below green at every T to `last`.

    Walked along in time: wherever the figure would fall below, the open dossier that is due next is
    closed, as late as that helps: at its due date, or just before that T if that is sooner.

    That is the smallest number, if the window keeps what it gets: let k dossiers be chosen when T
    is found below, and take any other k. Each adds at most one to the on-time ends at T, as each
    chosen one does. Each saves T an overdue dossier if it is due before T, and the k that are due
    first have the most of those. So the others leave no better a figure, and no smaller a sample:
    k do not suffice, whichever they are and whenever they are closed. Used of the definition: an
    on-time end never lowers a figure, an overdue dossier never raises it.
    As late as possible is the hardest case of such a window: closed sooner, a dossier counts at all
    those T and at more. (Where there are too few to judge on the way that is not so: an end may be
    the one that makes enough of them. The plan then holds for its own instants.)

    A window that is shorter than the horizon, or turns within it, loses closings again. Late
    closings are right there too, since they stay longest, but the number may not be the smallest.

    The plan is walked through once more, whole, before it is told. None: all the open dossiers do
    not suffice - or, only with too few to judge on the way or with such a window, no plan of this
    kind does.
    """
    window = policy.window
    first = standing.overdue_at(at)
    dues = [due for due, _ in standing.open[first:]]
    found = changes(standing, window, at, last, zone)
    found += losses(window, [*dues, *(instant - 1 for instant, _, _ in found)], last)
    chosen: list[Micros] = []  # the instants of the closings, rising
    for instant, tally in walk(standing.tally(window, at), found):
        start = window.start(instant)
        while is_below(zone_by(policy, _after(tally, chosen, start, first))):
            if len(chosen) == len(dues):
                return None
            chosen.append(min(dues[len(chosen)], instant - 1))
    closed = {first + number: end for number, end in enumerate(chosen)}
    for _, tally in walk(
        standing.tally(window, at), changes(standing, window, at, last, zone, closed=closed)
    ):
        if is_below(zone_by(policy, tally)):
            return None
    return tuple(Closing(standing.open[place][1], end) for place, end in closed.items())


def _after(tally: Tally, chosen: list[Micros], start: Micros, overdue: int) -> Tally:
    """The counts if the dossiers that are due next had been closed on time, at these instants.

    Those that became overdue since (`overdue` had been so at the beginning) are the first of them.
    """
    if not chosen:
        return tally
    saved = min(len(chosen), tally.overdue - overdue)
    counted = len(chosen) - bisect_left(chosen, start)
    return Tally(tally.early, tally.on_time + counted, tally.late, tally.overdue - saved)


def _projection(
    standing: Standing, policy: Policy, at: Micros, last: Micros, found: list[Change]
) -> Projection:
    """The first judgement below green, or the last up to `last`."""
    count = DEFINITIONS[policy.definition]
    tally = standing.tally(policy.window, at)
    # A change is seen by the first T, not before it, of a whole minute: that of minute + 1 ms.
    judged = [
        (seen, column, by)
        for instant, column, by in found
        if (seen := (instant - _MS + MINUTE - 1) // MINUTE * MINUTE + _MS) <= last
    ]
    for instant, counted in walk(tally, judged):
        if is_below(zone_by(policy, counted)):
            return Projection(instant // _MS - 1, *count(counted))
        tally = counted
    return Projection(None, *count(tally))
