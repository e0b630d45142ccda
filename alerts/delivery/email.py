"""E-mail over SMTP, by the standard library in a thread.

The mail's Date is the time of sending, not of what it tells of: mail programs sort by it, and
filters distrust mail that is hours old; the text says as of when its figures are. The Message-ID
comes from the key: a repeat is the same mail to programs that know it. References name the
incident, so that its mails stand together.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Literal

from alerts.delivery.faults import network_fault
from alerts.delivery.message import DeliveryError, Message
from alerts.delivery.webhook import header_key
from alerts.recipients import Channel

Security = Literal["starttls", "ssl", "none"]

THREADS = 4  # mails under way at a time
_ENHANCED_STATUS = re.compile(rb"\A([245]\.\d{1,3}\.\d{1,3})\s")  # RFC 3463: says why, names nobody


@dataclass(frozen=True, slots=True)
class MailServer:
    """The SMTP server that takes the mail, and who it is from. ValueError if it cannot be used."""

    host: str
    sender: str  # `Vùng xanh <no-reply@example.gov.vn>` or the bare address
    port: int = 587
    security: Security = "starttls"
    user: str = ""  # empty: no login
    password: str = field(default="", repr=False)
    timeout_s: float = 8.0  # for all of an attempt

    def __post_init__(self) -> None:
        if self.password and self.security == "none":
            raise ValueError("a password is not sent without TLS: set security to starttls or ssl")
        read_address(parseaddr(self.sender)[1])


def read_address(text: str, name: str = "") -> Address:
    """One bare address in ASCII; ValueError, which never quotes it, if it is not one."""
    try:
        address = Address(name, addr_spec=text)
    except (ValueError, MessageError, IndexError):
        raise ValueError("not an e-mail address") from None
    if not text.isascii() or not address.domain or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError("not an e-mail address")
    return address


def compose(message: Message, sender: str, to: Address, sent_at: datetime) -> EmailMessage:
    """The mail: text and HTML, in UTF-8, for any server (7 bits)."""
    name, address = parseaddr(sender)
    from_ = read_address(address, name)
    mail = EmailMessage(policy=SMTP_POLICY)
    # A line end in a subject would begin a header of its own.
    mail["Subject"] = re.sub(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+", " ", message.subject).strip()
    mail["From"] = from_
    mail["To"] = to
    mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = _id(message.key, from_)
    mail["References"] = _id(f"incident:{message.subject_id}", from_)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"  # Exchange heeds this one
    mail["X-Vungxanh-Key"] = header_key(message.key)
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail


class EmailSender:
    """Channel.target is the address.

    A refusal of the mail or of its address by 5xx is for good; a server that cannot be reached,
    refuses the connection or the login may be mended, and the mail is tried again.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`tls`: None trusts what the system trusts. `clock`: for the Date header."""
        self._server = server
        self._tls = tls or ssl.create_default_context()
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="e-mail")

    async def send(self, channel: Channel, message: Message) -> None:
        """Hand the mail to the server; not begun once `timeout_s` has passed."""
        try:
            to = read_address(channel.target)
        except ValueError:
            raise DeliveryError("its target is not an e-mail address", permanent=True) from None
        mail = compose(message, self._server.sender, to, self._clock())
        deadline = time.monotonic() + self._server.timeout_s
        await asyncio.get_running_loop().run_in_executor(
            self._threads, self._hand_over, mail, to.addr_spec, deadline
        )

    def _hand_over(self, mail: EmailMessage, to: str, deadline: float) -> None:
        sender = parseaddr(self._server.sender)[1]
        with self._spoken_of(deadline), self._session(deadline) as smtp:
            for step, argument in ((smtp.mail, sender), (smtp.rcpt, to)):
                _wait_until(deadline, smtp)
                _take(*step(argument))
            _wait_until(deadline, smtp)  # the last moment at which nothing has been sent
            try:
                _take(*smtp.data(mail.as_bytes()))
            except smtplib.SMTPDataError as error:
                _take(error.smtp_code, error.smtp_error)

    @contextlib.contextmanager
    def _session(self, deadline: float) -> Iterator[smtplib.SMTP]:
        """A connection that has said hello and logged in."""
        server, left = self._server, _left(deadline)
        smtp = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=left, context=self._tls)
            if server.security == "ssl"
            else smtplib.SMTP(server.host, server.port, timeout=left)
        )
        try:
            _wait_until(deadline, smtp)
            if server.security == "starttls":
                smtp.starttls(context=self._tls)
                _wait_until(deadline, smtp)
            smtp.ehlo_or_helo_if_needed()
            if server.user:
                _wait_until(deadline, smtp)
                smtp.login(server.user, server.password)
            yield smtp
            # The mail is taken: a server that fails to say goodbye has it all the same.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()

    @contextlib.contextmanager
    def _spoken_of(self, deadline: float) -> Iterator[None]:
        """Errors of the conversation as DeliveryErrors, all temporary: they are not of the mail."""
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            said = f"refuses the login ({error.smtp_code})"
        except smtplib.SMTPNotSupportedError:
            said = "has no STARTTLS or no login"
        except smtplib.SMTPServerDisconnected:  # what smtplib makes of a time-out, too
            said = "hung up" if time.monotonic() < deadline else self._too_slow
        except smtplib.SMTPResponseException as error:
            said = f"refuses to talk ({error.smtp_code})"
        except smtplib.SMTPException as error:
            said = f"failed ({type(error).__name__})"
        except TimeoutError:
            said = self._too_slow
        except OSError as error:
            said = f"cannot be reached: {network_fault(error)}"
        else:
            return
        raise DeliveryError(f"the mail server {said}")

    @property
    def _too_slow(self) -> str:
        return f"gave no answer within {self._server.timeout_s:g} s"


def _take(code: int, words: bytes | str) -> None:
    """Raise DeliveryError unless the server agreed to a step of handing over this mail."""
    if 200 <= code < 300:
        return
    raw = words if isinstance(words, bytes) else words.encode()
    status = _ENHANCED_STATUS.match(raw)
    why = f"{code} {status[1].decode()}" if status else str(code)
    # 421 closes the service; any other refusal is of this mail.
    raise DeliveryError(
        f"the mail server refused the mail ({why})",
        permanent=code >= 500,
        endpoint_well=code != 421,
    )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _wait_until(deadline: float, smtp: smtplib.SMTP) -> None:
    """Let the next answer take no longer than until the deadline; TimeoutError if it has passed."""
    assert smtp.sock is not None
    smtp.sock.settimeout(_left(deadline))


def _id(name: str, sender: Address) -> str:
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:40]}@{sender.domain}>"
