"""Dead letters: what they say of a record, which of them were sent again, whether one may be.

A letter is known by its place in `dossier-dead-letters`, "partition-offset". When one is sent
again, a marker (no value, header `redriven` with the letter's place) follows it there; a letter has
a `reason`, a marker has none, whatever headers the feed had put on the record.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.dead_letter import (
    HEADER_DETAIL,
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_REDRIVEN,
    HEADER_TIMESTAMP,
    HEADER_TOPIC,
    Reason,
)
from schemas.event import Event, UnusableEvent, read_event
from schemas.instants import Millis, iso_millis
from streams.record import Headers, Record

HEADER_MARKER = "redriven"

_NOT_BY_ITSELF = {
    Reason.CONFLICTING_EVENT: "an event with this id and other content came first and would again; "
    "send it with an event_id of its own (--value-file)",
    Reason.TOO_LARGE: "it would be too large again; send a smaller value (--value-file)",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A record of `dossier-dead-letters`."""

    partition: int
    offset: int
    timestamp: Millis  # when it became a dead letter
    key: bytes | None
    value: bytes | None
    headers: Headers
    said: Mapping[str, str]  # the headers as text; of one name the last, which is the monitor's

    @property
    def id(self) -> str:
        """Its place: partition-offset."""
        return f"{self.partition}-{self.offset}"

    @property
    def reason(self) -> str:
        """Why the record could not be used; normally one of `Reason`."""
        return self.said.get(HEADER_REASON, "")

    @property
    def detail(self) -> str:
        """What exactly was wrong."""
        return self.said.get(HEADER_DETAIL, "")

    @property
    def origin(self) -> str:
        """Where the record was: topic/partition/offset."""
        parts = (HEADER_TOPIC, HEADER_PARTITION, HEADER_OFFSET)
        return "/".join(self.said.get(part, "?") for part in parts)

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON: key and value as text, or as base64 where they are not UTF-8."""
        return {
            "id": self.id,
            "at": iso_millis(self.timestamp),
            "reason": self.reason,
            "detail": self.detail,
            "origin": {
                "topic": self.said.get(HEADER_TOPIC),
                "partition": _number(self.said.get(HEADER_PARTITION)),
                "offset": _number(self.said.get(HEADER_OFFSET)),
                "timestamp": _number(self.said.get(HEADER_TIMESTAMP)),
            },
            **_readable("key", self.key),
            "headers": [[name, _text(value)] for name, value in self.headers],
            **_readable("value", self.value),
        }


@dataclass(slots=True)
class DeadLetters:
    """The letters of a topic, and which of them were sent again."""

    letters: list[Letter] = field(default_factory=list)
    redriven: set[str] = field(default_factory=set)  # ids

    def add(self, record: Record) -> None:
        """Take in a record of the topic."""
        said = {name: _text(value) for name, value in record.headers}
        if HEADER_REASON not in said and HEADER_MARKER in said:
            self.redriven.add(said[HEADER_MARKER])
            return
        self.letters.append(
            Letter(
                record.partition,
                record.offset,
                record.timestamp,
                record.key,
                record.value,
                record.headers,
                said,
            )
        )

    def waiting(self) -> list[Letter]:
        """Those that were not sent again, oldest first."""
        return self.ordered(letter for letter in self.letters if letter.id not in self.redriven)

    @staticmethod
    def ordered(letters: Iterable[Letter]) -> list[Letter]:
        """Oldest first."""
        return sorted(letters, key=lambda one: (one.timestamp, one.partition, one.offset))

    def find(self, letter_id: str) -> Letter | None:
        """The letter of that id."""
        return next((one for one in self.letters if one.id == letter_id), None)


@dataclass(frozen=True, slots=True)
class Redrive:
    """A record to be sent again."""

    key: bytes | None
    value: bytes | None
    event: Event | None  # None: it is still unusable
    problem: str | None  # what speaks against sending it


def redrive_of(letter: Letter, mended: bytes | None = None) -> Redrive:
    """What sending a letter again would send; `mended` takes the place of its value.

    A usable value is sent with the fields of the contract and no others, under its unit's key.
    """
    value = letter.value if mended is None else mended
    try:
        event, _ = read_event(value)
    except UnusableEvent as error:
        return Redrive(letter.key, value, None, f"{error.reason}: {error.detail}")
    problem = None
    if mended is None and letter.reason in set(_NOT_BY_ITSELF):
        problem = f"{letter.reason}: {_NOT_BY_ITSELF[Reason(letter.reason)]}"
    return Redrive(event.unit_id.encode(), event.to_json(), event, problem)


def redriven_header(letter: Letter) -> list[tuple[str, bytes]]:
    """On a record sent again: the letter that it comes from.

    Its old headers are left out: they tell of the old place, or what a feed should not send.
    """
    return [(HEADER_REDRIVEN, letter.id.encode())]


def marker_header(letter: Letter) -> list[tuple[str, bytes]]:
    """On the marker that follows a letter sent again."""
    return [(HEADER_MARKER, letter.id.encode())]


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode(errors="backslashreplace")


def _readable(name: str, value: bytes | None) -> dict[str, object]:
    if value is None:
        return {name: None}
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(value).decode()}
