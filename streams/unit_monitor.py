"""One unit of a partition: its ledger, and where its judgements stand. Pure."""

from __future__ import annotations

from alerts.incident import START, IncidentState, deadline, incident_id, judge
from indicators.definitions import DEFINITIONS
from indicators.facts import Fact
from indicators.ledger import BEFORE_ALL, NEVER, Admission, UnitLedger
from indicators.zones import zone_of
from schemas.instants import MINUTE, SECOND, Micros, Millis
from schemas.status import Figure, Outcomes, UnitStatus
from schemas.step import Evidence, IncidentStep
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
        "_next_change",
        "_rules",
        "_shown",
        "basis",
        "incident",
        "judged_at",
        "judged_offset",
        "ledger",
        "policy",
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
        self.incident = incident
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
        zone = zone_of(count, policy)
        before = self.incident
        self.incident, kind = judge(before, zone, clock, policy)
        self.judged_at, self.judged_offset = clock, offset
        if time_told:
            self._has_to_look = False
            self._next_change = self.ledger.next_change(self._horizon, at)
        for share in shares:
            self._next_change = min(self._next_change, self._horizon.next_change(share, at))
        self._set_wake()
        if kind is None:
            return None
        number = max(before.number, self.incident.number)
        evidence = Evidence(
            policy.definition,
            policy.window.text,
            clock + 1,
            count.numerator,
            count.denominator,
            partition,
            offset,
            policy.digest,
        )
        return IncidentStep(
            incident_id(self.unit_id, policy.definition, number),
            self.unit_id,
            kind,
            clock,
            zone,
            evidence,
        )

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

    def status(self, clock: Millis, partition: int, offset: int) -> UnitStatus:
        """The figures at a clock that is not before the last judgement's; changes nothing."""
        at = instant_of(clock)
        pending = self.ledger.next_pending()
        if pending is not None and pending <= at:  # seldom: an event of the future came true
            return self.rebuilt(clock).status(clock, partition, offset)
        policy, counts = self.policy, self.ledger.counts
        tallies = {w.text: counts.tally(w.start(at), at) for w in self._rules.windows}
        primary = tallies.get(policy.window.text) or counts.tally(policy.window.start(at), at)
        count = DEFINITIONS[policy.definition](primary)
        figures = [Figure(policy.definition, policy.window.text, *count)]
        for name, measure in DEFINITIONS.items():
            for window, tally in tallies.items():
                if (name, window) != (policy.definition, policy.window.text):
                    figures.append(Figure(name, window, *measure(tally)))
        return UnitStatus(
            self.unit_id,
            clock,
            partition,
            offset,
            zone_of(count, policy),
            tuple(figures),
            tuple((window, Outcomes(*tally[:3])) for window, tally in tallies.items()),
            counts.open_at(at, self._rules.due_soon),
            self.incident.incident_id(self.unit_id, policy.definition),
            policy.digest,
        )
