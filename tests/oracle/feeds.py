"""Untidy feeds, made from a seed: what a province's systems really send, and worse.

A feed is the records of all partitions as a log holds them. Lives of dossiers are made first
(pauses that overlap, due dates moved in time and too late, ends that contradict each other), then
taken back in part, then sent: late, early, twice, in conflict, out of order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from aiokafka.partitioner import murmur2

from tests.oracle.fold import Known, instant, to_millis

START = datetime(2024, 3, 29, 17, 0, tzinfo=UTC)  # 30 March in Viet Nam; a quarter ends soon
ZONES = ("Asia/Ho_Chi_Minh", "Europe/Amsterdam", "America/New_York", "UTC")
UNITS = ("don-vi-a", "don-vi-b", "Phường.Cẩm-Lệ", "d", "e5", "quế-sơn")
WRITTEN_IN = ("+07:00", "+00:00", "Z", "-05:30")  # offsets that feeds write their instants with
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Shape:
    """How large a feed is; small ones are for brute force at every minute."""

    units: int = 3
    dossiers: int = 8  # of each unit
    days: float = 6.0  # in which dossiers begin
    partitions: int = 2
    taken_back: float = 0.2  # share of the dossiers of which something is voided


@dataclass(frozen=True)
class Feed:
    """The records of all partitions, each partition's in order of offset."""

    records: tuple[Known, ...]
    zone: ZoneInfo
    partitions: int

    def of(self, partition: int) -> list[Known]:
        """The records of one partition."""
        return [known for known in self.records if known.partition == partition]

    def units(self) -> list[str]:
        """All units that are named in it."""
        return sorted({known.event["unit_id"] for known in self.records})


@dataclass
class Sent:
    """An event on its way: when it will arrive."""

    event: dict[str, Any]
    arrival: int  # ms


@dataclass
class Life:
    """A dossier being made."""

    random: Random
    unit: str
    dossier: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def happens(
        self, kind: str, at: datetime, due: datetime | None = None, **more: str
    ) -> dict[str, Any]:
        """One more event; a due date is stated as an instant or as a bare date."""
        letter = self.random.choice("abcdwxyz")  # ids do not follow time
        event: dict[str, Any] = {
            "event_id": f"{letter}{len(self.events)}",
            "type": kind,
            "occurred_at": written(at, self.random.choice(WRITTEN_IN)),
            "dossier_id": self.dossier,
            "unit_id": self.unit,
            **more,
        }
        if due is not None:
            bare = self.random.random() < 0.25
            event["due_at"] = due.date().isoformat() if bare else written(due, "+07:00")
        self.events.append(event)
        return event


def written(moment: datetime, offset: str) -> str:
    """An instant as a feed writes it."""
    if offset == "Z":
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    zone = datetime.fromisoformat("2024-01-01T00:00:00" + offset).tzinfo
    return moment.astimezone(zone).isoformat()


def partition_of(unit: str, partitions: int) -> int:
    """Where Kafka's default partitioner puts a key."""
    return int(murmur2(unit.encode()) & 0x7FFFFFFF) % partitions


def some_time(random: Random, low: float, high: float) -> timedelta:
    """A span of days: on the half hour, on the minute, or to the microsecond."""
    span = timedelta(days=random.uniform(low, high))
    grain = random.choice((timedelta(minutes=30), timedelta(minutes=1), timedelta(days=1), MOMENT))
    return span // grain * grain


def at_or_near(random: Random, moment: datetime) -> datetime:
    """The instant itself, or the one just before or after."""
    return moment + random.choice((0, 0, -1, 1)) * random.choice((MOMENT, timedelta(minutes=1)))


def live(life: Life, begin: datetime, taken_back: float) -> None:
    """What happens to one dossier."""
    random = life.random
    due = begin + some_time(random, 0.05, 4)
    if random.random() < 0.2:
        life.happens("submitted", begin - some_time(random, 0, 1))
    if random.random() < 0.9:
        life.happens("received", begin, due if random.random() < 0.85 else None)
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        pause(life, begin, due)
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        stated_at = random.choice((begin + some_time(random, 0, 5), at_or_near(random, due)))
        life.happens("due_changed", stated_at, stated_at + some_time(random, -1, 4))
    if random.random() < 0.1:
        slip_at = due + some_time(random, 0, 2)
        life.happens("apology_issued", slip_at, slip_at + some_time(random, 0, 2))
    if random.random() < 0.2:
        life.happens("processing", begin + some_time(random, -1, 6))
    end(life, begin, due)
    if random.random() < 0.25:
        coincide(life)
    if random.random() < taken_back:
        take_back(life, begin)


def pause(life: Life, begin: datetime, due: datetime) -> None:
    """Papers or money asked of the citizen, given or not; with a new date or not."""
    random = life.random
    asked, given = random.choice(
        (("supplement_requested", "supplement_completed"), ("fee_requested", "fee_paid"))
    )
    from_ = random.choice((begin + some_time(random, -0.5, 4), at_or_near(random, due)))
    stated = from_ + some_time(random, 0, 3) if random.random() < 0.1 else None
    life.happens(asked, from_, stated)
    if random.random() < 0.8:
        to = from_ + some_time(random, 0, 2)
        life.happens(given, to, to + some_time(random, -1, 3) if random.random() < 0.4 else None)


