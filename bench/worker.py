"""Events a second of one worker on one core, against the naive Faust one, on a real broker."""

from __future__ import annotations

import tempfile
import uuid
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench import naive_faust
from bench.feed import Sent, days_of_province, make_feed
from bench.kafka_runs import (
    Rate,
    follow,
    make_naive_topics,
    make_topics,
    publish,
    rate,
    settings_for,
    variables_of,
    worker,
)
from bench.machine import cores, keep_to
from bench.right import Check, check_naive
from bench.spread import spread
from vungxanh.local_kafka import LocalKafka, free_port

TARGET = 10  # times as fast as the naive one


def run(options: Namespace) -> bool:
    """Measure both by turns; whether the target was met."""
    core, rest = cores()
    keep_to(rest)
    print(
        f"worker: making {options.events:,} events; the naive one gets the first "
        f"{options.naive_events:,} of them",
        flush=True,
    )
    feed = make_feed(options.events, options.seed, days_of_province(options.events))
    ours: list[Rate] = []
    naive: list[Rate] = []
    with tempfile.TemporaryDirectory(prefix="vungxanh-bench-") as name:
        folder = Path(name)
        with LocalKafka(folder / "kafka", free_port()) as kafka:
            check = Check(feed)
            few = feed[: options.naive_events]
            for number in range(1, options.runs + 1):
                ours.append(run_ours(kafka.bootstrap_servers, core, feed, folder, check))
                print(f"  run {number}: vungxanh    {_told(ours[-1])}, figures right", flush=True)
                naive.append(run_naive(kafka.bootstrap_servers, core, few, folder))
                print(f"  run {number}: naive Faust {_told(naive[-1])}, counts right", flush=True)
    print(
        "worker: from the first to the last commit seen, so without start-up; worker on one core, "
        "broker and all else on another; state and outputs durable"
    )
    print(f"worker: vungxanh    {spread([one.wall for one in ours], 'events/s')}")
    print(f"worker: naive Faust {spread([one.wall for one in naive], 'events/s')}")
    _compare("by the clock", [one.wall for one in ours], [one.wall for one in naive])
    _compare("by processor time", [one.cpu for one in ours], [one.cpu for one in naive])
    return median(one.wall for one in ours) >= TARGET * median(one.wall for one in naive)


def _told(rate: Rate) -> str:
    return f"{rate.wall:,.0f} events/s ({rate.cpu:,.0f} a second of its processor time)"


def _compare(by: str, ours: Sequence[float], naive: Sequence[float]) -> None:
    ratios = [a / b for a, b in zip(ours, naive, strict=True)]
    print(
        f"worker: {by}, pair by pair {spread(ratios, 'times', 1)}; "
        f"medians {median(ours) / median(naive):.1f} times"
    )


def run_ours(bootstrap: str, core: int, feed: Sequence[Sent], folder: Path, check: Check) -> Rate:
    """Events a second; ends the measurement where a figure is wrong."""
    settings = settings_for(bootstrap, f"ours-{uuid.uuid4().hex[:8]}-", "records")
    topics = make_topics(settings)
    publish(bootstrap, topics.events, feed)
    with worker(core, ["-m", "vungxanh", "worker"], folder, variables_of(settings)) as process:
        seen = follow(bootstrap, settings.kafka.group, topics.events, len(feed), process)
    check.compare(settings)
    return rate(seen)


def run_naive(bootstrap: str, core: int, feed: Sequence[Sent], folder: Path) -> Rate:
    """Events a second."""
    topic = group = f"naive-{uuid.uuid4().hex[:8]}"
    make_naive_topics(bootstrap, group, topic, naive_faust.PARTITIONS)
    publish(bootstrap, topic, feed)
    variables = {"BENCH_BROKER": bootstrap, "BENCH_TOPIC": topic, "BENCH_GROUP": group}
    command = ["-m", "bench.naive_faust", "worker", "--loglevel", "warn"]
    with worker(core, command, folder, variables) as process:
        seen = follow(bootstrap, group, topic, len(feed), process)
    check_naive(bootstrap, group, feed)
    return rate(seen)
