"""A report as cells, the same for every format: columns, lines, and what stands below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audit.reporting.own_policies import differs, notes
from audit.reporting.period import Period
from audit.reporting.report import Row, Table
from audit.reporting.words import Writing
from indicators.policy import Policy
from schemas.instants import SECOND, Micros

MARK = "*"  # at the name of a unit that is judged by a policy of its own


class Share(NamedTuple):
    """A share in hundredths of a percent, cut and not rounded: 8870 is 88.70 %."""

    hundredths: int


class Points(NamedTuple):
    """A difference of two such shares, in hundredths of a percentage point."""

    hundredths: int


Cell = str | int | Share | Points | None  # a text stays a text, whatever it begins with


class Line(NamedTuple):
    """A line of the table."""

    kind: str  # ranked, grey, above, total; heading: its text stands alone
    cells: tuple[Cell, ...]
    own_policy: bool = False  # judged otherwise than the others: marked, and told at the foot


class Origin(NamedTuple):
    """What a report says of where its figures come from."""

    definition: str
    period: Period
    as_of: Micros
    known_at: Micros  # K: only from what had arrived by then
    policy: Policy  # by which the zones are, but those of units with a policy of their own
    book: tuple[str, str] | None  # the last sealed day at or before as_of, and its digest
    source: str
    command: str  # that makes the same again
    made_at: Micros
    made_by: str


class Sheet(NamedTuple):
    """All of a report."""

    title: str
    period: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    foot: tuple[tuple[str, str], ...]  # each with its name


COLUMNS = (
    "place",
    "tied",
    "unit_id",
    "name",
    "zone",
    "numerator",
    "denominator",
    "ratio",
    "early",
    "on_time",
    "late",
    "overdue",
    "previous",
    "change",
)


def sheet(table: Table, origin: Origin, writing: Writing) -> Sheet:
    """The report in a language."""
    return Sheet(
        writing.word("title"),
        f"{writing.word('period')}: {writing.period(origin.period)}",
        tuple(writing.word(column) for column in COLUMNS),
        tuple(_lines(table, origin.policy, writing)),
        (*_own_policies(table, origin.policy, writing), *_foot(origin, writing)),
    )


def cut(numerator: int, denominator: int) -> Share | None:
    """A ratio as the page shows it; None where the denominator is 0."""
    return Share(numerator * 10_000 // denominator) if denominator else None


def _lines(table: Table, policy: Policy, writing: Writing) -> Iterator[Line]:
    def lines(kind: str, rows: Sequence[Row]) -> Iterator[Line]:
        if rows and kind != "ranked":
            yield Line("heading", (writing.word(f"{kind}_units"),))
        for row in rows:
            yield Line(kind, _cells(row, writing), differs(row, policy, writing))

    yield from lines("ranked", table.ranked)
    yield from lines("grey", table.grey)
    yield Line("total", _cells(table.total._replace(name=writing.word("total")), writing))
    yield from lines("above", table.above)


def _own_policies(table: Table, policy: Policy, writing: Writing) -> Iterator[tuple[str, str]]:
    """What the mark at a unit means, right below the table."""
    rows = (*table.ranked, *table.grey, *table.above)
    for note in notes(rows, policy, writing):
        yield f"{MARK} {writing.word('own')}", note


def _cells(row: Row, writing: Writing) -> tuple[Cell, ...]:
    ratio, previous = cut(row.numerator, row.denominator), cut(*row.previous)
    change = None
    if ratio is not None and previous is not None:
        change = Points(ratio.hundredths - previous.hundredths)
    return (
        row.place,
        row.tied if row.tied > 1 else None,
        row.unit_id,
        row.name,
        writing.zone_word(row.zone),
        row.numerator,
        row.denominator,
        ratio,
        *row.outcomes,
        row.overdue,
        previous,
        change,
    )


def _foot(origin: Origin, writing: Writing) -> Iterator[tuple[str, str]]:
    word, zone = writing.word, writing.zone
    yield word("definition"), writing.definition(origin.definition)
    yield word("period"), writing.period(origin.period)
    over = "" if origin.as_of == origin.period.end(zone) else f"; {word('not_over')}"
    yield word("as_of"), f"{writing.instant(origin.as_of)}, {word('before')}{over}"
    yield word("known_at"), f"{writing.instant(origin.known_at)}, {word('known_then')}"
    yield word("compared"), writing.period(origin.period.before())
    yield word("policy"), origin.policy.digest
    if origin.book is None:
        yield word("book"), word("not_sealed")
    else:
        yield word("book"), f"{word('sealed_day')} {origin.book[0]}: {origin.book[1]}"
    yield word("source"), origin.source
    yield word("time_zone"), zone.key
    yield word("note"), word("notes")
    yield word("command"), origin.command
    yield word("made_at"), writing.instant(origin.made_at // SECOND * SECOND)
    yield word("made_by"), origin.made_by
