"""The names of a recipient's channels, as records and idempotency keys say them."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.recipients import Channel, Recipient


def channels_of(recipient: Recipient) -> Mapping[str, Channel]:
    """Name -> channel. A second channel of one name is `email#2`, so that no two share a key."""
    named: dict[str, Channel] = {}
    for channel in recipient.channels:
        plain = channel.name or channel.kind
        name, count = plain, 1
        while name in named:
            count += 1
            name = f"{plain}#{count}"
        named[name] = channel
    return named
