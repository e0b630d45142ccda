"""When a feed is silent: by the gaps in working time that are usual for its unit. Pure.

A feed rests at night, on Sundays and at Tet without anything being wrong, so a gap is the working
time between one arrival and the next, and arrivals out of working hours have no gap among them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from indicators.calendar import WorkingCalendar
from schemas.instants import Millis, local_date, local_day, start_of_day

WORKING_DAYS: Final = 20  # looked back over
FACTOR: Final = 3
LEAST: Final[Millis] = 2 * 3_600_000  # of working time
UNKNOWN: Final = 4  # times the least, where the usual gap is not known
GIVEN_UP: Final = 10  # working days of silence after which a feed is not waited for

_MICROS = 1_000  # of a millisecond


def usual_gap(
    arrivals: Sequence[Millis], calendar: WorkingCalendar, until: Millis
) -> Millis | None:
    """The gap between a unit's arrivals that is usual, in milliseconds of working time.

    Of the arrivals since the beginning of the local day 20 working days before the last one, the
    longest of three: the 99th percentile of the gaps (nearest rank), the median of the longest gap
    of each day with an arrival, and the time looked back over divided by their number. At most a
    third of that time. `arrivals` may be in any order; those at `until` and later do not count.
    None without any.

    Twenty working days are four weeks: all weekdays alike, a month's end, and a change of habit is
    learnt within the month. The percentile, not the longest gap: one breakdown among hundreds of
    gaps must not hide the next one. The daily median, because of a feed that brings a day's file
    at once: hundreds of gaps of no length and one of a day, and that one is its habit; a breakdown
    is on fewer than half of the days. The mean, because few gaps say little: of a unit with 20
    arrivals in 20 days, or three that came together, the percentile can be any length, and from
    one arrival to the next such a unit would be silent, well, and silent again. The more arrives,
    the less the mean weighs, without a step: from a dozen a day on the least silence is longer.

    Looked back from the last arrival, not from `until`: while nothing arrives the answer stays as
    it is. So a silence that has begun ends by an arrival only, and not because old arrivals fall
    out of what is looked at. At most a third, because nothing is known of a feed from which nothing
    came for as long as is looked back over: it is silent, whatever was usual.
    """
    before = sorted(arrivals)
    before = before[: bisect_left(before, until)]
    if not before:
        return None
    last = before[-1]
    since = _beginning(calendar, last)
    lately = before[bisect_left(before, since) :]
    gaps = []
    longest: dict[int, Millis] = {}  # by the local day on which the gap ended
    for one, following in pairwise(lately):
        gap = calendar.working_time(one * _MICROS, following * _MICROS) // _MICROS
        gaps.append(gap)
        day = local_day(following * _MICROS, calendar.zone)
        longest[day] = max(gap, longest.get(day, 0))
    worked = calendar.working_time(since * _MICROS, last * _MICROS) // _MICROS
    usual = worked // len(lately)
    if gaps:
        usual = max(usual, _nearest_rank(gaps, 99), _nearest_rank(longest.values(), 50))
    return min(usual, worked // FACTOR)


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
    usual gap is seconds. The usual gap is not known of a feed that has been silent for months.
    """
    silence = calendar.working_time(last_arrival * _MICROS, now * _MICROS)
    return last_arrival if silence > _limit(usual, factor, least) * _MICROS else None


def is_given_up(
    last_arrival: Millis,
    usual: Millis | None,
    now: Millis,
    calendar: WorkingCalendar,
    working_days: int = GIVEN_UP,
) -> bool:
    """Whether a feed has been silent for so long that it is not waited for any more.

    That is when so many working days are over after the one on which it fell silent (0: never). A
    unit that has been dissolved, or goes by another id, sends nothing again: to tell of it for ever
    hides what is new. Ten working days are two weeks: longer than anybody who can mend a feed is
    away, and than the offices are closed at Tet.
    """
    if not working_days:
        return False
    limit = _limit(usual, FACTOR, LEAST)
    silent_from = calendar.add_working_time(last_arrival * _MICROS, limit * _MICROS)
    day = calendar.add_working_days(local_date(silent_from, calendar.zone), working_days)
    return now * _MICROS > calendar.end_of_work(day)


def _limit(usual: Millis | None, factor: int, least: Millis) -> Millis:
    """The longest silence, in working time, that is none."""
    return UNKNOWN * least if usual is None else max(least, factor * usual)


def _beginning(calendar: WorkingCalendar, last: Millis) -> Millis:
    """The midnight before the local day 20 working days before that of `last`."""
    day = local_date(last * _MICROS, calendar.zone)
    for _ in range(WORKING_DAYS):
        day = calendar.previous_working_day(day)
    return start_of_day(day, calendar.zone) // _MICROS


def _nearest_rank(values: Iterable[Millis], percent: int) -> Millis:
    """The smallest value that at least so many percent do not exceed."""
    ranked = sorted(values)
    return ranked[-(-len(ranked) * percent // 100) - 1]
