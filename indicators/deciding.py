"""Which rule decided what a dossier counts as. Pure.

A rule decided if without it the dossier would not be counted as it is. They are tried in this
order, and the first that did is named:

- R1: what was taken back would have made it otherwise.
- R5: another of its ends would have, had the one that counts not beaten it.
- R4: so would the dates as stated, had the clock never stood still.
- R3: so would the first due date alone, or the last one stated whenever that was.
- R8: its end is before its receipt, and counts as stated.
- R2: it has an end and no receipt, and counts by its own times.
- R6: none of these. The end, or T where there is none, lies before or after the one due date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from indicators.counts import Share, share_of
from indicators.dossier import (
    END_RANKS,
    PAUSE_BEGINS,
    PAUSE_ENDS,
    Course,
    course,
    r1_voided_out,
)
from indicators.facts import Fact
from indicators.known import Question
from schemas.explanation import Counted, Rule

_PAUSING = PAUSE_BEGINS.keys() | PAUSE_ENDS.keys()
_NOTE = "processing"  # what an event is turned into to see what would be without it


def outcome(share: Share, question: Question) -> Counted | None:
    """Ended in the window, or overdue at T."""
    kind, instant = share
    if kind in ("early", "on_time", "late"):
        return kind if instant >= question.window.start(question.at) else None
    return "overdue" if kind == "open" and instant < question.at else None


def deciding_rule(
    told: Sequence[Fact], found: Course, counted_as: Counted, question: Question
) -> Rule:
    """The rule without which a dossier would not be counted as it is; see the module.

    `told`: its events before T as known at K; `found`: what they amount to.
    """
    counted = told
    if any(fact.type == "voided" for fact in told):
        counted = r1_voided_out(told)
        untouched = [fact for fact in told if fact.type != "voided"]
        if _differs(untouched, counted_as, question):
            return "R1"
    for rule, others in _WITHOUT:
        if any(_differs(facts, counted_as, question) for facts in others(counted, found, question)):
            return rule
    if "end_before_receipt" in found.flags:
        return "R8"
    return "R2" if found.received_at is None else "R6"


def _differs(facts: Sequence[Fact], counted_as: Counted, question: Question) -> bool:
    return outcome(share_of(course(facts, question.zone)), question) != counted_as


def _without_r5(
    counted: Sequence[Fact], found: Course, question: Question
) -> Iterable[Sequence[Fact]]:
    """Each other end in place of the one that counts."""
    ends = [fact for fact in counted if fact.type in END_RANKS]
    for chosen in ends if len(ends) > 1 else ():
        if chosen is not found.end:
            others = {fact.event_id for fact in ends if fact is not chosen}
            yield [_noted(fact) if fact.event_id in others else fact for fact in counted]


def _without_r4(
    counted: Sequence[Fact], found: Course, question: Question
) -> Iterable[Sequence[Fact]]:
    """The clock never stands still; dates stated stay stated."""
    if found.pauses:
        yield [_noted(fact) if fact.type in _PAUSING else fact for fact in counted]


def _without_r3(
    counted: Sequence[Fact], found: Course, question: Question
) -> Iterable[Sequence[Fact]]:
    """The first due date that was stated alone, and the last one alone.

    The same date stated again counts too: pauses before its statement do not move it (R4).
    """
    stating = [fact for fact in counted if fact.due is not None]
    if len(stating) > 1:
        for kept in (stating[0], stating[-1]):
            yield [fact if fact is kept else fact._replace(due=None) for fact in counted]


_Without = Callable[[Sequence[Fact], Course, Question], Iterable[Sequence[Fact]]]
_WITHOUT: tuple[tuple[Rule, _Without], ...] = (
    ("R5", _without_r5),
    ("R4", _without_r4),
    ("R3", _without_r3),
)


def _noted(fact: Fact) -> Fact:
    return fact._replace(type=_NOTE)
