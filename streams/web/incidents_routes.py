"""Incidents, their steps, what was told, silences; and what people do about them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from aiohttp import web
from aiokafka.errors import KafkaError

from schemas.action import AND_BELOW, EVERY_UNIT, Action
from schemas.api.parameters import (
    AcknowledgeBody,
    AlertsQuery,
    IncidentsQuery,
    NotificationsQuery,
    ParameterError,
    SilenceBody,
    UnsilenceBody,
)
from schemas.instants import iso_millis
from streams.acting import incident_on
from streams.action_log import key_of_scope
from streams.web.access import Access
from streams.web.answers import Conflict, NotFound, Unavailable, json_answer, tagged
from streams.web.calls import Call, Handler
from streams.web.cursors import read_cursor, write_cursor
from streams.web.incidents import Incidents
from streams.web.province import Province

log = logging.getLogger(__name__)


class Log(Protocol):
    """Where actions are written: `streams.action_log.ActionLog`, or a test's list."""

    async def write(self, key: str, action: Action) -> None:
        """Returns when it is written. Raises KafkaError."""

    async def stop(self) -> None:
        """Close."""


class IncidentsRoutes:
    """Answered from the boards; deeds go into `unit-actions`, where the notifier takes them up."""

    def __init__(self, province: Province, access: Access, actions: Log) -> None:
        self._province = province
        self._boards = province.boards
        self._access = access
        self._actions = actions
        self._incidents = Incidents(province.boards, province.parents)

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        return {
            "incidents": self._show_incidents,
            "incident": self._show_incident,
            "alerts": self._show_alerts,
            "notifications": self._show_notifications,
            "silences": self._show_silences,
            "acknowledge": self._acknowledge,
            "silence": self._silence,
            "unsilence": self._unsilence,
        }

    # -- what there is -----------------------------------------------------------------------------

    async def _show_incidents(self, call: Call) -> web.StreamResponse:
        query: IncidentsQuery = call.query
        found = self._incidents.newest(query.unit)
        if query.state != "all":
            wanted = query.state == "open"
            found = [one for one in found if one.is_open is wanted]
        if query.after is not None:
            last = tuple(read_cursor(query.after, str, str))
            found = [one for one in found if one.order < last]
        page = found[: query.limit]
        more = write_cursor(*page[-1].order) if len(found) > len(page) else None
        shown = self._incidents.shown(page, self._province.now())
        return await tagged(call.request, {"incidents": shown, "next": more})

    async def _show_incident(self, call: Call) -> web.StreamResponse:
        incident_id = call.request.match_info["incident_id"]
        found = self._incidents.find(incident_id, self._province.now())
        if found is None:
            raise NotFound(f"no incident {incident_id} among the newest that are kept here")
        return await tagged(call.request, found)

    async def _show_alerts(self, call: Call) -> web.StreamResponse:
        query: AlertsQuery = call.query
        after = None if query.after is None else tuple(read_cursor(query.after, int, int, int))
        found = [
            (place, value)
            for place, value in self._boards.step_board.newest(query.unit)
            if after is None or place < after
        ]
        page = found[: query.limit]
        content = {
            "alerts": [orjson.Fragment(value) for _, value in page],
            "next": write_cursor(*page[-1][0]) if len(found) > len(page) else None,
        }
        return await tagged(call.request, content)

    async def _show_notifications(self, call: Call) -> web.StreamResponse:
        query: NotificationsQuery = call.query
        found: list[Mapping[str, Any]] = []
        for _, record in self._boards.notifications.newest(query.unit, query.incident):
            found.append(record)
            if len(found) == query.limit:
                break
        return await tagged(call.request, {"notifications": found})

    async def _show_silences(self, call: Call) -> web.StreamResponse:
        silences = [
            {
                "silence_id": one.action_id,
                "scope": one.scope,
                "author": one.author,
                "reason": one.reason,
                "at": iso_millis(one.at),
                "until": iso_millis(one.until or 0),
            }
            for one in self._boards.silences.in_force(self._province.now())
        ]
        return await tagged(call.request, {"silences": silences})

    # -- what people do ----------------------------------------------------------------------------

    async def _acknowledge(self, call: Call) -> web.StreamResponse:
        body: AcknowledgeBody = call.body
        incident_id = call.request.match_info["incident_id"]
        self._check_read()
        incident = incident_on(self._boards, incident_id)
        if incident is None:
            raise NotFound(f"no incident {incident_id}: see /api/incidents")
        if not incident.is_open:
            raise Conflict(f"incident {incident_id} is closed: nothing is left to acknowledge")
        if incident.acknowledged_by is not None:
            raise Conflict(
                f"incident {incident_id}: {incident.acknowledged_by} has acknowledged it"
            )
        action = self._action(call, "acknowledge", reason=body.reason, incident_id=incident_id)
        await self._write(incident.unit_id, action)
        return json_answer({"action_id": action.action_id}, 201)

    async def _silence(self, call: Call) -> web.StreamResponse:
        body: SilenceBody = call.body
        until = body.until // 1_000
        if until <= self._province.now():
            raise ParameterError(f"until: {iso_millis(until)} is past; give an instant to come")
        self._check_scope(body.scope)
        action = self._action(call, "silence", reason=body.reason, scope=body.scope, until=until)
        await self._write(key_of_scope(body.scope), action)
        return json_answer({"silence_id": action.action_id}, 201)

    async def _unsilence(self, call: Call) -> web.StreamResponse:
        body: UnsilenceBody = call.body
        silence_id = call.request.match_info["silence_id"]
        self._check_read()
        silence = self._boards.silences.find(silence_id, self._province.now())
        if silence is None:
            raise NotFound(f"no silence {silence_id} is in force: see /api/silences")
        action = self._action(
            call, "unsilence", reason=body.reason, scope=silence.scope, silence_id=silence_id
        )
        await self._write(key_of_scope(silence.scope or EVERY_UNIT), action)
        return json_answer({"action_id": action.action_id})

    def _check_scope(self, scope: str) -> None:
        """A slip of the pen would silence nobody, and nobody would notice."""
        unit_id = scope.removesuffix(AND_BELOW)
        if scope != EVERY_UNIT and self._province.unit(unit_id) is None:
            raise NotFound(f"scope: no unit {unit_id}: neither in the directory nor in the feed")

    def _check_read(self) -> None:
        if not self._boards.read_to_end:
            raise Unavailable("what there is is still being read; try again in a few seconds")

    def _action(self, call: Call, kind: Any, **more: Any) -> Action:  # noqa: ANN401
        author = self._access.check_acting(call.asker)
        return Action(str(uuid.uuid4()), kind, author, self._province.now(), **more)

    async def _write(self, key: str, action: Action) -> None:
        """Write it, even if who asked for it goes away meanwhile. Raises Unavailable."""
        await asyncio.shield(self._written(key, action))

    async def _written(self, key: str, action: Action) -> None:
        try:
            await self._actions.write(key, action)
        except KafkaError:
            log.exception("an action was not written: %s of %s", action.kind, key)
            raise Unavailable(
                "it could not be written: Kafka gives no answer; try again in a few seconds"
            ) from None
