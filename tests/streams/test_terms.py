"""The terms of the book: the rules of a monitor, and back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from indicators.windows import read_window
from schemas.book import START, Place, Terms, read_entry
from streams.routing import partition_of
from streams.terms import basis_of, policy_of, policy_to_dict, rules_of, stated_basis, terms_of
from tests.indicators.telling import VIET_NAM
from tests.streams.telling import policy, rules

OWN = replace(policy("7d", min_sample=3), recover_margin=Fraction(1, 20))
RULES = replace(rules(policy("30d"), ("7d", "half")), unit_policies={"U": OWN, "V": OWN, "W": OWN})
HOME = partition_of("U", 8)
TERMS = terms_of(RULES, Place(HOME, 1, START), 8)


def written(terms: Terms) -> Terms:
    found = read_entry(terms.to_json())
    assert isinstance(found, Terms)
    return found


def test_rules_come_back_from_the_terms_as_they_were_written() -> None:
    found = rules_of(written(TERMS))
    assert (found.zone, found.due_soon, found.calendar) == (RULES.zone, RULES.due_soon, None)
    assert [window.text for window in found.windows] == ["7d", "half"]
    assert found.policy_of("U").digest == OWN.digest
    assert found.policy.digest == RULES.policy.digest
    assert found.basis_of("U") == RULES.basis_of("U")
    assert basis_of(terms_of(found, TERMS.place, 8)) == basis_of(TERMS)


def test_of_the_units_with_a_policy_of_their_own_only_those_of_the_partition_are_named() -> None:
    homes = {unit for unit in "UVW" if partition_of(unit, 8) == HOME}
    assert TERMS.unit_policies.keys() == homes != set("UVW")


def test_terms_differ_by_what_they_say_and_not_by_where_they_stand() -> None:
    moved = TERMS._replace(place=Place(HOME, 9, "ab" * 32), next_offset=7, clock=8)
    assert basis_of(moved) == basis_of(TERMS)
    others = (
        replace(RULES, due_soon=1),
        replace(RULES, zone=ZoneInfo("UTC")),
        replace(RULES, windows=RULES.windows[:1]),
        replace(RULES, policy=policy("30d", hold=1)),
        replace(RULES, unit_policies={"U": policy("7d")}),
    )
    bases = {basis_of(terms_of(other, TERMS.place, 8)) for other in (RULES, *others)}
    assert len(bases) == len(others) + 1


@pytest.mark.parametrize(
    ("other", "remembers"),
    [
        pytest.param(replace(RULES, policy=policy("30d", min_sample=9)), True, id="thresholds"),
        pytest.param(replace(RULES, due_soon=1), True, id="due soon"),
        pytest.param(replace(RULES, policy=policy("90d")), False, id="primary window"),
        pytest.param(replace(RULES, windows=RULES.windows[:1]), False, id="windows"),
        pytest.param(replace(RULES, zone=ZoneInfo("UTC")), False, id="time zone"),
        pytest.param(replace(RULES, unit_policies={}), False, id="a unit's window"),
    ],
)
def test_days_are_remembered_while_the_same_figures_are_stated(other: Any, remembers: bool) -> None:
    assert (stated_basis(other, HOME, 8) == stated_basis(RULES, HOME, 8)) == remembers


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"timezone": "Asia/Nowhere"}, "'Asia/Nowhere' is no time zone here"),
        ({"timezone": "../etc"}, "is no time zone here"),
        ({"definitions": ("resolved@1", "gone@1")}, "'gone@1' is no definition; there are"),
        ({"windows": ("30x",)}, "'30x' is no window"),
        ({"policy": policy_to_dict(OWN) | {"definition": "gone@1"}}, "'gone@1' is no definition"),
        ({"policy": policy_to_dict(OWN) | {"digest": "x"}}, "says its hash is x, and is"),
        ({"policy": policy_to_dict(OWN) | {"hold": None}}, "a policy of the book: int"),
        ({"policy": policy_to_dict(OWN) | {"green": "much"}}, "Invalid literal for Fraction"),
        ({"policy": {}}, "'definition' is missing"),
    ],
)
def test_terms_that_this_release_cannot_go_by(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rules_of(TERMS._replace(**change))


def test_a_policy_comes_back_whole() -> None:
    assert policy_of(policy_to_dict(OWN), VIET_NAM).digest == OWN.digest
    assert read_window("7d", VIET_NAM).text == policy_to_dict(OWN)["window"]
