"""The ranking of units: their figures at several instants, and places with ties. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indicators.counts import Share, Tally, UnitCounts
from indicators.definitions import definition
from indicators.known import Histories, Question, known_by
from indicators.policy import Policy
from indicators.tallies import Tallies
from indicators.windows import read_window
from indicators.zones import zone_of
from schemas.instants import Micros, local_date, start_of_day
from schemas.ranking import Earlier, EarlierPlace, RankedUnit, UnitStanding
from schemas.status import Outcomes

_OPEN = frozenset({"open", "paused", "no_due"})
_SCALE = 80  # bits; exact where denominators are below 2**40: see `_ratio`


class RankingInstants(NamedTuple):
    """T, and the starts of the local half-year, month and day that it lies in; none is after T."""

    half: Micros
    month: Micros
    day: Micros
    now: Micros


@lru_cache(maxsize=256)
def ranking_instants(at: Micros, zone: ZoneInfo) -> RankingInstants:
    """The instants at which a ranking as of T looks."""
    half, month = (read_window(period, zone).start(at) for period in ("half", "month"))
    return RankingInstants(half, month, start_of_day(local_date(at, zone), zone), at)


def unit_standing(
    unit_id: str,
    histories: Histories,
    question: Question,
    policy: Policy,
    due_soon: Micros,
) -> UnitStanding:
    """What a unit's owner tells of it for a ranking; exact to the dossier at each instant.

    `policy` gives the thresholds of the zone only; `due_soon` is a span. All instants are as known
    at the one K. Raises ValueError for a definition that there is not.
    """
    count_by = definition(question.definition)
    instants = ranking_instants(question.at, question.zone)
    tallies = Tallies(instants, question.window, question.zone)
    still_open: list[Share] = []
    for facts in histories.values():
        share = tallies.add(known_by(facts, question.known))
        if share.kind in _OPEN:
            still_open.append(share)

    def figure(tally: Tally) -> Earlier:
        count = count_by(tally)
        return Earlier(*count, zone_of(count, policy))

    half, month, day, now = tallies.result()
    counts = UnitCounts()
    counts.put_all_in(still_open)
    numerator, denominator, zone = figure(now)
    return UnitStanding(
        unit_id,
        zone,
        numerator,
        denominator,
        Outcomes(*now[:3]),
        counts.open_at(question.at, due_soon),
        figure(day),
        figure(month),
        figure(half),
    )


def ranked(standings: Iterable[UnitStanding]) -> list[RankedUnit]:
    """The units by their ratios, best first, with places; those too few to judge last, without.

    Places are 1, 2, 2, 4: equal ratios share one, compared as fractions of whole numbers. In a tie
    the larger denominator is listed first, then by id. The earlier places are those among the same
    units.
    """
    units = sorted(standings, key=lambda unit: (unit.zone == "grey", *_order(unit)))
    now = _places([Earlier(unit.numerator, unit.denominator, unit.zone) for unit in units])
    sharing = Counter(place for place in now if place is not None)

    def earlier(of: Callable[[UnitStanding], Earlier]) -> list[EarlierPlace]:
        figures = [of(unit) for unit in units]
        return [
            EarlierPlace(*figure, place)
            for figure, place in zip(figures, _places(figures), strict=True)
        ]

    days, months, halves = (
        earlier(lambda unit: unit.day),
        earlier(lambda unit: unit.month),
        earlier(lambda unit: unit.half),
    )
    return [
        RankedUnit(unit, place, 0 if place is None else sharing[place], *then)
        for unit, place, *then in zip(units, now, days, months, halves, strict=True)
    ]


def _places(figures: Sequence[Earlier]) -> list[int | None]:
    """The place of each figure among all; None where there are too few to judge."""
    ratios = [
        None if figure.zone == "grey" else _ratio(figure.numerator, figure.denominator)
        for figure in figures
    ]
    first: dict[int, int] = {}
    for place, ratio in enumerate(
        sorted((one for one in ratios if one is not None), reverse=True), start=1
    ):
        first.setdefault(ratio, place)
    return [None if ratio is None else first[ratio] for ratio in ratios]


def _order(unit: UnitStanding) -> tuple[int, int, str]:
    """Ratio and denominator downwards, then the id; without a denominator last."""
    denominator = unit.denominator
    return -_ratio(unit.numerator, denominator), -denominator, unit.unit_id


def _ratio(numerator: int, denominator: int) -> int:
    """A whole number that orders ratios as the fractions themselves; -1 without a denominator.

    Different fractions a/b and c/d differ by at least 1/bd, so by 1 or more after scaling by 2**80
    where b and d are below 2**40; then their whole parts differ too. A quarter of the cost of
    comparing `Fraction`s.
    """
    return (numerator << _SCALE) // denominator if denominator else -1
