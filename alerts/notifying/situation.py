"""What a decision looks at: rules, recipients, working time, and what is known."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.notifying.memory import Group, Held, IncidentMemory, Memory
from alerts.notifying.rules import NotifyRules
from alerts.notifying.telling import Occasion
from alerts.notifying.working_time import WorkingTime
from alerts.recipients import Recipient, Recipients, Topic
from schemas.instants import Millis
from schemas.notification import OccasionKind
from schemas.status import Zone
from schemas.step import Evidence

# What travels in one message: incidents and forecasts together, all else by itself.
FAMILY: dict[OccasionKind, str] = {"health": "health", "digest": "digest", "test": "test"}


@dataclass(slots=True)
class Situation:
    """The notifier's rules and its knowledge."""

    rules: NotifyRules
    recipients: Recipients
    working: WorkingTime
    memory: Memory = field(default_factory=Memory)
    target: Millis = 0  # the clock that the timers now running lead to
    now: Millis = 0  # the wall clock, as last heard

    @property
    def clock(self) -> Millis:
        """The notifier's clock; the wall's while it has none."""
        clock = self.memory.clock
        return self.now if clock is None else clock

    @property
    def horizon(self) -> Millis:
        """What is older is history."""
        return self.now - self.rules.stale_after

    def to_be_told(
        self, topic: Topic, unit_id: str | None = None, level: int | None = None
    ) -> list[Recipient]:
        """The recipients of a topic who can be reached."""
        return [one for one in self.recipients.of(topic, unit_id, level) if one.channels]

    def levels(self, unit_id: str) -> list[int]:
        """The levels that somebody answers for a unit on, lowest first."""
        return sorted({one.level for one in self.to_be_told("incidents", unit_id)})

    def audience(self, incident: IncidentMemory) -> list[Recipient]:
        """The recipients of the levels told so far; at least of the lowest there is."""
        everyone = self.to_be_told("incidents", incident.unit_id)
        lowest = min((one.level for one in everyone), default=0)
        return [one for one in everyone if one.level <= max(incident.level, lowest)]

    def incident_of(self, occasion: Occasion) -> IncidentMemory | None:
        """The incident that an occasion is a step of."""
        return None if occasion.step is None else self.memory.incidents.get(occasion.subject)

    def was_told(self, subject: str, recipient_id: str) -> bool:
        """Whether it was decided to tell a recipient of an incident or a condition."""
        if (incident := self.memory.incidents.get(subject)) is not None:
            return recipient_id in incident.told
        condition = self.memory.conditions.get(subject)
        return condition is not None and recipient_id in condition.told

    def held(self, subject: str, recipient_id: str) -> list[Held]:
        """What of a subject is held back from a recipient."""
        memory = self.memory.recipients.get(recipient_id)
        if memory is None:
            return []
        return [held for held in memory.held if held.notice.occasion.subject == subject]

    def group(self, occasion: Occasion, recipient_id: str) -> Group | None:
        """The message that is being gathered for a recipient, and would take an occasion."""
        memory = self.memory.recipients.get(recipient_id)
        return None if memory is None else memory.groups.get(family(occasion.kind))

    def latest(self, incident: IncidentMemory) -> tuple[Evidence, Zone]:
        """Evidence and zone by the latest figure known of an incident's unit.

        For steps that the working calendar decided: its version is part of the evidence.
        """
        evidence, zone = incident.evidence, incident.zone
        figure = self.memory.figures.get(incident.unit_id)
        if figure is not None and figure.definition and figure.at + 1 > evidence.as_of:
            zone = figure.zone
            evidence = Evidence(
                figure.definition,
                figure.window,
                figure.at + 1,
                figure.numerator,
                figure.denominator,
                figure.partition,
                figure.offset,
                evidence.policy,
            )
        return evidence._replace(calendar=self.working.version), zone


def family(kind: OccasionKind) -> str:
    """Which message an occasion travels in."""
    return FAMILY.get(kind, "incidents")
