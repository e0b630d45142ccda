"""Whether the latest opening of a unit still stands, as more becomes known of it. Pure.

The opening is a judgement of the figure at its T. Its tally is kept as now known: a record that
comes later moves it by what it changes of its own dossier's part, and of no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.counts import Share, Tally, share_of
from indicators.dossier import NOTES, course
from indicators.facts import Fact
from indicators.windows import Window
from schemas.instants import Micros


class Opening(NamedTuple):
    """The judgement by which the latest incident opened, as now known."""

    as_of: Micros  # its T
    tally: Tally  # at T
    offset: int  # the last record folded by then
    basis: str  # the policy's hash and the time zone: what the tally was made by


def can_move(opening: Opening, fact: Fact) -> bool:
    """Whether an event that comes after the opening can show it in another light.

    It happened before T; or it says that another one never did, whenever that was found out.
    """
    if fact.type == "voided":
        return True
    return fact.occurred_at < opening.as_of and (fact.due is not None or fact.type not in NOTES)


def moved(
    opening: Opening, fact: Fact, facts: Sequence[Fact], window: Window, zone: ZoneInfo
) -> Opening:
    """The opening after `fact`, the latest to arrive of its dossier's `facts`.

    O(events of the dossier).
    """
    after = _known_at(opening, facts)
    before = [known for known in after if known is not fact]
    start = window.start(opening.as_of)
    old, new = (
        _part(share_of(course(known, zone)), start, opening.as_of) for known in (before, after)
    )
    if old == new:
        return opening
    tally = Tally(*(n - less + more for n, less, more in zip(opening.tally, old, new, strict=True)))
    return opening._replace(tally=tally)


def _known_at(opening: Opening, facts: Sequence[Fact]) -> list[Fact]:
    """The events at T as now known: those before it, and every `voided` that came since.

    A `voided` of a later time that had come by the opening was disregarded by it, and is no news.
    """
    return [
        fact
        for fact in facts
        if fact.occurred_at < opening.as_of
        or (fact.type == "voided" and fact.offset > opening.offset)
    ]


def _part(share: Share, start: Micros, at: Micros) -> Tally:
    """What one dossier puts into the tally of [start, at)."""
    kind, instant = share
    ended = start <= instant < at
    return Tally(
        int(kind == "early" and ended),
        int(kind == "on_time" and ended),
        int(kind == "late" and ended),
        int(kind == "open" and instant < at),
    )
