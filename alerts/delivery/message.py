"""What goes out, and what a way out has to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from alerts.messages.content import Composed
from alerts.recipients import Channel
from schemas.instants import Millis


class Message(NamedTuple):
    """One message to one recipient over one channel, composed already."""

    key: str  # the idempotency key (notification_id): the same message never has another
    subject: str
    text: str
    html: str
    event: Mapping[str, object]  # for machines: the data of the CloudEvent
    event_type: str  # `vn.vungxanh.incident.opened`
    subject_id: str  # the incident's id: the subject of the CloudEvent
    at: Millis  # when what it tells of happened


def message_of(  # noqa: PLR0917 - a message's fields, in its order
    key: str,
    composed: Composed,
    recipient_id: str,
    items: Sequence[Mapping[str, object]],
    event_type: str,
    subject_id: str,
    at: Millis,
) -> Message:
    """What goes out over one channel; `items` say for machines what it tells."""
    event = {
        "recipient": recipient_id,
        "items": list(items),
        "subject": composed.subject,
        "text": composed.text,
    }
    return Message(
        key, composed.subject, composed.text, composed.html, event, event_type, subject_id, at
    )


class DeliveryError(Exception):
    """An attempt that did not succeed.

    `permanent`: trying again cannot help. `endpoint_well`: the other side works and refuses only
    this message, so it says nothing about the next one. `retry_after`: the other side asks to be
    left alone for so many milliseconds. `said` is written to records and logs: it holds no address,
    no secret and no words of the other side.
    """

    def __init__(
        self,
        said: str,
        *,
        permanent: bool = False,
        endpoint_well: bool = False,
        retry_after: Millis | None = None,
    ) -> None:
        super().__init__(said)
        self.said = said
        self.permanent = permanent
        self.endpoint_well = endpoint_well or permanent
        self.retry_after = retry_after


class Sender(Protocol):
    """A way out, for all channels of one kind."""

    async def send(self, channel: Channel, message: Message) -> None:
        """Hand the message over; DeliveryError if the other side has not taken it."""
        ...
