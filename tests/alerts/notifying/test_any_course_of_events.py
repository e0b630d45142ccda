"""Whatever happens, and wherever it is restarted: nothing is lost, nothing is decided twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from alerts.notifying import NotifyRules
from schemas.condition import Condition
from schemas.notification import Notification, Why
from schemas.step import StepKind
from tests.alerts.notifying.scenario import (
    CALENDAR,
    CHIEF,
    DAY,
    HEAD,
    HOUR,
    MINUTE,
    Scenario,
    decided,
    mark,
    somebody,
)
from tests.profiles import steady

UNITS = ("commune", "district", "other")
RECIPIENTS = (
    HEAD,
    CHIEF,
    somebody("above", "district", channels=("email", "webhook")),
    somebody("guard", "*", role="operations"),
)
OF_DECISIONS = set(Why) - {
    Why.TEST,  # asked for, not decided
    Why.DELIVERED,
    Why.CHANNEL_FAILED,
    Why.CIRCUIT_OPEN,
    Why.GAVE_UP,
    Why.TEMPLATE_BROKEN,
    Why.CROWDED_OUT,  # needs hundreds of notices; see test_room
}

Deed = tuple[str, int]

rules_drawn = st.builds(
    NotifyRules,
    quiet_hours=st.booleans(),
    urgent=st.sampled_from([frozenset(), frozenset({"worsened"}), frozenset({"opened", "closed"})]),
    group_wait=st.sampled_from([0, 0, 10 * MINUTE, HOUR]),
    rate_limit=st.sampled_from([0, 1, 2, 20]),
    flapping_openings=st.sampled_from([0, 1, 3]),
    flapping_period=st.just(DAY),
    escalate_after=st.sampled_from([0, HOUR, 4 * HOUR]),
    reminders=st.booleans(),
    inhibit_children=st.booleans(),
)
deeds_drawn = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.integers(0, 99)),
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 7, 61, 180, 13 * 60, 3 * 24 * 60])),
        st.tuples(
            st.sampled_from(
                ["acknowledge", "silence", "unsilence", "outlook", "health", "figure", "late"]
            ),
            st.integers(0, 99),
        ),
        st.tuples(st.just("report"), st.integers(0, 9)),
    ),
    min_size=30,
    max_size=90,
)


@dataclass
class Course:
    """Plays deeds; each makes sense where it comes (an incident is open before it closes)."""

    scene: Scenario
    open: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(UNITS, False))
    silences: list[str] = field(default_factory=list)
    conditions: set[str] = field(default_factory=set)
    given_up: bool = False

    def play(self, deed: Deed) -> bool:
        """Whether the round has ended with it; three steps in four leave it open."""
        name, number = deed
        getattr(self, name)(number)
        if name == "step" and number % 4:
            return False
        self.scene.end_round()
        return True

    def step(self, number: int) -> None:
        unit = UNITS[number % 3]
        kinds: list[StepKind] = ["closed", "worsened", "improved", "corrected"]
        if not self.open[unit]:
            self.open[unit] = True
            self.scene.opened(unit)
            return
        kind = kinds[number // 3 % 4]
        self.open[unit] = kind != "closed"
        self.scene.step(
            kind,
            unit,
            {"closed": "green", "worsened": "red"}.get(kind, "yellow"),  # type: ignore[arg-type]
        )

    def late(self, number: int) -> None:
        """A step of history."""
        self.scene.wall_ahead = 2 * DAY
        self.step(number)
        self.scene.wall_ahead = 0

    def wait(self, minutes: int) -> None:
        """The clock runs on, from one timer to the next."""
        scene, target = self.scene, self.scene.clock + minutes * MINUTE
        scene.end_round()
        while (due := scene.notifier.next_due()) is not None and due <= target:
            scene.clock = due
            scene.notifier.advance(due, scene.now)
            scene.end_round()
        scene.clock = target
        scene.notifier.advance(target, scene.now)

    def acknowledge(self, number: int) -> None:
        unit = UNITS[number % 3]
        self.scene.acknowledged(unit, ("An", "head")[number % 2], number // 6 % 3)

    def silence(self, number: int) -> None:
        scope = (*UNITS, "district/*", "*")[number % 5]
        until = mark(self.scene.clock + (number // 5) * HOUR)
        self.silences.append(self.scene.act("silence", scope=scope, until=until))

    def unsilence(self, number: int) -> None:
        known = [*self.silences, "none"]
        self.scene.act("unsilence", silence=known[number % len(known)])

    def outlook(self, number: int) -> None:
        leaves = mark(self.scene.clock + DAY) if number % 3 else None
        self.scene.outlook(leaves)

    def health(self, number: int) -> None:
        """A lag and a silent feed come and go, and the feed may be given up."""
        if number % 3 == 2:
            self.given_up = not self.given_up
        else:
            self.conditions ^= {("lag", "feed")[number % 3]}
        feed = Condition("feed", unit_id="commune", given_up=self.given_up)
        each = {"lag": Condition("lag", number=number), "feed": feed}
        self.scene.health(*(each[name] for name in sorted(self.conditions)))

    def figure(self, number: int) -> None:
        self.scene.figure(number, 100)

    def report(self, number: int) -> None:
        due = self.scene.outbox()
        for outgoing in due[: number // 3 + 1]:
            report = self.scene.notifier.report
            key, clock = outgoing.notification_id, self.scene.clock
            if number % 3 == 0:
                report(key, "sent", Why.DELIVERED, "", clock)
            elif number % 3 == 1:
                report(key, "failed", Why.GAVE_UP, "", clock)
            else:
                later = self.scene.now + HOUR
                report(key, "retrying", Why.CHANNEL_FAILED, "", clock, later)


def played(rules: NotifyRules, deeds: list[Deed], restarts: set[int]) -> Scenario:
    scene = Scenario(*RECIPIENTS, rules=rules)
    course = Course(scene.at("Mon 06:00"))
    for index, deed in enumerate(deeds):
        if course.play(deed) and index in restarts:
            scene.restart()
    scene.end_round()
    return scene


def in_order(records: list[Notification]) -> bool:
    return all(one.at <= other.at for one, other in pairwise(records))


def test_a_restart_changes_nothing_and_no_message_is_lost() -> None:
    """Also: all reasons are reached, so that none of this is said of what never happened."""
    reached: set[Why] = set()

    @steady(300)
    @given(rules_drawn, deeds_drawn, st.sets(st.integers(0, 89)))
    def check(rules: NotifyRules, deeds: list[Deed], restarts: set[int]) -> None:
        lasting = played(rules, deeds, set())
        restarted = played(rules, deeds, restarts)
        assert restarted.records == lasting.records
        assert restarted.steps == lasting.steps
        assert restarted.state == lasting.state
        every_decided_message_is_on_its_way_or_reported(lasting)
        every_notice_is_accounted_for(lasting)
        assert in_order(lasting.records)
        reached.update(record.why for record in lasting.records)

    check()
    assert OF_DECISIONS - reached == set()


def every_decided_message_is_on_its_way_or_reported(scene: Scenario) -> None:
    messages = decided(scene.records)
    assert len(messages) == len(set(messages)), "a message decided twice"
    done = [one.notification_id for one in scene.records if one.outcome in ("sent", "failed")]
    waiting = [one.notification_id for one in scene.notifier.outbox(scene.now + DAY)]
    assert sorted(done + waiting) == sorted(messages)


def every_notice_is_accounted_for(scene: Scenario) -> None:
    """What was held is later decided or dropped, or is held still; what is grouped travels."""
    messages = decided(scene.records)
    leads = {name.rsplit("|", 1)[0] for name in messages}
    last: dict[str, str] = {}
    ends: Counter[str] = Counter()
    for record in scene.records:
        if record.outcome not in ("decided", "held", "dropped"):
            continue
        name = record.notification_id
        if record.channel is not None:
            name = name.removesuffix(f"|{record.channel}")
        last[name] = record.outcome
        if record.outcome == "dropped" or record.message is not None:
            ends[name] += 1
        if record.outcome == "decided" and record.channel is None:
            assert record.why is Why.GROUPED
            assert record.message in leads
    assert not [name for name, count in ends.items() if count > 1], "a notice with two ends"
    held = {name for name, outcome in last.items() if outcome == "held"}
    kept = {name for name in held if any(name.encode() in value for value in scene.state.values())}
    assert held == kept, "held, and forgotten"


@steady(200)
@given(
    st.sampled_from([frozenset(), frozenset({"worsened"})]),
    st.sampled_from([1, 2]),
    deeds_drawn,
)
def test_quiet_hours_and_the_limit_are_kept(
    urgent: frozenset[StepKind], limit: int, deeds: list[Deed]
) -> None:
    rules = NotifyRules(urgent=frozenset(urgent), rate_limit=limit, escalate_after=HOUR)
    scene = played(rules, deeds, set())
    sent = [
        one
        for one in scene.records
        if one.outcome == "decided" and one.channel == "email" and one.kind != "digest"
    ]
    event(f"{min(len(sent), 10)} messages")
    for record in sent:
        if record.kind != "health" and not urgent:
            assert CALENDAR.is_working_time(record.at * 1000), record
    for recipient in RECIPIENTS:
        instants = [one.at for one in sent if one.recipient == recipient.recipient_id]
        for first, following in zip(instants, instants[limit:], strict=False):
            assert following - first >= HOUR


@steady(100)
@given(rules_drawn, deeds_drawn)
def test_nobody_gets_news_of_what_they_were_never_told(
    rules: NotifyRules, deeds: list[Deed]
) -> None:
    scene = played(rules, deeds, set())
    told: set[tuple[str, str | None]] = set()
    for record in scene.records:
        if record.outcome != "decided" or record.kind in ("digest", "warned"):
            continue
        who = record.subject, record.recipient
        if record.kind in ("improved", "closed", "corrected", "acknowledged"):
            assert who in told, record
        told.add(who)


@steady(100)
@given(deeds_drawn)
def test_the_state_does_not_grow(deeds: list[Deed]) -> None:
    """When all is closed and sent and a month has passed, little is left."""
    scene = played(NotifyRules(), deeds, set())
    for unit in UNITS:
        for number in range(1, 70):
            scene.step("closed", unit, "green", number=number)
    scene.health()
    scene.report_all()
    for days in (1, 2, 40):
        scene.end_round()
        scene.clock += days * DAY
        scene.notifier.advance(scene.clock, scene.now)
        scene.report_all()
    scene.end_round()
    kinds = Counter(key.split(b"/")[0] for key in scene.state)
    assert kinds.keys() <= {b"clock", b"unit", b"figure", b"recipient"}
    assert all(len(value) < 400 for value in scene.state.values())
