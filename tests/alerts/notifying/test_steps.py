"""What is told of each step, to whom, and under which reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alerts.notifying import channels_of
from schemas.step import StepKind
from tests.alerts.notifying.scenario import CHIEF, HEAD, QUIET, Scenario, instant, somebody

Play = Callable[..., Scenario]


def test_an_incident_from_open_to_close(play: Play) -> None:
    scene = play(HEAD)
    scene.at("Mon 08:10").opened().want("08:10 decided first_notification opened head")
    scene.at("Mon 08:20").worsened().want("08:20 decided worsened worsened head")
    scene.at("Mon 09:00").improved().want("09:00 decided improved improved head")
    scene.at("Mon 09:30").step("corrected", zone="green")
    scene.want("09:30 decided corrected corrected head")
    scene.at("Mon 10:00").closed().want("10:00 decided recovered closed head")
    scene.want_steps()


def test_every_message_carries_its_step_and_stays_until_it_is_sent(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:10").opened()
    [outgoing] = scene.outbox()
    assert outgoing.notification_id == "commune/resolved@1/1|0|head|email"
    assert (outgoing.recipient, outgoing.channel, outgoing.attempts) == ("head", "email", 0)
    [notice] = outgoing.notices
    assert notice.occasion.step is not None
    assert notice.occasion.step.evidence.numerator == 44
    assert (notice.occasion.kind, notice.occasion.zone) == ("opened", "yellow")
    scene.report_all()
    assert scene.outbox() == []
    scene.want("08:10 decided first_notification opened head", "08:10 sent delivered opened head")


def test_two_recipients_and_several_channels(play: Play) -> None:
    deputy = somebody("deputy", channels=("email", "apprise:tgram"))
    scene = play(HEAD, deputy).at("Mon 08:10").opened()
    scene.want(
        "08:10 decided first_notification opened deputy",
        "08:10 decided first_notification opened deputy/apprise:tgram",
        "08:10 decided first_notification opened head",
    )
    assert len({one.notification_id for one in scene.outbox()}) == 3


def test_two_channels_of_one_name_have_two_keys(play: Play) -> None:
    twice = somebody("head", channels=("email", "email"))
    assert list(channels_of(twice)) == ["email", "email#2"]
    scene = play(twice).at("Mon 08:10").opened()
    scene.want(
        "08:10 decided first_notification opened head",
        "08:10 decided first_notification opened head/email#2",
    )


def test_a_head_of_another_unit_is_told_nothing(play: Play) -> None:
    scene = play(HEAD, somebody("stranger", "other")).at("Mon 08:10").opened()
    scene.want("08:10 decided first_notification opened head")


def test_a_unit_without_recipients_has_one_record_that_says_so(play: Play) -> None:
    scene = play(somebody("stranger", "other")).at("Mon 08:10").opened()
    scene.want("08:10 dropped no_recipient opened -")
    scene.at("Mon 09:00").closed().want("09:00 dropped no_recipient closed -")


def test_a_recipient_without_a_channel_is_no_recipient(play: Play) -> None:
    scene = play(somebody("head", channels=())).at("Mon 08:10").opened()
    scene.want("08:10 dropped no_recipient opened -")


def test_a_unit_without_the_first_level_is_told_to_the_next_one(play: Play) -> None:
    scene = play(CHIEF).at("Mon 08:10").opened()
    scene.want("08:10 decided first_notification opened chief")


def test_only_the_first_level_is_told_first(play: Play) -> None:
    scene = play(HEAD, CHIEF).at("Mon 08:10").opened()
    scene.want("08:10 decided first_notification opened head")
    scene.at("Mon 08:20").closed().want("08:20 decided recovered closed head")


@pytest.mark.parametrize("kind", ["improved", "closed", "corrected"])
def test_what_follows_up_nothing_is_not_told(play: Play, kind: StepKind) -> None:
    scene = play(HEAD)
    scene.at("Mon 08:00").act("silence", scope="commune", until="Mon 08:30")
    scene.opened().news()
    scene.at("Mon 09:00").step(kind).want(f"09:00 dropped not_told_before {kind} head")


def test_worsening_is_the_first_message_to_those_who_were_not_told_before(play: Play) -> None:
    scene = play(HEAD)
    scene.at("Mon 08:00").act("silence", scope="commune", until="Mon 08:30")
    scene.opened().news()
    scene.at("Mon 09:00").worsened().want("09:00 decided first_notification worsened head")


def test_a_step_of_an_incident_never_heard_of(play: Play) -> None:
    scene = play(HEAD).at("Mon 08:00").worsened()
    scene.want("08:00 decided first_notification worsened head")
    scene.step("corrected", "other", "green")
    scene.want("08:00 dropped no_recipient corrected -")
    assert [view.unit_id for view in scene.notifier.open_incidents() if view.closed_at] == ["other"]


def test_a_step_of_a_lagging_partition_counts_at_the_clock(play: Play) -> None:
    scene = play(HEAD).at("Mon 09:00").opened(at="Mon 08:00")
    scene.want("09:00 decided first_notification opened head")
    [view] = scene.notifier.open_incidents()
    assert view.opened_at < scene.clock


def test_a_step_ahead_of_the_clock_moves_it(play: Play) -> None:
    """Timers up to it run first, in order."""
    scene = play(HEAD).at("Mon 06:00").opened()
    scene.want("06:00 held held_outside_working_hours opened head until Mon 07:00")
    scene.step("worsened", zone="red", at="Mon 09:00")
    scene.want(
        "07:15 decided digest digest head",
        "09:00 decided first_notification opened head",
        "09:00 decided grouped worsened head",
    )
    assert scene.notifier.clock == instant("Mon 09:00")


def test_recipients_that_are_gone_are_told_nothing(play: Play) -> None:
    scene = play(HEAD).at("Mon 18:00").opened()
    scene.want("18:00 held held_outside_working_hours opened head until Tue 07:00")
    scene.configured(somebody("successor"))
    scene.at("Tue 07:00").want("07:00 dropped no_recipient opened head")


def test_recipients_that_answer_for_other_units_now_are_told_nothing(play: Play) -> None:
    scene = play(HEAD).at("Mon 18:00").opened().at("Mon 18:01")
    scene.news()
    scene.configured(somebody("head", "other"))
    scene.at("Tue 07:00").want("07:00 dropped no_recipient opened head")


def test_the_notifiers_own_steps_read_back_change_nothing(play: Play) -> None:
    scene = play(HEAD, CHIEF).at("Mon 08:00").opened().acknowledged()
    scene.news()
    for step in list(scene.steps):
        scene.notifier.take_step(step, scene.now)
    scene.want()
    [view] = scene.notifier.open_incidents()
    assert (view.acknowledged_by, view.level) == ("An", 1)


def test_own_steps_give_back_what_a_lost_state_knew(play: Play) -> None:
    scene = play(HEAD, CHIEF, rules=QUIET).at("Mon 08:00").opened()
    scene.step("escalated").step("acknowledged")
    [view] = scene.notifier.open_incidents()
    assert view.acknowledged_by is not None


def test_a_step_stamped_ahead_of_the_wall_moves_nobody_s_clock(play: Play) -> None:
    """A feed may stamp its records days ahead; the province's timers do not run for it."""
    scene = play(HEAD).at("Mon 09:00").step("opened", at="Thu 09:00", wall="Mon 09:00")
    assert scene.notifier.clock == instant("Mon 09:00")
    scene.want("09:00 decided first_notification opened head")
