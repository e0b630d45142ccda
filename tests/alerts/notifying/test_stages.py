"""History, acknowledgement, silences, parents and flapping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.notification import Why
from tests.alerts.notifying.scenario import (
    DAY,
    HEAD,
    HOUR,
    QUIET,
    Scenario,
    instant,
    somebody,
)

Play = Callable[..., Scenario]
PARENT_HEAD = somebody("above", "district")
INHIBIT = replace(QUIET, inhibit_children=True)


def test_history_loaded_in_bulk_sends_nothing_and_says_why(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, reminders=True, escalate_after=4 * HOUR))
    scene.at("2024-01-02 08:00")
    scene.wall_ahead = instant("Mon 08:00") - scene.clock
    for month in ("01", "02", "03"):
        scene.wall_ahead = instant("Mon 08:00") - instant(f"2024-{month}-09 09:00")
        scene.opened(at=f"2024-{month}-09 09:00").worsened().closed(at=f"2024-{month}-20 09:00")
    scene.opened(at="2024-04-09 09:00")
    news = scene.news()
    assert len(news) == 10
    assert {(one.outcome, one.why, one.recipient) for one in news} == {
        ("dropped", Why.HISTORY, None)
    }
    assert scene.outbox() == []


def test_an_incident_of_history_is_neither_reminded_of_nor_escalated(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, reminders=True, escalate_after=4 * HOUR))
    scene.at("Mon 08:00")
    scene.wall_ahead = 2 * DAY
    scene.opened().want("08:00 dropped history opened -")
    scene.wall_ahead = 0
    assert [view.history for view in scene.notifier.open_incidents()] == [True]
    scene.at("Tue 07:00").want()
    scene.at("Tue 12:00")
    assert "reminded" not in {one.kind for one in scene.news()}
    # A live step of it is told, and from then on it is as any other.
    scene.at("Tue 14:00").worsened().want("14:00 decided first_notification worsened head")
    assert [view.history for view in scene.notifier.open_incidents()] == [False]
    scene.at("Wed 07:00").want("07:00 decided reminder_due reminded head")


def test_the_recovery_of_an_incident_of_history_is_told_to_nobody(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.wall_ahead = 2 * DAY
    scene.opened().want("08:00 dropped history opened -")
    scene.wall_ahead = 0
    scene.at("Mon 09:00").closed().want("09:00 dropped not_told_before closed head")


@pytest.mark.parametrize(
    ("behind", "why"),
    [
        pytest.param(DAY, Why.FIRST_NOTIFICATION, id="as old as may be"),
        pytest.param(DAY + 1, Why.HISTORY, id="older"),
    ],
)
def test_how_old_history_is(play: Play, behind: int, why: Why) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.wall_ahead = behind
    scene.opened()
    assert [one.why for one in scene.news()] == [why]


def test_an_acknowledged_incident_still_has_news(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, reminders=True)).at("Mon 08:00").opened()
    scene.acknowledged().news()
    scene.at("Mon 09:00").worsened().want("09:00 decided worsened worsened head")
    assert scene.notifier.open_incidents()[0].acknowledged_by == "An"
    scene.at("Mon 10:00").closed().want("10:00 decided recovered closed head")
    scene.at("Tue 07:00").want()


@pytest.mark.parametrize("scope", ["commune", "district/*", "province/*", "commune/*", "*"])
def test_a_silenced_unit(play: Play, scope: str) -> None:
    scene = play(HEAD).at("Mon 08:00")
    silence = scene.act("silence", "Binh", scope=scope, until="Mon 12:00")
    scene.news()
    scene.at("Mon 09:00").opened()
    [dropped] = scene.news()
    assert (dropped.outcome, dropped.why, dropped.detail) == ("dropped", Why.SILENCED, silence)
    assert dropped.recipient == "head"


@pytest.mark.parametrize("scope", ["other", "district", "other/*"])
def test_a_silence_of_other_units_silences_nobody(play: Play, scope: str) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.act("silence", scope=scope, until="Mon 12:00")
    scene.news()
    scene.opened().want("08:00 decided first_notification opened head")


def test_a_silence_ends_by_the_clock(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, reminders=True)).at("Mon 08:00")
    scene.act("silence", scope="commune", until="Mon 12:00")
    assert [one.until for one in scene.notifier.silences()] == [instant("Mon 12:00")]
    scene.opened().news()
    scene.at("Mon 12:00")
    assert scene.notifier.silences() == []
    # Still open: the next morning tells.
    scene.at("Tue 07:00").want("07:00 decided first_notification reminded head")
    scene.want_steps("Tue 07:00 reminded")


def test_of_two_silences_the_longer_is_named(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.act("silence", scope="*", until="Mon 12:00")
    longer = scene.act("silence", scope="commune", until="Mon 13:00")
    scene.news()
    scene.opened()
    assert [one.detail for one in scene.news()] == [longer]


def test_a_parents_incident_stands_for_those_below_where_the_policy_says_so(play: Play) -> None:
    scene = play(HEAD, PARENT_HEAD, rules=INHIBIT).at("Mon 08:00").opened("district")
    scene.news()
    scene.at("Mon 08:30").opened()
    [dropped] = scene.news()
    assert (dropped.why, dropped.detail) == (Why.INHIBITED_BY_PARENT, "district/resolved@1/1")
    scene.at("Mon 09:00").closed("district").news()
    scene.at("Mon 09:10").worsened().want("09:10 decided first_notification worsened head")


def test_any_ancestor_counts_but_no_sibling(play: Play) -> None:
    scene = play(HEAD, somebody("top", "province", "other"), rules=INHIBIT).at("Mon 08:00")
    scene.opened("other").news()
    scene.opened().want("08:00 decided first_notification opened head")
    scene.closed().opened("province").news()
    scene.at("Mon 09:00").opened().want("09:00 dropped inhibited_by_parent opened head")


def test_by_default_parents_inhibit_nobody(play: Play) -> None:
    scene = play(HEAD, PARENT_HEAD).at("Mon 08:00").opened("district")
    scene.news()
    scene.at("Mon 08:30").opened().want("08:30 decided first_notification opened head")


def test_a_parents_incident_of_history_inhibits_nobody(play: Play) -> None:
    scene = play(HEAD, PARENT_HEAD, rules=INHIBIT).at("Mon 08:00")
    scene.wall_ahead = 2 * DAY
    scene.opened("district").news()
    scene.wall_ahead = 0
    scene.opened().want("08:00 decided first_notification opened head")


def flap(scene: Scenario, *marks: str) -> list[str]:
    """Open and close at the marks; what came of each opening and each closing."""
    reasons = []
    for text in marks:
        scene.at(text)
        scene.news()
        for step in (scene.opened, scene.closed):
            step()
            reasons.append(" ".join(one.why.value for one in scene.news()))
    return reasons


def test_a_flapping_unit_has_one_message_that_says_so(play: Play) -> None:
    scene = play(HEAD)
    assert (
        flap(scene, "Mon 08:00", "Mon 08:10", "Mon 08:20")
        == [
            "first_notification",
            "recovered",
        ]
        * 3
    )
    assert flap(scene, "Mon 08:30", "Mon 08:40") == [
        "flapping",
        "flapping_damped",
        "flapping_damped",
        "flapping_damped",
    ]
    scene.at("Mon 09:00").opened().want("09:00 dropped flapping_damped opened head")
    # What is damped is still news when it gets worse.
    scene.at("Mon 09:05").worsened().want("09:05 decided first_notification worsened head")
    scene.at("Mon 09:10").closed().news()
    # The period has passed: six openings, but not within a day.
    assert flap(scene, "Tue 09:01") == ["first_notification", "recovered"]


def test_flapping_over_night_is_told_in_the_morning_once(play: Play) -> None:
    scene = play(HEAD)
    flap(scene, "Mon 18:00", "Mon 19:00", "Mon 20:00", "Mon 21:00")
    scene.at("Mon 22:00").opened().news()
    scene.at("Tue 07:00")
    news = scene.news()
    assert [one.why for one in news if one.outcome == "decided"] == [Why.FLAPPING]
    assert {one.why for one in news if one.outcome == "dropped"} == {
        Why.OVERTAKEN,
        Why.NOT_TOLD_BEFORE,
    }
    scene.at("Tue 07:14").closed().want("07:14 dropped flapping_damped closed head")


def test_flapping_can_be_left_out(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, flapping_openings=0))
    reasons = flap(scene, *(f"Mon 08:{minute}" for minute in range(10, 20)))
    assert set(reasons) == {"first_notification", "recovered"}


def test_units_flap_each_by_itself(play: Play) -> None:
    scene = play(HEAD, somebody("else", "other"))
    flap(scene, "Mon 08:00", "Mon 08:10", "Mon 08:20", "Mon 08:30")
    scene.opened("other").want("08:30 decided first_notification opened else")
