"""The signs of rewritten dates that came up since a day was sealed last. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.facts import Fact
from indicators.integrity import USUAL, corrections_of, signs_of
from schemas.book import SignOfDay
from schemas.instants import Micros, Millis
from streams.unit_monitor import UnitMonitor


class Change(NamedTuple):
    """The corrections of a dossier (`integrity.corrections_of`)."""

    before: Sequence[tuple[Millis, str]]
    now: Sequence[tuple[Millis, str]]


class NewsOfUnit(NamedTuple):
    """What came up in a unit's dossiers."""

    signs: Sequence[SignOfDay]
    corrections: Mapping[str, Change]  # by dossier, where they are not what they were


NO_NEWS = NewsOfUnit((), {})


def news_since(
    offset: int,
    touched: Iterable[tuple[str, str]],
    units: Mapping[str, UnitMonitor],
    zone: ZoneInfo,
) -> dict[str, NewsOfUnit]:
    """By unit, the signs that there were not before the record at `offset`, and the corrections.

    `touched`: unit and dossier of all that have an event from there on, or more.
    """
    found = {}
    for unit_id, names in groupby(sorted(touched), key=itemgetter(0)):
        dossiers = units[unit_id].ledger.dossiers
        signs: list[SignOfDay] = []
        corrections: dict[str, Change] = {}
        for _, dossier_id in names:
            facts = dossiers[dossier_id].facts
            if not may_show_signs(facts):
                continue
            earlier = [fact for fact in facts if fact.offset < offset]
            known, now = signs_of(earlier, zone), signs_of(facts, zone)
            signs += (
                SignOfDay(one.name, dossier_id, one.event_id) for one in now if one not in known
            )
            change = Change(corrections_of(earlier, known), corrections_of(facts, now))
            if change.before != change.now:
                corrections[dossier_id] = change
        if signs or corrections:
            found[unit_id] = NewsOfUnit(signs, corrections)
    return found


def may_show_signs(facts: Sequence[Fact]) -> bool:
    """Whether a dossier can show any sign: most have had nothing that could be one."""
    stated = 0
    for fact in facts:
        stated += fact.due is not None
        if fact.type in _TELLING or fact.arrival * 1_000 - fact.occurred_at > _TOLD_LATE:
            return True
    return stated > 1


_TELLING = frozenset({"supplement_requested", "voided"})
_TOLD_LATE: Micros = USUAL.told_late * 1_000
