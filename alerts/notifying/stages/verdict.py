"""What a stage says to a notice. The first that holds or drops it is the last word."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from alerts.notifying.situation import Situation
from alerts.notifying.telling import Occasion
from alerts.recipients import Recipient
from schemas.instants import Millis
from schemas.notification import Why

# Reasons for which a condition of the monitor has ended.
ENDINGS: frozenset[Why] = frozenset({Why.RECOVERED, Why.LONG_SILENT})


class Candidate(NamedTuple):
    """A notice to be decided, at an instant."""

    occasion: Occasion
    recipient: Recipient
    why: Why  # it would be told
    at: Millis


class Drop(NamedTuple):
    """It will not be told."""

    why: Why
    detail: str = ""


class Hold(NamedTuple):
    """It is decided again at `until`, which is later than now."""

    why: Why
    until: Millis
    detail: str = ""


class Say(NamedTuple):
    """It goes on to the next stage, and is told for another reason."""

    why: Why


Verdict = Drop | Hold | Say | None  # None: it goes on to the next stage
Stage = Callable[[Candidate, Situation], Verdict]
