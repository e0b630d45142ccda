"""Attempts, retries and circuits together, with the clock as an argument; webhooks are real."""

from __future__ import annotations

import asyncio
import logging
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import pytest
from aiohttp import web

from alerts.delivery.circuit import FAILURES, PAUSE
from alerts.delivery.dispatch import Dispatcher, Result, endpoint_of
from alerts.delivery.message import DeliveryError, Message
from alerts.delivery.retrying import GIVE_UP_AFTER, LONGEST_PAUSE
from alerts.delivery.webhook import WebhookSender
from alerts.recipients import Channel
from schemas.notification import Why
from tests.alerts.delivery.endpoint import AT, MESSAGE, never, serving, status, webhook
from vungxanh.local_kafka import free_port

HOUR = 3_600_000
HOOK = webhook("https://hooks.example.vn/in")


class Try(NamedTuple):
    at: int
    key: str
    result: Result


class Scripted:
    """A sender that fails as it is told: what is left of the script is its answers, then yes."""

    def __init__(self, *script: Exception | None) -> None:
        self._script = list(script)
        self.sent: list[str] = []

    async def send(self, channel: Channel, message: Message) -> None:
        answer = self._script.pop(0) if self._script else None
        if answer is not None:
            raise answer
        self.sent.append(message.key)


class Dead:
    """A sender that never gets through, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.asked = 0

    async def send(self, channel: Channel, message: Message) -> None:
        self.asked += 1
        raise DeliveryError("no answer")


class Silent:
    """A sender that never comes back."""

    async def send(self, channel: Channel, message: Message) -> None:
        await asyncio.Event().wait()


async def play(
    dispatcher: Dispatcher, channel: Channel, messages: list[Message], start: int = AT
) -> list[Try]:
    """Deliver as the worker does: at each message's instant, until all are sent or given up."""
    tries: list[Try] = []
    waiting = [(start, number, 0) for number in range(len(messages))]
    heapify(waiting)
    while waiting:
        at, number, attempts = heappop(waiting)
        message = messages[number]
        result = await dispatcher.deliver(channel, message, at, attempts=attempts, since=start)
        tries.append(Try(at, message.key, result))
        if result.outcome == "retrying":
            assert result.next_try is not None
            assert result.next_try > at
            heappush(waiting, (result.next_try, number, result.attempts))
    return tries


def many(count: int) -> list[Message]:
    return [MESSAGE._replace(key=f"key-{number}") for number in range(count)]


def outcomes(tries: list[Try]) -> list[tuple[str, Why, int]]:
    return [(one.result.outcome, one.result.why, one.result.attempts) for one in tries]


def test_a_webhook_that_fails_twice_then_answers() -> None:
    async def run() -> None:
        async with serving(
            lambda number: web.Response(status=503 if number <= 2 else 200)
        ) as endpoint:
            dispatcher = Dispatcher({"webhook": WebhookSender()})
            tries = await play(dispatcher, webhook(endpoint.url), [MESSAGE])
        assert outcomes(tries) == [
            ("retrying", Why.CHANNEL_FAILED, 1),
            ("retrying", Why.CHANNEL_FAILED, 2),
            ("sent", Why.DELIVERED, 3),
        ]
        assert tries[0].result.detail == "answered 503 Service Unavailable"
        assert 10_000 <= tries[1].at - tries[0].at <= 15_000
        assert 20_000 <= tries[2].at - tries[1].at <= 30_000
        assert len({one.headers["Idempotency-Key"] for one in endpoint.received}) == 1
        assert len({one.body for one in endpoint.received}) == 1

    asyncio.run(run())


def test_a_webhook_that_answers_500_for_an_hour_then_gets_all() -> None:
    clock = AT
    seen: list[int] = []

    class Watched(WebhookSender):
        async def send(self, channel: Channel, message: Message) -> None:
            seen.append(clock)
            await super().send(channel, message)

    async def run() -> list[Try]:
        nonlocal clock
        dispatcher = Dispatcher({"webhook": Watched()})
        async with serving(
            lambda _: web.Response(status=500 if clock < AT + HOUR else 200)
        ) as endpoint:
            tries: list[Try] = []
            waiting = [(AT, number, 0) for number in range(20)]
            while waiting:
                clock, number, attempts = heappop(waiting)
                message = many(20)[number]
                result = await dispatcher.deliver(
                    webhook(endpoint.url), message, clock, attempts=attempts, since=AT
                )
                tries.append(Try(clock, message.key, result))
                if result.next_try is not None:
                    heappush(waiting, (result.next_try, number, result.attempts))
        return tries

    tries = asyncio.run(run())
    sent = [one for one in tries if one.result.outcome == "sent"]
    assert len(sent) == 20
    assert min(one.at for one in sent) >= AT + HOUR
    assert max(one.at for one in sent) <= AT + HOUR + LONGEST_PAUSE + PAUSE
    # Twenty messages: five attempts open the circuit, then at most one a minute for the hour.
    during = [at for at in seen if at < AT + HOUR]
    assert len(during) <= FAILURES + HOUR // PAUSE
    kept = [one.result for one in tries if one.result.why == Why.CIRCUIT_OPEN]
    assert kept
    assert kept[0].detail == "left alone after 5 failures in a row"
    assert {one.result.outcome for one in tries} == {"sent", "retrying"}


