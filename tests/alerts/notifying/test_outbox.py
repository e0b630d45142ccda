"""What is on its way: sent, tried again, given up; and what the notifier knows and shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from schemas.notification import Why
from tests.alerts.notifying.scenario import (
    HEAD,
    MINUTE,
    Scenario,
    instant,
    somebody,
)

Play = Callable[..., Scenario]
KEY = "commune/resolved@1/1|0|head|email"


def test_a_message_is_tried_again_until_it_is_given_up(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.news()
    scene.outbox()
    again = scene.now + MINUTE
    scene.notifier.report(KEY, "retrying", Why.CHANNEL_FAILED, "500", scene.clock, again)
    [record] = scene.news()
    assert (record.outcome, record.why, record.until) == ("retrying", Why.CHANNEL_FAILED, again)
    assert (record.attempts, record.detail, record.channel) == (1, "500", "email")
    assert scene.notifier.outbox(again - 1) == []
    [outgoing] = scene.notifier.outbox(again)
    assert (outgoing.notification_id, outgoing.attempts) == (KEY, 1)
    # Where the circuit is open nothing is tried: it is no attempt.
    scene.notifier.report(KEY, "retrying", Why.CIRCUIT_OPEN, "", scene.clock, again + MINUTE)
    assert [one.attempts for one in scene.news()] == [1]
    scene.notifier.report(KEY, "failed", Why.GAVE_UP, "500", scene.clock)
    [record] = scene.news()
    assert (record.outcome, record.why, record.attempts) == ("failed", Why.GAVE_UP, 2)
    assert scene.notifier.outbox(again + MINUTE) == []


def test_when_it_was_first_tried_stays_with_a_message(play: Play) -> None:
    """Whoever tries it next gives it up so long after the first try, not after their own."""
    scene = play(HEAD).at("Mon 08:00").opened()
    [outgoing] = scene.outbox()
    assert outgoing.first_try == 0
    first = scene.now + 5
    for tried_at in (first, first + MINUTE, first + 2 * MINUTE):
        scene.notifier.report(
            KEY,
            "retrying",
            Why.CIRCUIT_OPEN,
            "",
            scene.clock,
            tried_at + MINUTE,
            tried_at=tried_at,
        )
        scene.end_round()
        [outgoing] = scene.notifier.outbox(tried_at + MINUTE)
        assert outgoing.first_try == first


def test_a_message_on_its_way_since_an_older_release_has_no_first_try_yet() -> None:
    scene = Scenario(HEAD).at("Mon 08:00").opened()
    scene.end_round()
    [key] = [key for key in scene.state if key.startswith(b"outgoing/")]
    fields = msgspec.json.decode(scene.state[key])
    assert fields.pop() == 0
    scene.state[key] = msgspec.json.encode(fields)
    [outgoing] = scene.restart().notifier.outbox(scene.now)
    assert (outgoing.notification_id, outgoing.first_try) == (KEY, 0)


def test_what_was_decided_and_not_reported_is_on_its_way_again_after_a_restart() -> None:
    scene = Scenario(HEAD).at("Mon 08:00").opened()
    before = scene.outbox()
    scene.restart()
    assert scene.notifier.outbox(scene.now) == before
    assert [one.notification_id for one in before] == [KEY]


def test_what_was_not_collected_was_never_decided() -> None:
    """Effects and state are written together: what is lost with one is lost with the other."""
    scene = Scenario(HEAD).at("Mon 08:00")
    scene.end_round()
    scene.opened()
    scene.restart().opened(at="Mon 08:00")
    assert len(scene.news()) == 1


def test_a_report_of_something_that_is_not_on_its_way(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.report_all()
    with pytest.raises(KeyError, match=r"commune/resolved@1/1\|0\|head\|email"):
        scene.notifier.report(KEY, "sent", Why.DELIVERED, "", scene.clock)


def test_retrying_needs_an_instant(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.outbox()
    with pytest.raises(ValueError, match="no next try"):
        scene.notifier.report(KEY, "retrying", Why.CHANNEL_FAILED, "", scene.clock)


def test_the_oldest_is_sent_first(play: Play) -> None:
    scene = play(somebody("z", "*"), somebody("a", "*")).at("Mon 08:00").opened("u1")
    scene.at("Mon 08:01").opened("u0")
    assert [(one.recipient, one.notices[0].occasion.unit_id) for one in scene.outbox()] == [
        ("a", "u1"),
        ("z", "u1"),
        ("a", "u0"),
        ("z", "u0"),
    ]


def test_what_need_not_be_written_at_once(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.end_round()
    assert not scene.notifier.pending
    scene.notifier.advance(instant("Mon 09:00"), instant("Mon 09:00"))
    scene.figure(44, 50).notifier.set_cursor({"alerts": {"0": 7}})
    assert not scene.notifier.pending
    scene.opened()
    assert scene.notifier.pending
    effects = scene.end_round()
    assert {b"clock", b"cursor", b"figure/commune"} <= effects.changes.keys()
    assert scene.notifier.cursor() == {"alerts": {"0": 7}}
    assert not scene.end_round()


def test_a_cursor_changed_in_place_is_written(play: Play) -> None:
    scene = play(HEAD)
    cursor = {"alerts": {"0": 7}}
    scene.notifier.set_cursor(cursor)
    scene.end_round()
    cursor["alerts"]["0"] = 8
    scene.notifier.set_cursor(cursor)
    scene.end_round()
    assert scene.restart().notifier.cursor() == {"alerts": {"0": 8}}


@pytest.mark.parametrize(
    ("given", "asked", "wanted"),
    [
        pytest.param({"Mon 09:00": 40}, "Mon 12:00", None, id="none before today"),
        pytest.param({"Mon 09:00": 40}, "Tue 06:00", ("2026-10-05", 40), id="yesterday's"),
        pytest.param(
            {"Mon 09:00": 40, "Mon 16:00": 41, "Tue 09:00": 42},
            "Tue 12:00",
            ("2026-10-05", 41),
            id="the last of yesterday",
        ),
        pytest.param(
            {"Thu 09:00": 40, "Fri 09:00": 41, "Sat 09:00": 42, "Mon+1 08:00": 43},
            "Mon+1 09:00",
            ("2026-10-09", 41),
            id="Friday's on a Monday",
        ),
        pytest.param(
            {"Thu 09:00": 40, "Fri 09:00": 41}, "Sat 09:00", ("2026-10-09", 41), id="on Saturday"
        ),
        pytest.param(
            {"Mon 09:00": 40, "Thu 09:00": 41}, "Thu 10:00", ("2026-10-05", 40), id="long before"
        ),
    ],
)
def test_the_figure_of_the_previous_working_day(
    play: Play, given: dict[str, int], asked: str, wanted: tuple[str, int] | None
) -> None:
    scene = play(HEAD)
    for text, numerator in given.items():
        scene.at(text).figure(numerator, 50)
    scene.at(asked)
    found = scene.notifier.previous_figure("commune")
    assert found == (wanted and (date.fromisoformat(wanted[0]), wanted[1], 50))
    assert scene.notifier.previous_figure("other") is None


def test_an_older_figure_changes_nothing(play: Play) -> None:
    scene = play(HEAD).at("Mon 09:00").figure(40, 50).at("Mon 10:00")
    scene.clock = instant("Mon 08:00")
    scene.figure(30, 50)
    scene.at("Tue 08:00")
    assert scene.notifier.previous_figure("commune") == (date(2026, 10, 5), 40, 50)


def test_incidents_in_view(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened().at("Mon 09:00").opened("other", "red")
    first, second = scene.notifier.open_incidents()
    assert (first.incident_id, first.zone, first.level) == ("commune/resolved@1/1", "yellow", 1)
    assert (second.unit_id, second.level, second.closed_at) == ("other", 0, None)
    assert second.evidence.numerator == 44
    scene.at("Mon 10:00").closed()
    assert [view.closed_at for view in scene.notifier.open_incidents()] == [
        instant("Mon 10:00"),
        None,
    ]
    scene.at("Tue 10:00")
    assert [view.unit_id for view in scene.notifier.open_incidents()] == ["other"]


def test_what_is_long_over_is_forgotten(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened().at("Mon 09:00").closed().report_all()
    silence = scene.act("silence", scope="*", until="Mon 10:00")
    scene.at("Tue 09:00").report_all().end_round()
    assert f"silence/{silence}".encode() not in scene.state
    assert b"incident/commune/resolved@1/1" in scene.state
    scene.at("2026-11-04 08:59").report_all().end_round()
    assert b"incident/commune/resolved@1/1" in scene.state
    scene.at("2026-11-04 09:00").report_all().end_round()
    assert not [key for key in scene.state if key.startswith((b"incident/", b"outgoing/"))]


def test_a_state_that_cannot_be_read_is_named() -> None:
    scene = Scenario(HEAD)
    scene.state[b"incident/x"] = b'{"unit_id": 3}'
    with pytest.raises(ValueError, match="incident/x"):
        scene.restart()
    with pytest.raises(ValueError, match="something/x"):
        Scenario(HEAD).notifier.restore([(b"something/x", b"{}")])
