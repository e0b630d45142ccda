"""When a message that did not get through is tried again. Pure.

The pauses double from 10 s, so that a short fault costs seconds and a long one no storm. Each is
lengthened by up to half of itself, by a hash of the key and the attempt: messages that failed
together do not come back together, and a restarted worker comes to the same instant. They stay
below 30 min, so that an endpoint which is mended is used within that time. After 24 h the message
is given up: what it says is a day old, and the reminder of the next working day says it anew.
"""

from __future__ import annotations

import hashlib

from schemas.instants import Millis

FIRST_PAUSE: Millis = 10_000
LONGEST_PAUSE: Millis = 30 * 60_000
GIVE_UP_AFTER: Millis = 24 * 60 * 60_000

_LONGEST_STEP = LONGEST_PAUSE * 2 // 3  # the most that, lengthened by half, is the longest pause
_DOUBLINGS = 20  # more change nothing, and a shift by a huge count would cost memory


def next_try(
    attempts: int, now: Millis, key: str, since: Millis, retry_after: Millis | None = None
) -> Millis | None:
    """The instant of the next attempt after `attempts` (1 or more) failed; None: given up.

    `since` is when the message was first tried, or was first kept from it by an open circuit.
    `retry_after` is a pause that the other side asked for: it can only lengthen ours.
    """
    step = min(FIRST_PAUSE << min(attempts - 1, _DOUBLINGS), _LONGEST_STEP)
    pause = step + spread(f"{key}/{attempts}", step // 2)
    at = now + max(pause, retry_after or 0)
    return at if at <= since + GIVE_UP_AFTER else None


def spread(key: str, width: Millis) -> Millis:
    """A span in [0, width) that looks like chance and is always the same for the key."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return number * width >> 64
