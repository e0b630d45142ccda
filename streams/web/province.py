"""The province as the boards and the directory know it, for all routes that show units."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from indicators.feed_gap import LEAST, silent_since
from schemas.instants import Micros, Millis
from streams.figures_asked import Asked, asked_figure
from streams.folding import wall
from streams.routing import partition_of
from streams.rules import MonitorRules
from streams.settings import Unit, WebContent, WorkerSettings
from streams.status_board import Boards

_LOOKED: Millis = 30_000  # so long a feed that was not silent is taken for not silent


class Province:
    """Units, their tree, and whose feed is silent."""

    def __init__(
        self,
        settings: WorkerSettings,
        rules: MonitorRules,
        content: WebContent,
        boards: Boards,
        now: Callable[[], Millis] = wall,
    ) -> None:
        self.settings = settings
        self.rules = rules
        self.content = content
        self.boards = boards
        self.now = now
        self._directory = content.directory()
        # unit -> its feed as it was looked at, when, and since when it has been silent
        self._looked: dict[str, tuple[object, Millis, Millis | None]] = {}

    def asked(self, definition: str | None, window: str | None, as_of: Micros | None) -> Asked:
        """A figure asked for; the policy's where nothing is said. Raises ParameterError."""
        policy = self.rules.policy
        return asked_figure(definition, window, as_of, (policy.definition, policy.window.text))

    @cached_property
    def parents(self) -> dict[str, str]:
        """Unit -> the unit above it."""
        units = self.content.units
        return {unit.unit_id: unit.parent_id for unit in units if unit.parent_id}

    @cached_property
    def with_children(self) -> frozenset[str]:
        """The units above others: headings, not in the ranking."""
        return frozenset(self.parents.values())

    @cached_property
    def province(self) -> Unit | None:
        """The one listed unit that has children and no parent; None: there is none, or several."""
        tops = [
            unit
            for unit in self.content.units
            if unit.unit_id in self.with_children and not unit.parent_id
        ]
        return tops[0] if len(tops) == 1 else None

    def unit(self, unit_id: str) -> Unit | None:
        """A unit that is listed, or in the feed; None: nobody knows it."""
        listed = self._directory.get(unit_id)
        if listed is not None:
            return listed
        return Unit(unit_id, unit_id) if unit_id in self.boards.statuses else None

    def units(self) -> list[Unit]:
        """All units: those of the directory in its order, then the others by id."""
        others = (id_ for id_ in sorted(self.boards.statuses) if id_ not in self._directory)
        return [*self.content.units, *(Unit(unit_id, unit_id) for unit_id in others)]

    def ranked_ids(self) -> list[str]:
        """The units that have a place in the ranking."""
        return [one.unit_id for one in self.units() if one.unit_id not in self.with_children]

    def is_listed(self, unit_id: str) -> bool:
        """Whether the directory has it."""
        return unit_id in self._directory

    def partition_of(self, unit_id: str) -> int:
        """Where the unit's events are."""
        return partition_of(unit_id, self.settings.partitions)

    def stale_since(self, unit_id: str) -> Millis | None:
        """Since when a unit's feed has been silent for longer than is usual; None: it has not."""
        feed = self.boards.feeds.get(unit_id)
        calendar = self.rules.calendar
        now = self.now() if self.settings.clock == "wall" else self.boards.clock
        if feed is None or feed[0] is None or calendar is None or now is None:
            return None
        if now - feed[0] <= LEAST:  # less working time than that: the usual case
            return None
        known = self._looked.get(unit_id)
        if known is not None and known[0] == feed:
            since = known[2]
            if since is not None or 0 <= now - known[1] < _LOOKED:
                return since
        since = silent_since(feed[0], feed[1], now, calendar)
        self._looked[unit_id] = (feed, now, since)
        return since

    def stale_units(self) -> list[tuple[str, Millis]]:
        """The units whose feed is silent, and since when."""
        found = ((unit_id, self.stale_since(unit_id)) for unit_id in sorted(self.boards.feeds))
        return [(unit_id, since) for unit_id, since in found if since is not None]
