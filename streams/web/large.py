"""Answers of megabytes: few at a time, and none waits for its reader for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from streams.web.answers import Unavailable

log = logging.getLogger(__name__)

LARGE = 1024 * 1024  # bytes of a body, packed or not
_PIECE = 64 * 1024  # bytes written at a time
PATIENCE_S = 60.0  # for a reader to take all of it
WAIT_S = 5.0  # for a place


class LargeAnswers:
    """A few places; who has one makes an answer and sees it off."""

    def __init__(
        self, places: int = 4, patience_s: float = PATIENCE_S, wait_s: float = WAIT_S
    ) -> None:
        self._free = asyncio.Semaphore(places)
        self._patience_s = patience_s
        self._wait_s = wait_s

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait a little for a place, and have it. Raises Unavailable."""
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable("too many large answers are being read already") from None
        try:
            yield
        finally:
            self._free.release()

    async def see_off(self, request: web.Request, answer: web.Response) -> web.StreamResponse:
        """Have it read, if it is large; a reader that stands still is hung up on."""
        body = answer.body
        if not isinstance(body, bytes) or len(body) < LARGE:
            return answer
        streamed = web.StreamResponse(status=answer.status, headers=answer.headers)
        streamed.content_length = len(body)
        try:
            async with asyncio.timeout(self._patience_s):
                await streamed.prepare(request)
                for start in range(0, len(body), _PIECE):
                    await streamed.write(body[start : start + _PIECE])
                await streamed.write_eof()
        except TimeoutError:
            log.warning("%s: its reader took too long; hung up", request.path)
            if request.transport is not None:
                request.transport.abort()
        return streamed
