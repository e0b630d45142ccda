"""Where two answers of a stage look alike: which of several held, which step, which parent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.alerts.notifying.scenario import DAY, HEAD, QUIET, Scenario, somebody

Play = Callable[..., Scenario]
ALL = somebody("head", "*")
ABOVE = somebody("above", "district")


def test_what_follows_up_several_waits_for_the_last_of_them(play: Play) -> None:
    """The opening waits for the hour's room, the worsening for the morning."""
    scene = play(ALL, rules=replace(QUIET, rate_limit=1))
    scene.at("Mon 16:40").opened("other").at("Mon 16:50").opened().want(
        "16:40 decided first_notification opened head",
        "16:50 held rate_limited opened head until Mon 17:40",
    )
    scene.at("Mon 17:10").worsened().want(
        "17:10 held held_outside_working_hours worsened head until Tue 07:00"
    )
    scene.at("Mon 17:20").closed().want("17:20 held grouped closed head until Tue 07:00")


def test_the_closing_of_an_unsaid_flapping_is_a_recovery(play: Play) -> None:
    """What says that a unit flaps is an opening; nobody was told so while it was silenced."""
    scene = play(HEAD).at("Mon 08:00")
    for minute in (10, 20, 30):
        scene.at(f"Mon 08:{minute}").opened().at(f"Mon 08:{minute + 5}").closed()
    scene.act("silence", scope="commune", until="Mon 09:00")
    scene.at("Mon 08:40").opened().news()
    scene.at("Mon 09:10").worsened().want("09:10 decided first_notification worsened head")
    scene.at("Mon 09:20").closed().want("09:20 decided recovered closed head")
    # The next opening says it.
    scene.at("Mon 09:30").opened().want("09:30 decided flapping opened head")


def test_news_of_a_parent_of_history_inhibits_nobody_before_it_is_told(play: Play) -> None:
    """Also where its own step, of today, was dropped: nobody heard of the parent's incident."""
    scene = play(HEAD, ABOVE, rules=replace(QUIET, inhibit_children=True)).at("Mon 08:00")
    scene.wall_ahead = 2 * DAY
    scene.opened("district").news()
    scene.wall_ahead = 0
    scene.act("silence", scope="district", until="Mon 09:00")
    scene.at("Mon 08:10").worsened("district").want(
        "08:00 taken taken silence -", "08:10 dropped silenced worsened above"
    )
    scene.at("Mon 08:20").opened().want("08:20 decided first_notification opened head")
    # As soon as somebody hears of it, it stands for those below.
    scene.at("Mon 09:10").improved("district").worsened("district").news()
    scene.at("Mon 09:20").worsened().want("09:20 dropped inhibited_by_parent worsened head")
