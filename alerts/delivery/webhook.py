"""Webhooks: a CloudEvent (1.0, structured mode) by POST.

A repeat has the same id, the same body and the same signature: the receiver may drop it by the id
or by `Idempotency-Key`. The secret of the signature stands in the fragment of the URL
(`https://host/path#secret=...`), because a fragment is never sent; special characters in it are
percent-encoded.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit

import orjson

from alerts.delivery.message import DeliveryError, Message
from alerts.delivery.posting import post
from alerts.recipients import Channel
from schemas.instants import iso_millis

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
SIGNATURE_HEADER = "X-Vungxanh-Signature"  # `sha256=<hex>`: HMAC-SHA256 of the body
_SECRET = "secret="  # noqa: S105 - the name of the field


class WebhookTarget(NamedTuple):
    """What a webhook channel's target states."""

    url: str  # without the fragment
    secret: bytes | None  # None: the body is not signed


def read_target(target: str) -> WebhookTarget:
    """The URL and the secret; ValueError, which never quotes the target, if it cannot be used."""
    parts = urlsplit(target)  # may itself raise ValueError; its words hold a part of the host
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a webhook's target has to be a URL with http:// or https:// and a host")
    secret = None
    if parts.fragment:
        if not parts.fragment.startswith(_SECRET) or parts.fragment == _SECRET:
            raise ValueError("after the # of a webhook's URL may only stand secret=...")
        secret = unquote_to_bytes(parts.fragment.removeprefix(_SECRET))
    return WebhookTarget(parts._replace(fragment="").geturl(), secret)


def cloud_event(message: Message, source: str) -> bytes:
    """The body; the same message gives the same bytes."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": message.key,
            "source": source,
            "type": message.event_type,
            "subject": message.subject_id,
            "time": iso_millis(message.at),
            "datacontenttype": "application/json",
            "data": dict(message.event),
        }
    )


def signature(body: bytes, secret: bytes) -> str:
    """The value of the signature header."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def header_key(key: str) -> str:
    """An idempotency key as it may stand in a header: ASCII, without spaces and line ends."""
    return quote(key, safe="/@:.-_~+*,;=")


class WebhookSender:
    """Channel.target is the URL, with `#secret=...` after it if the body is to be signed."""

    def __init__(self, source: str = "/vungxanh", *, timeout_s: float = 8.0) -> None:
        """`source`: the CloudEvents' source, a URI reference that names this installation."""
        self._source = source
        self._timeout_s = timeout_s

    async def send(self, channel: Channel, message: Message) -> None:
        """Post it. Refused for good: 4xx but 408, 425 and 429; all else is tried again."""
        try:
            url, secret = read_target(channel.target)
        except ValueError:
            raise DeliveryError("its URL cannot be used", permanent=True) from None
        body = cloud_event(message, self._source)
        headers = {"Content-Type": CONTENT_TYPE, "Idempotency-Key": header_key(message.key)}
        if secret is not None:
            headers[SIGNATURE_HEADER] = signature(body, secret)
        await post(url, body, headers, self._timeout_s)
