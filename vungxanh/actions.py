"""What people do by the command: written to `unit-actions`, and read back from there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

import orjson
from aiokafka.errors import UnknownTopicOrPartitionError

from schemas.action import Action, read_action
from schemas.instants import Millis
from streams.action_log import ActionLog
from streams.incident_now import IncidentNow, incident_now, unit_of_incident
from streams.record import Record
from streams.routing import partition_of
from streams.topics import ACTIONS, ALERTS
from vungxanh.errors import WrongUseError
from vungxanh.kafka_access import reaching
from vungxanh.settings import Settings
from vungxanh.settings_use import kafka_access
from vungxanh.topic_reading import read_topic


class Silence(NamedTuple):
    """A silence and what ended it, if anybody did."""

    made: Action
    lifted: Action | None = None

    def ended_at(self) -> Millis:
        """When it ends, or has ended."""
        assert self.made.until is not None  # as of every silence that is read or written
        return self.made.until if self.lifted is None else min(self.made.until, self.lifted.at)

    def state_at(self, now: Millis) -> str:
        """`in force`, `ended` or `lifted`."""
        if self.lifted is not None:
            return "lifted"
        return "in force" if now < self.ended_at() else "ended"


def write_action(settings: Settings, key: str, action: Action) -> None:
    """Write it under a unit's id (`*`: all) and wait until Kafka has acknowledged it.

    Raises WrongUseError where there is no such topic, UnreachableError without Kafka.
    """
    with reaching(settings):
        asyncio.run(_write(settings, key, action))


async def _write(settings: Settings, key: str, action: Action) -> None:
    log = ActionLog(kafka_access(settings), settings.topic(ACTIONS))
    try:
        await log.write(key, action)
    except UnknownTopicOrPartitionError:
        topic = settings.topic(ACTIONS)
        raise WrongUseError(f"there is no topic {topic}: make it with `vungxanh topics`") from None
    finally:
        await log.stop()


def find_incident(settings: Settings, incident_id: str) -> IncidentNow:
    """How an incident stands by `unit-alerts`; WrongUseError where there is none."""
    unit_id = unit_of_incident(incident_id)
    now = None
    if unit_id is not None:
        values: list[bytes] = []
        home = partition_of(unit_id, settings.topics.partitions)
        read_topic(settings, ALERTS, lambda record: _take_value(record, values), {home})
        now = incident_now(incident_id, map(orjson.loads, values))
    if now is None:
        raise WrongUseError(
            f"there is no incident {incident_id}; `vungxanh alerts list` lists all of them"
        )
    return now


def read_silences(settings: Settings) -> list[Silence]:
    """Every silence there ever was, oldest first. Records that are no actions are passed over."""
    values: list[bytes] = []
    read_topic(settings, ACTIONS, lambda record: _take_value(record, values))
    return silences_of(values)


def silences_of(values: Iterable[bytes]) -> list[Silence]:
    """The silences in the values of `unit-actions`, each partition's in order."""
    made: dict[str, Silence] = {}
    for value in values:
        try:
            action = read_action(value)
        except ValueError:  # not written by this program; the notifier passes it over too
            continue
        if action.kind == "silence" and action.scope and action.until is not None:
            made.setdefault(action.action_id, Silence(action))
        elif action.kind == "unsilence" and action.silence_id in made:
            silence = made[action.silence_id]
            if silence.lifted is None:  # who lifts it first has lifted it
                made[action.silence_id] = silence._replace(lifted=action)
    return sorted(made.values(), key=lambda silence: silence.made.at)


def _take_value(record: Record, values: list[bytes]) -> None:
    if record.value is not None:
        values.append(record.value)
