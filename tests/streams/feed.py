"""A seeded feed for the engine: many dossiers, plain lives, some noise; fast to make.

The rules of the domain are tried elsewhere (`tests/oracle`); this one has to keep a worker busy
while it is being killed, and to make units leave green and come back so that incidents open and
close. What arrived when is part of it: the same seed gives the same records.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

BEGIN = datetime(2025, 1, 6, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Sent(NamedTuple):
    """A record as a producer sends it."""

    key: bytes
    value: bytes
    timestamp: int  # the arrival, ms


@dataclass(slots=True)
class Feed:
    """Records in the order of their arrival, and what was put into them, counted apart."""

    seed: int
    sent: list[Sent] = field(default_factory=list)
    ended: Counter[tuple[str, bool]] = field(default_factory=Counter)  # (unit, on time): dossiers
    duplicates: int = 0
    units: list[str] = field(default_factory=list)


def make_feed(seed: int, dossiers: int, units: int = 24, days: int = 90) -> Feed:
    """A feed of some 2.3 records a dossier, spread over some days of arrival."""
    dice = random.Random(seed)
    feed = Feed(seed, units=[f"U{number:03d}" for number in range(units)])
    arrivals: list[tuple[int, int, Sent]] = []
    for number in range(dossiers):
        unit = feed.units[min(int(dice.expovariate(4 / units)), units - 1)]
        begin = BEGIN + timedelta(seconds=dice.uniform(0, days * 86_400))
        events = _life(dice, unit, number, begin, days)
        for event, arrival in events:
            at = int(arrival.timestamp() * 1000)
            record = Sent(unit.encode(), json.dumps(event).encode(), at)
            arrivals.append((at, len(arrivals), record))
            if dice.random() < 0.02:
                feed.duplicates += 1
                arrivals.append((at + dice.randrange(10_000_000), len(arrivals), record))
        last = events[-1][0]
        if last["type"] == "completed":
            due = datetime.fromisoformat(events[0][0]["due_at"])
            feed.ended[unit, datetime.fromisoformat(last["occurred_at"]) <= due] += 1
    arrivals.sort(key=lambda arrival: arrival[:2])
    feed.sent = [record._replace(timestamp=at) for at, _, record in arrivals]
    return feed


def _life(
    dice: random.Random, unit: str, number: int, begin: datetime, days: int
) -> list[tuple[dict[str, Any], datetime]]:
    """The events of a dossier, each with its arrival."""
    due = begin + HOUR * dice.choice((24, 48, 72, 120))
    # How well a unit does swings over the weeks, so that it leaves green and comes back.
    phase = (begin - BEGIN).days // 15 + sum(unit.encode())
    late = dice.random() < (0.02, 0.25, 0.08)[phase % 3]
    end = due + HOUR * dice.uniform(1, 40) if late else begin + (due - begin) * dice.random()
    steps: list[tuple[str, datetime, datetime | None]] = [("received", begin, due)]
    if dice.random() < 0.2:
        steps.append(("processing", begin + (end - begin) * dice.random(), None))
    if dice.random() < 0.95:
        steps.append(("completed", end, None))
    events = []
    for place, (kind, at, due_at) in enumerate(steps):
        event = {
            "event_id": f"{number}-{place}",
            "type": kind,
            "occurred_at": at.isoformat(),
            "dossier_id": f"D-{number:07d}",
            "unit_id": unit,
        }
        if due_at is not None:
            event["due_at"] = due_at.isoformat()
        events.append((event, at + timedelta(seconds=dice.expovariate(1 / 600))))
    return events
