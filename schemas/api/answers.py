"""What the API answers, as types; OpenAPI is made of them.

Instants are ISO 8601 with an offset, in UTC, to the millisecond.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from schemas.api.parameters import Known
from schemas.status import Zone

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
At = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]


def _record(name: str) -> WithJsonSchema:
    return WithJsonSchema({"$ref": f"#/components/schemas/{name}"})


# Records of topics, as they stand there; `vungxanh schema` has them one by one.
StatusRecord = Annotated[Any, _record("Status")]
AlertRecord = Annotated[Any, _record("Alert")]
NotificationRecord = Annotated[Any, _record("Notification")]
OutlookRecord = Annotated[Any, _record("Outlook")]


class Error(TypedDict):
    """Why not: one line that says what, where and what to do."""

    error: str


class Primary(TypedDict):
    """The indicator that units are judged by."""

    definition: str
    window: str


class PolicyShown(TypedDict):
    """The thresholds of the province."""

    green: Share
    yellow: Share
    min_sample: Count


class UnitShown(TypedDict):
    """A unit with its latest status."""

    unit_id: str
    name: str
    name_ascii: str
    kind: str
    parent_id: str
    stale_since: At | None
    status: StatusRecord | None


class UnitWithOutlook(UnitShown):
    """And with what lies before it."""

    outlook: OutlookRecord | None


class Units(TypedDict):
    """A page of all units, those of the directory first."""

    generated_at: At
    primary: Primary
    timezone: str
    policy: PolicyShown
    units: list[UnitShown]
    data_to: At | None
    next: str | None


class PrimaryPolicy(TypedDict):
    """What units are judged by, and the thresholds."""

    definition: str
    window: str
    green: Share
    yellow: Share
    min_sample: Count


class Province(TypedDict):
    """The unit that all others are below."""

    unit_id: str
    name: str


class ListedUnit(TypedDict):
    """A unit of the directory."""

    unit_id: str
    name: str
    name_ascii: str
    kind: str
    parent_id: str
    shape: bool


class AccessShown(TypedDict):
    """What the asker may."""

    reading: Literal["open", "closed"]
    may_act: bool
    who: str | None


class Directory(TypedDict):
    """What a page has to know first, and what hardly ever changes."""

    province: Province | None
    timezone: str
    policy: PrimaryPolicy
    definitions: list[str]
    windows: list[str]
    has_map: bool
    units: list[ListedUnit]
    access: AccessShown


class OpenCounts(TypedDict):
    """Open dossiers, each once, in the first state that fits."""

    overdue: Count
    paused: Count
    due_soon: Count
    within: Count
    no_due: Count


class Before(TypedDict):
    """A figure at an earlier instant."""

    numerator: Count
    denominator: Count
    zone: Zone
    place: Annotated[int, Field(ge=1)] | None


class Earlier(TypedDict):
    """The figures at the starts of the local day, month and half-year."""

    day: Before
    month: Before
    half: Before


class EarlierInstants(TypedDict):
    """The starts of the local day, month and half-year."""

    day: At
    month: At
    half: At


class RankingRow(TypedDict):
    """One unit's place."""

    unit_id: str
    zone: Zone
    numerator: Count
    denominator: Count
    place: Annotated[int, Field(ge=1)] | None
    tied: Count
    early: Count
    on_time: Count
    late: Count
    open: OpenCounts
    incident: str | None
    stale_since: At | None
    previous: Earlier


class Ranking(TypedDict):
    """The units by their figure; those too few to judge last, without a place."""

    as_of: At
    known: Known
    definition: str
    window: str
    data_to: At | None
    previous: EarlierInstants
    rows: list[RankingRow]
    missing: list[str]


class FigureShown(TypedDict):
    """Numerator and denominator."""

    numerator: Count
    denominator: Count


class OutcomesShown(TypedDict):
    """Dossiers resolved in the window, in three parts."""

    early: Count
    on_time: Count
    late: Count


class Point(TypedDict):
    """The figure at an instant."""

    at: At
    numerator: Count
    denominator: Count


Week = TypedDict("Week", {"from": Day, "early": Count, "on_time": Count, "late": Count})
Week.__doc__ = "What ended in a local week; `from` is its Monday."

BacklogBucket = Literal[
    "overdue_30d",
    "overdue_7d",
    "overdue_1d",
    "overdue",
    "due_1d",
    "due_7d",
    "due_30d",
    "due_later",
    "paused",
    "no_due",
]


class Backlog(TypedDict):
    """Open dossiers by their time to due."""

    bucket: BacklogBucket
    dossiers: Count


class Slice(TypedDict):
    """Of those ended in the window, the ones of a channel or a service level."""

    key: str | None
    resolved: Count
    on_time: Count
    late: Count
    share: Share


class Procedure(TypedDict):
    """What lateness a procedure causes."""

    key: str | None
    resolved: Count
    on_time: Count
    late: Count
    overdue: Count


class AtRisk(TypedDict):
    """An open dossier whose clock runs."""

    dossier_id: str
    due_at: At
    state: Literal["overdue", "due_soon", "within"]


class Profile(TypedDict):
    """A unit at an instant, from all sides."""

    unit_id: str
    as_of: At
    known: Known
    definition: str
    window: str
    figure: FigureShown
    zone: Zone
    outcomes: OutcomesShown
    open: OpenCounts
    series: list[Point]
    weeks: list[Week]
    backlog: list[Backlog]
    channels: list[Slice]
    service_levels: list[Slice]
    procedures: list[Procedure]
    at_risk: list[AtRisk]
    at_risk_total: Count