def test_the_same_history_gives_the_same_instants() -> None:
    async def run() -> list[Try]:
        return await play(Dispatcher({"webhook": Dead()}), HOOK, many(3))

    assert asyncio.run(run()) == asyncio.run(run())


def test_a_dead_endpoint_is_given_up_after_a_day() -> None:
    tries = asyncio.run(play(Dispatcher({"webhook": Dead()}), HOOK, many(3)))
    last = {one.key: one for one in tries}
    for one in last.values():
        assert one.result.outcome == "failed"
        assert one.result.why == Why.GAVE_UP
        assert one.result.next_try is None
        assert AT + GIVE_UP_AFTER - LONGEST_PAUSE - 2 * PAUSE <= one.at <= AT + GIVE_UP_AFTER


def test_a_message_that_only_waited_at_an_open_circuit_is_given_up_as_well() -> None:
    async def run() -> Result:
        dispatcher = Dispatcher({"webhook": Dead()})
        for message in many(FAILURES):
            await dispatcher.deliver(HOOK, message, AT)
        return await dispatcher.deliver(HOOK, MESSAGE, AT + 1, since=AT - GIVE_UP_AFTER)

    assert asyncio.run(run())[:2] == ("failed", Why.GAVE_UP)


def test_an_open_circuit_makes_no_attempt() -> None:
    async def run() -> None:
        dead = Dead()
        dispatcher = Dispatcher({"webhook": dead})
        for message in many(FAILURES):
            await dispatcher.deliver(HOOK, message, AT)
        assert dead.asked == FAILURES
        assert dispatcher.broken() == {"webhook"}
        result = await dispatcher.deliver(HOOK, MESSAGE, AT + 1, attempts=2)
        assert dead.asked == FAILURES
        assert (result.outcome, result.why, result.attempts) == ("retrying", Why.CIRCUIT_OPEN, 2)
        assert result.next_try is not None
        assert AT + PAUSE <= result.next_try < AT + PAUSE + 10_000

    asyncio.run(run())


def test_when_the_pause_ends_one_attempt_decides_for_all() -> None:
    async def run() -> None:
        failures = [DeliveryError("no answer")] * FAILURES
        sender = Scripted(*failures)
        dispatcher = Dispatcher({"webhook": sender})
        for message in many(FAILURES):
            await dispatcher.deliver(HOOK, message, AT)
        after = await dispatcher.deliver(HOOK, MESSAGE, AT + PAUSE)
        assert after.outcome == "sent"
        assert dispatcher.broken() == frozenset()
        again = await dispatcher.deliver(HOOK, MESSAGE._replace(key="next"), AT + PAUSE)
        assert again.outcome == "sent"

    asyncio.run(run())


def test_side_by_side_only_one_goes_through_a_half_open_circuit() -> None:
    async def run() -> None:
        dead = Dead()
        dispatcher = Dispatcher({"webhook": dead})
        for message in many(FAILURES):
            await dispatcher.deliver(HOOK, message, AT)
        results = await asyncio.gather(
            *(dispatcher.deliver(HOOK, message, AT + PAUSE) for message in many(10))
        )
        assert dead.asked == FAILURES + 1
        assert [one.why for one in results].count(Why.CIRCUIT_OPEN) == 9

    asyncio.run(run())


def test_failures_side_by_side_are_counted_together() -> None:
    async def run() -> None:
        gate = asyncio.Event()

        class Slow(Dead):
            async def send(self, channel: Channel, message: Message) -> None:
                await gate.wait()
                await super().send(channel, message)

        dispatcher = Dispatcher({"webhook": Slow()})
        tasks = [
            asyncio.create_task(dispatcher.deliver(HOOK, message, AT)) for message in many(FAILURES)
        ]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)
        assert dispatcher.broken() == {"webhook"}

    asyncio.run(run())


def test_an_endpoint_is_left_alone_by_itself_and_not_with_its_neighbours() -> None:
    async def run() -> None:
        dead = Dead()
        dispatcher = Dispatcher({"webhook": dead, "email": Scripted()})
        for message in many(FAILURES):
            await dispatcher.deliver(HOOK, message, AT)
        other = await dispatcher.deliver(webhook("https://other.example.vn/in"), MESSAGE, AT)
        assert other.why == Why.CHANNEL_FAILED
        assert dead.asked == FAILURES + 1
        mail = await dispatcher.deliver(Channel("email", "a@b.vn"), MESSAGE, AT)
        assert mail.outcome == "sent"

    asyncio.run(run())


