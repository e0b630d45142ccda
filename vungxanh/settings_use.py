"""What the settings mean to the other rooms, in their own plain types."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar
from zoneinfo import ZoneInfo

from indicators.policy import Policy
from indicators.windows import Window, read_window
from streams.rules import MonitorRules
from streams.settings import KafkaAccess, Unit, WorkerSettings
from vungxanh.quantities import DAY
from vungxanh.settings import PolicySettings, Settings, UnitPolicySettings
from vungxanh.units import read_units

T = TypeVar("T")

_LEAST_TRANSACTION = 15_000  # ms; above the longest chunk


Misfit = tuple[tuple[tuple[str, ...], str], ...]  # keys to blame, each with what is allowed


def misfits(settings: Settings) -> list[Misfit]:
    """Keys that are right alone and wrong together."""
    policy = settings.policy
    found = list(_crossed(("policy",), policy.green, policy.yellow))
    for unit_id, own in policy.units.items():
        green, yellow = _own(own.green, policy.green), _own(own.yellow, policy.yellow)
        found.extend(_crossed(("policy", "units", unit_id), green, yellow))
    if settings.kafka.security_protocol.startswith("SASL"):
        found.extend(
            ((("kafka", key), "a text, with kafka.security_protocol SASL_..."),)
            for key in ("sasl_username", "sasl_password")
            if getattr(settings.kafka, key) is None
        )
    return found


def _crossed(table: tuple[str, ...], green: Decimal, yellow: Decimal) -> Iterator[Misfit]:
    if yellow > green:
        yield (
            ((*table, "yellow"), f"at most green, which is {green}"),
            ((*table, "green"), f"at least yellow, which is {yellow}"),
        )


def _own(own: T | None, general: T) -> T:
    return general if own is None else own


def policy_of(settings: PolicySettings, own: UnitPolicySettings, zone: ZoneInfo) -> Policy:
    """The policy by which a unit with these overrides is judged."""

    def exact(share: Decimal) -> Fraction:
        return Fraction(share)

    return Policy(
        definition=_own(own.definition, settings.definition),
        window=read_window(_own(own.window, settings.window), zone),
        green=exact(_own(own.green, settings.green)),
        yellow=exact(_own(own.yellow, settings.yellow)),
        min_sample=_own(own.min_sample, settings.min_sample),
        hold=_own(own.hold, settings.hold),
        recover_hold=_own(own.recover_hold, settings.recover_hold),
    )


def windows_of(settings: Settings) -> tuple[Window, ...]:
    """The windows shown, in the order of the settings."""
    return tuple(read_window(text, settings.zone) for text in settings.windows)


def monitor_rules(settings: Settings) -> MonitorRules:
    """What a partition monitor goes by, under these settings."""
    zone = settings.zone
    return MonitorRules(
        zone=zone,
        windows=windows_of(settings),
        due_soon=settings.due_soon * 1_000,  # ms to microseconds
        policy=policy_of(settings.policy, UnitPolicySettings(), zone),
        unit_policies={
            unit_id: policy_of(settings.policy, own, zone)
            for unit_id, own in settings.policy.units.items()
        },
    )


def kafka_access(settings: Settings) -> KafkaAccess:
    """How to reach Kafka."""
    kafka = settings.kafka
    password = kafka.sasl_password
    return KafkaAccess(
        bootstrap_servers=",".join(kafka.bootstrap_servers),
        security_protocol=kafka.security_protocol,
        sasl_mechanism=kafka.sasl_mechanism,
        sasl_username=kafka.sasl_username,
        sasl_password=None if password is None else password.get_secret_value(),
        ssl_cafile=kafka.ssl_cafile,
    )


def worker_settings(settings: Settings) -> WorkerSettings:
    """What a worker, and whoever makes the topics, is told."""
    session = settings.kafka.session_timeout
    return WorkerSettings(
        kafka=kafka_access(settings),
        group=settings.kafka.group,
        prefix=settings.topics.prefix,
        partitions=settings.topics.partitions,
        replication=settings.topics.replication,
        dead_letter_days=settings.topics.dead_letter_retention // DAY,
        clock=settings.clock,
        session_timeout_ms=session,
        transaction_timeout_ms=max(_LEAST_TRANSACTION, session * 3 // 2),
        http_host=settings.http.host,
        http_port=settings.http.port,
    )


def units_of(settings: Settings) -> tuple[Unit, ...]:
    """The units listed; none where the settings name no file. Raises SettingsError."""
    return () if settings.units is None else tuple(read_units(settings.units))
