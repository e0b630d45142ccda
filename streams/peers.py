"""Asking other workers: the owner of a unit answers for it, whichever worker was asked.

Where the others are is known from `worker-presence`. A worker that was asked by another asks no
third one. No person's token is passed on: workers know each other by the people file (`access`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import NamedTuple

import aiohttp
from yarl import URL

from streams.web.access import Access

log = logging.getLogger(__name__)

HOP = "X-Vungxanh-Hop"
SIGNED_AT = "X-Vungxanh-Hop-At"
SIGNATURE = "X-Vungxanh-Hop-Signature"
CONNECT_S = 2.0
ANSWER_S = 20.0
LARGEST = (
    256 * 1024 * 1024
)  # bytes of an answer: an explanation of a very large unit has some 50 MB


class PeerError(Exception):
    """The other worker gave no answer; the text says why."""


class PeerAnswer(NamedTuple):
    """What the other worker answered."""

    status: int
    body: bytes
    tag: str | None


class Peers:
    """The HTTP client of a worker."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, url: str, target: str, headers: Mapping[str, str] | None = None
    ) -> PeerAnswer:
        """GET a path with its query, as it stands in a request line. Raises PeerError."""
        signed_at = int(time.time())
        signed = {
            HOP: "1",
            SIGNED_AT: str(signed_at),
            SIGNATURE: self._access.peer_signature(target, signed_at),
            **(headers or {}),
        }
        try:
            async with self._started().get(
                URL(url.rstrip("/") + target, encoded=True),
                headers=signed,
                allow_redirects=False,  # who can answer there must not send us elsewhere
            ) as answer:
                body = await _body(answer)
                tag = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
                return PeerAnswer(answer.status, body, tag or None)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PeerError(f"worker at {url} does not answer ({type(error).__name__})") from error

    def _started(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    async def stop(self) -> None:
        """Close."""
        if self._session is not None:
            await self._session.close()


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """Raises PeerError for one that is too large."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_chunked(1 << 18):
        size += len(part)
        if size > LARGEST:
            raise PeerError(f"worker at {answer.url.origin()} answers more than {LARGEST} bytes")
        parts.append(part)
    return b"".join(parts)
