"""Where settings come from: file, variables, options. Each value knows its origin.

Later layers win key by key. What is unknown or wrong is told in one line that names the key, the
value, where it stands and what is allowed.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from vungxanh.errors import SettingsError
from vungxanh.quantities import read_texts
from vungxanh.settings import PolicySettings, Settings, UnitPolicySettings
from vungxanh.settings_use import misfits

KeyPath = tuple[str, ...]

FILE_NAME = "vungxanh.toml"
PREFIX = "VUNGXANH_"
_UNIT_POLICIES: KeyPath = ("policy", "units")
_PATHS = frozenset(
    {
        ("units",),
        ("map",),
        ("http", "people"),
        ("kafka", "ssl_cafile"),
        ("notify", "recipients"),
        ("notify", "templates"),
        ("calendar", "files"),
    }
)
_PATH_LIST: KeyPath = ("calendar", "files")
_SECRET_NAMES = ("password", "secret")
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Given:
    """A value as somebody wrote it, and where."""

    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class SettingsInForce:
    """The settings, and where each key that is not a default came from."""

    settings: Settings
    given: Mapping[KeyPath, Given]

    def origin(self, path: KeyPath) -> str:
        """`default`, or the file, variable or option that set the key."""
        given = self.given.get(path)
        return given.origin if given else DEFAULT


def load_settings(
    config: Path | None,
    variables: Mapping[str, str],
    options: Mapping[KeyPath, Given] | None = None,
    folder: Path | None = None,
) -> SettingsInForce:
    """The settings in force.

    `config`: the file of `--config`; None: `vungxanh.toml` in `folder`, if there is one.
    Raises SettingsError, one line, for the first thing that is wrong.
    """
    given: dict[KeyPath, Given] = {}
    given.update(_from_file(config, folder or Path()))
    given.update(_from_variables(variables))
    given.update(options or {})
    return SettingsInForce(_validated(given), given)


def key_text(path: KeyPath) -> str:
    """A key as TOML writes it: `policy.units."H47.502".green`."""
    return ".".join(
        part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"' for part in path
    )


def known_keys() -> Iterator[KeyPath]:
    """Every key there is, in the order of the model; `policy.units` stands for all units."""
    yield from _leaves(Settings, ())


def key_note(path: KeyPath, name: str) -> str:
    """What the model says of a key: `description`, `allowed` or `unit`."""
    field = _field_of(path)
    if field is None:
        return ""
    if name == "description":
        return field.description or ""
    extra = field.json_schema_extra
    return str(extra.get(name, "")) if isinstance(extra, dict) else ""


def _leaves(table: type[BaseModel], above: KeyPath) -> Iterator[KeyPath]:
    for name, field in table.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _leaves(inner, (*above, name))
        else:
            yield (*above, name)


def _field_of(path: KeyPath) -> FieldInfo | None:
    if path[:2] == _UNIT_POLICIES and len(path) > len(_UNIT_POLICIES) + 1:
        return PolicySettings.model_fields.get(path[3])
    table: type[BaseModel] = Settings
    for name in path[:-1]:
        inner = table.model_fields[name].annotation if name in table.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return None
        table = inner
    return table.model_fields.get(path[-1])


# -- file ------------------------------------------------------------------------------------------


def _from_file(config: Path | None, folder: Path) -> dict[KeyPath, Given]:
    path = config or folder / FILE_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if config is None:
            return {}
        raise SettingsError(f"--config: there is no file {path}") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    try:
        tables = tomllib.loads(content.decode(), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    given = dict(_flat(tables, (), f"file {path}"))
    for key in _PATHS & given.keys():  # a path in a file is meant from where the file is
        named = given[key]
        value = read_texts(named.value) if key == _PATH_LIST else named.value
        given[key] = Given(_from_there(value, path.parent), named.origin)
    return given


def _from_there(value: object, folder: Path) -> object:
    if isinstance(value, list):
        return [_from_there(one, folder) for one in value]
    return str(folder / value) if isinstance(value, str) and value else value


def _flat(
    tables: Mapping[str, object], above: KeyPath, origin: str
) -> Iterator[tuple[KeyPath, Given]]:
    """The leaves of nested tables; an unknown key is an error here, where its name is known."""
    for name, value in tables.items():
        path = (*above, name)
        if isinstance(value, Mapping) and _is_table(path):
            yield from _flat(value, path, origin)
        else:
            _check_known(path, origin)
            yield path, Given(value, origin)


def _is_table(path: KeyPath) -> bool:
    if path == _UNIT_POLICIES or (path[:2] == _UNIT_POLICIES and len(path) == 3):
        return True
    return any(key[: len(path)] == path and len(key) > len(path) for key in known_keys())


def _check_known(path: KeyPath, origin: str) -> None:
    if path[:2] == _UNIT_POLICIES and len(path) == 4:
        allowed: list[KeyPath] = [(*path[:3], name) for name in UnitPolicySettings.model_fields]
    else:
        allowed = [key for key in known_keys() if key != _UNIT_POLICIES]
    if path in allowed:
        return
    if _is_table(path):
        raise SettingsError(
            f"{key_text(path)} ({origin}) is a table of keys and has no value of its own"
        )
    names = [key_text(key) for key in allowed]
    near = difflib.get_close_matches(key_text(path), names, n=1, cutoff=0.85)
    beside = [key_text(key) for key in allowed if key[:-1] == path[:-1]] or names
    advice = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(beside)}"
    raise SettingsError(f"{key_text(path)} ({origin}) is not a key of the settings; {advice}")


# -- variables -------------------------------------------------------------------------------------


def _from_variables(variables: Mapping[str, str]) -> dict[KeyPath, Given]:
    given: dict[KeyPath, Given] = {}
    for name in sorted(variables):
        if not name.startswith(PREFIX):
            continue
        origin = f"variable {name}"
        path = _path_of(name.removeprefix(PREFIX))
        value = _value_of(variables[name], path, origin)
        if isinstance(value, Mapping):
            given.update(_flat(value, path, origin))
        else:
            _check_known(path, origin)
            given[path] = Given(value, origin)
    return given


def _path_of(name: str) -> KeyPath:
    """`POLICY__UNITS__H47.502__GREEN`: keys in small letters, a unit's id as it is written."""
    parts = name.split("__")
    lower = tuple(part.lower() for part in parts)
    if lower[:2] == _UNIT_POLICIES and len(parts) > 2:
        return (*lower[:2], parts[2], *lower[3:])
    return lower


