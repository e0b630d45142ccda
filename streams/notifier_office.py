"""One term of the notifier's office: hear, decide, write, send, mark. See `notifying`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

from alerts.delivery.alertmanager import INTERVAL, OpenIncident
from alerts.delivery.dispatch import Result
from alerts.delivery.message import Message
from alerts.delivery.retrying import next_try
from alerts.notifying import Notifier, Outgoing, channels_of
from alerts.recipients import Recipient
from schemas.dead_letter import DETAIL_LIMIT
from schemas.instants import Millis
from schemas.notification import Notification, Why
from streams.composing import Desk, figure_of
from streams.metrics import FailureStage, WorkerMetrics
from streams.notifier_log import FencedError, Heard, NotifierLog, Written
from streams.self_watch import SelfWatch
from streams.telling import Telling

log = logging.getLogger(__name__)

BEHIND: Millis = 3_000  # behind the wall: the steps of a minute come a little after it
MOST_A_ROUND = 20  # messages, before steps and actions are heard again
LONGEST_SENDING: Millis = 30_000  # likewise


class Standing(Protocol):
    """Whether the office is still held."""

    def held(self) -> bool:
        """Whether this worker may go on."""

    def check(self) -> None:
        """End the process where it stood still for so long that another may act."""


class Office:
    """The notifier with its ears, its desk and its ways out."""

    def __init__(
        self,
        kafka: NotifierLog,
        telling: Telling,
        seat: Standing,
        metrics: WorkerMetrics,
        *,
        clock: Literal["wall", "records"],
        now: Callable[[], Millis],
    ) -> None:
        self._kafka = kafka
        self._telling = telling
        self._seat = seat
        self._metrics = metrics
        self._clock = clock
        self._now = now
        self._notifier = Notifier(telling.rules, telling.recipients, telling.calendar)
        self._desk = Desk(telling)
        self._watch = SelfWatch(telling, self._desk)
        self._broken: list[Notification] = []  # templates: to be written
        self._synced_at: Millis = 0

    async def open(self, state: dict[bytes, bytes]) -> None:
        """Go on where the last holder's state stands. Raises ValueError where it is unreadable."""
        with self._counted("restore"):
            self._notifier.restore(state.items())
            await self._kafka.follow(self._notifier.cursor() or {})

    async def round(self) -> None:
        """Hear what has come, decide, write it, and send what is due."""
        with self._counted("round"):
            await self._round()

    async def _round(self) -> None:
        heard = await self._kafka.read()
        now = self._now()
        self._take(heard, now)
        clock = now - BEHIND if self._clock == "wall" else heard.clock
        if heard.complete and clock is not None:
            # Not before all has been heard: an acknowledgement may be among the rest.
            self._notifier.advance(clock, now)
            if self._clock == "wall":
                await self._look_after_the_monitor(now)
        await self._write()
        await self._send()
        await self._tell_alertmanager()

    def _take(self, heard: Heard, now: Millis) -> None:
        """Feed the machine: figures first, then steps and actions in the order of their times."""
        notifier = self._notifier
        for status in heard.statuses:
            with self._going_on("a status"):
                self._desk.note_status(status)
                notifier.take_figure(**figure_of(status))
        for outlook in heard.outlooks:
            self._desk.note_outlook(outlook)
        moments: list[tuple[Millis, int, Callable[[], None]]] = []
        for step in heard.steps:
            moments.append((step.at, 0, lambda step=step: notifier.take_step(step, now)))  # type: ignore[misc]
        for action in heard.actions:
            moments.append((action.at, 1, lambda action=action: notifier.take_action(action, now)))  # type: ignore[misc]
        for _, _, take in sorted(moments, key=lambda one: one[:2]):
            with self._going_on("a step or an action"):
                take()
        for outlook in heard.outlooks:
            with self._going_on("an outlook"):
                notifier.take_outlook(outlook, now)

    async def _look_after_the_monitor(self, now: Millis) -> None:
        """What the monitor itself lacks is told to operations."""
        if self._watch.is_due(now):
            broken = self._telling.dispatcher.broken()
            lag, letters = await self._kafka.lag(), await self._kafka.dead_letters()
            found = self._watch.conditions(now, lag, letters, broken)
            known = self._watch.kept(self._notifier.conditions(), now) | found
            self._notifier.take_conditions(known.values(), now - BEHIND)
            self._desk.conditions = self._notifier.conditions()

    # -- writing -----------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Write what was decided since the last time, and how far has been read."""
        kafka, notifier = self._kafka, self._notifier
        notifier.set_cursor(await kafka.cursor())
        if not notifier.pending and not self._broken:
            return
        effects = notifier.collect()
        notifications = [*self._broken, *effects.notifications]
        self._broken = []
        records: list[Written] = [kafka.step(step) for step in effects.steps]
        for one in notifications:
            records.append(kafka.notification(one.subject, one.to_json(), one.at))
        now = self._now()
        records += [kafka.state(key, value, now) for key, value in effects.changes.items()]
        await kafka.write(records)
        self._metrics.count_notifications(notifications, effects.steps)
        history = sum(one.why is Why.HISTORY for one in notifications)
        if history:
            log.info("%d steps of incidents are history: nobody is told of them", history)

    # -- sending -----------------------------------------------------------------------------------

    async def _send(self) -> None:
        """Send what is due, one message after another, each marked before the next."""
        until = self._now() + LONGEST_SENDING
        for outgoing in self._notifier.outbox(self._now())[:MOST_A_ROUND]:
            if not self._seat.held() or self._now() > until:
                return
            self._seat.check()
            await self._deliver(outgoing)
            await self._write()

    async def _deliver(self, outgoing: Outgoing) -> None:
        now = self._now()
        recipient = self._telling.recipients.by_id(outgoing.recipient)
        channel = None if recipient is None else channels_of(recipient).get(outgoing.channel)
        if recipient is None or channel is None:
            detail = "no longer in the recipients file"
            self._notifier.report(outgoing.notification_id, "failed", Why.GAVE_UP, detail, now)
            return
        since = outgoing.first_try or now
        try:
            message = self._compose(outgoing, recipient)
        except Exception as error:  # one message must not hold up all the others for ever
            log.exception("%s cannot be composed", outgoing.notification_id)
            result = _not_composed(error, outgoing, now, since)
        else:
            result = await self._telling.dispatcher.deliver(
                channel, message, now, attempts=outgoing.attempts, since=since
            )
        said = result.detail
        if result.outcome != "sent":
            log.warning("%s over %s: %s", outgoing.notification_id, channel.name, said)
        self._notifier.report(
            outgoing.notification_id,
            result.outcome,
            result.why,
            said,
            self._now(),
            result.next_try,
            tried_at=now,
        )

    def _compose(self, outgoing: Outgoing, recipient: Recipient) -> Message:
        content = self._desk.content(outgoing, recipient, self._notifier)
        composed = self._telling.composer.compose(content)
        if composed.broken is not None:
            self._report_template(outgoing, composed.broken)
        return self._desk.message(outgoing, composed)

    def _report_template(self, outgoing: Outgoing, broken: str) -> None:
        log.error("a template is broken, the built-in one is used: %s", broken)
        occasion = outgoing.notices[0].occasion
        self._broken.append(
            Notification(
                f"{outgoing.notification_id}|template",
                "failed",
                Why.TEMPLATE_BROKEN,
                occasion.kind,
                occasion.subject,
                self._now(),
                occasion.unit_id,
                outgoing.recipient,
                outgoing.channel,
                detail=broken[:DETAIL_LIMIT],
            )
        )

    async def _tell_alertmanager(self) -> None:
        """Tell Alertmanager which incidents are open: it forgets what it is not told again."""
        alertmanager, now = self._telling.alertmanager, self._now()
        if alertmanager is None or now - self._synced_at < INTERVAL:
            return
        self._synced_at = now
        incidents = [
            OpenIncident(
                one.incident_id,
                one.unit_id,
                self._desk.name(one.unit_id),
                one.zone,
                one.evidence.definition,
                one.evidence.window,
                one.evidence.numerator,
                one.evidence.denominator,
                one.opened_at,
                one.closed_at,
                self._desk.page(one.unit_id),
            )
            for one in self._notifier.open_incidents()
            if not one.history
        ]
        for told in await alertmanager.sync(incidents, now):
            self._metrics.count_synced(told.error is None)
            if told.error is not None:
                log.warning("%s: %s", told.name, told.error.said)
            self._watch.note_channel(told.name, told.error is None)

    # -- what goes wrong ---------------------------------------------------------------------------

    @contextmanager
    def _counted(self, stage: FailureStage) -> Iterator[None]:
        """Count what ends the term; that another worker has taken over is no failure."""
        try:
            yield
        except FencedError:
            raise
        except Exception:
            self._metrics.count_notifier_failure(stage)
            raise

    @contextmanager
    def _going_on(self, what: str) -> Iterator[None]:
        """What cannot be taken is logged and left out: read again it would fail again, for ever."""
        try:
            yield
        except Exception:
            self._metrics.count_notifier_failure("record")
            log.exception("%s could not be taken by the notifier", what)


def _not_composed(error: Exception, outgoing: Outgoing, now: Millis, since: Millis) -> Result:
    attempts = outgoing.attempts + 1
    again = next_try(attempts, now, outgoing.notification_id, since)
    said = f"an error in the program ({type(error).__name__}); the log has it"
    if again is None:
        return Result("failed", Why.GAVE_UP, said, attempts=attempts)
    return Result("retrying", Why.CHANNEL_FAILED, said, again, attempts)
