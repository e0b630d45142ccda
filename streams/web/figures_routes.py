"""Profile, explanation, dossier: answered by the worker that owns the unit, whoever is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson
from aiohttp import web

from schemas.api.operations import JSON
from schemas.api.parameters import DossierQuery, ExplainQuery, FigureQuery, ParameterError
from schemas.explanation import Explanation
from schemas.instants import iso_micros, read_instant
from streams.figures_asked import Asked, as_known
from streams.queries import Queries
from streams.web.answers import sent, tag_of, tagged
from streams.web.calls import Call, Handler
from streams.web.cursors import WRONG, read_cursor, write_cursor
from streams.web.large import LargeAnswers
from streams.web.owners import Owners
from streams.web.province import Province


class FiguresRoutes:
    """What follows from the events of one unit."""

    def __init__(self, province: Province, queries: Queries, owners: Owners) -> None:
        self._province = province
        self._queries = queries
        self._owners = owners
        self._large = LargeAnswers()

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        owned, now = self._owners.owned, self._province.now
        return {
            "profile": owned(self._show_profile, now),
            "explain": owned(self._show_explanation, now),
            "dossier": owned(self._show_dossier, now),
        }

    async def _show_profile(self, call: Call) -> web.StreamResponse:
        query: FigureQuery = call.query
        asked = as_known(
            self._province.asked(query.definition, query.window, query.as_of), query.known
        )
        profile = await self._queries.profile(call.request.match_info["unit_id"], asked)
        return await tagged(call.request, profile.to_dict())

    async def _show_explanation(self, call: Call) -> web.StreamResponse:
        query: ExplainQuery = call.query
        asked = self._province.asked(query.definition, query.window, query.as_of)
        asked, first = _continued(asked._replace(known_at=query.known_at), query.after)
        async with self._large.place():
            explained = await self._queries.explanation(call.request.match_info["unit_id"], asked)
            body, tag = await asyncio.to_thread(_written, explained, first, query.limit)
            answer = await sent(call.request, body, tag, JSON)
            return await self._large.see_off(call.request, answer)

    async def _show_dossier(self, call: Call) -> web.StreamResponse:
        query: DossierQuery = call.query
        asked = self._province.asked(None, None, query.as_of)._replace(known_at=query.known_at)
        where = call.request.match_info
        content = self._queries.dossier(where["unit_id"], where["dossier_id"], asked)
        return await tagged(call.request, content)


def _continued(asked: Asked, after: str | None) -> tuple[Asked, int]:
    """What is asked for, and the first dossier of the page.

    A page goes on with the T of the first one, or its dossiers would be other ones.
    """
    if after is None:
        return asked, 0
    at, first = read_cursor(after, int, int)
    assert isinstance(at, int)
    assert isinstance(first, int)
    try:
        read_instant(iso_micros(at))
    except (ValueError, OverflowError):
        raise ParameterError(WRONG) from None
    return asked._replace(as_of=at), max(first, 0)


def _written(explained: Explanation, first: int, limit: int | None) -> tuple[bytes, str]:
    """A page of an explanation as JSON, with its tag: the counted first, then those left out."""
    counted = len(explained.dossiers)
    whole = counted + len(explained.left_out)
    end = whole if limit is None else min(first + limit, whole)
    page = explained._replace(
        dossiers=explained.dossiers[first:end],
        left_out=explained.left_out[max(first - counted, 0) : max(end - counted, 0)],
    )
    more = write_cursor(explained.as_of, end) if end < whole else None
    body = orjson.dumps({**page.to_dict(), "next": more})
    return body, tag_of(body)
