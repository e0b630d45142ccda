"""Lines of a file or a pipe as chunks that come as they are there.

A thread reads and validates, so that a feed that pauses is not held back until a chunk is full.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

T = TypeVar("T")

CHUNK = 2_000
_AHEAD = 4 * CHUNK


class _End:
    """The end of the reading, with the error that ended it, if one did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


async def as_chunks(source: Iterator[T]) -> AsyncIterator[list[T]]:
    """What is there, at most `CHUNK` at a time, at least one; an error of the source is raised."""
    ready: queue.Queue[T | _End] = queue.Queue(_AHEAD)
    threading.Thread(target=_read, args=(source, ready), daemon=True).start()
    loop = asyncio.get_running_loop()
    while True:
        first = await loop.run_in_executor(None, ready.get)
        chunk, end = _take(first, ready)
        if chunk:
            yield chunk
        if end:
            if end.error:
                raise end.error
            return


def _read(source: Iterator[T], ready: queue.Queue[T | _End]) -> None:
    try:
        for item in source:
            ready.put(item)
    except BaseException as error:  # noqa: BLE001 - it is raised where the chunks are used
        ready.put(_End(error))
    else:
        ready.put(_End(None))


def _take(first: T | _End, ready: queue.Queue[T | _End]) -> tuple[list[T], _End | None]:
    chunk: list[T] = []
    item = first
    while not isinstance(item, _End):
        chunk.append(item)
        if len(chunk) == CHUNK:
            return chunk, None
        try:
            item = ready.get_nowait()
        except queue.Empty:
            return chunk, None
    return chunk, item


async def as_one(items: list[T]) -> AsyncIterator[list[T]]:
    """A list as chunks."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
