"""What was decided about telling somebody, as it is in `unit-notifications`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from streams.record import Record
from streams.topics import NOTIFICATIONS
from vungxanh.printing import print_json_lines, print_rows
from vungxanh.settings import Settings
from vungxanh.topic_reading import read_topic

COLUMNS = (
    "at",
    "outcome",
    "why",
    "kind",
    "unit_id",
    "recipient",
    "channel",
    "subject",
    "until",
    "attempts",
    "detail",
    "message",
    "notification_id",
)
Told = tuple[dict[str, Any], bytes]  # its fields, and the line as it is in the topic


def read_notifications(settings: Settings) -> list[Told]:
    """All of them, by time; those of one instant as they were written."""
    found: list[Told] = []

    def take(record: Record) -> None:
        if record.value is not None:
            found.append((orjson.loads(record.value), record.value))

    read_topic(settings, NOTIFICATIONS, take)
    found.sort(
        key=lambda one: str(one[0]["at"])
    )  # of one length, in UTC: its order is that of time
    return found


def print_notifications(records: list[Told], form: str, zone: ZoneInfo) -> None:
    """As table, CSV or JSON Lines."""
    if form == "json":
        print_json_lines(value for _, value in records)
        return
    rows = [fields for fields, _ in records]
    if form == "table":
        rows = [
            {**row, "until": local_text(row["until"], zone)} if "until" in row else row
            for row in rows
        ]
    print_rows(rows, COLUMNS, form, zone)


def local_text(instant: str, zone: ZoneInfo) -> str:
    """An instant of a record in local time, for people."""
    return datetime.fromisoformat(instant).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
