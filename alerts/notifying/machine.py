"""The notifier: decides who is told what, when and why, for the whole province. Pure.

It is fed steps of incidents, people's actions, figures, outlooks and its clock; it answers with
`NotifierEffects`. What has been decided stays in the outbox until it is reported sent or failed.
Restored from the changelog it goes on exactly where the state stood.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from alerts.notifying import acting, digesting, figures, following, forecasting, health
from alerts.notifying.care import set_timers
from alerts.notifying.escalating import escalate
from alerts.notifying.memory import FigureMemory
from alerts.notifying.outbox import due_to_be_sent, report
from alerts.notifying.reminding import remind
from alerts.notifying.rules import NotifyRules
from alerts.notifying.situation import Situation
from alerts.notifying.teller import Teller
from alerts.notifying.telling import (
    IncidentView,
    Notice,
    NotifierEffects,
    Occasion,
    Outgoing,
    Silence,
    notice_id,
)
from alerts.notifying.timers import Timer, Turn
from alerts.notifying.views import incidents_in_view
from alerts.notifying.working_time import WorkingTime
from alerts.recipients import Recipients
from indicators.calendar import WorkingCalendar
from schemas.action import Action
from schemas.condition import Condition
from schemas.instants import Millis
from schemas.notification import Why
from schemas.outlook import UnitOutlook
from schemas.status import Zone
from schemas.step import IncidentStep


class Notifier:
    """One for the province. `now` is the wall clock: only to tell history from the present."""

    def __init__(
        self, rules: NotifyRules, recipients: Recipients, calendar: WorkingCalendar
    ) -> None:
        self._situation = Situation(rules, recipients, WorkingTime(calendar))
        self._memory = self._situation.memory
        self._teller = Teller(self._situation)

    @property
    def clock(self) -> Millis | None:
        """It never goes back; None: nothing taken yet."""
        return self._memory.clock

    def restore(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Stand where the state that was kept left off: the latest value of each changelog key.

        Raises ValueError naming an entry that cannot be read.
        """
        memory, teller = self._memory, self._teller
        memory.restore(entries)
        for incident_id, _ in memory.incidents:
            set_timers(self._situation, teller.timers, incident_id)
        for subject, _ in memory.conditions:
            health.resume(teller, subject)
        for silence_id, silence in memory.silences:
            teller.timers.set(Turn.SILENCE, silence_id, silence.until)
        teller.resume()
        if memory.clock is not None:
            digesting.set_timer(teller)

    def take_step(self, step: IncidentStep, now: Millis) -> None:
        """A step of an incident. The notifier's own steps, read back, change nothing."""
        if following.is_own(step):
            following.read_back(self._teller, step)
            return
        self._move(min(step.at, now), now)  # a record stamped ahead moves nobody's clock
        following.follow(self._teller, step)

    def take_action(self, action: Action, now: Millis) -> None:
        """What a person did; it counts at the notifier's clock. Always leaves a record."""
        self._situation.now = now
        acting.act(self._teller, action)

    def take_figure(  # noqa: PLR0917 - a record's fields, in its order
        self,
        unit_id: str,
        numerator: int,
        denominator: int,
        zone: Zone,
        definition: str,
        window: str,
        at: Millis,
        partition: int,
        offset: int,
    ) -> None:
        """A unit's primary figure, as in `unit-status`; `at` is that status's clock.

        One older than the figure known changes nothing. The notifier's clock stays.
        """
        latest = FigureMemory(
            at, zone, numerator, denominator, definition, window, partition, offset
        )
        figures.take(self._situation, unit_id, latest)

    def take_outlook(self, outlook: UnitOutlook, now: Millis) -> None:
        """A unit's outlook: a forecast may be an occasion. One taken before changes nothing."""
        if not forecasting.is_new(self._situation, outlook):
            return
        self._move(min(outlook.as_of - 1, now), now)  # T is 1 ms after the clock of a judgement
        forecasting.foresee(self._teller, outlook)

    def take_conditions(self, conditions: Iterable[Condition], clock: Millis) -> None:
        """The monitor's own health. Conditions that are absent have ended."""
        self._move(clock, self._situation.now)
        health.compare(self._teller, conditions)

    def conditions(self) -> dict[str, Condition]:
        """The standing conditions of the monitor's own health, by name."""
        return health.standing(self._teller)

    def take_test(self, recipient_id: str, now: Millis) -> None:
        """A message at once. Raises KeyError where there is no such recipient."""
        if self._situation.recipients.by_id(recipient_id) is None:
            raise KeyError(f"no recipient {recipient_id!r} in the recipients file")
        self._situation.now = now
        memory = self._memory.recipient(recipient_id)
        serial = max(now, memory.tests)
        memory.tests = serial + 1
        self._memory.recipients.touch(recipient_id)
        occasion = Occasion("test", f"test/{recipient_id}", serial, self._situation.clock)
        name = notice_id(occasion.subject, serial, recipient_id)
        self._teller.send([Notice(name, occasion, recipient_id, Why.TEST)])

    def advance(self, clock: Millis, now: Millis) -> None:
        """Let the clock run on; all timers up to it run, in the order of their instants."""
        self._move(clock, now)

    def next_due(self) -> Millis | None:
        """The next instant of the clock at which `advance` has something to do."""
        return self._teller.timers.next_due()

    @property
    def pending(self) -> bool:
        """Whether `collect` has something that must not wait.

        Figures, the cursor and the clock may: collected later, only with the rest, they save
        writing.
        """
        effects = self._teller.effects
        return bool(
            effects.notifications
            or effects.steps
            or self._memory.pressing
            or self._teller.has_message
        )

    def collect(self) -> NotifierEffects:
        """End the round: what is to be written since the last one. It is then forgotten."""
        self._teller.end_round()
        effects, self._teller.effects = self._teller.effects, NotifierEffects()
        effects.changes = self._memory.collect()
        return effects

    def outbox(self, now: Millis) -> list[Outgoing]:
        """What is to be sent at the wall clock, oldest first."""
        return due_to_be_sent(self._memory, now)

    def report(  # noqa: PLR0917 - as the dispatcher's answer has them
        self,
        notification_id: str,
        outcome: Literal["sent", "retrying", "failed"],
        why: Why,
        detail: str,
        clock: Millis,
        next_try: Millis | None = None,
        tried_at: Millis | None = None,
    ) -> None:
        """What came of trying to send; with `retrying` when it was tried, and is tried next.

        Both by the wall clock: that of the first try is kept with the message.

        Raises KeyError where nothing of that id is on its way, ValueError where `retrying` comes
        without `next_try`.
        """
        record = report(
            self._memory,
            notification_id,
            outcome=outcome,
            why=why,
            detail=detail,
            clock=clock,
            next_try=next_try,
            tried_at=tried_at,
        )
        self._teller.effects.notifications.append(record)

    def cursor(self) -> Any:  # noqa: ANN401 - the service's own
        """The value last set, kept with the state; None at first."""
        return self._memory.cursor

    def set_cursor(self, value: Any) -> None:  # noqa: ANN401 - the service's own
        """Keep a small JSON value with the state: how far the service has read."""
        self._memory.cursor = value

    def previous_figure(self, unit_id: str) -> tuple[date, int, int] | None:
        """Date, numerator, denominator: as it stood at the end of the previous working day.

        The date is that of the figure; it is earlier where the unit had none on that day.
        """
        return figures.previous(self._situation, unit_id)

    def open_incidents(self) -> list[IncidentView]:
        """Those open, and those closed within a day of the clock; in the order of opening."""
        return incidents_in_view(self._memory)

    def silences(self) -> list[Silence]:
        """Those in force at the clock, by their end."""
        return sorted(
            (silence for _, silence in self._memory.silences),
            key=lambda silence: (silence.until, silence.silence_id),
        )

    def _move(self, clock: Millis, now: Millis) -> None:
        """Run the timers up to a clock, then stand there. It never goes back."""
        situation, memory, teller = self._situation, self._memory, self._teller
        situation.now = now
        if memory.clock is None:
            memory.clock = clock
            digesting.set_timer(teller)
            return
        situation.target = max(clock, memory.clock)
        while (timer := teller.timers.pop(clock)) is not None:
            memory.clock = max(memory.clock, timer.due)
            self._run(timer)
        memory.clock = situation.target

    def _run(self, timer: Timer) -> None:
        teller, memory, key = self._teller, self._memory, timer.key
        match timer.turn:
            case Turn.SILENCE:
                memory.silences.drop(key)
            case Turn.HELD:
                teller.release(key)
            case Turn.GROUP:
                teller.send_gathered(key)
            case Turn.REMINDER:
                remind(teller, key)
            case Turn.ESCALATION:
                escalate(teller, key)
            case Turn.DIGEST:
                digesting.send_digest(teller)
            case Turn.FORGET_INCIDENT:
                memory.incidents.drop(key)
            case Turn.FORGET_CONDITION:
                memory.conditions.drop(key)
