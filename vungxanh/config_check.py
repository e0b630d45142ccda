"""What `vungxanh config check` looks at: all that the settings name, each by itself.

One thing that is wrong does not keep the others from being looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from alerts.messages.check import check as template_problems
from alerts.recipients import Recipients
from indicators.calendar import builtin_years
from streams.settings import Unit
from vungxanh.errors import CommandError
from vungxanh.notify_use import dispatcher_of, recipients_of
from vungxanh.recipients_file import RecipientsError, kinds_in_use, remarks
from vungxanh.settings import Settings
from vungxanh.settings_use import units_of, working_calendar
from vungxanh.web_content import access_rules, map_of

T = TypeVar("T")

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class Checked:
    """What was found. `problems` have to be mended; `remarks` may be meant so."""

    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    summary: list[tuple[str, str]] = field(default_factory=list)

    def attempt(self, look: Callable[[], T]) -> T | None:
        """What it gives; None where it says what is wrong, which is noted."""
        try:
            return look()
        except RecipientsError as error:
            self.problems.extend(error.problems)
        except CommandError as error:
            self.problems.append(str(error))
        return None


def checked(load: Callable[[], Settings], environ: Mapping[str, str]) -> Checked:
    """Look at everything; `load` gives the settings, `environ` the variables of channels."""
    found = Checked()
    settings = found.attempt(load)
    if settings is None:
        return found
    units = found.attempt(lambda: units_of(settings))
    if units is not None:
        found.summary.append(("units", f"{len(units)} listed"))
        recipients = found.attempt(lambda: recipients_of(settings, environ))
        if recipients is not None:
            _note_recipients(found, settings, recipients, units)
    _note_calendar(found, settings)
    _note_templates(found, settings)
    found.attempt(lambda: dispatcher_of(settings))
    found.attempt(lambda: access_rules(settings))
    found.attempt(lambda: map_of(settings))
    return found


def _note_recipients(
    found: Checked, settings: Settings, recipients: Recipients, units: tuple[Unit, ...]
) -> None:
    notify = settings.notify
    if notify.recipients is None:
        found.summary.append(("recipients", "none: nobody is told"))
        return
    roles = Counter(one.role for one in recipients.everyone)
    kinds = Counter(kind for _, kind in kinds_in_use(recipients))
    found.summary.append(
        (
            "recipients",
            f"{len(recipients.everyone)}: {_counted(roles)}; told by: {_counted(kinds)}",
        )
    )
    found.remarks.extend(remarks(recipients, units))
    if notify.secret is None:
        found.remarks.append("notify.secret is not set: messages carry no link to acknowledge by")
    if urlsplit(notify.base_url).hostname in _LOOPBACK:
        found.remarks.append(
            f"notify.base_url is {notify.base_url}: links in messages lead nowhere from elsewhere"
        )


def _note_calendar(found: Checked, settings: Settings) -> None:
    calendar = found.attempt(lambda: working_calendar(settings))
    if calendar is None:
        return
    years = ", ".join(map(str, sorted(calendar.years)))
    hours = ", ".join(settings.calendar.hours)
    found.summary.append(
        ("calendar", f"{settings.calendar.country}, {hours}; {years} by file; {calendar.version}")
    )
    this_year = datetime.now(settings.zone).year
    if this_year not in calendar.years:
        found.remarks.append(
            f"calendar.files: no file of {this_year}: its days off in lieu and make-up Saturdays "
            f"are by rule, and may be others; built-in: {', '.join(map(str, builtin_years()))}"
        )


def _note_templates(found: Checked, settings: Settings) -> None:
    folder = settings.notify.templates
    if folder is None:
        found.summary.append(("templates", "built-in"))
    elif not folder.is_dir():
        found.problems.append(f"notify.templates: there is no folder {folder}")
    else:
        problems = template_problems(folder)
        found.problems.extend(f"notify.templates: {problem}" for problem in problems)
        found.summary.append(("templates", str(folder)))


def _counted(counts: Counter[Any]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
