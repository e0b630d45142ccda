"""One unit of a partition: its ledger, and where its judgements stand. Pure."""

from __future__ import annotations

from alerts.incident import START, IncidentState, deadline, judge
from indicators.definitions import DEFINITIONS
from indicators.facts import Fact
from indicators.ledger import BEFORE_ALL, Admission, UnitLedger
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
        "_horizon",
        "_next_change",
        "_rules",
        "basis",
        "incident",
        "judged_at",
        "ledger",
        "policy",
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
        self.ledger = (
            UnitLedger(rules.zone)
            if judged_at is None
            else UnitLedger(rules.zone, instant_of(judged_at))
        )
        self._rules = rules
        self._horizon = rules.horizon_of(unit_id)
        self._next_change: Micros | None = BEFORE_ALL  # of a count, by the passing of time
        self.wake: Millis | None = None  # the next minute to judge; None: not without an event

    def examine(self, dossier_id: str, fact: Fact) -> Admission:
        """What an arriving event is to its dossier (R1)."""
        return self.ledger.examine(dossier_id, fact)

    def resume(self, basis: str) -> None:
        """After its dossiers have been loaded: stand where the last judgement left it.

        If that judgement was by another policy, the next whole minute is judged by this one.
        """
        self.ledger.settle(self.ledger.settled_at)
        self._look_ahead()
        if basis != self.basis and self.judged_at is not None:
            self._next_change = BEFORE_ALL
            self.wake = (self.judged_at // _MINUTE_MS + 1) * _MINUTE_MS

    def judge(self, clock: Millis, partition: int, offset: int) -> IncidentStep | None:
        """Judge the unit at a clock; the step that it made, if any."""
        at = instant_of(clock)
        changed = self.ledger.settle(at)
        if not changed and self._is_quiet(at, clock):
            self.judged_at = clock
            if self.ledger.next_pending() is not None or self._was_woken(clock):
                self._look_ahead()
            return None
        policy = self.policy
        tally = self.ledger.counts.tally(policy.window.start(at), at)
        count = DEFINITIONS[policy.definition](tally)
        zone = zone_of(count, policy)
        before = self.incident
        self.incident, kind = judge(before, zone, clock, policy)
        self.judged_at = clock
        self._look_ahead()
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
        incident_id = self.incident._replace(is_open=True, number=number).incident_id(
            self.unit_id, policy.definition
        )
        assert incident_id is not None
        return IncidentStep(incident_id, self.unit_id, kind, clock, zone, evidence)

    def _was_woken(self, clock: Millis) -> bool:
        """Whether the wake is past: an event whose time came need not have changed a count."""
        return self.wake is not None and self.wake <= clock

    def _is_quiet(self, at: Micros, clock: Millis) -> bool:
        """Whether no count has changed since the last judgement and no hold has ended.

        Then this judgement's answer is the last one's, and it need not be asked for.
        """
        change = self._next_change
        hold = deadline(self.incident, self.policy)
        return (
            self.judged_at is not None
            and (change is None or at < change)
            and (hold is None or clock < hold)
        )

    def _look_ahead(self) -> None:
        """Find the next whole minute at which a judgement can differ."""
        self._next_change = self.ledger.next_change(self._horizon)
        changes = (self._next_change, self.ledger.next_pending())
        minutes = [minute_from(change) for change in changes if change is not None]
        if (hold := deadline(self.incident, self.policy)) is not None:
            minutes.append(-(-hold // _MINUTE_MS) * _MINUTE_MS)
        after = self.judged_at
        self.wake = min((m for m in minutes if after is None or m > after), default=None)

    def status(self, clock: Millis, partition: int, offset: int) -> UnitStatus:
        """The figures at a clock that is not before the last judgement's."""
        at = instant_of(clock)
        self.ledger.settle(at)
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
