"""Cases told in a line an event: `received 1 08:00 due 5`, all in June 2023 in Viet Nam."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.fold import Event, Known, to_millis

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


def day(text: str) -> datetime:
    """`5 10:30` is that time of June 2023 in Viet Nam; `5` its midnight."""
    number, _, clock = text.partition(" ")
    hours, _, minutes = clock.partition(":")
    start = datetime(2023, 6, 1, tzinfo=VIET_NAM)
    return start + timedelta(days=int(number) - 1, hours=int(hours or 0), minutes=int(minutes or 0))


def happened(*told: str) -> list[Event]:
    """`received 1 08:00 due 5 voids b`: events with the ids a, b, c … in the order told.

    A due date `5` is bare, `5 17:00` an instant.
    """
    events: list[Event] = []
    for number, line in enumerate(told):
        kind, _, rest = line.partition(" ")
        rest, _, target = rest.partition(" voids ")
        when, _, due = rest.partition(" due ")
        event: dict[str, Any] = {
            "event_id": "abcdefghij"[number],
            "type": kind,
            "occurred_at": day(when).isoformat(),
            "dossier_id": "H-1",
            "unit_id": "u",
        }
        if due:
            event["due_at"] = day(due).isoformat() if " " in due else f"2023-06-{int(due):02}"
        if target:
            event["voids"] = target
        events.append(event)
    return events


def sent(events: Sequence[Event], arrivals: Sequence[str], partition: int = 0) -> list[Known]:
    return [
        Known(event, to_millis(day(arrival)), partition, offset)
        for offset, (event, arrival) in enumerate(zip(events, arrivals, strict=True))
    ]
