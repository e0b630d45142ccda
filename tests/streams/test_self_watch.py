from zoneinfo import ZoneInfo

import pytest

from alerts.delivery.dispatch import Dispatcher
from alerts.messages.composer import Composer
from alerts.notifying import NotifyRules
from alerts.recipients import Recipients
from indicators.calendar import vietnam
from schemas.condition import Condition
from schemas.instants import read_instant
from schemas.outlook import UnitOutlook
from streams.composing import Desk
from streams.self_watch import EVERY, HOUR, LAG_LASTS, SelfWatch
from streams.telling import Telling
from tests.streams.telling import rules

NOW = 1_800_000_000_000
MINUTE = 60_000
LETTERS = Condition("dead_letters", number=41)
LAG = Condition("lag", number=6_000)


@pytest.fixture
def watch() -> SelfWatch:
    telling = Telling(
        rules=NotifyRules(),
        monitor_rules=rules(),
        calendar=vietnam(ZoneInfo("Asia/Ho_Chi_Minh")),
        recipients=Recipients(),
        composer=Composer(None),
        dispatcher=Dispatcher({}),
        base_url="http://page",
    )
    return SelfWatch(telling, Desk(telling))


def look(watch: SelfWatch, now: int, lag: int = 0, letters: int = 0) -> list[Condition]:
    assert watch.is_due(now)
    found = watch.conditions(now, lag, letters, [])
    assert [one.name for one in found.values()] == list(found)
    return list(found.values())


def test_it_looks_once_a_minute(watch: SelfWatch) -> None:
    assert watch.is_due(NOW)
    assert not watch.is_due(NOW + EVERY - 1)
    assert watch.is_due(NOW + EVERY)


def test_dead_letters_that_grow_within_an_hour(watch: SelfWatch) -> None:
    assert look(watch, NOW, letters=1_000) == []  # how many there have ever been says nothing
    assert look(watch, NOW + EVERY, letters=1_041) == [LETTERS]
    assert look(watch, NOW + HOUR + EVERY, letters=1_041) == []


def test_lag_that_lasts(watch: SelfWatch) -> None:
    for minute in range(9):
        assert look(watch, NOW + minute * EVERY, lag=6_000) == []
    assert look(watch, NOW + LAG_LASTS - EVERY, lag=6_000) == [LAG]
    assert look(watch, NOW + LAG_LASTS, lag=5_999) == []  # it is being worked off


def test_a_channel_that_does_not_answer(watch: SelfWatch) -> None:
    watch.note_channel("alertmanager-1", well=False)
    assert look(watch, NOW) == [Condition("delivery", channel="alertmanager-1")]
    watch.note_channel("alertmanager-1", well=True)
    assert look(watch, NOW + EVERY) == []


def test_a_new_term_does_not_end_what_it_cannot_know_of(watch: SelfWatch) -> None:
    each = (LETTERS, LAG, Condition("delivery", channel="email"), Condition("feed", unit_id="U"))
    standing = {one.name: one for one in each}
    look(watch, NOW)
    assert watch.kept(standing, NOW) == standing
    look(watch, NOW + LAG_LASTS)
    assert watch.kept(standing, NOW + LAG_LASTS).keys() == {"dead_letters", "feed/U"}
    look(watch, NOW + HOUR)
    assert watch.kept(standing, NOW + HOUR).keys() == {"feed/U"}


def outlook(last_arrival: int) -> UnitOutlook:
    return UnitOutlook(
        "U",
        last_arrival + 1,
        0,
        5,
        "green",
        "resolved@1",
        "30d",
        9,
        9,
        "p",
        "c",
        (),
        0,
        last_arrival=last_arrival,
        usual_gap=MINUTE,
    )


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ("2027-01-15T11:00", None),
        ("2027-01-15T11:31", False),
        ("2027-01-29T17:00", False),  # ten working days later
        ("2027-01-29T17:01", True),
    ],
)
def test_a_silent_feed_and_one_that_is_given_up(
    watch: SelfWatch, later: str, found: bool | None
) -> None:
    last = read_instant("2027-01-15T09:00+07:00") // 1_000
    watch._desk.note_outlook(outlook(last))
    now = read_instant(f"{later}+07:00") // 1_000
    silent = Condition("feed", unit_id="U", since=last)
    wanted = [] if found is None else [silent._replace(given_up=found)]
    assert look(watch, now) == wanted
