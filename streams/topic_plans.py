"""What the topics are like, and how they come to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic

from streams.settings import WorkerSettings
from streams.topics import Topics

EVENT_BYTES = 1_048_588  # Kafka's own default: the largest batch of dossier-events
# A dead letter has headers besides its record, and the record may have come compressed.
DEAD_LETTER_BYTES = 16 * EVENT_BYTES
CHANGELOG_BYTES = 2 * 1024 * 1024
BOOK_BYTES = 4 * 1024 * 1024  # a late record may correct many days at once
FOR_EVER = -1
ANY_TIME = 2**63 - 1  # Long.MAX: history may be dated in any past or future
REACH_MS = 10_000  # to find Kafka in, before it counts as unreachable
DAY_MS = 24 * 60 * 60 * 1000
PRESENCE_DAYS = 1


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """What a topic has to be like."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str]


class TopicsUnfit(Exception):  # noqa: N818 - what stands in Kafka is unfit, nothing failed
    """Topics that are missing or that no worker can work with; says what to do."""


def plans(settings: WorkerSettings) -> tuple[TopicPlan, ...]:
    """All topics, the source first. They have the source's partitions (see `routing`).

    But for the workers' presence: it is about no unit, and one partition is enough of it.
    """
    topics = Topics.of(settings.prefix)
    any_time = {
        "message.timestamp.type": "CreateTime",
        "message.timestamp.before.max.ms": ANY_TIME,
        "message.timestamp.after.max.ms": ANY_TIME,
    }
    for_ever = {
        **any_time,
        "cleanup.policy": "delete",
        "retention.ms": FOR_EVER,
        "retention.bytes": FOR_EVER,
    }
    compacted = {**any_time, "cleanup.policy": "compact"}
    configs: dict[str, dict[str, object]] = {
        topics.events: {**for_ever, "max.message.bytes": EVENT_BYTES},
        topics.dead_letters: {
            **any_time,
            "cleanup.policy": "delete",
            "retention.ms": settings.dead_letter_days * DAY_MS,
            "max.message.bytes": DEAD_LETTER_BYTES,
        },
        topics.status: compacted,
        topics.alerts: for_ever,
        topics.notifications: for_ever,
        topics.changelog: {**compacted, "max.message.bytes": CHANGELOG_BYTES},
        # Corrections of many days say much the same: the broker keeps them in a tenth of the room.
        topics.book: {**for_ever, "max.message.bytes": BOOK_BYTES, "compression.type": "gzip"},
        topics.actions: for_ever,
        topics.outlook: compacted,
        topics.notifier: {**compacted, "max.message.bytes": CHANGELOG_BYTES},
        topics.presence: {
            **any_time,
            "cleanup.policy": "compact,delete",  # nobody needs to know of a worker of last week
            "retention.ms": PRESENCE_DAYS * DAY_MS,
        },
    }
    return tuple(
        TopicPlan(
            name,
            1 if name == topics.presence else settings.partitions,
            settings.replication,
            {key: str(value) for key, value in config.items()},
        )
        for name, config in configs.items()
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting of a topic that is not as planned; nothing changes it by itself."""

    topic: str
    setting: str
    planned: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.found}, planned {self.planned}"


@dataclass(frozen=True, slots=True)
class TopicsReport:
    """What `ensure_topics` did and found."""

    created: tuple[str, ...]
    kept: tuple[str, ...]
    differences: tuple[Difference, ...]
    partitions: int  # of the source
    limits: Mapping[str, int]  # max.message.bytes by topic, as they are


def ensure_topics(settings: WorkerSettings, *, create: bool = True) -> TopicsReport:
    """Create the topics that are missing and compare the others with the plan.

    Raises TopicsUnfit where topics have not the same partitions (or are missing and `create` is
    false), and kafka-python's KafkaError where Kafka cannot be reached.
    """
    admin = KafkaAdminClient(
        client_id=f"{settings.group}-topics",
        bootstrap_timeout_ms=REACH_MS,
        **settings.kafka.for_kafka_python(),
    )
    try:
        wanted = plans(settings)
        there = _partitions(admin)
        missing = [plan for plan in wanted if plan.name not in there]
        if missing and not create:
            names = ", ".join(plan.name for plan in missing)
            raise TopicsUnfit(f"missing in Kafka: {names}; create them with `vungxanh topics`")
        _refuse_other_partitions(wanted, there)
        if missing:
            _create(admin, missing)
        found = _configs(admin, [plan.name for plan in wanted])
    finally:
        admin.close()
    return TopicsReport(
        created=tuple(plan.name for plan in missing),
        kept=tuple(plan.name for plan in wanted if plan not in missing),
        differences=tuple(_differences(wanted, found)),
        partitions=settings.partitions,
        limits={name: int(configs["max.message.bytes"]) for name, configs in found.items()},
    )


def _refuse_other_partitions(wanted: tuple[TopicPlan, ...], there: Mapping[str, int]) -> None:
    for plan in wanted:
        count = there.get(plan.name, plan.partitions)
        if count != plan.partitions:
            raise TopicsUnfit(
                f"topic {plan.name} has {count} partitions and the settings say {plan.partitions}: "
                "units would be looked for in other partitions than their history and state lie "
                f"in; set topics.partitions to {count}, or use another topics.prefix"
            )


def _partitions(admin: KafkaAdminClient) -> dict[str, int]:
    return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}


def _create(admin: KafkaAdminClient, missing: list[TopicPlan]) -> None:
    admin.create_topics(
        [
            NewTopic(
                plan.name,
                num_partitions=plan.partitions,
                replication_factor=plan.replication,
                topic_configs=dict(plan.configs),
            )
            for plan in missing
        ],
        wait_for_metadata=True,
    )


def _configs(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    by_topic = admin.describe_configs(resources, config_filter="all")["topic"]
    return {
        name: {key: str(config["value"]) for key, config in configs.items()}
        for name, configs in by_topic.items()
    }


def _differences(
    wanted: tuple[TopicPlan, ...], found: Mapping[str, Mapping[str, str]]
) -> list[Difference]:
    return [
        Difference(plan.name, key, value, found[plan.name].get(key, "unknown"))
        for plan in wanted
        for key, value in plan.configs.items()
        if found[plan.name].get(key) != value
    ]
