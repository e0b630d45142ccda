"""The period's table: the figures and places of the page's ranking, for people and for Excel."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from openpyxl import load_workbook

from audit.history import read_history
from audit.reporting.files import defused, report_csv, report_page
from audit.reporting.period import Period, days_between, read_period, window_of
from audit.reporting.report import Asked, Row, Table, UnitHistories, table
from audit.reporting.sheet import COLUMNS, Line, Origin, Points, Share, Sheet, cut, sheet
from audit.reporting.words import WORDS, Writing
from audit.reporting.workbook import report_workbook
from indicators.definitions import Count
from indicators.known import Question
from indicators.ledger import NEVER
from indicators.policy import Policy
from indicators.ranking import ranked, unit_standing
from indicators.windows import read_window
from schemas.instants import DAY, read_instant
from schemas.status import Outcomes
from streams.rules import MonitorRules
from streams.settings import Unit
from tests.indicators.telling import VIET_NAM
from tests.streams.telling import Topic, event, late, on_time, policy, rules
from vungxanh.demo import DemoProvince
from vungxanh.demo.profiles import PROFILES

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
RECEIPT = Path(__file__).parents[1] / "data" / "receipt" / "events.jsonl.gz"
JANUARY = read_period("2024-01")

# Periods


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2024-06", "2024-06-01", "2024-06-30", "2024-05-01"),
        ("2024-01", "2024-01-01", "2024-01-31", "2023-12-01"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01-01"),
        ("2024-12", "2024-12-01", "2024-12-31", "2024-11-01"),
        ("2024-Q1", "2024-01-01", "2024-03-31", "2023-10-01"),
        ("2024-Q4", "2024-10-01", "2024-12-31", "2024-07-01"),
        ("2024-H1", "2024-01-01", "2024-06-30", "2023-07-01"),
        ("2024-H2", "2024-07-01", "2024-12-31", "2024-01-01"),
        ("2024", "2024-01-01", "2024-12-31", "2023-01-01"),
    ],
)
def test_periods(text: str, first: str, last: str, before: str) -> None:
    period = read_period(text)
    assert (str(period.first), str(period.last)) == (first, last)
    assert (str(period.before().first), period.before().next) == (before, period.first)


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2024-00", "2024-Q5", "2024-H3", "2024-6"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        read_period(text)


def test_days_are_compared_with_as_many_days() -> None:
    period = days_between(date(2024, 3, 1), date(2024, 3, 10))
    assert period.before() == Period(date(2024, 2, 20), date(2024, 3, 1))
    with pytest.raises(ValueError, match="is before"):
        days_between(date(2024, 3, 2), date(2024, 3, 1))


# The same numbers as the page


def histories_of_file(file: Path, zone: ZoneInfo) -> UnitHistories:
    histories = UnitHistories(zone)
    for records in read_history(file).records(8):
        histories.add(records, 8)
    return histories


def as_ranked(
    histories: UnitHistories, window: str, at: int, definition: str, by: MonitorRules
) -> list[tuple[object, ...]]:
    """What the page's ranking is made of, with a window that reaches as far as the period."""
    question = Question(definition, read_window(window, by.zone), at, by.zone)
    standings = [
        unit_standing(unit, histories.of(unit), question, by.policy_of(unit), by.due_soon)
        for unit in histories.units()
    ]
    return [
        (
            one.standing.unit_id,
            one.place,
            one.tied,
            one.standing.zone,
            one.standing.numerator,
            one.standing.denominator,
            one.standing.outcomes,
            one.standing.open.overdue,
        )
        for one in ranked(standings)
    ]


def as_reported(made: Table) -> list[tuple[object, ...]]:
    return [
        (
            row.unit_id,
            row.place,
            row.tied,
            row.zone,
            row.numerator,
            row.denominator,
            row.outcomes,
            row.overdue,
        )
        for row in (*made.ranked, *made.grey)
    ]


def by_30_days(zone: ZoneInfo, min_sample: int) -> MonitorRules:
    return MonitorRules(zone, (), DAY, policy(min_sample=min_sample))


