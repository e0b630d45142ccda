"""What goes wrong in a handler: told once, and on one line of the log."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from streams.web.calls import errors_as_json


async def fails(request: web.Request) -> web.StreamResponse:
    raise RuntimeError("a fault")


def request_of(path: str, sent: int) -> web.Request:
    writer: Any = SimpleNamespace(output_size=sent)
    return make_mocked_request("GET", path, writer=writer)


def test_a_fault_is_one_line_whatever_the_path(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    answer: Any = asyncio.run(errors_as_json(request_of("/api/a%0AERROR%20forged", 0), fails))
    assert answer.status == 500
    [said] = caplog.messages
    assert "\n" not in said
    assert "forged" in said


def test_where_an_answer_has_begun_no_other_follows() -> None:
    with pytest.raises(RuntimeError, match="a fault"):
        asyncio.run(errors_as_json(request_of("/api/stream", 1), fails))
