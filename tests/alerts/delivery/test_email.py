"""E-mail to a real SMTP server (aiosmtpd), parsed back; and every way in which it is refused."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from alerts.delivery.email import EmailSender, MailServer, Security, compose, read_address
from alerts.delivery.message import DeliveryError, Message
from alerts.recipients import Channel
from tests.alerts.delivery.endpoint import MESSAGE, error_of
from vungxanh.local_kafka import free_port

HEAD = "head@tamky.example.vn"
SENDER = "Vùng xanh Quảng Nam <no-reply@quangnam.example.vn>"
SENT_AT = datetime(2023, 6, 30, 9, 30, tzinfo=UTC)
TO_HEAD = Channel("email", HEAD, "email")
LOGIN = LoginPassword(b"vungxanh", b"s3cr3t")


class Mailbox:
    """Takes mail, and answers RCPT and DATA as it is told; its words name the address."""

    def __init__(self, rcpt: str = "250 OK", data: str = "250 OK") -> None:
        self._rcpt = rcpt
        self._data = data
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if self._rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return f"{self._rcpt} <{address}>"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        if self._data.startswith("2"):
            self.taken.append(envelope)
        return f"{self._data} for {envelope.rcpt_tos[0]}"

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, as a mail program reads it."""
        return [
            message_from_bytes(envelope.original_content or b"", policy=default)
            for envelope in self.taken
        ]


class Hesitating(Mailbox):
    """Takes mail, and holds its answers up."""

    def __init__(self, rcpt_s: float = 0, data_s: float = 0) -> None:
        super().__init__()
        self._rcpt_s = rcpt_s
        self._data_s = data_s

    async def handle_RCPT(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self._rcpt_s)
        return await super().handle_RCPT(smtp, session, envelope, address, options)

    async def handle_DATA(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self._data_s)
        return await super().handle_DATA(smtp, session, envelope)


@contextmanager
def listening(box: Mailbox, **options: Any) -> Iterator[int]:
    """A server for the mailbox; gives its port."""
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def server(port: int, security: Security = "none", **rest: Any) -> MailServer:
    return MailServer("localhost", SENDER, port, security, **rest)


def send(
    settings: MailServer, message: Message = MESSAGE, tls: ssl.SSLContext | None = None
) -> None:
    asyncio.run(EmailSender(settings, tls=tls, clock=lambda: SENT_AT).send(TO_HEAD, message))


def refused(settings: MailServer, channel: Channel = TO_HEAD, **rest: Any) -> DeliveryError:
    return asyncio.run(error_of(EmailSender(settings, **rest).send(channel, MESSAGE)))


def arrived(message: Message = MESSAGE) -> EmailMessage:
    box = Mailbox()
    with listening(box) as port:
        send(server(port), message)
    (mail,) = box.mails
    return mail


def test_the_mail_arrives_with_its_vietnamese_intact() -> None:
    mail = arrived()
    assert mail["Subject"] == MESSAGE.subject
    assert mail["To"] == HEAD
    assert mail["From"].addresses[0].display_name == "Vùng xanh Quảng Nam"
    assert mail["From"].addresses[0].addr_spec == "no-reply@quangnam.example.vn"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content_type() == "text/plain"
    assert html.get_content_type() == "text/html"  # the last is the one preferred
    assert text.get_content_charset() == html.get_content_charset() == "utf-8"
    assert text.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert html.get_content().strip() == MESSAGE.html


def test_any_server_can_carry_it() -> None:
    box = Mailbox()
    long = MESSAGE._replace(text="Đơn vị " * 500, html="<p>" + "Đơn vị " * 500 + "</p>")
    with listening(box) as port:
        send(server(port), long)
    raw = box.taken[0].original_content or b""
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_it_says_that_a_machine_wrote_it_and_when_it_was_sent() -> None:
    mail = arrived()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (
        mail["X-Vungxanh-Key"] == "tam-k%E1%BB%B3/resolved@1/3/opened/head-tam-k%E1%BB%B3/webhook"
    )
    assert parsedate_to_datetime(mail["Date"]) == SENT_AT


