"""What the options of `vungxanh replay` ask for: which figures, and at which instants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from audit.replay_question import Instants, Period
from indicators.windows import read_window
from schemas.instants import Micros, Millis, iso_micros, read_date, read_instant, start_of_day
from vungxanh.errors import WrongUseError
from vungxanh.settings import Settings

_DATE = len("2023-06-30")


@dataclass(frozen=True, slots=True)
class Asked:
    """The instants as they were asked for, before it is known from when to when events are."""

    single: dict[Micros, str]  # in order, each with the text that asked for it
    every: Period | None
    first: Micros | None  # None: from the first event on
    last: Micros | None  # None: to the last event

    @property
    def openly(self) -> bool:
        """Whether all events have to be seen to know what is asked: it is the last figure."""
        return not self.single and self.every is None

    def instants(
        self,
        span: tuple[Micros, Micros] | None,
        last: Millis | None,
        known: Micros | None,
        zone: ZoneInfo,
    ) -> Instants:
        """The instants, for events of that span of which the last arrived then.

        By default the one just after the last record, or K.
        """
        now = ((last or 0) + 1) * 1_000 if known is None else known
        if self.openly:
            return Instants({now: iso_micros(now)}, zone)
        first_event, last_event = span or (0, -1)
        first = first_event if self.first is None else self.first
        # What is dated beyond the last arrival is a slip or a plan, and no reason to go on.
        end = min(last_event, now) if self.last is None else self.last
        if span is None and (self.first is None or self.last is None):
            first, end = 0, -1
        return Instants(self.single, zone, self.every, first, end)


def asked_for(
    instants: Sequence[str],
    file: Path | None,
    every: Period | None,
    bounds: tuple[str | None, str | None],
    zone: ZoneInfo,
) -> Asked:
    """What --as-of, --as-of-file, --every, --from and --to say. Raises WrongUseError."""
    for option, text in zip(("--from", "--to"), bounds, strict=True):
        if text is not None and every is None:
            raise WrongUseError(f"{option}: only with --every day, week or month")
    first, last = (
        None if text is None else _bound(text, option, zone)
        for option, text in zip(("--from", "--to"), bounds, strict=True)
    )
    if first is not None and last is not None and first > last:
        raise WrongUseError(f"--from {bounds[0]} is after --to {bounds[1]}")
    return Asked(_single(instants, file), every, first, last)


def _bound(text: str, option: str, zone: ZoneInfo) -> Micros:
    """A bare date is the local midnight it begins with."""
    try:
        if len(text) <= _DATE:
            return start_of_day(read_date(text), zone)
        return read_instant(text)
    except ValueError as error:
        raise WrongUseError(f"{option}: {error}") from None


def _single(instants: Sequence[str], file: Path | None) -> dict[Micros, str]:
    asked = {instant_of(text, "--as-of"): text for text in reversed(instants)}
    if file is not None:
        try:
            lines = file.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUseError(f"--as-of-file {file}: {error}") from None
        for number, line in enumerate(lines, start=1):
            if text := line.strip():
                asked.setdefault(instant_of(text, f"--as-of-file {file}, line {number}"), text)
        if not any(map(str.strip, lines)):
            raise WrongUseError(f"--as-of-file {file}: no instant stands in it, one a line")
    return dict(sorted(asked.items()))


def instant_of(text: str, option: str) -> Micros:
    """An instant; WrongUseError naming the option."""
    try:
        return read_instant(text)
    except ValueError as error:
        raise WrongUseError(f"{option}: {error}") from None


def windows_of(windows: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """The windows asked for, each once, or the policy's. Raises WrongUseError."""
    chosen = tuple(dict.fromkeys(windows)) or (settings.policy.window,)
    for text in chosen:
        try:
            read_window(text, settings.zone)
        except ValueError as error:
            raise WrongUseError(f"--window: {error}") from None
    return chosen
