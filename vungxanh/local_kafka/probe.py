"""What a broker shows of itself: whether it takes requests, and why it ended."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

_PATIENCE_MS = 5000  # for each answer
_EXCEPTION = re.compile(r"(Caused by: )?[\w.$]+(Exception|Error): ")


def answers(host: str, port: int, cluster_id: str | None) -> bool:
    """Whether the node of this cluster takes requests there: it is then among its brokers."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=[address(host, port)],
            bootstrap_timeout_ms=_PATIENCE_MS,
            request_timeout_ms=_PATIENCE_MS,
        )
    except KafkaError:
        return False
    try:
        cluster = admin.describe_cluster()
    except KafkaError:
        return False
    finally:
        admin.close()
    # Somebody else's Kafka may have been faster to take the port.
    return bool(cluster["brokers"]) and cluster["cluster_id"] == cluster_id


def address(host: str, port: int) -> str:
    """`127.0.0.1:19092`, `[::1]:19092`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def size_of(log: Path) -> int:
    """Bytes; 0 where there is none yet."""
    return log.stat().st_size if log.exists() else 0


def first_error(log: Path, start: int = 0) -> str | None:
    """The first exception, else the first error, in the log from byte `start` on; one line."""
    if not log.exists():
        return None
    with log.open("rb") as file:
        file.seek(start if start <= size_of(log) else 0)  # a log that was turned over starts anew
        lines = file.read().decode("utf-8", "replace").splitlines()
    exceptions = [line for line in lines if _EXCEPTION.match(line)]
    errors = [line for line in lines if " ERROR " in line or line.startswith("Error")]
    return next((line[:300] for line in exceptions + errors), None)
