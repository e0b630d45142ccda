"""Reading a topic from its beginning to its end, as it stands now: committed records only.

No consumer group is joined and nothing is committed: looking at a topic leaves no trace, and live
workers may go on meanwhile. Where the reading ends is fixed before it begins.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.record import FiledRecord, Record
from streams.settings import KafkaAccess
from vungxanh.errors import NoTopicError, UnreachableError, WrongUseError
from vungxanh.kafka_access import reaching
from vungxanh.settings import Settings
from vungxanh.settings_use import kafka_access

log = logging.getLogger(__name__)

_BATCH = 1_000  # records taken over from the client at a time
_LOOK_S = 0.05  # so long the client may fill a batch: the last one is never full
_ASK_S = 15.0  # for an answer about topics or offsets
_PATIENCE_S = 60.0  # without any record before the end: Kafka is gone
# Soon over: a new topic has no leader yet, or a broker is being stopped.
_PASSING = frozenset(
    {
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError._TRANSPORT,
        KafkaError._WAIT_COORD,
    }
)
_new = tuple.__new__  # of a NamedTuple without the call of its constructor: once a record


class Span(NamedTuple):
    """The offsets [first, end) of a partition."""

    first: int
    end: int


class TopicReader:
    """A topic as it stands: for `with`. Raises UnreachableError where Kafka does not answer."""

    def __init__(self, settings: Settings, name: str) -> None:
        """`name` is without the prefix. NoTopicError where there is no such topic."""
        self.topic = settings.topic(name)
        self._servers = ",".join(settings.kafka.bootstrap_servers)
        self._said = ""  # the last that the client said of the brokers
        options = consumer_options(kafka_access(settings), f"{settings.kafka.group}-reader")
        with reaching(settings), self._telling():
            self._consumer = Consumer({**options, "error_cb": self._hear}, logger=log)
            topics = self._consumer.list_topics(timeout=_ASK_S).topics
        if self.topic not in topics:
            self._consumer.close()
            raise NoTopicError(f"there is no topic {self.topic}: make it with `vungxanh topics`")
        self.partitions = len(topics[self.topic].partitions)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._consumer.close()

    def spans(
        self, partitions: Collection[int] | None = None, *, whole: bool = False
    ) -> dict[int, Span]:
        """What there is now to read of these partitions (None: of all).

        The end is the last stable offset: records of a transaction that is still open come after.
        With `whole` WrongUseError where the first records are gone.
        """
        chosen = range(self.partitions) if partitions is None else sorted(partitions)
        with self._telling():
            spans = {number: self._span(number) for number in chosen if number < self.partitions}
        if whole:
            self._demand_first(spans)
        return spans

    def _span(self, number: int) -> Span:
        place, until = TopicPartition(self.topic, number), time.monotonic() + _ASK_S
        while True:
            try:
                found = self._consumer.get_watermark_offsets(place, timeout=_ASK_S, cached=False)
            except KafkaException as error:
                if error.args[0].code() not in _PASSING or time.monotonic() > until:
                    raise
                time.sleep(_LOOK_S)
                continue
            if found is None:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            return Span(*found)

    def _demand_first(self, spans: Mapping[int, Span]) -> None:
        for number, span in spans.items():
            if span.first > 0:
                raise WrongUseError(
                    f"{self.topic} partition {number} begins at offset {span.first}: earlier "
                    "records are gone, and figures from the rest would be wrong; restore the "
                    "topic, and set its retention.ms to -1"
                )

    def batches(
        self, spans: Mapping[int, Span], *, headers: bool = True
    ) -> Iterator[list[FiledRecord]]:
        """The records of the spans, each partition's in the order of its offsets.

        At the least an empty list every few seconds, so that whoever waits can look around. To
        read without `headers` saves a tenth of the time.
        """
        left = {number: span.end for number, span in spans.items() if span.first < span.end}
        with self._telling():
            self._consumer.assign(
                [TopicPartition(self.topic, number, spans[number].first) for number in left]
            )
        last = time.monotonic()
        while left:
            with self._telling():
                got = self._consumer.consume(_BATCH, _LOOK_S)
            yield self._records(got, left, headers)
            now = time.monotonic()
            if got:
                last = now
            elif now - last > _PATIENCE_S:
                raise UnreachableError(
                    f"Kafka at {self._servers} sends nothing of {self.topic} partition "
                    f"{min(left)} any more; {self._said or 'is it running?'}"
                )
        self._consumer.unassign()

    def _records(
        self, got: Iterable[Message], left: dict[int, int], headers: bool
    ) -> list[FiledRecord]:
        """The records before the ends; a partition that is at its end is `left` no more."""
        records: list[FiledRecord] = []
        add, end_of = records.append, left.get
        for message in got:  # every record has a partition and an offset, whatever the types say
            number, offset = message.partition(), message.offset()
            error = message.error()
            if error is not None:
                self._heed(error, number, offset, left)
                continue
            end = end_of(number, 0)  # type: ignore[arg-type]
            if offset < end:  # type: ignore[operator]
                add(
                    _new(
                        FiledRecord,
                        (
                            number,
                            offset,
                            message.timestamp()[1],
                            message.key(),
                            message.value(),
                            (headers and message.headers()) or (),
                        ),
                    )
                )
            if offset + 1 >= end:  # type: ignore[operator]
                self._finish(number, left)
        return records

    def _heed(
        self, error: KafkaError, number: int | None, offset: int | None, left: dict[int, int]
    ) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            if offset is not None and number in left and offset >= left[number]:
                self._finish(number, left)
        elif error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
            log.debug("%s: no group is used", error)
        elif error.code() in _PASSING:
            self._hear(error)
        else:
            raise UnreachableError(f"Kafka at {self._servers}: {self.topic}: {error.str()}")

    def _finish(self, number: int | None, left: dict[int, int]) -> None:
        if number is not None and left.pop(number, None) is not None:
            self._consumer.incremental_unassign([TopicPartition(self.topic, number)])

    def _hear(self, error: KafkaError) -> None:
        log.debug("Kafka at %s: %s", self._servers, error)
        self._said = error.str()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            log.debug("Kafka at %s", self._servers, exc_info=True)
            fault = error.args[0]
            said = fault.str() if isinstance(fault, KafkaError) else str(error)
            more = f" ({self._said})" if self._said not in said else ""
            raise UnreachableError(f"Kafka at {self._servers}: {said}{more}") from error


def read_topic(
    settings: Settings,
    name: str,
    take: Callable[[Record], None],
    partitions: set[int] | None = None,
    *,
    whole: bool = False,
) -> int:
    """Call `take` for every committed record of a topic, each partition's in offset order.

    `name` is without the prefix. Returns how many partitions the topic has. Raises WrongUseError
    where there is no such topic, or with `whole` where its first records are gone; UnreachableError
    without Kafka.
    """
    with TopicReader(settings, name) as reader:
        for batch in reader.batches(reader.spans(partitions, whole=whole)):
            for record in batch:
                take(record)
        return reader.partitions


def consumer_options(access: KafkaAccess, group: str) -> dict[str, object]:
    """The client's options: it reads what it is given to read, and neither joins nor commits.

    The client wants the name of a group all the same; it is one that no worker has.
    """
    options: dict[str, object] = {
        "bootstrap.servers": access.bootstrap_servers,
        "security.protocol": access.security_protocol,
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",  # what retention has cut is an error, not a skip
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "fetch.queue.backoff.ms": 20,  # the default of a second starves a fast reader
        "fetch.wait.max.ms": 20,  # at the end, where there is nothing more to wait for
        "max.partition.fetch.bytes": 4 * 1024 * 1024,
        "allow.auto.create.topics": False,
    }
    if "SSL" in access.security_protocol:
        trusted = ssl.get_default_verify_paths()
        options["ssl.ca.location"] = str(
            access.ssl_cafile or trusted.cafile or trusted.capath or "probe"
        )
    if access.security_protocol.startswith("SASL"):
        options["sasl.mechanism"] = access.sasl_mechanism
        options["sasl.username"] = access.sasl_username
        options["sasl.password"] = access.sasl_password
    return options
