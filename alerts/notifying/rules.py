"""The rules by which the notifier decides. Data, not code; set per province."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.instants import Millis
from schemas.notification import OccasionKind

_HOUR: Millis = 60 * 60 * 1000
_DAY: Millis = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class NotifyRules:
    """Who is told when; spans in milliseconds, times of day in minutes after local midnight."""

    quiet_hours: bool = True  # nothing is sent outside working time
    urgent: frozenset[OccasionKind] = frozenset()  # kinds that break the quiet hours
    group_wait: Millis = 0  # what comes within it travels in one message; 0: within one round
    rate_limit: int = 20  # messages a recipient an hour, digest and tests apart; 0: no limit
    flapping_openings: int = 3  # more openings of a unit within the period: flapping; 0: never
    flapping_period: Millis = _DAY
    escalate_after: Millis = 4 * _HOUR  # of working time without acknowledgement; 0: never
    reminders: bool = True  # each working day until acknowledged
    inhibit_children: bool = False  # an open incident of a unit mutes the units below it
    warn_again_after: int = 5  # working days after which a standing forecast is told again
    digest_minutes: int = 7 * 60 + 15  # the morning digest
    digest_latest: int = 12 * 60  # later it is not made up for
    stale_after: Millis = _DAY  # older than this before the wall clock is history: tells nobody
    keep_closed: Millis = 30 * _DAY  # a closed incident is remembered so long
    give_up_feed_after: int = (
        10  # working days after which a silent feed is not waited for; 0: never
    )
