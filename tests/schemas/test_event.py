"""What a record must be: bad input with its reason, envelopes, unknown fields, there and back."""

from __future__ import annotations

from datetime import date, datetime

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.dead_letter import Reason
from schemas.event import EVENT_TYPES, Event, UnusableEvent, read_event
from schemas.instants import micros, read_instant
from tests.profiles import steady

OMIT = object()
GOOD: dict[str, object] = {
    "event_id": "e-1",
    "type": "received",
    "occurred_at": "2023-06-30T17:00:00+07:00",
    "dossier_id": "000.00.18.H47-230415-0012",
    "unit_id": "H47",
}
CLOUD: dict[str, object] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/mot-cua",
    "type": "vn.gov.quangnam.dossier.received",
    "time": "2023-06-30T17:00:00+07:00",
    "subject": "000.00.18.H47-230415-0012",
    "data": {"unit_id": "H47"},
}


def written(fields: dict[str, object], **changed: object) -> bytes:
    merged = {**fields, **changed}
    return orjson.dumps({name: value for name, value in merged.items() if value is not OMIT})


def refused(value: bytes | None) -> tuple[str, str]:
    with pytest.raises(UnusableEvent) as caught:
        read_event(value)
    return caught.value.reason.value, caught.value.detail


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        pytest.param(None, "null_value", "the record has no value", id="null"),
        pytest.param(b"", "not_json", "invalid JSON", id="empty"),
        pytest.param(b"{", "not_json", "invalid JSON", id="cut short"),
        pytest.param(b"event_id=1", "not_json", "invalid JSON", id="no JSON at all"),
        pytest.param(b'{"event_id": "\xe9"}', "not_json", "not UTF-8 at byte 14", id="Latin-1"),
        pytest.param("{}".encode("utf-16"), "not_json", "not UTF-8 at byte 0", id="UTF-16"),
        pytest.param(b'{"event_id": "\\ud800"}', "not_json", "invalid JSON", id="half a surrogate"),
        pytest.param(b"[" * 100_000, "not_json", "depth limit", id="too deep"),
        pytest.param(b'{"specversion":' + b"[" * 9999, "not_json", "", id="too deep an envelope"),
        pytest.param(b"[]", "invalid_event", "value: it is JSON, but not an object", id="a list"),
        pytest.param(
            b"null", "invalid_event", "value: it is JSON, but not an object", id="JSON null"
        ),
        pytest.param(b'"specversion"', "invalid_event", "", id="a text"),
    ],
)
def test_what_is_no_json_object(value: bytes | None, reason: str, detail: str) -> None:
    found = refused(value)
    assert found[0] == reason
    assert detail in found[1]


@pytest.mark.parametrize("field", ["event_id", "type", "occurred_at", "dossier_id", "unit_id"])
@pytest.mark.parametrize("missing", [OMIT, None, 5, ["x"], ""], ids=["no", "null", "5", "[]", "''"])
def test_a_required_field_is_named(field: str, missing: object) -> None:
    reason, detail = refused(written(GOOD, **{field: missing}))
    assert reason == "invalid_event"
    assert detail.startswith(f"{field}: ")


