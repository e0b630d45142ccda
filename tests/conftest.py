"""A real Kafka for the tests that need one.

`kafka` is one broker for all of a run: make topics of your own on it (`topic_prefix`).
`kafka_factory` gives brokers that a test may stop, kill, pause or set up in its own way.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from vungxanh.local_kafka import (
    JarsUnavailableError,
    JavaUnfitError,
    LocalKafka,
    free_port,
    prepare,
)


class KafkaFactory(Protocol):
    """What `kafka_factory` gives: a broker that answers, on a free port, unless told otherwise."""

    def __call__(
        self,
        *,
        data_dir: Path | None = None,
        port: int | None = None,
        overrides: Mapping[str, object] | None = None,
    ) -> LocalKafka: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses a broker is marked `kafka`: `-m "not kafka"` leaves it out."""
    for item in items:
        if {"kafka", "kafka_factory"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.kafka)
    # The long ones first, so that of two processes neither waits for the other at the end.
    items.sort(key=lambda item: item.get_closest_marker("kafka") is None)


@pytest.fixture(scope="session")
def kafka_prepared() -> None:
    """Jars and quick starts. Without Java or network: skip at home, fail where CI is set."""
    try:
        prepare()
    except (JavaUnfitError, JarsUnavailableError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka(kafka_prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """The broker that tests share; nobody stops it but pytest."""
    with LocalKafka(tmp_path_factory.mktemp("kafka"), free_port()) as broker:
        yield broker


@pytest.fixture
def topic_prefix() -> str:
    """For names of topics, groups and transactions that no other test uses."""
    return f"t{uuid.uuid4().hex[:8]}-"


@pytest.fixture
def kafka_factory(kafka_prepared: None, tmp_path: Path) -> Iterator[KafkaFactory]:
    """A function that starts a broker of the test's own; all are gone after the test."""
    brokers: list[LocalKafka] = []

    def make(
        *,
        data_dir: Path | None = None,
        port: int | None = None,
        overrides: Mapping[str, object] | None = None,
    ) -> LocalKafka:
        folder = data_dir or tmp_path / f"kafka-{len(brokers)}"
        broker = LocalKafka(folder, port or free_port(), overrides=overrides)
        brokers.append(broker)
        broker.start()
        broker.wait_ready()
        return broker

    yield make
    for broker in brokers:
        broker.kill()
