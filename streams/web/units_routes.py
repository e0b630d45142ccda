"""Units with their statuses, the directory, the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from indicators.definitions import DEFINITIONS
from schemas.api.operations import GEOJSON
from schemas.api.parameters import PageQuery, ParameterError
from schemas.instants import iso_millis
from streams.settings import Unit
from streams.web.access import Access
from streams.web.answers import NotFound, sent, tag_of, tagged
from streams.web.calls import Call, Handler
from streams.web.cursors import read_cursor, write_cursor
from streams.web.province import Province


class UnitsRoutes:
    """What there is to say of units without asking their owners."""

    def __init__(self, province: Province, access: Access) -> None:
        self._province = province
        self._boards = province.boards
        self._access = access
        self._map = province.content.map
        self._map_tag = None if self._map is None else tag_of(self._map.geojson)

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        return {
            "units": self._show_units,
            "unit": self._show_unit,
            "directory": self._show_directory,
            "map": self._show_map,
        }

    async def _show_units(self, call: Call) -> web.StreamResponse:
        query: PageQuery = call.query
        units = self._province.units()
        first = 0 if query.after is None else _place_after(units, query.after)
        page = units[first : first + query.limit]
        more = first + query.limit < len(units)
        rules, clock = self._province.rules, self._boards.clock
        policy = rules.policy
        content = {
            "primary": {"definition": policy.definition, "window": policy.window.text},
            "timezone": rules.zone.key,
            "policy": _thresholds(self._province),
            "units": [self._unit(unit) for unit in page],
            "data_to": None if clock is None else iso_millis(clock),
            "next": write_cursor(page[-1].unit_id) if more else None,
        }
        untagged = {"generated_at": iso_millis(self._province.now())}
        return await tagged(call.request, content, untagged)

    async def _show_unit(self, call: Call) -> web.StreamResponse:
        unit_id = call.request.match_info["unit_id"]
        unit = self._province.unit(unit_id)
        if unit is None:
            raise NotFound(f"no unit {unit_id}: neither in the directory nor in the feed")
        outlook = self._boards.units.outlooks.get(unit_id)
        content = {
            **self._unit(unit),
            "outlook": None if outlook is None else orjson.Fragment(outlook),
        }
        return await tagged(call.request, content)

    def _unit(self, unit: Unit) -> dict[str, object]:
        status = self._boards.statuses.get(unit.unit_id)
        since = self._province.stale_since(unit.unit_id)
        return {
            "unit_id": unit.unit_id,
            "name": unit.name,
            "name_ascii": unit.name_ascii,
            "kind": unit.kind,
            "parent_id": unit.parent_id,
            "stale_since": None if since is None else iso_millis(since),
            "status": None if status is None else orjson.Fragment(status),
        }

    async def _show_directory(self, call: Call) -> web.StreamResponse:
        rules, top = self._province.rules, self._province.province
        shapes = frozenset[str]() if self._map is None else self._map.shapes
        policy = rules.policy
        content = {
            "province": None if top is None else {"unit_id": top.unit_id, "name": top.name},
            "timezone": rules.zone.key,
            "policy": {
                "definition": policy.definition,
                "window": policy.window.text,
                **_thresholds(self._province),
            },
            "definitions": list(DEFINITIONS),
            "windows": [window.text for window in rules.windows],
            "has_map": self._map is not None,
            "units": [
                {
                    "unit_id": unit.unit_id,
                    "name": unit.name,
                    "name_ascii": unit.name_ascii,
                    "kind": unit.kind,
                    "parent_id": unit.parent_id,
                    "shape": unit.unit_id in shapes,
                }
                for unit in self._province.units()
            ],
            "access": {
                "reading": self._access.reading,
                "may_act": self._access.may_act(call.asker),
                "who": call.asker.name,
            },
        }
        return await tagged(call.request, content)

    async def _show_map(self, call: Call) -> web.StreamResponse:
        if self._map is None:
            raise NotFound("no map is configured; name a GeoJSON file by the setting map")
        return await sent(call.request, self._map.geojson, self._map_tag, GEOJSON)


def _thresholds(province: Province) -> dict[str, Any]:
    policy = province.rules.policy
    return {
        "green": float(policy.green),
        "yellow": float(policy.yellow),
        "min_sample": policy.min_sample,
    }


def _place_after(units: list[Unit], after: str) -> int:
    [unit_id] = read_cursor(after, str)
    for place, unit in enumerate(units):
        if unit.unit_id == unit_id:
            return place + 1
    raise ParameterError("after: the page before ended with a unit that is gone; begin anew")