def test_all_that_is_wrong_is_named() -> None:
    reason, detail = refused(written(GOOD, unit_id=OMIT, type="arrived", dossier_id=7))
    assert reason == "invalid_event"
    assert [part.split(":")[0] for part in detail.split("; ")] == ["type", "dossier_id", "unit_id"]


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        pytest.param("type", "Received", "'received'", id="type in capitals"),
        pytest.param("type", "reopened", "'received'", id="unknown type"),
        pytest.param("occurred_at", "2023-06-30T17:00:00", "without an offset", id="no offset"),
        pytest.param("occurred_at", "2023-06-30", "not an instant", id="a bare date"),
        pytest.param("occurred_at", "hôm qua", "not an instant", id="words"),
        pytest.param("occurred_at", "2023-02-30T17:00:00Z", "not an instant", id="30 February"),
        pytest.param("occurred_at", "2023-06-30T17:00:60Z", "not an instant", id="leap second"),
        pytest.param(
            "occurred_at", "1688119200" + "0" * 7, "not an instant", id="a number as text"
        ),
        pytest.param("occurred_at", "1899-12-31T23:59:59Z", "outside 1900-2200", id="1899"),
        pytest.param("occurred_at", "2201-01-01T00:00:00Z", "outside 1900-2200", id="2201"),
        pytest.param("occurred_at", "0001-01-01T00:00:00+14:00", "outside 1900-2200", id="year 1"),
        pytest.param("occurred_at", "9999-12-31T23:59:59-14:00", "outside 1900-2200", id="9999"),
        pytest.param("occurred_at", "2" * 65, "at most 64 characters", id="a long instant"),
        pytest.param("due_at", "2023-06-30T17:00:00", "without an offset", id="due, no offset"),
        pytest.param("due_at", "30/06/2023", "nor a date", id="due as written in Viet Nam"),
        pytest.param("due_at", "2023-06-31", "nor a date", id="due on 31 June"),
        pytest.param("due_at", "٢٠٢٣-٠٦-٣٠", "nor a date", id="due in other digits"),
        pytest.param("due_at", "1899-12-31", "outside 1900-2200", id="due in 1899"),
        pytest.param("due_at", "2201-01-01", "outside 1900-2200", id="due in 2201"),
        pytest.param("due_at", "", "nor a date", id="due empty"),
        pytest.param("event_id", "a\nb", "1-200 characters", id="event id with a newline"),
        pytest.param("event_id", "a\n", "1-200 characters", id="event id ending in a newline"),
        pytest.param("event_id", "a\u2028b", "1-200 characters", id="event id of two lines"),
        pytest.param("event_id", "x" * 201, "1-200 characters", id="event id too long"),
        pytest.param("dossier_id", "a b", "1-200 characters", id="dossier id with a space"),
        pytest.param("dossier_id", "a\u00a0b", "1-200 characters", id="with a no-break space"),
        pytest.param("dossier_id", "a\x00b", "1-200 characters", id="with a control character"),
        pytest.param("dossier_id", "a\n", "1-200 characters", id="dossier id with a newline"),
        pytest.param("unit_id", "H47\n", "1-200 characters", id="unit id with a newline"),
        pytest.param("unit_id", "x" * 201, "1-200 characters", id="unit id too long"),
        pytest.param("channel", "fax", "'online', 'direct' or 'post'", id="unknown channel"),
        pytest.param("service_level", "5", "'partial'", id="unknown level"),
        pytest.param("service_level", True, "'partial'", id="a level that is a truth"),
        pytest.param("voids", "a\nb", "1-200 characters", id="voids with a newline"),
        pytest.param("step", ["x"], "valid string", id="a step that is a list"),
        pytest.param("procedure_id", 5, "valid string", id="a procedure that is a number"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(
    field: str, value: object, detail: str
) -> None:
    reason, said = refused(written(GOOD, **{field: value}))
    assert reason == "invalid_event"
    assert said.startswith(f"{field}: ")
    assert detail in said


@pytest.mark.parametrize("field", ["step", "procedure_id"])
def test_a_text_may_have_500_characters_and_no_more(field: str) -> None:
    assert getattr(read_event(written(GOOD, **{field: "ế" * 500}))[0], field) == "ế" * 500
    assert refused(written(GOOD, **{field: "x" * 501})) == (
        "too_large",
        f"{field}: String should have at most 500 characters",
    )


@pytest.mark.parametrize("voids", [OMIT, None], ids=["missing", "null"])
def test_a_voided_event_names_what_it_voids(voids: object) -> None:
    assert refused(written(GOOD, type="voided", voids=voids)) == (
        "invalid_event",
        "voids: a voided event names the event it voids",
    )


def test_ids_may_have_200_characters_of_any_script() -> None:
    name = "Quế-Sơn/" + "ế" * 192
    event, _ = read_event(written(GOOD, event_id=name, dossier_id=name, unit_id=name))
    assert (event.event_id, event.dossier_id, event.unit_id) == (name, name, name)


def test_an_event_id_may_have_spaces() -> None:
    assert read_event(written(GOOD, event_id="số 12"))[0].event_id == "số 12"


def test_voids_counts_only_on_a_voided_event() -> None:
    assert read_event(written(GOOD, voids="x"))[0].voids is None
    assert read_event(written(GOOD, type="voided", voids="x"))[0].voids == "x"


@pytest.mark.parametrize("field", ["due_at", "procedure_id", "step", "channel", "service_level"])
def test_a_null_stands_for_an_absent_field(field: str) -> None:
    assert read_event(written(GOOD, **{field: None})) == read_event(written(GOOD))


@pytest.mark.parametrize("level", ["2", 2])
def test_a_level_may_be_a_number(level: object) -> None:
    assert read_event(written(GOOD, service_level=level))[0].service_level == "2"


@pytest.mark.parametrize(
    "text",
    [
        "2023-06-30T10:00:00Z",
        "2023-06-30t10:00:00z",
        "2023-06-30 17:00:00+07:00",
        "2023-06-30T17:00+07:00",
        "2023-06-30T17:00:00.000000000+07:00",
        "20230630T170000+0700",
        "2023-06-30T17:00:00,0+07",
    ],
)
def test_one_instant_in_many_writings(text: str) -> None:
    expected = read_instant("2023-06-30T17:00:00+07:00")
    event, _ = read_event(written(GOOD, occurred_at=text, due_at=text))
    assert (event.occurred_at, event.due) == (expected, expected)


def test_a_bare_due_date_stays_one() -> None:
    assert read_event(written(GOOD, due_at="2023-06-30"))[0].due == date(2023, 6, 30)


def test_years_1900_and_2200_are_allowed() -> None:
    for text in ("1900-01-01T00:00:00+07:00", "2200-12-31T23:59:59.999999-05:00"):
        assert read_event(written(GOOD, occurred_at=text, due_at=text))[0].occurred_at


# Unknown fields


def test_unknown_fields_are_flagged_and_dropped() -> None:
    event, unknown = read_event(written(GOOD, citizen="Nguyễn Văn A", phone={"no": "0905"}))
    assert unknown
    assert "Nguyễn".encode() not in event.to_json()
    assert event == read_event(written(GOOD))[0]
    assert not read_event(written(GOOD))[1]


@pytest.mark.parametrize("level", ["step", "procedure_id"])
def test_a_text_that_says_specversion_makes_no_envelope(level: str) -> None:
    event, _ = read_event(written(GOOD, **{level: "specversion"}))
    assert getattr(event, level) == "specversion"


def test_a_plain_event_with_a_foreign_specversion_inside_is_plain() -> None:
    event, unknown = read_event(written(GOOD, origin={"specversion": "1.0"}))
    assert (event.event_id, unknown) == ("e-1", True)


# CloudEvents


def test_a_cloud_event_is_the_same_event() -> None:
    assert read_event(written(CLOUD)) == read_event(written(GOOD))


def test_a_cloud_event_has_the_rest_in_its_data() -> None:
    data = {"unit_id": "H47", "due_at": "2023-07-01", "channel": "post", "service_level": 4}
    event, unknown = read_event(written(CLOUD, data=data))
    assert (event.due, event.channel, event.service_level) == (date(2023, 7, 1), "post", "4")
    assert not unknown


def test_the_attributes_of_a_cloud_event_win_over_its_data() -> None:
    data = {"unit_id": "H47", "event_id": "other", "type": "completed", "dossier_id": "other"}
    assert read_event(written(CLOUD, data=data)) == read_event(written(GOOD))


def test_unknown_fields_of_a_cloud_event_are_those_of_its_data_and_unknown_extensions() -> None:
    extended = written(CLOUD, traceparent="00-1", datacontenttype="application/json")
    assert not read_event(extended)[1]
    assert read_event(written(CLOUD, data={"unit_id": "H47", "citizen": "A"}))[1]
    assert read_event(written(CLOUD, citizen="A"))[1]


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        pytest.param({"data": [1]}, "data: ", id="data that is a list"),
        pytest.param({"data": None}, "data: ", id="data that is null"),
        pytest.param({"data": OMIT}, "unit_id: ", id="no data"),
        pytest.param({"id": OMIT}, "event_id: ", id="no id"),
        pytest.param({"time": OMIT}, "occurred_at: ", id="no time"),
        pytest.param({"time": "2023-06-30T17:00:00"}, "occurred_at: ", id="no offset"),
        pytest.param({"subject": OMIT}, "dossier_id: ", id="no subject"),
        pytest.param({"type": "vn.gov.reopened"}, "type: ", id="unknown type"),
        pytest.param({"type": 5}, "type: ", id="a type that is a number"),
    ],
)
def test_a_wrong_cloud_event(changed: dict[str, object], detail: str) -> None:
    reason, said = refused(written(CLOUD, **changed))
    assert reason == "invalid_event"
    assert said.startswith(detail)


