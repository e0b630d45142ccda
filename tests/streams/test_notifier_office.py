"""The office without Kafka: what it does when something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

import orjson
import pytest

from alerts.delivery.dispatch import Dispatcher
from alerts.delivery.message import DeliveryError, Message
from alerts.messages.composer import Composer
from alerts.messages.content import Composed, Content
from alerts.notifying import NotifyRules
from alerts.recipients import Channel, Recipient, Recipients
from indicators.calendar import vietnam
from schemas.instants import Millis
from schemas.step import Evidence, IncidentStep, StepKind
from streams.metrics import WorkerMetrics
from streams.notifier_log import BrokenError, FencedError, Heard, Written
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
        self.broken: Exception | None = None

    async def follow(self, cursor: object) -> None:
        """Nothing to do."""

    async def read(self) -> Heard:
        if self.broken is not None:
            raise self.broken
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

    def state_left(self) -> dict[bytes, bytes]:
        """What the next holder of the office finds."""
        left: dict[bytes, bytes | None] = {}
        for one in self.written:
            if one.topic == "state":
                left[one.key] = one.value
        return {key: value for key, value in left.items() if value is not None}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Millis:
        return self.now


class Seat:
    def held(self) -> bool:
        return True

    def check(self) -> None:
        """Well."""


class Sender:
    def __init__(self) -> None:
        self.sent: list[str] = []
        self.broken = False

    async def send(self, channel: Channel, message: Message) -> None:
        if self.broken:
            raise DeliveryError("500")
        self.sent.append(message.subject_id)


class PoisonedComposer(Composer):
    """Fails on whatever tells of U."""

    def compose(self, content: Content) -> Composed:
        if any(item.unit_id == "U" for item in content.items):
            raise ValueError("poison")
        return super().compose(content)


def office(
    composer: Composer,
    log: Log | None = None,
    sender: Sender | None = None,
    clock: Callable[[], Millis] = lambda: NOW,
    metrics: WorkerMetrics | None = None,
) -> tuple[Office, Log, Sender]:
    log, sender = log or Log(), sender or Sender()
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
        metrics or WorkerMetrics(),
        clock="wall",
        now=clock,
    )
    return made, log, sender


def rounds(made: Office, count: int, state: dict[bytes, bytes] | None = None) -> None:
    async def run() -> None:
        await made.open(state or {})
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


def last_of_u(log: Log) -> tuple[str, str, str]:
    return [one for one in log.said() if one[0] == "U/resolved@1/1"][-1]


HOURS = 60 * 60_000


@pytest.mark.parametrize("broken", ["channel", "composer"])
def test_a_message_is_given_up_after_a_day_though_each_hour_has_another_term(broken: str) -> None:
    """Whatever it is that never works: the 24 hours begin with the first try of the first term."""
    log, sender, clock = Log(), Sender(), Clock()
    composer = PoisonedComposer(None) if broken == "composer" else Composer(None)
    sender.broken = broken == "channel"
    log.heard = [Heard(None, steps=[opened("U")])]
    for _ in range(24):
        made, _, _ = office(composer, log, sender, clock)
        rounds(made, 1, log.state_left())
        assert last_of_u(log)[1] == "retrying"
        clock.now += HOURS
    made, _, _ = office(composer, log, sender, clock)
    rounds(made, 1, log.state_left())
    assert last_of_u(log) == ("U/resolved@1/1", "failed", "gave_up")
    assert not [key for key in log.state_left() if key.startswith(b"outgoing/")]


def step(kind: StepKind, **more: object) -> IncidentStep:
    later = opened("U")._replace(kind=kind, at=NOW - 5_000)
    return later._replace(**more)  # type: ignore[arg-type]


def test_its_own_steps_are_read_back_where_the_state_was_lost() -> None:
    """The notifier alone knows which steps come from itself, and what to make of them."""
    made, log, _ = office(Composer(None))
    own = [step("acknowledged", author="Lan"), step("escalated", level=2), step("reminded")]
    log.heard = [Heard(None, steps=[opened("U"), *own])]
    rounds(made, 1)
    [incident] = made._notifier.open_incidents()
    assert (incident.acknowledged_by, incident.level) == ("Lan", 2)
    assert {one.topic for one in log.written} == {"notifications", "state"}  # no step is made anew


def failures(metrics: WorkerMetrics) -> dict[str, float]:
    return {
        sample.labels["stage"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "dossier_notifier_failures_total"
    }


def test_what_goes_wrong_is_counted_by_where() -> None:
    metrics = WorkerMetrics()
    assert failures(metrics) == {"restore": 0, "round": 0, "record": 0}
    made, _, _ = office(Composer(None), metrics=metrics)
    with pytest.raises(ValueError, match="incident/x"):
        rounds(made, 1, {b"incident/x": b"{}"})
    assert failures(metrics) == {"restore": 1, "round": 0, "record": 0}

    made, log, _ = office(Composer(None), metrics=metrics)
    log.heard = [Heard(None, statuses=[{"unit_id": "V"}])]
    rounds(made, 1)
    assert failures(metrics) == {"restore": 1, "round": 0, "record": 1}

    made, log, _ = office(Composer(None), metrics=metrics)
    log.broken = BrokenError("reading")
    with pytest.raises(BrokenError):
        rounds(made, 1)
    assert failures(metrics) == {"restore": 1, "round": 1, "record": 1}


def test_that_another_worker_has_taken_over_is_no_failure() -> None:
    metrics = WorkerMetrics()
    made, log, _ = office(Composer(None), metrics=metrics)
    log.broken = FencedError()
    with pytest.raises(FencedError):
        rounds(made, 1)
    assert set(failures(metrics).values()) == {0}
