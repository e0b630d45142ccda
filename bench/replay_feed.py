"""Puts the feed into a topic, as fast as one core makes it; a process of its own.

`python -m bench.replay_feed BOOTSTRAP PREFIX EVENTS SEED`. What a year of a province takes in
memory while it is made is gone before anything is measured.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from confluent_kafka import Producer

from bench.feed import FIRST_DAY, Sent, make_feed, unit_id
from bench.kafka_runs import make_topics, settings_for
from schemas.instants import Millis, micros
from streams.routing import partition_of

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_MIDNIGHT: Millis = (
    micros(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=_ZONE)) // 1000
)


def publish(bootstrap: str, prefix: str, feed: Sequence[Sent]) -> None:
    """Each record under its unit, its arrival when it happened."""
    settings = settings_for(bootstrap, prefix, "records")
    topic = make_topics(settings).events
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "linger.ms": 50,
            "batch.size": 256 * 1024,
            "queue.buffering.max.messages": 200_000,
        }
    )
    homes = []
    for number in range(max(sent.unit for sent in feed) + 1):
        unit = unit_id(number)
        homes.append((unit.encode(), partition_of(unit, settings.topics.partitions)))
    for sent in feed:
        key, partition = homes[sent.unit]
        while True:
            try:
                producer.produce(
                    topic, sent.line, key, partition, timestamp=_MIDNIGHT + sent.second * 1000
                )
                break
            except BufferError:  # the broker is slower than this loop
                producer.poll(0.05)
    left = producer.flush()
    if left:
        raise SystemExit(f"{left} records were not taken by Kafka")


if __name__ == "__main__":
    publish(sys.argv[1], sys.argv[2], make_feed(int(sys.argv[3]), int(sys.argv[4])))
