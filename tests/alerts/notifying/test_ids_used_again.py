"""Incident ids that are counted from one again, where the workers' state was lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.alerts.notifying.scenario import HEAD, QUIET, Scenario

Play = Callable[..., Scenario]


def test_an_opening_derived_a_second_time_is_told_once(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.want("08:00 decided first_notification opened head")
    scene.at("Mon 08:30").step("opened", at="Mon 08:00", number=1)
    scene.want()


def test_another_incident_of_a_closed_ones_id_is_told(play: Play) -> None:
    scene = play(HEAD, rules=replace(QUIET, reminders=True)).at("Mon 08:00").opened()
    scene.at("Mon 09:00").closed().report_all()
    scene.news()
    scene.at("Mon 14:00").step("opened", number=1)
    scene.want("14:00 decided first_notification opened head")
    assert [one.incident_id for one in scene.notifier.open_incidents()] == ["commune/resolved@1/1"]
    scene.at("Tue 07:00").want("07:00 decided reminder_due reminded head")


def test_another_incident_of_an_acknowledged_ones_id_is_told(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened().at("Mon 08:30").acknowledged()
    scene.at("Mon 09:00").closed()
    scene.news()
    scene.at("Mon 14:00").step("opened", number=1)
    scene.want("14:00 decided first_notification opened head")


def test_no_id_of_a_message_is_used_again(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened().at("Mon 09:00").closed()
    scene.at("Mon 14:00").step("opened", number=1).end_round()
    ids = [one.notification_id for one in scene.records if one.outcome == "decided"]
    assert len(ids) == len(set(ids))


def test_links_are_of_the_new_one(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.at("Mon 14:00").step("opened", number=1).end_round()
    [incident] = scene.notifier.open_incidents()
    assert incident.opened_at == scene.clock
