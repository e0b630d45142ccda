"""An explanation for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from textwrap import wrap
from zoneinfo import ZoneInfo

from schemas.event import Due
from schemas.explanation import COUNTED, ExplainedDossier, Explanation, Reason, Rule, UsedEvent
from schemas.instants import SECOND, Micros, end_of_day, local_date
from vungxanh.printing import percent, plain, print_line

LEFT_OUT_NAMED = 30  # of each reason; `--format json` names all
_WIDTH = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REASONS: dict[Reason, str] = {
    "voided": "everything known of it was taken back (R1)",
    "not_received": "not received (R2)",
    "ended_stopped": "stopped, which is no result",
    "ended_withdrawn": "withdrawn, which is no result",
    "ended_before_window": "ended before the window",
    "ended_not_counted": "ended in a way that the definition does not count",
    "no_due": "no due date (R7)",
    "open_paused": "open and paused (R4)",
    "open_not_overdue": "open and not overdue",
    "open_overdue_not_counted": "open and overdue, which the definition does not count",
    "not_yet": "no event before the instant",
    "not_known": "nothing of it had arrived",
}
RULES: dict[Rule, str] = {
    "R1": "R1, what was taken back",
    "R2": "R2, no receipt",
    "R3": "R3, a moved due date",
    "R4": "R4, a pause",
    "R5": "R5, which end counts",
    "R6": "R6, end and due date",
    "R8": "R8, an end before receipt",
}
_FLAGS = {
    "due_moved_after_breach": "a due date was stated too late, and does not count",
    "end_before_receipt": "the end is before the receipt",
}
_ROLES = {"taken_back": "taken back"}


def print_explanation(
    explanation: Explanation, name: str, window_start: Micros, zone: ZoneInfo
) -> None:
    """Figure, dossiers with their events, and those left out; times are local."""
    for line in _lines(explanation, name, window_start, zone):
        print_line(plain(line))


def _lines(
    explanation: Explanation, name: str, window_start: Micros, zone: ZoneInfo
) -> Iterator[str]:
    numerator, denominator = explanation.numerator, explanation.denominator
    ratio = percent(numerator, denominator) or "no ratio"
    unit = explanation.unit_id
    yield unit if name == unit else f"{unit}  {name}"
    yield f"{ratio}, {numerator} on time of {denominator}, by {explanation.definition}"
    yield (
        f"{explanation.window}: from {local(window_start, zone)} "
        f"to before {local(explanation.as_of, zone)} ({zone.key})"
    )
    known = explanation.known_at
    yield "from all that is known" if known is None else f"as known at {local(known, zone)}"
    for kind in COUNTED:
        dossiers = [one for one in explanation.dossiers if one.counted == kind]
        if dossiers:
            yield ""
            yield f"{kind.replace('_', ' ').upper()}: {len(dossiers)}"
            for dossier in dossiers:
                yield from _dossier(dossier, zone)
    yield from _left_out(explanation)


def _dossier(dossier: ExplainedDossier, zone: ZoneInfo) -> Iterator[str]:
    assert dossier.due_at is not None, "R7: without a due date it is in no count"
    assert dossier.rule is not None, "a counted dossier was decided by a rule"
    end = (
        "open"
        if dossier.ended_at is None
        else f"{dossier.ended_by} {local(dossier.ended_at, zone)}"
    )
    due = due_text(dossier.due_at, zone)
    yield f"  {dossier.dossier_id}  due {due}, {end}  ({RULES[dossier.rule]})"
    for pause in dossier.pauses:
        stop = "goes on" if pause.stop is None else f"to {local(pause.stop, zone)}"
        yield f"      paused from {local(pause.start, zone)} {stop}"
    for flag in dossier.flags:
        yield f"      note: {_FLAGS.get(flag, flag)}"
    for event in dossier.events:
        yield f"      {event_text(event, zone)}"


def event_text(event: UsedEvent, zone: ZoneInfo) -> str:
    """What an event says, and where it can be found."""
    more = [] if event.due is None else [f"due {_stated(event.due, zone)}"]
    more += [] if event.voids is None else [f"takes back {event.voids}"]
    more += [_ROLES[event.role]] if event.role in _ROLES else []
    told = f"{event.type}  {', '.join(more)}".rstrip()
    place = f"{event.partition}/{event.offset}"
    return f"{local(event.occurred_at, zone)}  {told}  [{event.event_id} at {place}]"


def _left_out(explanation: Explanation) -> Iterator[str]:
    reasons: dict[Reason, list[str]] = {}
    for one in explanation.left_out:
        reasons.setdefault(one.reason, []).append(one.dossier_id)
    if reasons:
        yield ""
        yield f"LEFT OUT: {len(explanation.left_out)}"
    for reason, ids in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        yield f"  {REASONS[reason]}: {len(ids)}"
        named = ids[:LEFT_OUT_NAMED]
        more = len(ids) - len(named)
        text = "  ".join(named) + (f"  and {more} more (--format json names all)" if more else "")
        indent = "      "
        yield from wrap(
            text,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def local(at: Micros, zone: ZoneInfo) -> str:
    """`2026-06-30 17:00:00`, with parts of a second where there are."""
    when = (_EPOCH + timedelta(microseconds=at)).astimezone(zone)
    part = f".{when.microsecond:06}".removesuffix("000") if at % SECOND else ""
    return f"{when:%Y-%m-%d %H:%M:%S}{part}"


def due_text(at: Micros, zone: ZoneInfo) -> str:
    """`end of 2026-06-30` for the promise of a bare date."""
    day = local_date(at, zone)
    return f"end of {day}" if at == end_of_day(day, zone) else local(at, zone)


def _stated(due: Due, zone: ZoneInfo) -> str:
    return due.isoformat() if isinstance(due, date) else local(due, zone)
