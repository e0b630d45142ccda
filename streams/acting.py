"""The page behind a message's link, where the head of a unit says: I have seen it.

Mail scanners follow links, so a GET changes nothing: it shows a page with a button, and the POST
behind the button writes the action. Who may is said by the token: signed, for one incident and one
recipient, and it expires. The recipient still has to answer for the unit, by the recipients file.
Single use comes from the incident: acknowledged once, it is acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import orjson
from aiohttp import web
from aiokafka.errors import KafkaError

from alerts.recipients import Recipients
from schemas.action import Action
from schemas.instants import Millis
from streams.acting_page import (
    CONTENT_SECURITY_POLICY,
    LONGEST_NAME,
    LONGEST_REASON,
    AckPage,
    Said,
    language_of,
)
from streams.folding import wall
from streams.incident_now import IncidentNow, incident_now, unit_of_incident
from streams.settings import Unit
from streams.status_board import Boards

log = logging.getLogger(__name__)

PATH = "/ack"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "X-Robots-Tag": "noindex",
}
EXPIRED = "expired"  # the one problem of a token that is no forgery


class Claim(Protocol):
    """What a good token says."""

    @property
    def incident_id(self) -> str:
        """The incident to be acknowledged."""

    @property
    def recipient_id(self) -> str:
        """To whom the link was sent: an id of the recipients file."""

    @property
    def opened_at(self) -> Millis | None:
        """When the incident had opened; None: the token does not say."""


# A token and the wall clock in; a claim, or the name of what is wrong: `expired`, `forged`, ...
TokenReader = Callable[[str, Millis], Claim | str]


class Log(Protocol):
    """Where actions are written: `streams.action_log.ActionLog`, or a test's list."""

    async def write(self, key: str, action: Action) -> None:
        """Returns when it is written. Raises KafkaError."""

    async def stop(self) -> None:
        """Close."""


class Acting:
    """GET and POST of `/ack`; added to the web server where links are given out."""

    def __init__(
        self,
        *,
        read_token: TokenReader,
        log: Log,
        boards: Boards,
        directory: Mapping[str, Unit],
        zone: ZoneInfo,
        recipients: Recipients,
        now: Callable[[], Millis] = wall,
    ) -> None:
        self._read_token = read_token
        self._log = log
        self._boards = boards
        self._directory = directory
        self._zone = zone
        self._recipients = recipients
        self._now = now

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The routes; a GET for people and scanners, a POST for the button."""
        router.add_get(PATH, self._show)
        router.add_post(PATH, self._acknowledge)

    async def stop(self) -> None:
        """Close what writes."""
        await self._log.stop()

    async def _show(self, request: web.Request) -> web.Response:
        page = self._page(request.query.get("lang"))
        token = request.query.get("token", "")
        claim, incident = self._claimed(page, token)
        return _answer(page.ask(token, claim.recipient_id, incident))

    async def _acknowledge(self, request: web.Request) -> web.Response:
        form = await _form(request)
        page = self._page(form.get("lang"))
        claim, incident = self._claimed(page, form.get("token", ""))
        name, reason = _one_line(form.get("name", "")), _one_line(form.get("reason", ""))
        if len(name) > LONGEST_NAME or len(reason) > LONGEST_REASON:
            raise _Ended(page.say(Said.TOO_LONG))
        author = f"{name} ({claim.recipient_id})" if name else claim.recipient_id
        action = Action(
            action_id=str(uuid.uuid4()),
            kind="acknowledge",
            author=author,
            at=self._now(),
            reason=reason,
            incident_id=incident.incident_id,
            recipient_id=claim.recipient_id,
        )
        try:
            # Begun, it is ended, even if who pressed the button goes away meanwhile.
            await asyncio.shield(self._log.write(incident.unit_id, action))
        except KafkaError:
            log.exception("an acknowledgement of %s was not written", incident.incident_id)
            raise _Ended(page.say(Said.NOT_WRITTEN)) from None
        return _answer(page.say(Said.DONE, incident, author=author, at=action.at))

    def _page(self, language: str | None) -> AckPage:
        return AckPage(language_of(language), self._zone, self._directory)

    def _claimed(self, page: AckPage, token: str) -> tuple[Claim, IncidentNow]:
        """The claim and its incident, still to be acknowledged; else raises the answer."""
        claim = self._read_token(token, self._now())
        if isinstance(claim, str):
            raise _Ended(page.say(Said.EXPIRED if claim == EXPIRED else Said.NO_TOKEN))
        if not self._boards.read_to_end:
            raise _Ended(page.say(Said.NOT_READY))
        incident = incident_on(self._boards, claim.incident_id)
        if incident is None:
            raise _Ended(page.say(Said.UNKNOWN))
        if not self._answers_for(claim.recipient_id, incident.unit_id):
            raise _Ended(page.say(Said.NOT_YOURS, recipient=claim.recipient_id))
        if _is_another(incident, claim):
            raise _Ended(page.say(Said.ANOTHER))
        if not incident.is_open:
            raise _Ended(page.say(Said.CLOSED, incident, at=incident.closed_at))
        if incident.acknowledged_by is not None:
            author, at = incident.acknowledged_by, incident.acknowledged_at
            raise _Ended(page.say(Said.ALREADY, incident, author=author, at=at))
        return claim, incident

    def _answers_for(self, recipient_id: str, unit_id: str) -> bool:
        """Whether the recipient of a link is in the recipients file, and the unit among theirs."""
        recipient = self._recipients.by_id(recipient_id)
        return recipient is not None and recipient.answers_for(unit_id, self._recipients.parents)


def _is_another(incident: IncidentNow, claim: Claim) -> bool:
    """Whether the incident opened after the one that the link was made for.

    Incidents are counted anew where the history is judged by another policy from its beginning:
    then the id of an old link may be that of an incident its recipient has never heard of. Where
    the notifier learnt of an incident late, its link states a later opening, never an earlier one.
    """
    if incident.opened_at is None or claim.opened_at is None:
        return False
    return incident.opened_at > claim.opened_at


def incident_on(boards: Boards, incident_id: str) -> IncidentNow | None:
    """How an incident stands by the boards; None where they know nothing of it or its unit.

    The boards keep the newest steps only. Where none of the incident is left, the unit's status
    says whether it is the open one.
    """
    unit_id = unit_of_incident(incident_id)
    if unit_id is None:
        return None
    steps = reversed(boards.newest_steps(len(boards.steps), unit_id))
    known = incident_now(incident_id, map(orjson.loads, steps))
    if known is not None:
        return known
    status = boards.statuses.get(unit_id)
    if status is None:
        return None
    return IncidentNow(
        incident_id, unit_id, is_open=orjson.loads(status).get("incident") == incident_id
    )


class _Ended(web.HTTPException):
    """An answer that ends the request: raised, so that the good way reads straight on."""

    def __init__(self, answer: tuple[int, str]) -> None:
        self.status_code, body = answer
        super().__init__(headers=HEADERS, text=body, content_type="text/html")


def _answer(answer: tuple[int, str]) -> web.Response:
    status, body = answer
    return web.Response(
        status=status, headers=HEADERS, text=body, content_type="text/html", charset="utf-8"
    )


async def _form(request: web.Request) -> dict[str, str]:
    """The fields of a form, urlencoded; what is none is as if it were empty."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    body = await request.read()  # aiohttp refuses more than 1 MB
    try:
        fields = parse_qs(body.decode(), max_num_fields=10, errors="strict")
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _one_line(text: str) -> str:
    """One line of printable signs: it goes into records, tables and messages."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
