"""The incident steps that a partition's records yield, judged by brute force.

The clock is the arrival of the last record folded and never goes back; a record that arrived
"before" it is folded at the clock as it is. A unit is judged after each of its own records, and at
every whole minute m that the clock moves past (m < clock), after all records with arrival <= m.
Every judgement counts the whole unit anew, at T = clock + 1 ms.

After each of its own records a unit's latest opening is looked at again: its figure at the
opening's T, counted anew from all that is known by now. What an event dated before T says has been
so all along; a `voided` that has come since says that an event never was, whenever it was written.

Most minutes can change nothing. `Minutes.NEAR_INSTANTS` judges only those beside an instant at
which something happens; `Minutes.EVERY` judges all of them and shows that the first loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.oracle.count import Counted, count, window_start
from tests.oracle.fold import (
    Event,
    Known,
    fates,
    fold_dossier,
    from_millis,
    instant,
    to_millis,
)

MINUTE = 60_000  # ms


class Minutes(Enum):
    """Which of the whole minutes passed are judged."""

    NEAR_INSTANTS = "near instants"
    EVERY = "every"


@dataclass(frozen=True)
class Policy:
    """By what a unit is judged."""

    definition: str = "resolved@1"
    window: str = "30d"
    green: Fraction = Fraction(9, 10)
    yellow: Fraction = Fraction(8, 10)
    min_sample: int = 20
    hold: int = 600_000  # ms
    recover_hold: int = 600_000  # ms
    recover_margin: Fraction = Fraction(0)


@dataclass(frozen=True)
class Step:
    """One step of an incident, with its evidence; times in ms."""

    incident_id: str
    unit_id: str
    kind: str
    at: int
    zone: str
    as_of: int
    numerator: int
    denominator: int
    partition: int
    offset: int
    cause: tuple[str, str] | None = None  # event, dossier


@dataclass(frozen=True)
class Opening:
    """The latest opening of a unit."""

    at: datetime  # T
    known: tuple[tuple[str, str], ...]  # the events that had come by then: dossier, event


@dataclass(frozen=True)
class Tick:
    """A record folded: what the clock showed then."""

    clock: int
    known: Known


def zone_of(counted: Counted, policy: Policy) -> str:
    """The zone of a figure; without a ratio there is nothing to judge."""
    if counted.denominator < policy.min_sample or counted.ratio is None:
        return "grey"
    if counted.ratio >= policy.green:
        return "green"
    return "yellow" if counted.ratio >= policy.yellow else "red"


def ticks(records: Iterable[Known]) -> list[Tick]:
    """The records of one partition that are folded, in order of offset, with the clock."""
    ordered = sorted(records, key=lambda known: known.offset)
    result: list[Tick] = []
    for known, fate in zip(ordered, fates(ordered), strict=True):
        if fate == "folded":
            clock = known.arrival if not result else max(result[-1].clock, known.arrival)
            result.append(Tick(clock, known))
    return result


class Unit:
    """One unit under judgement: what is known of it, and the state of its incident."""

    def __init__(self, unit_id: str, policy: Policy, zone: ZoneInfo) -> None:
        self.unit_id, self.policy, self.zone = unit_id, policy, zone
        self.events: dict[str, list[Event]] = {}  # by dossier
        self.instants: dict[str, set[datetime]] = {}  # by dossier: when its counts may change
        self.open = False
        self.number = 0
        self.id = ""  # of the latest incident
        self.since: int | None = None  # clock of the first judgement of the unbroken run
        self.stated = ""  # the zone that the open incident stated last
        self.opening: Opening | None = None  # of the latest incident, open or closed
        self.was_so = True  # whether by what is known now the opening was so
        self.steps: list[Step] = []

    def add(self, event: Event) -> None:
        """Take in one more event."""
        dossier_id = event["dossier_id"]
        self.events.setdefault(dossier_id, []).append(event)
        self.instants[dossier_id] = self.instants_of(dossier_id)

    def instants_of(self, dossier_id: str) -> set[datetime]:
        """When the counts of a dossier may change: its events, dues, ends, ends leaving a window.

        The dossier is looked at just after each of its events, so that every due date that was
        ever in force is among them.
        """
        found: set[datetime] = set()
        for event in self.events[dossier_id]:
            happened = instant(event["occurred_at"])
            at = happened + timedelta(microseconds=1)
            folded = fold_dossier(dossier_id, self.events[dossier_id], at, self.zone)
            found.add(happened)
            if folded.due_at is not None:
                found.add(folded.due_at)
            if folded.ended_at is not None:
                found.add(folded.ended_at)
                if self.policy.window.endswith("d"):
                    found.add(folded.ended_at + timedelta(days=int(self.policy.window[:-1])))
        return found

    def counted(self, at: datetime) -> Counted:
        """The figure by the policy."""
        folded = [fold_dossier(name, events, at, self.zone) for name, events in self.events.items()]
        return count(folded, self.policy.definition, self.policy.window, at, self.zone)

    def known_now(self, dossier_id: str, opening: Opening) -> list[Event]:
        """A dossier's events less those that a `voided` took back after the opening."""
        events = self.events[dossier_id]
        taken_back = {
            event["voids"]
            for event in events
            if event["type"] == "voided" and (dossier_id, event["event_id"]) not in opening.known
        }
        return [
            event
            for event in events
            if event["type"] == "voided" or event["event_id"] not in taken_back
        ]

    def look_back(self, clock: int, known: Known) -> None:
        """Whether the latest opening was so by what is known now, after one more event."""
        if self.opening is None:
            return
        opening = self.opening
        folded = [
            fold_dossier(name, self.known_now(name, opening), opening.at, self.zone)
            for name in self.events
        ]
        policy = self.policy
        counted = count(folded, policy.definition, policy.window, opening.at, self.zone)
        zone = zone_of(counted, policy)
        if (zone in ("yellow", "red")) != self.was_so:
            self.was_so = not self.was_so
            cause = (known.event["event_id"], known.event["dossier_id"])
            place = (known.partition, known.offset)
            step = self.step("corrected", clock, zone, counted, place)
            self.steps.append(replace(step, as_of=to_millis(opening.at), cause=cause))

    def judge(self, clock: int, partition: int, offset: int) -> None:
        """One judgement; `offset` is the last record folded in the partition."""
        counted = self.counted(from_millis(clock + 1))
        zone = zone_of(counted, self.policy)
        kind = self.turn(clock, zone, counted)
        if kind == "opened":
            self.number += 1
            self.id = f"{self.unit_id}/{self.policy.definition}/{self.number}"
            come = [(name, one["event_id"]) for name, of in self.events.items() for one in of]
            self.opening = Opening(from_millis(clock + 1), tuple(come))
            self.was_so = True
        elif kind is None and self.open and zone in ("yellow", "red") and zone != self.stated:
            kind = "worsened" if zone == "red" else "improved"
        if self.open and zone in ("yellow", "red"):
            self.stated = zone
        if kind is not None:
            place = (partition, offset)
            self.steps.append(self.step(kind, clock, zone, counted, place))

    def turn(self, clock: int, zone: str, counted: Counted) -> str | None:
        """Whether the incident opens or closes at a judgement."""
        if self.open:
            margin = self.policy.green + self.policy.recover_margin
            wanted = zone == "green" and counted.ratio is not None and counted.ratio >= margin
        else:
            wanted = zone in ("yellow", "red")
        if not wanted:  # grey too: too few to judge interrupts the run, and closes nothing
            self.since = None
            return None
        if self.since is None:
            self.since = clock
        if clock - self.since < self.hold:
            return None
        self.since = None
        self.open = not self.open
        return "opened" if self.open else "closed"

    def step(
        self, kind: str, clock: int, zone: str, counted: Counted, place: tuple[int, int]
    ) -> Step:
        """A step of the latest incident, with the evidence of a judgement at that clock."""
        return Step(
            incident_id=self.id,
            unit_id=self.unit_id,
            kind=kind,
            at=clock,
            zone=zone,
            as_of=clock + 1,
            numerator=counted.numerator,
            denominator=counted.denominator,
            partition=place[0],
            offset=place[1],
        )

    @property
    def hold(self) -> int:
        """How long the run must be for the next step, ms."""
        return self.policy.recover_hold if self.open else self.policy.hold

    def next_minute(self, after: int, before: int, minutes: Minutes) -> int | None:
        """The first whole minute in (after, before) to be judged."""
        following = after // MINUTE * MINUTE + MINUTE
        if following >= before:
            return None
        if minutes is Minutes.EVERY:
            return following
        near = [to_millis(moment) for found in self.instants.values() for moment in found]
        if self.since is not None:
            near.append(self.since + self.hold)
        if not self.policy.window.endswith("d"):
            near.extend(period_starts(self.policy.window, after, before, self.zone))
        candidates = [
            minute
            for moment in near
            for minute in range(moment // MINUTE * MINUTE - MINUTE, moment + 3 * MINUTE, MINUTE)
            if following <= minute < before
        ]
        return min(candidates, default=None)


def period_starts(window: str, after: int, before: int, zone: ZoneInfo) -> Iterator[int]:
    """The starts of local periods from `after` to `before`, ms; each found from the day it is."""
    moment, last = from_millis(after), from_millis(before)
    while moment <= last + timedelta(days=1):
        yield to_millis(window_start(window, moment, zone))
        moment += timedelta(days=1)


def unit_steps(
    folded: Sequence[Tick],
    unit_id: str,
    policy: Policy,
    zone: ZoneInfo,
    until: int | None,
    minutes: Minutes,
) -> list[Step]:
    """The steps of one unit of the partition, whose clock all its units share."""
    unit = Unit(unit_id, policy, zone)
    for number, tick in enumerate(folded):
        place = (tick.known.partition, tick.known.offset)
        if tick.known.event["unit_id"] == unit_id:
            unit.add(tick.known.event)
            unit.look_back(tick.clock, tick.known)
            unit.judge(tick.clock, *place)
        if not unit.events:
            continue
        if number + 1 < len(folded):
            clock = folded[number + 1].clock
        else:
            clock = tick.clock if until is None else max(tick.clock, until)
        minute = unit.next_minute(tick.clock - 1, clock, minutes)
        while minute is not None:
            unit.judge(minute, *place)
            minute = unit.next_minute(minute, clock, minutes)
    return unit.steps


def steps(
    records: Iterable[Known],
    policy: Policy,
    zone: ZoneInfo,
    until: int | None = None,
    minutes: Minutes = Minutes.NEAR_INSTANTS,
) -> dict[str, list[Step]]:
    """The steps of every unit of one partition, in order.

    `until`: the clock to which the partition's clock moves on after the last record; minutes
    below it are judged, that of `until` itself is not yet past.
    """
    folded = ticks(records)
    units = {tick.known.event["unit_id"] for tick in folded}
    return {
        unit_id: unit_steps(folded, unit_id, policy, zone, until, minutes)
        for unit_id in sorted(units)
    }
