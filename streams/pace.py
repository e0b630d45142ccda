"""How many records may be folded at a time: as many as take a small part of the session."""

from __future__ import annotations

SHARE = 0.07  # of the session timeout that one reading's fold may take: far below the lease's
FIRST = 500  # records, before anything is known
LEAST = 20


class Pace:
    """Learns how long a record takes; slow machines and hard records get smaller chunks."""

    def __init__(self, session_timeout_ms: int, most: int) -> None:
        self._span = SHARE * session_timeout_ms / 1000  # seconds
        self._most = most
        self._each: float | None = None  # seconds a record, smoothed

    def note(self, records: int, seconds: float) -> None:
        """What one chunk took."""
        if records:
            each = seconds / records
            self._each = each if self._each is None else (self._each + each) / 2

    @property
    def records(self) -> int:
        """How many records to read now."""
        if self._each is None:
            return min(FIRST, self._most)
        return min(self._most, max(LEAST, int(self._span / max(self._each, 1e-9))))
