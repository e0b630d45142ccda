"""What a message is made of, and what comes of it. Data; the words are in the templates."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from alerts.recipients import Language, Role
from schemas.condition import Condition
from schemas.instants import Millis
from schemas.notification import OccasionKind, Why
from schemas.outlook import DossierAtRisk, UnitOutlook
from schemas.status import Zone
from schemas.step import Cause


class Limits(NamedTuple):
    """From which share on a unit is green, and yellow."""

    green: Fraction
    yellow: Fraction


class Ailment(NamedTuple):
    """Something that ails the monitor itself, with what templates cannot look up."""

    condition: Condition
    unit_name: str = ""  # of a silent feed; empty: the id stands for it


class Item(NamedTuple):
    """One thing to tell. What is not known, or is not of this kind, is None or empty."""

    kind: OccasionKind
    why: Why
    unit_id: str  # empty: of no unit (health, test)
    unit_name: str  # empty: the id stands for it
    at: Millis
    zone: Zone | None = None  # of `corrected`: at `as_of`, as now known
    numerator: int | None = None
    denominator: int | None = None
    definition: str | None = None
    window: str | None = None
    as_of: Millis | None = None
    incident_id: str | None = None
    opened_at: Millis | None = None
    before: tuple[date, int, int] | None = None  # the last figure of the previous working day:
    # its date, numerator, denominator
    outlook: UnitOutlook | None = None
    cause: Cause | None = None  # of `corrected`
    author: str | None = None  # of `acknowledged`
    level: int | None = None  # of `escalated`
    detail: str = ""  # a reason in somebody's words
    page_url: str | None = None
    explain_url: str | None = None
    acknowledge_url: str | None = None
    limits: Limits | None = None  # of a unit with a policy of its own; None: the province's
    ailment: Ailment | None = None  # of `health`


class UnitLine(NamedTuple):
    """A unit in the digest."""

    unit_id: str
    unit_name: str
    zone: Zone | None
    numerator: int | None
    denominator: int | None
    before_zone: Zone | None = None  # at the end of the previous working day
    before: tuple[date, int, int] | None = None  # then: its date, numerator, denominator
    overdue: int | None = None
    due_today: int | None = None
    incident_id: str | None = None  # the open incident
    acknowledged_by: str | None = None  # who holds it; None: nobody yet
    stale_since: Millis | None = None  # the feed is silent since: no colour is told
    opened_at: Millis | None = None  # of the open incident
    definition: str | None = None
    window: str | None = None
    limits: Limits | None = None  # of a unit with a policy of its own; None: the province's
    given_up: bool = False  # the feed has been silent for so long that it is not waited for


class Digest(NamedTuple):
    """The morning of a working day."""

    day: date
    units: tuple[UnitLine, ...]
    at_risk: tuple[tuple[str, DossierAtRisk], ...] = ()  # with the unit's id, most urgent first
    missing: tuple[Ailment, ...] = ()  # what the monitor itself lacks
    whole_province: bool = False  # then units with nothing to tell are only counted
    page_url: str | None = None
    at_risk_total: int | None = None  # None: as many as are in `at_risk`


class Content(NamedTuple):
    """All that one message to one recipient tells."""

    key: str  # the idempotency key
    recipient_id: str
    role: Role
    language: Language
    zone: str  # the time zone's IANA name
    at: Millis
    green: Fraction
    yellow: Fraction
    items: tuple[Item, ...]
    digest: Digest | None = None


class Composed(NamedTuple):
    """A message ready to be sent."""

    subject: str  # one line
    text: str
    html: str  # a whole document
    broken: str | None = None  # what was wrong with a province's template, if a built-in one had
    # to be used: file, line, problem
