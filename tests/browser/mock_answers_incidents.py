"""Made-up incidents and silences: open and closed, taken on and not, with all kinds of steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.browser.mock_province import iso

Json = dict[str, Any]
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def answer(path: str, query: dict[str, str]) -> object | None:
    """The JSON of `/api/incidents` and `/api/silences`."""
    if path == "/api/silences":
        return {"silences": silences()}
    if path != "/api/incidents":
        return None
    state, unit = query.get("state", "all"), query.get("unit")
    found = [
        one
        for one in incidents()
        if unit in (None, one["unit_id"])
        and state in ("all", "closed" if one["closed_at"] else "open")
    ]
    limit, after = int(query.get("limit", "1000")), int(query.get("after", "0"))
    more = after + limit < len(found)
    return {"incidents": found[after : after + limit], "next": str(after + limit) if more else None}


def step(
    incident: str, kind: str, at: datetime, zone: str, figure: tuple[int, int], **more: object
) -> Json:
    """As in `unit-alerts`."""
    return {
        "incident_id": incident,
        "unit_id": incident.split("/", maxsplit=1)[0],
        "kind": kind,
        "at": iso(at),
        "zone": zone,
        "evidence": {
            "definition": "resolved@1",
            "window": "30d",
            "as_of": iso(at + timedelta(milliseconds=1)),
            "numerator": figure[0],
            "denominator": figure[1],
            "partition": 3,
            "offset": 7012,
            "policy": "5f0c2a9be1d47a33",
        },
        **more,
    }


def decision(
    incident: str, kind: str, at: datetime, outcome: str, why: str, **more: object
) -> Json:
    """As in `unit-notifications`."""
    return {
        "notification_id": f"{incident}/{kind}/{outcome}",
        "outcome": outcome,
        "why": why,
        "kind": kind,
        "subject": incident,
        "at": iso(at),
        "unit_id": incident.split("/", maxsplit=1)[0],
        **more,
    }


def incident(incident_id: str, steps: list[Json], decisions: list[Json], **more: object) -> Json:
    """As /api/incidents has it."""
    closed = steps[-1]["kind"] == "closed"
    held = next((one for one in steps if one["kind"] == "acknowledged"), None)
    return {
        "incident_id": incident_id,
        "unit_id": incident_id.split("/", maxsplit=1)[0],
        "opened_at": steps[0]["at"],
        "closed_at": steps[-1]["at"] if closed else None,
        "zone": next(one for one in reversed(steps) if one["kind"] != "corrected")["zone"],
        "acknowledged_by": held["author"] if held else None,
        "acknowledged_at": held["at"] if held else None,
        "silenced_until": None,
        "steps": steps,
        "decisions": decisions,
        **more,
    }


def incidents() -> list[Json]:
    """Newest first."""
    return [
        _unheld(),
        _held(),
        *(_past(unit, days) for unit, days in (("H47.506", 9), ("H47.511", 23), ("H47.504", 40))),
    ]


def _unheld() -> Json:
    id_, at = "H47.511/resolved@1/2", NOW - timedelta(hours=5, minutes=12)
    steps = [
        step(id_, "opened", at, "yellow", (741, 824)),
        step(id_, "worsened", at + timedelta(hours=2), "red", (655, 823)),
        step(id_, "reminded", at + timedelta(hours=4), "red", (601, 824)),
        step(id_, "escalated", at + timedelta(hours=5), "red", (593, 824), level=2),
    ]
    told = {"recipient": "chu-tich-nam-giang", "channel": "email"}
    decisions = [
        decision(id_, "opened", at, "decided", "first_notification", **told),
        decision(id_, "opened", at, "sent", "delivered", **told, attempts=1),
        decision(
            id_,
            "worsened",
            at + timedelta(hours=2),
            "held",
            "held_outside_working_hours",
            recipient="chu-tich-nam-giang",
            until=iso(at + timedelta(hours=14)),
        ),
        decision(
            id_,
            "reminded",
            at + timedelta(hours=4),
            "retrying",
            "channel_failed",
            recipient="chu-tich-nam-giang",
            channel="apprise:tgram",
            attempts=2,
            until=iso(at + timedelta(hours=4, minutes=5)),
            detail="timed out",
        ),
        decision(id_, "escalated", at + timedelta(hours=5), "dropped", "no_recipient"),
    ]
    return incident(id_, steps, decisions)


def _held() -> Json:
    id_, at = "H47.504/resolved@1/2", NOW - timedelta(days=2, hours=3)
    steps = [
        step(id_, "opened", at, "yellow", (811, 933)),
        step(
            id_,
            "acknowledged",
            at + timedelta(minutes=41),
            "yellow",
            (811, 933),
            author="Trần Văn Bình",
            reason="đã giao phòng Tài nguyên xử lý trong ngày",
        ),
        step(
            id_,
            "corrected",
            at + timedelta(hours=9),
            "yellow",
            (812, 933),
            cause={"event_id": "evt-99812", "dossier_id": "000.00.504.H47-260611-0042"},
        ),
    ]
    decisions = [
        decision(
            id_,
            "opened",
            at,
            "sent",
            "delivered",
            recipient="chu-tich-dien-ban",
            channel="email",
            attempts=1,
        ),
        decision(
            id_, "acknowledge", at + timedelta(minutes=41), "taken", "taken", detail="act-118"
        ),
    ]
    until = iso(NOW + timedelta(hours=20))
    return incident(id_, steps, decisions, silenced_until=until)


def _past(unit_id: str, days: int) -> Json:
    id_, at = f"{unit_id}/resolved@1/1", NOW - timedelta(days=days)
    steps = [
        step(id_, "opened", at, "red", (310, 401)),
        step(id_, "improved", at + timedelta(days=1), "yellow", (330, 402)),
        step(id_, "closed", at + timedelta(days=3, hours=2), "green", (371, 410)),
    ]
    decisions = [
        decision(
            id_, "opened", at, "sent", "delivered", recipient=f"head-{unit_id}", channel="email"
        )
    ]
    return incident(id_, steps, decisions)


def silences() -> list[Json]:
    """One of a unit, one of a unit and those below it."""
    return [
        {
            "silence_id": "act-120",
            "scope": "H47.504",
            "author": "Lê Thị Hoa",
            "reason": "chuyển hệ thống một cửa, số liệu đến muộn",
            "at": iso(NOW - timedelta(hours=4)),
            "until": iso(NOW + timedelta(hours=20)),
        },
        {
            "silence_id": "act-121",
            "scope": "H47/*",
            "author": "Trần Văn Bình",
            "reason": "bảo trì theo kế hoạch",
            "at": iso(NOW - timedelta(hours=1)),
            "until": iso(NOW + timedelta(minutes=50)),
        },
    ]


def path_of(incident_id: str, act: str) -> str:
    """The path under which something is done about an incident."""
    return f"/api/incidents/{quote(incident_id, safe='')}/{act}"
