"""Telegram, Slack, Teams and the rest, through Apprise.

Apprise and what it calls write URLs with tokens to their logs: those loggers are cut off from the
process's, at every level. Of what Apprise noted about a failure only an HTTP status is used.
One channel should name one target: of several, those that were reached are reached again by a
retry.
"""

from __future__ import annotations

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor

import apprise

from alerts.delivery.faults import answered, is_final
from alerts.delivery.message import DeliveryError, Message
from alerts.recipients import Channel

THREADS = 4  # messages under way at a time
LEFT_OUT = "[…]"
_TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
_STATUS = re.compile(r"\berror=(\d{3})\b")  # as the plugins note the answer of their service


class AppriseSender:
    """Channel.target is an Apprise URL."""

    def __init__(self, *, timeout_s: float = 8.0) -> None:
        self._timeout_s = timeout_s
        self._asset = apprise.AppriseAsset(app_id="vungxanh", app_desc="vungxanh", app_url="")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="apprise")
        silence_loggers()

    async def send(self, channel: Channel, message: Message) -> None:
        """Hand it to the service."""
        await asyncio.get_running_loop().run_in_executor(
            self._threads, self._notify, channel.target, message
        )

    def _notify(self, url: str, message: Message) -> None:
        service = apprise.Apprise.instantiate(url, asset=self._asset)
        if service is None:
            raise DeliveryError("its target is no URL that Apprise knows", permanent=True)
        apobj = apprise.Apprise(service, asset=self._asset)
        as_html = _takes_pages(service) and len(message.html) <= service.body_maxlen
        text_room = service.body_maxlen
        if not service.title_maxlen:  # the subject goes into the text
            text_room -= len(message.subject) + 2
        result = apobj.notify(
            title=message.subject,
            body=message.html if as_html else fit(message.text, max(text_room, len(LEFT_OUT))),
            body_format=apprise.NotifyFormat.HTML if as_html else apprise.NotifyFormat.TEXT,
            timeout=self._timeout_s,
        )
        if not result:
            raise _error(" ".join(entry.message for entry in result.logs()))


def silence_loggers() -> None:
    """Keep what Apprise and its HTTP client log, URLs and tokens, out of the process's logs."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        if not any(isinstance(one, logging.NullHandler) for one in logger.handlers):
            logger.addHandler(logging.NullHandler())


def fit(text: str, room: int) -> str:
    """The text in so many characters: whole lines of its middle are left out.

    The first lines say what happened, the last ones hold the links. A text of too few lines is cut.
    """
    if len(text) <= room:
        return text
    lines = text.splitlines()
    head: list[str] = []
    tail: list[str] = []
    left = room - len(LEFT_OUT) - 1
    for index in range(len(lines)):
        from_end = index % 3 == 2  # two lines of the beginning for one of the end
        line = lines[-1 - len(tail)] if from_end else lines[len(head)]
        left -= len(line) + 1
        if left < 0:
            break
        (tail if from_end else head).append(line)
    if not head:
        return text[: room - len(LEFT_OUT)] + LEFT_OUT
    return "\n".join([*head, LEFT_OUT, *reversed(tail)])


def _takes_pages(service: apprise.NotifyBase) -> bool:
    """Whether it is a mail service: HTML is its first choice, and it has room for a subject.

    Chats that take HTML know a few tags only: they get the text.
    """
    formats = service.notify_format
    first = formats[0] if isinstance(formats, tuple) else formats
    return first == apprise.NotifyFormat.HTML and service.title_maxlen > 0


def _error(noted: str) -> DeliveryError:
    status = _STATUS.search(noted)
    if status is None:
        return DeliveryError("the service could not be reached or did not take it")
    code = int(status[1])
    return DeliveryError(f"the service {answered(code)}", permanent=is_final(code))
