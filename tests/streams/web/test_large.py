"""Large answers: whole for who reads, and an end to who does not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp import web

from streams.web.answers import JSON, of_exception, sent, tag_of
from streams.web.large import LargeAnswers

BODY = b'"' + b"x" * 30_000_000 + b'"'  # more than the buffers of a socket hold


def serve(large: LargeAnswers, scenario: Callable[[int], Awaitable[None]]) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            async with large.place():
                body = await sent(request, BODY, tag_of(BODY), JSON)
                return await large.see_off(request, body)
        except Exception as error:
            known = of_exception(error)
            if known is None:
                raise
            return known

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            await scenario(port)
        finally:
            await runner.cleanup()

    asyncio.run(run())


async def get(port: int, **headers: str) -> tuple[int, bytes, str | None]:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}/", headers=headers) as answer,
    ):
        return answer.status, await answer.read(), answer.headers.get("ETag")


def test_all_of_it_arrives_with_its_tag() -> None:
    async def scenario(port: int) -> None:
        status, body, tag = await get(port, **{"Accept-Encoding": "identity"})
        assert (status, body) == (200, BODY)
        assert tag == f'W/"{tag_of(BODY)}"'
        assert tag is not None
        assert (await get(port, **{"If-None-Match": tag}))[0] == 304
        assert (await get(port, **{"Accept-Encoding": "gzip"}))[:2] == (200, BODY)

    serve(LargeAnswers(), scenario)


def test_who_does_not_read_is_hung_up_on_and_others_are_told_to_wait() -> None:
    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await writer.drain()
        assert (await reader.read(12)) == b"HTTP/1.1 200"
        status, body, _ = await get(port)
        assert status == 503
        assert b"too many large answers" in body
        while (await get(port))[0] == 503:  # until the place is free again
            await asyncio.sleep(0.05)
        try:
            rest = await reader.read()
        except ConnectionError:
            rest = b""
        assert len(rest) < len(BODY)
        writer.close()

    serve(LargeAnswers(places=1, patience_s=1.0, wait_s=0.1), scenario)
