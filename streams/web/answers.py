"""How an answer goes out: JSON, an ETag, gzip; and how an error does."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import ETag, web

from streams.web.access import Refused

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",  # kept, but asked for again each time
}
JSON = "application/json"
WORTH_PACKING = 1_024  # bytes
_AT_ONCE = 64 * 1024  # bytes: packing more takes so long that others would wait
_LEVEL = 4  # of zlib: a third of the time of the usual 6, and nearly as small
RETRY_AFTER_S = 2


class NotFound(Exception):  # noqa: N818 - an answer, not a fault
    """There is no such thing; the text says what was looked for."""


class Conflict(Exception):  # noqa: N818
    """It cannot be done any more; the text says why."""


class Unavailable(Exception):  # noqa: N818
    """Not now; the text says why. The client is asked to come back."""


def error_answer(status: int, message: str) -> web.Response:
    """`{"error": ...}`."""
    text = message.encode("utf-8", "replace").decode()  # it may name what is no text
    answer = json_answer({"error": text}, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="vungxanh"'
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def of_exception(error: Exception) -> web.Response | None:
    """The answer that an exception stands for; None: it is a fault."""
    if isinstance(error, Refused):
        return error_answer(error.status, str(error))
    for kind, status in _STATUSES.items():
        if isinstance(error, kind):
            return error_answer(status, str(error))
    return None


_STATUSES: Mapping[type[Exception], int] = {NotFound: 404, Conflict: 409, Unavailable: 503}


def json_answer(content: object, status: int = 200) -> web.Response:
    """JSON as it is: no ETag, not packed."""
    return web.Response(
        body=orjson.dumps(content), status=status, content_type=JSON, charset="utf-8"
    )


async def tagged(
    request: web.Request, content: Mapping[str, Any], untagged: Mapping[str, object] | None = None
) -> web.Response:
    """JSON with an ETag of its content; 304 where the client has it. `untagged` may differ."""
    body = orjson.dumps(content)
    tag = tag_of(body)
    if untagged:
        body = orjson.dumps({**untagged, **content})
    return await sent(request, body, tag, JSON)


def tag_of(body: bytes) -> str:
    """A hash of a body, for its ETag."""
    return hashlib.sha256(body).hexdigest()[:32]


async def sent(
    request: web.Request, body: bytes, tag: str | None, content_type: str
) -> web.Response:
    """A body of text, packed where that is wanted and worth it; 304 where the client has it."""
    if tag is not None and has(request, tag):
        answer = web.Response(status=304)
    elif len(body) > WORTH_PACKING and wants_gzip(request):
        packed = pack(body) if len(body) <= _AT_ONCE else await asyncio.to_thread(pack, body)
        answer = web.Response(body=packed, content_type=content_type, charset="utf-8")
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = web.Response(body=body, content_type=content_type, charset="utf-8")
    if tag is not None:
        answer.etag = ETag(tag, is_weak=True)  # packed or not, it is the same
    answer.headers["Vary"] = "Accept-Encoding"
    return answer


def has(request: web.Request, tag: str) -> bool:
    """Whether the client has what bears that tag."""
    known = {etag.value for etag in request.if_none_match or ()}
    return tag in known or "*" in known


def wants_gzip(request: web.Request) -> bool:
    """Whether the client takes gzip; `gzip;q=0` says that it does not."""
    for offer in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _, quality = offer.partition(";")
        if coding.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def pack(body: bytes) -> bytes:
    """gzip; the same for the same body."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()