def end(life: Life, begin: datetime, due: datetime) -> None:
    """The ends of a dossier: none, one, or several that contradict each other."""
    random = life.random
    kinds = random.choice(
        (
            (),
            (),
            *[("completed",)] * 6,
            ("completed", "delivered"),
            ("delivered",),
            ("refused",),
            ("stopped", "refused"),
            ("withdrawn",),
            ("refused", "completed"),
            ("withdrawn", "delivered"),
            ("not_accepted",),
            ("completed", "completed"),
        )
    )
    low = -0.5 if random.random() < 0.08 else 0.1  # some end before they begin
    for kind in kinds:
        ended = random.choice(
            (
                begin + some_time(random, low, 5),
                begin + (due - begin) * random.random(),
                begin + (due - begin) * random.random(),
                at_or_near(random, due),
            )
        )
        life.happens(kind, ended, ended + timedelta(hours=6) if random.random() < 0.08 else None)


def coincide(life: Life) -> None:
    """Two events of the dossier at one instant."""
    if len(life.events) > 1:
        one, other = life.random.sample(life.events, 2)
        one["occurred_at"] = other["occurred_at"]


def take_back(life: Life, begin: datetime) -> None:
    """An event voided: of this dossier, a voided one, or one that nobody knows."""
    random = life.random
    for _ in range(random.choice((1, 1, 2))):
        target = random.choice([*[event["event_id"] for event in life.events], "nobody"])
        at = begin + some_time(random, -1, 7)
        life.happens("voided", at, at if random.random() < 0.05 else None, voids=target)


def send(random: Random, events: Iterable[dict[str, Any]]) -> list[Sent]:
    """Arrivals: at once, later, much later, before the fact; some twice, some in conflict."""
    sent = []
    for event in events:
        occurred = to_millis(instant(event["occurred_at"]))
        delay = random.choice((0, 0, 0, 1, 1_000, 3_600_000, 86_400_000 * 2, -7_200_000))
        arrival = occurred + (delay if random.random() < 0.5 else int(delay * random.random()))
        if random.random() < 0.15:
            arrival = arrival // 60_000 * 60_000  # on a whole minute
        sent.append(Sent(event, arrival))
        if random.random() < 0.08:
            again = {**event, "ho_ten": "Nguyễn Văn A"} if random.random() < 0.3 else dict(event)
            sent.append(Sent(again, arrival + random.choice((0, 1, 90_000_000))))
        if random.random() < 0.05:
            sent.append(
                Sent(contradicted(random, event), arrival + random.choice((0, 1, 5_000_000)))
            )
    return sent


def contradicted(random: Random, event: dict[str, Any]) -> dict[str, Any]:
    """The same event_id with other content."""
    other = dict(event)
    change = random.choice(("type", "occurred_at", "due_at", "step"))
    if change == "type":
        other["type"] = "processing" if event["type"] != "processing" else "completed"
        other.pop("voids", None)
    elif change == "step":
        other["step"] = "other"
    else:
        moment = instant(event["occurred_at"]) + timedelta(hours=5)
        other[change] = written(moment, "+07:00")
    return other


def shuffled_a_little(random: Random, sent: list[Sent]) -> list[Sent]:
    """By arrival, but a few stand in the log later than that, and fewer a little earlier."""
    ordered = sorted(sent, key=lambda one: one.arrival)
    for _ in range(len(ordered) // 15):
        position = random.randrange(len(ordered))
        shift = random.choice((-3, 1, 5, 30, len(ordered)))  # one too early drags the clock on
        ordered.insert(max(0, position + shift), ordered.pop(position))
    return ordered


def logged(sent: Iterable[Sent], zone: ZoneInfo, partitions: int) -> Feed:
    """The log of what is sent, in the order given."""
    offsets = [0] * partitions
    records = []
    for one in sent:
        partition = partition_of(one.event["unit_id"], partitions)
        records.append(Known(one.event, one.arrival, partition, offsets[partition]))
        offsets[partition] += 1
    return Feed(tuple(records), zone, partitions)


def feed(seed: int, shape: Shape | None = None) -> Feed:
    """The feed of a seed: the same for ever, as long as this module is not changed."""
    shape = shape or Shape()
    random = Random(seed)
    events: list[dict[str, Any]] = []
    for unit in random.sample(UNITS, shape.units):
        for number in range(shape.dossiers):
            life = Life(random, unit, f"H-{number}")  # the ids of units overlap
            live(life, START + some_time(random, 0, shape.days), shape.taken_back)
            events.extend(life.events)
    sent = shuffled_a_little(random, send(random, events))
    return logged(sent, ZoneInfo(random.choice(ZONES)), shape.partitions)


def value(known: Known) -> bytes:
    """The value of the record in the topic."""
    return json.dumps(known.event, ensure_ascii=False).encode()
