"""The oracle's feeds as a unit's events by dossier, to ask questions of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random

from indicators.facts import Fact, fact_of
from indicators.known import Question
from indicators.windows import read_window
from schemas.event import read_event
from schemas.instants import Micros, micros
from tests.oracle.feeds import Feed, Sent, logged, value
from tests.oracle.fold import Known, fates, from_millis, known_by

DEFINITIONS = ("resolved@1", "strict@1")
WINDOWS = ("1d", "2d", "7d", "30d", "month", "quarter", "half", "year")


def histories_of_records(records: Iterable[Known], unit: str) -> dict[str, list[Fact]]:
    """The events that a ledger would hold after these records: of each id the first."""
    kept = list(records)
    histories: dict[str, list[Fact]] = {}
    for known, fate in zip(kept, fates(kept), strict=True):
        if fate == "folded" and known.event["unit_id"] == unit:
            event, _ = read_event(value(known))
            facts = histories.setdefault(event.dossier_id, [])
            facts.append(fact_of(event, known.arrival, known.offset))
    for facts in histories.values():
        facts.sort()
    return histories


def in_order_of_arrival(feed: Feed) -> Feed:
    """The same feed in a log whose arrivals never run backwards."""
    sent = [Sent(dict(known.event), known.arrival) for known in feed.records]
    return logged(sorted(sent, key=lambda one: one.arrival), feed.zone, feed.partitions)


def some_question(feed: Feed, random: Random, at: datetime, known_at: int | None) -> Question:
    """Any definition over any window; K in ms."""
    return Question(
        random.choice(DEFINITIONS),
        read_window(random.choice(WINDOWS), feed.zone),
        micros(at),
        feed.zone,
        None if known_at is None else micros(from_millis(known_at)),
    )


def known_in_order(feed: Feed, known_at: int | None) -> list[Known]:
    """The records that had arrived by K, in the order of the log."""
    return known_by(feed.records, known_at)


def instant_of(at: datetime | None) -> Micros | None:
    """An instant of the oracle as the core has it."""
    return None if at is None else micros(at)
