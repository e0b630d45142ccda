"""Figures of a unit, counted by brute force: definitions, windows, open states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.oracle.fold import Folded, Known, fold_unit

RESULTS = ("completed", "delivered", "refused")  # the ends that `resolved@1` counts


@dataclass(frozen=True)
class Counted:
    """What is asked of a unit at T."""

    numerator: int
    denominator: int
    early: int
    on_time: int  # includes the early ones
    late: int
    open_overdue: int

    @property
    def ratio(self) -> Fraction | None:
        """None where there is nothing to divide by."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True)
class OpenCounted:
    """The open dossiers of a unit at T, each in the first state that fits."""

    overdue: int = 0
    paused: int = 0
    due_soon: int = 0
    within: int = 0
    no_due: int = 0


def window_start(window: str, at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of a window that ends at T.

    Read so: a period is the one that T lies in, so at its first instant nothing is in it yet.
    """
    if window.endswith("d"):
        return at - timedelta(days=int(window[:-1]))  # a day is 24 h
    local = at.astimezone(zone)
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}[window]
    month = (local.month - 1) // months * months + 1
    return datetime(local.year, month, 1, tzinfo=zone).astimezone(UTC)


def overdue(dossier: Folded, at: datetime) -> bool:
    """Received, not ended, due < T."""
    return (
        dossier.received_at is not None
        and dossier.ended_at is None
        and dossier.due_at is not None
        and dossier.due_at < at
    )


def count(
    folded: Iterable[Folded], definition: str, window: str, at: datetime, zone: ZoneInfo
) -> Counted:
    """The figure of one definition over one window."""
    start = window_start(window, at, zone)
    early = on_time = late = open_overdue = 0
    for dossier in folded:
        if overdue(dossier, at):
            open_overdue += 1
        if dossier.ended_at is None or dossier.ended_by not in RESULTS:
            continue
        if dossier.due_at is None or not start <= dossier.ended_at < at:
            continue  # R7, or outside the window
        if not dossier.on_time:
            late += 1
            continue
        on_time += 1
        if dossier.early:
            early += 1
    denominator = {
        "resolved@1": on_time + late,
        "strict@1": on_time + late + open_overdue,
    }[definition]
    return Counted(on_time, denominator, early, on_time, late, open_overdue)


def open_states(
    folded: Iterable[Folded], at: datetime, due_soon: timedelta = timedelta(hours=24)
) -> OpenCounted:
    """The open dossiers, each in the first state that fits; "within" a span includes its end."""
    found = dict.fromkeys(("overdue", "paused", "due_soon", "within", "no_due"), 0)
    for dossier in folded:
        if dossier.received_at is None or dossier.ended_at is not None:
            continue
        if overdue(dossier, at):
            state = "overdue"
        elif dossier.paused:
            state = "paused"
        elif dossier.due_at is None:
            state = "no_due"
        elif dossier.due_at - at <= due_soon:
            state = "due_soon"
        else:
            state = "within"
        found[state] += 1
    return OpenCounted(**found)


def figure(
    records: Iterable[Known],
    unit: str,
    definition: str,
    window: str,
    at: datetime,
    zone: ZoneInfo,
    known_at: int | None = None,
) -> Counted:
    """From records to a figure in one call."""
    return count(fold_unit(records, unit, at, zone, known_at), definition, window, at, zone)
