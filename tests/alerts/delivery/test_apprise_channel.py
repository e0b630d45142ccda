"""Apprise, through its json:// plugin, against a real server; long texts; what it takes."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery.apprise_channel import LEFT_OUT, AppriseSender, fit
from alerts.delivery.message import DeliveryError, Message
from alerts.recipients import Channel
from tests.alerts.delivery.endpoint import (
    MESSAGE,
    Answering,
    Endpoint,
    Received,
    error_of,
    never,
    serving,
    status,
)
from tests.profiles import steady
from vungxanh.local_kafka import free_port


def channel(target: str) -> Channel:
    return Channel("apprise", target, "apprise:json")


def of(endpoint: Endpoint) -> Channel:
    return channel(f"json://user:s3cr3t@{endpoint.host}/in")


def sent(message: Message = MESSAGE) -> Received:
    async def run() -> Received:
        async with serving(status(200)) as endpoint:
            await AppriseSender().send(of(endpoint), message)
        (received,) = endpoint.received
        return received

    return asyncio.run(run())


def refused(answering: Answering, timeout_s: float = 8.0) -> DeliveryError:
    async def run() -> DeliveryError:
        async with serving(answering) as endpoint:
            return await error_of(AppriseSender(timeout_s=timeout_s).send(of(endpoint), MESSAGE))

    return asyncio.run(run())


def test_title_and_text_arrive() -> None:
    body = orjson.loads(sent().body)
    assert body["title"] == MESSAGE.subject
    assert body["message"].strip() == MESSAGE.text.strip()


def test_a_text_that_is_too_long_arrives_with_its_beginning_and_its_end() -> None:
    lines = [f"{number:05} hồ sơ cần xử lý" for number in range(5_000)]
    received = orjson.loads(sent(MESSAGE._replace(text="\n".join(lines))).body)["message"]
    assert len(received) <= 32_768
    assert received.startswith(lines[0])
    assert received.strip().endswith(lines[-1])
    assert LEFT_OUT in received


@pytest.mark.parametrize(
    ("code", "permanent"), [(400, True), (404, True), (429, False), (500, False), (503, False)]
)
def test_the_answer_of_the_service_is_in_the_error(code: int, permanent: bool) -> None:
    error = refused(status(code))
    assert error.said.startswith(f"the service answered {code}")
    assert error.permanent is permanent


def test_a_service_that_is_not_there_and_a_slow_one() -> None:
    gone = asyncio.run(
        error_of(AppriseSender().send(channel(f"json://127.0.0.1:{free_port()}/"), MESSAGE))
    )
    assert not gone.permanent
    assert "127.0.0.1" not in gone.said
    assert not refused(lambda _: never(), timeout_s=0.3).permanent


@pytest.mark.parametrize("target", ["", "nothing", "no-such-plugin://host", "tgram://s3cr3t"])
def test_a_target_that_apprise_does_not_know(target: str) -> None:
    error = asyncio.run(error_of(AppriseSender().send(channel(target), MESSAGE)))
    assert error.permanent
    assert error.said == "its target is no URL that Apprise knows"


@pytest.mark.parametrize(
    ("text", "room", "fitted"),
    [
        ("a\nb", 3, "a\nb"),
        ("aaa\nbbb\nccc\nddd\neee", 16, "aaa\nbbb\n[…]\neee"),
        ("aaa\nbbb\nccc\nddd\neee", 12, "aaa\nbbb\n[…]"),
        ("aaaaaaaaaa", 8, "aaaaa[…]"),
    ],
)
def test_the_middle_is_left_out_by_whole_lines(text: str, room: int, fitted: str) -> None:
    assert fit(text, room) == fitted


@given(st.lists(st.text("aă\n", max_size=12), max_size=30).map("\n".join), st.integers(3, 200))
@steady()
def test_a_fitted_text_fits_and_says_that_something_is_missing(text: str, room: int) -> None:
    fitted = fit(text, room)
    assert len(fitted) <= room
    assert fitted == text or LEFT_OUT in fitted