def test_a_repeat_has_the_same_message_id_and_another_message_another() -> None:
    first, again = arrived(), arrived()
    other = arrived(MESSAGE._replace(key="another"))
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@quangnam.example.vn>")


def test_the_mails_of_an_incident_stand_together() -> None:
    opened = arrived()
    closed = arrived(MESSAGE._replace(key="closing"))
    elsewhere = arrived(MESSAGE._replace(subject_id="hội-an/resolved@1/1"))
    assert opened["References"] == closed["References"] != elsewhere["References"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x00"])
def test_a_line_end_in_a_subject_begins_no_header(end: str) -> None:
    mail = arrived(MESSAGE._replace(subject=f"Tam Kỳ{end}Bcc: other@example.vn"))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Tam Kỳ Bcc: other@example.vn"


def test_a_line_of_a_single_dot_does_not_end_the_mail() -> None:
    mail = arrived(MESSAGE._replace(text="trước\n.\nsau\n"))
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == "trước\n.\nsau\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "head",
        "@tamky.example.vn",
        "head@",
        "a@b.vn, c@d.vn",
        "a@b.vn\r\nBcc: c@d.vn",
        "a b@c.vn",
        "Head <a@b.vn>",
        "trưởng@b.vn",
        "a@đơn-vị.vn",
    ],
)
def test_what_is_not_one_address_is_never_sent_to(address: str) -> None:
    box = Mailbox()
    with listening(box) as port:
        error = refused(server(port), Channel("email", address, "email"))
    assert error.permanent
    assert error.said == "its target is not an e-mail address"
    assert box.taken == []


class Refusal(NamedTuple):
    rcpt: str
    data: str
    permanent: bool
    endpoint_well: bool
    why: str


@pytest.mark.parametrize(
    "case",
    [
        Refusal("550 5.1.1 no such user", "250 OK", True, True, "550 5.1.1"),
        Refusal("550 no such user", "250 OK", True, True, "550"),
        Refusal("451 4.7.1 greylisted", "250 OK", False, True, "451 4.7.1"),
        Refusal("421 4.3.2 closing", "250 OK", False, False, "421 4.3.2"),
        Refusal("250 OK", "554 5.7.1 spam", True, True, "554 5.7.1"),
        Refusal("250 OK", "452 4.3.1 full", False, True, "452 4.3.1"),
    ],
)
def test_a_refusal_is_for_good_or_for_now(case: Refusal) -> None:
    box = Mailbox(case.rcpt, case.data)
    with listening(box) as port:
        error = refused(server(port))
    assert (error.permanent, error.endpoint_well) == (case.permanent, case.endpoint_well)
    assert error.said == f"the mail server refused the mail ({case.why})"
    assert box.taken == []


def test_a_server_that_is_not_there() -> None:
    error = refused(server(free_port()))
    assert error.said == "the mail server cannot be reached: connection refused"
    assert not error.permanent
    assert not error.endpoint_well


@asynccontextmanager
async def saying(words: bytes) -> AsyncIterator[int]:
    """A server that says a few words to whoever comes, and then nothing; gives its port."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await reader.read()  # until the other side hangs up
        writer.close()

    started = await asyncio.start_server(say, "127.0.0.1", 0)
    async with started:
        yield started.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"", "the mail server gave no answer within 0.2 s"),
        (b"220 mx.example.vn\r\n", "the mail server gave no answer within 0.2 s"),
        (b"554 5.3.2 not you, mx.example.vn\r\n", "the mail server refuses to talk (554)"),
    ],
)
def test_a_server_that_says_nothing_or_no(words: bytes, said: str) -> None:
    async def run() -> DeliveryError:
        async with saying(words) as port:
            sender = EmailSender(server(port, timeout_s=0.2))
            return await error_of(sender.send(TO_HEAD, MESSAGE))

    error = asyncio.run(run())
    assert error.said == said
    assert not error.permanent
    assert not error.endpoint_well


class Tls(NamedTuple):
    of_server: ssl.SSLContext
    trusting: ssl.SSLContext


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate for localhost; without openssl skip at home, fail where CI is set."""
    if not shutil.which("openssl"):
        assert not os.environ.get("CI"), "openssl has to be installed in CI"
        pytest.skip("no openssl here")
    folder: Path = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    words += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(words, check=True, capture_output=True)
    of_server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    of_server.load_cert_chain(certificate, key)
    return Tls(of_server, ssl.create_default_context(cafile=str(certificate)))


