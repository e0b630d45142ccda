"""`vungxanh config`: what is in force, and where each value came from."""

from __future__ import annotations

import click
import orjson
from pydantic import SecretStr

from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE
from vungxanh.printing import format_option, print_line, print_rows
from vungxanh.settings import Settings
from vungxanh.settings_sources import KeyPath, SettingsInForce, key_note, key_text, known_keys

_MASK = "***"
_UNIT_POLICIES: KeyPath = ("policy", "units")


@click.command(cls=VungxanhCommand)
@format_option("table", "csv", "json", "toml")
@pass_run
def command(run: Run, form: str) -> int:
    """Print the settings in force, where each came from, secrets masked."""
    in_force = run.in_force()
    if form == "toml":
        print_line(as_toml(in_force).rstrip("\n"))
        return DONE
    rows = [
        {
            "key": key_text(path),
            "value": value if form == "json" else as_text(value),
            "origin": in_force.origin(path),
            "unit": key_note(path, "unit"),
        }
        for path, value in values(in_force.settings)
    ]
    print_rows(rows, ("key", "value", "origin", "unit"), form)
    return DONE


def values(settings: Settings) -> list[tuple[KeyPath, object]]:
    """Every key with its value as a setting would be written; secrets masked."""
    written = settings.model_dump(mode="json")
    found: list[tuple[KeyPath, object]] = []
    for path in known_keys():
        if path == _UNIT_POLICIES:
            for unit_id, own in settings.policy.units.items():
                said = own.model_dump(mode="json", exclude_none=True)
                found.extend(((*path, unit_id, name), value) for name, value in said.items())
        else:
            found.append((path, _masked(settings, path, written)))
    return found


def _masked(settings: Settings, path: KeyPath, written: dict[str, object]) -> object:
    value: object = written
    model: object = settings
    for name in path:
        assert isinstance(value, dict)
        value, model = value[name], getattr(model, name)
    return _MASK if isinstance(model, SecretStr) else value


def as_text(value: object) -> str:
    """A value for the eye: lists with commas, what is absent as nothing."""
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def as_toml(in_force: SettingsInForce) -> str:
    """A file `vungxanh.toml` with every key; what is absent stands as a comment."""
    lines: list[str] = []
    table: KeyPath = ()
    for path, value in values(in_force.settings):
        if path[:-1] != table:
            table = path[:-1]
            lines.append(f"\n[{key_text(table)}]")
        written = "" if value is None else orjson.dumps(value).decode()
        line = f"{path[-1]} = {written}".rstrip()
        origin = in_force.origin(path)
        lines.append(f"# {line}" if value in (None, _MASK) else f"{line}  # {origin}")
    return "\n".join(lines).lstrip("\n") + "\n"
