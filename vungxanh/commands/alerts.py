"""`vungxanh alerts`: incidents, what people did about them, and who was told."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
import orjson

from audit.ordering import written_steps_in_order
from schemas.action import AND_BELOW, EVERY_UNIT, Action
from schemas.instants import Millis, iso_millis, read_instant
from streams.action_log import key_of_scope
from streams.record import Record
from streams.topics import ALERTS
from vungxanh.actions import Silence, find_incident, read_silences, write_action
from vungxanh.cli import Run, VungxanhGroup, pass_run
from vungxanh.errors import DONE, FINDINGS, WrongUseError
from vungxanh.notification_printing import local_text, print_notifications, read_notifications
from vungxanh.printing import format_option, print_line, print_rows, warn
from vungxanh.quantities import read_span
from vungxanh.settings import Settings
from vungxanh.settings_use import units_of
from vungxanh.step_printing import Step, print_steps
from vungxanh.topic_reading import read_topic

F = TypeVar("F", bound=Callable[..., Any])

SILENCE_COLUMNS = ("silence_id", "scope", "state", "until", "author", "reason", "at", "lifted_by")
_LONGEST = 500  # characters of what a person says


def _said(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """One line of printable signs: it goes into records, tables and messages."""
    if value is None:
        return None
    text = value.strip()
    if not text or not text.isprintable() or len(text) > _LONGEST:
        raise click.BadParameter(f"one line of 1-{_LONGEST} printable signs", context, parameter)
    return text


_author_option = click.option(
    "--author", required=True, metavar="NAME", callback=_said, help="who says so; kept for ever"
)


def _reason_option(*, required: bool) -> Callable[[F], F]:
    return click.option(
        "--reason", required=required, metavar="TEXT", callback=_said, help="why, in your words"
    )


@click.group(cls=VungxanhGroup)
def command() -> None:
    """Incidents: their steps, what people did about them, and who was told."""


@command.command("list")
@click.option("--unit", help="only of this unit")
@format_option()
@pass_run
def list_steps(run: Run, unit: str | None, form: str) -> int:
    """List every step of every incident, by time.

    JSON: one line a step, exactly as in the topic unit-alerts.
    """
    settings = run.settings()
    steps = _steps(settings, lambda step: unit is None or step["unit_id"] == unit)
    print_steps(steps, form, settings.zone)
    return DONE


@command.command("show")
@click.argument("incident")
@format_option()
@pass_run
def show(run: Run, incident: str, form: str) -> int:
    """Print the steps of one INCIDENT with their evidence."""
    settings = run.settings()
    steps = _steps(settings, lambda step: step["incident_id"] == incident)
    if not steps:
        raise WrongUseError(f"there is no incident {incident}; see `vungxanh alerts list`")
    if form != "table":
        print_steps(steps, form, settings.zone)
        return DONE
    for step, _ in steps:
        print_line(orjson.dumps(step, option=orjson.OPT_INDENT_2).decode())
    return DONE


@command.command("ack")
@click.argument("incident")
@_author_option
@_reason_option(required=False)
@pass_run
def acknowledge(run: Run, incident: str, author: str, reason: str | None) -> int:
    """Acknowledge an INCIDENT: no more reminders, and no higher level is told.

    Exit code 1 where it is closed or acknowledged already.
    """
    settings = run.settings()
    known = find_incident(settings, incident)
    if not known.is_open:
        assert known.closed_at is not None  # all steps were read
        warn(f"{incident} is closed since {_local(known.closed_at, settings)}")
        return FINDINGS
    if known.acknowledged_at is not None:
        at = _local(known.acknowledged_at, settings)
        warn(f"{incident} was acknowledged by {known.acknowledged_by} at {at}")
        return FINDINGS
    action = Action(
        action_id=str(uuid.uuid4()),
        kind="acknowledge",
        author=author,
        at=_now(),
        reason=reason or "",
        incident_id=incident,
    )
    write_action(settings, known.unit_id, action)
    print_line(f"{incident} acknowledged by {author}")
    return DONE


@command.command("silence")
@click.argument("scope", metavar="UNIT|'UNIT/*'|'*'")
@_author_option
@_reason_option(required=True)
@click.option("--until", metavar="INSTANT", help="its end, such as 2026-02-20T07:00:00+07:00")
@click.option("--for", "span", metavar="SPAN", help="its end: so long from now, such as 8h or 3d")
@pass_run
def silence(
    run: Run, *, scope: str, author: str, reason: str, until: str | None, span: str | None
) -> int:
    """Tell nobody of a UNIT for a time; 'UNIT/*': and of all units below it; '*': of any.

    Incidents are recorded all the same, and what was not sent is noted as silenced.
    """
    settings = run.settings()
    _check_scope(scope, settings)
    now = _now()
    end = _end(now, until, span)
    action = Action(
        action_id=uuid.uuid4().hex[:12],  # people type it
        kind="silence",
        author=author,
        at=now,
        reason=reason,
        scope=scope,
        until=end,
    )
    write_action(settings, key_of_scope(scope), action)
    print_line(f"silence {action.action_id} of {scope} until {_local(end, settings)}")
    return DONE


@command.command("unsilence")
@click.argument("silence_id")
@_author_option
@_reason_option(required=False)
@pass_run
def unsilence(run: Run, silence_id: str, author: str, reason: str | None) -> int:
    """Lift a silence before its end. Exit code 1 where it is over already."""
    settings = run.settings()
    found = next((one for one in read_silences(settings) if one.made.action_id == silence_id), None)
    if found is None:
        raise WrongUseError(
            f"there is no silence {silence_id}; `vungxanh alerts silences --all` lists them"
        )
    now = _now()
    state = found.state_at(now)
    if state != "in force":
        warn(f"silence {silence_id} is over since {_local(found.ended_at(), settings)} ({state})")
        return FINDINGS
    action = Action(
        action_id=str(uuid.uuid4()),
        kind="unsilence",
        author=author,
        at=now,
        reason=reason or "",
        silence_id=silence_id,
    )
    assert found.made.scope is not None
    write_action(settings, key_of_scope(found.made.scope), action)
    print_line(f"silence {silence_id} of {found.made.scope} lifted by {author}")
    return DONE


@command.command("silences")
@click.option("--all", "every", is_flag=True, help="also those that are over")
@format_option()
@pass_run
def list_silences(run: Run, every: bool, form: str) -> int:
    """List the silences that are in force, oldest first."""
    settings = run.settings()
    now = _now()
    rows = [
        _silence_row(one, now, settings, form)
        for one in read_silences(settings)
        if every or one.state_at(now) == "in force"
    ]
    print_rows(rows, SILENCE_COLUMNS, form, settings.zone)
    return DONE


@command.command("notifications")
@click.option("--unit", help="only of this unit")
@click.option("--incident", help="only of this incident")
@format_option()
@pass_run
def list_notifications(run: Run, unit: str | None, incident: str | None, form: str) -> int:
    """List what was sent, held back, dropped or failed, and why, by time.

    JSON: one line a record, exactly as in the topic unit-notifications.
    """
    settings = run.settings()
    records = [
        one
        for one in read_notifications(settings)
        if unit in (None, one[0].get("unit_id")) and incident in (None, one[0]["subject"])
    ]
    print_notifications(records, form, settings.zone)
    return DONE


def _silence_row(one: Silence, now: Millis, settings: Settings, form: str) -> dict[str, object]:
    end = one.ended_at()
    return {
        "silence_id": one.made.action_id,
        "scope": one.made.scope,
        "state": one.state_at(now),
        "until": _local(end, settings) if form == "table" else iso_millis(end),
        "author": one.made.author,
        "reason": one.made.reason,
        "at": iso_millis(one.made.at),
        "lifted_by": one.lifted.author if one.lifted else None,
    }


def _check_scope(scope: str, settings: Settings) -> None:
    unit_id = key_of_scope(scope)
    odd = any(sign.isspace() or not sign.isprintable() for sign in scope)
    if odd or not unit_id or ("*" in unit_id and scope != EVERY_UNIT):
        raise WrongUseError(f"{scope!r} is no unit, no unit with {AND_BELOW} after it, and no '*'")
    listed = {unit.unit_id for unit in units_of(settings)}
    if listed and scope != EVERY_UNIT and unit_id not in listed:
        warn(f"unit {unit_id} is not in the units file; it is silenced if the feed names it")


def _end(now: Millis, until: str | None, span: str | None) -> Millis:
    if (until is None) == (span is None):
        raise WrongUseError("alerts silence: say when it ends, with --until or with --for")
    try:
        end = read_instant(until) // 1_000 if until is not None else now + read_span(span)
        iso_millis(end)  # OverflowError: beyond all calendars
    except (ValueError, OverflowError) as error:
        option = "--until" if until is not None else "--for"
        raise WrongUseError(f"{option} {until or span}: {error}") from None
    if end <= now:
        raise WrongUseError(f"the silence would end at {iso_millis(end)}, which is past")
    return end


def _now() -> Millis:
    return time.time_ns() // 1_000_000


def _local(at: Millis, settings: Settings) -> str:
    return local_text(iso_millis(at), settings.zone)


def _steps(settings: Settings, wanted: Callable[[Mapping[str, Any]], bool]) -> list[Step]:
    values: list[bytes] = []

    def take(record: Record) -> None:
        if record.value is not None:
            values.append(record.value)

    read_topic(settings, ALERTS, take)
    return [one for one in written_steps_in_order(values) if wanted(one[0])]
