"""Steps told in one order, wherever they come from."""

from __future__ import annotations

from random import Random

import pytest

from audit.ordering import steps_in_order, written_steps_in_order
from schemas.step import Evidence, IncidentStep, StepKind


def step(at: int, unit: str, number: int, kind: StepKind, offset: int) -> IncidentStep:
    evidence = Evidence("resolved@1", "30d", at + 1, 1, 2, 0, offset, "abc")
    return IncidentStep(f"{unit}/resolved@1/{number}", unit, kind, at, "red", evidence)


TOLD = [
    step(1_000, "A", 1, "opened", 4),
    step(1_000, "A", 1, "worsened", 5),  # three records of one instant
    step(1_000, "A", 1, "improved", 6),
    step(1_000, "A", 1, "worsened", 7),
    step(1_000, "A", 1, "corrected", 8),  # one record that makes two
    step(1_000, "A", 1, "closed", 8),
    step(1_000, "A", 2, "opened", 9),
    step(1_000, "A", 10, "opened", 3),
    step(1_000, "B", 1, "opened", 0),
    step(2_000, "A", 2, "improved", 1),
    step(2_000, "A", 9, "corrected", 2),
    step(2_000, "A", 10, "opened", 2),
]


@pytest.mark.parametrize("seed", range(5))
def test_by_time_unit_incident_and_record_and_what_corrects_first(seed: int) -> None:
    mixed = Random(seed).sample(TOLD, len(TOLD))

    assert steps_in_order(mixed) == TOLD
    written = written_steps_in_order(one.to_json() for one in mixed)
    assert written == [(one.to_dict(), one.to_json()) for one in TOLD]
