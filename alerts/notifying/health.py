"""What ails the monitor itself, told to those who operate it."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.notifying.memory import ConditionMemory
from alerts.notifying.stages.verdict import Drop
from alerts.notifying.teller import Teller
from alerts.notifying.telling import Occasion
from alerts.notifying.timers import Turn
from schemas.condition import Condition, condition_of
from schemas.notification import Why

_PREFIX = "health/"


def subject_of(condition: Condition) -> str:
    """The subject of a condition."""
    return _PREFIX + condition.name


def condition_in(occasion: Occasion) -> Condition:
    """The condition that an occasion of kind `health` is about; kept words are passed over."""
    return occasion.condition or condition_of(occasion.subject.removeprefix(_PREFIX))


def standing(teller: Teller) -> dict[str, Condition]:
    """The conditions that have not ended, by name."""
    return {
        memory.condition.name: memory.condition
        for _, memory in teller.situation.memory.conditions
        if memory.ended_at is None and memory.condition is not None
    }


def compare(teller: Teller, conditions: Iterable[Condition]) -> None:
    """Tell of conditions that are new, and to those who were told, of those that have ended.

    One that is given up has ended too, for another reason; it is not told of anew. What comes of
    its unit again ends it without a word, and a later silence is a new condition.
    """
    shelf = teller.situation.memory.conditions
    kept = {subject: memory for subject, memory in shelf if memory.ended_at is None}
    now_so = {subject_of(condition): condition for condition in conditions}
    for subject in sorted(kept.keys() - now_so.keys()):
        _end(teller, subject, kept[subject], Why.RECOVERED)
    for subject, condition in sorted(now_so.items()):
        memory = kept.get(subject)
        if memory is None:
            if not condition.given_up:
                _begin(teller, subject, condition)
            continue
        if memory.condition != condition:
            memory.condition = condition
            shelf.touch(subject)
        if condition.given_up:
            _end(teller, subject, memory, Why.LONG_SILENT)


def resume(teller: Teller, subject: str) -> None:
    """A condition as it was kept. ValueError where its subject is that of none."""
    memory = teller.situation.memory.conditions.get(subject)
    if memory is not None and memory.condition is None:
        memory.condition = condition_of(subject.removeprefix(_PREFIX))
    _set_timer(teller, subject)


def _set_timer(teller: Teller, subject: str) -> None:
    """A condition that has ended is forgotten after a while."""
    memory = teller.situation.memory.conditions.get(subject)
    due = None
    if memory is not None and memory.ended_at is not None:
        due = memory.ended_at + teller.situation.rules.keep_closed
    teller.timers.set(Turn.FORGET_CONDITION, subject, due)


def _begin(teller: Teller, subject: str, condition: Condition) -> None:
    shelf, clock = teller.situation.memory.conditions, teller.situation.clock
    before = shelf.get(subject)
    # A condition forgotten meanwhile goes on far beyond the serials used before.
    serial = clock if before is None else before.serial
    shelf.put(subject, ConditionMemory(serial + 1, condition))
    _set_timer(teller, subject)
    _tell(teller, Occasion("health", subject, serial, clock, condition=condition), Why.HEALTH)


def _end(teller: Teller, subject: str, memory: ConditionMemory, why: Why) -> None:
    shelf, clock = teller.situation.memory.conditions, teller.situation.clock
    serial, memory.serial = memory.serial, memory.serial + 1
    memory.ended_at = clock
    shelf.touch(subject)
    _set_timer(teller, subject)
    occasion = Occasion("health", subject, serial, clock, condition=memory.condition)
    _tell(teller, occasion, why)


def _tell(teller: Teller, occasion: Occasion, why: Why) -> None:
    recipients = teller.situation.to_be_told("health")
    for recipient in recipients:
        teller.tell(occasion, recipient, why)
    if not recipients:
        teller.drop(occasion, Drop(Why.NO_RECIPIENT))
