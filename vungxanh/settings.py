"""The settings: every key with its meaning, unit, default and what is allowed.

Read from `vungxanh.toml` (or `--config FILE`), over it `VUNGXANH_...` variables with `__` for a
dot, over them the options of the command: see `settings_sources.py`. What the other rooms are
told of it stands in `settings_use.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from indicators.definitions import DEFINITIONS
from indicators.windows import read_window
from vungxanh.http_settings import HttpSettings
from vungxanh.notify_settings import CalendarSettings, NotifySettings
from vungxanh.quantities import DAY, Address, Share, Span, Whole, ZoneName
from vungxanh.settings_keys import (
    SHARE,
    SPAN,
    OptionalPath,
    OptionalSecret,
    OptionalText,
    Table,
    Texts,
    key,
)

_WINDOW = "a number of days such as 30d, or month, quarter, half, year"
_NAME = "letters, digits, '.', '_' and '-', at most 100"


def _known_window(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError("not a text")
    read_window(text, ZoneInfo("UTC"))  # the names are the same in every zone
    return text


def _known_definition(text: object) -> str:
    if not isinstance(text, str) or text not in DEFINITIONS:
        raise ValueError("not a definition")
    return text


WindowName = Annotated[str, BeforeValidator(_known_window)]
DefinitionId = Annotated[str, BeforeValidator(_known_definition)]
Sample = Annotated[Whole, Field(ge=0, le=1_000_000_000)]
TopicName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]


class KafkaSettings(Table):
    """How to reach Kafka."""

    bootstrap_servers: Annotated[tuple[Address, ...], Texts, Field(min_length=1)] = key(
        ("127.0.0.1:19092",), "where Kafka is found first", "a list of host:port"
    )
    group: TopicName = key("vungxanh", "the consumer group that the workers share", _NAME)
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = key(
        "PLAINTEXT", "how to speak to Kafka", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = key(
        "PLAIN", "how to log in, with SASL_...", "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
    )
    sasl_username: OptionalText = key(None, "the user to log in as", "text")
    sasl_password: OptionalSecret = key(None, "the password; masked wherever shown", "text")
    ssl_cafile: OptionalPath = key(
        None, "the certificates to trust, with SSL; absent: those of the system", "a PEM file"
    )
    session_timeout: Annotated[Span, Field(ge=1_000, le=300_000)] = key(
        "10s",
        "a worker silent for so long loses its partitions; within 0.8 of it a stalled one exits",
        "a span from 1s to 5m",
        "time",
    )


class TopicSettings(Table):
    """The topics, as `vungxanh topics` makes them."""

    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,100}$")] = key(
        "", "put before the name of every topic", f"{_NAME}, or nothing"
    )
    partitions: Annotated[Whole, Field(ge=1, le=1000)] = key(
        8, "partitions of a topic that is made; never changed later", "1 to 1000", "partitions"
    )
    replication: Annotated[Whole, Field(ge=1, le=10)] = key(
        1, "copies of a topic that is made", "1 to 10", "copies"
    )
    dead_letter_retention: Annotated[Span, Field(ge=DAY, multiple_of=DAY)] = key(
        "90d",
        "how long unusable records are kept; they may hold what a feed should not have sent",
        "whole days, such as 90d",
        "time",
    )


class UnitPolicySettings(Table):
    """What of the policy is different for one unit; what is absent is as for the province."""

    definition: DefinitionId | None = None
    window: WindowName | None = None
    green: Share | None = None
    yellow: Share | None = None
    min_sample: Sample | None = None
    hold: Span | None = None
    recover_hold: Span | None = None
    recover_margin: Share | None = None


class PolicySettings(Table):
    """By which figure a unit is judged, and when an incident opens and closes."""

    definition: DefinitionId = key(
        "resolved@1",
        "the definition of the primary indicator",
        " or ".join(DEFINITIONS),
    )
    window: WindowName = key("30d", "the window of the primary indicator", _WINDOW)
    green: Share = key("0.90", "from this share on a unit is green", SHARE, "share")
    yellow: Share = key(
        "0.80",
        "from this share on a unit is yellow, below it red",
        f"{SHARE}, at most policy.green",
        "share",
    )
    min_sample: Sample = key(
        20,
        "with fewer dossiers in the denominator a unit is grey: too few to judge",
        "a whole number from 0 to 1000000000",
        "dossiers",
    )
    hold: Span = key("10m", "below green for so long opens an incident; 0: at once", SPAN, "time")
    recover_hold: Span = key(
        "10m", "green again for so long closes an incident; 0: at once", SPAN, "time"
    )
    recover_margin: Share = key(
        "0",
        "and so much above policy.green, so that a unit at the edge does not open and close "
        "incidents",
        f"{SHARE}; with policy.green at most 1",
        "share",
    )
    stale_after: Span = key(
        "24h",
        "steps derived from records older than this are history: written, and nobody is told",
        SPAN,
        "time",
    )
    units: Mapping[str, UnitPolicySettings] = key(
        {},
        'overrides for one unit, under policy.units."<unit id>": any of definition, window, green, '
        "yellow, min_sample, hold, recover_hold, recover_margin",
        "a table of unit ids",
    )


class Settings(Table):
    """All settings of the command."""

    timezone: ZoneName = key(
        "Asia/Ho_Chi_Minh",
        "local days, months and bare due dates are of this zone",
        "a name of the IANA database such as Asia/Ho_Chi_Minh",
    )
    units: OptionalPath = key(
        None,
        "the units with names and parents; a unit not listed still works under its id",
        "a CSV file with the columns unit_id,name_vi,name_ascii,kind,parent_id",
    )
    map: OptionalPath = key(
        None,
        "the shapes of the units, for the map; absent: the page has tiles only",
        "a GeoJSON file in longitude and latitude; its features bear the ids of units",
    )
    map_property: Annotated[str, Field(min_length=1, max_length=100)] = key(
        "unit_id", "the property of a feature that holds the unit's id", "the name of a property"
    )
    windows: Annotated[tuple[WindowName, ...], Texts, Field(min_length=1, max_length=20)] = key(
        ("7d", "30d", "90d", "365d", "half"),
        "the windows shown",
        f"a list, each once, of: {_WINDOW}",
    )
    due_soon: Span = key("24h", "an open dossier due within this span is due soon", SPAN, "time")
    clock: Literal["wall", "records"] = key(
        "wall",
        "wall: a partition that has caught up goes on with the time of day; records: its clock "
        "is the arrival of the last record, and never runs on",
        "wall or records",
    )
    kafka: KafkaSettings = KafkaSettings()
    topics: TopicSettings = TopicSettings()
    http: HttpSettings = HttpSettings()
    policy: PolicySettings = PolicySettings()
    notify: NotifySettings = NotifySettings()
    calendar: CalendarSettings = CalendarSettings()

    @field_validator("windows")
    @classmethod
    def _each_once(cls, windows: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(set(windows)) < len(windows):
            raise ValueError("a window twice")
        return windows

    @property
    def zone(self) -> ZoneInfo:
        """The local time zone."""
        return ZoneInfo(self.timezone)

    def topic(self, name: str) -> str:
        """The name of a topic with the prefix before it."""
        return f"{self.topics.prefix}{name}"
