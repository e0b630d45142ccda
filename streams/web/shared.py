"""One computation for many who ask the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Answers by their question, given again for a short time."""

    def __init__(self, fresh_s: float) -> None:
        self._fresh_s = fresh_s
        self._running: dict[Hashable, asyncio.Task[T]] = {}
        self._done: dict[Hashable, T] = {}

    async def get(self, question: Hashable, answer: Callable[[], Awaitable[T]]) -> T:
        """The answer; what it raises, all who wait for it get."""
        if question in self._done:
            return self._done[question]
        task = self._running.get(question)
        if task is None:
            task = asyncio.ensure_future(self._find(question, answer))
            self._running[question] = task
        return await asyncio.shield(task)  # one who goes away must not take it from the others

    async def _find(self, question: Hashable, answer: Callable[[], Awaitable[T]]) -> T:
        try:
            found = await answer()
            self._done[question] = found
            asyncio.get_running_loop().call_later(self._fresh_s, self._done.pop, question, None)
            return found
        finally:
            del self._running[question]
