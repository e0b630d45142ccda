"""One unit of a partition: its ledger, and where its judgements stand. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.correction import Opening, can_move, moved
from alerts.incident import START, IncidentState, deadline, judge, see
from indicators.counts import Tally
from indicators.definitions import DEFINITIONS, Count
from indicators.facts import Fact
from indicators.ledger import BEFORE_ALL, NEVER, Admission, UnitLedger
from indicators.outlook import outlook
from indicators.zones import zone_of
from schemas.book import Correction
from schemas.instants import MINUTE, SECOND, Micros, Millis
from schemas.outlook import UnitOutlook
from schemas.status import Outcomes, UnitStatus, Zone
from schemas.step import Cause, Evidence, IncidentStep, StepKind
from streams.figures import figures_of
from streams.rules import MonitorRules

_MS: Micros = SECOND // 1000
_MINUTE_MS: Millis = MINUTE // _MS


def instant_of(clock: Millis) -> Micros:
    """T of a judgement at a clock: 1 ms later, so that what has just happened counts."""
    return (clock + 1) * _MS


def minute_from(at: Micros) -> Millis:
    """The first whole minute of the clock whose judgement is at `at` or later."""
    clock = -(-at // _MS) - 1
    return -(-clock // _MINUTE_MS) * _MINUTE_MS


class UnitMonitor:
    """Folds a unit's events and judges it; knows when it has to be judged next."""

    __slots__ = (
        "_has_to_look",
        "_horizon",
        "_judged_by",
        "_next_change",
        "_rules",
        "_shown",
        "basis",
        "incident",
        "judged_at",
        "judged_offset",
        "ledger",
        "policy",
        "restated",
        "told_at",
        "unit_id",
        "wake",
    )

    def __init__(
        self,
        unit_id: str,
        rules: MonitorRules,
        incident: IncidentState = START,
        judged_at: Millis | None = None,
    ) -> None:
        self.unit_id = unit_id
        self.policy = rules.policy_of(unit_id)
        self.basis = rules.basis_of(unit_id)
        self._judged_by = f"{self.policy.digest} {rules.zone}"
        self.incident = incident.carried_on(self.policy.definition, self._judged_by)
        self.judged_at = judged_at  # the clock of the last judgement
        self.judged_offset = -1  # the last record folded in the partition by then
        self.told_at: Millis | None = None  # the minute of a status told since
        self.ledger = (
            UnitLedger(rules.zone)
            if judged_at is None
            else UnitLedger(rules.zone, instant_of(judged_at))
        )
        self._rules = rules
        self._horizon = rules.horizon_of(unit_id)
        self._shown = rules.shown_horizon_of(unit_id)
        self._next_change = BEFORE_ALL  # until then the passing of time changes no count
        self.restated: tuple[str, Opening, Opening] | None = None  # by the last event; its incident
        self._has_to_look = False  # what changed since the last judgement is not told otherwise
        self.wake: Millis | None = None  # the next minute to judge; None: not without an event

    def examine(self, dossier_id: str, fact: Fact) -> Admission:
        """What an arriving event is to its dossier (R1)."""
        return self.ledger.examine(dossier_id, fact)

    def resume(self, basis: str, clock: Millis | None = None) -> None:
        """After its dossiers have been loaded: stand where the last judgement left it.

        If that judgement was by another policy, the next whole minute is judged by this one.
        """
        self.ledger.settle(self.ledger.settled_at)
        self._next_change = self.ledger.next_change(self._horizon, self.ledger.settled_at)
        self._set_wake()
        if basis != self.basis and self.judged_at is not None:
            self._has_to_look = True
            after = max(self.judged_at, clock or 0)
            self.wake = (after // _MINUTE_MS + 1) * _MINUTE_MS

    def rebuilt(self, clock: Millis | None) -> UnitMonitor:
        """As it stands at a clock, derived again from its events."""
        again = UnitMonitor(self.unit_id, self._rules, self.incident, clock)
        for dossier_id, dossier in self.ledger.dossiers.items():
            again.ledger.load(dossier_id, dossier.facts)
        again.judged_offset, again.told_at = self.judged_offset, self.told_at
        again.resume(self.basis)
        if self._has_to_look:
            again._has_to_look, again.wake = True, self.wake
        return again

    def take(
        self, dossier_id: str, fact: Fact, clock: Millis, partition: int
    ) -> list[IncidentStep]:
        """Add a new event, and judge the unit at the clock; the steps that it made, in order.

        Where a rule fails, incident and events are as before and the counts may not be: see
        `rebuilt`.
        """
        incident, self.restated = self.incident, None
        self.ledger.add(dossier_id, fact)
        try:
            if fact.occurred_at >= instant_of(clock):
                self.ledger.rehearse(dossier_id)
            corrected = self._correct(dossier_id, fact, clock, partition)
            judged = self.judge(clock, partition, fact.offset)
        except Exception:
            self.ledger.remove(dossier_id, fact)
            self.incident = incident
            raise
        return [step for step in (corrected, judged) if step is not None]

    def judge(self, clock: Millis, partition: int, offset: int) -> IncidentStep | None:
        """Judge the unit at a clock; the step that it made, if any."""
        at = instant_of(clock)
        pending = self.ledger.next_pending()
        shares = self.ledger.settle(at)
        time_told = self._has_to_look or at >= self._next_change
        if not shares and not time_told and not self._hold_ends(clock):
            # Nothing can have changed since the last judgement: the answer is the last one's.
            self.judged_at, self.judged_offset = clock, offset
            if pending is not None or self.ledger.next_pending() is not None:
                self._set_wake()
            return None
        policy = self.policy
        tally = self.ledger.counts.tally(policy.window.start(at), at)
        count = DEFINITIONS[policy.definition](tally)
        seen = see(count, policy)
        self.incident, kind = judge(self.incident, seen, clock, policy)
        if kind == "opened":
            opening = Opening(at, tally, offset, self._judged_by)
            self.incident = self.incident._replace(opening=opening)
        self.judged_at, self.judged_offset = clock, offset
        if time_told:
            self._has_to_look = False
            self._next_change = self.ledger.next_change(self._horizon, at)
        for share in shares:
            self._next_change = min(self._next_change, self._horizon.next_change(share, at))
        self._set_wake()
        if kind is None:
            return None
        return self._step(
            kind, clock, seen.zone, self._evidence(clock + 1, count, partition, offset)
        )

    def _correct(
        self, dossier_id: str, fact: Fact, clock: Millis, partition: int
    ) -> IncidentStep | None:
        """What an event just added says of the latest opening: a step where that turns."""
        known = self.incident.opening
        if known is None or not can_move(known, fact):
            return None
        policy = self.policy
        facts = self.ledger.dossiers[dossier_id].facts
        opening = moved(known, fact, facts, policy.window, self._rules.zone)
        if opening is known:
            return None
        self.incident = self.incident._replace(opening=opening)
        self.restated = (self.incident.latest_id(self.unit_id), known, opening)
        (_, was), (count, now) = self._figure(known.tally), self._figure(opening.tally)
        if _is_below(was) == _is_below(now):
            return None
        evidence = self._evidence(opening.as_of // _MS, count, partition, fact.offset)
        cause = Cause(fact.event_id, dossier_id)
        return self._step("corrected", clock, now, evidence)._replace(cause=cause)

    def corrected_opening(self) -> list[Correction]:
        """What the last event made of the figure that the latest opening had stated."""
        if self.restated is None:
            return []
        incident, *openings = self.restated
        (old, _), (new, _) = (self._figure(opening.tally) for opening in openings)
        if old == new:
            return []
        policy, as_of = self.policy, openings[0].as_of // _MS
        pairs = ((count.numerator, count.denominator) for count in (old, new))
        return [Correction(incident, as_of, policy.definition, policy.window.text, *pairs)]

    def _figure(self, tally: Tally) -> tuple[Count, Zone]:
        count = DEFINITIONS[self.policy.definition](tally)
        return count, zone_of(count, self.policy)

    def _evidence(self, as_of: Millis, count: Count, partition: int, offset: int) -> Evidence:
        policy = self.policy
        window, (numerator, denominator) = policy.window.text, count
        return Evidence(
            policy.definition,
            window,
            as_of,
            numerator,
            denominator,
            partition,
            offset,
            policy.digest,
        )

    def _step(self, kind: StepKind, clock: Millis, zone: Zone, evidence: Evidence) -> IncidentStep:
        latest = self.incident.latest_id(self.unit_id)
        return IncidentStep(latest, self.unit_id, kind, clock, zone, evidence)

    def is_due(self, minute: Millis) -> bool:
        """At its wake: whether a count or a hold did change, or it was only feared so.

        If not, the next wake is set.
        """
        assert self.judged_at is not None, "only a judged unit has a wake"
        at = instant_of(minute)
        pending = self.ledger.next_pending()
        if self._has_to_look or self._hold_ends(minute) or (pending is not None and pending <= at):
            return True
        self._next_change = self.ledger.next_change(self._horizon, instant_of(self.judged_at))
        if self._next_change <= at:
            return True
        self._set_wake()
        return False

    def _hold_ends(self, clock: Millis) -> bool:
        hold = deadline(self.incident, self.policy)
        return self.judged_at is None or (hold is not None and clock >= hold)

    def _set_wake(self) -> None:
        """Set the next whole minute at which a judgement can differ."""
        change, pending = self._next_change, self.ledger.next_pending()
        if pending is not None and pending < change:
            change = pending
        wake = None if change == NEVER else minute_from(change)
        after = self.judged_at
        if wake is not None and after is not None and wake <= after:
            wake = None
        if (hold := deadline(self.incident, self.policy)) is not None:
            ends = -(-hold // _MINUTE_MS) * _MINUTE_MS
            if (after is None or ends > after) and (wake is None or ends < wake):
                wake = ends
        self.wake = wake

    @property
    def stated_at(self) -> Millis:
        """The clock of its latest status: of the last judgement, or of a minute since."""
        assert self.judged_at is not None, "only a judged unit has a status"
        return self.judged_at if self.told_at is None else max(self.judged_at, self.told_at)

    def tell(self, clock: Millis) -> bool:
        """Whether a minute before `clock` changed what the status shows; it is `stated_at` then.

        Not all that a status shows is judged: other windows than the primary one's, what is due
        soon. Of several such minutes only the last is told.
        """
        last = (clock - 1) // _MINUTE_MS * _MINUTE_MS
        change = self.ledger.last_change(self._shown, instant_of(last))
        if change == BEFORE_ALL or (minute := minute_from(change)) <= self.stated_at:
            return False
        self.told_at = minute
        return True

    def next_tell(self) -> Millis | None:
        """The next minute to tell if nothing is judged before."""
        change = self.ledger.next_change(self._shown, instant_of(self.stated_at))
        return None if change == NEVER else minute_from(change)

    def arrivals(self, since: Millis) -> list[Millis]:
        """When its records arrived since then, in order."""
        dossiers = self.ledger.dossiers.values()
        return sorted(
            fact.arrival for dossier in dossiers for fact in dossier.facts if fact.arrival >= since
        )

    def outlook(
        self, clock: Millis, partition: int, offset: int, usual: Millis | None
    ) -> UnitOutlook | None:
        """What lies before it at a clock that is not before the last judgement's.

        Changes nothing. None where there is no calendar to look ahead by.
        """
        rules, at = self._rules, instant_of(clock)
        if rules.calendar is None:
            return None
        pending = self.ledger.next_pending()
        if pending is not None and pending <= at:  # seldom: an event of the future came true
            return self.rebuilt(clock).outlook(clock, partition, offset, usual)
        return outlook(
            self.unit_id,
            self.ledger,
            self.policy,
            rules.calendar,
            clock + 1,
            partition=partition,
            offset=offset,
            due_soon=rules.due_soon,
            last_arrival=self.ledger.last_arrival,
            usual_gap=usual,
            working_days=rules.warn_days,
        ).bounded()

    def status(self, clock: Millis, partition: int, offset: int) -> UnitStatus:
        """The figures at a clock that is not before the last judgement's; changes nothing."""
        at = instant_of(clock)
        pending = self.ledger.next_pending()
        if pending is not None and pending <= at:  # seldom: an event of the future came true
            return self.rebuilt(clock).status(clock, partition, offset)
        return self._status(clock, partition, offset, self._tallies(at))

    def _status(
        self, clock: Millis, partition: int, offset: int, tallies: Mapping[str, Tally]
    ) -> UnitStatus:
        primary = tallies[self.policy.window.text]
        shown = [window.text for window in self._rules.windows]
        return UnitStatus(
            self.unit_id,
            clock,
            partition,
            offset,
            zone_of(DEFINITIONS[self.policy.definition](primary), self.policy),
            figures_of(tallies, self.policy, shown),
            tuple((window, Outcomes(*tallies[window][:3])) for window in shown),
            self.ledger.counts.open_at(instant_of(clock), self._rules.due_soon),
            self.incident.incident_id(self.unit_id),
            self.policy.digest,
        )

    def sealed(self, clock: Millis, partition: int, offset: int) -> tuple[UnitStatus, list[Tally]]:
        """The status at a clock, as `status`, and the tallies of all its windows there."""
        pending = self.ledger.next_pending()
        if pending is not None and pending <= instant_of(clock):
            return self.rebuilt(clock).sealed(clock, partition, offset)
        tallies = self._tallies(instant_of(clock))
        return self._status(clock, partition, offset, tallies), list(tallies.values())

    def _tallies(self, at: Micros) -> dict[str, Tally]:
        """By window, in the order of `MonitorRules.windows_of`."""
        counts = self.ledger.counts
        windows = self._rules.windows_of(self.unit_id)
        return {window.text: counts.tally(window.start(at), at) for window in windows}


def _is_below(zone: Zone) -> bool:
    return zone in ("yellow", "red")