def _value_of(text: str, path: KeyPath, origin: str) -> object:
    """A list or a table may be written as JSON; all else is taken as it stands."""
    stripped = text.strip()
    if not stripped.startswith(("[", "{")):
        return text
    try:
        return json.loads(stripped, parse_float=Decimal)
    except ValueError:
        if _is_table(path):
            raise SettingsError(f"{key_text(path)} ({origin}) is not JSON: {text!r}") from None
        return text


# -- validation ------------------------------------------------------------------------------------


def _validated(given: Mapping[KeyPath, Given]) -> Settings:
    try:
        settings = Settings.model_validate(_nested(given))
    except ValidationError as error:
        raise _first_error(error, given) from None
    for misfit in misfits(settings):
        path, allowed = next((one for one in misfit if one[0] in given), misfit[0])
        raise _wrong(path, given, allowed)
    return settings


def _nested(given: Mapping[KeyPath, Given]) -> dict[str, object]:
    tables: dict[str, object] = {}
    for path, one in given.items():
        table = tables
        for name in path[:-1]:
            inner = table.setdefault(name, {})
            assert isinstance(inner, dict)  # a table: _flat and _check_known saw to it
            table = inner
        table[path[-1]] = one.value
    return tables


def _first_error(error: ValidationError, given: Mapping[KeyPath, Given]) -> SettingsError:
    location = tuple(str(part) for part in error.errors(include_url=False)[0]["loc"])
    path = next((location[:n] for n in range(len(location), 0, -1) if location[:n] in given), None)
    if path is None:  # a default that does not hold: of the model, or of this machine
        path = location
    return _wrong(path, given, key_note(path, "allowed"))


def _wrong(path: KeyPath, given: Mapping[KeyPath, Given], allowed: str) -> SettingsError:
    one = given.get(path)
    if one is None:
        return SettingsError(f"{key_text(path)} is missing; allowed: {allowed}")
    # An address may hold a user and a password: that is what may be wrong with it.
    secret = path[-1].endswith(_SECRET_NAMES) or ("url" in path[-1] and "@" in str(one.value))
    shown = "***" if secret else repr(_shown(one.value))
    return SettingsError(f"{key_text(path)} = {shown} ({one.origin}) is wrong; allowed: {allowed}")


def _shown(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
