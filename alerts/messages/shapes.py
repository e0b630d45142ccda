"""The shapes that templates see: everything of a message, in the recipient's language.

Texts are one line each, cleaned of control characters. What is absent is an empty text, or None
where a template asks `if`. docs/messages.md explains every variable; a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageView:
    """Of the whole message."""

    recipient_id: str
    role: str
    language: str
    at: str
    time_zone: str
    green: str  # the province's limits: `90 %`
    yellow: str
    total: int  # things that the message tells


@dataclass(frozen=True, slots=True)
class BeforeView:
    """The last figure of the previous working day."""

    day: str
    figure: str  # `47/50`
    percent: str
    trend: str  # since then: `up`, `down`, `same`, or empty where there is nothing to compare


@dataclass(frozen=True, slots=True)
class ProjectionView:
    """Where a supposition leads."""

    leaves_at: str  # empty: it stays green
    figure: str  # then, or at the end of the horizon
    percent: str


@dataclass(frozen=True, slots=True)
class ForecastView:
    """Of a green unit."""

    until: str
    nothing_closed: ProjectionView
    pace: ProjectionView | None  # None: nothing ended in the last ten working days
    keep: str  # `none` needed, `some`, `impossible`
    keep_count: str


@dataclass(frozen=True, slots=True)
class RecoveryView:
    """Of a unit below green."""

    ends: str  # so many on-time ends bring it back; empty: no number does
    by: str
    impossible_before: str


@dataclass(frozen=True, slots=True)
class DossierView:
    """A dossier to act on; no personal data."""

    id: str
    unit: str  # its name; only in the digest
    due: str  # in words, `quá hạn từ 20/11/2026 17:00`; empty: unknown
    due_at: str
    state: str  # `overdue`, `due_soon`, `within`; empty: unknown


@dataclass(frozen=True, slots=True)
class DossierList:
    """Most urgent first."""

    shown: tuple[DossierView, ...]
    more: str  # how many are not named here; empty: none


@dataclass(frozen=True, slots=True)
class FactView:
    """A line of facts.txt, parted at its first colon."""

    label: str  # empty: a line without one
    value: str


@dataclass(frozen=True, slots=True)
class ConditionView:
    """Something that ails the monitor itself."""

    kind: str  # `feed`, `dead_letters`, `lag`, `delivery`
    state: str  # `stands`, `over`, `given_up`
    unit: str  # of feed: the name, or the id
    unit_id: str
    since: str  # of feed: the last arrival; empty: unknown
    channel: str  # of delivery
    number: str  # of dead_letters and lag; empty: unknown


@dataclass(frozen=True, slots=True)
class ItemView:
    """One thing to tell."""

    kind: str
    why: str
    unit: str  # the name, or the id; empty: of no unit
    unit_id: str
    at: str
    zone: str  # `green`, `yellow`, `red`, `grey`, or empty
    zone_name: str
    figure: str  # `44/50`; empty: unknown
    percent: str  # `88,0 %`; empty: the denominator is 0
    numerator: int | None
    denominator: int | None
    definition: str
    definition_name: str
    window: str
    window_name: str
    green: str  # the limits of this unit
    yellow: str
    as_of: str
    incident_id: str
    opened_at: str
    before: BeforeView | None
    forecast: ForecastView | None
    recovery: RecoveryView | None
    plan: DossierList  # those which, closed on time, bring it back or keep it green
    others: DossierList  # other open ones
    event_id: str  # of `corrected`
    event_dossier: str
    author: str
    level: str
    condition: ConditionView | None  # of `health`
    detail: str  # of `health` made from condition.txt
    page_url: str
    explain_url: str
    acknowledge_url: str
    # Made from sentence/, facts.txt and advice.txt, for the layouts:
    sentence: str = ""
    facts: tuple[FactView, ...] = ()
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineView:
    """A unit in the digest."""

    unit: str
    unit_id: str
    zone: str  # empty: unknown, or its feed is silent
    zone_name: str
    before_zone: str
    before_zone_name: str
    figure: str  # `44/50`; empty: unknown
    percent: str
    before_day: str
    before_figure: str
    before_percent: str
    trend: str  # `up`, `down`, `same`, or empty
    overdue: str  # empty: none, or unknown
    due_today: str
    incident_id: str
    opened_at: str
    acknowledged_by: str  # who holds the incident; empty: nobody yet
    stale_since: str  # the feed is silent since; empty: it is not
    measure: str  # `resolved@1 · 30d`, where the units of the digest are not all of one
    told: str = ""  # made from line.txt, for the layouts


@dataclass(frozen=True, slots=True)
class CountView:
    """How many units are in a zone."""

    zone: str
    zone_name: str
    count: int


@dataclass(frozen=True, slots=True)
class DigestView:
    """The morning of a working day."""

    day: str
    whole_province: bool
    total: int  # units
    below: int  # of them yellow or red
    incidents: int  # open
    stale: int  # units whose feed is silent
    counts: tuple[CountView, ...]  # of the zones that have units
    lines: tuple[LineView, ...]  # those with something to tell; of a head all
    calm: int  # units that are not among the lines
    definition: str  # of all figures here; empty: they differ, see `measure` of the lines
    definition_name: str
    window: str
    window_name: str
    at_risk: DossierList
    conditions: tuple[ConditionView, ...]  # what the monitor itself lacks
    page_url: str
    missing: tuple[str, ...] = ()  # the same made from condition.txt, for the layouts
    measure: str = ""  # made from measure.txt, for the layouts
