"""Whether what a measured worker wrote is right: fast and wrong is worth nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from audit.replay import FigureReplay
from bench import naive_faust
from bench.feed import Sent
from bench.kafka_runs import ZONE, settings_for
from indicators.definitions import DEFINITIONS
from indicators.windows import read_window
from schemas.event import read_event
from schemas.instants import read_instant
from streams.record import Record
from streams.topics import STATUS
from vungxanh.settings import Settings
from vungxanh.topic_reading import read_topic

Figures = dict[tuple[str, str], tuple[int, int]]  # (definition, window) -> numerator, denominator


class Check:
    """Holds the figures that a worker wrote against those that a replay of the feed counts."""

    def __init__(self, feed: Sequence[Sent]) -> None:
        self._feed = feed
        self._expected: dict[tuple[str, str], Figures] = {}  # by unit and as_of

    def compare(self, settings: Settings) -> None:
        """Every unit's last status, all definitions and windows. Raises SystemExit."""
        latest = _latest(settings, STATUS)
        units = {sent.unit for sent in self._feed}
        if len(latest) != len(units):
            raise SystemExit(f"wrong: statuses of {len(latest)} units, not {len(units)}")
        asked = {(unit, str(status["as_of"])) for unit, status in latest.items()}
        if not asked <= self._expected.keys():
            self._expected.update(self._count(settings, asked))
        for unit, status in latest.items():
            expected = self._expected[unit, str(status["as_of"])]
            found = _told(status)
            if found != expected:
                raise SystemExit(f"wrong: {unit} as of {status['as_of']}: {found}, not {expected}")

    def _count(
        self, settings: Settings, asked: set[tuple[str, str]]
    ) -> dict[tuple[str, str], Figures]:
        """Each unit's figures at an instant, by a replay of the whole feed."""
        replay = FigureReplay(ZONE)
        for sent in self._feed:
            event, _ = read_event(sent.line)
            replay.add(event)
        windows = [read_window(text, ZONE) for text in settings.windows]
        nothing = {(name, window.text): (0, 0) for name in DEFINITIONS for window in windows}
        return {
            (unit, at): nothing
            | {
                (row.definition, row.window): (row.numerator, row.denominator)
                for row in replay.figures(read_instant(at), list(DEFINITIONS), windows, unit)
            }
            for unit, at in asked
        }


def _told(status: Mapping[str, Any]) -> Figures:
    figures = status["figures"]
    assert isinstance(figures, list)
    return {
        (one["definition"], one["window"]): (one["numerator"], one["denominator"])
        for one in figures
    }


def check_naive(bootstrap: str, group: str, feed: Sequence[Sent]) -> None:
    """The naive worker's counts, from its table's changelog, against its own fold. SystemExit."""
    dossiers: dict[str, naive_faust.Dossier] = {}
    expected: dict[str, dict[str, int]] = {}
    for sent in feed:
        event = naive_faust.Event.from_data(orjson.loads(sent.line))
        dossier = dossiers.setdefault(event.dossier_id, naive_faust.Dossier())
        before = dossier.on_time
        naive_faust.follow(dossier, event)
        if dossier.on_time is not None and before is None:
            counts = expected.setdefault(event.unit_id, {"on_time": 0, "late": 0})
            counts["on_time" if dossier.on_time else "late"] += 1
    found = {
        unit: {name: counts[name] for name in ("on_time", "late")}
        for unit, counts in _latest(
            settings_for(bootstrap, f"{group}-", "records"), "units-changelog"
        ).items()
    }
    if found != expected:
        raise SystemExit("wrong: the naive worker's counts are not those of its own fold")


def _latest(settings: Settings, topic: str) -> dict[str, Mapping[str, Any]]:
    """The last value of every key."""
    latest: dict[str, Mapping[str, Any]] = {}

    def take(record: Record) -> None:
        assert record.key is not None
        assert record.value is not None
        latest[record.key.decode().strip('"')] = orjson.loads(record.value)

    read_topic(settings, topic, take)
    return latest