@pytest.mark.parametrize("value", [b'{"specversion"', b'{"specversion": "\xff"}'])
def test_a_cloud_event_that_is_not_json(value: bytes) -> None:
    assert refused(value)[0] == "not_json"


# There and back

FIRST, LAST = read_instant("1900-01-01T00:00:00Z"), read_instant("2200-12-31T23:59:59.999999Z")
INSTANTS = st.integers(FIRST, LAST)
IDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=200
)
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(EVENT_TYPES))
    return Event(
        draw(IDS),
        kind,
        draw(INSTANTS),
        draw(IDS),
        draw(IDS),
        draw(st.none() | INSTANTS | st.dates(date(1900, 1, 1), date(2200, 12, 31))),
        draw(TEXTS),
        draw(TEXTS),
        draw(st.sampled_from([None, "online", "direct", "post"])),
        draw(st.sampled_from([None, "2", "3", "4", "partial", "full"])),
        draw(IDS) if kind == "voided" else None,
    )


@steady(100)
@given(event=events())
def test_what_is_written_is_what_is_read(event: Event) -> None:
    assert read_event(event.to_json()) == (event, False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1900-01-01T00:00:00+07:00", id="the null date of many a database"),
        pytest.param("2200-12-31T23:00:00-05:00", id="the last evening west of Greenwich"),
    ],
)
def test_what_was_accepted_is_accepted_again(text: str) -> None:
    event, _ = read_event(written(GOOD, occurred_at=text, due_at=text))
    assert read_event(event.to_json())[0] == event


