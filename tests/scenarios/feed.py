"""From what happens in a script to records of `dossier-events` and `unit-actions`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from schemas.action import Action
from schemas.instants import Millis, iso_millis
from tests.scenarios.marks import MINUTE
from tests.scenarios.script import Acknowledge, Deed, Ends, Event, Script, Silence
from tests.scenarios.variant import Moment, clock_units

_HOUR: Millis = 60 * MINUTE


class Fed(NamedTuple):
    """A record of `dossier-events`, but for its arrival."""

    unit_id: str
    value: bytes


class Feed:
    """Numbers dossiers and actions; one for each time that scripts are played."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._clocks = clock_units()

    def records(self, moment: Moment) -> list[Fed]:
        """What arrives at a moment; last of all a record for the clock of each partition."""
        found = [
            record
            for script, doing in moment.doings
            if isinstance(doing, Event)
            for record in self._of(script, doing, moment.at)
        ]
        return [*found, *(self._tick(unit_id, moment.at) for unit_id in self._clocks)]

    def actions(self, moment: Moment) -> list[Action]:
        """What people do at a moment."""
        return [
            self._action(script, doing, moment.at)
            for script, doing in moment.doings
            if isinstance(doing, Deed)
        ]

    def _of(self, script: Script, event: Event, at: Millis) -> Iterator[Fed]:
        unit_id = script.own(event.unit)
        if not isinstance(event, Ends):
            dossier = f"{unit_id}.{event.dossier}"
            yield _fed(unit_id, dossier, f"{dossier}-void", "voided", at, voids=f"{dossier}-end")
            return
        ended = at if event.at is None else event.at
        # The unit is judged after each.
        for name, count, due in (
            ("on", event.on_time, ended + _HOUR),
            ("late", event.late, ended - _HOUR),
        ):
            for _ in range(count):
                dossier = f"{unit_id}.{name}-{self._next(f'{unit_id}.{name}')}"
                end = f"{dossier}-end"
                yield _fed(unit_id, dossier, end, "completed", ended, due_at=iso_millis(due))

    def _tick(self, unit_id: str, at: Millis) -> Fed:
        """Received by nobody, so that it is in no count."""
        dossier = f"{unit_id}.{self._next(unit_id)}"
        return _fed(unit_id, dossier, dossier, "submitted", at)

    def _action(self, script: Script, deed: Deed, at: Millis) -> Action:
        if isinstance(deed, Silence):
            scope, name = script.own(deed.scope), script.own(deed.name)
            return Action(name, "silence", deed.author, at, "", None, scope, deed.until)
        name = script.own(f"action-{self._next(script.name)}")
        if isinstance(deed, Acknowledge):
            incident_id = f"{script.own(deed.unit)}/resolved@1/{deed.number}"
            known = any(person.name == deed.author for person in script.people)
            link = script.own(deed.author) if known else None
            return Action(name, "acknowledge", deed.author, at, "", incident_id, recipient_id=link)
        silence_id = script.own(deed.name)
        return Action(name, "unsilence", deed.author, at, silence_id=silence_id)

    def _next(self, name: str) -> int:
        self._count[name] += 1
        return self._count[name]


def _fed(unit_id: str, dossier_id: str, event_id: str, kind: str, at: Millis, **more: str) -> Fed:
    event = {
        "event_id": event_id,
        "type": kind,
        "occurred_at": iso_millis(at),
        "dossier_id": dossier_id,
        "unit_id": unit_id,
        **more,
    }
    return Fed(unit_id, orjson.dumps(event))