@pytest.mark.parametrize("definition", ["resolved@1", "strict@1"])
@pytest.mark.parametrize(("month", "window"), [("2011-05", "31d"), ("2011-06", "30d")])
def test_the_receipt_log_month_by_month(month: str, window: str, definition: str) -> None:
    by, histories = by_30_days(AMSTERDAM, 5), histories_of_file(RECEIPT, AMSTERDAM)
    period = read_period(month)
    at = period.end(AMSTERDAM)
    made = table(histories, Asked(definition, period, at), [], by)
    expected = as_ranked(histories, window, at, definition, by)
    assert as_reported(made) == expected
    assert made.ranked
    assert made.grey
    before = {row[0]: row[4:6] for row in before_of(histories, period, definition, by)}
    assert {row.unit_id: tuple(row.previous) for row in (*made.ranked, *made.grey)} == before


def before_of(
    histories: UnitHistories, period: Period, definition: str, by: MonitorRules
) -> list[tuple[object, ...]]:
    days = (period.first - period.before().first).days
    return as_ranked(histories, f"{days}d", period.start(by.zone), definition, by)


def test_the_demo_province_in_a_period_that_is_not_over(tmp_path: Path) -> None:
    """To date is what the page shows by `month`."""
    by = by_30_days(VIET_NAM, 20)
    at = read_instant("2024-03-20T15:30:00+07:00")
    file = tmp_path / "demo.jsonl"
    file.write_bytes(demo_lines(at))
    histories = histories_of_file(file, VIET_NAM)
    made = table(histories, Asked("resolved@1", read_period("2024-03"), at), [], by)
    assert as_reported(made) == as_ranked(histories, "month", at, "resolved@1", by)
    assert len(made.ranked) > 3
    assert made.total.denominator == sum(row.denominator for row in (*made.ranked, *made.grey))


def demo_lines(at: int) -> bytes:
    born = datetime.fromtimestamp(at / 1_000_000, VIET_NAM)
    return b"\n".join(
        orjson.dumps(one) for one in DemoProvince(18, born, 20, PROFILES[:8]).history()
    )


# Which units


def told(*records: Any, units: list[Unit] | None = None, by: Policy | None = None) -> Table:
    histories = UnitHistories(VIET_NAM)
    histories.add(records, 1)
    asked = Asked("resolved@1", JANUARY, JANUARY.end(VIET_NAM))
    return table(histories, asked, units or [], rules(by))


def test_ties_are_open_and_too_few_stand_apart() -> None:
    topic = Topic()
    records = [
        on_time(topic, 1, "a", "A"),
        on_time(topic, 2, "b", "B"),
        on_time(topic, 3, "c", "C"),
        late(topic, 4, "d", "C"),
        topic.record(5, event("e", "received", 5, due=9, dossier="e", unit="D"), "D"),
    ]
    made = told(*records)
    assert [(row.unit_id, row.place, row.tied) for row in made.ranked] == [
        ("A", 1, 2),
        ("B", 1, 2),
        ("C", 3, 1),
    ]
    assert [(row.unit_id, row.place, row.overdue) for row in made.grey] == [("D", None, 1)]
    assert (made.total.numerator, made.total.denominator, made.total.overdue) == (3, 4, 1)


def test_listed_units_without_dossiers_are_there_and_headings_are_not_counted() -> None:
    units = [Unit("P", "Tỉnh"), Unit("A", "Đơn vị A", parent_id="P"), Unit("Z", "Đơn vị Z")]
    topic = Topic()
    made = told(on_time(topic, 1, "a", "A"), late(topic, 2, "p", "P"), units=units)
    assert [(row.name, row.zone) for row in (*made.ranked, *made.grey)] == [
        ("Đơn vị A", "green"),
        ("Đơn vị Z", "grey"),
    ]
    assert [(row.name, row.denominator) for row in made.above] == [("Tỉnh", 1)]
    assert made.total.denominator == 1
    assert told(on_time(Topic(), 1, "a", "A"), units=units).above == ()


def test_ends_outside_the_period_do_not_count() -> None:
    topic = Topic()
    day = 86_400
    made = told(
        on_time(topic, -11 * day, "december"),  # of the period before
        late(topic, 1, "january"),
        on_time(topic, 23 * day, "february"),
        topic.record(24 * day, b"{", "U"),
        topic.record(25 * day, event("x", "completed", 1, due=2, unit="V"), "U"),
    )
    (row,) = made.ranked
    assert (row.numerator, row.denominator, row.previous) == (0, 1, Count(1, 1))


# How it is written

NASTY = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "<script>x</script>", 'a;"b",c')


