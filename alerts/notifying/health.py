"""What ails the monitor itself, told to those who operate it."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.notifying.memory import ConditionMemory
from alerts.notifying.stages.verdict import Drop
from alerts.notifying.teller import Teller
from alerts.notifying.telling import Occasion
from alerts.notifying.timers import Turn
from schemas.notification import Why


def subject_of(name: str) -> str:
    """The subject of a condition."""
    return f"health/{name}"


def standing(teller: Teller) -> dict[str, str]:
    """The conditions that have not ended: name -> words."""
    return {
        subject.removeprefix(subject_of("")): condition.words
        for subject, condition in teller.situation.memory.conditions
        if condition.ended_at is None
    }


def compare(teller: Teller, conditions: Mapping[str, str]) -> None:
    """Tell of conditions that are new, and to those who were told, of those that have ended."""
    kept = {
        subject: condition
        for subject, condition in teller.situation.memory.conditions
        if condition.ended_at is None
    }
    now_so = {subject_of(name): words for name, words in conditions.items()}
    for subject in sorted(kept.keys() - now_so.keys()):
        _end(teller, subject, kept[subject])
    for subject, words in sorted(now_so.items()):
        if subject not in kept:
            _begin(teller, subject, words)
        elif kept[subject].words != words:
            kept[subject].words = words
            teller.situation.memory.conditions.touch(subject)


def set_timer(teller: Teller, subject: str) -> None:
    """A condition that has ended is forgotten after a while."""
    condition = teller.situation.memory.conditions.get(subject)
    due = None
    if condition is not None and condition.ended_at is not None:
        due = condition.ended_at + teller.situation.rules.keep_closed
    teller.timers.set(Turn.FORGET_CONDITION, subject, due)


def _begin(teller: Teller, subject: str, words: str) -> None:
    memory, clock = teller.situation.memory, teller.situation.clock
    before = memory.conditions.get(subject)
    # A condition forgotten meanwhile goes on far beyond the serials used before.
    serial = clock if before is None else before.serial
    memory.conditions.put(subject, ConditionMemory(words, serial + 1))
    set_timer(teller, subject)
    _tell(teller, Occasion("health", subject, serial, clock, detail=words), Why.HEALTH)


def _end(teller: Teller, subject: str, condition: ConditionMemory) -> None:
    memory, clock = teller.situation.memory, teller.situation.clock
    serial, condition.serial = condition.serial, condition.serial + 1
    condition.ended_at = clock
    memory.conditions.touch(subject)
    set_timer(teller, subject)
    occasion = Occasion("health", subject, serial, clock, detail=condition.words)
    _tell(teller, occasion, Why.RECOVERED)


def _tell(teller: Teller, occasion: Occasion, why: Why) -> None:
    recipients = teller.situation.to_be_told("health")
    for recipient in recipients:
        teller.tell(occasion, recipient, why)
    if not recipients:
        teller.drop(occasion, Drop(Why.NO_RECIPIENT))
