"""Forecasts, the morning digest, the monitor's own health, and test messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.condition import Condition
from schemas.notification import Why
from tests.alerts.notifying.scenario import (
    CHIEF,
    DAY,
    HEAD,
    QUIET,
    Scenario,
    instant,
    outlook,
    somebody,
)

Play = Callable[..., Scenario]
GUARD = somebody("guard", "*", role="operations")
LAG = Condition("lag", number=12)
FEED = Condition("feed", unit_id="commune", since=instant("Fri 10:42"))


def test_a_unit_on_course_to_leave_green_is_warned_once(play: Play) -> None:
    scene = play(HEAD, CHIEF).at("Mon 08:00").outlook("Thu 12:00")
    [record] = scene.news()
    assert (record.why, record.kind, record.recipient) == (Why.FORECAST, "warned", "head")
    assert (record.subject, record.unit_id) == ("outlook/commune", "commune")
    [outgoing] = scene.outbox()
    assert outgoing.notices[0].occasion.detail == "if_nothing_is_closed"
    scene.at("Mon 09:00").outlook("Thu 12:00").want()


@pytest.mark.parametrize(
    ("leaves", "pace", "zone", "detail"),
    [
        pytest.param("Thu 12:00", None, "green", "if_nothing_is_closed", id="if nothing is done"),
        pytest.param(None, "Thu 12:00", "green", "at_the_pace", id="at the pace"),
        pytest.param(
            "Wed 12:00", "Thu 12:00", "green", "if_nothing_is_closed, at_the_pace", id="both"
        ),
        pytest.param(None, None, "green", None, id="stays green"),
        pytest.param("Thu+2 12:00", None, "green", None, id="beyond the horizon"),
        pytest.param("Thu 12:00", None, "yellow", None, id="not green"),
        pytest.param("Thu 12:00", None, "grey", None, id="too few to judge"),
    ],
)
def test_which_outlooks_warn(
    play: Play, leaves: str | None, pace: str | None, zone: str, detail: str | None
) -> None:
    scene = play(HEAD).at("Mon 08:00").outlook(leaves, pace=pace, zone=zone)  # type: ignore[arg-type]
    found = [one.notices[0].occasion.detail for one in scene.outbox()]
    assert found == ([] if detail is None else [detail])


def test_a_unit_with_an_open_incident_is_not_warned(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.news()
    scene.outlook("Thu 12:00").want()


def test_a_forecast_that_stands_is_told_again_after_some_working_days(play: Play) -> None:
    scene = play(HEAD).at("Wed 08:00").outlook("Fri 12:00")
    scene.news()
    for text in ("Thu 08:00", "Mon+1 08:00", "Tue+1 16:00"):
        scene.at(text).news()
        scene.outlook("Wed+1 12:00").want()
    scene.at("Wed+1 08:00").news()
    scene.outlook("Fri+1 12:00").want("08:00 decided forecast warned head")


def test_a_forecast_that_was_lifted_is_told_again_on_another_day(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").outlook("Thu 12:00")
    scene.news()
    scene.at("Mon 09:00").outlook(None).at("Mon 10:00").outlook("Thu 12:00").want()
    scene.at("Tue 08:00").news()
    scene.outlook("Thu 12:00").want("08:00 decided forecast warned head")


def test_a_forecast_at_night_is_told_in_the_morning_if_it_still_stands(play: Play) -> None:
    scene = play(HEAD).at("Mon 20:00").outlook("Thu 12:00")
    scene.want("20:00 held held_outside_working_hours warned head until Tue 07:00")
    scene.at("Tue 07:00").want("07:00 decided forecast warned head")


@pytest.mark.parametrize("then", ["lifted", "opened"])
def test_a_forecast_overtaken_by_night_is_not_told(play: Play, then: str) -> None:
    scene = play(HEAD).at("Mon 20:00").outlook("Thu 12:00").at("Mon 22:00")
    scene.news()
    if then == "lifted":
        scene.outlook(None)
    else:
        scene.opened()
        scene.news()
    scene.at("Tue 07:00")
    assert [one.why for one in scene.news() if one.kind == "warned"] == [Why.OVERTAKEN]


def test_a_forecast_without_recipients_says_so_once(play: Play) -> None:
    scene = play(CHIEF).at("Mon 08:00").outlook("Thu 12:00")
    scene.want("08:00 dropped no_recipient warned -")
    scene.at("Mon 09:00").outlook("Thu 12:00").want()


def test_a_silenced_unit_is_not_warned(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.act("silence", scope="commune", until="Tue 08:00")
    scene.news()
    scene.outlook("Thu 12:00").want("08:00 dropped silenced warned head")


def test_old_outlooks_and_those_taken_before_warn_nobody(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.wall_ahead = 2 * DAY
    scene.outlook("Thu 12:00").want()
    scene.wall_ahead = 0
    scene.at("Mon 09:00").outlook(None)
    scene.notifier.take_outlook(outlook(instant("Mon 08:30"), "Thu 12:00"), scene.now)
    scene.want()


def test_outlooks_read_again_from_the_first_on_warn_nobody(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    said = [("Mon 08:00", "Thu 12:00"), ("Mon 09:00", None), ("Tue 08:00", None)]
    for at, leaves in said:
        scene.at(at).news()
        scene.outlook(leaves).end_round()
    scene.at("Wed 08:00").news()
    for at, leaves in said:
        scene.notifier.take_outlook(outlook(instant(at) + 1, leaves), scene.now)
    scene.want()


def test_the_digest_comes_each_working_day(play: Play) -> None:
    scene = play(HEAD, CHIEF, GUARD).at("Fri 05:00").at("Fri 07:14").want()
    scene.at("Fri 07:15").want(
        "07:15 decided digest digest head",
        "07:15 decided digest digest chief",
        "07:15 decided digest digest guard",
    )
    assert {one.subject for one in scene.records} == {"digest/2026-10-09"}
    scene.at("Fri 23:00").want()
    scene.at("Mon+1 07:14").want()
    scene.at("Mon+1 07:15")
    assert {one.subject for one in scene.news()} == {"digest/2026-10-12"}


def test_no_digest_at_tet(play: Play) -> None:
    scene = play(HEAD).at("2026-02-13 08:00").at("2026-02-23 07:14").want()
    scene.at("2026-02-23 07:15").want("07:15 decided digest digest head")


@pytest.mark.parametrize(
    ("back", "outcome", "why"),
    [
        ("Tue 09:30", "decided", Why.DIGEST),
        ("Tue 12:00", "decided", Why.DIGEST),
        ("Tue 12:01", "dropped", Why.TOO_LATE),
    ],
)
def test_a_digest_that_was_missed_is_made_up_for_until_noon(
    play: Play, back: str, outcome: str, why: Why
) -> None:
    scene = play(HEAD).at("Mon 20:00").at(back)
    assert [(one.outcome, one.why) for one in scene.news()] == [(outcome, why)]


def test_no_digest_of_the_past(play: Play) -> None:
    scene = play(HEAD).at("2024-01-02 06:00")
    scene.wall_ahead = instant("Mon 06:00") - scene.clock
    scene.at("2024-06-02 06:00").want()
    scene.wall_ahead = 0
    scene.at("Mon 07:15").want("07:15 decided digest digest head")


def test_a_digest_travels_alone_and_takes_no_room(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, rate_limit=1)).at("Mon 07:00")
    scene.step("opened", at="Mon 07:15").want(
        "07:15 decided digest digest head", "07:15 decided first_notification opened head"
    )


def test_an_ailment_of_the_monitor_is_told_at_any_hour_and_so_is_its_end(play: Play) -> None:
    scene = play(HEAD, GUARD).at("Sat 03:00").health(LAG, FEED)
    first, second = scene.news()
    assert (first.why, first.kind, first.recipient) == (Why.HEALTH, "health", "guard")
    assert (first.subject, second.subject) == ("health/feed/commune", "health/lag")
    assert (second.why, second.message) == (
        Why.GROUPED,
        "|".join(first.notification_id.split("|")[:3]),
    )
    [outgoing] = scene.outbox()
    assert [notice.occasion.condition for notice in outgoing.notices] == [FEED, LAG]
    more = LAG._replace(number=40)
    scene.at("Sat 03:10").health(more, FEED).want()
    assert scene.notifier.conditions() == {"feed/commune": FEED, "lag": more}
    scene.at("Sat 03:20").health(FEED).want("03:20 decided recovered health guard")
    ended = scene.outbox()[-1].notices[0].occasion
    assert (ended.subject, ended.condition) == ("health/lag", more)
    scene.at("Sat 03:30").health(FEED, LAG)
    scene.want("03:30 decided health health guard")


def test_an_ailment_nobody_hears_of_says_so(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").health(LAG).want("08:00 dropped no_recipient health -")
    scene.configured(HEAD, GUARD).health()
    scene.want("08:00 dropped not_told_before health guard")


def test_a_silence_of_all_units_does_not_silence_the_monitors_own_health(play: Play) -> None:
    scene = play(GUARD).at("Mon 08:00")
    scene.act("silence", scope="*", until="Tue 08:00")
    scene.news()
    scene.health(LAG).want("08:00 decided health health guard")


def test_an_ailment_held_by_the_rate_limit_and_over_by_then(play: Play) -> None:
    scene = play(GUARD, rules=replace(QUIET, rate_limit=1)).at("Mon 08:00").health(FEED)
    scene.news()
    scene.at("Mon 08:10").health(FEED, LAG).at("Mon 08:20").health(FEED)
    scene.want(
        "08:10 held rate_limited health guard until Mon 09:00",
        "08:20 held grouped health guard until Mon 09:00",
    )
    scene.at("Mon 09:00").want(
        "09:00 dropped overtaken health guard", "09:00 dropped not_told_before health guard"
    )


def test_a_condition_that_is_forgotten_begins_under_a_new_id(play: Play) -> None:
    scene = play(GUARD).at("Mon 08:00").health(LAG).at("Mon 09:00").health()
    scene.at("2026-12-01 08:00")
    scene.end_round()
    assert not [key for key in scene.state if key.startswith(b"condition/")]
    scene.health(LAG).end_round()
    ids = [one.notification_id for one in scene.records if one.kind == "health"]
    assert len(ids) == len(set(ids)) == 3


def test_a_test_goes_out_at_once(play: Play) -> None:
    scene = play(somebody("head", channels=("email", "webhook"))).at("Sun 03:00")
    for _ in range(2):
        scene.notifier.take_test("head", scene.now)
    scene.want(*["03:00 decided test test head", "03:00 decided test test head/webhook"] * 2)
    assert len({one.notification_id for one in scene.records}) == 4
    with pytest.raises(KeyError, match="nobody"):
        scene.notifier.take_test("nobody", scene.now)
