"""What differs between two figures of a unit: which dossiers, and what made the difference. Pure.

What made it is computed, as the rule that decided is: A is turned into B step by step (its T, its
window, its definition, then what is known to have happened), and the last step that changed how the
dossier counts made the difference. Of the events, those are named that it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from indicators.counts import share_of
from indicators.definitions import Count, definition
from indicators.dossier import Course, course, r4_due_at
from indicators.explain import PARTS, counted_as, explain, explain_dossier
from indicators.facts import Fact
from indicators.known import Histories, Question, known_by
from indicators.tallies import before
from schemas.comparison import (
    CHANGES,
    By,
    Change,
    ChangedDossier,
    ComparedFigure,
    Comparison,
    DifferingEvent,
    Stand,
)
from schemas.explanation import Counted, EventRole, ExplainedDossier, Explanation, UsedEvent
from schemas.instants import Micros

_NOT_KNOWN = Stand(None, None, "not_known", None, None, None)


class Side(NamedTuple):
    """One of the two figures, and what it is made of."""

    explanation: Explanation
    histories: Histories  # as known at its K: of an id the first that had arrived by then
    question: Question
    partition: int  # the unit's


class _Weight(NamedTuple):
    """How a dossier counts, and what it adds to the figure by that."""

    counted: Counted | None
    adds: Count


_NO_WEIGHT = _Weight(None, Count(0, 0))


def side(unit_id: str, histories: Histories, question: Question, partition: int) -> Side:
    """A figure of a unit to be compared; as `explain`, with the same errors."""
    explanation = explain(unit_id, histories, question, partition)
    return Side(explanation, histories, question, partition)


def versus(a: Side, b: Side) -> Comparison:
    """What of a unit's figure in A is otherwise in B.

    The changes add up: B's numerator and denominator are A's with all that the changes add.
    Raises ValueError if the two are not of one unit.
    """
    unit_id = a.explanation.unit_id
    if b.explanation.unit_id != unit_id:
        raise ValueError(f"two units: {unit_id} and {b.explanation.unit_id}")
    weights_a, weights_b = _weights(a), _weights(b)
    changes = [
        _changed(dossier_id, a, b, old, new)
        for dossier_id, old, new in _pairs(weights_a, weights_b)
        if old != new
    ]
    changes.sort(key=lambda one: (CHANGES.index(one.change), one.dossier_id))
    alike = sum(weights_b.get(dossier_id) == old for dossier_id, old in weights_a.items())
    return Comparison(unit_id, _figure(a), _figure(b), tuple(changes), alike)


def _figure(of: Side) -> ComparedFigure:
    told = of.explanation
    return ComparedFigure(
        told.definition,
        told.window,
        told.as_of,
        told.known_at,
        told.numerator,
        told.denominator,
    )


def _weights(of: Side) -> dict[str, _Weight]:
    """What each dossier of a figure adds to it."""
    count_by = definition(of.question.definition)
    counts = {kind: _Weight(kind, count_by(part)) for kind, part in PARTS.items()}
    return {
        one.dossier_id: counts[one.counted]
        for one in of.explanation.dossiers
        if one.counted is not None
    }


def _pairs(
    a: Mapping[str, _Weight], b: Mapping[str, _Weight]
) -> Iterator[tuple[str, _Weight, _Weight]]:
    for dossier_id in a.keys() | b.keys():
        yield dossier_id, a.get(dossier_id, _NO_WEIGHT), b.get(dossier_id, _NO_WEIGHT)


def _changed(dossier_id: str, a: Side, b: Side, old: _Weight, new: _Weight) -> ChangedDossier:
    change: Change = "changed_side"
    if old.counted is None:
        change = "entered"
    elif new.counted is None:
        change = "left"
    facts_a, facts_b = (_told(of, dossier_id) for of in (a, b))
    by = _made_by(facts_a, a.question, b.question, new)
    alone_a, alone_b = (_alone(of, dossier_id) for of in (a, b))
    events: tuple[DifferingEvent, ...] = ()
    if by == "events":
        makers = _makers(facts_a, facts_b, b.question)
        events = tuple(_differing(alone_a, alone_b, makers))
    return ChangedDossier(
        dossier_id,
        change,
        by,
        new.adds.numerator - old.adds.numerator,
        new.adds.denominator - old.adds.denominator,
        _stand(alone_a),
        _stand(alone_b),
        events,
    )


# -- what made the difference ----------------------------------------------------------------------


def _told(of: Side, dossier_id: str) -> Sequence[Fact]:
    """The events of a dossier that its part of a figure is made of; there may be none."""
    facts = of.histories.get(dossier_id, ())
    return before(known_by(facts, of.question.known), of.question.at)


def _weight(told: Sequence[Fact], question: Question) -> _Weight:
    """How a dossier of these events, all of which are taken to have happened, counts."""
    return _weight_of(course(told, question.zone), question) if told else _NO_WEIGHT


def _weight_of(found: Course, question: Question) -> _Weight:
    kind = counted_as(share_of(found), question)
    return (
        _NO_WEIGHT if kind is None else _Weight(kind, definition(question.definition)(PARTS[kind]))
    )


def _made_by(told: Sequence[Fact], a: Question, b: Question, new: _Weight) -> By:
    """The last step from A to B that changed how the dossier counts; `told`: its events in A."""
    at_b = a._replace(at=b.at)
    over_b = at_b._replace(window=b.window)
    by_b = over_b._replace(definition=b.definition)
    if _weight(told, by_b) != new:
        return "events"
    if _weight(told, over_b) != new:
        return "definition"
    return "window" if _weight(told, at_b) != new else "time"


class _Standing(NamedTuple):
    """What a dossier comes to: how it counts, when it was due, and what ended it."""

    weight: _Weight
    due: Micros | None
    ended_at: Micros | None
    ended_by: str | None


def _standing(told: Sequence[Fact], question: Question) -> _Standing:
    found = course(told, question.zone)
    ended = (None, None) if found.end is None else (found.end.occurred_at, found.end.type)
    return _Standing(_weight_of(found, question), r4_due_at(found, question.at), *ended)


def _makers(a: Sequence[Fact], b: Sequence[Fact], question: Question) -> set[str]:
    """The ids of the events that differ without which A's would not stand as B's do.

    What differs is turned back to how it is in A, one event after the other from the last, as long
    as the dossier counts as in B, by the same due date and the same end: an event that B has taken
    back is none that made it so. What remains is enough to make it so, and none of it too much.
    """
    in_a, current = ({fact.event_id: fact for fact in facts} for facts in (a, b))
    # Two copies of an event can differ in what does not compare: a due date and none.
    latest_first = sorted((*a, *b), key=lambda fact: fact[:2], reverse=True)
    names = dict.fromkeys(fact.event_id for fact in latest_first)
    makers = [name for name in names if in_a.get(name) != current.get(name)]
    wanted = _standing(b, question)
    turned_back = True
    while turned_back:
        turned_back = False
        for name in list(makers):
            without = {**current, name: in_a.get(name)}
            kept = {one: fact for one, fact in without.items() if fact is not None}
            if _standing(sorted(kept.values()), question) == wanted:
                current, turned_back = kept, True
                makers.remove(name)
    return set(makers)


def _differing(
    a: ExplainedDossier | None, b: ExplainedDossier | None, makers: set[str]
) -> Iterator[DifferingEvent]:
    """The events that made the difference, and those that they took back or put back."""
    in_a, in_b = ({} if one is None else {e.event_id: e for e in one.events} for one in (a, b))
    merged: Mapping[str, UsedEvent] = in_a | in_b
    taken_back = {merged[name].voids for name in makers if name in merged}
    for event_id, event in sorted(merged.items(), key=lambda item: (item[1].occurred_at, item[0])):
        role_a, role_b = (_role(events.get(event_id)) for events in (in_a, in_b))
        turned = {role_a, role_b} == {"counts", "taken_back"}
        if event_id in makers or (turned and event_id in taken_back):
            yield DifferingEvent(event, role_a, role_b)


def _role(event: UsedEvent | None) -> EventRole:
    """The part of an event; one that a side has not is not known to it."""
    return "not_known" if event is None else event.role


# -- how a dossier stands --------------------------------------------------------------------------


def _alone(of: Side, dossier_id: str) -> ExplainedDossier | None:
    """A dossier as one side has it; None: nothing of it is known there."""
    facts = of.histories.get(dossier_id)
    if not facts:
        return None
    return explain_dossier(dossier_id, facts, of.question, of.partition)


def _stand(dossier: ExplainedDossier | None) -> Stand:
    if dossier is None:
        return _NOT_KNOWN
    return Stand(
        dossier.counted,
        dossier.rule,
        dossier.reason,
        dossier.due_at,
        dossier.ended_at,
        dossier.ended_by,
    )
