"""When a feed is silent: by the gaps in working time that are usual for its unit. Pure.

A feed rests at night, on Sundays and at Tet without anything being wrong, so a gap is the working
time between one arrival and the next, and arrivals out of working hours have no gap among them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from indicators.calendar import WorkingCalendar
from schemas.instants import Millis, end_of_day, local_date, local_day

WORKING_DAYS: Final = 20  # looked back over
LEAST_ARRIVALS: Final = 20  # among them
FACTOR: Final = 3
LEAST: Final[Millis] = 2 * 3_600_000  # of working time
UNKNOWN: Final = 4  # times the least, where the usual gap is not known

_MICROS = 1_000  # of a millisecond


def usual_gap(
    arrivals: Sequence[Millis], calendar: WorkingCalendar, until: Millis
) -> Millis | None:
    """The gap between a unit's arrivals that is usual, in milliseconds of working time.

    It is the 99th percentile (nearest rank) of the gaps since the beginning of the local day 20
    working days before `until`, or the median of the longest gap of each day with an arrival,
    whichever is longer. `arrivals` may be in any order; those at `until` and later do not count.
    None with fewer than 20 arrivals.

    Twenty working days are four weeks: all weekdays alike, a month's end, and a change of habit is
    learnt within the month. The percentile, not the longest gap: one breakdown among hundreds of
    gaps must not hide the next one. The daily median, because of a feed that brings a day's file
    at once: hundreds of gaps of no length and one of a day, and that one is its habit; a breakdown
    is on fewer than half of the days. Fewer than 20 arrivals have no percentile worth the name.
    """
    lately = sorted(arrivals)
    lately = lately[: bisect_left(lately, until)]
    since = _beginning(calendar, until)
    lately = lately[bisect_left(lately, since) :]
    if len(lately) < LEAST_ARRIVALS:
        return None
    gaps = []
    longest: dict[int, Millis] = {}  # by the local day on which the gap ended
    for before, after in pairwise(lately):
        gap = calendar.working_time(before * _MICROS, after * _MICROS) // _MICROS
        gaps.append(gap)
        day = local_day(after * _MICROS, calendar.zone)
        longest[day] = max(gap, longest.get(day, 0))
    return max(_nearest_rank(gaps, 99), _nearest_rank(longest.values(), 50))


def silent_since(
    last_arrival: Millis,
    usual: Millis | None,
    now: Millis,
    calendar: WorkingCalendar,
    *,
    factor: int = FACTOR,
    least: Millis = LEAST,
) -> Millis | None:
    """The last arrival, if the feed has been silent since for too long; None: it has not.

    Too long is more working time than `factor` times the usual gap, and than `least`; where the
    usual gap is not known, more than 4 times `least`. Exactly as much is not yet too long.

    Three times what one gap in a hundred exceeds is not chance: were the gaps of a Poisson feed,
    once in a million. Two working hours at least, because nobody acts on less and a busy feed's
    usual gap is seconds. Four times that is a working day: what a unit of few dossiers may well
    be without.
    """
    limit = UNKNOWN * least if usual is None else max(least, factor * usual)
    silence = calendar.working_time(last_arrival * _MICROS, now * _MICROS)
    return last_arrival if silence > limit * _MICROS else None


def _beginning(calendar: WorkingCalendar, until: Millis) -> Millis:
    """The midnight before the local day 20 working days before that of `until`."""
    day = local_date(until * _MICROS, calendar.zone)
    for _ in range(WORKING_DAYS):
        day = calendar.previous_working_day(day)
    return (end_of_day(day - timedelta(days=1), calendar.zone) + 1) // _MICROS


def _nearest_rank(values: Iterable[Millis], percent: int) -> Millis:
    """The smallest value that at least so many percent do not exceed."""
    ranked = sorted(values)
    return ranked[-(-len(ranked) * percent // 100) - 1]
