"""Bad input through a real worker: each to dead letters with its reason, or sent on; it lives."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from kafka import KafkaProducer
from kafka.errors import MessageSizeTooLargeError

from schemas.dead_letter import HEADER_FORWARDED, HEADER_REDRIVEN, Reason
from streams.routing import partition_of
from streams.topic_plans import EVENT_BYTES
from tests.streams.stage import Stage, Written, wait_until
from vungxanh.local_kafka import LocalKafka

CODECS = ("gzip", "snappy", "lz4", "zstd")
ARRIVAL = 1_741_000_000_000  # ms: 3 March 2025
UNIT, OTHER = "U000", "U001"
EVENT: dict[str, Any] = {
    "event_id": "good",
    "type": "received",
    "occurred_at": "2025-03-01T08:00:00+07:00",
    "dossier_id": "D1",
    "unit_id": UNIT,
    "due_at": "2025-03-10",
}


def event(**changes: object) -> bytes:
    return json.dumps(EVENT | changes).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in EVENT.items() if key != name}).encode()


def of_size(size: int, key: bytes) -> bytes:
    """The value that makes a batch of one record of so many bytes with this key."""
    framing = 61 + 3 + 1 + 1 + 1 + 1 + 3 + 1  # batch header; length, attributes, deltas, lengths
    return b"x" * (size - framing - len(key))


UNUSABLE: dict[str, tuple[bytes | None, Reason]] = {
    "not json": (b"{nope", Reason.NOT_JSON),
    "not utf-8": (b'{"event_id": "\xff\xfe"}', Reason.NOT_JSON),
    "null value": (None, Reason.NULL_VALUE),
    "no unit": (without("unit_id"), Reason.INVALID_EVENT),
    "no id": (without("event_id"), Reason.INVALID_EVENT),
    "no offset in the time": (event(occurred_at="2025-03-01T08:00:00"), Reason.INVALID_EVENT),
    "before 1900": (event(occurred_at="1815-03-01T08:00:00Z"), Reason.INVALID_EVENT),
    "after 2200": (event(due_at="2201-01-01"), Reason.INVALID_EVENT),
    "unknown type": (event(type="eaten"), Reason.INVALID_EVENT),
    "newline in an id": (event(dossier_id="D\n1"), Reason.INVALID_EVENT),
    "not an object": (b"[1, 2]", Reason.INVALID_EVENT),
    "huge text": (event(step="x" * 900_000), Reason.TOO_LARGE),
    "largest record": (of_size(EVENT_BYTES, UNIT.encode()), Reason.NOT_JSON),
    "conflict": (event(type="completed"), Reason.CONFLICTING_EVENT),
}


@pytest.fixture
def stage(kafka: LocalKafka, topic_prefix: str, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(kafka.bootstrap_servers, topic_prefix, tmp_path)
    yield stage
    stage.close()


def headers_of(record: Written) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


def test_each_ends_in_dead_letters_or_is_sent_on(stage: Stage) -> None:
    home = partition_of(UNIT, stage.settings.partitions)
    wrong = (home + 1) % stage.settings.partitions
    producer = stage.producer(max_request_size=4 * EVENT_BYTES)
    sent: dict[tuple[int, int], str] = {}

    def send(name: str, value: bytes | None, partition: int, key: bytes | None, **more: Any) -> int:
        place = producer.send(
            stage.topics.events,
            key=key,
            value=value,
            partition=partition,
            timestamp_ms=ARRIVAL,
            headers=[("producer", b"feed-7")],
            **more,
        ).get(timeout=30)
        sent[partition, place.offset] = name
        return int(place.offset)

    def send_bare(value: bytes | None) -> int:  # no room for the producer's own header
        place = bare.send(
            stage.topics.events,
            key=UNIT.encode(),
            value=value,
            partition=home,
            timestamp_ms=ARRIVAL,
        ).get(timeout=30)
        return int(place.offset)

    bare = KafkaProducer(
        bootstrap_servers=stage.settings.kafka.bootstrap_servers,
        enable_idempotence=False,  # after a refusal an idempotent one would send nothing more
        retries=0,
        max_request_size=4 * EVENT_BYTES,
    )
    with pytest.raises(MessageSizeTooLargeError):  # so the largest is the largest
        send_bare(of_size(EVENT_BYTES + 1, UNIT.encode()))
    send("good", event(), home, UNIT.encode())
    for name, (value, _) in UNUSABLE.items():
        if len(value or b"") < EVENT_BYTES // 2:
            send(name, value, home, UNIT.encode())
        else:
            sent[home, send_bare(value)] = name
    bare.close()
    moved = send("wrong partition", event(event_id="moved"), wrong, UNIT.encode())
    send("wrong key", event(event_id="rekeyed"), home, OTHER.encode())
    send("no key", event(event_id="keyless"), home, None)
    bare_event = event(event_id="large", phone="")
    room = len(of_size(EVENT_BYTES, UNIT.encode())) - len(bare_event) - len("producer=feed-7") - 5
    too_large = event(event_id="large", phone="9" * room)  # with a few bytes to spare
    send("sent on it is too large", too_large, wrong, UNIT.encode())
    send("duplicate", event(), home, UNIT.encode())
    send("unknown fields", event(event_id="more", phone="0905"), home, UNIT.encode())
    producer.flush()

    worker = stage.worker()
    stage.wait_folded()
    expected = Counter((name, reason.value) for name, (_, reason) in UNUSABLE.items())
    expected["sent on it is too large", Reason.TOO_LARGE.value] += 1

    letters = stage.read(stage.topics.dead_letters)
    found: Counter[tuple[str, str]] = Counter()
    source = {(r.partition, r.offset): r for r in stage.read(stage.topics.events)}
    for letter in letters:
        headers = headers_of(letter)
        origin = (int(headers["origin-partition"]), int(headers["origin-offset"]))
        found[sent[origin], headers["reason"]] += 1
        assert (letter.key, letter.value) == (source[origin].key, source[origin].value)
        assert headers["detail"]
        assert headers["origin-topic"] == stage.topics.events
        assert headers["origin-timestamp"] == str(ARRIVAL)
        assert letter.timestamp > ARRIVAL, "by its arrival retention would drop it at once"
        assert letter.headers[: len(source[origin].headers)] == list(source[origin].headers)
    assert found == expected

    forwarded = [r for r in source.values() if HEADER_FORWARDED in headers_of(r)]
    assert sorted(json.loads(r.value or b"")["event_id"] for r in forwarded) == [
        "keyless",
        "moved",
        "rekeyed",
    ]
    for record in forwarded:
        assert (record.partition, record.key, record.timestamp) == (home, UNIT.encode(), ARRIVAL)
        assert headers_of(record)["producer"] == "feed-7"
    origins = {headers_of(record)[HEADER_FORWARDED] for record in forwarded}
    assert f"{wrong}-{moved}" in origins

    wait_until(lambda: worker.ready, "the worker to live on")
    samples = worker.samples()
    assert samples['dossier_events_total{result="folded"}'] == 5  # good, three sent on, more
    assert samples['dossier_events_total{result="duplicate"}'] == 1
    assert samples['dossier_events_total{result="forwarded"}'] == 3
    assert samples['dossier_events_total{result="dead_letter"}'] == sum(expected.values())
    assert samples["dossier_unknown_fields_total"] == 1
    by_reason = Counter(reason for _, reason in expected.elements())
    for reason in Reason:
        assert (
            samples[f'dossier_dead_letters_total{{reason="{reason.value}"}}'] == by_reason[reason]
        )
    assert samples[f'dossier_open{{state="no_due",unit="{UNIT}"}}'] == 0
    assert sum(v for k, v in samples.items() if k.startswith("dossier_open")) == 1

    mended = event(event_id="mended", dossier_id="D2", type="received")
    producer.send(
        stage.topics.events,
        key=UNIT.encode(),
        value=mended,
        partition=home,
        timestamp_ms=ARRIVAL + 1,
        headers=[(HEADER_REDRIVEN, f"{home}-0".encode())],
    ).get(timeout=30)
    producer.close()
    stage.wait_folded()
    wait_until(
        lambda: worker.samples()['dossier_events_total{result="folded"}'] == 6, "the mended one"
    )
    assert len(stage.read(stage.topics.dead_letters)) == len(letters)
    assert worker.exits == []
    assert worker.running


def test_what_came_compressed_may_be_of_any_codec_and_size(stage: Stage) -> None:
    """The topic's limit is on compressed batches: the letter of a larger record still fits."""
    producer = stage.producer(compression_type="gzip", max_request_size=100_000_000)
    home = partition_of(UNIT, stage.settings.partitions)
    sizes = {}
    for size in (5_000_000, 30_000_000):
        sent = producer.send(
            stage.topics.events, key=UNIT.encode(), value=b"x" * size, partition=home
        )
        sizes[str(sent.get(timeout=60).offset)] = size
    many = [("a", b"")] * 110_000
    place = producer.send(
        stage.topics.events, key=UNIT.encode(), value=b"{bad", partition=home, headers=many
    )
    sizes[str(place.get(timeout=60).offset)] = 4
    producer.send(stage.topics.events, key=UNIT.encode(), value=event(), partition=home)
    producer.flush()
    servers = stage.settings.kafka.bootstrap_servers
    for codec in CODECS:
        packing = Producer({"bootstrap.servers": servers, "compression.type": codec})
        value = event(event_id=codec)
        packing.produce(stage.topics.events, value, UNIT.encode(), home)
        assert packing.flush(30) == 0

    worker = stage.worker()
    stage.wait_folded()
    wait_until(lambda: worker.ready, "the worker to live on")
    assert worker.samples()['dossier_events_total{result="folded"}'] == 1 + len(CODECS)
    letters = {
        headers_of(one)["origin-offset"]: one for one in stage.read(stage.topics.dead_letters)
    }
    kept = {offset: len(letters[offset].value or b"") for offset in sizes}
    assert sorted(kept.values()) == [0, 4, 5_000_000]
    (huge,) = [letters[offset] for offset, size in sizes.items() if size == 30_000_000]
    assert headers_of(huge)["left-out"].startswith("30000")
