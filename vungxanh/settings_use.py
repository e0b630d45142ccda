"""What the settings mean to the other rooms, in their own plain types."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from alerts.notifying.rules import NotifyRules
from indicators.calendar import WorkingCalendar, YearFile, read_hours, read_year, vietnam
from indicators.policy import Policy
from indicators.windows import Window, read_window
from streams.rules import MonitorRules
from streams.settings import KafkaAccess, Unit, WorkerSettings
from vungxanh.errors import SettingsError
from vungxanh.http_settings import HttpSettings
from vungxanh.notify_settings import NotifySettings
from vungxanh.quantities import DAY
from vungxanh.settings import PolicySettings, Settings, UnitPolicySettings
from vungxanh.units import read_units

T = TypeVar("T")

_LEAST_TRANSACTION = 15_000  # ms; above the longest chunk


Misfit = tuple[tuple[tuple[str, ...], str], ...]  # keys to blame, each with what is allowed


def misfits(settings: Settings) -> list[Misfit]:
    """Keys that are right alone and wrong together."""
    policy = settings.policy
    found: list[Misfit] = []
    for table, own in (
        (("policy",), UnitPolicySettings()),
        *((("policy", "units", unit_id), own) for unit_id, own in policy.units.items()),
    ):
        green = _own(own.green, policy.green)
        found.extend(_crossed(table, green, _own(own.yellow, policy.yellow)))
        found.extend(_out_of_reach(table, green, _own(own.recover_margin, policy.recover_margin)))
    if settings.kafka.security_protocol.startswith("SASL"):
        found.extend(
            ((("kafka", key), "a text, with kafka.security_protocol SASL_..."),)
            for key in ("sasl_username", "sasl_password")
            if getattr(settings.kafka, key) is None
        )
    found.extend(_mail_misfits(settings.notify))
    found.extend(_http_misfits(settings.http))
    return found


def _http_misfits(http: HttpSettings) -> Iterator[Misfit]:
    if http.reading == "closed" and http.people is None:
        yield ((("http", "people"), "a TOML file with [[people]], with http.reading = closed"),)
    if http.proxy_header is not None and not http.proxies:
        yield ((("http", "proxies"), "a list of networks, with http.proxy_header"),)


def _mail_misfits(notify: NotifySettings) -> Iterator[Misfit]:
    if notify.smtp_host is not None and notify.smtp_sender is None:
        yield ((("notify", "smtp_sender"), "an address, with notify.smtp_host"),)
    if notify.smtp_password is not None and notify.smtp_security == "none":
        yield ((("notify", "smtp_security"), "starttls or tls, with notify.smtp_password"),)
    for here, other in (("smtp_username", "smtp_password"), ("smtp_password", "smtp_username")):
        if getattr(notify, here) is None and getattr(notify, other) is not None:
            yield ((("notify", here), f"a text, with notify.{other}"),)


def _crossed(table: tuple[str, ...], green: Decimal, yellow: Decimal) -> Iterator[Misfit]:
    if yellow > green:
        yield (
            ((*table, "yellow"), f"at most green, which is {green}"),
            ((*table, "green"), f"at least yellow, which is {yellow}"),
        )


def _out_of_reach(table: tuple[str, ...], green: Decimal, margin: Decimal) -> Iterator[Misfit]:
    if green + margin > 1:  # no share is above 1: an incident would never close
        yield (
            ((*table, "recover_margin"), f"at most {1 - green}: with green it is at most 1"),
            ((*table, "green"), f"at most {1 - margin}: with recover_margin it is at most 1"),
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
        recover_margin=exact(_own(own.recover_margin, settings.recover_margin)),
    )


def windows_of(settings: Settings) -> tuple[Window, ...]:
    """The windows shown, in the order of the settings."""
    return tuple(read_window(text, settings.zone) for text in settings.windows)


def monitor_rules(settings: Settings) -> MonitorRules:
    """What a partition monitor goes by, under these settings. Raises SettingsError."""
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
        calendar=working_calendar(settings),
        warn_days=settings.notify.warn_days,
    )


def working_calendar(settings: Settings) -> WorkingCalendar:
    """Which time is working time. Reads the files of the years; raises SettingsError."""
    years: dict[int, YearFile] = {}
    for path in settings.calendar.files:
        year = _year_of(path)
        if year in years:
            raise SettingsError(f"calendar.files: {path} is the second file of {year}")
        years[year] = _read_year(path, year)
    return vietnam(settings.zone, years, read_hours(",".join(settings.calendar.hours)))


def notify_rules(settings: Settings) -> NotifyRules:
    """The rules by which the notifier decides."""
    notify = settings.notify
    return NotifyRules(
        quiet_hours=notify.quiet_hours,
        urgent=frozenset(notify.urgent),
        group_wait=notify.group_wait,
        rate_limit=notify.rate_limit,
        flapping_openings=notify.flapping_openings,
        flapping_period=notify.flapping_period,
        escalate_after=notify.escalate_after,
        reminders=notify.reminders,
        inhibit_children=notify.inhibit_children,
        digest_minutes=notify.digest_at,
        digest_latest=max(NotifyRules().digest_latest, notify.digest_at),
        stale_after=settings.policy.stale_after,
        give_up_feed_after=notify.give_up_feed_after,
    )


def _year_of(path: Path) -> int:
    digits = path.stem[-4:]
    if path.suffix != ".toml" or not (digits.isascii() and digits.isdecimal() and len(digits) == 4):
        raise SettingsError(
            f"calendar.files: the name of {path} does not end with a year, as days-2027.toml does"
        )
    return int(digits)


def _read_year(path: Path, year: int) -> YearFile:
    try:
        return read_year(path.read_bytes().decode(), year)
    except FileNotFoundError:
        raise SettingsError(f"calendar.files: there is no file {path}") from None
    except OSError as error:
        raise SettingsError(f"calendar.files: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"calendar.files: {path} is not UTF-8 at byte {error.start}") from None
    except ValueError as error:
        raise SettingsError(f"calendar.files: {path}: {error}") from None


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
        http_advertised=settings.http.advertised,
    )


def units_of(settings: Settings) -> tuple[Unit, ...]:
    """The units listed; none where the settings name no file. Raises SettingsError."""
    return () if settings.units is None else tuple(read_units(settings.units))
