"""The signs of rewritten dates that came up since a day was sealed last. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from indicators.facts import Fact
from indicators.integrity import USUAL, Sign, signs_of
from schemas.book import SignOfDay
from schemas.instants import Micros
from streams.unit_monitor import UnitMonitor


def signs_since(
    offset: int,
    touched: Iterable[tuple[str, str]],
    units: Mapping[str, UnitMonitor],
    zone: ZoneInfo,
) -> dict[str, list[SignOfDay]]:
    """By unit, the signs that there were not before the record at `offset`.

    `touched`: unit and dossier of all that have an event from there on, or more.
    """
    found = {}
    for unit_id, names in groupby(sorted(touched), key=itemgetter(0)):
        dossiers = units[unit_id].ledger.dossiers
        signs = [
            SignOfDay(sign.name, dossier_id, sign.event_id)
            for _, dossier_id in names
            for sign in _new(dossiers[dossier_id].facts, offset, zone)
        ]
        if signs:
            found[unit_id] = signs
    return found


def _new(facts: Sequence[Fact], offset: int, zone: ZoneInfo) -> Iterable[Sign]:
    if not may_show_signs(facts):
        return []
    known = set(signs_of([fact for fact in facts if fact.offset < offset], zone))
    return [sign for sign in signs_of(facts, zone) if sign not in known]


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
