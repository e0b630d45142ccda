"""Plays all scripts of a variant together through a real Kafka and a real worker.

The clock is that of the records. At each moment all that happens is written, one batch a partition,
and in every partition a record of a clock unit comes last, so that all clocks reach the moment.
Then the player waits until all of it has had its effect, and only then goes on: what people do at
the moment is written after that, and the next moment after what they did.

How it knows that all has had its effect: first, every clock unit has a status of the moment. That
is in the transaction of its chunk, so every step and status up to the moment can be read. Then the
player asks the notifier by actions that mean nothing (they end silences that there are not): each
is answered in the transaction of the round that heard it, with the notifier's clock. An action that
was written after an earlier one was answered, is heard in a round that began after all of the
moment could be read, so that round has heard it; and where the answer bears the moment, all timers
up to it have run.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import orjson
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from schemas.action import Action
from schemas.instants import Millis, read_instant
from streams.routing import partition_of
from streams.topics import Topics
from tests.scenarios.feed import Feed
from tests.scenarios.outcome import Fields, Outcome, Sent
from tests.scenarios.province import Province
from tests.scenarios.variant import PARTITIONS, Moment, Variant, clock_units

PATIENCE_S = 120  # against hanging only
_MARKER = "marker-"
_LONGEST_BATCH = 1_000_000  # bytes; a moment's records of a partition are one batch
_LINGER_MS = 60_000  # until `flush`


class RealPlayer:
    """Writes records, and reads all that comes of them."""

    def __init__(self, bootstrap_servers: str, prefix: str, province: Province) -> None:
        self._province = province
        self._topics = Topics.of(prefix)
        self._producer: Any = KafkaProducer(
            bootstrap_servers=bootstrap_servers,
            acks="all",
            enable_idempotence=True,
            batch_size=_LONGEST_BATCH,
            linger_ms=_LINGER_MS,
        )
        self._consumer: Any = KafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        followed = (self._topics.status, self._topics.alerts, self._topics.notifications)
        self._places = [TopicPartition(topic, n) for topic in followed for n in range(PARTITIONS)]
        self._consumer.assign(self._places)
        self._consumer.seek_to_beginning(*self._places)
        self._feed = Feed()
        self._clocks: dict[str, Millis] = dict.fromkeys(clock_units(), 0)
        self._answers: dict[str, Millis] = {}  # action -> the notifier's clock
        self._markers = 0
        self._outcome = Outcome()

    def close(self) -> None:
        """Close the clients."""
        self._producer.close()
        self._consumer.close()

    def play(self, variant: Variant, seed: int | None = None) -> Outcome:
        """All that came of all scripts. With a seed the worker is killed at a moment it chooses."""
        moments = variant.moments()
        dice = random.Random(seed)
        killed_at = None if seed is None else dice.randrange(1, len(moments))
        for number, moment in enumerate(moments):
            self._write(moment)
            if number == killed_at:
                time.sleep(dice.uniform(0, 0.5))  # in a fold, a decision, a sending
                self._province.kill()
                self._province.start()
            self._settle(moment, moments[-1].at)
            self._act(moment)
        self._wait(self._all_sent, "the messages to be sent")
        self._province.stop()
        self._read_to_the_end()
        self._outcome.sent = self._handed_over()
        return self._outcome

    def _write(self, moment: Moment) -> None:
        for fed in self._feed.records(moment):
            self._producer.send(
                self._topics.events,
                key=fed.unit_id.encode(),
                value=fed.value,
                partition=partition_of(fed.unit_id, PARTITIONS),
                timestamp_ms=moment.at,
            )
        self._producer.flush()

    def _settle(self, moment: Moment, last: Millis) -> None:
        """Wait until all that was written has had its effect."""
        at = moment.at
        self._wait(lambda: min(self._clocks.values()) >= at, "the partitions' clocks")
        self._ask(at)
        # An answer without a clock of its own bears the wall's, which is after the last moment.
        while not at <= self._ask(at) <= last:
            pass

    def _ask(self, at: Millis) -> Millis:
        """An action that means nothing; the notifier's clock as it is answered."""
        self._markers += 1
        name = f"{_MARKER}{self._markers}"
        self._send_action(Action(name, "unsilence", "player", at, silence_id=name))
        self._wait(lambda: name in self._answers, "the notifier's answer")
        return self._answers[name]

    def _act(self, moment: Moment) -> None:
        for action in self._feed.actions(moment):
            self._send_action(action)
            self._wait(lambda: action.action_id in self._answers, "an action's record")  # noqa: B023

    def _send_action(self, action: Action) -> None:
        key = (action.scope or action.incident_id or "*").encode()
        self._producer.send(
            self._topics.actions, key=key, value=action.to_json(), timestamp_ms=action.at
        )
        self._producer.flush()

    # -- reading -----------------------------------------------------------------------------------

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, f"waited in vain: {what}\n{self._province.log}"
            self._province.check_running()
            self._read(200)

    def _read(self, timeout_ms: int) -> None:
        for place, records in self._consumer.poll(timeout_ms=timeout_ms).items():
            for record in records:
                self._take(place.topic, record)

    def _take(self, topic: str, record: Any) -> None:
        if topic == self._topics.status:
            unit_id = record.key.decode()
            if unit_id in self._clocks:
                self._clocks[unit_id] = record.timestamp
            return
        fields: Fields = orjson.loads(record.value)
        if topic == self._topics.alerts:
            self._outcome.steps.append(fields)
            return
        if fields["outcome"] in ("taken", "refused"):
            self._answers[fields["detail"]] = read_instant(fields["at"]) // 1_000
        if not fields["subject"].startswith(f"silence/{_MARKER}"):
            self._outcome.records.append(fields)

    def _read_to_the_end(self) -> None:
        """The worker has ended: nothing more can come."""
        ends = self._consumer.end_offsets(self._places)
        while any(self._consumer.position(place) < end for place, end in ends.items()):
            self._read(200)

    def _all_sent(self) -> bool:
        results = self._outcome.results()
        return all(
            any(one.startswith(("sent", "failed")) for one in results.get(key, ()))
            for key in self._outcome.expected()
        )

    def _handed_over(self) -> list[Sent]:
        """What came to the webhooks and into the mailbox; a mail does not say its kinds."""
        found = [
            Sent(one.key, tuple(sorted(one.kinds)))
            for hook in self._province.hooks
            for one in hook.received
        ]
        for mail in self._province.mailbox.mails:
            key = mail["X-Vungxanh-Key"].strip()  # a long one stands in a line of its own
            found.append(Sent(unquote(key), ()))
        return found
