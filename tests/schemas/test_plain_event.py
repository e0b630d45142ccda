"""The fast way through for a plain event says nothing that the full validation does not say."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import event
from schemas.event import FIELDS, UnusableEvent, plain_event, read_event
from tests.profiles import steady

GOOD: dict[str, Any] = {
    "event_id": "e 1",
    "type": "received",
    "occurred_at": "2023-06-30T08:15:42+07:00",
    "dossier_id": "000.00.18.H47-230415-0012",
    "unit_id": "H47.503",
    "due_at": "2023-07-30",
    "procedure_id": "P",
    "step": "một bước",
    "channel": "online",
    "service_level": "4",
}
odd_texts = st.one_of(
    st.text(max_size=4),
    st.sampled_from(
        ["x" * 200, "x" * 201, "x" * 500, "x" * 501, "a b", "a\n", "\u200b", "\u2028", ""]
    ),
)
instants = st.sampled_from(
    [
        "2023-06-30T08:15:42Z",
        "2023-06-30T08:15:42.5+07:00",
        "2023-06-30T08:15:42",
        "2023-06-30 08:15:42+07:00",
        "2023-06-30t08:15:42z",
        "20230630T081542+0700",
        "1899-12-31T23:59:59Z",
        "1900-01-01T00:00:00+07:00",
        "2200-12-31T23:59:59-07:00",
        "2023-02-30T00:00:00Z",
        "2023-06-30T24:00:00Z",
        "2023-06-30T08:15:42+25:00",
        "2023-06-30T08:15:42+07:60",
        "2023-06-30",
        "2023-6-30",
        "1688087742",
    ]
)
odd = st.one_of(
    odd_texts,
    instants,
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(odd_texts, max_size=2),
    st.dictionaries(odd_texts, odd_texts, max_size=1),
    st.sampled_from(["voided", "completed", "post", "partial", 4, "5"]),
)
changes = st.dictionaries(
    st.sampled_from([*sorted(FIELDS), "name", "specversion"]), odd, max_size=3
)
removals = st.sets(st.sampled_from(sorted(GOOD)), max_size=2)


def said(value: bytes) -> object:
    """The event, or why there is none."""
    try:
        return read_event(value)
    except UnusableEvent as error:
        return error.reason, error.detail


@steady(400)
@given(changes, removals)
@example({"occurred_at": "2023-06-30T08:15:42+07:60"}, set())
@example({"dossier_id": "a\u00a0b"}, set())
def test_both_ways_say_the_same(changed: dict[str, Any], removed: set[str]) -> None:
    fields = {k: v for k, v in GOOD.items() if k not in removed} | changed
    value = orjson.dumps(fields)
    plain = plain_event(value)
    if plain is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event, "plain_event", lambda _: None)
        assert said(value) == (plain, False)


_ORDINARY = orjson.dumps(GOOD)
_ID = b'"e 1"'


@pytest.mark.parametrize(
    "value",
    [
        b"\xef\xbb\xbf" + _ORDINARY,
        _ORDINARY + b"\n",
        _ORDINARY + b" {}",
        _ORDINARY[:-1],
        _ORDINARY[:-1] + b',"event_id":"second"}',
        _ORDINARY[:-1] + b',"event_id":5}',
        _ORDINARY[:-1] + b',"event_id":5,"event_id":"third"}',
        _ORDINARY[:-1] + b',"Event_id":"other"}',
        _ORDINARY[:-1] + b",}",
        _ORDINARY[:-1] + b',"step":NaN}',
        _ORDINARY.replace(b'"event_id"', b'"event\\u005fid"'),
        *(
            _ORDINARY.replace(_ID, text)
            for text in (
                b'"\xff"',
                b'"\xed\xa0\x80"',
                b'"\xc0\x80"',
                b'"\xf4\x90\x80\x80"',
                b'"\\ud800"',
                b'"\\udc00\\ud800"',
                b'"\\ud83d\\ude00"',
                b'"\\u0000"',
                b'"\x01"',
                b'"a\nb"',
                b'"\\x41"',
                b'"\\/"',
                b"'e'",
                b'"\xc6\xa1"',
            )
        ),
        *(
            _ORDINARY.replace(b"08:15:42+07:00", text)
            for text in (b"08:15:42." + b"0" * 60 + b"Z", b"24:00:00Z", b"23:59:60Z", b"08:15Z")
        ),
    ],
)
def test_both_ways_say_the_same_of_odd_bytes(value: bytes) -> None:
    plain = plain_event(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event, "plain_event", lambda _: None)
        full = said(value)
    assert plain is None or full == (plain, False)


def test_the_ordinary_event_takes_the_fast_way() -> None:
    assert plain_event(orjson.dumps(GOOD)) is not None
