"""Actions: written, read back, and what is none."""

from __future__ import annotations

import orjson
import pytest

from schemas.action import Action, read_action

DEED = Action("a1", "acknowledge", "Lan (head)", 5, "xem", "U/resolved@1/1", recipient_id="head")


@pytest.mark.parametrize(
    "action",
    [
        DEED,
        DEED._replace(recipient_id=None),
        Action("s1", "silence", "An", 5, "bảo trì", scope="U/*", until=9),
        Action("u1", "unsilence", "An", 5, silence_id="s1"),
    ],
)
def test_what_was_written_is_read_back(action: Action) -> None:
    assert read_action(action.to_json()) == action


def test_a_record_of_before_there_were_links_to_recipients_has_none() -> None:
    fields = orjson.loads(DEED.to_json())
    del fields["recipient_id"]
    assert read_action(orjson.dumps(fields)) == DEED._replace(recipient_id=None)


def test_fields_of_a_later_release_are_passed_over() -> None:
    fields = orjson.loads(DEED.to_json()) | {"phone": "0912"}
    assert read_action(orjson.dumps(fields)) == DEED


@pytest.mark.parametrize("name", ["author", "reason", "recipient_id", "action_id", "incident_id"])
@pytest.mark.parametrize("value", [5, True, ["a"], {"a": 1}])
def test_what_is_no_text_is_refused(name: str, value: object) -> None:
    """It would be kept, and stop whoever reads it again."""
    fields = orjson.loads(DEED.to_json()) | {name: value}
    with pytest.raises(ValueError, match=f"{name}: .* is no text"):
        read_action(orjson.dumps(fields))


@pytest.mark.parametrize("value", [b"5", b"[]", b'"x"', b"null"])
def test_what_is_no_object_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="no action"):
        read_action(value)


@pytest.mark.parametrize(
    "change", [{"kind": "shout"}, {"at": 5}, {"at": "yesterday"}, {"author": None}]
)
def test_what_is_no_action_is_refused(change: dict[str, object]) -> None:
    fields = {name: one for name, one in (orjson.loads(DEED.to_json()) | change).items() if one}
    with pytest.raises(ValueError, match=r"kind|no action|not an instant|no text"):
        read_action(orjson.dumps(fields))
