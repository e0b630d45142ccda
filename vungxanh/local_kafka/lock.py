"""Renews `jars.lock`: `python -m vungxanh.local_kafka.lock > vungxanh/local_kafka/jars.lock`.

Change the versions here, run it, look at the difference, commit both.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import jgo

KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
# Kafka's own pom leaves the choice of a log behind slf4j 1.7 open; of the version of its log4j.
LOG = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"


def main() -> None:
    """Resolve, fetch, hash; the lock goes to standard output."""
    artifacts = {str(each.key): each for root in (KAFKA, LOG) for each in jgo.resolve(root)}
    lines = []
    for artifact in artifacts.values():
        jar = Path(artifact.resolve())
        with jar.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        lines.append(f"{coordinate} {jar.stat().st_size} {digest}")
    sys.stdout.write(f"# {KAFKA} and all it needs: coordinate, bytes, SHA-256.\n")
    sys.stdout.write("# Made by `python -m vungxanh.local_kafka.lock`.\n")
    sys.stdout.write("\n".join(sorted(lines)) + "\n")


if __name__ == "__main__":
    main()
