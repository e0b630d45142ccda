"""The same job as a Faust user would write it first: what the worker is measured against.

A `Record` for the event, validated and with its instants parsed by Faust; an agent on the topic,
with Faust's own consumer; a `Table` of dossiers, written once an event, and a `Table` of the units'
counts, written when a dossier's verdict is known or changes. Default settings, tables in memory
with their changelogs in Kafka, as after `pip install faust-streaming` and an hour with its guide.

It does useful work: receipt, due date, clock stopped by supplements and fees, verdict at the end,
counts on time and late of every unit since the beginning. It does less than the monitor: no
duplicates found, no order but that of arrival, no windows, no zones and incidents, no judgement as
time passes, no dead letters, and at most once for what is in its queues at a rebalance.

Run as `python -m bench.naive_faust worker`, told by BENCH_BROKER, BENCH_TOPIC and BENCH_GROUP.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

import faust

PARTITIONS = 8
LOCAL = timezone(timedelta(hours=7))
ENDS = ("completed", "delivered", "refused")
STOPS = ("supplement_requested", "fee_requested")
GOES_ON = ("supplement_completed", "fee_paid")

app = faust.App(
    os.environ.get("BENCH_GROUP", "naive"),
    broker=f"kafka://{os.environ.get('BENCH_BROKER', '127.0.0.1:19092')}",
    topic_partitions=PARTITIONS,
    value_serializer="json",
    web_enabled=False,
)


class Event(faust.Record, serializer="json", validation=True, coerce=True):  # type: ignore[misc, call-arg]
    """A record of `dossier-events`."""

    event_id: str
    type: str
    occurred_at: datetime
    dossier_id: str
    unit_id: str
    due_at: str | None = None  # an instant or a bare date
    procedure_id: str | None = None
    step: str | None = None
    channel: str | None = None
    service_level: str | None = None


class Dossier(faust.Record, serializer="json", coerce=True):  # type: ignore[misc, call-arg]
    """Where a dossier stands."""

    received_at: datetime | None = None
    due: datetime | None = None
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    on_time: bool | None = None


class Counts(faust.Record, serializer="json"):  # type: ignore[misc, call-arg]
    """What a unit has resolved."""

    on_time: int = 0
    late: int = 0


events = app.topic(os.environ.get("BENCH_TOPIC", "dossier-events"), value_type=Event)
dossiers = app.Table("dossiers", value_type=Dossier)
units = app.Table("units", value_type=Counts)


def due_of(text: str) -> datetime:
    """The instant promised; a bare date is the end of that local day."""
    due = datetime.fromisoformat(text)
    if due.tzinfo is None:
        due = due.replace(tzinfo=LOCAL) + timedelta(days=1, microseconds=-1)
    return due


def follow(dossier: Dossier, event: Event) -> None:
    """Fold an event into its dossier."""
    if event.type == "received" and dossier.received_at is None:
        dossier.received_at = event.occurred_at
    if event.due_at is not None and dossier.due is None:
        dossier.due = due_of(event.due_at)
    if event.type in STOPS and dossier.paused_at is None:
        dossier.paused_at = event.occurred_at
    elif event.type in GOES_ON and dossier.paused_at is not None:
        if dossier.due is not None:
            dossier.due += event.occurred_at - dossier.paused_at
        dossier.paused_at = None
    elif event.type in ENDS and dossier.ended_at is None:
        dossier.ended_at = event.occurred_at
        if dossier.due is not None:
            dossier.on_time = event.occurred_at <= dossier.due


@app.agent(events)  # type: ignore[untyped-decorator]
async def fold(stream: faust.StreamT) -> None:
    """Every event: its dossier, and its unit's counts when the verdict is known."""
    async for event in stream:
        dossier = dossiers.get(event.dossier_id) or Dossier()
        before = dossier.on_time
        follow(dossier, event)
        dossiers[event.dossier_id] = dossier
        if dossier.on_time is not None and before is None:
            counts = units.get(event.unit_id) or Counts()
            if dossier.on_time:
                counts.on_time += 1
            else:
                counts.late += 1
            units[event.unit_id] = counts


if __name__ == "__main__":
    app.main()
