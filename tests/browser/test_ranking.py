"""The ranking in a real browser: places, ties, changes, order, print and picture."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import serious_findings
from tests.browser.conftest import Visit
from tests.browser.mock_province import TOO_FEW, WITHOUT_DATA, many_units
from tests.browser.mock_worker import MockWorker, mock_worker

pytestmark = pytest.mark.browser

NONG_SON = "H47.519"
RANKING = "?view=ranking"


def line(page: Page, unit: str) -> Locator:
    """The row of a unit."""
    return page.locator(f'tr[data-unit="{unit}"]')


def names(page: Page) -> list[str]:
    """Of the ranked units, in their order."""
    return page.locator(".ranked .unit-name").all_inner_texts()


# -- places ----------------------------------------------------------------------------------------

PLACES = [  # (numerator, denominator, zone) of units a, b, c, d, and their places and ties
    ([(9, 10, "green"), (90, 100, "green"), (8, 10, "yellow"), (1, 1, "green")],
     [(2, 2), (2, 2), (4, 1), (1, 1)]),
    ([(1, 3, "red"), (2, 6, "red"), (3, 9, "red"), (4, 12, "red")],
     [(1, 4), (1, 4), (1, 4), (1, 4)]),
    ([(5, 5, "grey"), (0, 0, "green"), (1, 2, "red"), (0, 5, "red")],
     [(None, 1), (None, 1), (1, 1), (2, 1)]),
    ([(10**9 - 1, 10**9, "green"), (10**9 - 2, 10**9, "green"), (1, 2, "red"), (1, 2, "red")],
     [(1, 1), (2, 1), (3, 2), (3, 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("figures", "expected"), PLACES)
def test_equal_shares_have_one_place(
    plain_page: Page,
    figures: list[tuple[int, int, str]],
    expected: list[tuple[int | None, int]],
) -> None:
    rows = [
        {"unit_id": name, "numerator": n, "denominator": d, "zone": zone}
        for name, (n, d, zone) in zip("abcd", figures, strict=True)
    ]
    found = plain_page.evaluate(
        "async (rows) => (await import('/page/figures.js')).placed(rows)", rows
    )
    assert [(row["place"], row["tied"]) for row in found] == expected


def test_a_shared_place_is_said_openly(visit: Visit, worker: MockWorker) -> None:
    worker.rows["H47.507"] |= {"numerator": 99, "denominator": 100}
    worker.rows["H47.517"] |= {"numerator": 990, "denominator": 1_000}
    page = visit(RANKING)
    for unit in ("H47.507", "H47.517"):
        expect(line(page, unit).locator(".place b")).to_have_text("1=")
        expect(line(page, unit).locator(".tied")).to_have_text("đồng hạng với 1 đơn vị")
    third = page.locator(".ranked tr").nth(2)
    expect(third.locator(".place b")).to_have_text("3")


def test_grey_units_stand_apart_without_a_place(visit: Visit) -> None:
    page = visit(RANKING)
    expect(page.locator(".ranked tr")).to_have_count(16)
    expect(page.locator(".unranked tr")).to_have_count(2)
    expect(page.locator(".grey-title")).to_contain_text("Dưới 20 hồ sơ")
    expect(page.locator(f'.unranked tr[data-unit="{TOO_FEW}"] .place b')).to_have_text("–")
    few = page.locator(f'.unranked tr[data-unit="{TOO_FEW}"]')
    expect(few.locator(".percent")).to_have_text("92,8%")
    expect(few.locator("td.numerator")).to_have_text("13/14")
    none = page.locator(f'.unranked tr[data-unit="{WITHOUT_DATA}"]')
    expect(none.locator(".zone-mark")).to_have_text("Chưa có dữ liệu")
    expect(none.locator(".percent")).to_have_text("–")


# -- changes ---------------------------------------------------------------------------------------

PERIODS = [("", "day"), ("&against=month", "month"), ("&against=half", "half")]


@pytest.mark.parametrize(("search", "period"), PERIODS)
def test_changes_are_against_the_period_chosen(
    visit: Visit, worker: MockWorker, search: str, period: str
) -> None:
    offset = {"day": 0, "month": 10, "half": 20}[period]
    row = worker.rows[NONG_SON]
    for place, name in enumerate(("day", "month", "half")):
        row["previous"][name] |= {"numerator": 80 - 10 * place, "denominator": 100}
    row |= {"numerator": 90, "denominator": 100}
    page = visit(RANKING + search)
    expect(line(page, NONG_SON).locator("td.change")).to_have_text(f"+{10 + offset},0")
    expect(page.get_by_label("So với")).to_have_value(period)


def test_a_rise_and_a_fall_of_places_are_said(visit: Visit, worker: MockWorker) -> None:
    for row in worker.rows.values():  # all as before, but one that was the last
        row["previous"]["day"] |= {"numerator": row["numerator"], "denominator": row["denominator"]}
    row = worker.rows["H47.511"]  # Phước Sơn, the last
    row |= {"numerator": 824, "denominator": 824, "zone": "green"}
    page = visit(RANKING)
    expect(line(page, "H47.511").locator(".risen")).to_have_text("▲ 15lên 15 hạng")
    expect(line(page, "H47.517").locator(".risen")).to_have_text("▼ 1xuống 1 hạng")
    expect(line(page, TOO_FEW).locator(".risen")).to_have_text("")


def test_the_comparison_is_chosen_and_kept_in_the_address(visit: Visit, worker: MockWorker) -> None:
    page = visit(RANKING)
    page.get_by_label("So với").select_option("half")
    assert page.url == f"{worker.url}{RANKING}&against=half"
    expect(page.locator(".ranking-note")).to_contain_text("Thay đổi so với 00:00 ngày 01/")


# -- order and filters -----------------------------------------------------------------------------


def test_sorting_is_in_the_address_and_on_the_heading(visit: Visit, worker: MockWorker) -> None:
    page = visit(RANKING)
    page.locator("[data-sort=overdue]").click()
    assert page.url == f"{worker.url}{RANKING}&sort=overdue"
    expect(page.locator("th.overdue[aria-sort]")).to_have_attribute("aria-sort", "descending")
    counts = [int(text) for text in page.locator(".ranked td.overdue").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    page.locator("[data-sort=overdue]").click()
    assert page.url == f"{worker.url}{RANKING}&sort=overdue&dir=up"
    page.locator("[data-sort=name]").click()
    assert names(page)[0] == "Bắc Trà My"
    assert names(page).index("Đại Lộc") > names(page).index("Duy Xuyên")  # Đ comes after D
    expect(page.locator("[data-sort=name]")).to_be_focused()


def test_a_unit_is_found_whatever_the_marks(visit: Visit, worker: MockWorker) -> None:
    page = visit(f"{RANKING}&q=nong%20%20SON")
    assert names(page) == ["Nông Sơn"]
    expect(page.get_by_label("Tìm đơn vị")).to_have_value("nong  SON")
    page.get_by_role("button", name="Bỏ lọc").click()
    expect(page.locator(".ranked tr")).to_have_count(16)
    assert page.url == f"{worker.url}{RANKING}"
    page.get_by_label("Tìm đơn vị").press_sequentially("giang")
    expect(page.locator(".ranked tr")).to_have_count(3)
    page.go_back()  # letters are no steps: the one before was the search that was cleared
    expect(page.get_by_label("Tìm đơn vị")).to_have_value("nong  SON")


def test_a_filter_that_nothing_fits_says_so(visit: Visit) -> None:
    page = visit(f"{RANKING}&q=nowhere")
    expect(page.locator(".none")).to_have_text("Không có đơn vị nào khớp với bộ lọc.")
    expect(page.locator("table.ranking")).to_be_hidden()


def test_another_definition_and_window_are_asked_for(visit: Visit, worker: MockWorker) -> None:
    page = visit(RANKING)
    page.get_by_label("Chỉ số").select_option("strict@1")
    row = worker.rows["H47.504"]
    whole = row["denominator"] + row["open"]["overdue"]
    expect(line(page, "H47.504").locator("td.numerator")).to_have_text(
        f"{row['numerator']}/{whole}"
    )
    page.get_by_label("Kỳ tính").select_option("half")
    expect(page.locator("th.early").first).to_contain_text("nửa năm này")
    assert page.url == f"{worker.url}{RANKING}&definition=strict@1&window=half"
    path, query, _ = [asked for asked in worker.asked if asked[0] == "/api/ranking"][-1]
    assert (path, query) == ("/api/ranking", {"definition": "strict@1", "window": "half"})


def test_a_name_leads_to_the_unit(visit: Visit, worker: MockWorker) -> None:
    page = visit(RANKING)
    page.get_by_role("link", name="Nông Sơn").click()
    expect(page.locator(".view-unit")).to_be_visible()
    assert page.url == f"{worker.url}?view=unit&unit={NONG_SON}"


# -- paper and picture -----------------------------------------------------------------------------


def test_paper_says_what_the_figures_are_and_when(visit: Visit) -> None:
    page = visit(f"{RANKING}&as_of=2026-06-30T16:59:59.999Z&known=then&window=half")
    foot = page.locator(".printed td")
    expect(foot).to_be_hidden()
    page.emulate_media(media="print")
    expect(foot).to_be_visible()
    expect(foot).to_have_text(
        "Chỉ số: Đúng hạn trên đã giải quyết (resolved@1). Kỳ tính: nửa năm này. Số liệu tại hết "
        "ngày 30/06/2026, theo những gì đã biết lúc đó. "
        "Thay đổi so với 00:00 ngày 30/06/2026."
    )
    for hidden in (".top", ".ranking-choices", ".choice-bar", ".ranking-buttons"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".ranked tr").first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_picture_is_given_with_the_same_rows(visit: Visit, tmp_path: Path) -> None:
    page = visit(RANKING)
    with page.expect_download() as given:
        page.get_by_role("button", name="Tải ảnh").click()
    assert given.value.suggested_filename.startswith("xep-hang-20")
    file = tmp_path / "ranking.png"
    given.value.save_as(file)
    content = file.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", content[16:24])
    assert wide == 2 * 1240
    assert high > 2 * 34 * 18  # a line for each unit


def test_the_picture_says_what_the_table_says(visit: Visit, worker: MockWorker) -> None:
    worker.unit(NONG_SON)["name"] = "Nông Sơn <b>"
    page = visit(RANKING)
    page.evaluate(
        """() => {
             window.written = [];
             const write = CanvasRenderingContext2D.prototype.fillText;
             CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
               window.written.push(text);
               return write.call(this, text, ...at);
             };
           }"""
    )
    with page.expect_download():
        page.get_by_role("button", name="Tải ảnh").click()
    written = page.evaluate("window.written.map((text) => text.replace(/[\\u2068\\u2069]/g, ''))")
    for text in (
        "Nông Sơn <b>",
        "90,3%",
        "149/165",
        "Chưa xếp hạng",
        "Xếp hạng các đơn vị · Quảng Nam",
    ):
        assert text in written
    assert any(text.startswith("Chỉ số: Đúng hạn trên đã giải quyết") for text in written)


# -- many units, readers of all kinds --------------------------------------------------------------


def test_eleven_thousand_units_can_be_used(browser: Browser) -> None:
    with mock_worker(many_units(11_000)) as worker:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(worker.url + RANKING)
        expect(page.locator(".ranked tr")).to_have_count(200, timeout=60_000)
        page.get_by_role("button", name="Hiện thêm 400 đơn vị").click()
        expect(page.locator(".ranked tr")).to_have_count(600)
        page.get_by_label("Tìm đơn vị").fill("thu 10999")
        expect(page.locator(".ranked tr")).to_have_count(1)
        worker.set_figure("H47.10999", 1_300, 1_300)
        expect(page.locator(".ranked tr .percent")).to_have_text("100,0%")
        page.close()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_no_serious_finding(visit: Visit, width: int, *, dark: bool) -> None:
    page = visit(RANKING, width, dark=dark, bypass_csp=True)  # axe writes styles
    assert serious_findings(page) == []


@pytest.mark.parametrize("width", [390, 900, 1100, 1440])
def test_it_fits_the_window(visit: Visit, width: int) -> None:
    page = visit(RANKING, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
