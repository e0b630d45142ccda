"""Records of what was decided, and of what people did: also those written before."""

from __future__ import annotations

from typing import get_args

import orjson
import pytest

from schemas.action import ACTION_KINDS
from schemas.notification import OUTCOMES, Notification, OccasionKind, RecordKind, Why
from schemas.published_telling import notification_schema
from tests.schemas.test_published import problems

TAKEN = Notification("U/x/1|a1", "taken", Why.TAKEN, "acknowledge", "U/x/1", 5, "U", detail="a1")


@pytest.mark.parametrize("kind", ACTION_KINDS)
@pytest.mark.parametrize(("outcome", "why"), [("taken", Why.TAKEN), ("refused", Why.TOO_LATE)])
def test_what_a_person_did_is_a_kind_of_its_own(kind: str, outcome: str, why: Why) -> None:
    record = TAKEN._replace(kind=kind, outcome=outcome, why=why)  # type: ignore[arg-type]
    value = orjson.loads(record.to_json())
    assert (value["kind"], value["outcome"]) == (kind, outcome)
    assert problems(notification_schema(), value) == []


def test_the_first_records_of_deeds_are_still_as_published() -> None:
    old = TAKEN._replace(kind="acknowledged", outcome="dropped")
    assert problems(notification_schema(), orjson.loads(old.to_json())) == []


def test_a_deed_is_no_occasion() -> None:
    """Else it could be declared urgent."""

    def names(union: object) -> set[str]:
        return {name for part in get_args(union) for name in (get_args(part) or (part,))}

    assert names(RecordKind) == names(OccasionKind) | set(ACTION_KINDS)
    assert names(OccasionKind).isdisjoint(ACTION_KINDS)
    assert {"taken", "refused"} < set(OUTCOMES)
