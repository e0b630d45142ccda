"""Numbers, instants and words of the field, as a Vietnamese and an English reader expect them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.messages.content import Limits
from alerts.messages.samples import SAMPLE_AT
from alerts.messages.speech import Speech
from alerts.messages.template_files import builtin_files
from alerts.messages.words import read_words
from alerts.recipients import Language
from tests.profiles import steady


def speech(language: Language = "vi", zone: str = "Asia/Ho_Chi_Minh") -> Speech:
    return Speech(language, zone, read_words(builtin_files()[f"{language}/words.toml"]))


VI, EN = speech("vi"), speech("en")
USUAL = Limits(Fraction(9, 10), Fraction(8, 10))


def read_percent(text: str) -> Fraction:
    return Fraction(Decimal(text.removesuffix(" %").replace(".", "").replace(",", ".")))


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (44, 50, "88,0 %"),
        (45, 50, "90,0 %"),
        (8_999, 10_000, "89,9 %"),
        (899_999_999, 1_000_000_000, "89,9 %"),
        (9, 10, "90,0 %"),
        (9_001, 10_000, "90,0 %"),
        (7_999, 10_000, "79,9 %"),
        (0, 7, "0,0 %"),
        (7, 7, "100,0 %"),
        (9_999, 10_000, "99,9 %"),
        (2, 3, "66,6 %"),
        (0, 0, ""),
    ],
)
def test_a_share_is_rounded_down(numerator: int, denominator: int, shown: str) -> None:
    assert VI.percent(numerator, denominator, USUAL) == shown


@pytest.mark.parametrize(
    ("green", "numerator", "denominator", "shown"),
    [
        ("0.9005", 9_005, 10_000, "90,05 %"),  # is green: 90,0 % would read as below
        ("0.9005", 9_004, 10_000, "90,0 %"),
        ("0.9005", 901, 1_000, "90,1 %"),
        ("0.89999", 9, 10, "90,0 %"),
        ("0.89999", 89_999, 100_000, "89,999 %"),
        ("2/3", 2, 3, "66,666666 %"),  # beyond decimals
    ],
)
def test_a_limit_that_is_reached_is_shown_as_reached(
    green: str, numerator: int, denominator: int, shown: str
) -> None:
    limits = Limits(Fraction(green), Fraction(1, 2))
    assert VI.percent(numerator, denominator, limits) == shown


LIMITS = st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)).map(
    lambda pair: Limits(Fraction(max(pair), 100_000), Fraction(min(pair), 100_000))
)


@st.composite
def near_a_limit(draw: st.DrawFn) -> tuple[int, int, Limits]:
    """Shares at a limit, and a few dossiers beside it."""
    limits = draw(LIMITS)
    denominator = draw(st.integers(1, 10**6))
    beside = draw(st.sampled_from(limits)) * denominator + draw(st.integers(-2, 2))
    return min(max(0, int(beside)), denominator), denominator, limits


@steady(500)
@given(near_a_limit())
def test_what_is_shown_is_on_the_side_of_each_limit_that_the_share_is_on(
    case: tuple[int, int, Limits],
) -> None:
    numerator, denominator, limits = case
    share = Fraction(numerator, denominator)
    shown = read_percent(VI.percent(numerator, denominator, limits)) / 100
    assert shown <= share
    assert share - shown < Fraction(1, 1_000)
    for limit in limits:
        assert (shown >= limit) == (share >= limit)


@steady(200)
@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_only_all_is_shown_as_all(numerator: int, denominator: int) -> None:
    assume(numerator <= denominator)
    shown = VI.percent(numerator, denominator, USUAL)
    assert (shown == "100,0 %") == (numerator == denominator)


@pytest.mark.parametrize(
    ("share", "vietnamese", "english"),
    [
        ("0.90", "90 %", "90%"),
        ("0.8", "80 %", "80%"),
        ("1", "100 %", "100%"),
        ("0.9005", "90,05 %", "90.05%"),
        ("0.125", "12,5 %", "12.5%"),
        ("2/3", "2/3", "2/3"),
    ],
)
def test_a_limit_is_written_exactly(share: str, vietnamese: str, english: str) -> None:
    assert VI.limit(Fraction(share)) == vietnamese
    assert EN.limit(Fraction(share)) == english


def test_numbers_and_days() -> None:
    assert VI.ratio(1_180, 1_204_000) == "1.180/1.204.000"
    assert EN.ratio(1_180, 1_204_000) == "1,180/1,204,000"
    assert EN.percent(44, 50, USUAL) == "88.0%"
    assert VI.day(date(2026, 2, 3)) == "03/02/2026"
    assert EN.day(date(2026, 2, 3)) == "3 Feb 2026"


def test_instants_are_local_to_the_minute() -> None:
    assert VI.instant(SAMPLE_AT) == "23/11/2026 08:10"
    assert VI.instant(SAMPLE_AT + 59_999) == "23/11/2026 08:10"
    assert VI.instant(SAMPLE_AT - 8 * 3_600_000 - 10 * 60_000 - 1) == "22/11/2026 23:59"
    assert EN.instant(SAMPLE_AT) == "23 Nov 2026 08:10"
    assert speech("vi", "Europe/Amsterdam").instant(SAMPLE_AT) == "23/11/2026 02:10"
    assert VI.instant(-1) == "01/01/1970 07:59"


@pytest.mark.parametrize(
    ("name", "vietnamese", "english"),
    [
        ("30d", "30 ngày gần nhất", "the last 30 days"),
        ("half", "từ đầu nửa năm", "since the start of the half-year"),
        ("zones", "zones", "zones"),
        ("fortnight", "fortnight", "fortnight"),
    ],
)
def test_windows_in_words(name: str, vietnamese: str, english: str) -> None:
    assert VI.window(name) == vietnamese
    assert EN.window(name) == english


def test_a_definition_that_has_no_words_is_shown_by_its_id() -> None:
    assert VI.definition("resolved@1") == "hồ sơ đúng hạn trên hồ sơ đã giải quyết"
    assert VI.definition("form06a@1") == "form06a@1"


def test_a_dossier_by_its_due_date() -> None:
    assert VI.due("overdue", SAMPLE_AT) == "quá hạn từ 23/11/2026 08:10"
    assert VI.due("due_soon", SAMPLE_AT) == "sắp đến hạn: 23/11/2026 08:10"
    assert EN.due("within", SAMPLE_AT) == "due 23 Nov 2026 08:10"
