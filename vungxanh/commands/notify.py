"""`vungxanh notify`: try the way to a recipient."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from fractions import Fraction

import click

from alerts.delivery.dispatch import Result
from alerts.delivery.message import Message, message_of
from alerts.messages.content import Composed, Content, Item
from alerts.notifying.channels import channels_of
from alerts.recipients import Recipient
from schemas.instants import Millis
from schemas.notification import Why
from vungxanh.cli import Run, VungxanhGroup, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.notify_use import composer_of, dispatcher_of, recipients_of
from vungxanh.printing import format_option, print_rows, warn
from vungxanh.settings import Settings

COLUMNS = ("recipient", "channel", "outcome", "why", "detail")


@click.group(cls=VungxanhGroup)
def command() -> None:
    """Try the way to a recipient."""


@command.command("test")
@click.argument("recipient")
@format_option()
@pass_run
def test(run: Run, recipient: str, form: str) -> int:
    """Send a test message to RECIPIENT over each channel, now, once, whatever the hour.

    Kafka is not asked and nothing is recorded. Exit code 1 where a channel did not take it.
    """
    settings = run.settings()
    one = _find(settings, recipient)
    now = time.time_ns() // 1_000_000
    key = f"test/{uuid.uuid4()}"
    composed = composer_of(settings).compose(_content(settings, one, key, now))
    if composed.broken:
        warn(f"notify.templates: {composed.broken}; the built-in one is used")
    results = asyncio.run(_deliver(settings, one, composed, key, now))
    rows = [
        {
            "recipient": one.recipient_id,
            "channel": name,
            "outcome": "sent" if result.outcome == "sent" else "failed",
            "why": result.why.value,
            "detail": result.detail,
        }
        for name, result in results.items()
    ]
    print_rows(rows, COLUMNS, form)
    well = all(result.outcome == "sent" for result in results.values())
    return DONE if well and not composed.broken else FINDINGS


def _find(settings: Settings, recipient_id: str) -> Recipient:
    if settings.notify.recipients is None:
        raise WrongUseError("notify.recipients names no file: there is nobody to send to")
    recipients = recipients_of(settings, os.environ)
    one = recipients.by_id(recipient_id)
    if one is None:
        known = ", ".join(each.recipient_id for each in recipients.everyone)
        raise WrongUseError(
            f"there is no recipient {recipient_id} in {settings.notify.recipients}; known: {known}"
        )
    return one


def _content(settings: Settings, one: Recipient, key: str, now: Millis) -> Content:
    item = Item("test", Why.TEST, "", "", now, page_url=settings.notify.base_url)
    return Content(
        key=key,
        recipient_id=one.recipient_id,
        role=one.role,
        language=one.language,
        zone=settings.timezone,
        at=now,
        green=Fraction(settings.policy.green),
        yellow=Fraction(settings.policy.yellow),
        items=(item,),
    )


async def _deliver(
    settings: Settings, one: Recipient, composed: Composed, key: str, now: Millis
) -> dict[str, Result]:
    """The outcome by the channel's name; the channels do not wait for each other."""
    dispatcher = dispatcher_of(settings)
    channels = channels_of(one)
    results = await asyncio.gather(
        *(
            dispatcher.deliver(channel, _message(composed, f"{key}|{name}", one, now), now)
            for name, channel in channels.items()
        )
    )
    return dict(zip(channels, results, strict=True))


def _message(composed: Composed, key: str, one: Recipient, now: Millis) -> Message:
    item = {"kind": "test", "why": Why.TEST.value, "subject": "test"}
    return message_of(
        key,
        composed,
        one.recipient_id,
        [item],
        event_type="vn.vungxanh.test.test",
        subject_id="test",
        at=now,
    )
