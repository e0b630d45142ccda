"""`vungxanh config`: what is in force, where each value came from, and whether all of it holds."""

from __future__ import annotations

import os

import click
import orjson
from pydantic import SecretStr

from vungxanh.cli import Run, VungxanhGroup, pass_run, run_of
from vungxanh.errors import DONE, FINDINGS
from vungxanh.printing import format_option, print_line, print_rows
from vungxanh.settings import Settings
from vungxanh.settings_sources import KeyPath, SettingsInForce, key_note, key_text, known_keys

_MASK = "***"
_UNIT_POLICIES: KeyPath = ("policy", "units")


@click.group(cls=VungxanhGroup, invoke_without_command=True)
@format_option("table", "csv", "json", "toml")
@click.pass_context
def command(context: click.Context, form: str) -> int:
    """Print the settings in force, where each came from, secrets masked."""
    if context.invoked_subcommand is not None:
        return DONE
    in_force = run_of(context).in_force()
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


@command.command("check")
@pass_run
def check(run: Run) -> int:
    """Read all that the settings name: units, recipients, calendar, templates.

    Prints what is wrong, a line each, and the exit code is 1; or "all right" and a summary.
    """
    from vungxanh.config_check import checked  # noqa: PLC0415 - `config` needs none of it

    found = checked(run.settings, os.environ)
    for problem in found.problems:
        print_line(f"wrong      {problem}")
    if not found.problems:
        print_line("all right")
    for name, words in found.summary:
        print_line(f"{name:10} {words}")
    for remark in found.remarks:
        print_line(f"remark     {remark}")
    return FINDINGS if found.problems else DONE


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
    if isinstance(value, bool):
        return str(value).lower()  # as TOML writes it
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
