"""The ranking: every owner is asked for its part, places follow from all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from aiohttp import web

from indicators.ranking import RankingInstants, ranked, ranking_instants
from schemas.api.operations import JSON
from schemas.api.parameters import FigureQuery, PeerRankingQuery
from schemas.instants import Micros, iso_micros, iso_millis, read_instant
from schemas.ranking import Earlier, RankedUnit, UnitStanding, read_standing
from schemas.status import OpenDossiers, Outcomes
from streams.figures_asked import Asked, as_known
from streams.peers import PeerError
from streams.queries import NotOwnedError, TooManyError
from streams.standings import Part, Standings
from streams.turns import Turns
from streams.web.answers import Unavailable, sent, tag_of
from streams.web.calls import Call, Handler
from streams.web.owners import Owners
from streams.web.province import Province
from streams.web.shared import Shared

log = logging.getLogger(__name__)

FRESH_S = 1.0  # so long many readers get the same ranking
_NOTHING = Earlier(0, 0, "grey")


class Gathered(NamedTuple):
    """All parts of a ranking, put together: as JSON, less what changes without a change of rows."""

    at: Micros
    data_to: str | None
    body: bytes  # the object without as_of and data_to, which go first
    tag: str


class RankingRoutes:
    """The ranking, and the part of it that another worker asks for."""

    def __init__(self, province: Province, standings: Standings, owners: Owners) -> None:
        self._province = province
        self._standings = standings
        self._owners = owners
        self._shared: Shared[Gathered] = Shared(FRESH_S)

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        return {"ranking": self._show, "peer_ranking": self._show_part}

    def _asked(self, query: FigureQuery) -> Asked:
        asked = self._province.asked(query.definition, query.window, query.as_of)
        return as_known(asked, query.known)

    async def _show(self, call: Call) -> web.StreamResponse:
        asked = self._asked(call.query)
        found = await self._shared.get(asked, lambda: self._gather(asked))
        head = orjson.dumps({"as_of": iso_millis(found.at // 1_000), "data_to": found.data_to})
        body = b"".join((head[:-1], b",", found.body[1:]))
        return await sent(call.request, body, found.tag, JSON)

    async def _show_part(self, call: Call) -> web.StreamResponse:
        query: PeerRankingQuery = call.query
        numbers = [int(number) for number in query.partitions.split(",")]
        part = await self._own(numbers, self._asked(query))
        body = await asyncio.to_thread(_part_to_json, part)
        return await sent(call.request, body, None, JSON)

    async def _own(self, numbers: Collection[int], asked: Asked) -> Part:
        try:
            return await self._standings.part(numbers, asked, self._province.with_children)
        except NotOwnedError as error:
            raise Unavailable(f"partition {error.partition} is not owned here any more") from None

    async def _gather(self, asked: Asked) -> Gathered:
        """Ask all owners, this worker among them, at the same time."""
        province = self._province
        numbers = range(province.settings.partitions)
        own, others = self._owners.shares(numbers, province.now())
        parts = await asyncio.gather(
            self._own_or_nothing(own, asked),
            *(self._others(url, theirs, asked) for url, theirs in others.items()),
        )
        answered: set[int] = set()
        for part, of in zip(parts, (own, *others.values()), strict=True):
            answered.update(of if part is not None else ())
        found = [part for part in parts if part is not None]
        at = asked.as_of
        if at is None:
            at = max((p.at for p in found if p.at is not None), default=province.now() * 1_000)
        known = {one.unit_id: one for part in found for one in part.standings}
        missing: list[str] = []
        for unit_id in province.ranked_ids():
            if unit_id not in known:
                if province.partition_of(unit_id) in answered:
                    known[unit_id] = _without_records(unit_id)
                else:
                    missing.append(unit_id)
        rows = await asyncio.to_thread(ranked, list(known.values()))
        content = {
            "known": "now" if asked.known_at is None else "then",
            "definition": asked.definition,
            "window": asked.window,
            "previous": _previous(ranking_instants(at, province.rules.zone)),
            "rows": await self._rows(rows, live=asked.as_of is None),
            "missing": missing,
        }
        body, tag = await asyncio.to_thread(_written, content)
        clock = province.boards.clock
        return Gathered(at, None if clock is None else iso_millis(clock), body, tag)

    async def _rows(self, rows: list[RankedUnit], *, live: bool) -> list[dict[str, Any]]:
        """What the boards know is of now: a ranking of the past does not show it."""
        turns, shown = Turns(), []
        for row in rows:
            unit_id = row.standing.unit_id
            incident = self._province.boards.units.open_incident(unit_id) if live else None
            stale_since = self._province.stale_since(unit_id) if live else None
            shown.append(row.to_dict(incident, stale_since))
            await turns.give_way()
        return shown

    async def _own_or_nothing(self, numbers: list[int], asked: Asked) -> Part | None:
        try:
            return await self._own(numbers, asked)
        except (Unavailable, TooManyError) as error:
            log.info("no part of a ranking: %s", error)
            return None

    async def _others(self, url: str, numbers: list[int], asked: Asked) -> Part | None:
        """What another worker owns; None: it gave no answer."""
        query = {
            "definition": asked.definition,
            "window": asked.window,
            "known": "now" if asked.known_at is None else "then",
            "partitions": ",".join(map(str, numbers)),
        }
        if asked.as_of is not None:
            query["as_of"] = iso_micros(asked.as_of)
        try:
            answer = await self._owners.peers.ask(url, f"/peer/ranking?{urlencode(query)}")
            if answer.status != 200:
                raise PeerError(f"worker at {url} answers {answer.status}")
            return await asyncio.to_thread(_read_part, answer.body)
        except (PeerError, ValueError, KeyError, TypeError) as error:
            log.info("no part of a ranking: %s", error)
            return None


def _without_records(unit_id: str) -> UnitStanding:
    """A unit of the directory that the feed has not mentioned."""
    nothing = Outcomes(0, 0, 0), OpenDossiers(0, 0, 0, 0, 0)
    return UnitStanding(unit_id, "grey", 0, 0, *nothing, _NOTHING, _NOTHING, _NOTHING)


def _written(content: dict[str, Any]) -> tuple[bytes, str]:
    body = orjson.dumps(content)
    return body, tag_of(body)


def _previous(instants: RankingInstants) -> dict[str, str]:
    return {name: iso_millis(getattr(instants, name) // 1_000) for name in ("day", "month", "half")}


def _part_to_json(part: Part) -> bytes:
    at = None if part.at is None else iso_micros(part.at)
    return orjson.dumps({"at": at, "standings": [one.to_dict() for one in part.standings]})


def _read_part(body: bytes) -> Part:
    fields = orjson.loads(body)
    at = None if fields["at"] is None else read_instant(fields["at"])
    return Part(at, [read_standing(one) for one in fields["standings"]])
