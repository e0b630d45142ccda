"""The office without Kafka: what it does when something goes wrong."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import orjson
import pytest

from alerts.delivery.dispatch import Dispatcher
from alerts.delivery.message import Message
from alerts.messages.composer import Composer
from alerts.messages.content import Composed, Content
from alerts.notifying import NotifyRules
from alerts.recipients import Channel, Recipient, Recipients
from indicators.calendar import vietnam
from schemas.step import Evidence, IncidentStep
from streams.metrics import WorkerMetrics
from streams.notifier_log import Heard, Written
from streams.notifier_office import Office
from streams.telling import Telling
from tests.streams.telling import rules

NOW = 1_800_000_000_000  # a Friday, 15:00 in Viet Nam
HEAD = Recipient(
    "head",
    "head",
    ("U", "V"),
    (Channel("webhook", "http://x", "webhook"),),
    about=frozenset({"incidents"}),
)


def opened(unit: str) -> IncidentStep:
    evidence = Evidence("resolved@1", "30d", NOW - 9_999, 1, 2, 0, 5, "p")
    return IncidentStep(f"{unit}/resolved@1/1", unit, "opened", NOW - 10_000, "red", evidence)


class Log:
    """Kafka as the office sees it."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.written: list[Written] = []

    async def follow(self, cursor: object) -> None:
        """Nothing to do."""

    async def read(self) -> Heard:
        return self.heard.pop(0) if self.heard else Heard(None)

    async def cursor(self) -> dict[str, dict[str, int]]:
        return {}

    async def lag(self) -> int:
        return 0

    async def dead_letters(self) -> int:
        return 0

    async def write(self, records: list[Written]) -> None:
        self.written += records

    def notification(self, subject: str, value: bytes, at: int) -> Written:
        return Written("notifications", 0, subject.encode(), value, at)

    def step(self, step: IncidentStep) -> Written:
        return Written("alerts", 0, b"", step.to_json(), step.at)

    def state(self, key: bytes, value: bytes | None, now: int) -> Written:
        return Written("state", 0, key, value, now)

    def said(self) -> list[tuple[str, str, str]]:
        found = [orjson.loads(one.value or b"") for one in self.written if one.topic[0] == "n"]
        return [(one["subject"], one["outcome"], one["why"]) for one in found]


class Seat:
    def held(self) -> bool:
        return True

    def check(self) -> None:
        """Well."""


class Sender:
    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, channel: Channel, message: Message) -> None:
        self.sent.append(message.subject_id)


class PoisonedComposer(Composer):
    """Fails on whatever tells of U."""

    def compose(self, content: Content) -> Composed:
        if any(item.unit_id == "U" for item in content.items):
            raise ValueError("poison")
        return super().compose(content)


def office(composer: Composer) -> tuple[Office, Log, Sender]:
    log, sender = Log(), Sender()
    telling = Telling(
        rules=NotifyRules(quiet_hours=False),
        monitor_rules=rules(),
        calendar=vietnam(ZoneInfo("Asia/Ho_Chi_Minh")),
        recipients=Recipients((HEAD,)),
        composer=composer,
        dispatcher=Dispatcher({"webhook": sender}),
        base_url="http://page",
    )
    made = Office(
        log,  # type: ignore[arg-type]
        telling,
        Seat(),
        WorkerMetrics(),
        clock="wall",
        now=lambda: NOW,
    )
    return made, log, sender


def rounds(made: Office, count: int) -> None:
    async def run() -> None:
        await made.open({})
        for _ in range(count):
            await made.round()

    asyncio.run(run())


def test_a_message_that_cannot_be_composed_holds_up_no_other() -> None:
    made, log, sender = office(PoisonedComposer(None))
    log.heard = [Heard(None, steps=[opened("U")]), Heard(None, steps=[opened("V")])]
    rounds(made, 2)
    assert sender.sent == ["V/resolved@1/1"]
    assert ("U/resolved@1/1", "retrying", "channel_failed") in log.said()
    assert ("V/resolved@1/1", "sent", "delivered") in log.said()


def test_a_status_that_cannot_be_read_holds_up_nothing(caplog: pytest.LogCaptureFixture) -> None:
    made, log, sender = office(Composer(None))
    log.heard = [Heard(None, statuses=[{"unit_id": "V"}], steps=[opened("V")])]
    rounds(made, 1)
    assert sender.sent == ["V/resolved@1/1"]
    assert "could not be taken" in caplog.text


def test_no_timer_runs_before_all_has_been_heard() -> None:
    made, log, _ = office(Composer(None))
    log.heard = [Heard(None, complete=False)]
    rounds(made, 1)
    assert made._notifier.clock is None
    rounds(made, 1)
    assert made._notifier.clock == NOW - 3_000
