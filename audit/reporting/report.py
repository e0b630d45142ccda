"""The table of a period by unit: the figures and places of the ranking, at the period's end. Pure.

The units, their order and their places are those of the page's ranking: by ratio, ties share a
place, too few to judge come last without one; units above others are headings and have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.reporting.period import Period, window_of
from indicators.definitions import Count
from indicators.facts import fact_of
from indicators.known import Histories, Question, histories_of
from indicators.ledger import Admission, UnitLedger
from indicators.policy import Policy
from indicators.ranking import ranked, unit_standing
from schemas.event import UnusableEvent
from schemas.instants import Micros
from schemas.ranking import UnitStanding
from schemas.status import Outcomes, Zone
from streams.record import Record, read_record
from streams.routing import is_home
from streams.rules import MonitorRules
from streams.settings import Unit


class Row(NamedTuple):
    """A unit's line, or that of all of them together."""

    unit_id: str
    name: str
    place: int | None  # from 1; None: too few to judge, or all units together
    tied: int  # how many units share the place
    zone: Zone | None  # None: of all units together
    numerator: int
    denominator: int
    outcomes: Outcomes  # resolved in the period, in three parts
    overdue: int  # at its end
    previous: Count  # of the period before
    own: Policy | None = None  # the unit's own: its thresholds and least sample make the zone


class Table(NamedTuple):
    """The lines of a report, in order."""

    ranked: tuple[Row, ...]
    grey: tuple[Row, ...]  # too few to judge
    above: tuple[Row, ...]  # units above others, with dossiers of their own: not in the total
    total: Row  # of the ranked and the grey ones


class Asked(NamedTuple):
    """Which table is asked for."""

    definition: str
    period: Period
    as_of: Micros  # T: the period's end, or before it in a period that is not over


class UnitHistories:
    """Collects the records of a history by unit; of an event the first to arrive counts (R1)."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._ledgers: dict[str, UnitLedger] = {}

    def add(self, records: Iterable[Record], partitions: int) -> None:
        """Put in a partition's records, in the order of their offsets.

        What is no event, or lies in the wrong place (its copy counts), is passed over.
        """
        for record in records:
            try:
                event, _ = read_record(record)
            except UnusableEvent:
                continue
            if not is_home(record.key, event.unit_id, record.partition, partitions):
                continue
            ledger = self._ledgers.get(event.unit_id)
            if ledger is None:
                ledger = self._ledgers[event.unit_id] = UnitLedger(self._zone)
            fact = fact_of(event, record.timestamp, record.offset)
            if ledger.examine(event.dossier_id, fact) is Admission.NEW:
                ledger.add(event.dossier_id, fact)

    def of(self, unit_id: str) -> Histories:
        """A unit's events by dossier; none where nothing of it has come."""
        ledger = self._ledgers.get(unit_id)
        return {} if ledger is None else histories_of(ledger)

    def units(self) -> Iterable[str]:
        """The units of which something has come."""
        return self._ledgers.keys()


def table(
    histories: UnitHistories, asked: Asked, units: Sequence[Unit], rules: MonitorRules
) -> Table:
    """The lines of the period's report; `units` are those of the directory.

    Raises ValueError for a definition that there is not.
    """
    names = {unit.unit_id: unit.name for unit in units}
    with_children = {unit.parent_id for unit in units if unit.parent_id}
    standings: dict[str, UnitStanding] = {}
    previous: dict[str, Count] = {}
    for unit_id in {*names, *histories.units()}:
        standings[unit_id], previous[unit_id] = _of_unit(
            unit_id, histories.of(unit_id), asked, rules
        )

    def rows(unit_ids: Iterable[str]) -> list[Row]:
        return [
            _row(one.standing, names, previous, rules, (one.place, one.tied))
            for one in ranked(standings[unit_id] for unit_id in unit_ids)
        ]

    own = rows(standings.keys() - with_children)
    above = (standings[unit_id] for unit_id in sorted(standings.keys() & with_children))
    return Table(
        tuple(row for row in own if row.place is not None),
        tuple(row for row in own if row.place is None),
        tuple(
            _row(one, names, previous, rules)
            for one in above
            if one.denominator or any(one.outcomes) or one.open.overdue
        ),
        _total(own),
    )


def _of_unit(
    unit_id: str, histories: Histories, asked: Asked, rules: MonitorRules
) -> tuple[UnitStanding, Count]:
    """A unit's standing at T, and its figure at the end of the period before."""
    policy, zone = rules.policy_of(unit_id), rules.zone
    before = asked.period.before()
    now, then = (
        unit_standing(
            unit_id,
            histories,
            Question(asked.definition, window_of(period, zone), at, zone),
            policy,
            rules.due_soon,
        )
        for period, at in ((asked.period, asked.as_of), (before, before.end(zone)))
    )
    return now, Count(then.numerator, then.denominator)


def _row(
    one: UnitStanding,
    names: Mapping[str, str],
    previous: Mapping[str, Count],
    rules: MonitorRules,
    place: tuple[int | None, int] = (None, 0),
) -> Row:
    return Row(
        one.unit_id,
        names.get(one.unit_id, one.unit_id),
        *place,
        one.zone,
        one.numerator,
        one.denominator,
        one.outcomes,
        one.open.overdue,
        previous[one.unit_id],
        rules.unit_policies.get(one.unit_id),
    )


def _total(rows: Sequence[Row]) -> Row:
    return Row(
        "",
        "",
        None,
        0,
        None,
        sum(row.numerator for row in rows),
        sum(row.denominator for row in rows),
        Outcomes(*(sum(row.outcomes[part] for row in rows) for part in range(3))),
        sum(row.overdue for row in rows),
        Count(
            sum(row.previous.numerator for row in rows),
            sum(row.previous.denominator for row in rows),
        ),
    )
