"""From what was decided to what is written in a message: looks up names, figures and dossiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from alerts.delivery.message import Message, message_of
from alerts.messages.content import Ailment, Composed, Content, Digest, Item, Limits, UnitLine
from alerts.notifying import IncidentView, Notice, Notifier, Outgoing, condition_in
from alerts.recipients import Recipient
from indicators.definitions import Count
from indicators.feed_gap import is_given_up, silent_since
from indicators.policy import Policy
from indicators.zones import zone_of
from schemas.condition import Condition
from schemas.instants import Millis, local_date, read_instant
from schemas.outlook import DossierAtRisk, UnitOutlook
from streams.page_links import explanation_link, unit_link
from streams.telling import Telling

TO_ACKNOWLEDGE = frozenset({"opened", "worsened", "reminded", "escalated"})
MOST_AT_RISK = 30  # dossiers in a digest


@dataclass(slots=True)
class Desk:
    """What the notifier's office knows of the units: the newest of each."""

    telling: Telling
    outlooks: dict[str, UnitOutlook] = field(default_factory=dict)
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)  # as in `unit-status`
    conditions: dict[str, Condition] = field(default_factory=dict)  # what the monitor itself lacks

    def note_status(self, status: dict[str, Any]) -> None:
        """Keep a unit's status, if it is the newest."""
        known = self.statuses.get(status["unit_id"])
        if known is None or known["clock"] <= status["clock"]:
            self.statuses[status["unit_id"]] = status

    def note_outlook(self, outlook: UnitOutlook) -> None:
        """Keep a unit's outlook, if it is the newest."""
        known = self.outlooks.get(outlook.unit_id)
        if known is None or known.as_of <= outlook.as_of:
            self.outlooks[outlook.unit_id] = outlook

    def content(self, outgoing: Outgoing, recipient: Recipient, notifier: Notifier) -> Content:
        """All that a message tells."""
        policy = self.telling.monitor_rules.policy
        notices = outgoing.notices
        digests = [notice for notice in notices if notice.occasion.kind == "digest"]
        at = notices[0].occasion.at
        return Content(
            key=outgoing.notification_id,
            recipient_id=recipient.recipient_id,
            role=recipient.role,
            language=recipient.language,
            zone=self.telling.monitor_rules.zone.key,
            at=at,
            green=policy.green,
            yellow=policy.yellow,
            items=tuple(
                self._item(notice, recipient, notifier)
                for notice in notices
                if notice.occasion.kind != "digest"
            ),
            digest=self._digest(recipient, notifier, at) if digests else None,
        )

    def message(self, outgoing: Outgoing, composed: Composed) -> Message:
        """What goes out over one channel."""
        occasion = outgoing.notices[0].occasion
        return message_of(
            outgoing.notification_id,
            composed,
            outgoing.recipient,
            [self._machine_readable(notice) for notice in outgoing.notices],
            event_type=f"vn.vungxanh.{_FAMILIES.get(occasion.kind, 'incident')}.{occasion.kind}",
            subject_id=occasion.subject,
            at=occasion.at,
        )

    def stale_since(self, unit_id: str, now: Millis) -> Millis | None:
        """Since when a unit's feed has been silent for longer than is usual; None: it has not."""
        outlook = self.outlooks.get(unit_id)
        if outlook is None or outlook.last_arrival is None:
            return None
        return silent_since(outlook.last_arrival, outlook.usual_gap, now, self.telling.calendar)

    def is_given_up(self, unit_id: str, now: Millis) -> bool:
        """Whether a unit's feed has been silent for so long that it is not waited for any more."""
        outlook = self.outlooks.get(unit_id)
        return (
            outlook is not None
            and outlook.last_arrival is not None
            and is_given_up(
                outlook.last_arrival,
                outlook.usual_gap,
                now,
                self.telling.calendar,
                self.telling.rules.give_up_feed_after,
            )
        )

    def page(self, unit_id: str) -> str:
        """Where a unit is shown."""
        return unit_link(self.telling.base_url, unit_id)

    def name(self, unit_id: str) -> str:
        """A unit's name; empty where the directory has none."""
        unit = self.telling.units.get(unit_id)
        return "" if unit is None else unit.name

    # -- items -------------------------------------------------------------------------------------

    def _item(self, notice: Notice, recipient: Recipient, notifier: Notifier) -> Item:
        occasion = notice.occasion
        unit_id = occasion.unit_id or ""
        outlook = self.outlooks.get(unit_id)
        step = occasion.step
        figure: dict[str, Any] = {}
        if step is not None:
            evidence = step.evidence
            figure = {
                "zone": step.zone,
                "numerator": evidence.numerator,
                "denominator": evidence.denominator,
                "definition": evidence.definition,
                "window": evidence.window,
                "as_of": evidence.as_of,
                "incident_id": step.incident_id,
                "cause": step.cause,
                "author": step.author,
                "level": step.level,
            }
        elif outlook is not None:
            figure = {
                "zone": outlook.zone,
                "numerator": outlook.numerator,
                "denominator": outlook.denominator,
                "definition": outlook.definition,
                "window": outlook.window,
                "as_of": outlook.as_of,
            }
        incident = _incident(notifier, step.incident_id) if step is not None else None
        return Item(
            kind=occasion.kind,
            why=notice.why,
            unit_id=unit_id,
            unit_name=self.name(unit_id),
            at=occasion.at,
            opened_at=None if incident is None else incident.opened_at,
            before=notifier.previous_figure(unit_id) if unit_id else None,
            outlook=outlook,
            detail="" if step is None else step.reason or "",
            page_url=self.page(unit_id) if unit_id else self.telling.base_url,
            explain_url=None if step is None else explanation_link(self.telling.base_url, step),
            acknowledge_url=self._link(notice, incident, recipient),
            limits=self._limits(unit_id),
            ailment=self._ailment(condition_in(occasion)) if occasion.kind == "health" else None,
            **figure,
        )

    def _ailment(self, condition: Condition) -> Ailment:
        return Ailment(condition, self.name(condition.unit_id or ""))

    def _link(
        self, notice: Notice, incident: IncidentView | None, recipient: Recipient
    ) -> str | None:
        links, occasion = self.telling.links, notice.occasion
        if links is None or incident is None or occasion.kind not in TO_ACKNOWLEDGE:
            return None
        if incident.closed_at is not None or incident.acknowledged_at is not None:
            return None
        ends = occasion.at + self.telling.links_last
        return links.link(incident.incident_id, recipient.recipient_id, ends, incident.opened_at)

    def _limits(self, unit_id: str) -> Limits | None:
        policy = self._policy(unit_id)
        general = self.telling.monitor_rules.policy
        if (policy.green, policy.yellow) == (general.green, general.yellow):
            return None
        return Limits(policy.green, policy.yellow)

    def _policy(self, unit_id: str) -> Policy:
        return self.telling.monitor_rules.policy_of(unit_id)

    def _machine_readable(self, notice: Notice) -> dict[str, object]:
        occasion = notice.occasion
        return {
            "kind": occasion.kind,
            "why": notice.why.value,
            "subject": occasion.subject,
            "unit_id": occasion.unit_id,
            "detail": occasion.detail,
            "condition": condition_in(occasion).to_dict() if occasion.kind == "health" else None,
            "step": None if occasion.step is None else occasion.step.to_dict(),
        }

    # -- the digest --------------------------------------------------------------------------------

    def _digest(self, recipient: Recipient, notifier: Notifier, at: Millis) -> Digest:
        zone, parents = self.telling.monitor_rules.zone, self.telling.recipients.parents
        day = local_date(at * 1_000, zone)
        known = dict.fromkeys([*self.telling.units, *self.statuses])
        mine = [unit_id for unit_id in known if recipient.answers_for(unit_id, parents)]
        incidents = {
            incident.unit_id: incident
            for incident in notifier.open_incidents()
            if incident.closed_at is None
        }
        urgent = self._at_risk(mine, day)
        return Digest(
            day=day,
            units=tuple(
                self._line(unit_id, incidents.get(unit_id), notifier, at) for unit_id in mine
            ),
            at_risk=tuple(urgent[:MOST_AT_RISK]),
            missing=(
                tuple(map(self._ailment, self.conditions.values()))
                if recipient.role == "operations"
                else ()
            ),
            whole_province=recipient.role == "operations",
            page_url=self.telling.base_url,
            at_risk_total=len(urgent),
        )

    def _at_risk(self, units: Sequence[str], day: date) -> list[tuple[str, DossierAtRisk]]:
        """The dossiers that are overdue or due today, by due date."""
        zone = self.telling.monitor_rules.zone
        found = [
            (unit_id, dossier)
            for unit_id in units
            if (outlook := self.outlooks.get(unit_id)) is not None
            for dossier in outlook.at_risk
            if dossier.state == "overdue" or local_date(dossier.due_at * 1_000, zone) <= day
        ]
        return sorted(found, key=lambda one: (one[1].due_at, one[0], one[1].dossier_id))

    def _line(
        self, unit_id: str, incident: IncidentView | None, notifier: Notifier, at: Millis
    ) -> UnitLine:
        status = self.statuses.get(unit_id)
        primary: Mapping[str, Any] = {} if status is None else status["figures"][0]
        before = notifier.previous_figure(unit_id)
        outlook = self.outlooks.get(unit_id)
        today = local_date(at * 1_000, self.telling.monitor_rules.zone)
        return UnitLine(
            unit_id=unit_id,
            unit_name=self.name(unit_id),
            zone=None if status is None else status["zone"],
            numerator=primary.get("numerator"),
            denominator=primary.get("denominator"),
            before_zone=(
                None if before is None else zone_of(Count(*before[1:]), self._policy(unit_id))
            ),
            before=before,
            overdue=None if status is None else status["open"]["overdue"],
            due_today=None if outlook is None else self._due_on(outlook, today),
            incident_id=None if incident is None else incident.incident_id,
            acknowledged_by=None if incident is None else incident.acknowledged_by,
            stale_since=self.stale_since(unit_id, at),
            given_up=self.is_given_up(unit_id, at),
            opened_at=None if incident is None else incident.opened_at,
            definition=primary.get("definition"),
            window=primary.get("window"),
            limits=self._limits(unit_id),
        )

    def _due_on(self, outlook: UnitOutlook, day: date) -> int:
        zone = self.telling.monitor_rules.zone
        return sum(
            dossier.state != "overdue" and local_date(dossier.due_at * 1_000, zone) == day
            for dossier in outlook.at_risk
        )


_FAMILIES = {"warned": "forecast", "digest": "digest", "health": "monitor", "test": "test"}


def _incident(notifier: Notifier, incident_id: str) -> IncidentView | None:
    for incident in notifier.open_incidents():
        if incident.incident_id == incident_id:
            return incident
    return None


def figure_of(status: Mapping[str, Any]) -> dict[str, Any]:
    """A unit's primary figure, for the notifier; `status` as in `unit-status`."""
    primary = status["figures"][0]
    return {
        **{name: primary[name] for name in ("numerator", "denominator", "definition", "window")},
        **{name: status[name] for name in ("unit_id", "zone", "partition", "offset")},
        "at": read_instant(status["clock"]) // 1_000,
    }
