"""The published schemas of what is told to people, and of what they do about it."""

from __future__ import annotations

from typing import get_args

from schemas.action import ACTION_KINDS
from schemas.json_schema import Schema, count, head, instant, object_of, or_null, place, text
from schemas.notification import OUTCOMES, RecordKind, Why
from schemas.outlook import RiskState
from schemas.status import ZONES
from schemas.step import STEP_KINDS


def alert_schema() -> Schema:
    """A record of `unit-alerts`, as `IncidentStep.to_dict` makes it."""
    evidence = object_of(
        {
            "definition": text("of the figure"),
            "window": text("of the figure"),
            "as_of": instant("the instant T of the figure"),
            "numerator": count("dossiers"),
            "denominator": count("dossiers"),
            "partition": count("of dossier-events"),
            "offset": place("the last record folded"),
            "policy": text("the hash of the policy"),
            "calendar": text("the version of the working calendar, where it decided"),
        },
        seldom=["calendar"],
    )
    cause = object_of(
        {"event_id": text("of the event"), "dossier_id": text("of its dossier")},
        description="of `corrected`: the event that shows the opening in another light",
    )
    properties: dict[str, Schema] = {
        "incident_id": text("unit, definition and number: the same however often it is derived"),
        "unit_id": text("the unit; also the record's key"),
        "kind": {"enum": list(STEP_KINDS)},
        "at": instant("the partition's clock"),
        "zone": {
            "enum": list(ZONES),
            "description": "of the figure in the evidence; of `corrected`, the zone at the "
            "opening's T as now known",
        },
        "evidence": evidence,
        "cause": cause,
        "author": text("of `acknowledged`: who did it"),
        "reason": {"type": "string", "description": "of `acknowledged`: in the author's words"},
        "level": {
            "type": "integer",
            "minimum": 1,
            "description": "of `escalated`: told from now on",
        },
    }
    return {
        **head("alert", "A step of an incident", "the value of a record of unit-alerts"),
        **object_of(properties, seldom=["cause", "author", "reason", "level"]),
    }


def notification_schema() -> Schema:
    """A record of `unit-notifications`, as `Notification.to_dict` makes it."""
    properties: dict[str, Schema] = {
        "notification_id": text("the idempotency key: subject, occasion, recipient and channel"),
        "outcome": {"enum": list(OUTCOMES)},
        "why": {"enum": [why.value for why in Why], "description": "the reason of the decision"},
        "kind": {
            "enum": _names(RecordKind),
            "description": "a step of an incident, what else there may be to tell, or what a "
            "person did",
        },
        "subject": text("the incident's id, or `digest/...`, `health/...`, `outlook/...`"),
        "at": instant("the notifier's clock"),
        "unit_id": text("the unit"),
        "recipient": text("its id in the recipients file"),
        "channel": text("such as `email`, `webhook`, `alertmanager`, `apprise:tgram`"),
        "until": instant("of `held` and `retrying`: decided or tried again then"),
        "attempts": count("tries to deliver"),
        "message": text("of `grouped`: the notification_id of the message it travels in"),
        "detail": text(
            "an action's or a silence's id, or an error's words without addresses and secrets"
        ),
    }
    seldom = ["unit_id", "recipient", "channel", "until", "message", "detail"]
    about = head(
        "notification",
        "A message sent, held back or failed, and why",
        "the value of a record of unit-notifications",
    )
    return {**about, **object_of(properties, seldom=seldom)}


def action_schema() -> Schema:
    """A record of `unit-actions`, as `Action.to_json` makes it."""
    properties: dict[str, Schema] = {
        "action_id": text("unique; of a silence also its name"),
        "kind": {"enum": list(ACTION_KINDS)},
        "author": text("who did it"),
        "at": instant("when, by the wall clock"),
        "reason": {"type": "string", "description": "in the author's words"},
        "incident_id": text("of `acknowledge`: the incident"),
        "scope": text("of `silence`: a unit, a unit with `/*` for those below too, or `*`"),
        "until": instant("of `silence`: its end"),
        "silence_id": text("of `unsilence`: the action_id of the silence that it ends"),
        "recipient_id": text(
            "of `acknowledge` by a message's link: to whom it was sent, by its id in the "
            "recipients file"
        ),
    }
    seldom = ["incident_id", "scope", "until", "silence_id", "recipient_id"]
    about = head(
        "action", "What a person did about an incident", "the value of a record of unit-actions"
    )
    return {**about, **object_of(properties, seldom=seldom)}


def outlook_schema() -> Schema:
    """A record of `unit-outlook`, as `UnitOutlook.to_dict` makes it."""
    risk = object_of(
        {
            "dossier_id": text("the dossier"),
            "due_at": instant("its due date"),
            "state": {"enum": list(get_args(RiskState))},
        }
    )
    properties: dict[str, Schema] = {
        "unit_id": text("the unit; also the record's key"),
        "as_of": instant("the instant T of everything here"),
        "partition": count("of dossier-events"),
        "offset": place("the last record folded"),
        "zone": {"enum": list(ZONES)},
        "definition": text("of the primary indicator"),
        "window": text("of it"),
        "numerator": count("dossiers"),
        "denominator": count("dossiers"),
        "policy": text("the hash of the policy"),
        "calendar": text("the version of the working calendar"),
        "at_risk": {
            "type": "array",
            "items": risk,
            "description": "open dossiers whose clock runs, most urgent first, at most 50",
        },
        "at_risk_total": count("dossiers at risk, shown here or not"),
        "forecast": or_null(_forecast()),
        "recovery": or_null(_recovery()),
        "last_arrival": or_null(instant("the last arrival of its feed")),
        "usual_gap": or_null(
            count("working time between arrivals that is usual, ms; null: unknown")
        ),
    }
    about = head(
        "outlook",
        "What will become of a unit's figure, and which dossiers decide it",
        "the value of a record of unit-outlook",
    )
    return {**about, **object_of(properties)}


def _forecast() -> Schema:
    projection = object_of(
        {
            "leaves_green_at": or_null(
                instant("the first judgement below green; null: it stays green")
            ),
            "numerator": count("dossiers, at that instant or at the end of the horizon"),
            "denominator": count("dossiers, at that instant or at the end of the horizon"),
        }
    )
    pace = "of the last ten working days; null: nothing ended in them"
    keep = "dossiers which, closed on time, keep it green, by due date, at most 200; null: none can"
    return object_of(
        {
            "until": instant("the end of the horizon"),
            "if_nothing_is_closed": projection,
            "at_the_pace": or_null({**projection, "description": pace}),
            "keep_green": or_null(_dossiers(keep)),
            "keep_green_more": count("dossiers that belong to them and are not named"),
        },
        seldom=["keep_green_more"],  # absent from records of before plans were bounded
        description="before it happens: of a green unit",
    )


def _recovery() -> Schema:
    ends = "so many, all on time and by `by`, bring it back; null: see impossible_before"
    return object_of(
        {
            "on_time_ends": or_null(count(ends)),
            "by": or_null(instant("the instant by which they have to end")),
            "dossiers": _dossiers(
                "open ones that can still end on time, most urgent first, at most 200"
            ),
            "impossible_before": or_null(
                instant("the window makes it impossible before; null: possible")
            ),
            "dossiers_more": count("dossiers that belong to them and are not named"),
        },
        seldom=["dossiers_more"],
        description="after it happened: of a unit below green",
    )


def _dossiers(what: str) -> Schema:
    return {"type": "array", "items": text("a dossier"), "description": what}


def _names(union: object) -> list[str]:
    """The names that a union of literals allows."""
    return [name for part in get_args(union) for name in get_args(part) or (part,)]
