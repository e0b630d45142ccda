"""The recipients file: who is told what, over which channels. docs/recipients.md has the words.

Whatever is wrong is told in lines that name file, recipient, key, value and what is allowed. Of a
channel only its kind is told: what follows is an address or holds a token.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from alerts.recipients import (
    ABOUT,
    Channel,
    ChannelKind,
    Language,
    Recipient,
    Recipients,
    Role,
    Topic,
)
from schemas.action import AND_BELOW, EVERY_UNIT
from streams.settings import Unit
from vungxanh.errors import SettingsError
from vungxanh.recipient_channels import CHANNELS

T = TypeVar("T")

HIGHEST_LEVEL = 9
_ROLES: tuple[Role, ...] = get_args(Role)
_LANGUAGES: tuple[Language, ...] = get_args(Language)  # the first is the default
_TOPICS: tuple[Topic, ...] = get_args(Topic)
_KEYS = ("id", "role", "units", "level", "language", "about", "channels")
_REQUIRED = ("id", "role", "units", "channels")
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")  # it is part of the messages' idempotency keys
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMED = 10  # units in one remark


class RecipientsError(SettingsError):
    """What is wrong with the file, a line each; its text is the first, and how many more."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - 1
        rest = f"; and {more} more: see `vungxanh config check`" if more else ""
        super().__init__(f"{problems[0]}{rest}")
        self.problems = tuple(problems)


def read_recipients(path: Path, units: Iterable[Unit], environ: Mapping[str, str]) -> Recipients:
    """The recipients of a TOML file, and the tree of the units.

    `${NAME}` in a channel stands for the variable of that name in `environ`. Raises
    RecipientsError with all that is wrong.
    """
    parents = {unit.unit_id: unit.parent_id for unit in units if unit.parent_id}
    file = _File(path, environ)
    everyone = file.read()
    if file.problems:
        raise RecipientsError(file.problems)
    return Recipients(tuple(everyone), parents)


def remarks(recipients: Recipients, units: Sequence[Unit]) -> list[str]:
    """What may be meant so, and may be a slip: scopes that name no unit, units without a head."""
    listed = {unit.unit_id for unit in units}
    found = [
        f"recipient {one.recipient_id}: unit {scope.removesuffix(AND_BELOW)} is not in the units "
        "file"
        for one in recipients.everyone
        for scope in one.units
        if listed and scope != EVERY_UNIT and scope.removesuffix(AND_BELOW) not in listed
    ]
    heads = [one for one in recipients.of("incidents") if one.role == "head"]
    alone = [
        unit.unit_id
        for unit in units
        if not any(head.answers_for(unit.unit_id, recipients.parents) for head in heads)
    ]
    if alone:
        more = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
        found.append(f"units without a head to be told: {', '.join(alone[:_NAMED])}{more}")
    return found


