"""The API's own description."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version

import orjson
from aiohttp import web

from indicators.definitions import DEFINITIONS
from schemas.api.operations import JSON
from schemas.openapi import openapi
from streams.web.answers import sent, tag_of
from streams.web.calls import Call, Handler


def handlers() -> Mapping[str, Handler]:
    """By operation."""
    return {"openapi": _show}


@lru_cache(maxsize=1)
def _document() -> tuple[bytes, str]:
    body = orjson.dumps(openapi(version("vungxanh"), DEFINITIONS))
    return body, tag_of(body)


async def _show(call: Call) -> web.StreamResponse:
    body, tag = _document()
    return await sent(call.request, body, tag, JSON)
