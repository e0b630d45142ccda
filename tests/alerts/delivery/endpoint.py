"""A real HTTP server that answers as it is told, and messages to send to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from aiohttp import web

from alerts.delivery.message import DeliveryError, Message
from alerts.recipients import Channel

T = TypeVar("T")

AT = 1_688_112_000_000  # 2023-06-30T15:00 in Viet Nam

MESSAGE = Message(
    key="tam-kỳ/resolved@1/3/opened/head-tam-kỳ/webhook",
    subject="Tam Kỳ rời vùng xanh: 88,7 % (133/150)",
    text="Tam Kỳ rời vùng xanh.\n133/150 hồ sơ đúng hạn.\n",
    html="<p>Tam Kỳ rời <b>vùng xanh</b>.</p>",
    event={"unit_id": "tam-kỳ", "numerator": 133, "denominator": 150},
    event_type="vn.vungxanh.incident.opened",
    subject_id="tam-kỳ/resolved@1/3",
    at=AT,
)


class Received(NamedTuple):
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes


Answer = web.StreamResponse | Awaitable[web.StreamResponse]
Answering = Callable[[int], Answer]  # the number of the request, from 1 -> what to say


class Endpoint:
    """Where it is, and what came."""

    def __init__(self, port: int, received: list[Received]) -> None:
        self.port = port
        self.received = received
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}/in/hook-token"


@asynccontextmanager
async def serving(answering: Answering) -> AsyncIterator[Endpoint]:
    """A server on a free port."""
    received: list[Received] = []

    async def take(request: web.Request) -> web.StreamResponse:
        received.append(Received(request.path_qs, dict(request.headers), await request.read()))
        answer = answering(len(received))
        return answer if isinstance(answer, web.StreamResponse) else await answer

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield Endpoint(runner.addresses[0][1], received)
    finally:
        await runner.cleanup()


async def never() -> web.StreamResponse:
    """An answer that does not come."""
    await asyncio.Event().wait()
    raise AssertionError


def status(code: int, **headers: str) -> Answering:
    """Always the same status."""
    return lambda _: web.Response(status=code, headers=headers, text="no words of ours: s3cr3t")


async def error_of(sending: Coroutine[Any, Any, None]) -> DeliveryError:
    """The DeliveryError that a sending ends in."""
    try:
        await sending
    except DeliveryError as error:
        return error
    raise AssertionError("it was sent")


def webhook(target: str) -> Channel:
    """A webhook channel."""
    return Channel("webhook", target, "webhook")
