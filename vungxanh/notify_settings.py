"""The settings of telling people, and of the working calendar that it goes by."""

from __future__ import annotations

import re
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, SecretStr, field_validator

from indicators.calendar import read_hours, vietnam
from schemas.notification import OccasionKind
from vungxanh.quantities import Span, Whole
from vungxanh.settings_keys import (
    SPAN,
    OptionalPath,
    OptionalSecret,
    OptionalText,
    Table,
    Texts,
    WebAddress,
    key,
    no_text_is_none,
)

LEAST_SECRET = 16  # bytes; as alerts/messages/links.py demands

OCCASION_KINDS: tuple[str, ...] = tuple(
    kind for group in get_args(OccasionKind) for kind in (get_args(group) or (group,))
)
_MINUTE, _DAY = 60_000, 86_400_000  # ms
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MAILBOX = re.compile(r"[^\s@<>,;\"\x00-\x1f\x7f]{1,64}@[^\s@<>,;\"\x00-\x1f\x7f]{1,255}")


def read_clock_time(value: object) -> int:
    """Minutes after midnight of `07:15`; ValueError for anything else."""
    parts = _CLOCK.fullmatch(str(value).strip())
    if parts is None:
        raise ValueError("not a time of day")
    return int(parts[1]) * 60 + int(parts[2])


def clock_time_text(minutes: int) -> str:
    """The text that `read_clock_time` reads back."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def is_mailbox(address: str) -> bool:
    """Whether a text is one bare address such as `name@example.gov.vn`, in ASCII."""
    return address.isascii() and _MAILBOX.fullmatch(address) is not None


def _sender(value: object) -> object:
    """An address, or a name with an address in angle brackets."""
    if not isinstance(value, str):
        return value
    if not value.isprintable() or not is_mailbox(parseaddr(value)[1]):
        raise ValueError("not an address")
    return value


def _long_enough(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value.get_secret_value().encode()) < LEAST_SECRET:
        raise ValueError("too short: it could be guessed")
    return value


ClockTime = Annotated[int, BeforeValidator(read_clock_time), PlainSerializer(clock_time_text)]
Sender = Annotated[str | None, BeforeValidator(_sender), BeforeValidator(no_text_is_none)]


class NotifySettings(Table):
    """Who is told what, when and how."""

    recipients: OptionalPath = key(
        None,
        "who is told what (docs/recipients.md); absent: nobody is told",
        "a TOML file with [[recipients]]",
    )
    templates: OptionalPath = key(
        None, "messages of your own in place of the built-in ones, file by file", "a folder"
    )
    base_url: WebAddress = key(
        "http://127.0.0.1:8080",
        "where people reach the page: the links in messages begin with it",
        "http:// or https://, without user and password",
    )
    secret: OptionalSecret = key(
        None,
        "signs the acknowledge links, the same for all workers; masked wherever shown; "
        "absent: no such links",
        f"a text of at least {LEAST_SECRET} bytes, such as `openssl rand -hex 32` prints",
    )
    link_expires: Annotated[Span, Field(ge=_MINUTE, le=90 * _DAY)] = key(
        "3d", "for so long an acknowledge link can be used", "a span from 1m to 90d", "time"
    )
    quiet_hours: bool = key(
        True, "outside working hours messages wait, but for urgent ones", "true or false"
    )
    urgent: Annotated[tuple[OccasionKind, ...], Texts] = key(
        (),
        "kinds of messages that do not wait for working hours",
        f"a list of: {', '.join(OCCASION_KINDS)}",
    )
    group_wait: Annotated[Span, Field(le=_DAY)] = key(
        "0",
        "what is decided for a recipient within this span goes out as one message",
        f"{SPAN}, at most 1d",
        "time",
    )
    rate_limit: Annotated[Whole, Field(ge=1, le=10_000)] = key(
        20, "messages to one recipient in an hour; further ones wait", "1 to 10000", "messages"
    )
    flapping_openings: Annotated[Whole, Field(ge=1, le=1_000)] = key(
        3,
        "more openings of a unit than this within notify.flapping_period are told once, as such",
        "1 to 1000",
        "openings",
    )
    flapping_period: Annotated[Span, Field(ge=_MINUTE, le=30 * _DAY)] = key(
        "24h", "see notify.flapping_openings", "a span from 1m to 30d", "time"
    )
    escalate_after: Span = key(
        "4h",
        "without an acknowledgement for so long the next level is told; 8h is a working day; "
        "0: never",
        SPAN,
        "working time",
    )
    reminders: bool = key(
        True,
        "each working day a reminder of an open incident until somebody acknowledges it",
        "true or false",
    )
    inhibit_children: bool = key(
        False,
        "while a unit has an open incident, nobody is told of the units below it",
        "true or false",
    )
    warn_days: Annotated[Whole, Field(ge=0, le=20)] = key(
        5,
        "how far a unit's outlook looks ahead to warn of it; 0: no forecasts",
        "0 to 20",
        "working days",
    )
    digest_at: ClockTime = key(
        "07:15", "when the digest of a working day goes out", "a time of day such as 07:15"
    )
    give_up_feed_after: Annotated[Whole, Field(ge=0, le=100)] = key(
        10,
        "after so long a silent feed is not waited for, nor told of again, before data come; "
        "0: never",
        "0 to 100",
        "working days",
    )
    smtp_host: OptionalText = key(
        None, "the server that takes e-mails; absent: no e-mail", "a host name or an IP address"
    )
    smtp_port: Annotated[Whole, Field(ge=1, le=65_535)] = key(
        587, "its port", "a whole number from 1 to 65535", "port"
    )
    smtp_security: Literal["starttls", "tls", "none"] = key(
        "starttls", "how it is spoken to; tls: from the first byte", "starttls, tls or none"
    )
    smtp_username: OptionalText = key(None, "the user to log in as; absent: no login", "text")
    smtp_password: OptionalSecret = key(None, "the password; masked wherever shown", "text")
    smtp_sender: Sender = key(
        None,
        "whom e-mails are from",
        "an address, or a name with an address: Vùng xanh <vungxanh@example.gov.vn>",
    )
    alertmanager_urls: Annotated[tuple[WebAddress, ...], Texts] = key(
        (),
        "each Prometheus Alertmanager that is told of open incidents",
        "a list of http:// or https:// addresses, without user and password",
    )

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        return _long_enough(secret)


class CalendarSettings(Table):
    """Which time is working time."""

    country: Literal["VN"] = key("VN", "whose public holidays", "VN")
    files: Annotated[tuple[Path, ...], Texts] = key(
        (),
        "the days of a year (`off`, `work`) in place of the built-in ones or of the rule",
        "a list of TOML files whose names end with the year, such as days-2027.toml",
    )
    hours: Annotated[tuple[str, ...], Texts] = key(
        ("07:00-11:30", "13:30-17:00"),
        "working hours of a working day, in local time",
        "a list of spans in order, such as 07:00-11:30",
    )

    @field_validator("hours")
    @classmethod
    def _check_hours(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        vietnam(ZoneInfo("UTC"), hours=read_hours(",".join(hours)))  # the same in every zone
        return hours
