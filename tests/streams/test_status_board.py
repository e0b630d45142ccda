"""The boards hold what the topics say; what comes after they were read is told."""

from __future__ import annotations

from typing import Any, NamedTuple

from aiokafka import TopicPartition

from schemas.action import Action
from schemas.notification import Notification, Why
from streams.boards.notifications import NOTIFICATIONS_KEPT, NotificationBoard
from streams.settings import WorkerSettings
from streams.status_board import Boards
from streams.topics import Topics
from tests.streams.test_presence import SAID

TOPICS = Topics.of("p-")


class Came(NamedTuple):
    """A record as a reader gives it."""

    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes | None


class Noted:
    """Whoever wants to know at once."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def status(self, unit_id: str, value: bytes) -> None:
        self.told.append(("status", unit_id, value))

    def step(self, unit_id: str, value: bytes) -> None:
        self.told.append(("step", unit_id, value))

    def notification(self, unit_id: str | None, value: bytes) -> None:
        self.told.append(("notification", unit_id, value))

    def reset(self) -> None:
        self.told.append(("reset",))


def boards() -> tuple[Boards, Noted]:
    noted = Noted()
    return Boards(WorkerSettings(prefix="p-", partitions=2), noted), noted


def message(number: int, outcome: Any = "decided", **more: Any) -> Notification:
    return Notification(f"n{number}", outcome, Why.FIRST_NOTIFICATION, "opened", "s", 1, **more)


def take(to: Boards, topic: str, *records: Came) -> None:
    to.take({TopicPartition(topic, 0): records})


def test_each_topic_has_its_board() -> None:
    made, noted = boards()
    silence = Action("s1", "silence", "An", 1, "", scope="*", until=10)
    take(made, TOPICS.status, Came(0, 0, 7, b"A", b"{}"), Came(0, 1, 9, b"A", b'{"x":1}'))
    take(made, TOPICS.alerts, Came(0, 0, 7, b"A", b'{"incident_id":"A/d/1"}'))
    take(made, TOPICS.notifications, Came(0, 0, 7, b"s", message(1).to_json()))
    take(made, TOPICS.actions, Came(0, 0, 7, b"*", silence.to_json()))
    take(made, TOPICS.presence, Came(0, 0, 7, b"machine:8080", SAID.to_json()))
    assert (made.statuses, made.clock) == ({"A": b'{"x":1}'}, 9)
    assert made.newest_steps(5) == [b'{"incident_id":"A/d/1"}']
    assert [one["notification_id"] for _, one in made.notifications.newest()] == ["n1"]
    assert made.silences.in_force(5) == [silence]
    assert made.presences.alive(SAID.at + 5)[0].presence == SAID
    assert noted.told == []  # who asks now is given all of it


def test_what_comes_later_is_told_the_last_status_of_a_batch_only() -> None:
    made, noted = boards()
    made.read_to_end = True
    take(made, TOPICS.status, *(Came(0, n, n, b"A", b"%d" % n) for n in range(3)))
    take(made, TOPICS.alerts, Came(0, 5, 7, b"A", b"{}"))
    value = message(1, unit_id="A").to_json()
    take(made, TOPICS.notifications, Came(0, 0, 7, b"s", value), Came(0, 1, 7, b"s", b"no JSON"))
    assert noted.told == [("status", "A", b"2"), ("step", "A", b"{}"), ("notification", "A", value)]


def test_the_oldest_notifications_fall_off() -> None:
    board = NotificationBoard(1)
    for number in range(NOTIFICATIONS_KEPT + 5):
        board.take((number, 0, number), message(number).to_json())
    board.drop_old()
    assert len(board) == NOTIFICATIONS_KEPT
    assert next(board.newest())[1]["notification_id"] == f"n{NOTIFICATIONS_KEPT + 4}"


def test_what_waits_and_what_failed() -> None:
    board = NotificationBoard(1)
    records = [
        message(1, "decided", channel="email"),
        message(1, "sent", channel="email"),  # it is over
        message(2, "retrying", channel="email"),
        message(2, "sent", channel="webhook"),  # another way, and another fate
        message(3, "held"),
        message(4, "decided", message="n2"),  # travels in another
        message(5, "failed"),
        message(6, "dropped"),
    ]
    for number, one in enumerate(records):
        at = 1_000_000 + number
        board.take((at, 0, number), one._replace(at=at).to_json())
    assert board.waiting() == 2
    assert board.failed_since(1_000_000) == 2
    assert board.failed_since(1_000_003) == 1
