"""A notifier in marks of time: at 08:00 this happens, and this is wanted of it.

A mark is a weekday and a time of the week from Monday 5 October 2026 (`Mon 08:00`; `Mon+1` is in
the week after), or a date and a time. What is wanted is all that was recorded since the last want:

    08:10 decided first_notification opened head
    17:30 held held_outside_working_hours opened head until Tue 07:00
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from alerts.notifying import Notifier, NotifierEffects, NotifyRules, Outgoing
from alerts.recipients import ABOUT, Channel, Recipient, Recipients, Role
from indicators.calendar import vietnam
from schemas.action import Action
from schemas.condition import Condition
from schemas.instants import Millis, micros
from schemas.notification import Notification, Why
from schemas.outlook import Forecast, Projection, UnitOutlook
from schemas.status import Zone
from schemas.step import Cause, Evidence, IncidentStep, StepKind

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = vietnam(ZONE)
MINUTE: Millis = 60_000
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONDAY = date(2026, 10, 5)

# province > district > commune, and a unit of its own
PARENTS = {"district": "province", "commune": "district", "other": "province"}


def instant(mark: str) -> Millis:
    """The instant of a mark."""
    day, time = mark.split()
    name, _, weeks = day.partition("+")
    if name in _DAYS:
        found = _MONDAY + timedelta(days=_DAYS.index(name) + 7 * int(weeks or 0))
    else:
        found = date.fromisoformat(day)
    hour, minute = (int(part) for part in time.split(":"))
    local = datetime(found.year, found.month, found.day, hour, minute, tzinfo=ZONE)
    return micros(local) // 1000


def mark(at: Millis) -> str:
    """`Mon 08:00` in the first week, else `2026-12-01 08:00`."""
    local = datetime.fromtimestamp(at / 1000, ZONE)
    day = (local.date() - _MONDAY).days
    name = _DAYS[day] if 0 <= day < 7 else local.date().isoformat()
    return f"{name} {local:%H:%M}"


def somebody(
    name: str,
    *units: str,
    role: Role = "head",
    level: int = 1,
    channels: tuple[str, ...] = ("email",),
) -> Recipient:
    """A recipient; without units one of `commune`."""
    ways = tuple(Channel("email", f"{name}@example.vn", channel) for channel in channels)
    return Recipient(name, role, units or ("commune",), ways, level, "vi", ABOUT[role])


HEAD = somebody("head")
CHIEF = somebody("chief", "district/*", role="superior", level=2)
QUIET = NotifyRules(reminders=False, escalate_after=0)  # only what happens, no timers of its own


def line(record: Notification) -> str:
    """A record as it is wanted."""
    at = mark(record.at).split()[1]
    recipient = record.recipient or "-"
    if record.channel not in (None, "email"):
        recipient += f"/{record.channel}"
    until = "" if record.until is None else f" until {mark(record.until)}"
    return f"{at} {record.outcome} {record.why.value} {record.kind} {recipient}{until}"


class Scenario:
    """A notifier, its clock, and all that came of it. The wall clock goes with the notifier's."""

    def __init__(
        self,
        *recipients: Recipient,
        rules: NotifyRules = QUIET,
        parents: Mapping[str, str] = PARENTS,
        restarts: bool = False,  # after each round the notifier is another, restored
    ) -> None:
        self.rules = rules
        self.recipients = Recipients(recipients, parents)
        self.restarts = restarts
        self.wall_ahead: Millis = 0  # of the notifier's clock
        self.clock: Millis = 0
        self.state: dict[bytes, bytes] = {}
        self.records: list[Notification] = []
        self.steps: list[IncidentStep] = []
        self._seen = 0
        self._steps_seen = 0
        self._offset = 0
        self._numbers: dict[str, int] = {}
        self._actions = 0
        self.notifier = self._start()

    def _start(self) -> Notifier:
        notifier = Notifier(self.rules, self.recipients, CALENDAR)
        notifier.restore(self.state.items())
        return notifier

    @property
    def now(self) -> Millis:
        return self.clock + self.wall_ahead

    def at(self, text: str) -> Self:
        """The clock runs on to a mark."""
        self.end_round()
        self.clock = instant(text)
        self.notifier.advance(self.clock, self.now)
        return self

    def end_round(self) -> NotifierEffects:
        """What has come of it is written, and in some runs the notifier is restarted."""
        effects = self.notifier.collect()
        self.records += effects.notifications
        self.steps += effects.steps
        for key, value in effects.changes.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
        if self.restarts:
            self.restart()
        return effects

    def restart(self) -> Self:
        """Another notifier, from what was written."""
        self.notifier = self._start()
        return self

    def configured(self, *recipients: Recipient) -> Self:
        """The recipients file is another; the notifier is restarted."""
        self.end_round()
        self.recipients = Recipients(recipients, self.recipients.parents)
        return self.restart()

    def step(
        self,
        kind: StepKind,
        unit: str = "commune",
        zone: Zone = "yellow",
        at: str | None = None,
        number: int | None = None,
        wall: str | None = None,
    ) -> Self:
        """A step of the unit's latest incident, by a partition's clock.

        The wall is not behind a step unless it is said where it stands.
        """
        if kind == "opened":
            self._numbers[unit] = self._numbers.get(unit, 0) + 1
        count = self._numbers.get(unit, 1) if number is None else number
        clock = self.clock if at is None else instant(at)
        self._offset += 1
        evidence = Evidence("resolved@1", "30d", clock + 1, 44, 50, 0, self._offset, "p0")
        cause = Cause("e1", "d1") if kind == "corrected" else None
        step = IncidentStep(f"{unit}/resolved@1/{count}", unit, kind, clock, zone, evidence, cause)
        now = max(self.now, step.at) if wall is None else instant(wall)
        self.notifier.take_step(step, now)
        return self

    def opened(self, unit: str = "commune", zone: Zone = "yellow", at: str | None = None) -> Self:
        return self.step("opened", unit, zone, at)

    def worsened(self, unit: str = "commune") -> Self:
        return self.step("worsened", unit, "red")

    def improved(self, unit: str = "commune") -> Self:
        return self.step("improved", unit, "yellow")

    def closed(self, unit: str = "commune", at: str | None = None) -> Self:
        return self.step("closed", unit, "green", at)

    def act(
        self,
        kind: Literal["acknowledge", "silence", "unsilence"],
        author: str = "An",
        *,
        incident: str | None = None,
        scope: str | None = None,
        until: str | None = None,
        silence: str | None = None,
        at: str | None = None,
        recipient: str | None = None,
    ) -> str:
        """A person does something, perhaps by the link of a message to a recipient; its id."""
        self._actions += 1
        action_id = f"a{self._actions}"
        end = None if until is None else instant(until)
        happened = self.now if at is None else instant(at)
        action = Action(
            action_id, kind, author, happened, "because", incident, scope, end, silence, recipient
        )
        self.notifier.take_action(action, self.now)
        return action_id

    def acknowledged(self, unit: str = "commune", author: str = "An", number: int = 1) -> Self:
        self.act("acknowledge", author, incident=f"{unit}/resolved@1/{number}")
        return self

    def figure(self, numerator: int, denominator: int, zone: Zone = "yellow") -> Self:
        """The commune's figure at the clock."""
        self._offset += 1
        self.notifier.take_figure(
            "commune",
            numerator,
            denominator,
            zone,
            "resolved@1",
            "30d",
            self.clock,
            0,
            self._offset,
        )
        return self

    def outlook(self, leaves: str | None, *, pace: str | None = None, zone: Zone = "green") -> Self:
        """The commune's outlook: when it leaves green if nothing is closed, and at the pace."""
        self.notifier.take_outlook(outlook(self.clock + 1, leaves, pace, zone), self.now)
        return self

    def health(self, *conditions: Condition) -> Self:
        self.notifier.take_conditions(conditions, self.clock)
        return self

    def outbox(self) -> list[Outgoing]:
        self.end_round()
        return self.notifier.outbox(self.now)

    def report_all(self) -> Self:
        """All that is on its way has arrived."""
        for outgoing in self.outbox():
            self.notifier.report(outgoing.notification_id, "sent", Why.DELIVERED, "", self.clock)
        return self

    def news(self) -> list[Notification]:
        """What was recorded since the last time."""
        self.end_round()
        news, self._seen = self.records[self._seen :], len(self.records)
        return news

    def want(self, *lines: str) -> Self:
        """All that was recorded since the last want."""
        assert [line(record) for record in self.news()] == list(lines)
        return self

    def want_steps(self, *lines: str) -> Self:
        """All steps that the notifier has made since the last time: `Tue 07:00 reminded`."""
        self.end_round()
        steps, self._steps_seen = self.steps[self._steps_seen :], len(self.steps)
        assert [f"{mark(step.at)} {step.kind}" for step in steps] == list(lines)
        return self


def outlook(
    as_of: Millis, leaves: str | None, pace: str | None = None, zone: Zone = "green"
) -> UnitOutlook:
    """An outlook of the commune over the next seven days."""

    def projection(text: str | None) -> Projection:
        return Projection(None if text is None else instant(text), 44, 50)

    forecast = Forecast(as_of + 7 * DAY, projection(leaves), projection(pace), ("d1",))
    return UnitOutlook(
        "commune",
        as_of,
        0,
        1,
        zone,
        "resolved@1",
        "30d",
        46,
        50,
        "p0",
        CALENDAR.version,
        (),
        0,
        forecast if zone == "green" else None,
    )


def decided(records: Iterable[Notification]) -> list[str]:
    """The ids of the messages decided."""
    return [one.notification_id for one in records if one.outcome == "decided" and one.channel]
