"""A policy to try: a TOML file with a [policy] table as in vungxanh.toml.

The keys that it gives are laid over the settings in force, and the whole goes through the settings'
own checks. What it does not give stays as it is in force, a unit's own overrides too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from vungxanh.errors import SettingsError
from vungxanh.settings import Settings, UnitPolicySettings
from vungxanh.settings_sources import Given, KeyPath, SettingsInForce, key_text, load_settings

_KEYS = tuple(UnitPolicySettings.model_fields)  # all that decides about incidents


def settings_with(file: Path, config: Path | None, in_force: SettingsInForce) -> Settings:
    """The settings in force, read with `--config` as given, with a file's policy laid over theirs.

    Raises SettingsError, which names key and file, for the first thing that is wrong.
    """
    given = dict(_given(_tables(file), f"--policy {file}"))
    return load_settings(config, {}, {**in_force.given, **given}).settings


def _tables(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_bytes().decode(), parse_float=Decimal)
    except FileNotFoundError:
        raise SettingsError(f"--policy: there is no file {file}") from None
    except OSError as error:
        raise SettingsError(f"--policy {file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"--policy {file}: not TOML: {error}") from None


def _given(tables: Mapping[str, object], origin: str) -> Iterator[tuple[KeyPath, Given]]:
    """The keys of the file; another than those of a policy is an error that names it."""
    for name in tables.keys() - {"policy"}:
        raise _unknown((name,), origin)
    if "policy" not in tables:
        raise SettingsError(f"{origin}: there is no table [policy]; an empty one changes nothing")
    policy = dict(_table(("policy",), tables["policy"], origin))
    units = _table(("policy", "units"), policy.pop("units", {}), origin)
    yield from _keys(("policy",), policy, origin)
    for unit_id, own in units.items():
        path = ("policy", "units", unit_id)
        yield from _keys(path, _table(path, own, origin), origin)


def _table(path: KeyPath, value: object, origin: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise SettingsError(
            f"{key_text(path)} ({origin}) is a table of keys and has no value of its own"
        )
    return value


def _keys(
    above: KeyPath, table: Mapping[str, object], origin: str
) -> Iterator[tuple[KeyPath, Given]]:
    for name, value in table.items():
        if name not in _KEYS:
            raise _unknown((*above, name), origin)
        yield (*above, name), Given(value, origin)


def _unknown(path: KeyPath, origin: str) -> SettingsError:
    return SettingsError(
        f"{key_text(path)} ({origin}) is not a key of a policy; known keys, under policy or "
        f'policy.units."<unit id>": {", ".join(_KEYS)}'
    )
