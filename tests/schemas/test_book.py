"""An entry of the book is read back as it was written; what is none is refused with a reason."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.book import (
    ENTRY_KINDS,
    BookEntry,
    BurstOfDay,
    BurstsOfDay,
    Correction,
    CorrectionOfDay,
    DayPage,
    FigureCorrected,
    FoldedAt,
    Place,
    RecordMark,
    RecordsBlock,
    SignOfDay,
    Terms,
    UnitDay,
    content_of,
    digest_of,
    dossier_mark,
    pack_marks,
    read_entry,
    unpack_marks,
)
from schemas.status import ZONES, Figure, OpenDossiers, Outcomes
from tests.profiles import steady

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
NUMBER = st.integers(0, 10**9)
MILLIS = st.integers(-(10**12), 7 * 10**12)
PLACES = st.builds(Place, NUMBER, st.integers(1, 10**9), TEXT)
POLICIES = st.dictionaries(TEXT, st.none() | TEXT | NUMBER, max_size=3)
PAIRS = st.tuples(NUMBER, NUMBER)
MARKS = st.lists(
    st.builds(
        RecordMark,
        st.integers(0, 2**32 - 1),
        st.integers(-(2**63), 2**63 - 1),
        st.binary(min_size=16, max_size=16),
        st.integers(0, 2**32 - 1),
    ),
    min_size=1,
    max_size=5,
).map(lambda marks: tuple(sorted(marks)))
BURSTS = st.builds(
    BurstsOfDay,
    st.lists(
        st.builds(
            BurstOfDay,
            MILLIS,
            MILLIS,
            NUMBER,
            st.lists(st.builds(CorrectionOfDay, TEXT, TEXT), max_size=2).map(tuple),
            NUMBER,
        ),
        max_size=2,
    ).map(tuple),
    NUMBER,
)
ENTRIES: st.SearchStrategy[BookEntry] = st.one_of(
    st.builds(
        Terms,
        PLACES,
        NUMBER,
        st.none() | MILLIS,
        TEXT,
        st.lists(TEXT).map(tuple),
        st.lists(TEXT).map(tuple),
        NUMBER,
        POLICIES,
        st.dictionaries(TEXT, POLICIES, max_size=2),
        st.none() | TEXT,
    ),
    st.builds(
        RecordsBlock,
        PLACES,
        MARKS,
        st.lists(st.builds(FoldedAt, NUMBER, MILLIS), max_size=2).map(tuple),
    ),
    st.builds(
        UnitDay,
        NUMBER,
        TEXT,
        MILLIS,
        TEXT,
        st.sampled_from(ZONES),
        st.lists(st.builds(Figure, TEXT, TEXT, NUMBER, NUMBER), max_size=3).map(tuple),
        st.dictionaries(TEXT, st.builds(Outcomes, NUMBER, NUMBER, NUMBER), max_size=3).map(
            lambda resolved: tuple(resolved.items())
        ),
        st.builds(OpenDossiers, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER),
        st.none() | TEXT,
        TEXT,
        st.lists(st.builds(SignOfDay, TEXT, TEXT, TEXT), max_size=3).map(tuple),
        st.none() | BURSTS,
    ),
    st.builds(
        FigureCorrected,
        PLACES,
        TEXT,
        MILLIS,
        TEXT,
        TEXT,
        TEXT,
        NUMBER,
        st.lists(st.builds(Correction, TEXT, MILLIS, TEXT, TEXT, PAIRS, PAIRS), max_size=3).map(
            tuple
        ),
    ),
    st.builds(DayPage, PLACES, TEXT, MILLIS, NUMBER, NUMBER, TEXT, TEXT, st.none() | NUMBER),
)


@steady(150)
@given(entry=ENTRIES)
def test_what_is_written_is_what_is_read(entry: BookEntry) -> None:
    found = read_entry(entry.to_json())
    assert type(found) is type(entry)
    assert found == entry
    assert found.to_json() == entry.to_json()


@steady(60)
@given(marks=MARKS)
def test_marks_come_back_from_their_text(marks: tuple[RecordMark, ...]) -> None:
    assert unpack_marks(marks[0].offset, pack_marks(marks)) == marks


PLACE = Place(3, 7, "ab" * 32)
MARK = RecordMark(41, 1_700_000_000_000, content_of(b"U", b"{}"), dossier_mark("U", "D"))
POLICY = {"definition": "resolved@1", "digest": "abc"}
FIGURES = UnitDay(
    3,
    "2024-06-30",
    1_719_766_800_000,
    "U",
    "yellow",
    (Figure("resolved@1", "30d", 17, 20),),
    (("30d", Outcomes(10, 7, 3)),),
    OpenDossiers(1, 2, 3, 4, 5),
    None,
    "abc",
    (SignOfDay("void_of_late_end", "D", "e"),),
    BurstsOfDay(
        (
            BurstOfDay(
                1_719_766_000_000,
                1_719_766_300_000,
                9,
                (CorrectionOfDay("D", "e"), CorrectionOfDay("D2", "f")),
                3,
            ),
        ),
        2,
    ),
)
GOOD: dict[str, BookEntry] = {
    "terms": Terms(
        PLACE, 5, None, "Asia/Ho_Chi_Minh", ("30d",), ("resolved@1",), 6, POLICY, {"U": POLICY}, "c"
    ),
    "records": RecordsBlock(PLACE, (MARK, MARK._replace(offset=44))),
    "figures": FIGURES,
    "figure_corrected": FigureCorrected(
        PLACE,
        "U",
        1_719_766_800_001,
        "D",
        "e",
        "completed",
        99,
        (Correction("2024-06-30", 1_719_766_800_000, "resolved@1", "30d", (17, 20), (17, 21)),),
    ),
    "day": DayPage(PLACE, "2024-06-30", 1_719_766_800_000, 45, 1, "cd" * 32, "ef" * 32, 3),
}


SINCE = {"folded_at", "bursts", "burst_count"}  # that the first books do not have


def fields_of(kind: str) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads(GOOD[kind].to_json())
    return fields


def test_every_kind_has_its_example_and_says_its_kind_first() -> None:
    assert list(GOOD) == list(ENTRY_KINDS)
    for kind, entry in GOOD.items():
        assert entry.kind == kind
        assert next(iter(fields_of(kind).items())) == ("kind", kind)


def test_a_page_in_full() -> None:
    assert fields_of("day") == {
        "kind": "day",
        "partition": 3,
        "number": 7,
        "previous": "ab" * 32,
        "day": "2024-06-30",
        "as_of": "2024-06-30T17:00:00.000+00:00",
        "next_offset": 45,
        "units": 1,
        "root": "cd" * 32,
        "terms": "ef" * 32,
        "burst_count": 3,
    }


def test_a_block_of_the_first_books_knows_of_no_late_folds() -> None:
    fields = {key: one for key, one in fields_of("records").items() if key != "folded_at"}
    assert read_entry(orjson.dumps(fields)) == GOOD["records"]


def test_bursts_in_full() -> None:
    assert fields_of("figures")["bursts"] == {
        "listed": [
            {
                "first": "2024-06-30T16:46:40.000+00:00",
                "last": "2024-06-30T16:51:40.000+00:00",
                "corrections": 9,
                "named": [
                    {"dossier_id": "D", "event_id": "e"},
                    {"dossier_id": "D2", "event_id": "f"},
                ],
                "more": 3,
            }
        ],
        "more": 2,
    }


@pytest.mark.parametrize(("kind", "name"), [("figures", "bursts"), ("day", "burst_count")])
def test_the_first_books_tell_of_no_bursts(kind: str, name: str) -> None:
    """What they wrote is written again as it was: the digests over it stand."""
    fields = {key: one for key, one in fields_of(kind).items() if key != name}
    entry = read_entry(orjson.dumps(fields))
    assert getattr(entry, name) is None
    assert entry.to_json() == orjson.dumps(fields)


@pytest.mark.parametrize("kind", ENTRY_KINDS)
def test_fields_of_a_later_release_are_passed_over(kind: str) -> None:
    assert read_entry(orjson.dumps(fields_of(kind) | {"colour": "teal"})) == GOOD[kind]


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in ENTRY_KINDS for name in fields_of(kind) if name not in SINCE],
)
def test_a_field_that_is_missing_is_named(kind: str, name: str) -> None:
    fields = {key: one for key, one in fields_of(kind).items() if key != name}

    with pytest.raises(ValueError, match=f"no entry of the book: '{name}' is missing"):
        read_entry(orjson.dumps(fields))


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("day", {"kind": "week"}, "kind: 'week' is none of terms, records"),
        ("day", {"number": True}, "number: True is no whole number"),
        ("day", {"as_of": "2024-06-30"}, "not an instant"),
        ("day", {"as_of": 5}, "as_of: 5 is no text"),
        ("day", {"root": None}, "root: None is no text"),
        ("terms", {"windows": "30d"}, "windows: '30d' is no list"),
        ("terms", {"windows": [30]}, r"windows: \[30\] is no list of texts"),
        ("terms", {"policy": []}, r"policy: \[\] is no object"),
        ("terms", {"unit_policies": {"U": 5}}, "U: 5 is no object"),
        ("terms", {"calendar": 5}, "calendar: 5 is no text"),
        ("records", {"marks": "###"}, "no marks of records"),
        ("records", {"marks": "AAAA"}, "no marks of records"),
        ("records", {"marks": ""}, "they do not begin at first_offset"),
        ("figures", {"zone": "blue"}, "zone: 'blue' is none of green"),
        ("figures", {"open": {"overdue": 1}}, "'paused' is missing"),
        ("figures", {"open": None}, "no entry of the book"),
        ("figures", {"figures": [{"definition": "d"}]}, "'window' is missing"),
        ("figures", {"resolved": {"30d": {"early": "1"}}}, "early: '1' is no whole number"),
        ("figures", {"signs": [5]}, "no entry of the book"),
        ("figures", {"bursts": None}, "bursts: None is no object"),
        ("figures", {"bursts": {"listed": []}}, "'more' is missing"),
        ("figures", {"bursts": {"listed": [{"first": 5}], "more": 0}}, "first: 5 is no text"),
        ("day", {"burst_count": None}, "burst_count: None is no whole number"),
        ("figure_corrected", {"corrections": {}}, r"corrections: \{\} is no list"),
    ],
)
def test_what_is_no_entry_is_refused(kind: str, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_entry(orjson.dumps(fields_of(kind) | change))


@pytest.mark.parametrize("value", [[1], [1, 2, 3], [1, "2"]])
def test_what_is_no_pair_is_refused(value: object) -> None:
    fields = fields_of("figure_corrected")
    fields["corrections"][0]["old"] = value

    with pytest.raises(ValueError, match=r"old: .* is no numerator and denominator"):
        read_entry(orjson.dumps(fields))


@pytest.mark.parametrize("value", [b"{", b"[1]", b"5", b"null"])
def test_what_is_no_object_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"no entry of the book|unexpected end"):
        read_entry(value)


def test_a_block_of_no_records_is_not_written() -> None:
    with pytest.raises(ValueError, match="a block of no records"):
        RecordsBlock(PLACE, ()).to_json()


def test_content_tells_key_from_value_and_dossier_from_unit() -> None:
    assert content_of(b"ab", b"c") != content_of(b"a", b"bc")
    assert content_of(None, b"c") == content_of(b"", b"c")
    assert dossier_mark("a", "bc") != dossier_mark("ab", "c")
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
