"""What waits for one recipient fits into a record, and what does not is not lost silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from alerts.messages.composer import Composer
from alerts.messages.samples import sample
from alerts.notifying import NotifyRules
from alerts.notifying.room import HELD_MOST, MESSAGE_MOST, MESSAGE_NOTICES
from schemas.notification import Notification, Why
from tests.alerts.notifying.scenario import HOUR, QUIET, Scenario, line, somebody

ALL = somebody("all", "*")
RECORD = 1_000_000
LONG = "ệ" * 190  # units of as long a name as there may be


def unit(number: int) -> str:
    return f"{LONG}{number:05}"


def largest(scene: Scenario) -> int:
    return max(len(value) for value in scene.state.values())


def by_outcome(records: list[Notification]) -> Counter[tuple[str, Why]]:
    return Counter((one.outcome, one.why) for one in records)


def night(count: int, rules: NotifyRules = QUIET, restarts: bool = False) -> Scenario:
    """So many incidents open at night, a minute apart."""
    scene = Scenario(ALL, rules=rules, restarts=restarts).at("Mon 18:00")
    for number in range(count):
        scene.clock += 1_000
        scene.opened(unit(number))
        if number % 50 == 0:
            scene.end_round()
    scene.end_round()
    return scene


def test_what_is_held_fits_into_a_record_and_the_oldest_fall() -> None:
    scene = night(400)
    assert largest(scene) < HELD_MOST + 10_000
    counts = by_outcome(scene.records)
    fallen = counts["dropped", Why.CROWDED_OUT]
    assert counts["held", Why.HELD_OUTSIDE_WORKING_HOURS] == 400
    assert 100 < fallen < 400
    names = [one.unit_id for one in scene.records if one.why is Why.CROWDED_OUT]
    assert names == [unit(number) for number in range(fallen)]
    scene.at("Tue 07:00").end_round()
    told = {notice.occasion.unit_id for outgoing in scene.outbox() for notice in outgoing.notices}
    assert told == {unit(number) for number in range(fallen, 400)}


def test_a_few_are_never_crowded_out() -> None:
    assert by_outcome(night(60).records)["dropped", Why.CROWDED_OUT] == 0


def test_with_reminders_those_crowded_out_are_told_as_the_day_begins() -> None:
    scene = night(400, replace(QUIET, reminders=True, rate_limit=0))
    scene.at("Tue 07:00").end_round()
    told = {notice.occasion.unit_id for outgoing in scene.outbox() for notice in outgoing.notices}
    assert told == {unit(number) for number in range(400)}


def test_a_message_that_is_full_goes_out_and_another_begins() -> None:
    scene = Scenario(ALL, rules=replace(QUIET, group_wait=HOUR)).at("Mon 08:00")
    for number in range(200):
        scene.opened(unit(number))
    scene.end_round()
    sent = scene.outbox()
    assert len(sent) > 1
    assert largest(scene) < RECORD
    assert all(len(value) < MESSAGE_MOST + 10_000 for value in scene.state.values())
    scene.at("Mon 09:00").end_round()
    told = [notice.occasion.unit_id for outgoing in scene.outbox() for notice in outgoing.notices]
    assert sorted(filter(None, told)) == sorted(unit(number) for number in range(200))


@pytest.mark.parametrize("name", ["opened-many-dossiers", "warned"])
def test_the_largest_message_can_be_composed(name: str) -> None:
    """Of as many notices as there may be, of a unit and dossiers of the longest names."""
    [item] = sample(name).items
    assert item.outlook is not None
    at_risk = tuple(
        one._replace(dossier_id=f"{LONG}{number:05}")
        for number, one in enumerate(item.outlook.at_risk)
    )
    long = item._replace(
        unit_id=unit(0),
        unit_name=unit(0),
        incident_id=f"{unit(0)}/resolved@1/1",
        outlook=item.outlook._replace(at_risk=at_risk),
    )
    content = sample(name)._replace(items=(long,) * MESSAGE_NOTICES)
    assert Composer().compose(content).text.count(f"Đơn vị: {LONG}") == MESSAGE_NOTICES


def test_a_message_has_no_more_than_so_many_notices() -> None:
    scene = Scenario(ALL).at("Mon 08:00")
    for number in range(250):
        scene.opened(f"u{number:03}")
    scene.end_round()
    assert [len(one.notices) for one in scene.outbox()] == [100, 100, 50]


def test_another_message_for_what_does_not_fit_counts_for_the_limit() -> None:
    rules = replace(QUIET, group_wait=HOUR, rate_limit=1)
    scene = Scenario(ALL, rules=rules).at("Mon 08:00")
    for number in range(200):
        scene.opened(unit(number))
    scene.end_round()
    assert len(scene.outbox()) == 1
    limited = [one for one in scene.records if one.why is Why.RATE_LIMITED]
    assert {line(one) for one in limited} == {"08:00 held rate_limited opened all until Mon 09:00"}
    assert len(limited) + len(scene.outbox()[0].notices) == 200


def test_a_restart_in_the_night_changes_nothing() -> None:
    lasting, restarted = night(250), night(250, restarts=True)
    assert lasting.records == restarted.records
    assert lasting.state == restarted.state


def test_ends_fall_after_all_others() -> None:
    """Nobody tells of an end later; of an opening the morning's reminder does."""
    scene = Scenario(ALL, rules=QUIET).at("Mon 08:00")
    for number in range(20):
        scene.opened(unit(number))
    scene.end_round()
    scene.at("Mon 18:00")
    for number in range(20):
        scene.closed(unit(number))
    for number in range(20, 420):
        scene.clock += 1_000
        scene.opened(unit(number))
        scene.end_round()
    fallen = {one.kind for one in scene.records if one.why is Why.CROWDED_OUT}
    assert fallen == {"opened"}
