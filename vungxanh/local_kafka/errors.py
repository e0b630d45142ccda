"""What can keep a local Kafka from running; each text is one line: what, where, what to do."""

from __future__ import annotations

from vungxanh.errors import WRONG_USE, UnreachableError


class LocalKafkaError(UnreachableError):
    """The base: the local Kafka cannot be started, or has stopped by itself."""


class AddressInUseError(LocalKafkaError):
    """Another program listens on the port: the settings name the wrong one."""

    exit_code = WRONG_USE


class JavaUnfitError(LocalKafkaError):
    """No Java is found, or only one that is too old or does not run."""


class DataFolderError(LocalKafkaError):
    """The data folder cannot be written, belongs to something else, or is in use."""


class JarsUnavailableError(LocalKafkaError):
    """Kafka's jars are not in the cache and cannot be fetched or kept."""


class JarTamperedError(LocalKafkaError):
    """A jar is not, byte for byte, the one that `jars.lock` names."""


class BrokerFailedError(LocalKafkaError):
    """The broker's process ended, or was not ready in time."""
