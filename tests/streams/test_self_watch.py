from zoneinfo import ZoneInfo

import pytest

from alerts.delivery.dispatch import Dispatcher
from alerts.messages.composer import Composer
from alerts.notifying import NotifyRules
from alerts.recipients import Recipients
from indicators.calendar import vietnam
from streams.composing import Desk
from streams.self_watch import EVERY, HOUR, LAG_LASTS, SelfWatch
from streams.telling import Telling
from tests.streams.telling import rules

NOW = 1_800_000_000_000


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


def look(watch: SelfWatch, now: int, lag: int = 0, letters: int = 0) -> set[str]:
    assert watch.is_due(now)
    return set(watch.conditions(now, lag, letters, []))


def test_it_looks_once_a_minute(watch: SelfWatch) -> None:
    assert watch.is_due(NOW)
    assert not watch.is_due(NOW + EVERY - 1)
    assert watch.is_due(NOW + EVERY)


def test_dead_letters_that_grow_within_an_hour(watch: SelfWatch) -> None:
    assert look(watch, NOW, letters=1_000) == set()  # how many there have ever been says nothing
    assert look(watch, NOW + EVERY, letters=1_041) == {"dead_letters"}
    assert look(watch, NOW + HOUR + EVERY, letters=1_041) == set()


def test_lag_that_lasts(watch: SelfWatch) -> None:
    for minute in range(9):
        assert look(watch, NOW + minute * EVERY, lag=6_000) == set()
    assert look(watch, NOW + LAG_LASTS - EVERY, lag=6_000) == {"lag"}
    assert look(watch, NOW + LAG_LASTS, lag=5_999) == set()  # it is being worked off


def test_a_channel_that_does_not_answer(watch: SelfWatch) -> None:
    watch.note_channel("alertmanager-1", well=False)
    assert look(watch, NOW) == {"delivery/alertmanager-1"}
    watch.note_channel("alertmanager-1", well=True)
    assert look(watch, NOW + EVERY) == set()


def test_a_new_term_does_not_end_what_it_cannot_know_of(watch: SelfWatch) -> None:
    standing = {"dead_letters": "many", "lag": "much", "delivery/email": "fails", "feed/U": "quiet"}
    look(watch, NOW)
    assert watch.kept(standing, NOW) == standing
    look(watch, NOW + LAG_LASTS)
    assert watch.kept(standing, NOW + LAG_LASTS).keys() == {"dead_letters", "feed/U"}
    look(watch, NOW + HOUR)
    assert watch.kept(standing, NOW + HOUR).keys() == {"feed/U"}
