"""Conditions of the monitor itself: what they are known by."""

from __future__ import annotations

import orjson
import pytest

from schemas.condition import Condition, condition_of

EACH = [
    (Condition("feed", unit_id="H47.502"), "feed/H47.502"),
    (Condition("feed", unit_id="a/b"), "feed/a/b"),  # an id of a unit may hold a stroke
    (Condition("dead_letters"), "dead_letters"),
    (Condition("lag"), "lag"),
    (Condition("delivery", channel="apprise:tgram"), "delivery/apprise:tgram"),
]


@pytest.mark.parametrize(("condition", "name"), EACH)
def test_a_name_is_that_of_one_condition(condition: Condition, name: str) -> None:
    assert condition.name == name
    assert condition_of(name) == condition


def test_what_changes_while_it_lasts_is_not_in_its_name() -> None:
    assert Condition("lag", number=7).name == Condition("lag", number=8).name
    silent = Condition("feed", unit_id="U", since=5)
    assert silent._replace(since=6, given_up=True).name == silent.name


@pytest.mark.parametrize("name", ["", "feed", "feed/", "delivery", "lag/x", "weather", "Feed/U"])
def test_what_is_the_name_of_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="the name of no condition"):
        condition_of(name)


def test_for_those_who_are_told_by_machine() -> None:
    silent = Condition("feed", unit_id="U", since=1_700_000_000_000)
    assert orjson.loads(orjson.dumps(silent.to_dict())) == {
        "kind": "feed",
        "unit_id": "U",
        "since": "2023-11-14T22:13:20.000+00:00",
        "given_up": False,
    }
