"""Signing in with a token, and out; and what the API is."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from aiohttp import web

from schemas.api.parameters import SessionBody
from streams.web.access import COOKIE, COOKIE_AGE_S, Access, Refused, cookie_of
from streams.web.calls import Call, Handler

log = logging.getLogger(__name__)


class SessionRoutes:
    """A session is a cookie that holds the token, out of the reach of scripts: any worker can read
    it, and none has to remember it."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""
        return {"sign_in": self._sign_in, "sign_out": self._sign_out}

    async def _sign_in(self, call: Call) -> web.StreamResponse:
        body: SessionBody = call.body
        person = self._access.person_of(body.token)
        if person is None:
            log.warning("somebody at %s tried to sign in with a wrong token", call.request.remote)
            raise Refused(401, "token: this one is nobody's; ask operations for one")
        answer = web.Response(status=204)
        answer.set_cookie(
            COOKIE,
            cookie_of(body.token),
            max_age=COOKIE_AGE_S,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._is_secure(call.request),
        )
        return answer

    async def _sign_out(self, call: Call) -> web.StreamResponse:
        answer = web.Response(status=204)
        answer.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return answer

    def _is_secure(self, request: web.Request) -> bool:
        """Whether the browser speaks TLS, to us or to a proxy that is believed."""
        forwarded = request.headers.get("X-Forwarded-Proto", "") == "https"
        return request.secure or (forwarded and self._access.is_proxy(request.remote))
