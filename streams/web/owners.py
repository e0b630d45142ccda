"""Who owns what: this worker, or another that can be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from aiohttp import web

from schemas.api.operations import JSON
from streams.ownership import Ownership
from streams.peers import PeerError, Peers
from streams.presence import Whereabouts
from streams.queries import NotOwnedError
from streams.status_board import Boards
from streams.web.answers import Unavailable, sent
from streams.web.calls import Call, Handler
from streams.web.large import LargeAnswers


class Owners:
    """Finds the owner of a partition, and passes a call on to it."""

    def __init__(
        self, ownership: Ownership, boards: Boards, peers: Peers, whereabouts: Whereabouts
    ) -> None:
        self._ownership = ownership
        self._boards = boards
        self.peers = peers
        self._whereabouts = whereabouts
        self._forwarded = LargeAnswers()  # apart: two workers that ask each other never lock up

    def urls(self, now: int) -> dict[int, str]:
        """Where the owners of partitions that other workers own are."""
        own = self._whereabouts.worker_id
        return {
            number: presence.url
            for number, presence in self._boards.presences.owners(now).items()
            if presence.worker_id != own and number not in self._ownership.partitions
        }

    def shares(self, numbers: Iterable[int], now: int) -> tuple[list[int], dict[str, list[int]]]:
        """Our own of these partitions, and those of others by their address."""
        urls = self.urls(now)
        own: list[int] = []
        others: dict[str, list[int]] = defaultdict(list)
        for number in numbers:
            if number in self._ownership.partitions:
                own.append(number)
            elif number in urls:
                others[urls[number]].append(number)
        return own, dict(others)

    def owned(self, handler: Handler, now: Callable[[], int]) -> Handler:
        """The handler, or the owner's answer where this worker is not it."""

        async def handle(call: Call) -> web.StreamResponse:
            try:
                return await handler(call)
            except NotOwnedError as error:
                async with self._forwarded.place():
                    answer = await self.forward(call, error.partition, now())
                    return await self._forwarded.see_off(call.request, answer)

        return handle

    async def forward(self, call: Call, partition: int, now: int) -> web.Response:
        """The answer of the partition's owner. Raises Unavailable."""
        url = self.urls(now).get(partition)
        if call.hop or url is None:
            raise Unavailable(
                f"the owner of partition {partition} cannot be asked just now: partitions are "
                "being handed over; try again in a few seconds"
            )
        try:
            answer = await self.peers.ask(url, call.target)
        except PeerError as error:
            raise Unavailable(
                f"the owner of partition {partition} gives no answer: {error}; try again"
            ) from None
        if answer.status in (401, 403):
            raise Unavailable(
                f"the owner of partition {partition} at {url} takes this worker for a stranger: "
                "give all workers the same people file (http.people)"
            )
        if answer.status != 200:
            return web.Response(
                body=answer.body,
                status=answer.status,
                content_type=JSON,
                charset="utf-8",
                headers={"Retry-After": "2"} if answer.status == 503 else None,
            )
        return await sent(call.request, answer.body, answer.tag, JSON)
