"""What the boards tell of, as it happens."""

from __future__ import annotations

from typing import Protocol


class News(Protocol):
    """Who wants to know at once: the hub of the streams."""

    def status(self, unit_id: str, value: bytes) -> None:
        """A unit has a newer status; the JSON of `unit-status`."""

    def step(self, unit_id: str, value: bytes) -> None:
        """A step of an incident was written; the JSON of `unit-alerts`."""

    def notification(self, unit_id: str | None, value: bytes) -> None:
        """Something was decided or sent; the JSON of `unit-notifications`."""

    def reset(self) -> None:
        """More has changed than can be told: who has looked before has to look again."""
