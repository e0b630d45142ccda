"""What a dossier's events amount to: the rules R1-R8 of the domain, one function each.

All of them are functions of the events with `occurred_at` < T, in canonical order, and of nothing
else. `course` puts them together. tests/indicators/test_rules.py has a table of cases for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from indicators.facts import Fact
from schemas.event import Due
from schemas.instants import DAY, Micros, end_of_day, local_day

Verdict = Literal["early", "on_time", "late"]
Flag = Literal["due_moved_after_breach", "end_before_receipt"]

_SURELY_ANOTHER_DAY = 3 * DAY  # no local day is so long, whatever its zone does with its clocks

# Types that by themselves change no verdict; only a due date stated with them can.
NOTES = frozenset({"submitted", "not_accepted", "processing", "due_changed", "apology_issued"})

# R5: a lower rank beats a higher one.
END_RANKS = {"completed": 0, "delivered": 1, "refused": 2, "stopped": 2, "withdrawn": 2}

# R4: what begins a pause, and what ends it.
PAUSE_BEGINS = {"supplement_requested": "supplement", "fee_requested": "fee"}
PAUSE_ENDS = {"supplement_completed": "supplement", "fee_paid": "fee"}
_PAUSE_TYPES = frozenset(PAUSE_BEGINS.keys() | PAUSE_ENDS.keys())


class Pause(NamedTuple):
    """A span in which the clock stands still; open while `stop` is None."""

    start: Micros
    stop: Micros | None
    ended_by: str | None  # the event_id; None while open, or where the dossier's end ended it


class Due3(NamedTuple):
    """The due date that stands by R3: as stated, and when it was stated."""

    stated: Micros
    stated_at: Micros
    flags: tuple[Flag, ...]


class Course(NamedTuple):
    """A dossier as its events tell it."""

    received_at: Micros | None
    due: Micros | None  # with the length of all ended pauses (R4); see `paused_since`
    end: Fact | None
    verdict: Verdict | None  # of an ended dossier with a due date
    paused_since: Micros | None  # open and paused: since then the due date moves on with T (R4)
    pauses: tuple[Pause, ...]
    flags: tuple[Flag, ...]


def r1_voided_out(facts: Sequence[Fact]) -> Sequence[Fact]:
    """R1: the events less those that a `voided` takes back, and less the `voided` themselves.

    It does not matter which of the two came first. A `voided` cannot itself be voided, so naming
    one takes nothing out.
    """
    voids = {fact.voids for fact in facts if fact.type == "voided"}
    return [fact for fact in facts if fact.type != "voided" and fact.event_id not in voids]


def r2_received(facts: Sequence[Fact]) -> Micros | None:
    """R2: received at the earliest `received`; None where there is none."""
    for fact in facts:
        if fact.type == "received":
            return fact.occurred_at
    return None


def r3_due(
    facts: Sequence[Fact], end: Fact | None, pauses: Sequence[Pause], zone: ZoneInfo
) -> Due3 | None:
    """R3: the first due date stated stands; a later one replaces it only

    - on the event that ends a pause, or
    - if stated before the standing one had passed and before the dossier ended.

    Any other is history: flagged where it differs from what stands.
    """
    standing: tuple[Micros, Micros] | None = None
    flags: tuple[Flag, ...] = ()
    pause_ends = {pause.ended_by for pause in pauses}
    ended = False
    for fact in facts:
        ended = ended or fact is end
        if fact.due is None:
            continue
        stated, now = due_instant(fact.due, zone), fact.occurred_at
        if standing is None or (
            not ended and (fact.event_id in pause_ends or now <= r4_moved(*standing, now, pauses))
        ):
            standing = (stated, now)
        elif stated != standing[0]:
            flags = ("due_moved_after_breach",)
    return standing and Due3(*standing, flags)


def r4_pauses(facts: Sequence[Fact], end: Fact | None) -> tuple[Pause, ...]:
    """R4: the spans from a request to the next completion or payment; overlapping ones are one.

    By R5 a pause still open at the end ends there, and nothing after the end begins one.
    """
    pauses: list[Pause] = []
    waiting: set[str] = set()
    start = 0
    for fact in facts:
        if fact is end:
            break
        if begun := PAUSE_BEGINS.get(fact.type):
            start = start if waiting else fact.occurred_at
            waiting.add(begun)
        elif (ending := PAUSE_ENDS.get(fact.type)) and ending in waiting:
            waiting.remove(ending)
            if not waiting:
                pauses.append(Pause(start, fact.occurred_at, fact.event_id))
    if waiting:
        pauses.append(Pause(start, end.occurred_at if end else None, None))
    return tuple(pauses)


def r4_moved(stated: Micros, stated_at: Micros, until: Micros, pauses: Sequence[Pause]) -> Micros:
    """R4: a due date moved by the pauses up to an instant, by their part after its statement."""
    if not pauses:
        return stated
    return stated + sum(
        max(
            0, min(until if pause.stop is None else pause.stop, until) - max(pause.start, stated_at)
        )
        for pause in pauses
    )


def r5_end(facts: Sequence[Fact]) -> Fact | None:
    """R5: `completed` beats `delivered` beats the three others; of one rank the earliest."""
    best: Fact | None = None
    rank = 3
    for fact in facts:
        if END_RANKS.get(fact.type, 3) < rank:
            best, rank = fact, END_RANKS[fact.type]
            if rank == 0:
                break  # nothing beats the earliest `completed`
    return best


def r6_verdict(end: Micros, due: Micros, zone: ZoneInfo) -> Verdict:
    """R6: on time if and only if end <= due; early if the end's local date is before the due's."""
    if end > due:
        return "late"
    if due - end > _SURELY_ANOTHER_DAY:
        return "early"
    return "early" if local_day(end, zone) < local_day(due, zone) else "on_time"


def r7_counts(due: Micros | None) -> bool:
    """R7: a dossier without any due date is in no count of the definitions."""
    return due is not None


def r8_flags(received_at: Micros | None, end: Fact | None) -> tuple[Flag, ...]:
    """R8: an end before receipt is counted as stated, and flagged."""
    if end is not None and received_at is not None and end.occurred_at < received_at:
        return ("end_before_receipt",)
    return ()


def course(facts: Sequence[Fact], zone: ZoneInfo) -> Course:
    """The dossier that the events with `occurred_at` < T tell, given in canonical order."""
    types = {fact.type for fact in facts}
    counted = r1_voided_out(facts) if "voided" in types else facts
    received_at = r2_received(counted)
    end = None if types.isdisjoint(END_RANKS) else r5_end(counted)
    pauses = () if types.isdisjoint(_PAUSE_TYPES) else r4_pauses(counted, end)
    standing = r3_due(counted, end, pauses, zone)
    flags = r8_flags(received_at, end)
    if standing is None:
        due = None
    else:
        flags = standing.flags + flags
        due = r4_moved(*standing[:2], end.occurred_at, pauses) if end else _moved(standing, pauses)
    verdict = r6_verdict(end.occurred_at, due, zone) if end and due is not None else None
    paused_since = pauses[-1].start if pauses and pauses[-1].stop is None else None
    if paused_since is not None and standing is not None:
        paused_since = max(paused_since, standing.stated_at)
    return Course(received_at, due, end, verdict, paused_since, pauses, flags)


def r4_due_at(found: Course, at: Micros) -> Micros | None:
    """R4: the due date at T; a pause that has not ended moves it by the time up to T."""
    if found.due is None or found.paused_since is None:
        return found.due
    return found.due + at - found.paused_since


def r4_due_of_open(facts: Sequence[Fact], due: Micros, at: Micros, zone: ZoneInfo) -> Micros:
    """The same for an open dossier that counts by `due`, its date without a pause still open.

    `facts`: those before T. Only one that was overdue when the clock stood still can be paused.
    """
    if due >= at or not any(fact.type in PAUSE_BEGINS for fact in facts):
        return due
    moved = r4_due_at(course(facts, zone), at)
    return due if moved is None else moved


def _moved(standing: Due3, pauses: Sequence[Pause]) -> Micros:
    """An open dossier's due date, moved by the pauses that have ended."""
    ended = [pause for pause in pauses if pause.stop is not None]
    return (
        r4_moved(standing.stated, standing.stated_at, _NEVER, ended) if ended else standing.stated
    )


_NEVER: Micros = 1 << 62


def due_instant(due: Due, zone: ZoneInfo) -> Micros:
    """A stated due date as an instant; a bare date is the last microsecond of that local day."""
    return _day_end(due, zone) if isinstance(due, date) else due


@lru_cache(maxsize=4096)
def _day_end(day: date, zone: ZoneInfo) -> Micros:
    return end_of_day(day, zone)
