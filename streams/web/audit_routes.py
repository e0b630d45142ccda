"""What an inspector asks of one unit: signs of rewritten dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from indicators.integrity import Integrity, SignedDossier
from schemas.api.parameters import IntegrityQuery
from schemas.instants import iso_micros, iso_millis
from streams.figures_asked import as_known, asked_figure
from streams.queries import Queries
from streams.web.answers import tagged
from streams.web.calls import Call, Handler
from streams.web.owners import Owners
from streams.web.province import Province

SHOWN = 500  # dossiers with signs in one answer


class AuditRoutes:
    """What follows from the events of one unit, and is asked by who looks for what went wrong."""

    def __init__(self, province: Province, queries: Queries, owners: Owners) -> None:
        self._province = province
        self._queries = queries
        self._owners = owners

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        return {"integrity": self._owners.owned(self._show_integrity, self._province.now)}

    async def _show_integrity(self, call: Call) -> web.StreamResponse:
        query: IntegrityQuery = call.query
        unit_id = call.request.match_info["unit_id"]
        policy = self._province.rules.policy
        default = (policy.definition, policy.window.text)
        asked = as_known(asked_figure(None, query.window, query.as_of, default), query.known)
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
