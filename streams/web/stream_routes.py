"""Server-sent events: what happens, as it happens."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Mapping

import orjson
from aiohttp import web

from schemas.api.operations import EVENTS
from schemas.api.parameters import StreamQuery
from schemas.instants import iso_millis
from streams.presence import Whereabouts
from streams.web.access import Access
from streams.web.answers import Unavailable
from streams.web.calls import Call, Handler
from streams.web.hub import Event, FellBehindError, Hub, wanted
from streams.web.monitor import MonitorState
from streams.web.province import Province

log = logging.getLogger(__name__)

MOST_STREAMS = 100
MOST_OF_ONE = 20  # of one address, unless it is a proxy's or this machine's
KEEP_ALIVE_S = 10.0
MONITOR_S = 5.0
WRITE_S = 20.0  # a reader that takes nothing for so long is gone
RETRY_MS = 2_000
TOGETHER = 200  # events in one writing


class StreamRoutes:
    """The streams of one worker."""

    def __init__(
        self,
        province: Province,
        hub: Hub,
        state: MonitorState,
        whereabouts: Whereabouts,
        access: Access,
    ) -> None:
        self._province = province
        self._hub = hub
        self._state = state
        self._whereabouts = whereabouts
        self._access = access
        self._open = Counter[str]()  # by address
        self._watching: asyncio.Task[None] | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        return {"stream": self._stream}

    async def stop(self, application: web.Application) -> None:
        """End all streams: the server waits for them."""
        self._hub.close()
        if self._watching is not None:
            self._watching.cancel()

    async def _stream(self, call: Call) -> web.StreamResponse:
        if self._hub.closed:
            raise Unavailable("this worker is stopping; come again in a few seconds")
        address = call.request.remote or ""
        if self._open.total() >= MOST_STREAMS:
            raise Unavailable(f"{MOST_STREAMS} streams are open on this worker already")
        if self._open[address] >= MOST_OF_ONE and not self._access.is_shared(address):
            raise Unavailable(f"{MOST_OF_ONE} streams are open from {address} already; close some")
        query: StreamQuery = call.query
        units = None if query.units is None else frozenset(query.units.split(","))
        response = web.StreamResponse(
            headers={
                "Content-Type": f"{EVENTS}; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # some proxies gather answers before they pass them on
            }
        )
        self._open[address] += 1
        try:
            if self._watching is None:
                self._watching = asyncio.create_task(self._watch())
            await response.prepare(call.request)
            await self._tell(response, call.request.headers.get("Last-Event-ID"), units)
        except (ConnectionError, TimeoutError, FellBehindError):
            # The reader is gone, or too slow: if it is there it comes again. Ending in good order
            # would wait for it to take what it does not take.
            if call.request.transport is not None:
                call.request.transport.abort()
        finally:
            self._open -= Counter((address,))  # those of none are let go of
        return response

    async def _tell(
        self, response: web.StreamResponse, last_id: str | None, units: Collection[str] | None
    ) -> None:
        hub = self._hub
        place = None if last_id is None else hub.place_of(last_id)
        begin = [f"retry: {RETRY_MS}\n\n".encode()]
        if last_id is not None and place is None:
            begin.append(_event(hub.id_of(hub.last), "reset", b"{}"))
        place = hub.last if place is None else place
        hello = {"worker_id": self._whereabouts.worker_id, "now": iso_millis(self._province.now())}
        begin.append(_event(hub.id_of(place), "hello", orjson.dumps(hello)))
        await _write(response, b"".join(begin))
        while not hub.closed:
            events = await hub.after(place, KEEP_ALIVE_S)
            if not events:
                await _write(response, b": keep-alive\n\n")
            for first in range(0, len(events), TOGETHER):
                some = events[first : first + TOGETHER]
                await _write(response, self._text(some, units))
                place = some[-1].number

    def _text(self, events: list[Event], units: Collection[str] | None) -> bytes:
        return b"".join(
            _event(self._hub.id_of(event.number), event.kind, event.data)
            for event in events
            if wanted(event, units)
        )

    async def _watch(self) -> None:
        """While anybody listens, tell how the monitor is, where that has changed."""
        said: object = None
        try:
            while self._open.total():
                content = self._state.now()
                changed = {name: value for name, value in content.items() if name != "now"}
                if changed != said:
                    said = changed
                    self._hub.monitor(content)
                await asyncio.sleep(MONITOR_S)
        except Exception:  # the streams go on without; the next one begins to watch again
            log.exception("the state of the monitor cannot be told")
        finally:
            self._watching = None


def _event(event_id: str, kind: str, data: bytes) -> bytes:
    """One event as text. `data` is JSON: no line of it ends within."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event_id.encode(), kind.encode(), data)


async def _write(response: web.StreamResponse, text: bytes) -> None:
    if text:
        await asyncio.wait_for(response.write(text), WRITE_S)
