"""The broker's settings: Kafka's own defaults, changed where one node on one machine needs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_FOR_EVER = 2**63 - 1

_ONE_NODE: Mapping[str, object] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    # Nobody to copy to.
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # A handful of groups and transactions: 8 of each open at once instead of 50.
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.num.partitions": 8,
    "share.coordinator.state.topic.num.partitions": 8,
    # Nobody else is about to join: do not wait for them.
    "group.initial.rebalance.delay.ms": 0,
    # A feed may begin with the records of past years, a test with those of years to come.
    "log.message.timestamp.before.max.ms": _FOR_EVER,
    "log.message.timestamp.after.max.ms": _FOR_EVER,
    # A topic that names no end keeps its records; a group's offsets outlive any holiday.
    "log.retention.ms": -1,
    "offsets.retention.minutes": 2**31 - 1,
    # Topics are made on purpose, with their settings; a misspelt name is an error.
    "auto.create.topics.enable": "false",
    # Enough for compacting two million keys in one go, and half of what the heap would lose.
    "log.cleaner.dedupe.buffer.size": 64 * 2**20,
}


def broker_properties(
    address: str, controller: str, topics: Path, overrides: Mapping[str, object]
) -> str:
    """The text of `server.properties`: two addresses `host:port` to listen on, where to keep data.

    `overrides` stand over everything else.
    """
    properties = {
        **_ONE_NODE,
        "listeners": f"PLAINTEXT://{address},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{address}",
        # The voter is named here and not in the metadata, so its port may change at every start.
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": str(topics),
        **overrides,
    }
    return "".join(f"{key}={_escaped(str(value))}\n" for key, value in properties.items())


def _escaped(value: str) -> str:
    """A value as Java's properties files want it: backslashes doubled, no line ends."""
    return value.replace("\\", "\\\\").replace("\n", "\\n")
