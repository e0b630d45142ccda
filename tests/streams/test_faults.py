"""Exact under faults: real workers, a real broker, and the worst that can be done to both.

Whatever happens, a read_committed reader finds the figures, the incident steps and the sealed book
of an undisturbed fold of the same records: none missing, none different, none twice. The ends of
dossiers are counted a second time by the feed itself, which knows nothing of the fold.

A failing run prints its seed; `VUNGXANH_TEST_SEED=... make test` repeats it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.exits import Exit
from tests.streams.feed import Feed, Sent, make_feed
from tests.streams.stage import SESSION_MS, Publisher, Stage, outcome_of, undisturbed, wait_until
from vungxanh.local_kafka import LocalKafka

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

DOSSIERS = 6_000  # some 13,000 records


@pytest.fixture
def seed() -> int:
    """A new one each time, unless it is given."""
    chosen = int(os.environ.get("VUNGXANH_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"VUNGXANH_TEST_SEED={chosen}")  # shown by pytest where the test fails
    return chosen


@pytest.fixture
def stage(kafka: LocalKafka, topic_prefix: str, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(kafka.bootstrap_servers, topic_prefix, tmp_path)
    yield stage
    stage.close()


def as_lines(steps: list[dict[str, object]]) -> Counter[str]:
    return Counter(json.dumps(step, sort_keys=True) for step in steps)


def check(stage: Stage, feed: Feed) -> None:
    """The outcome is the undisturbed one, and the feed's own count agrees."""
    expected, found = undisturbed(stage), outcome_of(stage)
    assert found.statuses == expected.statuses, stage.logs()
    assert as_lines(found.steps) == as_lines(expected.steps), stage.logs()
    assert len(found.steps) > 20, "too few incidents: the test would prove nothing"
    for unit in feed.units:
        in_order = [step["at"] for step in found.steps if step["unit_id"] == unit]
        assert in_order == sorted(in_order)
        outcomes = found.statuses[unit]["resolved"]["365d"]
        assert outcomes["early"] + outcomes["on_time"] == feed.ended[unit, True]
        assert outcomes["late"] == feed.ended[unit, False]
    assert sorted(found.letters) == sorted(expected.letters)
    assert found.book == expected.book, stage.logs()
    days = sum(b'"kind":"day"' in value for entries in found.book.values() for _, value in entries)
    assert days > 80 * stage.settings.partitions, "too few days: the test would prove nothing"


def wait_no_lag(stage: Stage) -> None:
    """Until the running workers own every partition between them, and say that lag is 0."""

    def none_behind() -> bool:
        stage.look_after()
        lags: dict[str, float] = {}
        for worker in stage.workers:
            if worker.running and worker.ready:
                samples = worker.samples()
                lags |= {k: v for k, v in samples.items() if k.startswith("dossier_partition_lag")}
        return len(lags) == stage.settings.partitions and not any(lags.values())

    try:
        wait_until(none_behind, "lag 0 in all partitions")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{stage.logs()}") from None


def test_workers_join_in_mid_stream(stage: Stage, seed: int) -> None:
    feed = make_feed(seed, DOSSIERS)
    publisher = Publisher(stage, feed.sent, seconds=10)
    first = stage.worker()
    publisher.start()
    wait_until(lambda: first.ready, "the first worker to be ready")
    second = stage.worker()
    wait_until(lambda: second.ready, "the second worker to be ready")
    third = stage.worker()
    wait_until(lambda: third.ready, "the third worker to be ready")
    publisher.wait()
    stage.wait_folded()
    wait_no_lag(stage)
    check(stage, feed)
    assert [worker.terminate() for worker in stage.workers] == [Exit.DONE] * 3


def test_killed_six_times_at_random_moments(stage: Stage, seed: int) -> None:
    dice = random.Random(seed)
    feed = make_feed(seed, DOSSIERS)
    publisher = Publisher(stage, feed.sent, seconds=45)
    victim, other = stage.worker(), stage.worker()
    publisher.start()
    for _ in range(6):
        time.sleep(dice.uniform(0.5, 7))  # in a fold, a commit, a recovery, a rebalance
        victim.kill()
        victim.start()
        if dice.random() < 0.3:
            victim, other = other, victim
    publisher.wait()
    stage.wait_folded()
    wait_no_lag(stage)
    check(stage, feed)


