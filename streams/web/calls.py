"""From an operation to an answer: who asks, what is asked, and what goes wrong."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from schemas.api.operations import Operation
from schemas.api.parameters import Body, ParameterError, Query, read_body, read_query
from streams.peers import HOP, SIGNATURE, SIGNED_AT
from streams.queries import TooManyError, UnknownError
from streams.web.access import NOBODY, Access, Asker, Refused
from streams.web.answers import HEADERS, error_answer, of_exception

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024  # bytes


class Call(NamedTuple):
    """One request to an operation, with all that could be wrong with it out of the way."""

    request: web.Request
    query: Any  # of the operation's model
    body: Any  # of the operation's model; None where it has none
    asker: Asker
    hop: bool  # asked by another worker: the answer comes from here, or not at all

    @property
    def target(self) -> str:
        """Path and query, as another worker is asked."""
        return self.request.rel_url.raw_path_qs


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


def bound(operation: Operation, handler: Handler, access: Access) -> Any:  # noqa: ANN401 - aiohttp's
    """The operation as a handler of aiohttp."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            asker, hop = _admitted(operation, access, request)
            query = _query(operation.query, request)
            body = None if operation.body is None else await _body(operation.body, request)
            return await handler(Call(request, query, body, asker, hop))
        except ParameterError as error:
            return error_answer(400, str(error))
        except UnknownError as error:
            return error_answer(404, str(error))
        except TooManyError as error:
            return error_answer(503, f"{error}; try again")
        except Exception as error:
            answer = of_exception(error)
            if answer is None:
                raise
            return answer

    return handle


def _admitted(operation: Operation, access: Access, request: web.Request) -> tuple[Asker, bool]:
    """Who asks, and whether a worker asks. Raises Refused."""
    hop = HOP in request.headers
    if operation.method != "GET":
        access.check_origin(request.headers, request.host, request.remote)
    if hop and operation.method == "GET" and _is_peer(access, request):
        return NOBODY, True
    if operation.access == "peer":
        raise Refused(403, "this is asked by workers only, which sign it by the people file")
    if operation.access == "everybody":
        return NOBODY, hop
    asker = access.asker(request.headers, request.cookies, request.remote)
    access.check_reading(asker)
    if operation.access == "acting":
        access.check_acting(asker)
    return asker, hop


def _is_peer(access: Access, request: web.Request) -> bool:
    headers = request.headers
    return access.is_peer(
        headers.get(SIGNATURE, ""),
        request.rel_url.raw_path_qs,
        headers.get(SIGNED_AT, ""),
        int(time.time()),
    )


def _query(model: type[Query], request: web.Request) -> Query:
    return read_query(model, request.query.items())


async def _body(model: type[Body], request: web.Request) -> Body:
    """The body; where none is sent it is as if an empty object were."""
    if not request.body_exists:
        return read_body(model, {})
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(
            text="Content-Type: send the body as application/json, as a page's own script does"
        )
    try:
        return read_body(model, orjson.loads(await request.read()))
    except orjson.JSONDecodeError as error:
        raise ParameterError(f"the body is no JSON: {error}") from None


@web.middleware
async def errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Whatever goes wrong under /api is one line of JSON, with the same headers as ever."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if not request.path.startswith(("/api", "/peer")) or error.status < 400:
            raise
        answer = error_answer(error.status, _words_of(error, request))
        for name in ("Allow",):
            if name in error.headers:
                answer.headers[name] = error.headers[name]
        return answer
    except (ConnectionResetError, Refused):
        raise
    except Exception:
        log.exception("%s %r failed", request.method, request.path)
        if request.path.startswith("/ack") or request.writer.output_size > 0:
            raise  # where an answer has begun no other one can follow
        return error_answer(500, "an error in the program; the worker's log has it")


def _words_of(error: web.HTTPException, request: web.Request) -> str:
    said: Mapping[int, str] = {
        404: f"no such address: {request.path[:200]}; /api/openapi.json has all of them",
        405: f"{request.method} is not for {request.path[:200]}; see Allow",
        413: f"the body is larger than {LARGEST_BODY} bytes; send less",
    }
    return said.get(error.status) or (error.text or error.reason)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The headers of every answer; /ack has stricter ones of its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
