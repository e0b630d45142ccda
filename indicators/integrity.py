"""The watch for rewritten dates: what happened to a dossier's dates that ought to be looked at.

It accuses nobody. A sign has a lawful reason more often than not, and its name says what happened
and no more. Each rule is one function of a dossier's events. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from indicators.counts import share_of
from indicators.dossier import (
    END_RANKS,
    Course,
    course,
    r1_voided_out,
    r3_due,
    r4_moved,
    r4_pauses,
)
from indicators.facts import Fact
from indicators.known import Histories, known_by
from indicators.tallies import before
from indicators.windows import Window
from schemas.instants import MINUTE, Micros, Millis, end_of_day, local_date, local_day
from schemas.sign import SignName

_IN_COUNTS = frozenset({"early", "on_time", "late"})
_HOUR: Millis = 3_600_000
_Name = TypeVar("_Name", str, tuple[str, str])


class Watch(NamedTuple):
    """From when on something is a sign."""

    told_late: Millis = 24 * _HOUR  # an end arrives more than so long after it happened
    burst: int = 5  # so many corrections of a unit at least,
    burst_within: Millis = _HOUR // 6  # from the first to the last of them


USUAL = Watch()


class Sign(NamedTuple):
    """What happened, and the event that says so."""

    name: SignName
    event_id: str


class Burst(NamedTuple, Generic[_Name]):
    """Corrections of a unit that arrived close together."""

    first: Millis
    last: Millis
    names: tuple[_Name, ...]  # of the corrections, in order of arrival


class SignedDossier(NamedTuple):
    """A dossier and its signs, one at least."""

    dossier_id: str
    signs: tuple[Sign, ...]


class Integrity(NamedTuple):
    """Of the dossiers that ended in the window and are in its counts, how many carry no sign."""

    numerator: int
    denominator: int
    signed: tuple[SignedDossier, ...]  # the others of the denominator, by id
    apart: tuple[SignedDossier, ...]  # not in the counts, of which a sign happened in the window
    bursts: tuple[Burst[str], ...]  # that ended in the window, by arrival


class _Told(NamedTuple):
    """A dossier as a rule sees it."""

    facts: Sequence[Fact]  # all
    counted: Sequence[Fact]  # less what was taken back
    found: Course
    zone: ZoneInfo
    watch: Watch

    def before_end(self) -> Iterator[tuple[int, Fact]]:
        """The events that count up to the end, with their place in `counted`."""
        for place, fact in enumerate(self.counted):
            if fact is self.found.end:
                return
            yield place, fact


def signs_of(facts: Sequence[Fact], zone: ZoneInfo, watch: Watch = USUAL) -> tuple[Sign, ...]:
    """The signs of one dossier by its events in canonical order; rule by rule.

    Of the events given and no others: leave out those that are not to count (not before T, or
    arrived after K). An event that comes later can also take a sign away: a void does.
    """
    if not facts:
        return ()
    counted = r1_voided_out(facts)
    told = _Told(facts, counted, course(facts, zone), zone, watch)
    return tuple(Sign(name, event_id) for name, rule in RULES.items() for event_id in rule(told))


# -- the rules: each gives the ids of the events ---------------------------------------------------


def end_at_due_told_late(told: _Told) -> Iterator[str]:
    """The end is at the very due instant, and its record arrived long after.

    Where the due instant is the last of a local day (a bare date), its whole last minute is it.
    """
    end, due = told.found.end, told.found.due
    if end is None or due is None or not due - MINUTE < end.occurred_at <= due:
        return
    at_due = end.occurred_at == due or due == end_of_day(local_date(due, told.zone), told.zone)
    if at_due and end.arrival - end.occurred_at // 1_000 > told.watch.told_late:
        yield end.event_id


def due_moved_after_breach(told: _Told) -> Iterator[str]:
    """A due date was stated too late to count (R3).

    Not the date on the first apology slip: a new one is owed there.
    """
    if "due_moved_after_breach" not in told.found.flags:
        return
    end, slip_seen = told.found.end, False
    heard: list[Fact] = []  # without the dates that came too late: each statement is seen alone
    for fact in told.counted:
        standing = r3_due([*heard, fact], end, told.found.pauses, told.zone)
        owed = fact.type == "apology_issued" and not slip_seen
        slip_seen = slip_seen or owed
        if standing is not None and standing.flags:
            if not owed:
                yield fact.event_id
            dateless = fact._replace(due=None)
            end = dateless if fact is end else end
            heard.append(dateless)
        else:
            heard.append(fact)


def supplement_on_last_day(told: _Told) -> Iterator[str]:
    """Papers were asked for on the local day of the date that was due then."""
    for place, fact in told.before_end():
        if fact.type != "supplement_requested":
            continue
        earlier, now = told.counted[:place], fact.occurred_at
        pauses = r4_pauses(earlier, None)
        standing = r3_due(earlier, None, pauses, told.zone)
        if standing is not None:
            due = r4_moved(standing.stated, standing.stated_at, now, pauses)
            if local_day(due, told.zone) == local_day(now, told.zone):
                yield fact.event_id


def second_supplement(told: _Told) -> Iterator[str]:
    """Papers were asked for once more: every time but the first."""
    asked = [fact for _, fact in told.before_end() if fact.type == "supplement_requested"]
    for fact in asked[1:]:
        yield fact.event_id


def late_end_voided(told: _Told) -> Iterator[str]:
    """An end was taken back by which the dossier was late, whichever of the two came first.

    Late by that end alone, whatever other ends there are: one that replaces it may be in time.
    """
    ends = {fact.event_id for fact in told.facts if fact.type in END_RANKS}
    for void in told.facts:
        if void.type != "voided" or void.voids not in ends:
            continue
        alone = [
            fact._replace(type="processing")
            if fact.type in END_RANKS and fact.event_id != void.voids
            else fact
            for fact in told.facts
            if not (fact.type == "voided" and fact.voids == void.voids)
        ]
        if share_of(course(alone, told.zone)).kind == "late":
            yield void.event_id


RULES: Mapping[SignName, Callable[[_Told], Iterator[str]]] = {
    "end_at_due_told_late": end_at_due_told_late,
    "due_moved_after_breach": due_moved_after_breach,
    "supplement_on_last_day": supplement_on_last_day,
    "second_supplement": second_supplement,
    "late_end_voided": late_end_voided,
}


# -- of a unit -------------------------------------------------------------------------------------


def corrections_of(facts: Sequence[Fact], signs: Sequence[Sign]) -> list[tuple[Millis, str]]:
    """The corrections among one dossier's events, as `bursts` takes them: arrival and event id.

    The `voided`, and by its signs the due dates moved after the breach.
    """
    moved = {sign.event_id for sign in signs if sign.name == "due_moved_after_breach"}
    return [
        (fact.arrival, fact.event_id)
        for fact in facts
        if fact.type == "voided" or fact.event_id in moved
    ]


def corrections_in(
    facts: Sequence[Fact], zone: ZoneInfo, watch: Watch = USUAL
) -> list[tuple[Millis, str]]:
    """As `corrections_of`, of a dossier whose signs nobody has looked for; fast where it has none.

    By its events in canonical order.
    """
    if not can_correct(facts):
        return []
    told = _Told(facts, r1_voided_out(facts), course(facts, zone), zone, watch)
    moved = due_moved_after_breach(told)
    return corrections_of(facts, [Sign("due_moved_after_breach", one) for one in moved])


def bursts(
    corrections: Sequence[tuple[Millis, _Name]], watch: Watch = USUAL
) -> tuple[Burst[_Name], ...]:
    """Where many corrections of a unit, each with its arrival and a name, arrived within minutes.

    In any order. Spans that have corrections in common are one burst, which can so be longer than
    one span.
    """
    told = sorted(corrections)
    found: list[list[tuple[Millis, _Name]]] = []
    reached = 0  # up to this place all are in a burst already
    for place in range(len(told) - watch.burst + 1):
        stop = place + watch.burst
        if told[stop - 1][0] - told[place][0] > watch.burst_within:
            continue
        if found and place < reached:
            found[-1] += told[reached:stop]
        else:
            found.append(told[place:stop])
        reached = stop
    return tuple(
        Burst(group[0][0], group[-1][0], tuple(name for _, name in group)) for group in found
    )


def integrity(
    histories: Histories,
    at: Micros,
    window: Window,
    zone: ZoneInfo,
    known: Micros | None = None,
    *,
    watch: Watch = USUAL,
) -> Integrity:
    """How many of a unit's dossiers in the counts of [start, T) carry no sign, and which do.

    From the events before T that had arrived by K (None: all). A definition plays no part: it is
    of the dossiers that ended early, on time or late in the window.
    """
    start, counted = window.start(at), 0
    signed: list[SignedDossier] = []
    apart: list[SignedDossier] = []
    corrections: list[tuple[Millis, str]] = []
    for dossier_id, facts in histories.items():
        told = before(known_by(facts, known), at)
        if not told or (told[-1].occurred_at < start and not can_correct(told)):
            continue
        share = share_of(course(told, zone))
        inside = share.kind in _IN_COUNTS and share.instant >= start
        counted += inside
        signs = signs_of(told, zone, watch)
        if inside and signs:
            signed.append(SignedDossier(dossier_id, signs))
        elif signs and _happened_since(start, told, signs):
            apart.append(SignedDossier(dossier_id, signs))
        corrections += corrections_of(told, signs)
    recent = (burst for burst in bursts(corrections, watch) if start <= burst.last * 1_000 < at)
    return Integrity(
        counted - len(signed),
        counted,
        tuple(sorted(signed)),
        tuple(sorted(apart)),
        tuple(recent),
    )


def can_correct(facts: Sequence[Fact]) -> bool:
    """Whether any of the events can be a correction; spares the derivation of most dossiers.

    A date stated again is no move of it (R3).
    """
    dues = {fact.due for fact in facts if fact.due is not None}
    return len(dues) > 1 or any(fact.type == "voided" for fact in facts)


def _happened_since(start: Micros, facts: Sequence[Fact], signs: Sequence[Sign]) -> bool:
    of_signs = {sign.event_id for sign in signs}
    return any(fact.occurred_at >= start for fact in facts if fact.event_id in of_signs)