def an_origin(**changes: Any) -> Origin:
    return Origin(
        **{
            "definition": "resolved@1",
            "period": read_period("2024-06"),
            "as_of": read_instant("2024-07-01T00:00:00+07:00"),
            "known_at": read_instant("2024-07-02T08:00:00+07:00"),
            "policy": policy(),
            "book": ("2024-06-30", "f" * 64),
            "source": "dossier-events",
            "command": "vungxanh report --period 2024-06",
            "made_at": read_instant("2024-07-02T09:30:00.250+07:00"),
            "made_by": "vungxanh 1",
            **changes,
        }
    )


def a_sheet(language: Any = "vi", **changes: Any) -> tuple[Sheet, Writing]:
    rows = [
        Row(
            "H47.502",
            "Tam Kỳ",
            1,
            2,
            "yellow",
            1887,
            2127,
            Outcomes(887, 1000, 240),
            3,
            Count(1, 2),
        ),
        *(
            Row(f"U{n}", name, 1, 2, "red", 1, 3, Outcomes(1, 0, 2), 0, Count(0, 0))
            for n, name in enumerate(NASTY)
        ),
    ]
    grey = Row("G", "Xám", None, 0, "grey", 0, 0, Outcomes(0, 0, 0), 0, Count(0, 0))
    total = Row("", "", None, 0, None, 1894, 2148, Outcomes(894, 1000, 254), 3, Count(1, 2))
    writing = Writing(language, VIET_NAM)
    return sheet(Table(tuple(rows), (grey,), (), total), an_origin(**changes), writing), writing


def test_ratios_are_cut_so_that_what_is_not_90_does_not_look_like_it() -> None:
    assert cut(8_999_999, 10_000_000) == Share(8_999)
    assert cut(9, 10) == Share(9_000)
    assert cut(0, 0) is None


def test_numbers_as_vietnamese_write_them() -> None:
    vi, en = Writing("vi", VIET_NAM), Writing("en", VIET_NAM)
    assert (vi.percent(8_871), en.percent(8_871)) == ("88,71 %", "88.71%")
    assert (vi.count(1_234_567), en.count(1_234_567)) == ("1.234.567", "1,234,567")
    assert (vi.decimal(-5), vi.decimal(-105)) == ("-0,05", "-1,05")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2024-06", "tháng 6 năm 2024"),
        ("2024-Q2", "quý 2 năm 2024"),
        ("2024-H1", "6 tháng đầu năm 2024"),
        ("2024-H2", "6 tháng cuối năm 2024"),
        ("2024", "năm 2024"),
    ],
)
def test_periods_in_vietnamese(text: str, name: str) -> None:
    assert Writing("vi", VIET_NAM).period(read_period(text)).startswith(f"{name} (từ 01/")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2011-01", "January 2011"),
        ("2011-06", "June 2011"),
        ("2011-12", "December 2011"),
        ("2011-Q1", "first quarter of 2011"),
        ("2011-Q4", "fourth quarter of 2011"),
        ("2011-H1", "first half of 2011"),
        ("2011-H2", "second half of 2011"),
        ("2011", "2011"),
    ],
)
def test_periods_in_english(text: str, name: str) -> None:
    assert Writing("en", VIET_NAM).period(read_period(text)).startswith(f"{name} (from 2011-")


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["vi"].keys() == WORDS["en"].keys()
    assert set(COLUMNS) <= WORDS["vi"].keys()


@pytest.mark.parametrize(
    ("language", "parted_by", "ratio", "change"),
    [("vi", ";", "88,71%", "38,71"), ("en", ",", "88.71%", "38.71")],
)
def test_csv(language: Any, parted_by: str, ratio: str, change: str) -> None:
    made, writing = a_sheet(language)
    content = report_csv(made, writing)
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(
        csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=parted_by)
    )
    assert tuple(read[0]) == made.columns
    first = dict(zip(COLUMNS, read[1], strict=True))
    assert (first["place"], first["tied"], first["numerator"]) == ("1", "2", "1887")
    assert (first["ratio"], first["change"]) == (ratio, change)
    names = [row[COLUMNS.index("name")] for row in read[2 : 2 + len(NASTY)]]
    assert names == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", *NASTY[5:]]
    foot = {row[0]: row[1] for row in read[read.index([]) + 1 :]}
    assert foot[writing.word("policy")] == policy().digest
    assert foot[writing.word("book")].endswith("f" * 64)


def test_nothing_that_begins_like_a_formula_is_left_so() -> None:
    for text in NASTY:
        assert defused(text)[0] not in "=+-@\t\r\n"


