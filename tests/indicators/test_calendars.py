"""Which days are worked: known days, the files of the years, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from indicators.calendar import vietnam
from indicators.calendars import YearFile, builtin_years, read_year, year_by_rule

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = vietnam(ZONE)


def days_between(first: str, last: str) -> Iterator[date]:
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "working"),
    [
        ("2024-02-07", "2024-02-15", "2024-02-07 2024-02-15"),  # Tet Giap Thin
        ("2024-04-26", "2024-05-06", "2024-04-26 2024-05-02 2024-05-03 2024-05-04 2024-05-06"),
        ("2024-08-30", "2024-09-04", "2024-08-30 2024-09-04"),
        ("2025-01-24", "2025-02-03", "2025-01-24 2025-02-03"),  # Tet At Ty
        ("2025-04-04", "2025-04-08", "2025-04-04 2025-04-08"),  # Hung Kings on a Monday
        ("2025-04-25", "2025-05-05", "2025-04-25 2025-04-26 2025-04-28 2025-04-29 2025-05-05"),
        ("2025-08-29", "2025-09-03", "2025-08-29 2025-09-03"),
        ("2025-12-31", "2026-01-05", "2025-12-31 2026-01-05"),
        ("2026-01-09", "2026-01-12", "2026-01-09 2026-01-10 2026-01-12"),  # for 2 January
        ("2026-02-13", "2026-02-23", "2026-02-13 2026-02-23"),  # Tet Binh Ngo
        ("2026-04-24", "2026-04-28", "2026-04-24 2026-04-28"),  # Hung Kings on a Sunday
        ("2026-04-29", "2026-05-04", "2026-04-29 2026-05-04"),
        ("2026-08-21", "2026-08-24", "2026-08-21 2026-08-22 2026-08-24"),  # for 31 August
        ("2026-08-28", "2026-09-03", "2026-08-28 2026-09-03"),
        ("2026-11-23", "2026-11-25", "2026-11-23 2026-11-25"),  # the day of culture
        ("2027-02-03", "2027-02-11", "2027-02-03 2027-02-11"),  # by rule: Tet Dinh Mui
        ("2022-12-30", "2023-01-03", "2022-12-30 2023-01-03"),  # by rule: 1 January a Sunday
    ],
)
def test_known_days(first: str, last: str, working: str) -> None:
    found = [str(day) for day in days_between(first, last) if OFFICE.is_working_day(day)]
    assert found == working.split()


@pytest.mark.parametrize("year", sorted(builtin_years()))
def test_a_file_holds_all_that_the_rule_knows(year: int) -> None:
    """A day that only a newer `holidays` knows must be looked into and added to the file."""
    rule, known = year_by_rule(year), builtin_years()[year]
    assert rule.off <= known.off
    assert rule.work <= known.work
    assert len(known.off) - len(known.work) in (10, 11, 12)  # in law: 11 days, 12 since 2026


def test_a_swap_takes_no_working_day_and_gives_none() -> None:
    for year, swaps in ((2024, 1), (2025, 1), (2026, 2)):
        assert len(builtin_years()[year].work) == swaps


def test_a_province_s_own_year_stands_in_place_of_the_known_one() -> None:
    own = vietnam(ZONE, {2026: read_year("off = [2026-03-16]\nwork = [2026-03-21]", 2026)})
    assert own.is_working_day(date(2026, 2, 17))  # Tet is not in the file
    assert not own.is_working_day(date(2026, 3, 16))
    assert own.is_working_day(date(2026, 3, 21))
    assert not own.is_working_day(date(2025, 1, 29))


def test_beyond_the_rule_only_weekends_are_off() -> None:
    assert OFFICE.is_working_day(date(2150, 1, 1))
    assert not OFFICE.is_working_day(date(2150, 1, 3))  # a Saturday


def test_a_year_is_read() -> None:
    read = read_year("# a decision\noff = [2027-02-04, 2027-02-06]\nwork = [2027-02-13]\n", 2027)
    assert read == YearFile(frozenset({date(2027, 2, 4)}), frozenset({date(2027, 2, 13)}))
    assert read_year("off = []", 2027) == YearFile(frozenset(), frozenset())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("off = [2027-02-30]", "2027 is no TOML"),
        ("off =", "2027 is no TOML"),
        ("", "off: missing"),
        ("work = [2027-02-13]", "off: missing"),
        ("off = []\nholidays = []", "holidays: unknown"),
        ("off = 2027-02-04", "off: .* is no list"),
        ('off = ["2027-02-04"]', "off: '2027-02-04' is no date"),
        ("off = [2027-02-04T00:00:00]", "off: .* is no date"),
        ("off = [4]", "off: 4 is no date"),
        ("off = []\nwork = [true]", "work: True is no date"),
        ("off = [2026-02-04]", "off: 2026-02-04 is not of 2027"),
        ("off = []\nwork = [2028-02-12]", "work: 2028-02-12 is not of 2027"),
        ("off = []\nwork = [2027-02-12]", "work: 2027-02-12 is a Friday"),
        ("off = [2027-02-13]\nwork = [2027-02-13]", "work: 2027-02-13 is in off too"),
    ],
)
def test_a_wrong_year_is_refused_with_key_and_value(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_year(text, 2027)
