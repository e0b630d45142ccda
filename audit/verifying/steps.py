"""The steps of incidents as written beside those that the records give. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.verifying.finding import Difference, Finding
from audit.verifying.words import fields
from schemas.instants import iso_millis, local_date
from schemas.step import IncidentStep, StepKind, read_step
from streams.record import Record

OF_THE_MONITOR: frozenset[StepKind] = frozenset(
    ("opened", "worsened", "improved", "closed", "corrected")
)  # the others are the notifier's, or people's


class WrittenSteps(NamedTuple):
    """The steps of a partition that its monitor wrote, in the order of their records."""

    steps: list[IncidentStep]
    wrong: Finding | None = None  # the first record that is no step, or not under its unit's key
    others: int = 0  # steps of people or the notifier: no event yields them


def written_steps(partition: int, records: Iterable[Record], zone: ZoneInfo) -> WrittenSteps:
    """The monitor's steps among the records of `unit-alerts`."""
    steps: list[IncidentStep] = []
    wrong, others = None, 0
    for record in records:
        try:
            step = read_step(record.value or b"")
        except ValueError as error:
            wrong = wrong or _unreadable(partition, record, error)
            continue
        if (record.key or b"") != step.unit_id.encode():
            wrong = wrong or _under_another_key(partition, record, step, zone)
        if step.kind in OF_THE_MONITOR:
            steps.append(step)
        else:
            others += 1
    return WrittenSteps(steps, wrong, others)


def _unreadable(partition: int, record: Record, error: ValueError) -> Finding:
    text = f"the step at offset {record.offset} of its topic cannot be read: {error}"
    unit = (record.key or b"").decode(errors="replace") or None
    return Finding("steps", "unreadable", partition, text, record.timestamp, unit_id=unit)


def _under_another_key(
    partition: int, record: Record, step: IncidentStep, zone: ZoneInfo
) -> Finding:
    """A reader of the topic takes the unit from the key."""
    key = "none" if record.key is None else record.key.decode(errors="replace")
    text = (
        f"{step.kind} of incident {step.incident_id}, at offset {record.offset} of its topic, "
        f"stands under another key than {step.unit_id}: {key}"
    )
    day = local_date(step.at * 1_000, zone).isoformat()
    return Finding("steps", "changed", partition, text, step.at, day, step.unit_id)


def differing_step(
    stated: Sequence[IncidentStep],
    again: Sequence[IncidentStep],
    sure: int,
    partition: int,
    zone: ZoneInfo,
) -> Finding | None:
    """The first step, by its time, that is missing, invented or different; else out of its order.

    `again`: the recomputed ones; only the first `sure` of them must have been written by now.
    """
    invented, lacking = _left(stated, again), _left(again, stated)
    demanded = frozenset(again[:sure])
    apart = [*invented, *(step for step in lacking if step in demanded)]
    if not apart:
        return _out_of_order(stated, again, partition, zone)
    first = min(apart, key=lambda step: (step.at, step.evidence.offset))
    others = lacking if first in invented else invented
    twin = next((one for one in others if _name(one) == _name(first)), None)
    stated_one, other_one = (first, twin) if first in invented else (twin, first)
    return _finding(stated_one, other_one, partition, zone)


def _out_of_order(
    stated: Sequence[IncidentStep], again: Sequence[IncidentStep], partition: int, zone: ZoneInfo
) -> Finding | None:
    """The first step that does not stand where it was made.

    A partition's steps are written one after another as its records are folded, by one owner at a
    time: nothing else changes their order.
    """
    waiting = Counter(stated)
    expected = []
    for step in again:
        if waiting[step] > 0:
            waiting[step] -= 1
            expected.append(step)
    for one, other in zip(stated, expected, strict=True):
        if one != other:
            text = (
                f"{one.kind} of incident {one.incident_id} at {iso_millis(one.at)} stands where "
                f"{other.kind} of incident {other.incident_id} at {iso_millis(other.at)} was made"
            )
            finding = _finding(one, None, partition, zone)
            return finding._replace(
                difference="moved", text=text, stated=_words(one), recomputed=_words(other)
            )
    return None


def _left(steps: Iterable[IncidentStep], others: Iterable[IncidentStep]) -> list[IncidentStep]:
    """The steps that the others have not, or less often."""
    left = Counter(steps)
    left.subtract(others)
    return [step for step, times in left.items() if times > 0]


def _name(step: IncidentStep) -> tuple[str, str]:
    return step.incident_id, step.kind


def _finding(
    stated: IncidentStep | None, again: IncidentStep | None, partition: int, zone: ZoneInfo
) -> Finding:
    there = stated or again
    assert there is not None, "a step at least on one side"
    if stated is not None and again is not None:
        difference: Difference = "changed"
        said, found = _apart(stated, again)
        text = f"{there.kind} of incident {there.incident_id}: stated {said}, recomputed {found}"
    elif stated is None:
        difference, said, found = "missing", "nothing", _words(there)
        text = f"{there.kind} of incident {there.incident_id} is not written: recomputed {found}"
    else:
        difference, said, found = "invented", _words(there), "nothing"
        text = f"{there.kind} of incident {there.incident_id} is written, and never was: {said}"
    evidence = there.evidence
    return Finding(
        "steps",
        difference,
        partition,
        text,
        there.at,
        local_date(there.at * 1_000, zone).isoformat(),
        there.unit_id,
        offset=evidence.offset,
        definition=evidence.definition,
        window=evidence.window,
        stated=said,
        recomputed=found,
    )


def _words(step: IncidentStep) -> str:
    evidence = step.evidence
    return f"{step.zone}, {evidence.numerator} of {evidence.denominator} at {iso_millis(step.at)}"


def _apart(stated: IncidentStep, again: IncidentStep) -> tuple[str, str]:
    """The fields in which two steps differ."""
    one, other = _flat(stated), _flat(again)
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    ones, others = ({name: flat.get(name) for name in names} for flat in (one, other))
    return fields(ones), fields(others)


def _flat(step: IncidentStep) -> dict[str, object]:
    found = step.to_dict()
    cause = step.cause
    if cause is not None:
        found["cause"] = f"event {cause.event_id} of dossier {cause.dossier_id}"
    evidence = step.evidence._asdict() | {"as_of": iso_millis(step.evidence.as_of)}
    return {name: value for name, value in found.items() if name != "evidence"} | evidence
