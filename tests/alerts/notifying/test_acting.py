"""What people do, and the record that each deed leaves."""

from __future__ import annotations

from collections.abc import Callable

from alerts.notifying import Silence
from schemas.action import Action
from schemas.notification import Why
from tests.alerts.notifying.scenario import CHIEF, HEAD, Scenario, instant, somebody

Play = Callable[..., Scenario]
INCIDENT = "commune/resolved@1/1"


def test_an_acknowledgement_is_a_step_a_record_and_news(play: Play) -> None:
    scene = play(HEAD, somebody("deputy")).at("Mon 08:00").opened().at("Mon 08:30")
    scene.news()
    action = scene.act("acknowledge", "Lan", incident=INCIDENT)
    taken, *news = scene.news()
    assert (taken.outcome, taken.why, taken.detail) == ("taken", Why.TAKEN, action)
    assert (taken.subject, taken.unit_id, taken.kind) == (INCIDENT, "commune", "acknowledge")
    assert [(one.why, one.kind, one.recipient) for one in news] == [
        (Why.ACKNOWLEDGED, "acknowledged", "deputy"),
        (Why.ACKNOWLEDGED, "acknowledged", "head"),
    ]
    [step] = scene.steps
    assert (step.kind, step.author, step.reason) == ("acknowledged", "Lan", "because")
    assert (step.at, step.incident_id) == (instant("Mon 08:30"), INCIDENT)
    [view] = scene.notifier.open_incidents()
    assert (view.acknowledged_by, view.acknowledged_at) == ("Lan", instant("Mon 08:30"))


def test_who_acknowledges_needs_no_message_about_it(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.news()
    scene.acknowledged(author="head").want(
        "08:00 taken taken acknowledge -", "08:00 dropped acknowledged acknowledged head"
    )


def test_who_follows_their_link_under_a_name_needs_none_either(play: Play) -> None:
    """The link says to whom it was sent; the name that somebody gives says nothing of that."""
    scene = play(HEAD, somebody("deputy"), somebody("Lan (head)")).at("Mon 08:00").opened()
    scene.news()
    scene.act("acknowledge", "Lan (head)", incident=INCIDENT, recipient="head")
    scene.want(
        "08:00 taken taken acknowledge -",
        "08:00 dropped acknowledged acknowledged head",
        "08:00 decided acknowledged acknowledged Lan (head)",
        "08:00 decided acknowledged acknowledged deputy",
    )
    assert scene.notifier.open_incidents()[0].acknowledged_by == "Lan (head)"


def test_the_first_to_acknowledge_counts(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened().acknowledged(author="Lan")
    scene.news()
    scene.acknowledged(author="Binh").want("08:00 refused already_acknowledged acknowledge -")
    assert scene.notifier.open_incidents()[0].acknowledged_by == "Lan"


def test_a_closed_incident_cannot_be_acknowledged(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened().closed()
    scene.news()
    scene.acknowledged()
    [record] = scene.news()
    assert (record.outcome, record.why, record.subject) == (
        "refused",
        Why.INCIDENT_CLOSED,
        INCIDENT,
    )
    scene.want_steps()


def test_nor_one_that_there_is_not(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").acknowledged(number=7)
    scene.want("08:00 refused no_such_incident acknowledge -")
    scene.want_steps()


def test_an_action_before_anything_else(play: Play) -> None:
    scene = play(HEAD)
    scene.clock = instant("Mon 08:00")
    scene.acknowledged().want("08:00 refused no_such_incident acknowledge -")


def test_an_action_of_the_future_counts_when_it_is_taken(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").opened()
    scene.act("acknowledge", incident=INCIDENT, at="Mon 11:00")
    scene.end_round()
    assert scene.steps[0].at == instant("Mon 08:00")
    assert scene.notifier.clock == instant("Mon 08:00")


def test_a_silence_is_kept_with_author_reason_and_end(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    silence = scene.act("silence", "Lan", scope="district/*", until="Tue 08:00")
    scene.want("08:00 taken taken silence -")
    assert scene.notifier.silences() == [
        Silence(silence, "district/*", "Lan", "because", instant("Mon 08:00"), instant("Tue 08:00"))
    ]
    assert scene.records[-1].subject == f"silence/{silence}"
    assert scene.records[-1].detail == silence


def test_a_silence_can_be_ended(play: Play) -> None:
    scene = play(HEAD, CHIEF).at("Mon 08:00")
    silence = scene.act("silence", scope="*", until="Tue 08:00")
    scene.act("unsilence", silence=silence)
    scene.want("08:00 taken taken silence -", "08:00 taken taken unsilence -")
    assert scene.notifier.silences() == []
    scene.opened().want("08:00 decided first_notification opened head")
    scene.act("unsilence", silence=silence)
    scene.want("08:00 refused no_such_silence unsilence -")


def test_a_silence_that_has_ended_cannot_be_ended(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    silence = scene.act("silence", scope="*", until="Mon 09:00")
    scene.news()
    scene.at("Mon 09:00").act("unsilence", silence=silence)
    scene.want("09:00 refused no_such_silence unsilence -")


def test_a_silence_whose_end_has_passed_or_is_missing_silences_nobody(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    scene.act("silence", scope="*", until="Mon 08:00")
    scene.act("silence", scope="*")
    scene.act("silence", until="Mon 09:00")
    scene.want(
        "08:00 refused too_late silence -",
        "08:00 refused no_such_silence silence -",
        "08:00 refused no_such_silence silence -",
    )
    assert scene.notifier.silences() == []


def test_an_action_that_names_nothing(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00")
    for kind in ("acknowledge", "unsilence"):
        scene.notifier.take_action(Action(kind, kind, "Lan", scene.clock), scene.now)
    scene.want(
        "08:00 refused no_such_incident acknowledge -",
        "08:00 refused no_such_silence unsilence -",
    )
