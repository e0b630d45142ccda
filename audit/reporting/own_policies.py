"""What a report says of the units that are judged by a policy of their own. Pure.

A report tallies all units by one definition over one period, so that they can be ranked. Of a
unit's own policy its thresholds and its least sample make the zone in the table; its definition and
its window make its zone and its alerts from day to day, and a reader who holds the two against each
other has to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from audit.reporting.report import Row
from audit.reporting.words import Writing
from indicators.policy import Policy


def differs(row: Row, general: Policy, writing: Writing) -> bool:
    """Whether there is anything to tell of a unit."""
    return row.own is not None and bool(difference(row.own, general, writing))


def notes(rows: Iterable[Row], general: Policy, writing: Writing) -> Iterator[str]:
    """A line for the units that differ alike, in the order of the table."""
    alike: dict[str, list[str]] = {}
    for row in rows:
        if row.own is not None and (told := difference(row.own, general, writing)):
            alike.setdefault(told, []).append(" ".join(dict.fromkeys((row.unit_id, row.name))))
    for told, units in alike.items():
        yield f"{', '.join(units)}: {told}"


def difference(own: Policy, general: Policy, writing: Writing) -> str:
    """`xanh từ 85 % (chung: 90 %)`: what is not as in the general policy; empty: nothing is."""
    here = [
        ("own_green", writing.threshold(own.green), writing.threshold(general.green)),
        ("own_yellow", writing.threshold(own.yellow), writing.threshold(general.yellow)),
        ("own_min_sample", writing.count(own.min_sample), writing.count(general.min_sample)),
    ]
    elsewhere = [
        ("own_definition", own.definition, general.definition),
        ("own_window", writing.window(own.window.text), writing.window(general.window.text)),
    ]
    parts = [", ".join(_told(texts, writing)) for texts in (here, elsewhere)]
    if parts[1]:
        parts[1] = writing.word("own_elsewhere").format(parts[1])
    return "; ".join(part for part in parts if part)


def _told(texts: Iterable[tuple[str, str, str]], writing: Writing) -> Iterator[str]:
    for name, own, general in texts:
        if own != general:
            yield f"{writing.word(name)} {own} ({writing.word('own_general')}: {general})"
