"""A dossier of the demo on its way from receipt to end, written down as events."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from schemas.instants import Millis
from vungxanh.demo.profiles import Procedure
from vungxanh.demo.working_time import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    WORKING_DAY,
    WorkingTime,
    local,
    midnight,
)

Event = dict[str, str]  # as CONTRACT has it: the value of a record in `dossier-events`


class Happening(NamedTuple):
    """An event with its instant as a number; sorts in the canonical order."""

    at: Millis
    event_id: str
    type: str
    dossier_id: str
    unit_id: str
    stated: tuple[tuple[str, str], ...]  # the optional fields

    def to_event(self) -> Event:
        """The event as a producer sends it."""
        return {
            "event_id": self.event_id,
            "type": self.type,
            "occurred_at": iso(self.at),
            "dossier_id": self.dossier_id,
            "unit_id": self.unit_id,
            **dict(self.stated),
        }


def instant_of(happening: Happening) -> Millis:
    """For searching a list of happenings by time."""
    return happening.at


class Ending(NamedTuple):
    """An end that counts in `resolved@1`."""

    at: Millis
    on_time: bool


def iso(instant: Millis) -> str:
    """ISO 8601 with the offset of the province; milliseconds only where there are any."""
    return local(instant).isoformat(timespec="milliseconds" if instant % SECOND else "seconds")


class Dossier:
    """Collects the events of one dossier and numbers them."""

    def __init__(self, seed: int, unit_id: str, dossier_id: str) -> None:
        self.unit_id = unit_id
        self.dossier_id = dossier_id
        self.happenings: list[Happening] = []
        self.ending: Ending | None = None
        self._prefix = f"demo-{seed}/{dossier_id}/"

    def add(self, type_: str, at: Millis, **stated: str) -> str:
        """Writes an event down and returns its id."""
        event_id = f"{self._prefix}{len(self.happenings) + 1:02}"
        self.happenings.append(
            Happening(at, event_id, type_, self.dossier_id, self.unit_id, tuple(stated.items()))
        )
        return event_id

    def resolve(self, type_: str, at: Millis, due: Millis) -> None:
        """Writes an end down that counts in `resolved@1`."""
        self.add(type_, at)
        self.ending = Ending(at, at <= due)


class DeskDossier:
    """Plans a dossier handed in at the desk, in working time; `plan` writes all of it at once."""

    def __init__(
        self, dossier: Dossier, procedure: Procedure, calendar: WorkingTime, chance: Random
    ) -> None:
        self._dossier = dossier
        self._procedure = procedure
        self._calendar = calendar
        self._chance = chance
        self._due: Millis = 0

    def plan(self, received: Millis, on_time: bool, corrections: bool) -> Dossier:
        """The whole life of the dossier; `corrections` lets a result be entered in error."""
        chance, dossier = self._chance, self._dossier
        if self._submit(received):
            return dossier  # not accepted: never received
        at = received + chance.randrange(2, 40) * MINUTE
        dossier.add("processing", at, step=chance.choice(("Thụ lý", "Thẩm định", "Trình ký")))
        now = self._calendar.worked(at)
        fate = chance.random()
        if fate < 0.012:
            dossier.add("withdrawn", self._within(now, 0.1, 0.6))
            return dossier
        if fate < 0.018:
            dossier.add("stopped", self._within(now, 0.3, 0.9))
            return dossier
        now = self._pauses(now)
        if corrections and fate > 0.994:
            now = self._entered_in_error(now)
        self._finish(now, on_time)
        return dossier

    def _submit(self, received: Millis) -> bool:
        """Submission and receipt with the promised date; True if it is not accepted."""
        chance, dossier = self._chance, self._dossier
        channel = chance.choices(("online", "direct", "post"), (58, 37, 5))[0]
        level = chance.choices(("partial", "full"), (35, 65))[0] if channel == "online" else "2"
        told = {
            "procedure_id": self._procedure.procedure_id,
            "channel": channel,
            "service_level": level,
        }
        if channel == "online":
            earliest = midnight(local(received).date()) + 5 * MINUTE
            submitted = max(earliest, received - chance.randrange(3, 300) * MINUTE)
            dossier.add("submitted", submitted, **told)
            if chance.random() < 0.02:
                dossier.add("not_accepted", received)
                return True
        worked = self._calendar.worked(received) + self._procedure.days * WORKING_DAY
        due = self._calendar.instant(worked)
        dossier.add("received", received, due_at=self._promise(due), **told)
        return False

    def _promise(self, due: Millis) -> str:
        """States a due date, one in five as a bare date, and remembers it."""
        if self._chance.random() < 0.2:
            day = local(due).date()
            self._due = midnight(day) + DAY - 1
            return day.isoformat()
        self._due = due
        return iso(due)

    def _within(self, now: int, least: float, most: float) -> Millis:
        """An instant in the given part of the working time from now to the due date."""
        left = max(self._calendar.worked(self._due) - now, 60)
        return self._calendar.instant(now + int(left * self._chance.uniform(least, most)))

    def _pauses(self, now: int) -> int:
        """Papers or a payment asked of the citizen; returns the working time afterwards."""
        chance = self._chance
        if self._procedure.days >= 2 and chance.random() < 0.09:
            now = self._pause(now, "supplement_requested", "supplement_completed")
        if self._procedure.fee and chance.random() < 0.6:
            now = self._pause(now, "fee_requested", "fee_paid")
        elif self._procedure.days >= 7 and chance.random() < 0.02:
            changed = self._within(now, 0.2, 0.6)
            later = self._calendar.instant(self._calendar.worked(self._due) + 2 * WORKING_DAY)
            self._dossier.add("due_changed", changed, due_at=self._promise(later))
            now = self._calendar.worked(changed)
        return now

    def _pause(self, now: int, begin: str, end: str) -> int:
        chance, calendar = self._chance, self._calendar
        begun = self._within(now, 0.1, 0.6)
        pause = int(chance.uniform(0.5, 4) * WORKING_DAY)
        over = calendar.instant(calendar.worked(begun) + pause)
        self._dossier.add(begin, begun)
        if chance.random() < 0.5:
            moved = calendar.instant(calendar.worked(self._due) + pause)
            self._dossier.add(end, over, due_at=self._promise(moved))
        else:
            self._dossier.add(end, over)
            self._due += over - begun  # R4: the standing date moves by the length of the pause
        return calendar.worked(over)

    def _entered_in_error(self, now: int) -> int:
        """A result entered on the wrong dossier and taken back."""
        entered = self._within(now, 0.05, 0.2)
        mistaken = self._dossier.add("completed", entered)
        taken_back = entered + self._chance.randrange(5, 25) * MINUTE
        self._dossier.add("voided", taken_back, voids=mistaken)
        return self._calendar.worked(taken_back)

    def _finish(self, now: int, on_time: bool) -> None:
        chance, dossier = self._chance, self._dossier
        if on_time:
            share = (0.2, 0.8) if chance.random() < 0.7 else (0.8, 0.97)
            ended = self._within(now, *share)
        else:
            delay = 600 + int(min(chance.expovariate(1 / 1.4), 9.0) * WORKING_DAY)
            ended = self._calendar.instant(self._calendar.worked(self._due) + delay)
            self._apologise(ended)
        if chance.random() < 0.02:
            dossier.resolve("refused", ended, self._due)
            return
        handed_over = ended + int(min(chance.expovariate(1 / 9), 90.0) * HOUR)
        if chance.random() < 0.03:  # a desk that only notes the handing over
            dossier.resolve("delivered", ended, self._due)
            return
        dossier.resolve("completed", ended, self._due)
        if chance.random() < 0.85:
            worked = self._calendar.worked(handed_over) + chance.randrange(60, 900)
            dossier.add("delivered", self._calendar.instant(worked))

    def _apologise(self, ended: Millis) -> None:
        """The slip owed for an overdue dossier; its new date makes nothing on time (R3)."""
        calendar = self._calendar
        slip = calendar.worked(self._due) + self._chance.randrange(1800, 9000)
        if calendar.instant(slip) < ended and self._chance.random() < 0.85:
            new_date = calendar.instant(slip + 2 * WORKING_DAY)
            self._dossier.add("apology_issued", calendar.instant(slip), due_at=iso(new_date))
