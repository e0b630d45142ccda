"""From a record's arrival to its figure in `/metrics`, at a steady rate."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
import uuid
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import aiohttp
import orjson
from aiokafka import AIOKafkaProducer

from bench.feed import make_feed
from bench.kafka_runs import make_topics, settings_for, variables_of, worker
from bench.machine import cores, keep_to
from bench.spread import quantile
from vungxanh.local_kafka import LocalKafka, free_port

SCRAPE_EVERY = 0.5  # seconds from the start of one to that of the next
OLDEST = 10.0  # seconds; what is older than that has been shown or never will be
PATIENCE = 60.0  # seconds; against hanging
WARM_UP = 3.0  # seconds of the feed that are not counted
_ENDS = frozenset({"completed", "refused"})
_DENOMINATOR = re.compile(
    rb'^dossier_window_dossiers\{(?=[^}]*definition="resolved@1")(?=[^}]*window="30d")'
    rb'(?=[^}]*count="denominator")[^}]*unit="([^"]+)"[^}]*\} ([0-9.e+]+)$',
    re.MULTILINE,
)
_BUCKET = re.compile(rb'^dossier_fold_latency_seconds_bucket\{le="([^"]+)"\} ([0-9.e+]+)$', re.M)


class Look(NamedTuple):
    """What one scrape told of one end."""

    age: float  # seconds from its arrival until the answer had been read
    shown: bool


class Scrape(NamedTuple):
    """What `/metrics` said: ended dossiers of each unit."""

    begun: float  # seconds since 1970
    done: float
    ended: Mapping[str, int]
    body: bytes


def run(options: Namespace) -> bool:
    """Measure; there is no target but that it is told."""
    core, rest = cores()
    keep_to(rest)
    total = int(options.rate * (options.seconds + WARM_UP))
    events = [orjson.loads(sent.line) for sent in make_feed(total, options.seed)]
    with tempfile.TemporaryDirectory(prefix="vungxanh-bench-") as name:
        folder = Path(name)
        with LocalKafka(folder / "kafka", free_port()) as kafka:
            settings = settings_for(
                kafka.bootstrap_servers, f"live-{uuid.uuid4().hex[:8]}-", "wall"
            )
            topic = make_topics(settings).events
            with worker(core, ["-m", "vungxanh", "worker"], folder, variables_of(settings)):
                live = _Live(kafka.bootstrap_servers, topic, settings.http.port, options.rate)
                asyncio.run(live.run(events))
    live.tell(options)
    return True


class _Live:
    """A publisher at a steady rate, and a reader of `/metrics` beside it."""

    def __init__(self, bootstrap: str, topic: str, port: int, rate: int) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._address = f"http://127.0.0.1:{port}"
        self._rate = rate
        self._arrivals: dict[str, list[float]] = defaultdict(list)  # of ends, by unit, in order
        self._scrapes: list[Scrape] = []
        self._late = 0.0  # seconds that the publisher was behind at worst
        self._begun = 0.0

    async def run(self, events: Sequence[Mapping[str, str]]) -> None:
        """Publish all, and read until the last end shows."""
        async with aiohttp.ClientSession() as web:
            await self._ready(web)
            publishing = asyncio.create_task(self._publish(events))
            deadline = time.monotonic() + len(events) / self._rate + PATIENCE
            while not (publishing.done() and self._all_shown()):
                if time.monotonic() > deadline:
                    raise SystemExit("wrong: ends are missing in /metrics")
                began = time.monotonic()
                await self._scrape(web)
                await asyncio.sleep(max(0.0, SCRAPE_EVERY - (time.monotonic() - began)))
            await publishing

    async def _ready(self, web: aiohttp.ClientSession) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                async with web.get(f"{self._address}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass  # it does not listen yet
            if time.monotonic() > deadline:
                raise SystemExit("the worker was not ready in time")
            await asyncio.sleep(0.1)

    async def _publish(self, events: Sequence[Mapping[str, str]]) -> None:
        """Each event happens as it is sent: the same lives of dossiers, told in a minute."""
        ended: set[str] = set()
        async with AIOKafkaProducer(bootstrap_servers=self._bootstrap, linger_ms=0) as producer:
            sent = []
            self._begun = time.time()
            began = time.monotonic()
            for number, event in enumerate(events):
                behind = time.monotonic() - began - number / self._rate
                if behind < 0:
                    await asyncio.sleep(-behind)
                self._late = max(self._late, behind)
                now = time.time_ns() // 1_000_000
                value = orjson.dumps(_moved(event, now))
                unit, dossier = event["unit_id"], event["dossier_id"]
                sent.append(
                    await producer.send(self._topic, value, key=unit.encode(), timestamp_ms=now)
                )
                if event["type"] in _ENDS and dossier not in ended:
                    ended.add(dossier)
                    self._arrivals[unit].append(now / 1000)
            await asyncio.gather(*sent)

    async def _scrape(self, web: aiohttp.ClientSession) -> None:
        begun = time.time()
        async with web.get(f"{self._address}/metrics") as answer:
            body = await answer.read()
        done = time.time()
        ended = {unit.decode(): int(float(count)) for unit, count in _DENOMINATOR.findall(body)}
        self._scrapes.append(Scrape(begun, done, ended, body))
        if len(self._scrapes) > 1:
            self._scrapes[-2] = self._scrapes[-2]._replace(body=b"")

    def _all_shown(self) -> bool:
        last = self._scrapes[-1].ended if self._scrapes else {}
        return all(last.get(unit, 0) >= len(ends) for unit, ends in self._arrivals.items())

    def tell(self, options: Namespace) -> None:
        """Print what was found."""
        looks = list(self._looks())
        answers = [scrape.done - scrape.begun for scrape in self._scrapes]
        print(
            f"latency: {options.rate} events/s for {options.seconds} s over "
            f"{len(self._arrivals)} units, {sum(map(len, self._arrivals.values())):,} ends marked, "
            f"{len(self._scrapes)} scrapes; publisher behind by {self._late * 1000:.0f} ms at worst"
        )
        print(
            "latency: from a record's arrival until an answer of /metrics with its figure has been "
            f"read: p50 {shown_by(looks, 0.5) * 1000:.0f} ms, "
            f"p99 {shown_by(looks, 0.99) * 1000:.0f} ms; "
            f"the answer alone takes {quantile(answers, 0.5) * 1000:.0f} ms (p50)"
        )
        found = _BUCKET.findall(self._scrapes[-1].body)
        buckets = [(float(le), float(count)) for le, count in found]
        print(
            "latency: arrival to committed, by the worker's own dossier_fold_latency_seconds: "
            f"p50 {_of_buckets(buckets, 0.5) * 1000:.0f} ms, "
            f"p99 {_of_buckets(buckets, 0.99) * 1000:.0f} ms ({buckets[-1][1]:,.0f} records)"
        )

    def _looks(self) -> Iterator[Look]:
        """For every scrape and every end that had arrived by then: how old it was, and if shown."""
        for scrape in self._scrapes:
            for unit, arrivals in self._arrivals.items():
                shown = scrape.ended.get(unit, 0)
                for number, arrived in enumerate(arrivals, start=1):
                    age = scrape.done - arrived
                    if 0 <= age < OLDEST and arrived >= self._begun + WARM_UP:
                        yield Look(age, number <= shown)


def shown_by(looks: Sequence[Look], share: float) -> float:
    """The age from which on so great a share of what has arrived is shown, in seconds.

    Nobody looks at the very moment at which a figure appears, and looking often would slow the
    worker down. But every look says of each end whether it took longer than its age; the best
    non-decreasing curve through these answers (pooled adjacent violators) is the distribution.
    """
    blocks: list[tuple[float, int, int]] = []  # first age, how many shown, of how many
    for look in sorted(looks):
        blocks.append((look.age, int(look.shown), 1))
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            _, shown, of = blocks.pop()
            age, shown_before, of_before = blocks.pop()
            blocks.append((age, shown_before + shown, of_before + of))
    return next((age for age, shown, of in blocks if shown >= share * of), float("inf"))


def _moved(event: Mapping[str, str], now: int) -> dict[str, str]:
    """The event as if it happened now; what is promised is promised for next week."""
    instant = datetime.fromtimestamp(now / 1000, UTC)
    moved = {**event, "occurred_at": instant.isoformat(timespec="milliseconds")}
    if "due_at" in event:
        moved["due_at"] = (instant + timedelta(days=7)).isoformat(timespec="seconds")
    return moved


def _of_buckets(buckets: Sequence[tuple[float, float]], share: float) -> float:
    """A quantile of a Prometheus histogram, as `histogram_quantile` has it."""
    wanted = buckets[-1][1] * share
    below = (0.0, 0.0)
    for le, count in buckets:
        if count >= wanted:
            if le == float("inf"):
                return below[0]
            return below[0] + (le - below[0]) * (wanted - below[1]) / max(count - below[1], 1)
        below = (le, count)
    return below[0]
