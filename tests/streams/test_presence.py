"""A worker says that it is there; who is silent is gone; who leaves says so."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.dead_letter import Reason
from schemas.presence import OwnedNow, WorkerPresence, read_presence
from streams.boards.presences import GONE_AFTER, PresenceBoard
from streams.effects import DeadLetter, Effects
from streams.metrics import WorkerMetrics
from streams.ownership import Ownership
from streams.presence import Presence, Whereabouts
from streams.record import FiledRecord
from streams.settings import KafkaAccess, WorkerSettings
from streams.topic_plans import ensure_topics
from streams.topics import Topics
from tests.streams.web.site import PARTITIONS, Site
from vungxanh.local_kafka import LocalKafka

SAID = WorkerPresence(
    "machine:8080",
    "http://machine:8080",
    1_741_000_000_000,
    "0.1.0",
    (OwnedNow(0, 1_741_000_000_000, 3), OwnedNow(5, None, None)),
    {"folded": 3},
    {"not_json": 1},
    telling=False,
)


def test_what_is_written_is_read() -> None:
    assert read_presence(SAID.to_json()) == SAID
    later = SAID.to_json()[:-1] + b',"a field of a later release":1}'
    assert read_presence(later) == SAID


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[]",
        b"{}",
        b"5",
        SAID._replace(url="file:///etc/passwd").to_json(),
        SAID._replace(url="").to_json(),
        SAID.to_json().replace(b"1741", b"x").replace(b"2025-03-03", b"then"),
    ],
)
def test_what_is_no_presence_is_passed_over(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"(?i)presence|url|instant|input|unexpected"):
        read_presence(value)
    board = PresenceBoard()
    board.take("machine:8080", SAID.to_json(), 10)
    board.take("machine:8080", value, 20)
    assert [one.presence for one in board.everyone()] == [SAID]


def test_who_is_silent_for_long_is_gone_by_our_own_clock() -> None:
    board = PresenceBoard()
    heard = 9_000_000_000_000  # its clock is years behind ours
    board.take("machine:8080", SAID.to_json(), heard)
    assert board.owners(heard + GONE_AFTER - 1).keys() == {0, 5}
    assert board.alive(heard + GONE_AFTER) == []
    assert len(board.everyone()) == 1  # known, and gone
    board.take(
        "machine:8080", SAID.to_json(), None
    )  # what was there before us is as old as it says
    assert board.owners(heard) == {}
    assert board.owners(SAID.at + 1).keys() == {0, 5}
    board.take("machine:8080", None, heard)
    assert board.everyone() == []


def test_of_two_that_claim_a_partition_the_latest_word_counts() -> None:
    board = PresenceBoard()
    later = SAID._replace(worker_id="b", at=SAID.at + 1, partitions=(OwnedNow(5, None, None),))
    for one in (later, SAID):
        board.take(one.worker_id, one.to_json(), 1_000)
    owners = board.owners(1_001)
    assert (owners[0].worker_id, owners[5].worker_id) == ("machine:8080", "b")


def test_a_dead_worker_with_its_clock_ahead_owns_nothing() -> None:
    now = SAID.at - 3_600_000
    board = PresenceBoard(lambda: now)
    board.take(SAID.worker_id, SAID.to_json(), None)  # there before we were
    alive = SAID._replace(worker_id="b", at=now, partitions=(OwnedNow(5, None, None),))
    board.take("b", alive.to_json(), now + 1)
    owners = board.owners(now + 1)
    assert (owners[0].worker_id, owners[5].worker_id) == (SAID.worker_id, "b")
    assert board.owners(now + GONE_AFTER).keys() == {5}


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (WorkerSettings(http_port=81), "http://127.0.0.1:81"),
        (WorkerSettings(http_host="::1", http_port=81), "http://[::1]:81"),
        (WorkerSettings(http_host="worker", http_port=81), "http://worker:81"),
        (WorkerSettings(http_host="0.0.0.0", http_port=81), f"http://{socket.gethostname()}:81"),
        (WorkerSettings(http_host="::", http_port=81), f"http://{socket.gethostname()}:81"),
        (WorkerSettings(http_advertised="https://w1.example"), "https://w1.example"),
    ],
)
def test_where_it_is_found(settings: WorkerSettings, url: str) -> None:
    assert Whereabouts(settings).url == url


def test_a_free_port_is_known_when_it_is_listened_on() -> None:
    where = Whereabouts(WorkerSettings(http_port=0))
    assert where.port is None
    where.port = 81
    assert where.url == "http://127.0.0.1:81"
    assert where.worker_id == f"{socket.gethostname()}:81"


def test_it_says_what_it_owns_and_counted() -> None:
    site = Site().fill()
    metrics = WorkerMetrics()
    record = FiledRecord(0, 0, 0, b"k", b"v")
    letter = DeadLetter(record, Reason.NOT_JSON, "")
    metrics.count(Effects(folded=7, duplicates=2, dead_letters=[letter]), forwarded=1)
    presence = Presence(
        settings=site.settings,
        whereabouts=site.where,
        ownership=site.ownership,
        metrics=metrics,
        telling=True,
        now=lambda: 5,
    )
    said = presence.now()
    assert said.events == {"folded": 7, "duplicate": 2, "dead_letter": 1, "forwarded": 1}
    assert said.dead_letters == {"not_json": 1}
    assert [one.partition for one in said.partitions] == list(range(PARTITIONS))
    assert [one.clock for one in said.partitions] == [
        site.ownership.partitions[number].monitor.clock for number in range(PARTITIONS)
    ]
    assert (said.at, said.telling) == (5, True)
    assert read_presence(said.to_json()) == said


def test_on_a_broker_it_comes_changes_and_leaves(kafka: LocalKafka, topic_prefix: str) -> None:
    settings = WorkerSettings(
        kafka=KafkaAccess(kafka.bootstrap_servers), prefix=topic_prefix, http_port=81
    )
    ensure_topics(settings)
    topic = TopicPartition(Topics.of(topic_prefix).presence, 0)
    site = Site()

    async def run() -> None:
        ownership = Ownership()
        presence = Presence(
            settings=settings,
            whereabouts=Whereabouts(settings),
            ownership=ownership,
            metrics=WorkerMetrics(),
            telling=False,
        )
        reader: Any = AIOKafkaConsumer(
            bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="earliest"
        )
        await reader.start()
        reader.assign([topic])
        await reader.seek_to_beginning(topic)
        try:
            await presence.start()
            first = await reader.getone()
            assert read_presence(first.value).partitions == ()
            site.own(3)
            ownership.partitions[3] = replace(site.ownership.partitions[3])  # told at once
            second = await reader.getone()
            assert [one.partition for one in read_presence(second.value).partitions] == [3]
            await presence.stop()
            last = await reader.getone()
            assert last.value is None
            assert first.key == second.key == last.key == f"{socket.gethostname()}:81".encode()
        finally:
            await reader.stop()

    asyncio.run(run())
