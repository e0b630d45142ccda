"""One attempt at delivering one message: sender, time-out, circuit, and what is to be done next.

It keeps nothing but the circuits: how often and since when a message has been tried is told by the
caller, from its records. Pauses count from the beginning of the attempt.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import traceback
from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from alerts.delivery.circuit import CLOSED, Circuit, after_failure, let_through
from alerts.delivery.message import DeliveryError, Message, Sender
from alerts.delivery.retrying import FIRST_PAUSE, GIVE_UP_AFTER, next_try, spread
from alerts.recipients import Channel, ChannelKind
from schemas.instants import Millis
from schemas.notification import Why

log = logging.getLogger(__name__)

ATTEMPT_S = 10.0  # the longest that an attempt may take

ResultOutcome = Literal["sent", "retrying", "failed"]


class Result(NamedTuple):
    """What came of an attempt, in the words of `unit-notifications`."""

    outcome: ResultOutcome
    why: Why  # DELIVERED, CHANNEL_FAILED, CIRCUIT_OPEN, GAVE_UP
    detail: str = ""  # without addresses and secrets
    next_try: Millis | None = None  # of retrying
    attempts: int = 0  # so far, with this one; an open circuit makes none


class Dispatcher:
    """Delivers over all channels. Several deliveries may run side by side in one event loop."""

    def __init__(
        self, senders: Mapping[ChannelKind, Sender], *, attempt_s: float = ATTEMPT_S
    ) -> None:
        self._senders = senders
        self._attempt_s = attempt_s
        self._circuits: dict[str, Circuit] = {}  # by endpoint
        self._names: dict[str, str] = {}  # of an endpoint: the channel's, for people

    async def deliver(
        self,
        channel: Channel,
        message: Message,
        now: Millis,
        *,
        attempts: int = 0,
        since: Millis | None = None,
    ) -> Result:
        """Try once. `attempts` were made before; `since`: when the first was due (None: now).

        Raises nothing but what ends the task: an error in a sender is logged and counts as a
        failed attempt.
        """
        since = now if since is None else since
        endpoint = endpoint_of(channel)
        self._names[endpoint] = channel.name or channel.kind
        circuit = self._circuits.get(endpoint, CLOSED)
        admitted = let_through(circuit, now)
        if admitted is None:
            return _wait_for(circuit, message, now, since, attempts)
        self._circuits[endpoint] = admitted
        error = await self._attempt(channel, message)
        # Read again: other deliveries to the endpoint may have ended meanwhile.
        well = error is None or error.endpoint_well
        circuit = self._circuits[endpoint]
        self._circuits[endpoint] = CLOSED if well else after_failure(circuit, now)
        attempts += 1
        if error is None:
            return Result("sent", Why.DELIVERED, attempts=attempts)
        log.warning("%s: %s (%s)", self._names[endpoint], error.said, message.key)
        return _after(error, message, now, since, attempts)

    def broken(self) -> frozenset[str]:
        """The names of the channels of which an endpoint is left alone since it failed."""
        return frozenset(
            self._names[endpoint]
            for endpoint, circuit in self._circuits.items()
            if circuit.open_until is not None
        )

    async def _attempt(self, channel: Channel, message: Message) -> DeliveryError | None:
        sender = self._senders.get(channel.kind)
        if sender is None:
            return DeliveryError(f"no way out is set up for {channel.kind}", permanent=True)
        try:
            async with asyncio.timeout(self._attempt_s):
                await sender.send(channel, message)
        except DeliveryError as error:
            return error
        except TimeoutError:
            return DeliveryError(f"no answer within {self._attempt_s:g} s")
        except Exception as error:  # noqa: BLE001 - one bad sender must not stop the others
            return _fault_of_ours(channel, error)
        return None


def endpoint_of(channel: Channel) -> str:
    """What a circuit is kept for: the kind, and the host of its URL; all e-mail has one server.

    A hash: Apprise has tokens where other URLs have the host.
    """
    if channel.kind == "email":
        return "email"
    try:
        parts = urlsplit(channel.target)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
    except ValueError:
        place = channel.target
    return f"{channel.kind}:{hashlib.sha256(place.encode()).hexdigest()[:16]}"


def _after(
    error: DeliveryError, message: Message, now: Millis, since: Millis, attempts: int
) -> Result:
    if error.permanent:
        return Result("failed", Why.CHANNEL_FAILED, error.said, attempts=attempts)
    again = next_try(attempts, now, message.key, since, error.retry_after)
    if again is None:
        return Result("failed", Why.GAVE_UP, error.said, attempts=attempts)
    return Result("retrying", Why.CHANNEL_FAILED, error.said, again, attempts)


def _wait_for(
    circuit: Circuit, message: Message, now: Millis, since: Millis, attempts: int
) -> Result:
    """Come back when the pause is over, not all at one instant: the first finds out for all."""
    assert circuit.open_until is not None
    again = circuit.open_until + spread(message.key, FIRST_PAUSE)
    said = f"left alone after {circuit.failures} failures in a row"
    if again > since + GIVE_UP_AFTER:
        return Result("failed", Why.GAVE_UP, said, attempts=attempts)
    return Result("retrying", Why.CIRCUIT_OPEN, said, again, attempts)


def _fault_of_ours(channel: Channel, error: Exception) -> DeliveryError:
    """An error in the program. Its words may hold a secret: only its places are logged."""
    kind = type(error).__name__
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: %s in the sender\n%s", channel.name or channel.kind, kind, places)
    return DeliveryError(f"an error in the program ({kind})", endpoint_well=True)
