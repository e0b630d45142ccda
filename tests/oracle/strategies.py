"""Hypothesis strategies of feeds: less lifelike than `feeds`, and shrinking to the bare case.

Instants lie on a coarse grid with a few odd steps beside it, so that events, due dates, window
edges and arrivals coincide often. `HYPOTHESIS_PROFILE=deep` looks for long and at random; without
it the examples are few and the same in every run.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.oracle.feeds import START, ZONES, Feed, Sent, logged, written
from tests.oracle.fold import to_millis

TYPES = (
    "received",
    "completed",
    "due_changed",
    "supplement_requested",
    "supplement_completed",
    "fee_requested",
    "fee_paid",
    "refused",
    "delivered",
    "stopped",
    "withdrawn",
    "submitted",
    "processing",
    "not_accepted",
    "apology_issued",
    "voided",
)
STATES_DUE = ("received", "due_changed", "supplement_completed", "fee_paid", "apology_issued")
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
settings.register_profile(
    "ci", derandomize=True, max_examples=60, deadline=None, suppress_health_check=SLOW
)
settings.register_profile("deep", max_examples=2_000, deadline=None, suppress_health_check=SLOW)
chosen = settings.get_profile("deep" if DEEP else "ci")  # a decorator for tests
SEEDS = range(400) if DEEP else range(12)  # of the feeds of `feeds`
GRID = timedelta(hours=6)
DELAYS = (0, 0, 0, 1, 21_600_000, 100_000_000, -21_600_000)  # ms, from the fact to its arrival
BESIDE = (0, 1, -1, 1_000, 60_000_000)  # microseconds


def moments(steps: int = 24) -> st.SearchStrategy[datetime]:
    """Instants on the grid or just beside it."""
    return st.builds(
        lambda step, beside: START + step * GRID + timedelta(microseconds=beside),
        st.integers(0, steps),
        st.sampled_from(BESIDE),
    )


@st.composite
def events(draw: st.DrawFn, unit: str, dossier: str, number: int) -> dict[str, Any]:
    """Any event of a dossier."""
    kind = draw(st.sampled_from(TYPES))
    event: dict[str, Any] = {
        "event_id": f"{draw(st.sampled_from('az'))}{number}",
        "type": kind,
        "occurred_at": written(draw(moments()), "+07:00"),
        "dossier_id": dossier,
        "unit_id": unit,
    }
    if kind == "voided":
        event["voids"] = draw(st.sampled_from("az")) + str(draw(st.integers(0, 5)))
    chance = 2 if kind in STATES_DUE else 8
    if draw(st.integers(1, chance)) <= 1 + (kind == "received"):
        due = draw(moments(32))
        bare = draw(st.booleans())
        event["due_at"] = due.date().isoformat() if bare else written(due, "Z")
    return event


@st.composite
def lives(draw: st.DrawFn, unit: str, dossier: str, most: int = 8) -> list[dict[str, Any]]:
    """The events of a dossier, of any kind in any order."""
    length = draw(st.integers(1, most))
    return [draw(events(unit, dossier, number)) for number in range(length)]


@st.composite
def feeds(
    draw: st.DrawFn, units: int = 2, dossiers: int = 4, partitions: int = 2, most: int = 8
) -> Feed:
    """A feed: any events, arriving when they happen, later or earlier, some twice."""
    sent: list[Sent] = []
    names = ("don-vi-a", "don-vi-b", "quế-sơn")[: draw(st.integers(1, units))]
    for unit in names:
        for number in range(draw(st.integers(1, dossiers))):
            for event in draw(lives(unit, f"H-{number}", most)):
                occurred = to_millis(datetime.fromisoformat(event["occurred_at"]).astimezone(UTC))
                delay = draw(st.sampled_from(DELAYS[1:]))
                sent.append(Sent(event, occurred + delay))
    if draw(st.booleans()):
        sent.append(draw(st.sampled_from(sent)))
    sent.sort(key=lambda one: one.arrival)
    if draw(st.booleans()):
        sent = draw(st.permutations(sent))
    return logged(sent, ZoneInfo(draw(st.sampled_from(ZONES))), partitions)


@st.composite
def plain_lives(draw: st.DrawFn, dossier: str) -> list[Sent]:
    """Received and ended, in time or late; perhaps known late, moved, or taken back."""
    begin, due, end = (draw(st.integers(low, low + 8)) for low in (0, 2, 2))
    told: list[tuple[str, int, dict[str, str]]] = [
        ("received", begin, {"due_at": written(START + due * GRID, "Z")}),
        ("completed", end, {}),
    ]
    match draw(st.sampled_from(("nothing", "nothing", "taken back", "moved", "another end"))):
        case "taken back":
            voids = draw(st.sampled_from(("0", "1", "1")))
            told.append(("voided", draw(st.integers(2, 20)), {"voids": voids}))
        case "moved":
            moved = written(START + draw(st.integers(2, 14)) * GRID, "Z")
            told.append(("due_changed", begin, {"due_at": moved}))
        case "another end":
            told.append((draw(st.sampled_from(("completed", "refused"))), due, {}))
    sent = []
    for number, (kind, step, more) in enumerate(told):
        moment = START + step * GRID + timedelta(microseconds=draw(st.sampled_from(BESIDE)))
        event = {
            "event_id": str(number),
            "type": kind,
            "occurred_at": written(moment, "+07:00"),
            "dossier_id": dossier,
            "unit_id": "don-vi-a",
            **more,
        }
        sent.append(Sent(event, to_millis(moment) + draw(st.sampled_from(DELAYS))))
    return sent


@st.composite
def plain_feeds(draw: st.DrawFn) -> Feed:
    """One unit whose few dossiers mostly end, so that its zone changes often."""
    lives = [draw(plain_lives(f"H-{number}")) for number in range(draw(st.integers(2, 9)))]
    sent = [one for life in lives for one in life]
    sent.sort(key=lambda one: one.arrival)
    return logged(sent, ZoneInfo(ZONES[0]), 1)
