"""Topics as planned: made once, compared afterwards, refused where no worker can work with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kafka.admin import KafkaAdminClient

from streams.settings import KafkaAccess, WorkerSettings
from streams.topic_plans import EVENT_BYTES, TopicsUnfit, ensure_topics, plans
from streams.topics import Topics
from vungxanh.local_kafka import LocalKafka


@pytest.fixture
def settings(kafka: LocalKafka, topic_prefix: str) -> WorkerSettings:
    access = KafkaAccess(kafka.bootstrap_servers)
    return WorkerSettings(kafka=access, prefix=topic_prefix, partitions=3)


def test_all_are_made_then_kept(settings: WorkerSettings) -> None:
    first = ensure_topics(settings)
    names = {plan.name for plan in plans(settings)}
    assert len(names) == 6
    assert set(first.created) == names
    assert first.differences == ()
    assert first.limits[Topics.of(settings.prefix).events] == EVENT_BYTES
    again = ensure_topics(settings)
    assert again.created == ()
    assert set(again.kept) == names


def test_a_difference_is_named_and_left(settings: WorkerSettings) -> None:
    ensure_topics(settings)
    (difference,) = ensure_topics(replace(settings, dead_letter_days=30)).differences
    assert str(difference) == (
        f"{settings.prefix}dossier-dead-letters: retention.ms is 7776000000, planned 2592000000"
    )


def test_other_partitions_are_refused_before_anything_is_made(settings: WorkerSettings) -> None:
    ensure_topics(settings)
    with pytest.raises(TopicsUnfit, match=r"dossier-events has 3 partitions .* say 4"):
        ensure_topics(replace(settings, partitions=4))


def test_missing_ones_are_named_where_none_are_to_be_made(settings: WorkerSettings) -> None:
    with pytest.raises(TopicsUnfit, match=r"missing in Kafka: .*dossier-events"):
        ensure_topics(settings, create=False)
    admin = KafkaAdminClient(**settings.kafka.for_kafka_python())
    try:
        assert not [t for t in admin.list_topics() if t.startswith(settings.prefix)]
    finally:
        admin.close()