def event_or_refused(value: bytes) -> Event | None:
    """Nothing else may come of any value: an error of another kind fails the test."""
    try:
        return read_event(value)[0]
    except UnusableEvent as error:
        if not error.detail:
            raise
        return None


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELD_NAMES = st.sampled_from([*GOOD, "due_at", "step", "channel", "voids", "data", "specversion"])


@steady(100)
@given(fields=st.dictionaries(FIELD_NAMES, JUNK, max_size=5), envelope=st.booleans())
@example(fields={"occurred_at": "9" * 20}, envelope=False)
def test_any_value_is_an_event_or_refused_with_a_detail(
    fields: dict[str, object], envelope: bool
) -> None:
    value = orjson.dumps({**(CLOUD if envelope else GOOD), **fields})
    event = event_or_refused(value)
    assert event is None or event_or_refused(event.to_json()) == event


@steady(150)
@given(value=st.binary(max_size=60), place=st.integers(0, 150))
def test_any_bytes_are_an_event_or_refused(value: bytes, place: int) -> None:
    good = written(GOOD)
    for tried in (value, good[:place] + value + good[place + len(value) :]):
        event = event_or_refused(tried)
        assert event is None or event.event_id


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("2023-06-30T08:15:42.1234Z", "2023-06-30T08:15:42.1234Z"),
        ("2023-06-30T08:15:42,12+07", "2023-06-30T08:15:42,12+07"),
        ("2023-06-30T08:15:42.1234Z", "2023-06-30T08:15:42Z"),
    ],
)
def test_what_was_read_before_changes_no_instant(first: str, other: str) -> None:
    def exact(text: str) -> int:
        return micros(datetime.fromisoformat(text))

    for text in (first, other, first, other):
        assert read_instant(text) == exact(text)


@pytest.mark.parametrize("value", [b'{"event_id": NaN}', b'{"x": NaN, "specversion": "1.0"}'])
def test_nan_is_not_json(value: bytes) -> None:
    with pytest.raises(UnusableEvent) as refused:
        read_event(value)
    assert refused.value.reason is Reason.NOT_JSON
