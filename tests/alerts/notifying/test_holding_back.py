"""Quiet hours, rate limit and grouping: what is held back, until when, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.notification import Why
from tests.alerts.notifying.scenario import (
    HEAD,
    HOUR,
    MINUTE,
    QUIET,
    Scenario,
    instant,
    mark,
    somebody,
)

Play = Callable[..., Scenario]


@pytest.mark.parametrize(
    ("opened", "told"),
    [
        pytest.param("Fri 16:58", "Fri 16:58", id="just before the end of work"),
        pytest.param("Fri 17:00", "Mon+1 07:00", id="the end of work on a Friday"),
        pytest.param("Fri 06:59", "Fri 07:00", id="just before work begins"),
        pytest.param("Fri 07:00", "Fri 07:00", id="as work begins"),
        pytest.param("Fri 11:30", "Fri 13:30", id="lunch"),
        pytest.param("Sat 10:00", "Mon+1 07:00", id="Saturday"),
        pytest.param("2026-02-16 10:00", "2026-02-23 07:00", id="Tet"),
        pytest.param("2024-05-04 10:00", "2024-05-04 10:00", id="a make-up Saturday"),
        pytest.param("2024-04-29 10:00", "2024-05-02 07:00", id="a day off in lieu"),
    ],
)
def test_nobody_is_disturbed_outside_working_hours(play: Play, opened: str, told: str) -> None:
    scene = play(somebody("head")).at(opened).opened()
    if told == opened:
        scene.want(f"{told.split()[1]} decided first_notification opened head")
        return
    [held] = scene.news()
    assert (held.outcome, held.why) == ("held", Why.HELD_OUTSIDE_WORKING_HOURS)
    assert held.until == instant(told)
    assert scene.notifier.next_due() == instant(told)
    scene.at(told)
    assert [record.why for record in scene.news()] == [Why.FIRST_NOTIFICATION]


def test_work_that_ends_at_1659_and_a_minute_is_held(play: Play) -> None:
    scene = play(HEAD).at("Fri 16:59").opened()
    scene.want("16:59 decided first_notification opened head")
    scene.at("Fri 17:01").worsened()
    scene.want(f"17:01 held held_outside_working_hours worsened head until {later('Mon+1 07:00')}")
    scene.at("Mon+1 07:00").want("07:00 decided worsened worsened head")


def later(text: str) -> str:
    return mark(instant(text))


def test_an_urgent_kind_breaks_the_quiet_hours_and_takes_along_what_was_held(play: Play) -> None:
    rules = replace(QUIET, urgent=frozenset({"worsened"}))
    scene = play(HEAD, rules=rules).at("Mon 20:00").opened()
    scene.want("20:00 held held_outside_working_hours opened head until Tue 07:00")
    scene.at("Mon 21:00").worsened()
    scene.want(
        "21:00 decided first_notification opened head", "21:00 decided grouped worsened head"
    )
    [outgoing] = scene.outbox()
    assert [notice.why for notice in outgoing.notices] == [Why.FIRST_NOTIFICATION, Why.WORSENED]
    scene.at("Tue 07:00").want()


def test_without_quiet_hours_nothing_is_held(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, quiet_hours=False)).at("Sat 03:00").opened()
    scene.want("03:00 decided first_notification opened head")


def test_what_has_closed_meanwhile_is_told_to_nobody(play: Play) -> None:
    scene = play(HEAD).at("Mon 20:00").opened().at("Mon 22:00").closed()
    scene.want(
        "20:00 held held_outside_working_hours opened head until Tue 07:00",
        "22:00 held grouped closed head until Tue 07:00",
    )
    scene.at("Tue 07:00").want(
        "07:00 dropped overtaken opened head", "07:00 dropped not_told_before closed head"
    )


def test_what_has_worsened_meanwhile_travels_together(play: Play) -> None:
    scene = play(HEAD).at("Mon 20:00").opened().at("Mon 22:00").worsened()
    scene.news()
    scene.at("Tue 07:00").want(
        "07:00 decided first_notification opened head", "07:00 decided grouped worsened head"
    )
    assert len(scene.outbox()) == 1


def test_what_has_improved_again_meanwhile_is_not_told_as_worse(play: Play) -> None:
    scene = play(HEAD).at("Mon 16:00").opened().report_all()
    scene.at("Mon 20:00").worsened().at("Mon 22:00").improved()
    scene.news()
    scene.at("Tue 07:00").want(
        "07:00 dropped overtaken worsened head", "07:00 decided improved improved head"
    )


def test_a_recovery_at_night_is_told_in_the_morning(play: Play) -> None:
    scene = play(HEAD).at("Mon 16:00").opened().at("Mon 22:00").closed()
    scene.want(
        "16:00 decided first_notification opened head",
        f"22:00 held held_outside_working_hours closed head until {later('Tue 07:00')}",
    )
    scene.at("Tue 07:00").want("07:00 decided recovered closed head")


def test_what_was_acknowledged_meanwhile_needs_no_telling(play: Play) -> None:
    scene = play(HEAD).at("Mon 20:00").opened().at("Mon 21:00").acknowledged()
    scene.news()
    scene.at("Tue 07:00").want(
        "07:00 dropped acknowledged opened head", "07:00 dropped not_told_before acknowledged head"
    )


def test_what_was_silenced_meanwhile_is_not_told(play: Play) -> None:
    scene = play(HEAD).at("Mon 20:00").opened().at("Mon 21:00")
    scene.act("silence", scope="commune", until="Tue 12:00")
    scene.news()
    scene.at("Tue 07:00").want("07:00 dropped silenced opened head")


def open_many(scene: Scenario, units: int) -> Scenario:
    for unit in range(units):
        scene.opened(f"u{unit}")
        scene.end_round()
    return scene


EVERYTHING = somebody("head", "*")
TWO_AN_HOUR = replace(QUIET, rate_limit=2)


def test_no_more_messages_an_hour_than_the_limit(play: Play) -> None:
    scene = play(EVERYTHING, rules=TWO_AN_HOUR).at("Mon 08:00").opened("u1")
    scene.at("Mon 08:20").opened("u2").at("Mon 08:30").opened("u3").at("Mon 08:40").opened("u4")
    scene.want(
        "08:00 decided first_notification opened head",
        "08:20 decided first_notification opened head",
        "08:30 held rate_limited opened head until Mon 09:00",
        "08:40 held rate_limited opened head until Mon 09:00",
    )
    scene.at("Mon 08:59").want()
    # What is released together fits into one message.
    scene.at("Mon 09:00").want(
        "09:00 decided first_notification opened head", "09:00 decided grouped opened head"
    )
    scene.at("Mon 09:10").opened("u5").want("09:10 held rate_limited opened head until Mon 09:20")
    scene.at("Mon 09:20").want("09:20 decided first_notification opened head")


def test_a_recovery_waits_for_the_message_it_follows_up(play: Play) -> None:
    scene = play(EVERYTHING, rules=replace(QUIET, rate_limit=1, urgent=frozenset({"closed"})))
    scene.at("Mon 08:00").opened("u1").at("Mon 08:10").opened("u2").news()
    scene.at("Mon 08:20").closed("u2").want("08:20 held grouped closed head until Mon 09:00")
    scene.at("Mon 09:00").want(
        "09:00 dropped overtaken opened head", "09:00 dropped not_told_before closed head"
    )


def test_each_recipient_has_a_limit_of_their_own(play: Play) -> None:
    scene = play(EVERYTHING, somebody("other", "u3"), rules=TWO_AN_HOUR).at("Mon 08:00")
    open_many(scene, 3).at("Mon 08:01").opened("u3")
    assert [(one.recipient, one.outcome) for one in scene.news()] == [
        ("head", "decided"),
        ("head", "decided"),
        ("head", "held"),
        ("head", "held"),
        ("other", "decided"),
    ]


def test_a_limit_that_is_lowered_holds_from_then_on(play: Play) -> None:
    scene = play(EVERYTHING).at("Mon 08:00").opened("u1").at("Mon 08:20").opened("u2")
    scene.at("Mon 08:30").rules = TWO_AN_HOUR
    scene.opened("u3").end_round()
    scene.rules = replace(QUIET, rate_limit=1)
    scene.restart().at("Mon 08:40").news()
    scene.opened("u4").want("08:40 held rate_limited opened head until Mon 09:30")


def test_without_a_limit_all_go_out(play: Play) -> None:
    scene = open_many(play(EVERYTHING, rules=replace(QUIET, rate_limit=0)).at("Mon 08:00"), 50)
    assert {one.outcome for one in scene.news()} == {"decided"}


def test_what_comes_in_one_round_is_one_message(play: Play) -> None:
    scene = play(EVERYTHING).at("Mon 08:00").opened("u1").opened("u2").worsened("u1")
    lead, *others = scene.news()
    assert (lead.why, lead.channel, lead.subject) == (
        Why.FIRST_NOTIFICATION,
        "email",
        "u1/resolved@1/1",
    )
    assert lead.message is None
    # They name the message they travel in: its records begin with that id.
    assert {(one.outcome, one.why, one.message, one.channel) for one in others} == {
        ("decided", Why.GROUPED, "u1/resolved@1/1|0|head", None)
    }
    assert [one.detail for one in others] == ["first_notification", "worsened"]
    [outgoing] = scene.outbox()
    assert [notice.occasion.subject for notice in outgoing.notices] == [
        "u1/resolved@1/1",
        "u2/resolved@1/1",
        "u1/resolved@1/1",
    ]


def test_rounds_apart_are_messages_apart(play: Play) -> None:
    scene = open_many(play(EVERYTHING).at("Mon 08:00"), 2)
    assert [one.why for one in scene.news()] == [Why.FIRST_NOTIFICATION] * 2


def test_a_group_waits_for_more(play: Play) -> None:
    scene = play(EVERYTHING, rules=replace(QUIET, group_wait=10 * MINUTE))
    scene.at("Mon 08:00").opened("u1").want("08:00 held grouped opened head until Mon 08:10")
    scene.at("Mon 08:09").opened("u2").want("08:09 held grouped opened head until Mon 08:10")
    assert scene.notifier.next_due() == instant("Mon 08:10")
    scene.at("Mon 08:10").want(
        "08:10 decided first_notification opened head", "08:10 decided grouped opened head"
    )
    scene.at("Mon 08:11").opened("u3").want("08:11 held grouped opened head until Mon 08:21")
    scene.at("Mon 08:30").want("08:21 decided first_notification opened head")


def test_a_message_that_is_being_gathered_takes_more_whatever_the_limit(play: Play) -> None:
    rules = replace(QUIET, group_wait=10 * MINUTE, rate_limit=1)
    scene = play(EVERYTHING, rules=rules).at("Mon 08:00").opened("u1").opened("u2").opened("u3")
    scene.at("Mon 08:10")
    assert [one.outcome for one in scene.news()] == ["held"] * 3 + ["decided"] * 3


def test_told_when_the_recipient_is_gone_before_the_group_is_sent(play: Play) -> None:
    scene = play(EVERYTHING, rules=replace(QUIET, group_wait=HOUR)).at("Mon 08:00").opened("u1")
    scene.configured(somebody("successor", "*")).at("Mon 09:00")
    assert [(one.outcome, one.why) for one in scene.news()] == [
        ("held", Why.GROUPED),
        ("dropped", Why.NO_RECIPIENT),
    ]