def knows(_: SMTP, __: Session, ___: Envelope, ____: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=given == LOGIN, handled=False)


def test_starttls_and_a_login(tls: Tls) -> None:
    box = Mailbox()
    options = {"tls_context": tls.of_server, "require_starttls": True}
    with listening(box, **options, auth_required=True, authenticator=knows) as port:
        settings = server(port, "starttls", user="vungxanh", password="s3cr3t")
        send(settings, tls=tls.trusting)
        wrong = refused(
            server(port, "starttls", user="vungxanh", password="wr0ng"), tls=tls.trusting
        )
    assert len(box.taken) == 1
    assert wrong.said == "the mail server refuses the login (535)"
    assert not wrong.permanent  # a password can be mended; the mail is none the worse


def test_tls_from_the_first_byte(tls: Tls) -> None:
    box = Mailbox()
    with listening(box, ssl_context=tls.of_server) as port:
        send(server(port, "ssl"), tls=tls.trusting)
    assert len(box.taken) == 1


def test_a_certificate_that_nobody_vouches_for(tls: Tls) -> None:
    box = Mailbox()
    with listening(box, tls_context=tls.of_server) as port:
        error = refused(server(port, "starttls"))
    assert error.said.endswith("its certificate is not trusted or not made out to its name")
    assert not error.permanent
    assert box.taken == []


def test_where_tls_is_asked_for_nothing_goes_without() -> None:
    box = Mailbox()
    with listening(box) as port:
        error = refused(server(port, "starttls"))
    assert error.said == "the mail server has no STARTTLS or no login"
    assert box.taken == []


def test_settings_that_cannot_be_used() -> None:
    with pytest.raises(ValueError, match="without TLS"):
        server(25, "none", user="vungxanh", password="s3cr3t")
    with pytest.raises(ValueError, match="not an e-mail address"):
        MailServer("localhost", "Vùng xanh")
    assert "s3cr3t" not in repr(server(25, "ssl", password="s3cr3t"))


def test_a_mail_that_comes_too_late_is_not_begun() -> None:
    """After the time for an attempt it will be tried again: it must not go out behind our back."""

    box = Hesitating(rcpt_s=0.3)
    with listening(box) as port:
        error = refused(server(port, timeout_s=0.2))
    assert error.said == "the mail server gave no answer within 0.2 s"
    assert box.taken == []


def test_the_time_is_for_the_attempt_and_not_for_each_answer() -> None:
    with listening(Hesitating(rcpt_s=0.25, data_s=0.3)) as port:
        error = refused(server(port, timeout_s=0.4))
    assert error.said == "the mail server gave no answer within 0.4 s"


def test_a_mail_that_waited_too_long_for_its_turn_is_not_begun() -> None:
    box = Mailbox()
    with listening(box) as port:
        sender = EmailSender(server(port))
        mail = compose(MESSAGE, SENDER, read_address(HEAD), SENT_AT)
        with pytest.raises(DeliveryError, match="gave no answer"):
            sender._hand_over(mail, HEAD, deadline=0.0)
    assert box.taken == []


def test_the_name_of_the_server_is_not_known() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("no-such-host.invalid", 25)
    error = refused(MailServer("no-such-host.invalid", SENDER, 25, "none"))
    assert not error.permanent
    assert "no-such-host" not in error.said