class _File:
    """Reads one file and notes all that is wrong with it."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self._path = path
        self._environ = environ
        self.problems: list[str] = []

    def read(self) -> list[Recipient]:
        content = self._content()
        for name in content:
            if name != "recipients":
                self._note("", f"{name} is not a key of the file; known: [[recipients]]")
        tables = content.get("recipients")
        if not isinstance(tables, list) or not tables:
            self._note("", "recipients is missing; allowed: one or more tables [[recipients]]")
            return []
        found: dict[str, Recipient] = {}
        for number, table in enumerate(tables, 1):
            one = self._recipient(table, number)
            if one is None:
                continue
            if one.recipient_id in found:
                self._note(f"recipient {one.recipient_id}", "id is there before")
            found[one.recipient_id] = one
        return list(found.values())

    def _content(self) -> dict[str, Any]:
        where = f"notify.recipients: {self._path}"
        try:
            return tomllib.loads(self._path.read_bytes().decode())
        except FileNotFoundError:
            raise RecipientsError([f"notify.recipients: there is no file {self._path}"]) from None
        except OSError as error:
            raise RecipientsError([f"{where} cannot be read: {error.strerror}"]) from None
        except UnicodeDecodeError as error:
            raise RecipientsError([f"{where} is not UTF-8 at byte {error.start}"]) from None
        except tomllib.TOMLDecodeError as error:
            raise RecipientsError([f"{where} is not TOML: {error}"]) from None

    def _recipient(self, table: object, number: int) -> Recipient | None:
        """None where something of it is wrong."""
        if not isinstance(table, dict):
            self._note(f"recipient number {number}", "is not a table [[recipients]]")
            return None
        known = len(self.problems)
        given_id = table.get("id")
        named = isinstance(given_id, str) and _ID.fullmatch(given_id)
        entry = _Entry(self, f"recipient {given_id if named else f'number {number}'}", table)
        entry.check_keys()
        recipient_id = entry.take("id", _read_id, "1-100 letters, digits, '.', '_' and '-'", "")
        role = entry.take("role", _one_of(_ROLES), ", ".join(_ROLES), _ROLES[0])
        units: tuple[str, ...] = entry.take(
            "units", _read_units, 'a list of ids of units, "id/*" (and all below it) or "*"', ()
        )
        level = entry.take("level", _read_level, f"a whole number from 1 to {HIGHEST_LEVEL}", 1)
        language = entry.take("language", _one_of(_LANGUAGES), ", ".join(_LANGUAGES), _LANGUAGES[0])
        topics = f"a list of one or more of: {', '.join(_TOPICS)}"
        about = entry.take("about", _some_of(_TOPICS), topics, ABOUT[role])
        channels = self._channels(entry)
        if len(self.problems) > known:
            return None
        return Recipient(recipient_id, role, units, channels, level, language, about)

    def _channels(self, entry: _Entry) -> tuple[Channel, ...]:
        written: list[str] = entry.take(
            "channels", _read_list, 'a list of one or more such as "email:name@example.gov.vn"', []
        )
        found: list[Channel] = []
        for number, text in enumerate(written, 1):
            kind = text.partition(":")[0] if ":" in text else ""
            shown = f"{kind}:..." if kind in CHANNELS else "..."
            try:
                channel = self._channel(text)
                if channel in found:
                    raise ValueError("it is there before")
                found.append(channel)
            except ValueError as error:
                entry.note(f"channels, number {number} ({shown}): {error}")
        return tuple(found)

    def _channel(self, text: str) -> Channel:
        """ValueError in words without the address."""
        kind, colon, target = text.partition(":")
        if not colon or kind not in CHANNELS:
            raise ValueError(f"begins with none of {', '.join(f'{name}:' for name in CHANNELS)}")
        return CHANNELS[kind](_VARIABLE.sub(self._variable, target).strip())

    def _variable(self, found: re.Match[str]) -> str:
        name = found[1]
        if not _NAME.fullmatch(name):
            raise ValueError("${...} holds no name of a variable: letters, digits and '_'")
        if not self._environ.get(name):
            raise ValueError(f"the variable {name} is not set")
        return self._environ[name]

    def _note(self, where: str, what: str) -> None:
        place = f"{self._path}: {where}: " if where else f"{self._path}: "
        self.problems.append(f"{place}{what}")

    def note_of(self, where: str) -> Callable[[str], None]:
        """Notes what is wrong at one place."""
        return lambda what: self._note(where, what)


class _Entry:
    """One table of the file, key by key."""

    def __init__(self, file: _File, where: str, table: Mapping[str, Any]) -> None:
        self.note = file.note_of(where)
        self._table = table

    def check_keys(self) -> None:
        """Nothing unknown, nothing missing."""
        for name in self._table:
            if name not in _KEYS:
                self.note(f"{name} is not a key; known: {', '.join(_KEYS)}")
        for name in _REQUIRED:
            if name not in self._table:
                self.note(f"{name} is missing")

    def take(self, name: str, read: Callable[[Any], T], allowed: str, absent: T) -> T:
        """The value of a key; what it is where the key is absent or, noted, wrong."""
        if name not in self._table:
            return absent
        try:
            return read(self._table[name])
        except ValueError:
            shown = "..." if name == "channels" else repr(self._table[name])
            self.note(f"{name} = {shown} is wrong; allowed: {allowed}")
            return absent


def _read_id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError
    return value


def _read_level(value: object) -> int:
    if type(value) is not int or not 1 <= value <= HIGHEST_LEVEL:
        raise ValueError
    return value


def _read_list(value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise ValueError
    if not all(isinstance(one, str) and one for one in value):
        raise ValueError
    return value


def _read_units(value: object) -> tuple[str, ...]:
    scopes = _read_list(value)
    for scope in scopes:
        unit_id = scope.removesuffix(AND_BELOW)
        odd = any(sign.isspace() or not sign.isprintable() for sign in scope)
        if odd or not unit_id or ("*" in unit_id and scope != EVERY_UNIT):
            raise ValueError
    return tuple(scopes)


def _one_of(allowed: Sequence[T]) -> Callable[[Any], T]:
    def read(value: Any) -> T:  # noqa: ANN401 - whatever TOML holds
        for one in allowed:
            if one == value:
                return one
        raise ValueError

    return read


def _some_of(allowed: Sequence[T]) -> Callable[[Any], frozenset[T]]:
    def read(value: Any) -> frozenset[T]:  # noqa: ANN401 - whatever TOML holds
        return frozenset(map(_one_of(allowed), _read_list(value)))

    return read


def kinds_in_use(recipients: Recipients) -> Iterator[tuple[Recipient, ChannelKind]]:
    """Each recipient with each kind of its channels."""
    for one in recipients.everyone:
        for kind in sorted({channel.kind for channel in one.channels}):
            yield one, kind
