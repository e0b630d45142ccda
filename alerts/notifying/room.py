"""How much may wait for one recipient: their memory, and each message, is one record of a topic.

A record has at most 1 MB. Of it what is held back takes no more than 400 kB as JSON, and what is
gathered 200 kB in each of the two families of notices that are. A notice takes half a kilobyte,
with the longest names that there may be eleven. And a message has no more than 100 notices: nobody
reads more at once, and the templates may make no more than a million characters of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from alerts.notifying.memory import Held
from alerts.notifying.telling import Notice
from schemas.instants import Millis

HELD_MOST = 400_000  # bytes
MESSAGE_MOST = 200_000  # bytes
MESSAGE_NOTICES = 100
ALWAYS_FIT = 16  # so many need not be measured


# Nobody is told of them later; of an open incident the next morning's reminder tells.
LAST_TO_FALL = frozenset({"closed", "corrected"})


def crowded_out(held: Sequence[Held]) -> list[Held]:
    """Those there is no room for: the oldest, and ends and corrections after all others."""
    if len(held) <= ALWAYS_FIT:
        return []
    too_many = len(msgspec.json.encode(held)) - HELD_MOST
    fallen: list[Held] = []
    for one in sorted(held, key=_falls):
        if too_many <= 0:
            break
        fallen.append(one)
        too_many -= len(msgspec.json.encode(one)) + 1  # a comma
    return fallen


def _falls(held: Held) -> tuple[bool, Millis]:
    occasion = held.notice.occasion
    return occasion.kind in LAST_TO_FALL, occasion.at


def is_full(notices: Sequence[Notice]) -> bool:
    """Whether a message goes out as it is, and what else there is travels in another."""
    if len(notices) <= ALWAYS_FIT:
        return False
    return len(notices) >= MESSAGE_NOTICES or len(msgspec.json.encode(notices)) >= MESSAGE_MOST
