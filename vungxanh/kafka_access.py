"""Kafka as the commands use it: what cannot be reached becomes one line that says what to do."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import errors as aiokafka_errors
from kafka import errors as kafka_errors

from streams.topic_plans import TopicsReport, TopicsUnfit, ensure_topics
from vungxanh.errors import UnreachableError, WrongUseError
from vungxanh.settings import Settings
from vungxanh.settings_use import worker_settings

log = logging.getLogger(__name__)

_ADVICE = "is it running (vungxanh broker), and is kafka.bootstrap_servers right?"
_PATIENCE = 5.0  # seconds for a server to take a connection


@contextmanager
def reaching(settings: Settings) -> Iterator[None]:
    """Turn what the Kafka clients raise, and unreadable certificates, into UnreachableError."""
    servers = ",".join(settings.kafka.bootstrap_servers)
    check_reachable(settings)
    try:
        yield
    except (aiokafka_errors.KafkaError, kafka_errors.KafkaError) as error:
        log.debug("Kafka at %s", servers, exc_info=True)
        raise UnreachableError(f"Kafka at {servers}: {_said(error)}; {_ADVICE}") from error
    except OSError as error:
        raise UnreachableError(f"Kafka at {servers}: {error}") from error


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def check_reachable(settings: Settings) -> None:
    """Raise UnreachableError at once where nobody listens; the clients would try for long."""
    for server in settings.kafka.bootstrap_servers:
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
        except OSError as error:
            refused = error
        else:
            return
    servers = ",".join(settings.kafka.bootstrap_servers)
    raise UnreachableError(f"Kafka at {servers}: {refused.strerror or refused}; {_ADVICE}")


def topics_as_planned(settings: Settings, *, create: bool) -> TopicsReport:
    """Make the topics that are missing, or only look at them.

    Raises WrongUseError where they are missing or unfit, UnreachableError without Kafka.
    """
    with reaching(settings):
        try:
            return ensure_topics(worker_settings(settings), create=create)
        except TopicsUnfit as unfit:
            raise WrongUseError(str(unfit)) from None