def test_rolling_restart(stage: Stage, seed: int) -> None:
    feed = make_feed(seed, DOSSIERS)
    publisher = Publisher(stage, feed.sent, seconds=12)
    for _ in range(3):
        stage.worker()
    publisher.start()
    wait_until(lambda: all(worker.ready for worker in stage.workers), "three workers to be ready")
    for worker in stage.workers:
        assert worker.terminate() == Exit.DONE, stage.logs()
        worker.start()
        wait_until(lambda worker=worker: worker.ready, "it to be ready again")  # type: ignore[misc]
    publisher.wait()
    stage.wait_folded()
    wait_no_lag(stage)
    check(stage, feed)


def test_stopped_past_its_session_and_woken(stage: Stage, seed: int) -> None:
    feed = make_feed(seed, DOSSIERS)
    publisher = Publisher(stage, feed.sent, seconds=16)
    sleeper, heir = stage.worker(supervised=True), stage.worker()
    publisher.start()
    wait_until(lambda: sleeper.ready and heir.ready, "both workers to be ready")
    sleeper.send(signal.SIGSTOP)
    partitions = stage.settings.partitions

    def all_inherited() -> bool:
        return heir.ready and len(json.loads(heir.get("/readyz")[1])["partitions"]) == partitions

    wait_until(all_inherited, f"the heir to own everything after {SESSION_MS} ms of silence")
    sleeper.send(signal.SIGCONT)
    publisher.wait()
    stage.wait_folded()
    wait_no_lag(stage)
    check(stage, feed)
    assert sleeper.exits == [Exit.STALLED], stage.logs()


def test_a_recovery_longer_than_the_session(stage: Stage, seed: int) -> None:
    feed = make_feed(seed, DOSSIERS // 2)
    half = len(feed.sent) // 2
    Publisher(stage, feed.sent[:half], seconds=0).run()
    worker = stage.worker()
    stage.wait_folded()
    assert worker.terminate() == Exit.DONE
    Publisher(stage, feed.sent[half:], seconds=0).run()
    worker.variables["SLOW_RESTORE_S"] = str(0.4 * SESSION_MS / 1000)  # for each of 4 partitions
    worker.start()
    stage.wait_folded()
    wait_no_lag(stage)
    check(stage, feed)
    assert worker.exits == [Exit.DONE], "it stayed in the group all the while"
    assert worker.log.read_text().count("recovered partitions") == 2, "and nothing was revoked"


def test_broker_stopped_killed_and_frozen_in_mid_stream(
    kafka_factory: Callable[[], LocalKafka], topic_prefix: str, tmp_path: Path, seed: int
) -> None:
    broker = kafka_factory()
    stage = Stage(broker.bootstrap_servers, topic_prefix, tmp_path)
    dice = random.Random(seed)
    feed = make_feed(seed, DOSSIERS)
    publisher = Publisher(stage, feed.sent, seconds=15)
    try:
        worker = stage.worker(supervised=True)
        stage.worker(supervised=True)
        publisher.start()
        wait_until(lambda: worker.ready, "the worker to be ready")
        for end in (broker.stop, broker.kill):
            time.sleep(dice.uniform(1, 4))  # in mid-stream
            end()
            time.sleep(dice.uniform(0, 2))
            broker.start()
            broker.wait_ready()
            stage.look_after()
        broker.pause()
        time.sleep(stage.settings.transaction_timeout_ms / 1000 + 1)  # transactions in it are lost
        broker.resume()
        publisher.wait()
        stage.wait_folded()
        wait_no_lag(stage)
        check(stage, feed)
    finally:
        stage.close()


def test_source_with_aborted_transactions(stage: Stage, seed: int) -> None:
    dice = random.Random(seed)
    feed = make_feed(seed, DOSSIERS)
    ghosts = [
        Sent(record.key, record.value.replace(b'"D-', b'"GHOST-'), record.timestamp)
        for record in feed.sent
    ]
    stage.worker()
    producer = stage.producer(transactional_id=f"{stage.settings.prefix}source")
    producer.init_transactions()
    aborted = 0
    for start in range(0, len(feed.sent), 200):
        if dice.random() < 0.5:
            producer.begin_transaction()
            for ghost in ghosts[start : start + dice.randrange(1, 200)]:
                stage.send(producer, ghost)
            producer.flush()
            producer.abort_transaction()
            aborted += 1
        producer.begin_transaction()
        for record in feed.sent[start : start + 200]:
            stage.send(producer, record)
        producer.commit_transaction()
    producer.close()
    assert aborted > 10
    stage.wait_folded()
    wait_no_lag(stage)
    check(stage, feed)
