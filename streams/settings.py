"""What a worker is told: plain data, made by the command from its own settings."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
ClockKind = Literal["wall", "records"]
Reading = Literal["open", "closed"]
May = Literal["read", "act"]  # who may act may read, too


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """How to reach Kafka."""

    bootstrap_servers: str = "127.0.0.1:19092"  # host:port, more than one parted by commas
    security_protocol: SecurityProtocol = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"  # or SCRAM-SHA-256, SCRAM-SHA-512
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_cafile: Path | None = None  # None: the certificates the system trusts

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "bootstrap_servers": [server.strip() for server in self.bootstrap_servers.split(",")],
            "security_protocol": self.security_protocol,
        }
        if "SSL" in self.security_protocol:
            cafile = str(self.ssl_cafile) if self.ssl_cafile else None
            options["ssl_context"] = ssl.create_default_context(cafile=cafile)
        return options

    def for_aiokafka(self) -> dict[str, Any]:
        """Keyword arguments of `aiokafka`'s consumers and producers."""
        options = self._options()
        if self.security_protocol.startswith("SASL"):
            options["sasl_mechanism"] = self.sasl_mechanism
            options["sasl_plain_username"] = self.sasl_username
            options["sasl_plain_password"] = self.sasl_password
        return options

    def for_kafka_python(self) -> dict[str, Any]:
        """Keyword arguments of `kafka-python`'s clients."""
        return self.for_aiokafka()  # the names are the same


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """One worker. Times in milliseconds unless the name says otherwise."""

    kafka: KafkaAccess = field(default_factory=KafkaAccess)
    group: str = "vungxanh"  # workers of one group share the partitions; begins transactional ids
    prefix: str = ""  # before all names of topics
    partitions: int = 8  # of every topic; the same, so that outputs lie beside their source
    replication: int = 1
    dead_letter_days: int = 90

    clock: ClockKind = "wall"  # records: the clock never runs on by itself
    clock_grace_ms: int = 500  # so far behind the wall, for records in flight
    session_timeout_ms: int = 10_000  # without a heartbeat for so long a worker is taken for dead
    transaction_timeout_ms: int = 15_000  # above the session and the longest chunk
    stop_timeout_s: float = 10.0  # a stop that takes longer ends the process
    chunk_records: int = 15_000  # at most, folded and committed at a time; see `pace`

    http_host: str = "127.0.0.1"
    http_port: int = 8080  # 0: any free one, named in the log
    http_advertised: str | None = None  # where other workers find it; None: by host and port

    def __post_init__(self) -> None:
        """Refuse what would make a dead owner and its successor overlap. Raises ValueError."""
        if self.transaction_timeout_ms <= self.session_timeout_ms:
            raise ValueError(
                f"transaction_timeout_ms ({self.transaction_timeout_ms}) must be above "
                f"session_timeout_ms ({self.session_timeout_ms})"
            )

    @property
    def heartbeat_ms(self) -> int:
        """A sixth of the session timeout: five may get lost."""
        return max(self.session_timeout_ms // 6, 100)


@dataclass(frozen=True, slots=True)
class Unit:
    """What the directory of units says of one."""

    unit_id: str
    name: str  # Vietnamese
    name_ascii: str = ""
    kind: str = ""
    parent_id: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has a token; only what the token hashes to is known."""

    name: str
    token_digest: bytes = field(repr=False)  # SHA-256
    may: May


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Who may read and who may act over HTTP."""

    reading: Reading = "open"
    people: tuple[Person, ...] = ()
    proxy_header: str | None = None  # names the person; believed from `proxies` only
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    origins: frozenset[str] = frozenset()  # of pages that may act, besides the worker's own

    def __post_init__(self) -> None:
        """Refuse what would let everybody in or nobody. Raises ValueError."""
        if self.reading == "closed" and not self.people:
            raise ValueError("reading is closed, and there is nobody who may read")


@dataclass(frozen=True, slots=True)
class ProvinceMap:
    """The shapes of units, ready to be sent."""

    geojson: bytes  # a FeatureCollection; each feature has properties.unit_id
    shapes: frozenset[str]  # the units that have one


@dataclass(frozen=True, slots=True)
class WebContent:
    """What the web server shows and this room does not know by itself."""

    pages: Path | None = None  # a folder: index.html at /, its files at /page/...
    units: tuple[Unit, ...] = ()
    map: ProvinceMap | None = None
    access: AccessRules = field(default_factory=AccessRules)

    def directory(self) -> Mapping[str, Unit]:
        """The units by their id."""
        return {unit.unit_id: unit for unit in self.units}
