"""The demo province as a producer: fills the past once, then lives on in real time.

Its seed, its birth and how far it has published stand in a file of the data folder, so that a
later run goes on where this one stopped. A run that is killed publishes the last moments again, to
the letter: the monitor counts them once (R1).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from schemas.event import read_event
from schemas.instants import read_instant
from streams.settings import KafkaAccess
from vungxanh.demo import DemoProvince
from vungxanh.errors import WrongUseError
from vungxanh.publishing.chunks import CHUNK
from vungxanh.publishing.sending import Sender

SEED = 18
_STEP = 0.5  # seconds between two looks at what has happened
_PATIENCE = 10.0  # seconds
_LONGEST_SPAN = timedelta(hours=6)  # asked of the province at once while a gap is filled
Event = dict[str, str]


@dataclass(frozen=True, slots=True)
class DemoState:
    """What a later run has to know."""

    cluster: str  # the Kafka that holds the events; another one is filled anew
    topic: str
    seed: int
    born: str  # ISO 8601
    published_until: str | None = None  # every event before this instant is in the topic


class DemoFeed:
    """Feeds one topic. `fill` first, then `start`; `stop` ends it."""

    def __init__(self, kafka: KafkaAccess, topic: str, cluster: str, file: Path) -> None:
        self._kafka = kafka
        self._topic = topic
        self._file = file
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.error: BaseException | None = None  # what ended the thread, if not `stop`
        now = datetime.now(UTC).replace(microsecond=0)
        self.state = _kept(file, cluster, topic) or DemoState(cluster, topic, SEED, now.isoformat())
        self._province = DemoProvince(self.state.seed, datetime.fromisoformat(self.state.born))
        self._keep(self.state)

    @property
    def is_new(self) -> bool:
        """Whether nothing has been published yet."""
        return self.state.published_until is None

    def fill(self, progress: Callable[[int], None], asked_to_stop: Callable[[], bool]) -> int:
        """Publish all that has happened since the last run; how many events.

        Their arrival is when they happened. Broken off, it goes on from there the next time.
        """
        return asyncio.run(self._fill(progress, asked_to_stop))

    def start(self) -> None:
        """Live on, in a thread; events arrive as they happen."""
        self._thread = threading.Thread(target=self._run, name="demo feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread when what it is sending is acknowledged.

        It waits no longer than some seconds: where Kafka has gone, nothing will be.
        """
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    async def _fill(
        self, progress: Callable[[int], None], asked_to_stop: Callable[[], bool]
    ) -> int:
        sent = 0
        async with Sender(self._kafka, self._topic) as sender:
            for start, end in self._spans(datetime.now(UTC)):
                for events in _chunks(self._province.events_between(start, end)):
                    for event in events:
                        await _put(sender, event, arrived_then=True)
                    sent += len(events)
                    progress(sent)
                await sender.flush()
                self._keep(replace(self.state, published_until=end.isoformat()))
                if asked_to_stop():
                    break
        return sent

    def _spans(self, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        start = self._reached()
        while start < until:
            end = min(start + _LONGEST_SPAN, until)
            yield start, end
            start = end

    def _reached(self) -> datetime:
        until = self.state.published_until
        return self._province.begins if until is None else datetime.fromisoformat(until)

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:  # noqa: BLE001 - the main thread looks at it and ends all
            self.error = error

    async def _live(self) -> None:
        async with Sender(self._kafka, self._topic) as sender:
            while not self._stop.is_set():
                now = datetime.now(UTC)
                for event in self._province.events_between(self._reached(), now):
                    await _put(sender, event, arrived_then=False)
                await sender.flush()
                self._keep(replace(self.state, published_until=now.isoformat()))
                await asyncio.to_thread(self._stop.wait, _STEP)

    def _keep(self, state: DemoState) -> None:
        self.state = state
        new = self._file.with_name(f"{self._file.name}.new")
        new.write_bytes(orjson.dumps(asdict(state), option=orjson.OPT_INDENT_2))
        new.replace(self._file)


def _kept(file: Path, cluster: str, topic: str) -> DemoState | None:
    """The state of the last run; None where there was none, or its Kafka is gone."""
    try:
        state = DemoState(**orjson.loads(file.read_bytes()))
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, TypeError) as error:
        raise WrongUseError(
            f"{file} is not the state of a demo ({error}); take it away to begin a new one"
        ) from None
    return state if (state.cluster, state.topic) == (cluster, topic) else None


async def _put(sender: Sender, event: Event, *, arrived_then: bool) -> None:
    parsed, _ = read_event(orjson.dumps(event))
    arrival = read_instant(event["occurred_at"]) // 1_000 if arrived_then else None
    await sender.put(parsed.unit_id, parsed.to_json(), arrival)


def _chunks(events: Iterable[Event]) -> Iterator[list[Event]]:
    chunk: list[Event] = []
    for event in events:
        chunk.append(event)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
