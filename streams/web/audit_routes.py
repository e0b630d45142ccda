"""What an inspector asks of one unit: what differs between two figures, and the signs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from indicators.integrity import Integrity, SignedDossier
from schemas.api.operations import JSON
from schemas.api.parameters import IntegrityQuery, VersusQuery
from schemas.instants import iso_micros, iso_millis
from streams.figures_asked import Asked, as_known
from streams.queries import Queries
from streams.web.answers import sent, tag_of, tagged
from streams.web.calls import Call, Handler
from streams.web.large import LargeAnswers
from streams.web.owners import Owners
from streams.web.province import Province

SHOWN = 500  # dossiers with signs in one answer


class AuditRoutes:
    """What follows from the events of one unit, and is asked by who looks for what went wrong."""

    def __init__(self, province: Province, queries: Queries, owners: Owners) -> None:
        self._province = province
        self._queries = queries
        self._owners = owners
        self._large = LargeAnswers()

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        owned, now = self._owners.owned, self._province.now
        return {
            "versus": owned(self._show_versus, now),
            "integrity": owned(self._show_integrity, now),
        }

    async def _show_versus(self, call: Call) -> web.StreamResponse:
        query: VersusQuery = call.query
        first = self._province.asked(query.definition, query.window, query.as_of)
        first = first._replace(known_at=query.known_at)
        second = self._other(first, query)
        unit_id = call.request.match_info["unit_id"]
        async with self._large.place():
            found = await self._queries.comparison(unit_id, first, second)
            body = await asyncio.to_thread(found.to_json)
            answer = await sent(call.request, body, tag_of(body), JSON)
            return await self._large.see_off(call.request, answer)

    def _other(self, first: Asked, query: VersusQuery) -> Asked:
        """The second figure: as the first, but for what is said of it."""
        definition, window = query.versus_definition, query.versus_window
        at, known = query.versus_as_of, query.versus_known_at
        other = self._province.asked(
            definition or first.definition,
            window or first.window,
            first.as_of if at is None else at,
        )
        if known == "now":
            return other
        return other._replace(known_at=first.known_at if known is None else known)

    async def _show_integrity(self, call: Call) -> web.StreamResponse:
        query: IntegrityQuery = call.query
        unit_id = call.request.match_info["unit_id"]
        asked = as_known(self._province.asked(None, query.window, query.as_of), query.known)
        at, found = await self._queries.integrity(unit_id, asked)
        head = {
            "unit_id": unit_id,
            "window": asked.window,
            "as_of": iso_micros(at),
            "known": query.known,
        }
        return await tagged(call.request, {**head, **_told(found)})


def _told(found: Integrity) -> dict[str, Any]:
    """The JSON form: dossiers in the counts first, then the others, each by id."""
    signed = [*_dossiers(found.signed, counted=True), *_dossiers(found.apart, counted=False)]
    signs = Counter(name for one in signed for name in {sign["sign"] for sign in one["signs"]})
    return {
        "numerator": found.numerator,
        "denominator": found.denominator,
        "signs": dict(sorted(signs.items())),
        "dossiers": signed[:SHOWN],
        "dossiers_total": len(signed),
        "bursts": [
            {
                "from": iso_millis(burst.first),
                "to": iso_millis(burst.last),
                "event_ids": list(burst.names),
            }
            for burst in found.bursts
        ],
    }


def _dossiers(found: Iterable[SignedDossier], *, counted: bool) -> Iterable[dict[str, Any]]:
    for one in found:
        signs = [{"sign": sign.name, "event_id": sign.event_id} for sign in one.signs]
        yield {"dossier_id": one.dossier_id, "counted": counted, "signs": signs}
