"""The people file: who may read and who may act over HTTP. docs/api.md has the words.

A token is in it by its SHA-256 only. Nothing of it is shown in an error.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

from streams.settings import May, Person
from vungxanh.errors import SettingsError

_KEYS = ("name", "token_sha256", "may")
_MAY: tuple[May, ...] = get_args(May)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 100  # characters


def read_people(path: Path) -> tuple[Person, ...]:
    """The people of a TOML file. Raises SettingsError that names file, person and key."""
    tables = _tables(path)
    found: dict[str, Person] = {}
    digests: dict[bytes, str] = {}
    for number, table in enumerate(tables, 1):
        person = _person(table, f"http.people: {path}, person number {number}")
        where = f"http.people: {path}, person {person.name}"
        if person.name in found:
            raise SettingsError(f"{where}: the name is there before")
        if person.token_digest in digests:
            other = digests[person.token_digest]
            raise SettingsError(
                f"{where}: token_sha256 is that of {other}; give each a token of their own"
            )
        found[person.name] = person
        digests[person.token_digest] = person.name
    return tuple(found.values())


def _tables(path: Path) -> list[Any]:
    try:
        content = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        raise SettingsError(f"http.people: there is no file {path}") from None
    except OSError as error:
        raise SettingsError(f"http.people: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"http.people: {path} is not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"http.people: {path} is not TOML: {error}") from None
    for name in content:
        if name != "people":
            raise SettingsError(f"http.people: {path}: {name} is not a key; known: [[people]]")
    tables = content.get("people")
    if not isinstance(tables, list) or not tables:
        raise SettingsError(f"http.people: {path}: people is missing; give tables [[people]]")
    return tables


def _person(table: object, where: str) -> Person:
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: is not a table [[people]]")
    for name in table:
        if name not in _KEYS:
            raise SettingsError(f"{where}: {name} is not a key; known: {', '.join(_KEYS)}")
    for name in _KEYS:
        if name not in table:
            raise SettingsError(f"{where}: {name} is missing")
    name, digest, may = (table[key] for key in _KEYS)
    if not _is_name(name):
        raise SettingsError(
            f"{where}: name is wrong; allowed: 1-{_LONGEST_NAME} printable characters, no spaces "
            "around"
        )
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest.lower()):
        raise SettingsError(
            f"{where}: token_sha256 is wrong; allowed: the 64 hexadecimal digits that "
            "`printf %s TOKEN | sha256sum` prints"
        )
    if may not in _MAY:
        raise SettingsError(f"{where}: may is wrong; allowed: {' or '.join(_MAY)}")
    return Person(name, bytes.fromhex(digest), may)


def _is_name(name: object) -> bool:
    return (
        isinstance(name, str)
        and 0 < len(name) <= _LONGEST_NAME
        and name == name.strip()
        and name.isprintable()
    )
