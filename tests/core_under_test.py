"""The project's core, driven with the oracle's feeds and speaking in the oracle's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from indicators import policy as core_policy
from indicators.windows import read_window
from schemas.status import UnitStatus
from schemas.step import IncidentStep
from streams.effects import Effects
from streams.monitor import PartitionMonitor
from streams.record import FiledRecord
from streams.rules import MonitorRules
from tests.oracle.feeds import Feed, value
from tests.oracle.fold import Known
from tests.oracle.incidents import Policy, Step

WINDOWS = ("1d", "2d", "7d", "30d", "month", "quarter", "half", "year")
DUE_SOON = timedelta(hours=24)


def rules_of(feed_: Feed, policy: Policy) -> MonitorRules:
    return MonitorRules(
        zone=feed_.zone,
        windows=tuple(read_window(text, feed_.zone) for text in WINDOWS),
        due_soon=DUE_SOON // timedelta(microseconds=1),
        policy=core_policy.Policy(
            definition=policy.definition,
            window=read_window(policy.window, feed_.zone),
            green=policy.green,
            yellow=policy.yellow,
            min_sample=policy.min_sample,
            hold=policy.hold,
            recover_hold=policy.recover_hold,
            recover_margin=policy.recover_margin,
        ),
    )


def record_of(known: Known) -> FiledRecord:
    key = known.event["unit_id"].encode()
    return FiledRecord(known.partition, known.offset, known.arrival, key, value(known))


@dataclass
class Worker:
    """A partition's monitor with what was kept of it, as a worker and its changelog have it."""

    feed: Feed
    partition: int
    rules: MonitorRules
    kept: dict[bytes, bytes] = field(default_factory=dict)
    steps: list[IncidentStep] = field(default_factory=list)
    statuses: dict[str, UnitStatus] = field(default_factory=dict)
    fates: dict[str, int] = field(
        default_factory=lambda: {"folded": 0, "duplicate": 0, "conflicting_event": 0}
    )

    def __post_init__(self) -> None:
        self.monitor = PartitionMonitor(self.partition, self.feed.partitions, self.rules)

    def fold(self, records: Iterable[Known]) -> None:
        self.take(self.monitor.fold([record_of(known) for known in records]))

    def advance(self, clock: int) -> None:
        self.take(self.monitor.advance(clock))

    def take(self, effects: Effects) -> None:
        self.kept.update(effects.changes)
        self.steps.extend(effects.steps)
        self.statuses.update({status.unit_id: status for status in effects.statuses})
        self.fates["folded"] += effects.folded
        self.fates["duplicate"] += effects.duplicates
        for letter in effects.dead_letters:
            self.fates[letter.reason.value] += 1
        assert not effects.forwards

    def restart(self, random: Random) -> None:
        """Another monitor goes on from what was kept, its keys read back in any order."""
        entries = list(self.kept.items())
        random.shuffle(entries)
        self.monitor = PartitionMonitor(self.partition, self.feed.partitions, self.rules)
        self.monitor.restore(entries)


def told(step: IncidentStep, rules: MonitorRules) -> Step:
    """A step of the core in the oracle's words."""
    evidence = step.evidence
    policy = rules.policy
    assert (evidence.definition, evidence.window) == (policy.definition, policy.window.text)
    assert evidence.policy == policy.digest
    return Step(
        step.incident_id,
        step.unit_id,
        step.kind,
        step.at,
        step.zone,
        evidence.as_of,
        evidence.numerator,
        evidence.denominator,
        evidence.partition,
        evidence.offset,
        None if step.cause is None else (step.cause.event_id, step.cause.dossier_id),
    )


def by_unit(found: Iterable[IncidentStep], rules: MonitorRules) -> dict[str, list[Step]]:
    """Steps in order; of one instant, the order of the units does not matter."""
    result: dict[str, list[Step]] = {}
    for step in found:
        result.setdefault(step.unit_id, []).append(told(step, rules))
    return result
