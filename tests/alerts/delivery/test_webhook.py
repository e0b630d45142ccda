"""Webhooks against a real server: the CloudEvent, its signature, and every way to fail."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime

import orjson
import pytest
from aiohttp import web

from alerts.delivery.message import DeliveryError
from alerts.delivery.posting import read_retry_after
from alerts.delivery.webhook import SIGNATURE_HEADER, WebhookSender, header_key, read_target
from tests.alerts.delivery.endpoint import (
    MESSAGE,
    Answering,
    Received,
    error_of,
    never,
    serving,
    status,
    webhook,
)
from vungxanh.local_kafka import free_port


def sent(fragment: str = "") -> Received:
    async def run() -> Received:
        async with serving(status(202)) as endpoint:
            await WebhookSender("/vungxanh/quangnam").send(
                webhook(endpoint.url + "?a=1" + fragment), MESSAGE
            )
        (received,) = endpoint.received
        return received

    return asyncio.run(run())


def refused(answering: Answering, timeout_s: float = 8.0) -> tuple[DeliveryError, list[Received]]:
    async def run() -> tuple[DeliveryError, list[Received]]:
        async with serving(answering) as endpoint:
            sender = WebhookSender(timeout_s=timeout_s)
            error = await error_of(sender.send(webhook(endpoint.url), MESSAGE))
        return error, endpoint.received

    return asyncio.run(run())


def test_a_cloud_event_is_posted() -> None:
    received = sent()
    assert received.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert orjson.loads(received.body) == {
        "specversion": "1.0",
        "id": MESSAGE.key,
        "source": "/vungxanh/quangnam",
        "type": "vn.vungxanh.incident.opened",
        "subject": "tam-kỳ/resolved@1/3",
        "time": "2023-06-30T08:00:00.000+00:00",
        "datacontenttype": "application/json",
        "data": {"unit_id": "tam-kỳ", "numerator": 133, "denominator": 150},
    }


def test_the_key_is_a_header_too_in_ascii() -> None:
    key = sent().headers["Idempotency-Key"]
    assert key == "tam-k%E1%BB%B3/resolved@1/3/opened/head-tam-k%E1%BB%B3/webhook"
    assert header_key("a\r\nBcc: b") == "a%0D%0ABcc:%20b"


def test_without_a_secret_there_is_no_signature() -> None:
    assert SIGNATURE_HEADER not in sent().headers


def test_the_body_is_signed_with_the_secret_which_is_not_sent() -> None:
    received = sent("#secret=a%2Fb+c=")
    expected = hmac.new(b"a/b+c=", received.body, hashlib.sha256).hexdigest()
    assert received.headers[SIGNATURE_HEADER] == f"sha256={expected}"
    assert received.path == "/in/hook-token?a=1"
    assert "a%2Fb" not in str(received)


def test_a_repeat_is_the_same_request() -> None:
    first, second = sent("#secret=x"), sent("#secret=x")
    same = ("Content-Type", "Idempotency-Key", SIGNATURE_HEADER)
    assert first.body == second.body
    assert [first.headers[name] for name in same] == [second.headers[name] for name in same]


@pytest.mark.parametrize(
    ("code", "permanent"),
    [
        (300, False),
        (400, True),
        (401, True),
        (404, True),
        (408, False),
        (410, True),
        (422, True),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
        (599, False),
    ],
)
def test_what_an_answer_means(code: int, permanent: bool) -> None:
    error, received = refused(status(code))
    assert error.permanent is permanent
    assert error.endpoint_well is permanent
    assert f"answered {code}" in error.said
    assert len(received) == 1


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_any_2xx_is_a_yes(code: int) -> None:
    async def run() -> None:
        async with serving(status(code)) as endpoint:
            await WebhookSender().send(webhook(endpoint.url), MESSAGE)

    asyncio.run(run())


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(code: int) -> None:
    async def run() -> None:
        async with (
            serving(status(200)) as elsewhere,
            serving(status(code, Location=elsewhere.url)) as endpoint,
        ):
            error = await error_of(WebhookSender().send(webhook(endpoint.url), MESSAGE))
        assert "redirect" in error.said
        assert not error.permanent
        assert elsewhere.received == []
        assert len(endpoint.received) == 1

    asyncio.run(run())


def test_a_huge_answer_is_not_read() -> None:
    written = 0

    async def huge() -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request_of[0])
        try:
            for _ in range(2_000):
                await response.write(b"x" * 100_000)
                written += 100_000
        except (ConnectionError, asyncio.CancelledError):
            done.set()
            raise
        return response

    request_of: list[web.Request] = []

    async def take(request: web.Request) -> web.StreamResponse:
        request_of.append(request)
        return await huge()

    async def run() -> None:
        application = web.Application()
        application.router.add_post("/", take)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await WebhookSender().send(webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/"), MESSAGE)
        await asyncio.wait_for(done.wait(), 10)
        await runner.cleanup()

    done = asyncio.Event()
    asyncio.run(run())
    assert written < 100_000_000


def test_a_slow_answer_is_not_waited_for() -> None:
    error, received = refused(lambda _: never(), timeout_s=0.2)
    assert error.said == "no answer within 0.2 s"
    assert not error.permanent
    assert not error.endpoint_well
    assert len(received) == 1


def test_a_server_that_is_not_there_and_one_that_hangs_up() -> None:
    async def run() -> None:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        url = f"http://127.0.0.1:{free_port()}/"
        gone = await error_of(WebhookSender().send(webhook(url), MESSAGE))
        assert gone.said == "connection refused"
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            hung_up = await error_of(WebhookSender().send(webhook(url), MESSAGE))
            tls = await error_of(
                WebhookSender().send(webhook(url.replace("http", "https")), MESSAGE)
            )
        nameless = await error_of(
            WebhookSender().send(webhook("http://no-such-host.invalid/"), MESSAGE)
        )
        assert not any(error.permanent for error in (gone, hung_up, tls, nameless))
        assert "127.0.0.1" not in gone.said + hung_up.said + tls.said
        assert "no-such-host" not in nameless.said

    asyncio.run(run())


@pytest.mark.parametrize(
    ("header", "millis"),
    [
        ("120", 120_000),
        ("0", 0),
        ("Fri, 30 Jun 2023 08:02:00 GMT", 120_000),
        ("Fri, 30 Jun 2023 07:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("9" * 4_000, 999_999_999_000),
        (None, None),
    ],
)
def test_the_pause_that_is_asked_for(header: str | None, millis: int | None) -> None:
    assert read_retry_after(header, datetime(2023, 6, 30, 8, tzinfo=UTC)) == millis


def test_the_pause_is_in_the_error() -> None:
    error, _ = refused(status(429, **{"Retry-After": "120"}))
    assert error.retry_after == 120_000


@pytest.mark.parametrize(
    "target",
    [
        "",
        "hooks.example.vn/in",
        "ftp://hooks.example.vn",
        "http://",
        "http://[::1",
        "http://a:99999/",
        "https://hooks.example.vn/#secret=",
        "https://hooks.example.vn/#s3cr3t",
    ],
)
def test_a_target_that_is_no_url(target: str) -> None:
    error = asyncio.run(error_of(WebhookSender().send(webhook(target), MESSAGE)))
    assert error.permanent
    assert error.said == "its URL cannot be used"


@pytest.mark.parametrize("target", ["hooks.example.vn/in", "https://hooks.example.vn/#s3cr3t"])
def test_the_complaint_about_a_target_does_not_quote_it(target: str) -> None:
    with pytest.raises(ValueError, match="webhook") as caught:
        read_target(target)
    assert "example" not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