def test_what_is_refused_for_good_is_not_tried_again_and_opens_no_circuit() -> None:
    async def run() -> None:
        async with serving(status(404)) as endpoint:
            dispatcher = Dispatcher({"webhook": WebhookSender()})
            for message in many(2 * FAILURES):
                result = await dispatcher.deliver(webhook(endpoint.url), message, AT)
                assert result == Result(
                    "failed", Why.CHANNEL_FAILED, "answered 404 Not Found", None, 1
                )
        assert len(endpoint.received) == 2 * FAILURES
        assert dispatcher.broken() == frozenset()

    asyncio.run(run())


def test_a_refusal_of_one_mail_for_now_opens_no_circuit() -> None:
    async def run() -> None:
        greylisted = [DeliveryError("451", endpoint_well=True)] * (2 * FAILURES)
        dispatcher = Dispatcher({"email": Scripted(*greylisted)})
        for message in many(2 * FAILURES):
            result = await dispatcher.deliver(Channel("email", "a@b.vn"), message, AT)
            assert (result.outcome, result.why) == ("retrying", Why.CHANNEL_FAILED)

    asyncio.run(run())


def test_retry_after_is_honoured() -> None:
    async def run() -> None:
        async with serving(status(429, **{"Retry-After": "600"})) as endpoint:
            dispatcher = Dispatcher({"webhook": WebhookSender()})
            result = await dispatcher.deliver(webhook(endpoint.url), MESSAGE, AT)
        assert result.next_try == AT + 600_000

    asyncio.run(run())


def test_an_attempt_has_an_end(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> Result:
        return await Dispatcher({"webhook": Silent()}, attempt_s=0.05).deliver(HOOK, MESSAGE, AT)

    result = asyncio.run(run())
    assert (result.outcome, result.detail) == ("retrying", "no answer within 0.05 s")


def test_a_webhook_that_never_answers_ends_by_the_senders_own_time_out() -> None:
    async def run() -> Result:
        async with serving(lambda _: never()) as endpoint:
            dispatcher = Dispatcher({"webhook": WebhookSender(timeout_s=0.2)}, attempt_s=5)
            return await dispatcher.deliver(webhook(endpoint.url), MESSAGE, AT)

    assert asyncio.run(run()).detail == "no answer within 0.2 s"


def test_a_kind_without_a_way_out_says_so() -> None:
    result = asyncio.run(Dispatcher({}).deliver(Channel("email", "a@b.vn"), MESSAGE, AT))
    assert result[:3] == ("failed", Why.CHANNEL_FAILED, "no way out is set up for email")


def test_an_error_in_a_sender_is_logged_without_its_words_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    dispatcher = Dispatcher({"webhook": Scripted(KeyError("s3cr3t"))})
    with caplog.at_level(logging.DEBUG):
        result = asyncio.run(dispatcher.deliver(HOOK, MESSAGE, AT))
    assert (result.outcome, result.detail) == ("retrying", "an error in the program (KeyError)")
    assert "test_dispatch.py" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_cancelling_a_delivery_is_not_a_failure_of_the_endpoint() -> None:
    async def run() -> None:
        dispatcher = Dispatcher({"webhook": Silent()})
        for message in many(2 * FAILURES):
            task = asyncio.create_task(dispatcher.deliver(HOOK, message, AT))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert dispatcher.broken() == frozenset()

    asyncio.run(run())


def test_a_server_that_is_gone_opens_the_circuit() -> None:
    async def run() -> None:
        dispatcher = Dispatcher({"webhook": WebhookSender()})
        gone = webhook(f"http://127.0.0.1:{free_port()}/")
        whys = [(await dispatcher.deliver(gone, message, AT)).why for message in many(7)]
        assert whys == [Why.CHANNEL_FAILED] * 5 + [Why.CIRCUIT_OPEN] * 2

    asyncio.run(run())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (webhook("https://a.vn/x"), webhook("https://user:pw@A.vn/y?z#secret=s"), True),
        (webhook("https://a.vn/x"), webhook("https://a.vn:8443/x"), False),
        (webhook("https://a.vn/x"), webhook("https://b.vn/x"), False),
        (Channel("email", "a@x.vn"), Channel("email", "b@y.vn"), True),
        (Channel("apprise", "tgram://bot1/c"), Channel("apprise", "tgram://bot2/c"), False),
        (Channel("apprise", "json://h/1"), Channel("apprise", "json://h/2"), True),
        (Channel("apprise", "json://h/1"), webhook("http://h/1"), False),
        (webhook("http://[::1"), webhook("http://[::2"), False),
    ],
)
def test_an_endpoint_is_the_kind_and_the_host(one: Channel, other: Channel, same: bool) -> None:
    assert (endpoint_of(one) == endpoint_of(other)) is same


@pytest.mark.parametrize("target", ["tgram://s3cr3t/chat", "https://s3cr3t.vn/in"])
def test_the_name_of_an_endpoint_holds_no_secret(target: str) -> None:
    assert "s3cr3t" not in endpoint_of(Channel("apprise", target))
