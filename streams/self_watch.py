"""What the monitor itself lacks: silent feeds, growing dead letters, lag, failing channels.

Each is a condition with a name and words for operations; it lasts until it is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from schemas.instants import Millis, iso_millis
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
    ) -> dict[str, str]:
        """What is wrong now, by name, in words."""
        found = {f"feed/{unit}": words for unit, words in self._silent_feeds(now)}
        come = _since(self._letters, now, letters, HOUR)
        if come > LETTERS_AN_HOUR:
            found["dead_letters"] = (
                f"up to {come} dead letters within an hour; see `vungxanh dead-letters list`"
            )
        grown = _since(self._lags, now, lag, LAG_LASTS)
        if lag > LAG_RECORDS and grown >= 0 and now - self._lags[0][0] >= LAG_LASTS - EVERY:
            found["lag"] = f"{lag} records are waiting, and no fewer than ten minutes ago"
        for name in (*broken, *self._failing):
            found[f"delivery/{name}"] = f"messages over {name} fail"
        return found

    def kept(self, standing: Mapping[str, str], now: Millis) -> dict[str, str]:
        """Of the conditions that stand those that cannot be known to have ended yet.

        A new term of office begins with nothing to compare with.
        """
        looking = now - (self._began if self._began is not None else now)
        return {
            name: words
            for name, words in standing.items()
            if (name == "dead_letters" and looking < HOUR)
            or (name == "lag" and (looking < LAG_LASTS or self._lags[-1][1] > LAG_RECORDS // 2))
            or (name.startswith("delivery/") and looking < LAG_LASTS)
            or (name.startswith("feed/") and name.removeprefix("feed/") not in self._desk.outlooks)
        }

    def _silent_feeds(self, now: Millis) -> Iterable[tuple[str, str]]:
        for unit_id in self._desk.outlooks:
            since = self._desk.stale_since(unit_id, now)
            if since is not None:
                name = self._desk.name(unit_id) or unit_id
                yield unit_id, f"nothing has come from {name} since {iso_millis(since)}"


def _since(seen: deque[tuple[Millis, int]], now: Millis, count: int, reach: Millis) -> int:
    """How much a count has grown within a span; remembers it."""
    seen.append((now, count))
    while now - seen[0][0] > reach:
        seen.popleft()
    return count - seen[0][1]
