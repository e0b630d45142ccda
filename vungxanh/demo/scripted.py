"""Two small units steered around 90 %: one slides out of green while one watches, one recovers.

Every five seconds the steersman counts the unit's own `resolved@1` over 30 days and compares its
**margin**, 10 x on time - 9 x resolved (0 is exactly 90 %), with where the script wants it. Too
low: a dossier is answered on time (+1). Too high: an overdue one from the backlog is answered late
(-9). So the script works whatever the desk beside it does, and however long the demo has run.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from datetime import date
from heapq import heappop, heappush
from itertools import pairwise
from random import Random
from typing import Final

from schemas.instants import Millis
from vungxanh.demo.desk import Desks
from vungxanh.demo.dossiers import Dossier, Ending, Happening, instant_of, iso
from vungxanh.demo.profiles import AT_ONCE, Profile, Script
from vungxanh.demo.working_time import DAY, HOUR, MINUTE, SECOND, local

CYCLE: Final = 40 * MINUTE
WARM_UP: Final = 2 * HOUR  # before the birth, to bring the unit to the start of its script
TICK: Final = 5 * SECOND
WINDOW: Final = 30 * DAY
BACKLOG: Final = 6  # dossiers kept open until they are answered late
_PROMISE: Final = 15 * MINUTE
_SETTLED: Final = 2 * MINUTE  # so long after the date the slip, if any, is written
_FIRST_NUMBER: Final = 7000  # desks number from 1, the online counter from 1000

HIGH, LOW = 12, -24  # margins: 92.2 % and 85.6 % of 55 dossiers
Course = tuple[tuple[float, float], ...]  # (minute of the cycle, margin), straight between them
COURSES: dict[Script, Course] = {
    "slides": ((0, HIGH), (2.5, HIGH), (5.5, LOW), (18, LOW), (25, HIGH), (40, HIGH)),
    "recovers": ((0, LOW), (3, LOW), (9, HIGH), (24, HIGH), (27, LOW), (40, LOW)),
}


def wanted(course: Course, since_birth: Millis) -> float:
    """The margin the script wants; before the birth that of its start."""
    minute = max(0, since_birth) % CYCLE / MINUTE
    for (begin, low), (end, high) in pairwise(course):
        if minute < end:
            return low + (high - low) * max(0.0, minute - begin) / (end - begin)
    return course[-1][1]


class ScriptedUnit:
    """One steered unit; runs forward from its warm-up and keeps what it did."""

    def __init__(self, seed: int, profile: Profile, born: Millis, desks: Desks) -> None:
        assert profile.script
        self._seed, self._profile, self._born, self._desks = seed, profile, born, desks
        self._course = COURSES[profile.script]
        self._chance = Random(f"{seed}/script/{profile.unit_id}/{born}")  # noqa: S311
        self._at = (born - WARM_UP) // TICK * TICK  # the next tick
        self._happenings: list[Happening] = []
        self._overdue: deque[tuple[Dossier, Millis]] = deque()  # with their due dates
        self._coming: list[Ending] = []  # heap of ends not yet counted
        self._counted: deque[Ending] = deque()  # ends inside the window
        self._on_time = 0
        self._desk_taken = 0  # how many of the desk's ends are in the heap
        self._day, self._number = date.min, 0

    def between(self, start: Millis, end: Millis) -> list[Happening]:
        """What happens in [start, end), in canonical order."""
        while self._at < end:
            self._tick(self._at)
            self._at += TICK
        # No tick writes anything before itself, so all that is before `end` is known by now.
        lower = bisect_left(self._happenings, start, key=instant_of)
        return self._happenings[lower : bisect_left(self._happenings, end, key=instant_of)]

    def _tick(self, at: Millis) -> None:
        margin = self._margin(at)
        target = wanted(self._course, at - self._born)
        ripe = bool(self._overdue) and self._overdue[0][1] + _SETTLED < at
        if margin - 9 >= target - 4.5 and ripe:
            self._answer_late(at)
        elif margin + 1 <= target + 0.5:
            self._answer_on_time(at)
        if len(self._overdue) < BACKLOG and not at % MINUTE:
            self._take_in(at)

    def _margin(self, at: Millis) -> int:
        """10 x on time - 9 x resolved, over 30 days; answers under way are counted already."""
        self._hear_of_the_desk(at)
        while self._coming and self._coming[0].at < at + TICK:
            ending = heappop(self._coming)
            self._counted.append(ending)
            self._on_time += ending.on_time
        while self._counted and self._counted[0].at < at - WINDOW:
            self._on_time -= self._counted.popleft().on_time
        return 10 * self._on_time - 9 * len(self._counted)

    def _hear_of_the_desk(self, at: Millis) -> None:
        today = local(at).date()
        if today == self._day:
            return
        self._day, self._number = today, _FIRST_NUMBER
        endings = self._desks.endings(self._profile.unit_id, today)
        for ending in endings[self._desk_taken :]:
            heappush(self._coming, ending)
        self._desk_taken = len(endings)

    def _open(self, at: Millis, due: Millis) -> Dossier:
        dossier_id = f"000.00.{self._profile.code}.H47-{local(at):%y%m%d}-{self._number:04}"
        self._number += 1
        dossier = Dossier(self._seed, self._profile.unit_id, dossier_id)
        dossier.add(
            "received",
            at,
            due_at=iso(due),
            procedure_id=AT_ONCE.procedure_id,
            channel="online",
            service_level="full",
        )
        return dossier

    def _take_in(self, at: Millis) -> None:
        """A dossier that will be left lying until after its date."""
        received = at + self._chance.randrange(TICK)
        due = received + _PROMISE
        dossier = self._open(received, due)
        dossier.add("processing", received + self._chance.randrange(MINUTE), step="Thụ lý")
        if self._chance.random() < 0.6:
            slip = due + self._chance.randrange(20 * SECOND, 90 * SECOND)
            dossier.add("apology_issued", slip, due_at=iso(slip + DAY))
        self._note(dossier.happenings)
        self._overdue.append((dossier, due))

    def _answer_late(self, at: Millis) -> None:
        dossier, due = self._overdue.popleft()
        self._resolve(dossier, at + self._chance.randrange(1, TICK), due)

    def _answer_on_time(self, at: Millis) -> None:
        received = at + self._chance.randrange(TICK // 5)
        due = received + _PROMISE
        dossier = self._open(received, due)
        self._note(dossier.happenings)
        self._resolve(dossier, received + self._chance.randrange(1, TICK * 4 // 5), due)

    def _resolve(self, dossier: Dossier, ended: Millis, due: Millis) -> None:
        dossier.resolve("completed", ended, due)
        self._note(dossier.happenings[-1:])
        self._counted.append(Ending(ended, ended <= due))
        self._on_time += ended <= due

    def _note(self, happenings: list[Happening]) -> None:
        for happening in happenings:
            insort(self._happenings, happening)
