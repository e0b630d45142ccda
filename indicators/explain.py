"""Why a figure is what it is: every dossier in it, by which rule, and those left out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indicators.counts import Kind, Share, Tally, share_of
from indicators.deciding import deciding_rule, outcome
from indicators.definitions import Count, Definition
from indicators.definitions import definition as definition_of
from indicators.dossier import Course, course, r1_voided_out, r4_due_at, r7_counts
from indicators.facts import Fact
from indicators.known import Histories, Question, had_arrived, known_by
from indicators.tallies import before
from schemas.explanation import (
    COUNTED,
    Counted,
    EventRole,
    ExplainedDossier,
    Explanation,
    LeftOut,
    PausedSpan,
    Reason,
    Rule,
    UsedEvent,
)
from schemas.instants import Micros

# One dossier of a kind alone: a definition counts it if it has a denominator for it.
PARTS: Mapping[Counted, Tally] = {
    "early": Tally(1, 0, 0, 0),
    "on_time": Tally(0, 1, 0, 0),
    "late": Tally(0, 0, 1, 0),
    "overdue": Tally(0, 0, 0, 1),
}
_ENDED_APART: Mapping[str, Reason] = {"stopped": "ended_stopped", "withdrawn": "ended_withdrawn"}


def explain(
    unit_id: str,
    histories: Histories,
    question: Question,
    partition: int,
) -> Explanation:
    """A unit's figure at T as known at K (None: now), dossier by dossier.

    Every dossier with an event before T that had arrived by K is counted or left out, never both.
    `partition` is the unit's, for the places of its events. Raises ValueError for a definition that
    there is not.
    """
    count_by = definition_of(question.definition)
    counted: list[ExplainedDossier] = []
    left_out: list[LeftOut] = []
    for dossier_id, facts in histories.items():
        told = before(known_by(facts, question.known), question.at)
        if not told:
            continue
        found = course(told, question.zone)
        kind = counted_as(share_of(found), question)
        if kind is None:
            left_out.append(LeftOut(dossier_id, _reason(told, found, question)))
        else:
            events = _events(told, told, partition)
            rule = deciding_rule(told, found, kind, question)
            due = r4_due_at(found, question.at)
            counted.append(_told(dossier_id, found, due, events, counted=kind, rule=rule))
    counted.sort(key=_place)
    left_out.sort()
    return Explanation(
        unit_id,
        question.definition,
        question.window.text,
        question.at,
        question.known,
        *_sum(counted, count_by),
        tuple(counted),
        tuple(left_out),
    )


def explain_dossier(
    dossier_id: str,
    facts: Sequence[Fact],
    question: Question,
    partition: int,
) -> ExplainedDossier:
    """One dossier as `explain` has it, counted or not, with all its events.

    Also those not before T and those that had not arrived by K, each with its role. Raises
    ValueError for a definition that there is not.
    """
    known = known_by(facts, question.known)
    told = before(known, question.at)
    found = course(told, question.zone)
    kind = counted_as(share_of(found), question)
    events, due = _events(facts, told, partition, question.known), r4_due_at(found, question.at)
    if kind is not None:
        rule = deciding_rule(told, found, kind, question)
        return _told(dossier_id, found, due, events, counted=kind, rule=rule)
    reason = _reason(told, found, question) if told else "not_yet" if known else "not_known"
    return _told(dossier_id, found, due, events, reason=reason)


# -- counted or not, and why -----------------------------------------------------------------------


def counted_as(share: Share, question: Question) -> Counted | None:
    """What a dossier counts as in the figure; None where it is in no count of it.

    Raises ValueError for a definition that there is not.
    """
    count_by, kind = definition_of(question.definition), outcome(share, question)
    return kind if kind is not None and count_by(PARTS[kind]).denominator else None


def _reason(told: Sequence[Fact], found: Course, question: Question) -> Reason:
    """Why a dossier with events before T is in no count of the figure."""
    if found.end is not None:
        if found.end.type in _ENDED_APART:
            return _ENDED_APART[found.end.type]
        if not r7_counts(found.due):
            return "no_due"
        before_window = found.end.occurred_at < question.window.start(question.at)
        return "ended_before_window" if before_window else "ended_not_counted"
    if found.received_at is None:
        return "not_received" if r1_voided_out(told) else "voided"
    return _reason_of_open(share_of(found), question)


def _reason_of_open(share: Share, question: Question) -> Reason:
    apart: Mapping[Kind, Reason] = {"paused": "open_paused", "no_due": "no_due"}
    if share.kind in apart:
        return apart[share.kind]
    return "open_overdue_not_counted" if share.instant < question.at else "open_not_overdue"


def _sum(counted: Iterable[ExplainedDossier], count_by: Definition) -> Count:
    """Numerator and denominator, from the dossiers named and nothing else."""
    kinds = [dossier.counted for dossier in counted]
    return count_by(Tally(*(kinds.count(kind) for kind in PARTS)))


def _place(dossier: ExplainedDossier) -> tuple[int, Micros, str]:
    assert dossier.counted is not None
    assert dossier.due_at is not None, "R7: without a due date it is in no count"
    return COUNTED.index(dossier.counted), dossier.due_at, dossier.dossier_id


# -- as it is told ---------------------------------------------------------------------------------


def _told(
    dossier_id: str,
    found: Course,
    due: Micros | None,
    events: tuple[UsedEvent, ...],
    *,
    counted: Counted | None = None,
    rule: Rule | None = None,
    reason: Reason | None = None,
) -> ExplainedDossier:
    end = found.end
    return ExplainedDossier(
        dossier_id,
        counted,
        rule,
        reason,
        found.received_at,
        due,
        None if end is None else end.occurred_at,
        None if end is None else end.type,
        tuple(PausedSpan(*pause) for pause in found.pauses),
        found.flags,
        events,
    )


def _events(
    facts: Sequence[Fact], told: Sequence[Fact], partition: int, known: Micros | None = None
) -> tuple[UsedEvent, ...]:
    """The events with their places; `told` are those of them that the dossier is made of."""
    made_of = {fact.event_id for fact in told}
    voided = {fact.voids for fact in told if fact.type == "voided"}

    def role(fact: Fact) -> EventRole:
        if fact.event_id not in made_of:
            return "not_yet" if had_arrived(fact.arrival, known) else "not_known"
        if fact.type == "voided":
            return "takes_back"
        return "taken_back" if fact.event_id in voided else "counts"

    return tuple(
        UsedEvent(
            fact.event_id,
            fact.type,
            fact.occurred_at,
            fact.arrival,
            partition,
            fact.offset,
            role(fact),
            fact.due,
            fact.voids,
        )
        for fact in facts
    )
