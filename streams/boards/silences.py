"""The silences in force, by what people did."""

from __future__ import annotations

import logging

from schemas.action import Action, read_action
from schemas.instants import Millis

log = logging.getLogger(__name__)

KEPT_AFTER_END: Millis = 86_400_000  # a clock that was ahead for a while has dropped none


class SilenceBoard:
    """Silences by their id, as `unit-actions` tells them: given, and lifted."""

    def __init__(self) -> None:
        self._given: dict[str, Action] = {}
        self._lifted: set[str] = set()

    def take(self, value: bytes) -> None:
        """A record of `unit-actions`; one that cannot be read is logged, and left out."""
        try:
            action = read_action(value)
        except ValueError as error:
            log.error("an action is unreadable: %s", error)
            return
        if action.kind == "silence":
            self._given[action.action_id] = action
        elif action.kind == "unsilence" and action.silence_id is not None:
            self._lifted.add(action.silence_id)

    def find(self, silence_id: str, now: Millis) -> Action | None:
        """A silence that is in force; None: it never was, it has ended, or it was lifted."""
        action = self._given.get(silence_id)
        if action is None or silence_id in self._lifted or (action.until or 0) <= now:
            return None
        return action

    def in_force(self, now: Millis) -> list[Action]:
        """The silences in force, the one that ends first being first."""
        self._drop_ended(now)
        found = [one for one in self._given if self.find(one, now) is not None]
        silences = [self._given[one] for one in found]
        return sorted(silences, key=lambda one: (one.until or 0, one.action_id))

    def _drop_ended(self, now: Millis) -> None:
        """Let go of those that are lifted, and of those that ended long ago."""
        for silence_id, action in list(self._given.items()):
            if silence_id in self._lifted or (action.until or 0) + KEPT_AFTER_END <= now:
                del self._given[silence_id]
                self._lifted.discard(silence_id)
