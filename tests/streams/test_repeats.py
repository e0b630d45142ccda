"""A log line that repeats ten times a second is written once in a while."""

from __future__ import annotations

import logging

import pytest

from streams import repeats


def test_repeats_are_written_seldom_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    logger, child = logging.getLogger("away"), logging.getLogger("away.child")
    written: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    repeats.log_repeats_seldom("away")

    for node in range(5):
        logger.warning("node %d is away", node)
        child.warning("node %d is away", node)
    logger.warning("another %s", "message")
    assert written == ["node 0 is away", "node 0 is away", "another message"]

    now += repeats.SECONDS
    logger.warning("node %d is away", 7)
    logger.warning("node %d is away", 8)
    assert written[3:] == ["node 7 is away (and 4 times since the last line like this)"]
