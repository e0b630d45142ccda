"""What the API answers about dossiers, incidents, people's actions and the monitor itself."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from schemas.api.answers import AlertRecord, At, Count, NotificationRecord
from schemas.api.parameters import Known
from schemas.comparison import By, Change
from schemas.explanation import Counted, EventRole, Reason, Rule
from schemas.sign import SignName
from schemas.status import Zone

Pause = TypedDict("Pause", {"from": At, "to": At | None, "ended_by": str | None})
Pause.__doc__ = "A span in which the clock stands still; `to` is null while it is open."


class UsedEvent(TypedDict):
    """An event of a dossier, and where its record lies."""

    event_id: str
    type: str
    occurred_at: At
    arrived_at: At
    partition: Count
    offset: Count
    role: EventRole
    due_at: str | None
    voids: str | None


class CountedDossier(TypedDict):
    """A dossier behind a figure, with the events that it follows from."""

    dossier_id: str
    counted: Counted
    rule: Rule
    received_at: At | None
    due_at: At | None
    ended_at: At | None
    ended_by: str | None
    pauses: list[Pause]
    flags: list[str]
    events: list[UsedEvent]


class LeftOut(TypedDict):
    """A dossier that is in no count of the figure."""

    dossier_id: str
    reason: Reason


class Explanation(TypedDict):
    """The dossiers behind a figure, and those that are in no count of it."""

    unit_id: str
    definition: str
    window: str
    as_of: At
    known_at: At | None
    numerator: Count
    denominator: Count
    dossiers: list[CountedDossier]
    left_out: list[LeftOut]
    next: str | None


class ComparedFigure(TypedDict):
    """One of two figures that are held against each other."""

    definition: str
    window: str
    as_of: At
    known_at: At | None
    numerator: Count
    denominator: Count


class Stand(TypedDict):
    """How a dossier stands in one of the figures."""

    counted: Counted | None
    rule: Rule | None
    reason: Reason | None
    due_at: At | None
    ended_at: At | None
    ended_by: str | None


class DifferingEvent(TypedDict):
    """An event that is something else in the one figure than in the other."""

    event_id: str
    type: str
    occurred_at: At
    arrived_at: At
    partition: Count
    offset: Count
    due_at: str | None
    voids: str | None
    role_a: EventRole
    role_b: EventRole


class ChangedDossier(TypedDict):
    """A dossier that is not counted alike in both figures."""

    dossier_id: str
    change: Change
    by: By
    numerator: int
    denominator: int
    a: Stand
    b: Stand
    events: list[DifferingEvent]


class Comparison(TypedDict):
    """What differs between two figures of a unit; the changes add up to the difference."""

    unit_id: str
    a: ComparedFigure
    b: ComparedFigure
    numerator: int
    denominator: int
    changes: list[ChangedDossier]
    unchanged: Count


class SignShown(TypedDict):
    """What happened to a dossier's dates, and the event that says so; it accuses nobody."""

    sign: SignName
    event_id: str


class SignedDossier(TypedDict):
    """A dossier with signs."""

    dossier_id: str
    counted: bool  # whether it is in the counts of the window
    signs: list[SignShown]


Burst = TypedDict("Burst", {"from": At, "to": At, "event_ids": list[str]})
Burst.__doc__ = "Many corrections of a unit that arrived within minutes."


class Integrity(TypedDict):
    """Of the dossiers that ended in the window, how many bear no sign of a rewritten date."""

    unit_id: str
    window: str
    as_of: At
    known: Known
    numerator: Count
    denominator: Count
    signs: dict[str, Count]  # by sign: how many dossiers bear it
    dossiers: list[SignedDossier]  # the first of them
    dossiers_total: Count
    bursts: list[Burst]


class OneDossier(TypedDict):
    """One dossier with all its events; `counted` is null where it is left out, with the reason."""

    unit_id: str
    dossier_id: str
    definition: str
    window: str
    as_of: At
    known_at: At | None
    counted: Counted | None
    rule: Rule | None
    received_at: At | None
    due_at: At | None
    ended_at: At | None
    ended_by: str | None
    pauses: list[Pause]
    flags: list[str]
    events: list[UsedEvent]
    reason: NotRequired[Reason]


class AlertsPage(TypedDict):
    """Steps of incidents, newest first."""

    alerts: list[AlertRecord]
    next: str | None


class NotificationsPage(TypedDict):
    """Decisions about telling people, newest first."""

    notifications: list[NotificationRecord]


class Incident(TypedDict):
    """An incident by what is known of it; of an old one the first steps may be gone."""

    incident_id: str
    unit_id: str
    opened_at: At | None
    closed_at: At | None
    zone: Zone
    acknowledged_by: str | None
    acknowledged_at: At | None
    silenced_until: At | None
    steps: list[AlertRecord]
    decisions: list[NotificationRecord]


class IncidentsPage(TypedDict):
    """Incidents, newest first."""

    incidents: list[Incident]
    next: str | None


class Done(TypedDict):
    """What was written to unit-actions."""

    action_id: str


class SilenceGiven(TypedDict):
    """The silence that was given."""

    silence_id: str


class Silence(TypedDict):
    """A silence in force."""

    silence_id: str
    scope: str
    author: str
    reason: str
    at: At
    until: At


class Silences(TypedDict):
    """All silences in force, the one that ends first being first."""

    silences: list[Silence]


class PartitionNow(TypedDict):
    """A partition of the history."""

    partition: Count
    owner: str | None
    clock: At | None
    lag: Count | None


class Worker(TypedDict):
    """A worker that was heard of within a day."""

    worker_id: str
    url: str
    seen_at: At
    partitions: list[Count]
    version: str
    alive: bool
    telling: bool


class EventCounts(TypedDict):
    """Records by what became of them, since the starts of the workers alive."""

    folded: Count
    duplicate: Count
    dead_letter: Count
    forwarded: Count


class DeadLetters(TypedDict):
    """Records that could not be used, since the starts of the workers alive."""

    total: Count
    by_reason: dict[str, Count]


class StaleUnit(TypedDict):
    """A unit whose feed is silent for longer than is usual."""

    unit_id: str
    since: At


class NotifierNow(TypedDict):
    """Who tells people, and what waits."""

    worker_id: str | None
    waiting: Count
    failed_last_hour: Count


class MonitorNow(TypedDict):
    """The state of the monitor itself."""

    data_to: At | None
    now: At
    partitions: list[PartitionNow]
    workers: list[Worker]
    events: EventCounts
    dead_letters: DeadLetters
    stale_units: list[StaleUnit]
    notifier: NotifierNow | None


class Health(TypedDict):
    """The process runs."""

    status: Literal["ok"]


class Ready(TypedDict):
    """The worker owns its partitions and has caught up."""

    status: Literal["ready"]
    partitions: list[Count]


class NotReady(TypedDict):
    """Not yet, and why."""

    status: Literal["not ready"]
    reason: str
    partitions: list[Count]
