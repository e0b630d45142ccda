"""The map in a real browser: the right colours, labels that can be read, news as they come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import serious_findings
from tests.browser.conftest import Guard, Visit
from tests.browser.mock_province import TOO_FEW, WITHOUT_DATA, many_units, places
from tests.browser.mock_worker import MockWorker, mock_worker

pytestmark = pytest.mark.browser

NONG_SON = "H47.519"
HOI_AN = "H47.503"
WORDS = {"green": "vùng xanh", "yellow": "vùng vàng", "red": "vùng đỏ", "grey": "chưa xếp vùng"}
# The boxes of all labels: [left, top, right, bottom] in pixels of the window.
BOXES = """() => [...document.querySelectorAll(".map-label")].map((label) => {
  const { left, top, right, bottom } = label.getBoundingClientRect();
  return [left, top, right, bottom];
})"""


def shape(page: Page, unit: str) -> Locator:
    """The link of a unit on the map."""
    return page.locator(f'.map-unit[data-unit="{unit}"]')


def test_every_shape_has_the_colour_of_its_zone(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    zones = {row["zone"] for row in worker.rows.values()}
    assert zones == {"green", "yellow", "red", "grey"}
    for unit, row in worker.rows.items():
        expect(shape(page, unit)).to_have_attribute("data-zone", row["zone"])
        area = shape(page, unit).locator("path")
        expect(area).to_have_attribute("fill", f"url(#map-{row['zone']})")
        label = shape(page, unit).get_attribute("aria-label") or ""
        assert WORDS[row["zone"]] in label
        assert f"{row['numerator']}/{row['denominator']} hồ sơ" in label
    expect(shape(page, WITHOUT_DATA)).to_have_attribute("data-zone", "grey")
    expect(shape(page, WITHOUT_DATA)).to_have_attribute("aria-label", "Nam Trà My: Chưa có dữ liệu")


def test_zones_are_told_apart_without_colour(visit: Visit) -> None:
    drawn = visit().evaluate(
        """() => ["green", "yellow", "red", "grey", "stale"].map((zone) => {
             const parts = [...document.getElementById(`map-${zone}`).children];
             return parts.map((part) => part.getAttribute("d") ?? part.tagName).join(" ");
           })"""
    )
    assert len(set(drawn)) == 5


@pytest.mark.parametrize("width", [390, 768, 1024, 1440, 1920])
def test_no_label_covers_another(visit: Visit, width: int) -> None:
    page = visit("", width, 1000)
    expect(page.locator(".map-label")).to_have_count(18)
    frame = page.locator(".map-frame").bounding_box()
    assert frame
    boxes = page.evaluate(BOXES)
    for left, top, right, bottom in boxes:
        assert left >= frame["x"] - 1
        assert right <= frame["x"] + frame["width"] + 1
        assert top >= frame["y"] - 1
        assert bottom <= frame["y"] + frame["height"] + 1
    for one, other in itertools.combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, f"{one} and {other}"


def test_on_a_wall_every_shape_shows_figure_and_name(visit: Visit, worker: MockWorker) -> None:
    page = visit("?kiosk=1", 1920, 1080)
    expect(page.locator(".map-label")).to_have_count(18)
    labels = page.locator(".map-label .map-name").all_text_contents()
    names = {unit["name"] for unit in worker.directory["units"] if unit["parent_id"]}
    assert set(labels) == names
    figures = page.locator(".map-label .map-figure").all_text_contents()
    assert len(figures) == 17  # all but the one without data
    assert all("%" in figure for figure in figures)


def test_the_direction_is_against_the_start_of_the_day(visit: Visit, worker: MockWorker) -> None:
    row = worker.rows[NONG_SON]
    row["previous"]["day"] |= {"numerator": 1, "denominator": 2}
    page = visit()
    expect(shape(page, NONG_SON)).to_have_attribute(
        "aria-label", "Nông Sơn: vùng xanh, 90,3%, 149/165 hồ sơ, +40,3 điểm % so với đầu ngày"
    )
    line = page.locator(".unit-list li", has_text="Nông Sơn").locator(".change")
    expect(line).to_have_text("▲")


def test_an_event_turns_a_unit_without_loading(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    page.evaluate("window.sameDocument = true")
    asked = len(worker.asked)
    expect(page.locator(".news")).to_be_hidden()
    worker.set_figure(NONG_SON, 70, 78)
    expect(shape(page, NONG_SON)).to_have_attribute("data-zone", "yellow")
    expect(shape(page, NONG_SON).locator("path")).to_have_attribute("fill", "url(#map-yellow)")
    told = "Nông Sơn: Xanh → Vàng, 89,7% (70/78)"
    expect(page.locator(".news li")).to_contain_text("Xanh → Vàng, 89,7% (70/78)")
    assert page.locator("#spoken").inner_text().replace("\u2068", "").replace("\u2069", "") == told
    expect(page.locator(".tile[data-zone=yellow] b")).to_have_text("3")
    assert page.evaluate("window.sameDocument")
    assert [path for path, _, _ in worker.asked[asked:] if path != "/api/monitor"] == []


def test_places_follow_the_figures_as_they_come(visit: Visit, worker: MockWorker) -> None:
    page = visit("?view=ranking")
    worker.set_figure(NONG_SON, 500, 500)
    first = page.locator(".ranked tr").first
    expect(first).to_have_attribute("data-unit", NONG_SON)
    page_places = page.locator(".ranked .place b").all_inner_texts()
    figures = [dict(row) for row in worker.rows.values()]
    places(figures)
    told = sorted(figure["place"] for figure in figures if figure["zone"] != "grey")
    assert [int(place.rstrip("=")) for place in page_places] == told


def test_a_silent_unit_is_never_green(visit: Visit, worker: MockWorker) -> None:
    worker.rows[HOI_AN] |= {"stale_since": "2026-06-30T03:42:00.000Z"}
    page = visit()
    expect(shape(page, HOI_AN)).to_have_attribute("data-zone", "grey")
    expect(shape(page, HOI_AN)).to_have_attribute("data-stale", "true")
    expect(shape(page, HOI_AN).locator("path")).to_have_attribute("fill", "url(#map-stale)")
    line = page.locator(".unit-list li", has_text="Hội An")
    expect(line).to_contain_text("Số liệu đến 10:42 30/06")
    expect(line).to_have_attribute("data-zone", "grey")
    page.goto(f"{worker.url}?view=ranking")
    row = page.locator(f'tr[data-unit="{HOI_AN}"]')
    expect(row).to_have_attribute("data-zone", "grey")
    expect(row.locator(".zone-mark")).to_have_text("Số liệu đến 10:42 30/06")


def test_a_unit_that_falls_silent_turns_grey_and_back(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    expect(shape(page, HOI_AN)).to_have_attribute("data-zone", "green")
    worker.rows[HOI_AN]["stale_since"] = "2026-06-30T03:42:00.000Z"
    worker.push("monitor", worker.monitor())
    expect(shape(page, HOI_AN)).to_have_attribute("data-zone", "grey")
    worker.rows[HOI_AN]["stale_since"] = None
    worker.push("monitor", worker.monitor())
    expect(shape(page, HOI_AN)).to_have_attribute("data-zone", "green")


def test_a_click_opens_the_unit_and_back_returns(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    # On the island's shape the middle of the box is sea: a point of the line is asked for.
    shape(page, "H47.510").locator("path").click()
    expect(page.locator(".view-unit")).to_be_visible()
    assert page.url == f"{worker.url}?view=unit&unit=H47.510"
    page.go_back()
    expect(page.locator(".view-map")).to_be_visible()


def test_the_keyboard_goes_through_the_shapes_as_one_reads(
    visit: Visit, worker: MockWorker
) -> None:
    page = visit()
    page.locator(".map-unit").first.focus()
    reached = []
    for _ in range(18):
        reached.append(page.evaluate("document.activeElement.dataset.unit"))
        page.keyboard.press("Tab")
    assert sorted(reached) == sorted(unit for unit in [*worker.rows, WITHOUT_DATA])
    north_west, south = reached.index("H47.504"), reached.index("H47.516")
    assert north_west < south
    shape(page, NONG_SON).focus()
    expect(page.locator(".unit-card")).to_contain_text("Nông Sơn")
    expect(page.locator(".map-halo")).to_have_attribute("d", _outline(page, NONG_SON))
    page.keyboard.press("Enter")
    expect(page.locator(".view-unit")).to_be_visible()


def _outline(page: Page, unit: str) -> str:
    return shape(page, unit).locator("path").get_attribute("d") or ""


def test_a_card_tells_more_where_the_pointer_is(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    expect(page.locator(".unit-card")).to_be_hidden()
    shape(page, "H47.511").locator("path").hover()
    card = page.locator(".unit-card")
    for text in ("Phước Sơn", "Đỏ", "Cảnh báo", "593/824", "Hạng 16", "231"):
        expect(card).to_contain_text(text)
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()


def test_a_unit_without_a_shape_has_a_tile(visit: Visit, worker: MockWorker) -> None:
    assert worker.map
    worker.map["features"] = [
        feature for feature in worker.map["features"] if feature["properties"]["unit_id"] != HOI_AN
    ]
    worker.unit(HOI_AN)["shape"] = False
    page = visit()
    expect(page.locator(".map-unit")).to_have_count(17)
    tile = page.locator(".off-map .unit-tiles li")
    expect(tile).to_have_count(1)
    expect(tile).to_contain_text("Hội An")
    expect(tile).to_contain_text("143/146")


def test_without_a_map_the_tiles_are_the_view(
    visit: Visit, worker: MockWorker, guard: Guard
) -> None:
    guard.expected = ["404"]
    worker.map = None
    worker.directory["has_map"] = False
    page = visit()
    expect(page.locator(".map")).to_have_count(0)
    expect(page.locator(".unit-tiles li")).to_have_count(18)
    expect(page.locator(".unit-tiles li").first).to_contain_text("Phước Sơn")  # the lowest first
    worker.set_figure(NONG_SON, 1, 100)
    expect(page.locator(".unit-tiles li").first).to_contain_text("Nông Sơn")


def test_the_tiles_of_zones_choose_what_is_shown(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    page.locator(".tile[data-zone=yellow]").click()
    page.locator(".tile[data-zone=red]").click()
    assert page.url == f"{worker.url}?zone=yellow,red"
    expect(page.locator(".unit-list li")).to_have_count(3)
    expect(shape(page, NONG_SON)).to_have_attribute("data-dimmed", "true")
    expect(shape(page, "H47.511")).not_to_have_attribute("data-dimmed", "true")
    page.reload()
    expect(page.locator(".unit-list li")).to_have_count(3)
    page.get_by_role("button", name="Bỏ lọc").click()
    expect(page.locator(".unit-list li")).to_have_count(18)


def test_the_sum_is_of_all_units_and_rounded_down(visit: Visit, worker: MockWorker) -> None:
    for row in worker.rows.values():
        row |= {"numerator": 0, "denominator": 0, "zone": "grey"}
    worker.rows[HOI_AN] |= {"numerator": 8_000, "denominator": 9_000, "zone": "yellow"}
    worker.rows[NONG_SON] |= {"numerator": 999, "denominator": 1_000, "zone": "green"}
    total = visit().locator(".tile.total")
    expect(total.locator("b")).to_have_text("89,9%")  # 8,999 of 10,000
    expect(total).to_contain_text("8.999 trên 10.000 hồ sơ")


def test_too_few_to_judge_has_no_colour(visit: Visit) -> None:
    page = visit()
    expect(shape(page, TOO_FEW)).to_have_attribute("data-zone", "grey")
    expect(page.locator(".unit-list li").last).to_contain_text("13/14")


def test_a_unit_without_dossiers_in_the_period_says_so(visit: Visit, worker: MockWorker) -> None:
    worker.rows[NONG_SON] |= {"numerator": 0, "denominator": 0, "zone": "grey", "incident": None}
    page = visit()
    expect(shape(page, NONG_SON)).to_have_attribute(
        "aria-label", "Nông Sơn: Chưa có hồ sơ trong kỳ"
    )
    line = page.locator(".unit-list li", has_text="Nông Sơn")
    expect(line.locator(".parts")).to_have_text("Chưa có hồ sơ trong kỳ")


def test_an_older_ranking_does_not_undo_the_news(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    worker.overrides["/api/ranking"] = worker.answer("/api/ranking", {})  # as it was
    worker.set_figure(NONG_SON, 70, 78)
    expect(shape(page, NONG_SON)).to_have_attribute("data-zone", "yellow")
    asked = len(worker.asked)
    page.evaluate("dispatchEvent(new Event('online'))")  # listens anew, and loads anew
    line = page.locator(".unit-list li", has_text="Nông Sơn")
    while ("/api/ranking", {}, 304) not in worker.asked[asked:] and (
        "/api/ranking",
        {},
        200,
    ) not in worker.asked[asked:]:
        page.wait_for_timeout(20)
    worker.set_figure(HOI_AN, 1, 100)  # what is told after it has been taken too
    expect(shape(page, HOI_AN)).to_have_attribute("data-zone", "red")
    expect(line).to_contain_text("70/78")


def test_another_window_is_asked_for_and_stays_true(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    page.get_by_label("Kỳ tính").select_option("7d")
    expect(page.locator(".unit-list li", has_text="Nông Sơn")).to_contain_text("37/41")
    assert page.url == f"{worker.url}?window=7d"
    worker.set_figure(NONG_SON, 40, 400)  # the stream carries the primary one: asked for anew
    expect(page.locator(".unit-list li", has_text="Nông Sơn")).to_contain_text("10/100")


RINGS = """async (turned) => {
  const { shapesOf } = await import("/page/map/boundaries.js");
  const map = await (await fetch("/api/map")).json();
  for (const { geometry } of turned ? map.features : []) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    for (const ring of polygons.flat()) ring.reverse();
  }
  return shapesOf(map, 900, 600, [10, 10, 10, 10]).map(({ id, box }) => [id, box]);
}"""


def test_boundaries_may_be_drawn_either_way_round(plain_page: Page) -> None:
    turned = plain_page.evaluate(RINGS, True)
    assert plain_page.evaluate(RINGS, False) == turned
    for _, (left, top, right, bottom) in turned:
        assert 9 <= left < right <= 891
        assert 9 <= top < bottom <= 591


@pytest.fixture
def country(browser: Browser) -> Iterator[tuple[MockWorker, Page]]:
    """A worker with the units of the whole country, and an empty page."""
    with mock_worker(many_units(11_000)) as worker:
        worker.map = None
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        yield worker, page
        page.close()


def test_eleven_thousand_units_can_be_used(country: tuple[MockWorker, Page]) -> None:
    worker, page = country
    page.goto(worker.url)
    expect(page.locator(".unit-tiles li")).to_have_count(200, timeout=60_000)
    expect(page.locator(".note")).to_be_visible()
    page.get_by_label("Tìm đơn vị").fill("thu 10999")
    expect(page.locator(".unit-tiles li")).to_have_count(1)
    worker.set_figure("H47.10999", 1, 1_000)
    expect(page.locator(".unit-tiles li")).to_contain_text("1/1.000")
    page.get_by_role("button", name="Bỏ lọc").click()
    expect(page.locator(".unit-tiles li").first).to_contain_text("Xã Thử 10999")
    page.get_by_role("button", name="Hiện thêm").click()
    expect(page.locator(".unit-tiles li")).to_have_count(600)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_no_serious_finding(visit: Visit, worker: MockWorker, width: int, *, dark: bool) -> None:
    worker.rows[HOI_AN]["stale_since"] = "2026-06-30T03:42:00.000Z"
    page = visit("", width, dark=dark, bypass_csp=True)  # axe writes styles
    worker.set_figure(NONG_SON, 70, 78)
    expect(page.locator(".news")).to_be_visible()
    assert serious_findings(page) == []


GRID: list[tuple[str, Any]] = [
    ("{ numerator: 9, denominator: 10 }, { numerator: 8, denominator: 10 }", 0.1),
    ("{ numerator: 1, denominator: 3 }, { numerator: 2, denominator: 6 }", 0),
    ("{ numerator: 1, denominator: 2 }, { numerator: 0, denominator: 0 }", None),
    ("{ numerator: null, denominator: null }, { numerator: 1, denominator: 2 }", None),
    ("{ numerator: 1, denominator: 2 }, undefined", None),
]


@pytest.mark.parametrize(("figures", "expected"), GRID)
def test_a_change_is_of_shares(plain_page: Page, figures: str, expected: float | None) -> None:
    found = plain_page.evaluate(
        f"async () => (await import('/page/figures.js')).changeOf({figures})"
    )
    assert found == (None if expected is None else pytest.approx(expected))
