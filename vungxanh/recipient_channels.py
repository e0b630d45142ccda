"""How a channel is written in the recipients file: `email:...`, `webhook:...`, `apprise:...`.

What is said of a wrong one holds no part of it: it is an address, or has a token in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args
from urllib.parse import urlsplit

from alerts.recipients import Channel, ChannelKind


def _email(target: str) -> Channel:
    from alerts.delivery.email import read_address  # noqa: PLC0415 - not every command mails

    read_address(target)
    return Channel("email", target, "email")


def _webhook(target: str) -> Channel:
    from alerts.delivery.webhook import read_target  # noqa: PLC0415

    try:
        read_target(target)
        _ = urlsplit(target).port
    except ValueError:
        raise ValueError("no address with http:// or https:// and a host") from None
    return Channel("webhook", target, "webhook")


def _apprise(target: str) -> Channel:
    import apprise  # noqa: PLC0415 - takes a second

    from alerts.delivery.apprise_channel import silence_loggers  # noqa: PLC0415

    silence_loggers()  # it would log the URL
    if apprise.Apprise.instantiate(target) is None:
        raise ValueError("no URL that Apprise knows; its documentation has one for each service")
    return Channel("apprise", target, f"apprise:{target.partition(':')[0].lower()}")


# By kind: makes a channel of what follows the colon; ValueError in words without it.
CHANNELS: Mapping[str, Callable[[str], Channel]] = {
    "email": _email,
    "webhook": _webhook,
    "apprise": _apprise,
}
assert tuple(CHANNELS) == get_args(ChannelKind)
