"""Topics as planned: made once, compared afterwards, refused where no worker can work with them."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams.settings import KafkaAccess, WorkerSettings
from streams.topic_plans import EVENT_BYTES, TopicsUnfit, ensure_topics, plans
from streams.topics import ACTIONS, BOOK, NOTIFICATIONS, NOTIFIER, OUTLOOK, Topics
from vungxanh.local_kafka import LocalKafka


def test_every_name_has_the_prefix_and_a_plan() -> None:
    topics = Topics.of("p-")
    names = {getattr(topics, field.name) for field in fields(topics)}
    assert {plan.name for plan in plans(WorkerSettings(prefix="p-"))} == names
    assert all(name.startswith("p-") for name in names)
    assert (topics.actions, topics.outlook, topics.notifier) == (
        "p-unit-actions",
        "p-unit-outlook",
        "p-unit-notifier-changelog",
    )


@pytest.mark.parametrize(
    ("topic", "policy", "kept"),
    [
        (ACTIONS, "delete", "-1"),
        (OUTLOOK, "compact", None),
        (NOTIFIER, "compact", None),
        (NOTIFICATIONS, "delete", "-1"),
        (BOOK, "delete", "-1"),
    ],
)
def test_what_is_kept_of_a_topic(topic: str, policy: str, kept: str | None) -> None:
    [plan] = [one for one in plans(WorkerSettings(partitions=3)) if one.name == topic]
    assert plan.configs["cleanup.policy"] == policy
    assert plan.configs.get("retention.ms") == kept
    assert plan.configs["message.timestamp.before.max.ms"] == str(2**63 - 1)  # any time
    assert plan.partitions == 3


@pytest.fixture
def settings(kafka: LocalKafka, topic_prefix: str) -> WorkerSettings:
    access = KafkaAccess(kafka.bootstrap_servers)
    return WorkerSettings(kafka=access, prefix=topic_prefix, partitions=3)


def test_all_are_made_then_kept(settings: WorkerSettings) -> None:
    first = ensure_topics(settings)
    names = {plan.name for plan in plans(settings)}
    assert len(names) == 11
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


def test_topics_of_an_older_version_are_told_what_to_do_and_get_the_new_ones(
    settings: WorkerSettings,
) -> None:
    topics = Topics.of(settings.prefix)
    new = [topics.book, topics.actions, topics.outlook, topics.notifier]
    admin = KafkaAdminClient(**settings.kafka.for_kafka_python())
    try:
        old = [plan for plan in plans(settings) if plan.name not in new]
        made = [NewTopic(plan.name, plan.partitions, plan.replication) for plan in old]
        admin.create_topics(made, wait_for_metadata=True)
    finally:
        admin.close()

    with pytest.raises(TopicsUnfit) as unfit:  # as a worker finds it
        ensure_topics(settings, create=False)
    assert str(unfit.value) == (
        f"missing in Kafka: {', '.join(new)}; create them with `vungxanh topics`"
    )
    assert list(ensure_topics(settings).created) == new
