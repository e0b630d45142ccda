"""No address and no secret gets into a DeliveryError or a log, at any level, in any failure."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from alerts.delivery.alertmanager import AlertmanagerSync
from alerts.delivery.apprise_channel import AppriseSender
from alerts.delivery.dispatch import Dispatcher
from alerts.delivery.email import EmailSender, MailServer
from alerts.delivery.message import DeliveryError
from alerts.delivery.webhook import WebhookSender
from alerts.recipients import Channel
from tests.alerts.delivery.endpoint import AT, MESSAGE, error_of, never, serving, status
from tests.alerts.delivery.test_alertmanager import OPEN
from tests.alerts.delivery.test_email import Mailbox, listening
from vungxanh.local_kafka import free_port

SECRETS = ("s3cr3t", "127.0.0.1", "localhost", "h.chief@", "tamky.example.vn", "hook-token")
OF_THE_TEST = ("mail.log", "aiohttp.server")  # servers that live in this process too
FAILURES = (404, 500, 302, "waits", "is gone")
TARGETS = (
    "http://user:s3cr3t@{host}/hook-token?a=s3cr3t#secret=s3cr3t",
    "https://user:s3cr3t@{host}/hook-token?a=s3cr3t#secret=s3cr3t",
    "http://user:s3cr3t@{host}:s3cr3t/",
    "json://user:s3cr3t@{host}/hook-token?+X-Token=s3cr3t",
    "jsons://user:s3cr3t@{host}/hook-token",
    "s3cr3t://{host}",
)


def told(words: str) -> list[str]:
    return [secret for secret in SECRETS if secret in words]


class Kept(logging.Handler):
    """Keeps what reaches the process's handlers, as they would write it down."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name not in OF_THE_TEST:
            self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def nothing_is_logged() -> Iterator[None]:
    """At every level. Not by caplog: pytest listens even to loggers that are cut off."""
    kept, root = Kept(), logging.getLogger()
    level = root.level
    root.setLevel(1)
    root.addHandler(kept)
    yield
    root.removeHandler(kept)
    root.setLevel(level)
    assert kept.lines, "nothing was logged at all: this would see no secret either"
    assert told("\n".join(kept.lines)) == []


def check(error: DeliveryError) -> None:
    """All that anybody may write down of an error."""
    assert error.said
    assert told(error.said + repr(error)) == []
    assert told("".join(traceback.format_exception(error))) == []


@asynccontextmanager
async def failing(how: int | str) -> AsyncIterator[str]:
    """A server that fails in a certain way; gives its host and port."""
    if how == "is gone":
        yield f"127.0.0.1:{free_port()}"
        return
    elsewhere = {"Location": "http://127.0.0.1/s3cr3t"}
    answering = status(how, **elsewhere) if isinstance(how, int) else lambda _: never()
    async with serving(answering) as endpoint:
        yield endpoint.host


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("target", TARGETS)
def test_webhooks_and_apprise(target: str, how: int | str) -> None:
    is_webhook = target.startswith("http")

    async def run() -> None:
        sender = WebhookSender(timeout_s=0.3) if is_webhook else AppriseSender(timeout_s=0.3)
        async with failing(how) as host:
            channel = Channel("webhook" if is_webhook else "apprise", target.format(host=host), "x")
            check(await error_of(sender.send(channel, MESSAGE)))
            result = await Dispatcher({channel.kind: sender}).deliver(channel, MESSAGE, AT)
        assert result.outcome != "sent"
        assert told(repr(result) + repr(channel)) == []

    asyncio.run(run())


def test_what_is_sent_is_not_logged_either() -> None:
    async def run() -> None:
        async with serving(status(200)) as endpoint:
            apprise = Channel("apprise", f"json://user:s3cr3t@{endpoint.host}/hook-token")
            await AppriseSender().send(apprise, MESSAGE)
            webhook = Channel("webhook", f"{endpoint.url}#secret=s3cr3t")
            await WebhookSender().send(webhook, MESSAGE)
        assert len(endpoint.received) == 2

    asyncio.run(run())


@pytest.mark.parametrize(
    ("rcpt", "data"),
    [
        ("550 5.1.1 h.chief@tamky.example.vn unknown", "250 OK"),
        ("451 4.7.1 try later, s3cr3t", "250 OK"),
        ("250 OK", "554 5.7.1 spam from localhost"),
    ],
)
def test_the_words_of_a_mail_server(rcpt: str, data: str) -> None:
    with listening(Mailbox(rcpt, data)) as port:
        check(mail_error(MailServer("localhost", "no-reply@tamky.example.vn", port, "none")))


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_mail_server_that_cannot_be_logged_in_to(security: str) -> None:
    with listening(Mailbox()) as port:
        for at in (port, free_port()):
            server = MailServer(
                "localhost",
                "no-reply@tamky.example.vn",
                at,
                "ssl" if security == "ssl" else "starttls",
                "s3cr3t-user",
                "s3cr3t",
                timeout_s=0.5,
            )
            check(mail_error(server))


def mail_error(server: MailServer) -> DeliveryError:
    head = Channel("email", "h.chief@tamky.example.vn")
    return asyncio.run(error_of(EmailSender(server).send(head, MESSAGE)))


@pytest.mark.parametrize("how", FAILURES)
def test_alertmanagers(how: int | str) -> None:
    async def run() -> None:
        async with failing(how) as host:
            url = f"http://user:s3cr3t@{host}/hook-token"
            (one,) = await AlertmanagerSync([url], timeout_s=0.3).sync([OPEN], AT)
        assert one.error is not None
        check(one.error)
        assert told(repr(one)) == []

    asyncio.run(run())
