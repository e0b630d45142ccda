"""Units to look ahead for, told by their ends and open dossiers; and a plain reckoning of them.

The reckoning knows nothing of standings and walks: it counts a list at each T that it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from hypothesis import strategies as st

from indicators.calendar import WorkingCalendar, YearFile
from indicators.counts import Tally
from indicators.definitions import DEFINITIONS, Count
from indicators.facts import Fact
from indicators.ledger import Horizon, UnitLedger
from indicators.policy import Policy
from indicators.standing import Standing, standing_of
from indicators.windows import read_window
from indicators.zones import zone_of
from schemas.instants import DAY, MINUTE, Micros, Millis, read_instant
from schemas.status import Zone
from tests.indicators.telling import HOUR, VIET_NAM

MS: Micros = 1_000
_NO_HOLIDAYS = YearFile(frozenset(), frozenset())
WEEKDAYS = WorkingCalendar(VIET_NAM, years=dict.fromkeys((2023, 2024), _NO_HOLIDAYS))
MONDAY = read_instant("2024-01-15T07:00:00+07:00") + MS  # T of the judgement at 07:00
KEEPS = ("10d", "30d")  # longer than any horizon here: a closing stays
LOSES = ("2d", "7d", "month")


def policy(window: str = "30d", **more: object) -> Policy:
    """Green from 90 %, and judged from one dossier on, unless said otherwise."""
    plain = Policy(
        "resolved@1", read_window(window, VIET_NAM), Fraction(9, 10), Fraction(1, 2), 1, 0, 0
    )
    return replace(plain, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Unit:
    """Ends as (instant, late), open dossiers as due dates; T is `at`."""

    at: Micros
    ends: tuple[tuple[Micros, bool], ...] = ()
    dues: tuple[Micros, ...] = ()
    policy: Policy = field(default_factory=policy)
    closings: Mapping[str, Micros] = field(default_factory=dict)

    @property
    def open(self) -> dict[str, Micros]:
        """The open dossiers with their due dates, the earliest first."""
        return {f"O{number}": due for number, due in enumerate(sorted(self.dues))}

    @property
    def closable(self) -> dict[str, Micros]:
        """Those that can still end on time."""
        return {name: due for name, due in self.open.items() if due >= self.at}

    def closing(self, closings: Mapping[str, Micros]) -> Unit:
        """The same unit, with these dossiers closed at these instants."""
        return replace(self, closings=closings)

    def ledger(self) -> UnitLedger:
        """A ledger that was told all this, and stands at T."""
        ledger = UnitLedger(VIET_NAM)
        for number, (end, late) in enumerate(self.ends):
            ledger.add(f"E{number}", _fact("received", end - 2 * DAY, end + (-HOUR if late else 1)))
            ledger.add(f"E{number}", _fact("completed", end))
        for name, due in self.open.items():
            ledger.add(name, _fact("received", min(self.at, due) - 9 * DAY, due))
            if name in self.closings:
                ledger.add(name, _fact("completed", self.closings[name]))
        ledger.settle(self.at)
        return ledger

    def standing(self) -> Standing:
        """What is known of it at T."""
        return standing_of(self.ledger(), self.policy, self.at)

    def count(self, at: Micros) -> Count:
        """The primary figure at any T, counted one by one."""
        start = self.policy.window.start(at)
        ends = [*self.ends]
        overdue = 0
        for name, due in self.open.items():
            end = self.closings.get(name)
            if end is not None:
                ends.append((end, end > due))
            overdue += due < at and (end is None or end >= at)
        inside = [late for end, late in ends if start <= end < at]
        tally = Tally(0, inside.count(False), inside.count(True), overdue)
        return DEFINITIONS[self.policy.definition](tally)

    def zone(self, at: Micros) -> Zone:
        """The zone at any T."""
        return zone_of(self.count(at), self.policy)

    def is_below(self, at: Micros) -> bool:
        """Whether it has left green at T."""
        return self.zone(at) in ("yellow", "red")

    def instants(self, last: Micros) -> list[Micros]:
        """Every T in (at, last] at which its figure can differ from the one before."""
        window, told = self.policy.window, [end for end, _ in self.ends]
        told += [*self.dues, *self.closings.values()]
        found = {instant + 1 for instant in told}
        if window.text == "month":
            found |= {window.start(at) for at in (last, last - 20 * DAY)}
        else:
            found |= {instant + int(window.text[:-1]) * DAY + 1 for instant in told}
        return sorted(instant for instant in found if self.at < instant <= last)

    def stays_green(self, last: Micros) -> bool:
        """Whether it is below green at no T up to `last`."""
        return not any(self.is_below(at) for at in self.instants(last))

    def judged(self, last: Micros) -> Iterator[tuple[Micros, Zone]]:
        """The zone at every T up to `last`, as a real ledger tells it."""
        ledger, window = self.ledger(), self.policy.window
        while True:
            change = ledger.next_change(Horizon.of((window,), None), ledger.settled_at)
            pending = ledger.next_pending()
            at = change if pending is None else min(pending, change)
            if at > last:
                return
            ledger.settle(at)
            tally = ledger.counts.tally(window.start(at), at)
            yield at, zone_of(DEFINITIONS[self.policy.definition](tally), self.policy)


def _fact(kind: str, at: Micros, due: Micros | None = None) -> Fact:
    return Fact(at, kind, kind, due, None, None, None, None, None, at // MS, 0)


def minutes(at: Micros, until: Millis) -> Iterator[Millis]:
    """Every whole minute of the clock whose judgement is after T, up to one."""
    minute = MINUTE // MS
    yield from range(at // MS // minute * minute, until + 1, minute)


def instant_of(clock: Millis) -> Micros:
    """T of the judgement at a clock."""
    return (clock + 1) * MS


_BESIDE = (0, 0, 0, 1, -1, 17_000_000)  # microseconds beside the grid


@st.composite
def units(draw: st.DrawFn, windows: tuple[str, ...], samples: tuple[int, ...] = (1, 3)) -> Unit:
    """Small units near the edge of what is green, with much that leaves the window soon."""
    at = MONDAY + draw(st.integers(0, 13)) * DAY + draw(st.sampled_from((0, 4, 9, 15))) * HOUR
    window = draw(st.sampled_from(windows))
    days = 15 if window == "month" else int(window[:-1])

    def instant(lowest: int, highest: int) -> Micros:
        """On a grid of six hours, or just beside it."""
        return at - MS + draw(st.integers(lowest, highest)) * 6 * HOUR + draw(beside)

    beside = st.sampled_from(_BESIDE)
    soon = 30 - 4 * days  # what ended before leaves the window before long
    ends = [
        (min(at - 1, instant(-4 * days, newest)), late)
        for most, newest, late in ((3, 0, True), (8, 0, False), (8, soon, False))
        for _ in range(draw(st.integers(0, most)))
    ]
    dues = [instant(-6, 34) for _ in range(draw(st.integers(0, 8)))]
    return Unit(
        at,
        tuple(ends),
        tuple(dues),
        policy(
            window,
            definition=draw(st.sampled_from(sorted(DEFINITIONS))),
            green=draw(st.sampled_from((Fraction(9, 10), Fraction(3, 4), Fraction(1, 2)))),
            min_sample=draw(st.sampled_from(samples)),
            recover_hold=draw(st.sampled_from((0, 600_000))),
            yellow=Fraction(1, 3),
        ),
    )


def green_units(windows: tuple[str, ...]) -> st.SearchStrategy[Unit]:
    """Those that are green at T."""
    return units(windows).filter(lambda unit: unit.zone(unit.at) == "green")


def units_below(windows: tuple[str, ...]) -> st.SearchStrategy[Unit]:
    """Those that are below green at T."""
    return units(windows).filter(lambda unit: unit.is_below(unit.at))
