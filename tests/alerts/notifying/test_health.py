"""The monitor's own health: conditions given up, and those that an older release has kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from schemas.condition import Condition
from schemas.notification import Why
from tests.alerts.notifying.scenario import DAY, HEAD, QUIET, Scenario, instant, somebody

Play = Callable[..., Scenario]
GUARD = somebody("guard", "*", role="operations")
SILENT = Condition("feed", unit_id="commune", since=instant("Fri 10:42"))
GIVEN_UP = SILENT._replace(given_up=True)


def test_a_feed_that_is_given_up_is_told_once_more_and_then_no_more(play: Play) -> None:
    scene = play(HEAD, GUARD).at("Mon 08:00").health(SILENT)
    scene.want("08:00 decided health health guard")
    scene.at("Mon 09:00").health(GIVEN_UP).want("09:00 decided long_silent health guard")
    assert scene.outbox()[-1].notices[0].occasion.condition == GIVEN_UP
    assert scene.notifier.conditions() == {}
    scene.at("Tue 08:00").health(GIVEN_UP)
    assert [one.kind for one in scene.news() if one.kind == "health"] == []
    assert scene.notifier.conditions() == {}
    scene.at("Wed 08:00").news()
    scene.health().want()  # data come again: nobody waits for the news


def test_a_feed_that_is_silent_again_after_that_is_told_anew(play: Play) -> None:
    scene = play(GUARD).at("Mon 08:00").health(SILENT).at("Mon 09:00").health(GIVEN_UP)
    scene.at("Mon 10:00").health().news()
    again = SILENT._replace(since=instant("Mon 09:30"))
    scene.at("Mon 15:00").health(again).want("15:00 decided health health guard")
    ids = [one.notification_id for one in scene.records if one.kind == "health"]
    assert len(ids) == len(set(ids)) == 3


def test_a_feed_that_was_given_up_before_anybody_looked_is_not_told(play: Play) -> None:
    scene = play(GUARD).at("Mon 08:00").health(GIVEN_UP).want()
    scene.clock += 60 * DAY
    scene.notifier.advance(scene.clock, scene.now)
    scene.news()
    scene.health(GIVEN_UP).want()


def test_who_was_not_told_that_it_began_is_not_told_that_it_is_given_up(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").health(SILENT).want("08:00 dropped no_recipient health -")
    scene.configured(HEAD, GUARD).health(GIVEN_UP)
    scene.want("08:00 dropped not_told_before health guard")


OLD = {
    "condition/health/lag": {"words": "12 records are waiting", "serial": 5, "told": ["guard"]},
    "condition/health/feed/commune": {"words": "nothing has come", "serial": 8, "told": ["guard"]},
    "condition/health/delivery/email": {"words": "fail", "serial": 2, "ended_at": 1},
}


def with_old_state() -> Scenario:
    """As a release kept it that had words for conditions."""
    scene = Scenario(GUARD).at("Mon 08:00")
    scene.end_round()
    scene.state |= {key.encode(): msgspec.json.encode(value) for key, value in OLD.items()}
    return scene.restart()


def test_conditions_kept_as_words_go_on_as_data() -> None:
    scene = with_old_state()
    assert scene.notifier.conditions() == {
        "lag": Condition("lag"),
        "feed/commune": Condition("feed", unit_id="commune"),
    }
    scene.health(SILENT).want("08:00 decided recovered health guard")
    assert scene.outbox()[0].notices[0].occasion.condition == Condition("lag")
    assert scene.notifier.conditions() == {"feed/commune": SILENT}
    assert scene.records[-1].notification_id == "health/lag|5|guard|email"
    scene.restart().health(SILENT).want()
    assert b"words" not in b"".join(scene.state.values())


def test_a_condition_that_there_is_not_is_named() -> None:
    scene = with_old_state()
    scene.state[b"condition/health/weather"] = b'{"words": "rain", "serial": 1}'
    with pytest.raises(ValueError, match="weather"):
        scene.restart()


def test_the_reason_of_its_end_is_kept_where_it_waits(play: Play) -> None:
    """Held by the limit, and decided again: it has ended, so it is not overtaken."""
    scene = play(GUARD, rules=replace(QUIET, rate_limit=1)).at("Mon 08:00").health(SILENT)
    scene.news()
    scene.at("Mon 08:10").health(GIVEN_UP)
    scene.want("08:10 held rate_limited health guard until Mon 09:00")
    scene.at("Mon 09:00").want("09:00 decided long_silent health guard")
    assert scene.records[-1].why is Why.LONG_SILENT
