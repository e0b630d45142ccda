"""Units judged by a policy of their own: marked in a report, and told right below the table."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from openpyxl import load_workbook

from audit.reporting.files import report_csv, report_page
from audit.reporting.own_policies import difference
from audit.reporting.report import Asked, Table, UnitHistories, table
from audit.reporting.sheet import COLUMNS, Sheet, sheet
from audit.reporting.words import Writing
from audit.reporting.workbook import report_workbook
from indicators.policy import Policy
from indicators.windows import read_window
from tests.audit.test_report import JANUARY, Texts, an_origin
from tests.indicators.telling import VIET_NAM
from tests.streams.telling import Topic, late, on_time, policy, rules

GENERAL = policy(window="30d")
MILD = replace(GENERAL, green=Fraction("0.5"), yellow=Fraction("0.455"), min_sample=2)
ALERTED_OTHERWISE = replace(
    GENERAL, definition="strict@1", window=read_window("quarter", VIET_NAM), hold=1
)
NAME = COLUMNS.index("name")


def a_table(**own: Policy) -> Table:
    """A: one of two on time; B: one of one; C: none at all."""
    topic = Topic()
    histories = UnitHistories(VIET_NAM)
    records = [on_time(topic, 1, "a", "A"), late(topic, 2, "b", "A"), on_time(topic, 3, "c", "B")]
    histories.add(records, 1)
    asked = Asked("resolved@1", JANUARY, JANUARY.end(VIET_NAM))
    return table(histories, asked, [], replace(rules(GENERAL), unit_policies=own))


def a_sheet(language: Any, **own: Policy) -> tuple[Sheet, Writing]:
    writing = Writing(language, VIET_NAM)
    return sheet(a_table(**own), an_origin(policy=GENERAL), writing), writing


@pytest.mark.parametrize(
    ("language", "own", "said"),
    [
        (
            "vi",
            MILD,
            "xanh từ 50 % (chung: 90 %), vàng từ 45,5 % (chung: 80 %), "
            "số hồ sơ tối thiểu 2 (chung: 1)",
        ),
        (
            "en",
            MILD,
            "green from 50% (general: 90%), yellow from 45.5% (general: 80%), "
            "least number of dossiers 2 (general: 1)",
        ),
        (
            "vi",
            ALERTED_OTHERWISE,
            "vùng hằng ngày và cảnh báo theo chỉ số strict@1 (chung: resolved@1), "
            "kỳ từ đầu quý (chung: 30 ngày); báo cáo này tính mọi đơn vị theo cùng chỉ số và kỳ",
        ),
        (
            "en",
            ALERTED_OTHERWISE,
            "its daily zone and its alerts go by definition strict@1 (general: resolved@1), "
            "window quarter to date (general: 30 days); this report tallies all units by one "
            "definition and period",
        ),
        ("vi", replace(GENERAL, hold=1, recover_hold=1), ""),
    ],
)
def test_only_what_differs_is_told(language: Any, own: Policy, said: str) -> None:
    assert difference(own, GENERAL, Writing(language, VIET_NAM)) == said


def test_the_zone_is_by_what_is_told() -> None:
    zones = {row.unit_id: row.zone for row in (*a_table().ranked, *a_table().grey)}
    own = a_table(A=MILD, B=MILD)
    assert zones == {"A": "red", "B": "green"}
    assert {row.unit_id: row.zone for row in (*own.ranked, *own.grey)} == {
        "A": "green",
        "B": "grey",
    }


def test_units_that_differ_alike_share_a_line() -> None:
    made, _ = a_sheet("vi", A=MILD, B=MILD)
    name, text = made.foot[0]
    assert name == "* Chính sách riêng"
    assert text.startswith("A, B: xanh từ 50 %")
    assert not made.foot[1][0].startswith("*")


def test_without_any_nothing_is_said_or_marked() -> None:
    for own in ({}, {"A": GENERAL}, {"A": replace(GENERAL, hold=1)}, {"Z": MILD}):
        made, _ = a_sheet("vi", **own)
        assert not any(line.own_policy for line in made.lines)
        assert not any("riêng" in name for name, _ in made.foot)


@pytest.mark.parametrize(("language", "name"), [("vi", "Chính sách riêng"), ("en", "Own policy")])
def test_every_format_says_so(language: Any, name: str) -> None:
    made, writing = a_sheet(language, A=MILD)
    note = f"A: {difference(MILD, GENERAL, writing)}"

    text = report_csv(made, writing).decode("utf-8-sig")
    parted_by = ";" if language == "vi" else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=parted_by))
    assert [f"* {name}", note] in rows
    assert "A" in [row[NAME] for row in rows if len(row) > NAME]  # for programs, unmarked

    page = load_workbook(io.BytesIO(report_workbook(made, writing, 0))).active
    assert page is not None
    names = [row[NAME].value for row in page.iter_rows()]
    assert "A *" in names
    assert "B" in names
    assert f"* {name}: {note}" in [row[0].value for row in page.iter_rows()]

    read = Texts()
    read.feed(report_page(made, writing))
    assert note in read.text
    html = report_page(made, writing)
    assert '<td class="name"><bdi>A</bdi> *</td>' in html
    assert '<td class="name"><bdi>B</bdi></td>' in html
