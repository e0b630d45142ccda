"""The view of one unit, and why its figure is what it is, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from playwright.sync_api import Page, Route, expect

from indicators.dossier import Flag
from schemas import comparison, explanation
from schemas.event import EVENT_TYPES
from schemas.profile import BUCKETS
from schemas.sign import SIGN_NAMES
from tests.browser import mock_answers_unit, mock_province
from tests.browser.axe import serious_findings
from tests.browser.conftest import Guard, Visit
from tests.browser.mock_worker import EVIL, MockWorker
from tests.browser.word_checks import assert_same_shape, assert_words_for

pytestmark = pytest.mark.browser

TAY_GIANG = "H47.504"  # yellow, 812/933
HOI_AN = "H47.503"  # green, 143/146
THANG_BINH = "H47.508"  # 982 dossiers and those left out: more than one piece
TOO_FEW = mock_province.TOO_FEW
WITHOUT_DATA = mock_province.WITHOUT_DATA
UNIT = f"?view=unit&unit={TAY_GIANG}"
WHY = f"?view=explain&unit={TAY_GIANG}"
PAST = "&as_of=2026-06-30T17:00:00.000Z"
TITLES = [
    "Tỷ lệ đúng hạn 60 ngày qua",
    "Sắp tới",
    "Kết quả từng tuần, 26 tuần qua",
    "Hồ sơ đang giải quyết, theo hạn trả",
    "Hồ sơ quá hạn và sắp đến hạn",
    "Thủ tục có nhiều hồ sơ trễ, quá hạn nhất",
    "Kênh tiếp nhận",
    "Mức dịch vụ công",
    "Ngày tháng được ghi hoặc sửa về sau",
    "Cảnh báo của đơn vị",
]


def card(page: Page, title: str) -> Any:
    """The card under a heading."""
    return page.get_by_role("region", name=title, exact=True)


# -- the unit --------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["unit", "explain"])
def test_both_languages_say_the_same_things(plain_page: Page, view: str) -> None:
    assert_same_shape(plain_page, view)


def test_the_head_tells_figure_zone_place_and_changes(visit: Visit) -> None:
    head = visit(UNIT).locator(".unit-head")
    expect(head.get_by_role("heading", name="Tây Giang")).to_be_visible()
    expect(head.locator(".figure-line strong")).to_have_text("87,0%")
    expect(head.locator(".figure-parts")).to_have_text("812 trên 933 hồ sơ đúng hạn")
    expect(head.locator(".figure-line .zone-mark")).to_have_text("Vàng")
    expect(head.locator(".place")).to_have_text("Hạng 14 trên 16 đơn vị")
    assert head.locator(".changes dt").all_inner_texts() == [
        "từ đầu ngày",
        "từ đầu tháng",
        "từ đầu nửa năm",
    ]
    expect(head.locator(".incident-line")).to_contain_text("Trần Văn Bình đã nhận")


def test_a_link_from_elsewhere_needs_the_unit_alone(visit: Visit) -> None:
    head = visit(f"?unit={TAY_GIANG}").locator(".unit-head")
    expect(head.get_by_role("heading", name="Tây Giang")).to_be_visible()


def test_a_figure_is_never_rounded_up_into_green(visit: Visit, worker: MockWorker) -> None:
    worker.rows[TAY_GIANG] |= {"numerator": 8_997, "denominator": 10_000, "zone": "yellow"}
    expect(visit(UNIT).locator(".figure-line strong")).to_have_text("89,9%")


def test_a_place_that_is_shared_is_told_as_shared(visit: Visit, worker: MockWorker) -> None:
    for unit in (TAY_GIANG, HOI_AN):
        worker.rows[unit] |= {"numerator": 91, "denominator": 100, "zone": "green"}
    expect(visit(UNIT).locator(".place")).to_contain_text("(2 đơn vị bằng nhau)")


def test_a_silent_feed_is_said_and_never_green(visit: Visit, worker: MockWorker) -> None:
    worker.rows[HOI_AN]["stale_since"] = "2026-06-11T01:00:00.000Z"
    head = visit(f"?view=unit&unit={HOI_AN}").locator(".unit-head")
    expect(head.locator(".stale")).to_contain_text("08:00 ngày 11/06/2026")
    expect(head.locator(".figure-line .zone-mark")).to_have_text("Xám")


def test_every_part_has_a_heading_and_a_table(visit: Visit) -> None:
    page = visit(UNIT)
    assert page.locator(".unit-view > .card > h3").all_inner_texts() == TITLES
    for title, rows in (
        (TITLES[0], 60),
        (TITLES[2], 26),
        (TITLES[3], len(BUCKETS)),
        (TITLES[5], 10),
        (TITLES[6], 3),
        (TITLES[7], 4),
    ):
        table = card(page, title).locator("table")
        expect(table.locator("tbody tr")).to_have_count(rows)
        assert table.locator("caption").text_content() == title
        for cell in table.locator("tbody :is(th, td)").all_text_contents():
            assert cell.strip()


def test_the_backlog_adds_up_to_the_open_dossiers(visit: Visit, worker: MockWorker) -> None:
    expected = sum(worker.rows[TAY_GIANG]["open"].values())
    backlog = card(visit(UNIT), TITLES[3])
    told = sum(int(text) for text in backlog.locator("td b").all_inner_texts())
    assert told == expected
    overdue = worker.rows[TAY_GIANG]["open"]["overdue"]
    expect(backlog.locator(".chart-summary")).to_have_text(
        f"{expected} hồ sơ đang giải quyết, {overdue} quá hạn."
    )


def test_a_sentence_sums_the_figure_over_time_up(visit: Visit) -> None:
    summary = card(visit(UNIT), TITLES[0]).locator(".chart-summary").inner_text()
    assert re.fullmatch(
        r"Từ \d\d,\d% đến 87,0%\. Thấp nhất là \d\d,\d% vào ngày \d\d/\d\d/\d{4}\. "
        r"(Dưới ngưỡng xanh \d+ ngày|Không ngày nào dưới ngưỡng xanh)\.",
        summary,
    )


def test_the_arrow_keys_read_a_chart_day_by_day(visit: Visit) -> None:
    page = visit(UNIT)
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r": 87,0% \(812/933\)$"))
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuenow", "58")
    readout = page.locator(".plot-readout").first
    expect(readout).to_have_text(slider.get_attribute("aria-valuetext") or "")
    expect(readout).to_be_visible()


def test_dossiers_at_risk_say_how_late_they_are_in_words(visit: Visit) -> None:
    rows = card(visit(UNIT), TITLES[4]).locator("tbody tr")
    expect(rows.first.locator(".due")).to_have_text("quá hạn 19 ngày")
    expect(rows.nth(99).locator(".due")).to_have_text(re.compile(r"^còn \d+ ngày$"))


def test_a_green_unit_has_a_forecast_and_what_keeps_it_green(visit: Visit) -> None:
    outlook = card(visit(f"?view=unit&unit={HOI_AN}"), "Sắp tới")
    expect(outlook).to_contain_text("Nếu từ nay không giải quyết hồ sơ nào: rời vùng xanh lúc")
    expect(outlook).to_contain_text("vẫn ở vùng xanh đến")
    expect(outlook).to_contain_text("giải quyết đúng hạn 12 hồ sơ sau đây")
    expect(outlook.locator(".dossier-id")).to_have_count(12)


def test_a_unit_below_green_has_a_way_back(visit: Visit) -> None:
    outlook = card(visit(UNIT), "Sắp tới")
    expect(outlook).to_contain_text("Để trở lại vùng xanh: giải quyết đúng hạn 277 hồ sơ")
    expect(outlook).to_contain_text("và 3 hồ sơ khác")


def test_the_past_has_no_forecast_and_does_not_move(visit: Visit, worker: MockWorker) -> None:
    page = visit(UNIT + PAST)
    expect(card(page, "Sắp tới")).to_contain_text("Dự báo chỉ có cho lúc này")
    before = page.locator(".figure-line").inner_text()
    worker.set_figure(TAY_GIANG, 930, 933)
    page.wait_for_timeout(4_000)
    assert page.locator(".figure-line").inner_text() == before


def test_news_of_the_unit_change_its_head_at_once(visit: Visit, worker: MockWorker) -> None:
    page = visit(UNIT)
    page.evaluate("window.stayed = true")
    worker.set_figure(TAY_GIANG, 931, 933)
    head = page.locator(".unit-head")
    expect(head.locator(".figure-line strong")).to_have_text("99,7%")
    expect(head.locator(".zone-mark").first).to_have_text("Xanh")
    assert page.evaluate("window.stayed")


def test_what_is_open_stays_open_when_news_come(visit: Visit, worker: MockWorker) -> None:
    page = visit(UNIT)
    details = card(page, TITLES[0]).locator("details")
    details.locator("summary").click()
    fresh: dict[str, Any] = mock_answers_unit.answer(  # type: ignore[assignment]
        f"/api/units/{TAY_GIANG}/profile", {}
    )
    fresh["series"][-1] |= {"numerator": 700}
    worker.overrides[f"/api/units/{TAY_GIANG}/profile"] = fresh
    worker.tell_status(TAY_GIANG)
    expect(details.locator("tbody tr").first).to_contain_text("75,0%")
    expect(details).to_have_attribute("open", "")


def test_a_unit_too_small_to_judge(visit: Visit) -> None:
    page = visit(f"?view=unit&unit={TOO_FEW}")
    expect(page.locator(".unit-head .zone-mark").first).to_have_text("Xám")
    expect(page.locator(".place")).to_have_text("Chưa đủ hồ sơ để xếp hạng")
    expect(card(page, "Sắp tới")).to_contain_text("Chưa đủ hồ sơ để dự báo.")


def test_a_unit_without_data_says_so(visit: Visit, guard: Guard) -> None:
    guard.expected.append("404")
    page = visit(f"?view=unit&unit={WITHOUT_DATA}")
    expect(page.locator(".unit-head h2")).to_contain_text("Nam Trà My")
    expect(page.locator(".figure-line .zone-mark")).to_have_text("Chưa có dữ liệu")
    expect(page.locator(".unit-view > .notice")).to_have_text(
        "Chưa có số liệu nào của đơn vị Nam Trà My."
    )


def test_while_the_owner_is_away_the_rest_is_shown_and_the_page_asks_again(
    visit: Visit, guard: Guard
) -> None:
    guard.expected.append("503")
    page = visit("?view=ranking")
    page.route("**/profile*", answered(503, '{"error": "no worker owns it"}'))
    page.evaluate(f"history.pushState(null, '', '{UNIT}'); dispatchEvent(new Event('popstate'))")
    expect(page.locator(".unit-view > .notice")).to_contain_text("tạm thời không trả lời")
    expect(page.locator(".figure-line strong")).to_have_text("87,0%")
    page.unroute("**/profile*")
    expect(card(page, TITLES[0])).to_be_visible(timeout=20_000)
    expect(page.locator(".unit-view > .notice")).to_have_count(0)


def test_names_and_ids_are_text_whatever_they_say(visit: Visit, worker: MockWorker) -> None:
    worker.unit(TAY_GIANG)["name"] = EVIL
    profile: dict[str, Any] = mock_answers_unit.answer(  # type: ignore[assignment]
        f"/api/units/{TAY_GIANG}/profile", {}
    )
    profile["procedures"][0]["key"] = profile["channels"][0]["key"] = EVIL
    profile["at_risk"][0]["dossier_id"] = EVIL
    worker.overrides[f"/api/units/{TAY_GIANG}/profile"] = profile
    page = visit(UNIT)
    assert EVIL in page.locator(".unit-head h2").inner_text()
    for title in (TITLES[4], TITLES[5], TITLES[6]):
        expect(card(page, title).locator("tbody th").first).to_have_text(EVIL)
    assert page.locator("main :is(script, img)").count() == 0
    assert page.title() != "caught"


def answered(status: int, body: str) -> Callable[[Route], None]:
    """A route that answers so."""
    return lambda route: route.fulfill(status=status, content_type="application/json", body=body)


# -- why this figure -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "members"),
    [
        ("rules", get_args(explanation.Rule)),
        ("reasons", get_args(explanation.Reason)),
        ("counted", explanation.COUNTED),
        ("outcome", explanation.COUNTED),
        ("roles", get_args(explanation.EventRole)),
        ("versusBy", get_args(comparison.By)),
        ("flagNames", get_args(Flag)),
        ("types", EVENT_TYPES),
    ],
)
def test_every_rule_reason_and_event_has_words(
    plain_page: Page, table: str, members: tuple[str, ...]
) -> None:
    assert_words_for(plain_page, "explain", table, members)


def test_signs_of_rewritten_dates_lead_to_their_dossiers(visit: Visit) -> None:
    page = visit(UNIT)
    signs = card(page, TITLES[8])
    expect(signs).to_contain_text("không phải là kết luận sai phạm")
    row = mock_province.rows_of(mock_province.directory_units())[TAY_GIANG]
    found = mock_answers_unit.integrity(row, {}, datetime.now(UTC))
    assert found["dossiers_total"] > 8
    kinds = signs.locator("tbody").first.locator("tr")
    assert kinds.count() == len(found["signs"])
    signs.get_by_role("link").first.click()
    first = found["dossiers"][0]["dossier_id"]
    expect(page.locator(f'[data-dossier="{first}"]').first).to_be_visible()


def test_every_bucket_and_sign_has_words(plain_page: Page) -> None:
    assert_words_for(plain_page, "unit", "buckets", BUCKETS)
    assert_words_for(plain_page, "unit", "signs", SIGN_NAMES)


def test_a_figure_is_held_against_an_earlier_one(visit: Visit) -> None:
    page = visit(WHY)
    panel = page.locator(".versus")
    panel.get_by_role("link", name="7 ngày trước").click()
    expect(panel.locator(".versus-summary")).to_contain_text("mẫu số +1")
    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Đã xử lý xong (phân vùng 3, vị trí 7000)")
    expect(rows.nth(1)).to_contain_text("Thời gian trôi qua")
    assert "vs=week" in page.url
    first = rows.nth(0).get_by_role("link").inner_text()
    rows.nth(0).get_by_role("link").click()
    expect(page.locator(f'.dossier-list [data-dossier="{first}"]')).to_be_visible()
    page.reload()
    expect(panel.locator(".versus-summary")).to_be_visible()
    panel.get_by_role("link", name="7 ngày trước").click()
    expect(panel.locator(".versus-summary")).to_have_count(0)


def test_from_the_figure_to_a_dossier_in_two_clicks(visit: Visit) -> None:
    page = visit(UNIT)
    page.get_by_role("link", name="Vì sao có số này?").first.click()
    expect(page.locator(".explain-figure strong")).to_have_text("87,0%")
    expect(page.locator(".explain-figure")).to_contain_text("812 đúng hạn trên 933 hồ sơ được tính")
    row = page.locator(".dossier-row").nth(5)
    row.click()
    detail = page.locator(".dossier-detail")
    expect(detail).to_contain_text("Kết thúc sau ngày hẹn trả: trễ hạn.")
    expect(detail).to_contain_text("Quy tắc R3: Ngày hẹn trả đã được dời")
    expect(detail).to_contain_text("lần dời này không có giá trị")
    events = detail.locator("tbody tr")
    expect(events).to_have_count(5)
    expect(events.nth(2)).to_contain_text("Đổi ngày hẹn trả")
    expect(events.nth(2)).to_contain_text("hẹn trả 31/12/2026")
    expect(events.nth(2)).to_contain_text("phân vùng 3, vị trí 7.032")
    assert "dossier=000.00.504.H47-260606-0005" in page.url
    page.go_back()
    expect(detail).to_have_count(0)
    page.go_back()
    expect(page.locator(".unit-head")).to_be_visible()


def test_the_counts_of_the_filters_are_those_of_the_figure(
    visit: Visit, worker: MockWorker
) -> None:
    row = worker.rows[TAY_GIANG]
    page = visit(WHY)
    told = dict(
        zip(
            page.locator(".filter span").all_inner_texts(),
            page.locator(".filter b").all_inner_texts(),
            strict=True,
        )
    )
    assert told["Tất cả được tính"] == str(row["denominator"])
    assert told["Trễ hạn"] == str(row["late"])
    assert int(told["Đúng hạn"]) + int(told["Trước hạn"]) == row["numerator"]
    page.get_by_role("link", name=re.compile("^Đúng hạn")).click()
    expect(page.locator(".dossier-row .counted").first).to_have_text("Đúng hạn")
    expect(page.locator(".pages [role=status]")).to_have_text(f"Hồ sơ 1–50 trên {row['on_time']}")
    page.get_by_role("link", name="Trang sau").click()
    expect(page.locator(".pages [role=status]")).to_contain_text("Hồ sơ 51–100")
    assert "counted=on_time" in page.url
    assert "page=2" in page.url


def test_overdue_dossiers_are_behind_the_strict_figure_only(
    visit: Visit, worker: MockWorker
) -> None:
    overdue = worker.rows[TAY_GIANG]["open"]["overdue"]
    page = visit(WHY)
    expect(page.locator(".filter")).to_have_count(5)
    page = visit(f"{WHY}&definition=strict@1&counted=overdue")
    expect(page.locator(".dossier-row")).to_have_count(overdue)
    page.locator(".dossier-row").first.click()
    expect(page.locator(".verdict")).to_contain_text("quá hạn. (chỉ tính vào mẫu số)")


def test_a_dossier_is_found_by_part_of_its_id_wherever_it_stands(visit: Visit) -> None:
    page = visit(WHY)
    page.get_by_label("Tìm theo mã hồ sơ").fill("-5003")
    row = page.locator(".dossier-row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Không được tính")
    row.click()  # its events are brought one by one
    expect(page.locator(".dossier-detail tbody tr").first).to_contain_text("Tiếp nhận")
    assert page.get_by_label("Tìm theo mã hồ sơ").input_value() == "-5003"
    page.get_by_label("Tìm theo mã hồ sơ").fill("no such")
    expect(page.locator(".dossier-list")).to_have_text("Không có hồ sơ nào khớp.")


def test_a_link_to_a_dossier_opens_it_on_whatever_page_it_is(visit: Visit) -> None:
    page = visit(f"{WHY}&dossier=000.00.504.H47-260611-0700")
    expect(page.locator(".pinned .dossier-detail")).to_contain_text("trước hạn")


def test_a_dossier_that_is_not_there_is_said_to_be_missing(visit: Visit, guard: Guard) -> None:
    guard.expected.append("404")
    page = visit(f"{WHY}&dossier=nothing")
    expect(page.locator(".pinned")).to_contain_text("Không thấy hồ sơ nothing")


def test_a_large_unit_comes_in_pieces_of_one_instant(visit: Visit, worker: MockWorker) -> None:
    page = visit(f"?view=explain&unit={THANG_BINH}")
    expect(page.locator(".progress")).to_be_hidden()
    row = worker.rows[THANG_BINH]
    expect(page.locator(".filter b").first).to_have_text(str(row["denominator"]))
    left_out = row["open"]["within"] + row["open"]["overdue"]
    expect(page.locator(".filter b").last).to_have_text(str(left_out))
    asked = [query for path, query, _ in worker.asked if path.endswith("/explain")]
    assert [query.get("after") for query in asked] == [None, "1000"]
    assert "as_of" in asked[1]


def test_the_past_is_asked_for_as_it_was_known_then(visit: Visit, worker: MockWorker) -> None:
    page = visit(f"{WHY}{PAST}&known=then&definition=strict@1&window=90d")
    asked = next(query for path, query, _ in worker.asked if path.endswith("/explain"))
    assert asked == {
        "definition": "strict@1",
        "window": "90d",
        "as_of": "2026-06-30T17:00:00.000Z",
        "known_at": "2026-06-30T17:00:00.000Z",
        "limit": "1000",
    }
    expect(page.locator(".explain-head")).to_contain_text("theo những gì đã biết lúc 00:00 ngày 01")


def test_a_newer_figure_is_told_and_taken_when_the_reader_wants_it(
    visit: Visit, worker: MockWorker
) -> None:
    page = visit(WHY)
    news = page.locator(".changed")
    expect(news).to_be_hidden()
    worker.tell_status(HOI_AN)
    worker.tell_status(TAY_GIANG)
    expect(news).to_contain_text("Đơn vị vừa có số liệu mới.")
    news.get_by_role("button").click()
    expect(page.locator(".changed")).to_be_hidden()
    asked = [query for path, query, _ in worker.asked if path.endswith("/explain")]
    assert len([query for query in asked if "after" not in query]) == 2


def test_ids_of_dossiers_and_events_are_text_whatever_they_say(
    visit: Visit, worker: MockWorker
) -> None:
    answer: dict[str, Any] = mock_answers_unit.answer(  # type: ignore[assignment]
        f"/api/units/{TAY_GIANG}/explain", {}
    )
    first = answer["dossiers"][0]
    first |= {"dossier_id": EVIL, "flags": [EVIL], "rule": EVIL, "ended_by": EVIL}
    first["events"][0] |= {"event_id": EVIL, "type": EVIL, "voids": EVIL}
    worker.overrides[f"/api/units/{TAY_GIANG}/explain"] = answer
    page = visit(WHY)
    page.locator(".dossier-row").first.click()
    expect(page.locator(".events tbody td").last).not_to_have_text("")
    assert EVIL in page.locator(".events tbody tr").first.inner_text()
    assert page.locator("main :is(script, img)").count() == 0
    assert page.title() != "caught"


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("search", [UNIT, f"{WHY}&dossier=000.00.504.H47-260606-0005"])
def test_nothing_is_wider_than_a_phone(visit: Visit, search: str, lang: str) -> None:
    page = visit(f"{search}&lang={lang}", 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "search",
    [UNIT, f"{WHY}&dossier=000.00.504.H47-260606-0005"],
)
def test_everybody_can_read_it(visit: Visit, search: str, width: int, dark: bool) -> None:
    page = visit(search, width, dark=dark, bypass_csp=True)
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    assert serious_findings(page) == []
