"""What the measurements on a real broker share: topics, a feed in them, a worker, its progress."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
)

from bench.feed import FIRST_DAY, Sent, unit_id
from bench.machine import cpu_seconds, start_on, stop
from schemas.instants import Millis, micros
from streams.settings import KafkaAccess
from streams.topic_plans import ensure_topics
from streams.topics import Topics
from vungxanh.local_kafka import free_port
from vungxanh.publishing.sending import Sender
from vungxanh.settings import Settings
from vungxanh.settings_use import worker_settings

PATIENCE = 300.0  # seconds in which nothing is committed: something hangs
LOOK_EVERY = 0.05  # seconds between two looks at the committed offsets
_NOT_YET = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_MIDNIGHT: Millis = (
    micros(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=ZONE)) // 1000
)


class Progress(NamedTuple):
    """What had been committed when."""

    at: float  # seconds of the monotonic clock
    cpu: float  # seconds of processor time that the worker had used
    records: int


def settings_for(bootstrap: str, prefix: str, clock: str) -> Settings:
    """The settings of a worker with topics and a group of its own; a free port for its page."""
    return Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": [bootstrap], "group": f"{prefix}group"},
            "topics": {"prefix": prefix},
            "http": {"port": free_port()},
            "clock": clock,
        }
    )


def variables_of(settings: Settings) -> dict[str, str]:
    """The same as environment variables, for a process."""
    return {
        "VUNGXANH_KAFKA__BOOTSTRAP_SERVERS": ",".join(settings.kafka.bootstrap_servers),
        "VUNGXANH_KAFKA__GROUP": settings.kafka.group,
        "VUNGXANH_TOPICS__PREFIX": settings.topics.prefix,
        "VUNGXANH_HTTP__PORT": str(settings.http.port),
        "VUNGXANH_CLOCK": settings.clock,
    }


def make_topics(settings: Settings) -> Topics:
    """All topics of a worker."""
    ensure_topics(worker_settings(settings))
    return Topics.of(settings.topics.prefix)


def make_naive_topics(bootstrap: str, group: str, topic: str, partitions: int) -> None:
    """The source, and the changelogs of the naive worker's tables, before it starts.

    Left to itself Faust makes the changelogs, and now and then its agent crashes at once because
    they are not in its metadata yet; then it goes on at a few events a second.
    """
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    configs = {"message.timestamp.before.max.ms": str(2**63 - 1), "retention.ms": "-1"}
    compacted = {**configs, "cleanup.policy": "compact"}
    try:
        admin.create_topics(
            [
                NewTopic(topic, partitions, 1, topic_configs=configs),
                NewTopic(f"{group}-dossiers-changelog", partitions, 1, topic_configs=compacted),
                NewTopic(f"{group}-units-changelog", partitions, 1, topic_configs=compacted),
            ]
        )
    finally:
        admin.close()


@contextmanager
def worker(
    core: int, command: Sequence[str], folder: Path, variables: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on one core, ended at the end; its log is in the folder."""
    with (folder / "worker.log").open("wb") as log:
        process = start_on(core, command, folder=folder, log=log, env=variables)
        try:
            yield process
        except SystemExit:
            print(_end_of(folder / "worker.log"), flush=True)
            raise
        finally:
            stop(process)


def _end_of(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return "\n".join(["the end of the worker's log:", *lines[-30:]])


def publish(bootstrap: str, topic: str, feed: Sequence[Sent]) -> None:
    """Put a feed into a topic, each record under its unit, its arrival when it happened."""
    asyncio.run(_publish(bootstrap, topic, feed))


async def _publish(bootstrap: str, topic: str, feed: Sequence[Sent]) -> None:
    units = [unit_id(number) for number in range(max(sent.unit for sent in feed) + 1)]
    async with Sender(KafkaAccess(bootstrap), topic) as sender:
        for sent in feed:
            await sender.put(units[sent.unit], sent.line, _MIDNIGHT + sent.second * 1000)
        await sender.flush()


def follow(
    bootstrap: str,
    group: str,
    topic: str,
    total: int,
    process: subprocess.Popen[bytes],
) -> list[Progress]:
    """What the group has committed, from the first look with any until all of `total`."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    seen: list[Progress] = []
    changed = told = time.monotonic()
    try:
        while not seen or seen[-1].records < total:
            if process.poll() is not None:
                raise SystemExit("the worker has ended before its time")
            records = _committed(admin, group, topic)
            now = time.monotonic()
            if records > (seen[-1].records if seen else 0):
                seen.append(Progress(now, cpu_seconds(process.pid), records))
                changed = now
            if now - changed > PATIENCE:
                raise SystemExit(f"nothing committed for {PATIENCE:g} s")
            if now - told > 5 and seen:
                print(f"    {seen[-1].records:,} of {total:,}", flush=True)
                told = now
            time.sleep(LOOK_EVERY)
    finally:
        admin.close()
    return seen


def _committed(admin: KafkaAdminClient, group: str, topic: str) -> int:
    try:
        offsets = admin.list_group_offsets(group)[group]
    except _NOT_YET:
        return 0  # the first group that the broker ever sees: it is making room for groups
    return sum(max(0, found.offset) for place, found in offsets.items() if place.topic == topic)


class Rate(NamedTuple):
    """How fast a worker was between the first and the last look that saw something new."""

    wall: float  # records a second
    cpu: float  # records a second of its own processor time


def rate(seen: Sequence[Progress]) -> Rate:
    """From the looks of `follow`.

    A worker that commits by a timer waits for it at the end, with nothing left to do: if it is
    faster without its last commit, that figure is taken.
    """
    first, last = seen[0], seen[-1]
    if len(seen) > 3 and _wall(first, seen[-2]) > _wall(first, last):
        last = seen[-2]
    return Rate(_wall(first, last), (last.records - first.records) / (last.cpu - first.cpu))


def _wall(first: Progress, last: Progress) -> float:
    return (last.records - first.records) / (last.at - first.at)
