"""A variant: settings under which some scenarios are played, each alone or all of them together."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from schemas.instants import Millis
from streams.routing import partition_of
from tests.scenarios.script import Doing, Script
from vungxanh.settings import Settings

PARTITIONS = 3
# As in the environment: `__` for a dot. Figures are small, so that a table can be checked by head.
_COMMON = {
    "timezone": "Asia/Ho_Chi_Minh",
    "clock": "records",
    "topics__partitions": str(PARTITIONS),
    "windows": '["30d"]',
    "policy__min_sample": "10",
    "policy__stale_after": "36500d",  # the past is no history
}


class Moment(NamedTuple):
    """An instant at which all clocks are moved on, after what happens then."""

    at: Millis
    doings: tuple[tuple[Script, Doing], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """Scenarios and the settings that they share."""

    name: str
    own: Mapping[str, str]
    scripts: tuple[Script, ...]

    @property
    def environment(self) -> Mapping[str, str]:
        """Names and values of the settings, as a worker's environment has them."""
        return {**_COMMON, **self.own}

    @property
    def settings(self) -> Settings:
        """The same for a pure machine."""
        tables: dict[str, Any] = {}
        for name, text in self.environment.items():
            *above, last = name.split("__")
            table = tables
            for one in above:
                table = table.setdefault(one, {})
            table[last] = json.loads(text) if text.startswith("[") else text
        return Settings.model_validate(tables)

    @property
    def for_a_worker(self) -> Variant:
        """Without the scripts that only the pure player can play."""
        return replace(self, scripts=tuple(one for one in self.scripts if not one.pure_only))

    def moments(self, playing: Iterable[Script] | None = None) -> list[Moment]:
        """All instants of the variant, with what happens in the scripts that are played.

        One that is played alone sees the clock move as it does where all are played.
        """
        plays = list(self.scripts if playing is None else playing)
        found: dict[Millis, list[tuple[Script, Doing]]] = defaultdict(list)
        for script in self.scripts:
            for block in script.blocks:
                if (at := block.moment) is not None:
                    doings = block.doings if script in plays else ()
                    found[at] += [(script, doing) for doing in doings]
        return [Moment(at, tuple(doings)) for at, doings in sorted(found.items())]

    def owner(self, *names: str | None) -> Script | None:
        """The script that one of these units, recipients or subjects belongs to."""
        parts = [part for name in names if name for part in name.split("/")]
        return next((one for one in self.scripts if any(map(one.owns, parts))), None)


def clock_units() -> list[str]:
    """For each partition a unit of nobody, by whose records its clock is moved."""
    found: dict[int, str] = {}
    number = 0
    while len(found) < PARTITIONS:
        found.setdefault(partition_of(f"clock-{number}", PARTITIONS), f"clock-{number}")
        number += 1
    return [found[partition] for partition in range(PARTITIONS)]
