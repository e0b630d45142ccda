"""`vungxanh replay --alerts`: the incidents that a history yields, partition by partition."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from audit.ordering import steps_in_order
from audit.replay import replay_partition
from schemas.instants import Micros, Millis
from schemas.step import IncidentStep
from streams.record import Record
from vungxanh.errors import WrongUseError
from vungxanh.histories import Source
from vungxanh.replaying.asking import instant_of
from vungxanh.replaying.units import demand_known, keep_homes, key_of
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules


def demand_no_figures(given: Mapping[str, object]) -> None:
    """Steps are by the policy in force: raise WrongUseError for an option that asks for figures."""
    for option, value in given.items():
        if value:
            raise WrongUseError(
                f"{option}: not with --alerts: steps go by the policy in force (see `vungxanh "
                "config`) and are printed as a table, CSV or JSON; `vungxanh backtest` tries others"
            )


def until_of(
    text: str | None, source: Path | None, settings: Settings, known: Micros | None
) -> Millis | None:
    """To when the clock runs on: what --until says, or as a worker's would."""
    if text == "now" or (text is None and source is None and settings.clock == "wall"):
        now = time.time_ns() // 1_000_000
        return now if known is None else min(now, known // 1_000)
    return None if text is None else instant_of(text, "--until") // 1_000


def replay_steps(
    history: Source,
    settings: Settings,
    until: Millis | None,
    units: Collection[str] | None,
    jobs: int | None,
) -> list[IncidentStep]:
    """The steps in order; of these units, or of all.

    Raises WrongUseError where the history has no event of a unit, UnreachableError without Kafka.
    """
    keep_homes(history, units)
    keys = frozenset(map(key_of, units or ()))
    work = StepsOfPartition(settings, history.partitions, until, keys)
    seen: set[bytes] = set()
    steps: list[IncidentStep] = []
    for found in history.each_partition("replaying", work, jobs):
        steps += found.steps
        seen |= found.seen
    if units is not None:
        demand_known(units, [one for one in units if key_of(one) in seen], history, settings)
    return steps_in_order(one for one in steps if units is None or one.unit_id in units)


class FoundSteps(NamedTuple):
    """What a partition yields."""

    steps: list[IncidentStep]
    seen: set[bytes]  # of the keys asked for, those that have a record


@dataclass(frozen=True, slots=True)
class StepsOfPartition:
    """The steps of incidents that a partition's records yield."""

    settings: Settings
    partitions: int
    until: Millis | None
    keys: frozenset[bytes]  # looked out for

    def __call__(self, partition: int, records: Iterable[Record]) -> FoundSteps:
        """In the order in which they come."""
        seen: set[bytes] = set()
        if self.keys:
            records = self._looking_out(records, seen)
        rules = monitor_rules(self.settings)
        steps = list(replay_partition(records, partition, self.partitions, rules, self.until))
        return FoundSteps(steps, seen)

    def _looking_out(self, records: Iterable[Record], seen: set[bytes]) -> Iterator[Record]:
        for record in records:
            if record.key in self.keys:
                seen.add(record.key)
            yield record
