"""The units that a replay is asked for: where their events are, and whether there are any."""

from __future__ import annotations

from collections.abc import Collection

from schemas.instants import iso_micros
from streams.routing import partition_of
from vungxanh.errors import WrongUseError
from vungxanh.file_history import FiledSource
from vungxanh.histories import Source
from vungxanh.printing import warn
from vungxanh.settings import Settings
from vungxanh.settings_use import units_of


def key_of(unit: str) -> bytes:
    """The key of its records. Raises WrongUseError for what is not UTF-8."""
    try:
        return unit.encode()
    except UnicodeEncodeError:
        raise WrongUseError(f"--unit: {unit!r} is not UTF-8") from None


def keep_homes(history: Source, units: Collection[str] | None) -> None:
    """Read no partition of a topic but those of these units (None: of all)."""
    if units is None or isinstance(history, FiledSource):
        return
    for unit in units:
        key_of(unit)
    history.keep({partition_of(unit, history.partitions) for unit in units})  # type: ignore[attr-defined]


def demand_known(
    asked: Collection[str], found: Collection[str], history: Source, settings: Settings
) -> None:
    """Say which of the units have no event; WrongUseError where that is all of them.

    But one that the settings list is no slip, and neither is one that K hides.
    """
    missing = sorted(set(asked) - set(found) - {unit.unit_id for unit in units_of(settings)})
    if history.known is not None:
        for unit in missing:
            warn(f"--unit {unit}: nothing of it had arrived by {iso_micros(history.known)}")
        return
    lines = [f"--unit {unit}: the history has no event of it; is its id right?" for unit in missing]
    if lines and len(lines) == len(asked):
        for finding in history.findings():  # it may stand in a line that is none
            warn(finding)
        raise WrongUseError(lines[0])
    for line in lines:
        warn(line)
