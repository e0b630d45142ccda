"""What an open incident asks for until somebody holds it: reminders and escalation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.notifying import NotifyRules
from schemas.notification import Why
from tests.alerts.notifying.scenario import (
    CALENDAR,
    CHIEF,
    DAY,
    HEAD,
    HOUR,
    QUIET,
    Scenario,
    instant,
    line,
    somebody,
)

Play = Callable[..., Scenario]
REMIND = replace(QUIET, reminders=True)
ESCALATE = replace(QUIET, escalate_after=4 * HOUR)
BOSS = somebody("boss", "*", role="superior", level=4)


def without_digest(scene: Scenario) -> list[str]:
    return [line(one) for one in scene.news() if one.kind != "digest"]


def test_reminded_each_working_day_until_closed(play: Play) -> None:
    scene = play(HEAD, rules=REMIND).at("Thu 08:00").opened()
    assert without_digest(scene) == ["08:00 decided first_notification opened head"]
    scene.at("Thu 23:59")
    assert without_digest(scene) == []
    scene.at("Fri 07:00")
    assert without_digest(scene) == ["07:00 decided reminder_due reminded head"]
    scene.at("Mon+1 06:59")
    assert without_digest(scene) == []
    scene.at("Mon+1 07:00")
    assert without_digest(scene) == ["07:00 decided reminder_due reminded head"]
    scene.at("Mon+1 08:00").closed().at("Tue+1 12:00")
    assert without_digest(scene) == ["08:00 decided recovered closed head"]
    scene.want_steps("Fri 07:00 reminded", "2026-10-12 07:00 reminded")


def test_no_reminder_once_acknowledged(play: Play) -> None:
    scene = play(HEAD, rules=REMIND).at("Mon 08:00").opened().acknowledged()
    scene.news()
    scene.at("Fri 12:00")
    assert without_digest(scene) == []
    scene.want_steps("Mon 08:00 acknowledged")


def test_reminders_can_be_left_out(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened().at("Fri 12:00")
    assert without_digest(scene) == ["08:00 decided first_notification opened head"]


@pytest.mark.parametrize(
    ("opened", "first", "reminded"),
    [
        pytest.param("Fri 18:00", "Mon+1 07:00", "Tue+1 07:00", id="held over a weekend"),
        pytest.param("Mon 05:00", "Mon 07:00", "Tue 07:00", id="held until the morning"),
        pytest.param("2026-02-13 08:00", None, "2026-02-23 07:00", id="Tet lies between"),
        pytest.param("2024-05-03 08:00", None, "2024-05-04 07:00", id="a make-up Saturday"),
    ],
)
def test_the_first_reminder_is_on_the_working_day_after_the_first_message(
    play: Play, opened: str, first: str | None, reminded: str
) -> None:
    scene = play(HEAD, rules=REMIND).at(opened).opened()
    if first is not None:
        scene.news()
        scene.at(first)
        assert [one.why for one in scene.news()] == [Why.FIRST_NOTIFICATION]
    scene.news()
    scene.at(reminded)
    assert [one.kind for one in scene.news() if one.kind != "digest"] == ["reminded"]


def test_a_reminder_has_the_latest_figure_as_evidence(play: Play) -> None:
    scene = play(HEAD, rules=REMIND).at("Mon 08:00").opened().at("Mon 16:00")
    scene.figure(40, 50, "red").at("Tue 07:00").end_round()
    [step] = scene.steps
    assert (step.kind, step.at, step.zone) == ("reminded", instant("Tue 07:00"), "red")
    evidence = step.evidence
    assert (evidence.numerator, evidence.denominator) == (40, 50)
    assert (evidence.as_of, evidence.policy) == (instant("Mon 16:00") + 1, "p0")
    assert evidence.calendar == CALENDAR.version
    [outgoing] = [one for one in scene.outbox() if one.notices[0].occasion.kind == "reminded"]
    assert outgoing.notices[0].occasion.step == step


def test_a_figure_older_than_the_incident_is_no_evidence(play: Play) -> None:
    scene = play(HEAD, rules=REMIND).at("Mon 08:00").figure(48, 50, "green").at("Mon 09:00")
    scene.opened().at("Tue 07:00").end_round()
    assert (scene.steps[0].evidence.numerator, scene.steps[0].zone) == (44, "yellow")


def test_who_has_not_read_the_first_message_is_not_reminded_of_it(play: Play) -> None:
    rules = replace(REMIND, rate_limit=1, urgent=frozenset({"worsened"}))
    scene = play(somebody("head", "*"), rules=rules).at("Mon 20:00").opened()
    scene.at("Tue 06:30").worsened("other").news()
    scene.at("Tue 07:00").want("07:00 held rate_limited opened head until Tue 07:30")
    scene.at("Tue 07:30")
    assert without_digest(scene) == ["07:30 decided first_notification opened head"]
    scene.want_steps()
    scene.at("Wed 07:00")
    scene.want_steps("Wed 07:00 reminded", "Wed 07:00 reminded")


def test_no_step_where_nobody_is_reminded(play: Play) -> None:
    scene = play(HEAD, rules=REMIND).at("Mon 08:00").opened()
    scene.act("silence", scope="*", until="Wed 06:00")
    scene.news()
    scene.at("Tue 07:00").want("07:00 dropped silenced reminded head")
    scene.want_steps()
    scene.at("Wed 07:00")
    assert without_digest(scene) == ["07:00 decided reminder_due reminded head"]
    scene.want_steps("Wed 07:00 reminded")


def test_days_that_passed_unattended_are_not_reminded_of_one_by_one(play: Play) -> None:
    scene = play(HEAD, rules=REMIND).at("Mon 08:00").opened()
    scene.news()
    scene.end_round()
    scene.at("Fri 12:00")
    assert without_digest(scene) == [
        "12:00 decided reminder_due reminded head",
    ]
    scene.want_steps("Fri 07:00 reminded")


def test_all_levels_told_are_reminded(play: Play) -> None:
    rules = replace(REMIND, escalate_after=HOUR)
    scene = play(HEAD, CHIEF, rules=rules).at("Mon 08:00").opened().at("Mon 10:00")
    scene.news()
    scene.at("Tue 07:00").want(
        "07:00 decided reminder_due reminded chief", "07:00 decided reminder_due reminded head"
    )


@pytest.mark.parametrize(
    ("opened", "escalated"),
    [
        pytest.param("Mon 07:10", "Mon 11:10", id="within the morning"),
        pytest.param("Mon 08:00", "Mon 14:00", id="over lunch"),
        pytest.param("Fri 16:00", "Mon+1 10:00", id="over the weekend"),
        pytest.param("2026-02-13 16:00", "2026-02-23 10:00", id="over Tet"),
    ],
)
def test_after_so_much_working_time_the_next_level_is_told(
    play: Play, opened: str, escalated: str
) -> None:
    scene = play(HEAD, CHIEF, BOSS, rules=ESCALATE).at(opened).opened()
    scene.news()
    scene.at(escalated)
    assert [one for one in without_digest(scene) if "chief" in one] == [
        f"{escalated.split()[1]} decided escalation_due escalated chief"
    ]
    [step] = scene.steps
    assert (step.kind, step.level, step.at) == ("escalated", 2, instant(escalated))
    assert step.evidence.calendar == CALENDAR.version


def test_levels_are_told_one_after_another_and_then_there_is_nobody(play: Play) -> None:
    scene = play(HEAD, CHIEF, BOSS, rules=ESCALATE).at("Mon 07:10").opened()
    scene.want("07:10 decided first_notification opened head")
    scene.at("Mon 11:10")
    assert without_digest(scene) == ["11:10 decided escalation_due escalated chief"]
    scene.at("Mon 16:59")
    assert without_digest(scene) == []
    scene.at("Tue 07:10")
    assert without_digest(scene) == ["07:10 decided escalation_due escalated boss"]
    scene.at("Thu 12:00")
    assert without_digest(scene) == ["11:10 dropped no_next_level escalated -"]
    assert [step.level for step in scene.steps] == [2, 4]
    scene.at("Thu 14:00").closed()
    assert {one.recipient for one in scene.news()} == {"head", "chief", "boss"}


def test_an_escalation_that_falls_outside_working_time_waits(play: Play) -> None:
    rules = replace(ESCALATE, escalate_after=HOUR)
    scene = play(HEAD, CHIEF, rules=rules).at("Mon 16:00").opened()
    scene.news()
    scene.at("Mon 17:00").want(
        "17:00 held held_outside_working_hours escalated chief until Tue 07:00"
    )
    scene.at("Tue 07:00").want("07:00 decided escalation_due escalated chief")


def test_the_time_runs_from_the_message_not_from_the_opening(play: Play) -> None:
    rules = replace(ESCALATE, escalate_after=HOUR)
    scene = play(HEAD, CHIEF, rules=rules).at("Sat 08:00").opened().at("Mon+1 07:59")
    assert [one.kind for one in scene.news() if one.recipient == "chief"] == ["digest"]
    scene.at("Mon+1 08:00")
    assert without_digest(scene) == ["08:00 decided escalation_due escalated chief"]


@pytest.mark.parametrize("deed", ["acknowledged", "closed"])
def test_what_is_held_or_over_is_not_escalated(play: Play, deed: str) -> None:
    scene = play(HEAD, CHIEF, rules=ESCALATE).at("Mon 07:10").opened().at("Mon 11:09")
    getattr(scene, deed)()
    scene.news()
    scene.at("Fri 12:00")
    assert without_digest(scene) == []


def test_never_without_a_time_to_escalate_after(play: Play) -> None:
    scene = play(HEAD, CHIEF).at("Mon 07:10").opened()
    scene.news()
    scene.at("Fri 12:00")
    assert without_digest(scene) == []


def test_a_silenced_incident_is_escalated_when_the_silence_is_over(play: Play) -> None:
    scene = play(HEAD, CHIEF, rules=ESCALATE).at("Mon 07:10").opened()
    scene.act("silence", scope="commune", until="Mon 12:00")
    scene.news()
    scene.at("Mon 11:10")
    assert without_digest(scene) == ["11:10 dropped silenced escalated chief"]
    scene.want_steps()
    scene.at("Tue 07:00").want("07:00 decided escalation_due escalated chief")
    scene.want_steps("Tue 07:00 escalated")


def test_an_incident_without_recipients_is_told_when_there_are_some(play: Play) -> None:
    scene = play(rules=NotifyRules()).at("Mon 08:00").opened()
    scene.want("08:00 dropped no_recipient opened -")
    scene.configured(HEAD).at("Tue 07:00")
    scene.want("07:00 decided first_notification reminded head")
    assert scene.clock - instant("Mon 08:00") < DAY
