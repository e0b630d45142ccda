"""A comparison for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

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
from schemas.explanation import EventRole
from schemas.instants import Micros
from vungxanh.explanation_printing import (
    REASONS,
    RULES,
    due_text,
    event_text,
    local,
)
from vungxanh.printing import percent, plain, print_line

_CHANGES: dict[Change, str] = {
    "entered": "ENTERED",
    "left": "LEFT",
    "changed_side": "CHANGED SIDES",
}
_BY: dict[By, str] = {
    "events": "by these events",
    "time": "by the passing of time",
    "window": "by the other window",
    "definition": "by the other definition",
}
_ROLES: dict[EventRole, str] = {
    "counts": "counts in",
    "taken_back": "is taken back in",
    "takes_back": "counts in",
    "not_yet": "had not happened in",
    "not_known": "was not known in",
}


def print_comparison(
    comparison: Comparison, name: str, window_starts: tuple[Micros, Micros], zone: ZoneInfo
) -> None:
    """Both figures and every dossier that is not counted alike; times are local."""
    for line in _lines(comparison, name, window_starts, zone):
        print_line(plain(line))


def _lines(
    comparison: Comparison, name: str, window_starts: tuple[Micros, Micros], zone: ZoneInfo
) -> Iterator[str]:
    unit, a, b = comparison.unit_id, comparison.a, comparison.b
    yield unit if name == unit else f"{unit}  {name}"
    for letter, figure, start in zip("AB", (a, b), window_starts, strict=True):
        yield from _figure(letter, figure, start, zone)
    numerator, denominator = b.numerator - a.numerator, b.denominator - a.denominator
    yield (
        f"from A to B: {numerator:+d} on time, {denominator:+d} counted; "
        f"{comparison.unchanged} counted alike"
    )
    for change in CHANGES:
        dossiers = [one for one in comparison.changes if one.change == change]
        if dossiers:
            yield ""
            yield f"{_CHANGES[change]}: {len(dossiers)}"
            for dossier in dossiers:
                yield from _dossier(dossier, zone)


def _figure(letter: str, figure: ComparedFigure, start: Micros, zone: ZoneInfo) -> Iterator[str]:
    ratio = percent(figure.numerator, figure.denominator) or "no ratio"
    yield (
        f"{letter}: {ratio}, {figure.numerator} on time of {figure.denominator}, "
        f"by {figure.definition}"
    )
    yield (
        f"   {figure.window}: from {local(start, zone)} to before {local(figure.as_of, zone)} "
        f"({zone.key})"
    )
    known = figure.known_at
    yield "   from all that is known" if known is None else f"   as known at {local(known, zone)}"


def _dossier(dossier: ChangedDossier, zone: ZoneInfo) -> Iterator[str]:
    adds = f"{dossier.numerator:+d} on time, {dossier.denominator:+d} counted"
    yield f"  {dossier.dossier_id}  {adds}, {_BY[dossier.by]}"
    for letter, stand in (("A", dossier.a), ("B", dossier.b)):
        yield f"      {letter}: {_stand(stand, zone)}"
    for event in dossier.events:
        said = event_text(event.event._replace(role="counts"), zone)
        yield f"      {said}  {_parts(event)}"


def _stand(stand: Stand, zone: ZoneInfo) -> str:
    if stand.counted is None:
        assert stand.reason is not None, "it is counted, or there is a reason"
        told = f"left out, {REASONS[stand.reason]}"
    else:
        assert stand.rule is not None, "a counted dossier was decided by a rule"
        told = f"{stand.counted.replace('_', ' ')}  ({RULES[stand.rule]})"
    dates = [] if stand.due_at is None else [f"due {due_text(stand.due_at, zone)}"]
    if stand.ended_at is not None:
        dates.append(f"{stand.ended_by} {local(stand.ended_at, zone)}")
    return "; ".join([told, *dates])


def _parts(event: DifferingEvent) -> str:
    """`was not known in A`; what a side says that is not plain from the other."""
    if event.role_a == event.role_b:
        return "another copy in A"
    told = [
        f"{_ROLES[role]} {letter}"
        for letter, role in (("A", event.role_a), ("B", event.role_b))
        if role not in {"counts", "takes_back"}
    ]
    return ", ".join(told)
