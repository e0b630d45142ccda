"""What the monitor itself lacks: silent feeds, growing dead letters, lag, failing channels.

Each is a condition; it lasts until it is gone. The words for operations are in the templates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from schemas.condition import Condition
from schemas.instants import Millis
from streams.composing import Desk
from streams.telling import Telling

EVERY: Millis = 60_000  # between two looks
HOUR: Millis = 60 * 60_000
LETTERS_AN_HOUR = 40  # offsets: a letter takes one, the marker of its transaction another
LAG_RECORDS = 5_000  # waiting, and no fewer than ten minutes before
LAG_LASTS: Millis = 10 * 60_000


class SelfWatch:
    """Compares what is with what was a while ago."""

    def __init__(self, telling: Telling, desk: Desk) -> None:
        self._telling = telling
        self._desk = desk
        self._looked_at: Millis = 0
        self._began: Millis | None = None  # the first look of this term
        self._letters: deque[tuple[Millis, int]] = deque()  # how many there were, for an hour
        self._lags: deque[tuple[Millis, int]] = deque()  # for LAG_LASTS
        self._failing: dict[str, None] = {}  # Alertmanagers that did not answer

    def is_due(self, now: Millis) -> bool:
        """Whether it is time for another look; it is taken then."""
        due = now - self._looked_at >= EVERY
        if due:
            self._looked_at = now
            self._began = now if self._began is None else self._began
        return due

    def note_channel(self, name: str, well: bool) -> None:
        """Note whether an Alertmanager took what it was told."""
        if well:
            self._failing.pop(name, None)
        else:
            self._failing[name] = None

    def conditions(
        self, now: Millis, lag: int, letters: int, broken: Iterable[str]
    ) -> dict[str, Condition]:
        """What is wrong now, by name."""
        found = list(self._silent_feeds(now))
        come = _since(self._letters, now, letters, HOUR)
        if come > LETTERS_AN_HOUR:
            found.append(Condition("dead_letters", number=come))
        grown = _since(self._lags, now, lag, LAG_LASTS)
        if lag > LAG_RECORDS and grown >= 0 and now - self._lags[0][0] >= LAG_LASTS - EVERY:
            found.append(Condition("lag", number=lag))
        found += [Condition("delivery", channel=name) for name in (*broken, *self._failing)]
        return {condition.name: condition for condition in found}

    def kept(self, standing: Mapping[str, Condition], now: Millis) -> dict[str, Condition]:
        """Of the conditions that stand those that cannot be known to have ended yet.

        A new term of office begins with nothing to compare with.
        """
        looking = now - (self._began if self._began is not None else now)
        known_to_last = {
            "dead_letters": looking < HOUR,
            "lag": looking < LAG_LASTS or self._lags[-1][1] > LAG_RECORDS // 2,
            "delivery": looking < LAG_LASTS,
        }
        return {
            name: one
            for name, one in standing.items()
            if known_to_last.get(one.kind, one.unit_id not in self._desk.outlooks)
        }

    def _silent_feeds(self, now: Millis) -> Iterable[Condition]:
        for unit_id in self._desk.outlooks:
            since = self._desk.stale_since(unit_id, now)
            if since is not None:
                given_up = self._desk.is_given_up(unit_id, now)
                yield Condition("feed", unit_id=unit_id, since=since, given_up=given_up)


def _since(seen: deque[tuple[Millis, int]], now: Millis, count: int, reach: Millis) -> int:
    """How much a count has grown within a span; remembers it."""
    seen.append((now, count))
    while now - seen[0][0] > reach:
        seen.popleft()
    return count - seen[0][1]
