"""The words of a language, from its words.toml: a province may replace any of them, key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from string import Formatter
from typing import Any

Table = Mapping[str, str]
OPEN_TABLES = frozenset({"definitions", "windows"})  # may name what is not in the built-in file


@dataclass(frozen=True, slots=True)
class Words:
    """The tables of a words.toml."""

    zones: Table  # by the zone's id
    due: Table  # by the state of a dossier; `{due}` is its instant
    definitions: Table  # by id; one that is not here is shown by its id
    windows: Table  # by name; those of a number of days are in `labels`
    labels: Table  # headings and short phrases of the layouts


def read_words(text: str, base: Words | None = None) -> Words:
    """The words that a file states, over those of `base`.

    ValueError naming the line, or the table and key: not TOML, not a text, or a key that nothing
    asks for.
    """
    stated: dict[str, Any] = tomllib.loads(text)
    tables = [field.name for field in fields(Words)]
    for name in stated:
        if name not in tables:
            raise ValueError(f"[{name}]: no such table; there are {', '.join(tables)}")
    bases: dict[str, Table] = {} if base is None else asdict(base)
    return Words(**{name: _table(name, stated.get(name, {}), bases.get(name)) for name in tables})


def _places(key: str, text: str) -> set[str]:
    """The names in braces that are filled in; ValueError for a brace that stands alone."""
    try:
        return {place for _, place, _, _ in Formatter().parse(text) if place is not None}
    except ValueError as error:
        raise ValueError(f"{key}: {error}; a brace itself is written twice") from None


def _table(name: str, stated: object, base: Table | None) -> Table:
    if not isinstance(stated, dict):
        raise ValueError(f"{name}: a table is wanted: [{name}]")
    for key, text in stated.items():
        if not isinstance(text, str):
            raise ValueError(f"{name}.{key}: {text!r} is no text; put it between quotes")
        if base is None:
            continue
        if key not in base and name not in OPEN_TABLES:
            raise ValueError(f"{name}.{key}: no such key; there are {', '.join(base)}")
        allowed = _places(f"{name}.{key}", base.get(key, ""))
        if unknown := _places(f"{name}.{key}", text) - allowed:
            known = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
            raise ValueError(f"{name}.{key}: {{{min(unknown)}}} is never filled in; known: {known}")
    return {**(base or {}), **stated}
