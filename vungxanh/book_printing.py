"""Sealed days for a terminal, and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from audit.book_days import SealedDay
from schemas.book import BurstOfDay, Correction, FigureCorrected, UnitDay
from schemas.instants import iso_millis
from vungxanh.book_of_days import StatedDay
from vungxanh.explanation_printing import local
from vungxanh.printing import percent, plain, print_json_lines, print_line, print_rows, to_json

COLUMNS = ("day", "as_of", "pages", "units", "closed", "digest")


def print_days(days: list[SealedDay], form: str, zone: ZoneInfo) -> None:
    """A line a day. `closed`: whether all pages are there, so that the digest stands."""
    rows = [
        {
            "day": day.day,
            "as_of": iso_millis(day.as_of),
            "pages": len(day.pages),
            "units": day.units,
            "closed": _closed(day) if form == "table" else day.closed,
            "digest": _digest(day),
        }
        for day in days
    ]
    print_rows(rows, COLUMNS, form, zone)


def _closed(day: SealedDay) -> str:
    if day.gone:
        return f"{day.gone} gone"
    return "yes" if day.closed else f"{day.awaited} to come"


def _digest(day: SealedDay) -> str | None:
    """None where pages may be gone: that of the rest would look like the day's."""
    return None if day.gone else day.digest


def print_day(day: StatedDay, unit: str | None, form: str, zone: ZoneInfo) -> None:
    """What a day states, of one unit or of all, and what was corrected since."""
    if form == "json":
        print_json_lines([to_json(_as_dict(day, unit))])
        return
    for line in _lines(day, unit, zone):
        print_line(plain(line))


def _as_dict(day: StatedDay, unit: str | None) -> dict[str, object]:
    sealed = day.sealed
    corrections = [_corrected_as_dict(one, sealed.day) for one in day.corrections_of(unit)]
    return {
        "day": sealed.day,
        "as_of": iso_millis(sealed.as_of),
        "digest": _digest(sealed),
        "closed": sealed.closed,
        "units": [orjson.loads(leaf.to_json()) for leaf in _chosen(day, unit)],
        "corrections": corrections,
    }


def _corrected_as_dict(entry: FigureCorrected, day: str) -> dict[str, Any]:
    """The entry as it stands in the topic, without what it corrects of other days."""
    fields: dict[str, Any] = orjson.loads(entry.to_json())
    fields["corrections"] = [one for one in fields["corrections"] if one["stated"] == day]
    return fields


def _chosen(day: StatedDay, unit: str | None) -> list[UnitDay]:
    return [leaf for leaf in day.units() if unit in (None, leaf.unit_id)]


def _lines(day: StatedDay, unit: str | None, zone: ZoneInfo) -> Iterator[str]:
    sealed = day.sealed
    yield f"{sealed.day}, as of {local(sealed.as_of * 1_000, zone)} ({zone.key})"
    pages = f"{len(sealed.pages)} pages, {sealed.units} units"
    yield f"{pages}; closed by all partitions: {_closed(sealed)}"
    yield f"digest {_digest(sealed) or 'unknown: not all pages are there'}"
    leaves = _chosen(day, unit)
    yield ""
    for leaf in leaves:
        yield from (_unit if unit is not None else _short_unit)(leaf, zone)
    if unit is not None and not leaves:
        yield f"{unit}: nothing was stated, all its counts were 0"
    yield ""
    yield from _corrections(day.corrections_of(unit), sealed.day, zone)


def _short_unit(leaf: UnitDay, zone: ZoneInfo) -> Iterator[str]:
    first = leaf.figures[0]
    stated = _figure(first.definition, first.window, first.numerator, first.denominator)
    yield f"{leaf.unit_id}: {leaf.zone}, {stated}"
    yield from _signs(leaf)
    yield from _bursts(leaf, zone, lambda burst: ())


def _unit(leaf: UnitDay, zone: ZoneInfo) -> Iterator[str]:
    yield f"{leaf.unit_id}: {leaf.zone}, by policy {leaf.policy}"
    for one in leaf.figures:
        yield f"  {_figure(one.definition, one.window, one.numerator, one.denominator)}"
    for window, outcomes in leaf.resolved:
        counts = ", ".join(_count(*one) for one in outcomes._asdict().items())
        yield f"  ended in {window}: {counts}"
    yield "  open: " + ", ".join(_count(*one) for one in leaf.open._asdict().items())
    if leaf.incident is not None:
        yield f"  incident {leaf.incident}"
    yield from _signs(leaf)
    yield from _bursts(leaf, zone, _named)


def _signs(leaf: UnitDay) -> Iterator[str]:
    for one in leaf.signs:
        yield f"  sign {one.sign}: dossier {one.dossier_id}, event {one.event_id}"


def _bursts(
    leaf: UnitDay, zone: ZoneInfo, in_full: Callable[[BurstOfDay], Iterable[str]]
) -> Iterator[str]:
    if leaf.bursts is None:
        return
    for burst in leaf.bursts.listed:
        yield f"  {_burst(burst, zone)}"
        yield from in_full(burst)
    if leaf.bursts.more:
        yield f"  and {leaf.bursts.more} more bursts"


def _named(burst: BurstOfDay) -> Iterator[str]:
    for one in burst.named:
        yield f"    dossier {one.dossier_id}, event {one.event_id}"
    if burst.more:
        yield f"    and {burst.more} more"


def _burst(burst: BurstOfDay, zone: ZoneInfo) -> str:
    first, last = (local(at * 1_000, zone) for at in (burst.first, burst.last))
    came = len(burst.named) + burst.more
    grown = "" if came == burst.corrections else f", {came} of them new in it"
    return f"burst of {burst.corrections} corrections from {first} to {last}{grown}"


def _count(name: str, number: int) -> str:
    return f"{name.replace('_', ' ')} {number}"


def _figure(definition: str, window: str, numerator: int, denominator: int) -> str:
    share = percent(numerator, denominator) or "no ratio"
    return f"{definition} {window}: {numerator} on time of {denominator} ({share})"


def _corrections(entries: list[FigureCorrected], day: str, zone: ZoneInfo) -> Iterator[str]:
    if not entries:
        yield "no corrections since"
        return
    yield f"corrections since: {len(entries)}"
    for entry in entries:
        at = local(entry.clock * 1_000, zone)
        yield (
            f"  {at}  {entry.unit_id}: {entry.event_type} of dossier {entry.dossier_id}, event "
            f"{entry.event_id} (partition {entry.place.partition}, offset {entry.offset})"
        )
        yield from (f"    {_change(one)}" for one in entry.corrections if one.stated == day)


def _change(one: Correction) -> str:
    was, now = (f"{count} of {of}" for count, of in (one.old, one.new))
    return f"{one.definition} {one.window}: from {was} to {now}"