def test_the_workbook_has_real_numbers_and_no_formula() -> None:
    made, writing = a_sheet()
    content = report_workbook(made, writing, read_instant("2024-07-01T00:00:00+07:00"))
    page = load_workbook(io.BytesIO(content)).active
    assert page is not None
    cells = list(page.iter_rows())
    assert page["A1"].value == made.title
    assert tuple(cell.value for cell in cells[3]) == made.columns
    first = dict(zip(COLUMNS, cells[4], strict=True))
    assert (first["numerator"].value, first["numerator"].number_format) == (1887, "#,##0")
    assert (first["ratio"].value, first["ratio"].number_format) == (0.8871, "0.00%")
    assert first["change"].value == 38.71
    names = [row[COLUMNS.index("name")] for row in cells[5 : 5 + len(NASTY)]]
    assert [cell.value for cell in names] == list(NASTY)
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}  # no "f": no formula
    assert page.freeze_panes == "E5"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.page_setup.fitToHeight == 0
    assert page.print_title_rows == "$4:$4"
    text = [str(row[0].value) for row in cells if row[0].value]
    assert any("f" * 64 in one for one in text)
    assert content == report_workbook(made, writing, read_instant("2024-07-01T00:00:00+07:00"))


def test_the_cells_of_the_workbook_hold_the_share_that_is_shown() -> None:
    """Not 0.7776999999999999, which a float of 77.77 % is written as."""
    made, writing = a_sheet()
    shares = [Line("ranked", (Share(n), Points(-n))) for n in range(10_001)]
    content = report_workbook(made._replace(lines=tuple(shares)), writing, 0)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        rows = book.read("xl/worksheets/sheet1.xml").decode()
    written = re.findall(r'r="[AB]\d+" s="\d+"><v>([^<]*)</v>', rows)
    assert written[2 * 7777 : 2 * 7777 + 2] == ["0.7777", "-77.77"]
    assert {len(one.removeprefix("-")) for one in written} <= set(range(1, 7))
    assert [float(one) for one in written[::2]] == [n / 10_000 for n in range(10_001)]


class Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_to_print() -> None:
    made, writing = a_sheet(book=None)
    content = report_page(made, writing)
    read = Texts()
    read.feed(content)
    assert not {"script", "link", "img"} & set(read.tags)
    assert not re.search(r"(?:src|href)=", content)
    for shown in ("Tam Kỳ", "88,71 %", "+38,71", "1.887", "chưa niêm phong", "<script>x</script>"):
        assert shown in read.text
    assert "02/07/2024 08:00:00, chỉ gồm các bản ghi nhận được đến lúc đó" in read.text
    assert "@page { size: A4 landscape" in content


def test_all_formats_show_the_same_cells() -> None:
    made, _ = a_sheet()
    kinds = [line.kind for line in made.lines]
    assert kinds == ["ranked"] * (1 + len(NASTY)) + ["heading", "grey", "total"]
    assert made.lines[-1].cells[COLUMNS.index("name")] == "Toàn tỉnh"
    assert made.lines[0].cells[-1] == Points(3_871)


def test_a_period_that_is_not_over_says_so() -> None:
    made, _ = a_sheet(as_of=read_instant("2024-06-20T08:00:00+07:00"))
    assert any("kỳ báo cáo chưa kết thúc" in text for _, text in made.foot)
    assert not any("chưa kết thúc" in text for _, text in a_sheet()[0].foot)


@pytest.mark.parametrize(
    ("language", "known", "made_at"),
    [
        (
            "vi",
            ("Dữ liệu ghi nhận đến", "02/07/2024 08:00:00,123"),
            ("Lập lúc", "02/07/2024 09:30:00"),
        ),
        ("en", ("Known at", "2024-07-02 08:00:00.123"), ("Made at", "2024-07-02 09:30:00")),
    ],
)
def test_what_was_known_and_when_it_was_made(
    language: Any, known: tuple[str, str], made_at: tuple[str, str]
) -> None:
    """To the millisecond, so that it can be asked for again; making it takes no exact instant."""
    made, _ = a_sheet(language, known_at=read_instant("2024-07-02T08:00:00.123+07:00"))
    foot = dict(made.foot)
    assert foot[known[0]].startswith(f"{known[1]}, ")
    assert foot[made_at[0]] == made_at[1]


def test_no_end_leaves_a_period() -> None:
    window = window_of(read_period("2024-06"), VIET_NAM)
    assert window.leaves(window.start(0)) == NEVER
