"""Long work on the event loop, in short turns: everything else has its own in between."""

from __future__ import annotations

import asyncio
import time

TURN_S = 0.005


class Turns:
    """Gives way whenever the turn has lasted long enough."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    async def give_way(self) -> None:
        """Call it between any two small pieces of work."""
        if time.perf_counter() - self._began > TURN_S:
            await asyncio.sleep(0)
            self._began = time.perf_counter()
