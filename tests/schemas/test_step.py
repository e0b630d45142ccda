"""A step is read back as it was written; what is none is refused with a reason."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.status import ZONES
from schemas.step import STEP_KINDS, Cause, Evidence, IncidentStep, read_step
from tests.profiles import steady

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
NUMBER = st.integers(0, 10**9)
MILLIS = st.integers(-(10**12), 7 * 10**12)
STEPS = st.builds(
    IncidentStep,
    TEXT,
    TEXT,
    st.sampled_from(STEP_KINDS),
    MILLIS,
    st.sampled_from(ZONES),
    st.builds(Evidence, TEXT, TEXT, MILLIS, NUMBER, NUMBER, NUMBER, NUMBER, TEXT, st.none() | TEXT),
    st.none() | st.builds(Cause, TEXT, TEXT),
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | st.integers(1, 9),
)


@steady(100)
@given(step=STEPS)
def test_what_is_written_is_what_is_read(step: IncidentStep) -> None:
    assert read_step(step.to_json()) == step


GOOD = IncidentStep(
    "A/resolved@1/1",
    "A",
    "opened",
    1_700_000_000_000,
    "yellow",
    Evidence("resolved@1", "30d", 1_700_000_000_001, 17, 20, 3, 42, "abc"),
)


def test_fields_of_a_later_release_are_passed_over() -> None:
    fields = GOOD.to_dict() | {"colour": "teal"}

    assert read_step(orjson.dumps(fields)) == GOOD


def inside(name: str, value: object) -> dict[str, Any]:
    fields = GOOD.to_dict()
    evidence = fields["evidence"]
    assert isinstance(evidence, dict)
    return {**fields, "evidence": {**evidence, name: value}}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(b"{", "unexpected end", id="no JSON"),
        pytest.param(b"[1]", "no step", id="a list"),
        pytest.param({**GOOD.to_dict(), "kind": "exploded"}, "kind: 'exploded' is none", id="kind"),
        pytest.param({**GOOD.to_dict(), "zone": "blue"}, "zone: 'blue' is none", id="zone"),
        pytest.param({**GOOD.to_dict(), "at": 5}, "at: 5 is no text", id="instant"),
        pytest.param({**GOOD.to_dict(), "at": "soon"}, "not an instant", id="no instant"),
        pytest.param({**GOOD.to_dict(), "level": "2"}, "level: '2' is no whole", id="level"),
        pytest.param({**GOOD.to_dict(), "cause": {"event_id": "a"}}, "'dossier_id'", id="cause"),
        pytest.param({**GOOD.to_dict(), "evidence": None}, "no step", id="no evidence"),
        pytest.param(inside("numerator", True), "numerator: True is no whole", id="numerator"),
        pytest.param(inside("policy", None), "policy: None is no text", id="policy"),
    ],
)
def test_what_is_no_step_is_refused(value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_step(value if isinstance(value, bytes) else orjson.dumps(value))


@pytest.mark.parametrize("name", list(GOOD.to_dict()))
def test_a_field_that_is_missing_is_named(name: str) -> None:
    fields = {key: one for key, one in GOOD.to_dict().items() if key != name}

    with pytest.raises(ValueError, match=f"no step: '{name}' is missing"):
        read_step(orjson.dumps(fields))
