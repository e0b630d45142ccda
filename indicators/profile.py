"""A unit's profile at T: its figure over time and what it is made of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.counts import Kind, Share, UnitCounts
from indicators.definitions import definition
from indicators.dossier import r1_voided_out, r4_due_of_open
from indicators.facts import Fact
from indicators.known import Histories, Question, known_by
from indicators.policy import Policy
from indicators.tallies import Tallies, before
from indicators.zones import zone_of
from schemas.instants import DAY, SECOND, Micros, local_date, local_day, start_of_day
from schemas.outlook import DossierAtRisk, RiskState
from schemas.profile import (
    BUCKETS,
    Breakdown,
    Bucket,
    FigureAt,
    ProcedureRow,
    UnitProfile,
    Week,
)
from schemas.status import Outcomes

SERIES_POINTS = 60
WEEKS = 26
MOST_PROCEDURES = 10
MOST_AT_RISK = 100
_MS: Micros = SECOND // 1000
_ENDED: tuple[Kind, ...] = ("early", "on_time", "late")
_EPOCH = date(1970, 1, 1)
_MONDAY = 3  # the first day since 1970-01-01 of a week is so many before a multiple of seven
# Up to so long: overdue for, and due in; beyond the last is the bucket after it.
_OVERDUE: tuple[tuple[Micros, Bucket], ...] = (
    (DAY, "overdue"),
    (7 * DAY, "overdue_1d"),
    (30 * DAY, "overdue_7d"),
)
_DUE: tuple[tuple[Micros, Bucket], ...] = (
    (DAY, "due_1d"),
    (7 * DAY, "due_7d"),
    (30 * DAY, "due_30d"),
)


class _Kept(NamedTuple):
    """A dossier that is in something of the profile at T."""

    dossier_id: str
    share: Share
    facts: Sequence[Fact]  # before T, known by K


def unit_profile(
    unit_id: str,
    histories: Histories,
    question: Question,
    policy: Policy,
    due_soon: Micros,
) -> UnitProfile:
    """What a unit looks like at T, as known at K (None: now).

    `policy` gives the thresholds of the zone only; `due_soon` is a span. Raises ValueError for a
    definition that there is not. One pass over the dossiers, and over the events of those that were
    open or ended since the first point of the series or the first of the weeks.
    """
    count_by = definition(question.definition)
    at, zone = question.at, question.zone
    instants, mondays = series_instants(at, zone), week_days(at, zone)
    tallies = Tallies(instants, question.window, zone, start_of_day(mondays[0], zone))
    kept = _kept(histories, question, tallies)
    series = tallies.result()
    counts = UnitCounts()
    counts.put_all_in([one.share for one in kept])
    count = count_by(series[-1])
    start = question.window.start(at)
    ended = [one for one in kept if one.share.kind in _ENDED and one.share.instant >= start]
    running = sorted(
        (one for one in kept if one.share.kind == "open"),
        key=lambda one: (one.share.instant, one.dossier_id),
    )
    return UnitProfile(
        unit_id=unit_id,
        as_of=at,
        known_at=question.known,
        definition=question.definition,
        window=question.window.text,
        numerator=count.numerator,
        denominator=count.denominator,
        zone=zone_of(count, policy),
        outcomes=Outcomes(*series[-1][:3]),
        open=counts.open_at(at, due_soon),
        series=tuple(
            FigureAt(instant, *count_by(tally))
            for instant, tally in zip(instants, series, strict=True)
        ),
        weeks=_weeks(mondays, (one.share for one in kept), zone),
        backlog=_backlog((one.share for one in kept), at),
        channels=_breakdown(ended, "channel"),
        service_levels=_breakdown(ended, "service_level"),
        procedures=_procedures(ended, [one for one in running if one.share.instant < at]),
        at_risk=tuple(_at_risk(one, at, due_soon) for one in running[:MOST_AT_RISK]),
        at_risk_total=len(running),
    )


def _kept(histories: Histories, question: Question, tallies: Tallies) -> list[_Kept]:
    """The dossiers that are in anything; all of them are added to the tallies."""
    kept = []
    for dossier_id, facts in histories.items():
        told = known_by(facts, question.known)
        share = tallies.add(told)
        if share.kind == "none":
            continue
        told = before(told, question.at)
        if share.kind == "open":
            due = r4_due_of_open(told, share.instant, question.at, question.zone)
            share = Share("open", due)
        kept.append(_Kept(dossier_id, share, told))
    return kept


def series_instants(at: Micros, zone: ZoneInfo) -> list[Micros]:
    """The last local midnights before T, and T: 60 instants, oldest first."""
    today = local_date(at, zone)
    days = (today - timedelta(days=back) for back in range(SERIES_POINTS - 1, -1, -1))
    midnights = [midnight for day in days if (midnight := start_of_day(day, zone)) < at]
    return [*midnights[-(SERIES_POINTS - 1) :], at]


def week_days(at: Micros, zone: ZoneInfo) -> list[date]:
    """The Mondays of the 26 local weeks of which the last is the one that T lies in."""
    today = local_date(at, zone)
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]


def _weeks(mondays: Sequence[date], shares: Iterable[Share], zone: ZoneInfo) -> tuple[Week, ...]:
    first = ((mondays[0] - _EPOCH).days + _MONDAY) // 7
    found = [dict.fromkeys(_ENDED, 0) for _ in mondays]
    for kind, instant in shares:
        if kind in _ENDED:
            week = (local_day(instant, zone) + _MONDAY) // 7 - first
            if week >= 0:
                found[week][kind] += 1
    return tuple(
        Week(monday, Outcomes(*counts.values()))
        for monday, counts in zip(mondays, found, strict=True)
    )


def _backlog(shares: Iterable[Share], at: Micros) -> tuple[tuple[Bucket, int], ...]:
    found: dict[Bucket, int] = dict.fromkeys(BUCKETS, 0)
    for kind, due in shares:
        if kind == "open":
            found[bucket_of(due, at)] += 1
        elif kind in ("paused", "no_due"):
            found[kind] += 1
    return tuple(found.items())


def bucket_of(due: Micros, at: Micros) -> Bucket:
    """Where an open dossier belongs by its time to due at T; a day is 24 h."""
    if due < at:
        return next((bucket for most, bucket in _OVERDUE if at - due <= most), "overdue_30d")
    return next((bucket for most, bucket in _DUE if due - at <= most), "due_later")


def _breakdown(ended: Sequence[_Kept], field: str) -> tuple[Breakdown, ...]:
    """Those that ended in the window, by what their latest event that says so states."""
    found: dict[str | None, list[int]] = {}  # on time, late
    for one in ended:
        found.setdefault(stated(one.facts, field), [0, 0])[one.share.kind == "late"] += 1
    parts = [
        Breakdown(key, on_time + late, on_time, late, (on_time + late) / len(ended))
        for key, (on_time, late) in found.items()
    ]
    return tuple(sorted(parts, key=lambda part: (-part.resolved, _by_key(part.key))))


def _procedures(ended: Sequence[_Kept], overdue: Sequence[_Kept]) -> tuple[ProcedureRow, ...]:
    found: dict[str | None, list[int]] = {}  # on time, late, overdue
    for one in ended:
        found.setdefault(stated(one.facts, "procedure_id"), [0, 0, 0])[
            one.share.kind == "late"
        ] += 1
    for one in overdue:
        found.setdefault(stated(one.facts, "procedure_id"), [0, 0, 0])[2] += 1
    rows = [ProcedureRow(key, counts[0] + counts[1], *counts) for key, counts in found.items()]
    rows.sort(key=lambda row: (-row.late - row.overdue, -row.resolved, _by_key(row.key)))
    return tuple(rows[:MOST_PROCEDURES])


def stated(facts: Sequence[Fact], field: str) -> str | None:
    """What the latest event that states a field says, of those not taken back (R1)."""
    say = attrgetter(field)
    for fact in reversed(r1_voided_out(facts)):
        if (text := say(fact)) is not None:
            assert isinstance(text, str)
            return text
    return None


def _by_key(key: str | None) -> tuple[bool, str]:
    return key is None, key or ""


def _at_risk(one: _Kept, at: Micros, due_soon: Micros) -> DossierAtRisk:
    due = one.share.instant
    state: RiskState = "due_soon" if due <= at + due_soon else "within"
    return DossierAtRisk(one.dossier_id, due // _MS, "overdue" if due < at else state)
