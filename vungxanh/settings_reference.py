"""docs/settings.md, made of the settings' model: `python -m vungxanh.settings_reference`."""

from __future__ import annotations

from vungxanh.commands.config import as_text, values
from vungxanh.printing import print_line
from vungxanh.settings import PolicySettings, Settings, UnitPolicySettings
from vungxanh.settings_sources import KeyPath, key_note, key_text, known_keys

_HEAD = """# Settings
Made by `python -m vungxanh.settings_reference` from `vungxanh/settings.py`; a test compares.

Settings are read from `vungxanh.toml` in the working folder, or the file of `--config FILE`. Over
it go `VUNGXANH_...` variables, with `__` for a dot: `VUNGXANH_POLICY__MIN_SAMPLE=5`; a list is
written as JSON or with commas, a table as JSON. Over them go the options of a command.
`vungxanh config` prints what is in force and where each value came from, secrets masked;
`vungxanh config --format toml` prints a file to begin with.

An unknown key or variable, or a wrong value, is an error of one line that names the key, the value
and what is allowed; the exit code is 2. A relative path in a file is meant from the folder of that
file.

Spans of time are written `500ms`, `30s`, `10m`, `24h`, `90d`, or `0`. Shares are taken exactly as
they are written: `0.90` is 9/10.
"""
_TABLE = "| key | default | unit | allowed | meaning |\n|---|---|---|---|---|"
_UNIT_EXAMPLE = """Example:
```toml
[policy.units."H47.502"]
green = 0.95
min_sample = 5
```"""


def settings_reference() -> str:
    """The text of docs/settings.md."""
    defaults = dict(values(Settings()))
    parts = [_HEAD.rstrip()]
    table: KeyPath | None = None
    for path in known_keys():
        if path[:-1] != table:
            table = path[:-1]
            parts.append(f"\n## {f'`[{key_text(table)}]`' if table else 'At the top'}\n{_TABLE}")
        parts.append(_row(path, as_text(defaults.get(path))))
    own = ", ".join(f"`{name}`" for name in UnitPolicySettings.model_fields)
    assert UnitPolicySettings.model_fields.keys() <= PolicySettings.model_fields.keys()
    parts.append(
        f'\n## `[policy.units."<unit id>"]`\nWhat is different for one unit: {own}, each allowed '
        f"as in `[policy]`.\n\n{_UNIT_EXAMPLE}"
    )
    return "\n".join(parts) + "\n"


def _row(path: KeyPath, default: str) -> str:
    cells = (
        f"`{key_text(path)}`",
        f"`{default}`" if default else "",
        key_note(path, "unit"),
        key_note(path, "allowed"),
        key_note(path, "description"),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    print_line(settings_reference().rstrip("\n"))
