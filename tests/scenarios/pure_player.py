"""Plays scripts on the pure machines: monitors of partitions, and the notifier, without Kafka.

What a worker and the notifier's office do around them is done here in the same order: a chunk is
folded, the outlooks that are due are made, the notifier hears figures, steps, outlooks, and then
its clock moves on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import orjson

from alerts.delivery.retrying import next_try
from alerts.notifying import Notifier, Outgoing
from alerts.recipients import Channel, Recipient, Recipients
from schemas.condition import Condition, condition_of
from schemas.instants import Millis
from schemas.notification import Why
from schemas.outlook import UnitOutlook
from schemas.status import UnitStatus
from schemas.step import IncidentStep
from streams.composing import figure_of
from streams.monitor import PartitionMonitor
from streams.outlooks import Agenda
from streams.record import FiledRecord
from streams.routing import partition_of
from tests.scenarios.feed import Fed, Feed
from tests.scenarios.marks import MINUTE
from tests.scenarios.outcome import Outcome, Sent
from tests.scenarios.script import Own, Script, TryOut
from tests.scenarios.variant import PARTITIONS, Moment, Variant
from vungxanh.settings_use import monitor_rules, notify_rules, working_calendar

Hearing = Literal["steps first", "clock first"]
WALL_AHEAD: Millis = 200 * 24 * 60 * MINUTE  # of the records: they are from months ago
_EVER: Millis = 2**53


def recipients_of(scripts: Iterable[Script]) -> Recipients:
    """All people of some scripts, and the tree of their units."""
    people: list[Recipient] = []
    parents: dict[str, str] = {}
    for script in scripts:
        for one in script.people:
            channels = tuple(Channel(kind, "", kind) for kind in one.channels)
            units, who = tuple(map(script.own, one.units)), script.own(one.name)
            people.append(Recipient(who, one.role, units, channels, one.level, "vi", one.about))
        parents |= {script.own(unit): script.own(up) for unit, up in script.parents.items()}
    return Recipients(tuple(people), parents)


class PurePlayer:
    """A province in this process. `hearing`: whether a step, or the clock, is heard of first."""

    def __init__(self, variant: Variant, scripts: Iterable[Script], hearing: Hearing) -> None:
        self._variant = variant
        self._scripts = tuple(scripts)
        self._hearing = hearing
        settings = variant.settings
        rules = monitor_rules(settings)
        self._calendar = working_calendar(settings)
        self._rules = notify_rules(settings)
        self._monitors = [PartitionMonitor(n, PARTITIONS, rules) for n in range(PARTITIONS)]
        self._agendas = [Agenda() for _ in range(PARTITIONS)]
        self._offsets = [0] * PARTITIONS
        self._feed = Feed()
        self._notifier = Notifier(self._rules, recipients_of(self._scripts), self._calendar)
        self._failing = Counter(
            {who: times for script in self._scripts for who, times in script.fails().items()}
        )
        self._dead = {who for script in self._scripts for who in script.dead()}
        self._shut = Counter(
            {who: times for script in self._scripts for who, times in script.shut().items()}
        )
        self._conditions: dict[str, Condition] = {}  # that stand, by name
        self._outcome = Outcome()

    def play(self) -> Outcome:
        """All moments of the variant, with what happens in the scripts played."""
        moments = self._variant.moments(self._scripts)
        for moment in moments:
            self._moment(moment)
        self._send_until(_EVER)
        return self._outcome

    def _moment(self, moment: Moment) -> None:
        at, now = moment.at, moment.at + WALL_AHEAD
        self._send_until(now)
        by_partition: dict[int, list[Fed]] = {}
        for record in self._feed.records(moment):
            by_partition.setdefault(partition_of(record.unit_id, PARTITIONS), []).append(record)
        folded = [self._fold(n, records, at) for n, records in sorted(by_partition.items())]
        statuses = [one for found, _, _ in folded for one in found]
        steps = sorted((one for _, found, _ in folded for one in found), key=lambda one: one.at)
        outlooks = [one for _, _, found in folded for one in found]
        self._outcome.steps += [orjson.loads(step.to_json()) for step in steps]
        notifier = self._notifier
        for status in statuses:
            notifier.take_figure(**figure_of(status.to_dict()))
        if self._hearing == "clock first":
            notifier.advance(at, now)
            self._collect(now)
        for step in steps:
            notifier.take_step(step, now)
        for outlook in outlooks:
            notifier.take_outlook(outlook, now)
        self._collect(now)
        notifier.advance(at, now)
        self._collect(now)
        for action in self._feed.actions(moment):
            notifier.take_action(action, now)
            self._collect(now)
        for script, doing in moment.doings:
            if isinstance(doing, Own):
                self._own(script, doing, at, now)
                self._collect(now)

    def _own(self, script: Script, doing: Own, at: Millis, now: Millis) -> None:
        if isinstance(doing, TryOut):
            self._notifier.take_test(script.own(doing.recipient), now)
            return
        kind, _, what = doing.name.partition("/")
        name = f"{kind}/{script.own(what)}" if kind == "feed" else doing.name
        if doing.turning == "is well":
            del self._conditions[name]
        else:
            given_up = doing.turning == "is given up"
            self._conditions[name] = condition_of(name)._replace(given_up=given_up)
        self._notifier.take_conditions(self._conditions.values(), at)

    def _fold(
        self, number: int, records: list[Fed], at: Millis
    ) -> tuple[list[UnitStatus], list[IncidentStep], list[UnitOutlook]]:
        """One chunk of a partition, and the outlooks that are due after it."""
        first = self._offsets[number]
        self._offsets[number] += len(records)
        effects = self._monitors[number].fold(
            FiledRecord(number, offset, at, fed.unit_id.encode(), fed.value, ())
            for offset, fed in enumerate(records, first)
        )
        assert effects.folded == len(records), effects.dead_letters
        if self._rules.stale_after < WALL_AHEAD:  # nobody looks ahead from the past
            return effects.statuses, effects.steps, []
        agenda = self._agendas[number]
        agenda.note(effects)
        made = agenda.outlooks(self._monitors[number], self._calendar, float("inf"))
        return effects.statuses, effects.steps, made

    def _collect(self, now: Millis) -> None:
        """The end of a round: what was decided is written, and sent."""
        effects = self._notifier.collect()
        self._outcome.records += [orjson.loads(one.to_json()) for one in effects.notifications]
        self._outcome.steps += [orjson.loads(step.to_json()) for step in effects.steps]
        self._send(now)

    def _send_until(self, end: Millis) -> None:
        """All attempts that are due by then, each at its instant; it ends as a message is given up.

        What is due at the end itself waits for it.
        """
        while waiting := self._notifier.outbox(_EVER):
            due = min(one.next_try for one in waiting)
            if due >= end:
                return
            self._send(due)

    def _send(self, now: Millis) -> None:
        for outgoing in self._notifier.outbox(now):
            self._deliver(outgoing, now)
        effects = self._notifier.collect()
        self._outcome.records += [orjson.loads(one.to_json()) for one in effects.notifications]

    def _deliver(self, outgoing: Outgoing, now: Millis) -> None:
        key, who, report = outgoing.notification_id, outgoing.recipient, self._notifier.report
        if self._shut[who]:
            self._shut[who] -= 1
            report(key, "retrying", Why.CIRCUIT_OPEN, "", now, now + MINUTE, now)
            return
        kinds = [one.occasion.kind for one in outgoing.notices]
        self._outcome.sent.append(Sent(key, tuple(sorted(kinds))))
        if who not in self._dead and not self._failing[who]:
            report(key, "sent", Why.DELIVERED, "", now)
            return
        self._failing[who] -= who not in self._dead
        again = next_try(outgoing.attempts + 1, now, key, outgoing.first_try or now)
        if again is None:
            report(key, "failed", Why.GAVE_UP, "", now)
        else:
            report(key, "retrying", Why.CHANNEL_FAILED, "", now, again, now)
