"""The shell of the page in a real browser: address, words, freshness, the past, signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.axe import serious_findings
from tests.browser.conftest import Guard, Visit
from tests.browser.look import look
from tests.browser.mock_worker import EVIL, TOKEN, MockWorker
from tests.browser.word_checks import assert_same_shape

pytestmark = pytest.mark.browser

NONG_SON = "H47.519"
TURNING = f"{EVIL}\u202e\u2067"  # and marks that turn what follows
FIRST_VIEW_MOST = 300_000  # bytes


def figure_of(page: Page, unit: str) -> Any:
    """The figure of a unit in the ranking."""
    return page.locator(f'tr[data-unit="{unit}"] .percent')


# -- what is loaded --------------------------------------------------------------------------------


def test_the_first_view_is_small(browser: Browser, worker: MockWorker) -> None:
    page = browser.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - inspected
    page.goto(worker.url)
    page.wait_for_selector("main > .view")
    page.wait_for_selector(".map-label")
    told = [answer for answer in answers if not answer.url.endswith("/api/stream")]
    size = sum(len(answer.body()) for answer in told)
    page.close()
    assert 0 < size < FIRST_VIEW_MOST


def test_all_views_on_the_wall_light_and_dark(browser: Browser, worker: MockWorker) -> None:
    """On phones and desks each view has a test of its own."""
    assert look(browser, worker.url, unit="Nông Sơn", sizes=("wall",)) == 12


# -- the address -----------------------------------------------------------------------------------


def test_back_and_forward_go_through_the_views(visit: Visit, worker: MockWorker) -> None:
    page = visit()
    page.get_by_role("link", name="Xếp hạng").click()
    expect(page.locator(".view-ranking")).to_be_visible()
    expect(page).to_have_title("Xếp hạng · Vùng xanh · Quảng Nam")
    assert page.url == f"{worker.url}?view=ranking"
    page.get_by_role("link", name="Hệ thống").click()
    expect(page.locator(".view-monitor")).to_be_visible()
    page.go_back()
    expect(page.locator(".view-ranking")).to_be_visible()
    page.go_back()
    expect(page.locator(".view-map")).to_be_visible()
    page.go_forward()
    expect(page.locator(".view-ranking")).to_be_visible()


STATES = [
    ("", {"view": "map", "lang": "vi", "known": "now", "asOf": "", "kiosk": False}),
    ("?view=ranking&window=7d&q=nong", {"view": "ranking", "window": "7d", "q": "nong"}),
    ("?view=unit&lang=en&unit=H47.519", {"view": "unit", "unit": "H47.519", "lang": "en"}),
    (
        "?as_of=2026-06-30T16:59:59.999Z&known=then",
        {"asOf": "2026-06-30T16:59:59.999Z", "known": "then"},
    ),
    ("?kiosk=1", {"kiosk": True}),
]


@pytest.mark.parametrize(("search", "expected"), STATES)
def test_an_address_is_read_and_written_alike(
    plain_page: Page, search: str, expected: dict[str, object]
) -> None:
    read, written = plain_page.evaluate(
        """async (search) => {
             const { readState, writeState } = await import("/page/router.js");
             return [readState(search), writeState(readState(search))];
           }""",
        search,
    )
    assert {name: read[name] for name in expected} == expected
    assert written == (search or "?")


NONSENSE = ["?view=nowhere", "?lang=xx", "?known=then", "?kiosk=yes"]


@pytest.mark.parametrize("search", NONSENSE)
def test_nonsense_in_the_address_is_the_first_view(visit: Visit, search: str) -> None:
    page = visit(search, ready=".view-map")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator("#past")).to_be_hidden()


def test_another_view_leaves_behind_what_the_last_one_kept(visit: Visit) -> None:
    page = visit("?view=ranking&q=nong&window=7d&sort=late")
    page.get_by_role("link", name="Bản đồ").click()
    expect(page.locator(".view-map")).to_be_visible()
    assert page.url.endswith("/?window=7d")


# -- words and numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["shell", "map", "ranking"])
def test_both_languages_say_the_same_things(plain_page: Page, words: str) -> None:
    assert_same_shape(plain_page, words)


def test_english_on_choice_kept_in_the_address(visit: Visit, worker: MockWorker) -> None:
    worker.rows[NONG_SON] |= {"numerator": 8_999, "denominator": 10_000, "zone": "yellow"}
    page = visit("?view=ranking")
    expect(figure_of(page, NONG_SON)).to_have_text("89,9%")
    page.get_by_role("link", name="EN, English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(figure_of(page, NONG_SON)).to_have_text("89.9%")
    expect(page.locator(f'tr[data-unit="{NONG_SON}"] .zone-mark')).to_have_text("Yellow")
    assert page.url == f"{worker.url}?view=ranking&lang=en"


SAID = [
    ("vi", "percent(8999, 10000)", "89,9%"),
    ("vi", "percent(899, 999)", "89,9%"),  # 89.99 %: never 90
    ("vi", "percent(900, 1000)", "90,0%"),
    ("vi", "percent(0, 0)", "–"),
    ("vi", "count(1234567)", "1.234.567"),
    ("en", "count(1234567)", "1,234,567"),
    ("vi", "points(0.0123)", "+1,2"),
    ("vi", "points(-0.0003)", "−0,03"),
    ("en", "points(-0.02)", "−2.0"),
    ("vi", "points(0)", "0"),
    ("vi", "points(0.0000001)", "≈0"),
    ("vi", "share(0.9)", "90%"),
    ("vi", 'dateTime(Date.parse("2026-06-30T16:59:59.999Z"))', "hết ngày 30/06/2026"),
    ("vi", 'dateTime(Date.parse("2026-06-30T01:05:00Z"))', "08:05 ngày 30/06/2026"),
    ("en", 'dateTime(Date.parse("2026-06-30T17:00:00Z"))', "00:00 on 01/07/2026"),
    ("vi", 'minute(Date.parse("2026-06-30T01:05:00Z"))', "08:05"),
    ("en", 'shortDay(Date.parse("2026-06-30T17:00:00Z"))', "01/07"),
    ("vi", "span(89000)", "89 giây"),
    ("vi", "span(3 * 86400000)", "3 ngày"),
    ("vi", 'window("30d")', "30 ngày"),
    ("en", 'window("half")', "this half-year"),
    ("vi", 'window("fortnight@2")', "fortnight@2"),
    ("vi", 'definition("toString")', "toString"),
]


@pytest.mark.parametrize(("lang", "call", "expected"), SAID)
def test_numbers_and_times_are_said(plain_page: Page, lang: str, call: str, expected: str) -> None:
    said = plain_page.evaluate(
        f"""async () => {{
              const {{ Speech }} = await import("/page/speech.js");
              const words = await import("/page/words/shell.js");
              return new Speech("{lang}", words["{lang}"]).{call};
            }}"""
    )
    assert said == expected


MOMENTS = [  # what the wall shows, in which zone, and the instant
    ('moments.instantOf("2026-06-30", "16:30", "Asia/Ho_Chi_Minh")', "2026-06-30T09:30:00.000Z"),
    ('moments.endOfDay("2026-06-30", "Asia/Ho_Chi_Minh")', "2026-06-30T16:59:59.999Z"),
    ('moments.instantOf("2026-03-29", "01:30", "Europe/Berlin")', "2026-03-29T00:30:00.000Z"),
    ('moments.instantOf("2026-03-29", "03:30", "Europe/Berlin")', "2026-03-29T01:30:00.000Z"),
    ('moments.instantOf("1960-01-01", "00:00", "UTC")', "1960-01-01T00:00:00.000Z"),
    ('quick("2026-07-01T00:10+07:00").yesterday', "2026-06-30T16:59:59.999Z"),
    ('quick("2026-07-01T00:10+07:00").lastMonth', "2026-06-30T16:59:59.999Z"),
    ('quick("2026-07-01T00:10+07:00").lastHalf', "2026-06-30T16:59:59.999Z"),
    ('quick("2026-03-15T12:00+07:00").lastMonth', "2026-02-28T16:59:59.999Z"),
    ('quick("2026-03-15T12:00+07:00").lastHalf', "2025-12-31T16:59:59.999Z"),
    ('quick("2026-01-01T00:00+07:00").yesterday', "2025-12-31T16:59:59.999Z"),
]


@pytest.mark.parametrize(("call", "expected"), MOMENTS)
def test_moments_of_the_wall(plain_page: Page, call: str, expected: str) -> None:
    found = plain_page.evaluate(
        f"""async () => {{
              const moments = await import("/page/moments.js");
              const quick = (at) => moments.quickMoments(Date.parse(at), "Asia/Ho_Chi_Minh");
              return new Date({call}).toISOString();
            }}"""
    )
    assert found == expected


# -- how fresh it is -------------------------------------------------------------------------------


def test_a_lost_connection_is_said_and_takes_the_colours(
    visit: Visit, worker: MockWorker, guard: Guard
) -> None:
    guard.expected = ["503"]
    page = visit("?view=ranking")
    body = page.locator("body")
    expect(body).to_have_attribute("data-live", "live")
    worker.failing = True
    worker.hang_up()
    expect(body).to_have_attribute("data-live", "lost")
    expect(page.locator("#warning")).to_contain_text("Mất kết nối")
    expect(page.locator("main")).to_have_css("filter", "grayscale(1) contrast(0.92)")
    expect(figure_of(page, NONG_SON)).to_be_visible()  # the last one known
    worker.failing = False
    expect(body).to_have_attribute("data-live", "live", timeout=30_000)
    expect(page.locator("#warning")).to_be_hidden()
    expect(page.locator("main")).to_have_css("filter", "none")


def test_what_changed_while_the_connection_was_away_is_loaded(
    visit: Visit, worker: MockWorker
) -> None:
    page = visit("?view=ranking")
    before = figure_of(page, NONG_SON).inner_text()
    listening = len(worker.streams)
    worker.streams.clear()  # what is told now reaches nobody
    worker.set_figure(NONG_SON, 700, 1_000)
    assert listening == 1
    assert figure_of(page, NONG_SON).inner_text() == before
    page.evaluate("dispatchEvent(new Event('online'))")  # the browser listens anew
    expect(figure_of(page, NONG_SON)).to_have_text("70,0%")


def test_a_worker_without_a_stream_is_asked_instead(
    visit: Visit, worker: MockWorker, guard: Guard
) -> None:
    guard.expected = ["503", "EventSource"]
    worker.streaming = False
    page = visit("?view=ranking")
    worker.set_figure(NONG_SON, 700, 1_000)
    expect(figure_of(page, NONG_SON)).to_have_text("70,0%", timeout=30_000)
    expect(page.locator("body")).to_have_attribute("data-live", "live")


def test_old_data_are_not_called_live(visit: Visit, worker: MockWorker) -> None:
    worker.data_to = datetime.now(UTC) - timedelta(minutes=20)
    page = visit()
    expect(page.locator("body")).to_have_attribute("data-live", "stale")
    expect(page.locator("#warning")).to_contain_text("20 phút")
    expect(page.locator("main")).to_have_css("filter", "grayscale(1)")


def test_units_whose_owner_is_away_are_named(visit: Visit, worker: MockWorker) -> None:
    worker.missing = [NONG_SON, "H47.504"]
    page = visit()
    expect(page.locator("#missing")).to_contain_text("Nông Sơn, Tây Giang")
    worker.missing = []
    expect(page.locator("#missing")).to_be_hidden(timeout=30_000)


# -- the past --------------------------------------------------------------------------------------


def test_a_past_moment_is_chosen_said_and_left(visit: Visit, worker: MockWorker) -> None:
    worker.now = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
    page = visit("?view=ranking")
    now = figure_of(page, NONG_SON).inner_text()
    page.locator(".moment-button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Biết lúc đó").check()
    expect(dialog.get_by_role("button", name="Hết ngày 30/06")).to_be_visible()
    dialog.get_by_role("button", name="Hết ngày 30/06").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#past")).to_contain_text(
        "hết ngày 30/06/2026, theo những gì đã biết lúc đó"
    )
    assert page.url.endswith("&as_of=2026-06-30T16:59:59.999Z&known=then")
    expect(figure_of(page, NONG_SON)).not_to_have_text(now)
    expect(page.locator("body")).to_have_attribute("data-live", "past")
    _, query, _ = [asked for asked in worker.asked if asked[0] == "/api/ranking"][-1]
    assert query == {"as_of": "2026-06-30T16:59:59.999Z", "known": "then"}
    page.get_by_role("button", name="Về hiện tại").click()
    expect(page.locator("#past")).to_be_hidden()
    expect(figure_of(page, NONG_SON)).to_have_text(now)


def test_the_past_does_not_move(visit: Visit, worker: MockWorker) -> None:
    page = visit("?view=ranking&as_of=2026-06-30T16:59:59.999Z")
    then = figure_of(page, NONG_SON).inner_text()
    worker.set_figure(NONG_SON, 700, 1_000)
    worker.push("monitor", worker.monitor() | {"data_to": "2031-01-01T00:00:00.000Z"})
    expect(page.locator("#live-time")).to_contain_text("2031")  # what came later has been heard
    assert figure_of(page, NONG_SON).inner_text() == then


def test_the_chosen_hour_is_the_province_s(visit: Visit, worker: MockWorker) -> None:
    worker.now = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
    page = visit(timezone_id="America/New_York")
    page.locator(".moment-button").click()
    page.get_by_label("Ngày", exact=True).fill("2026-06-12")
    page.get_by_label("Giờ", exact=True).fill("09:15")
    expect(page.locator(".zone-note")).to_contain_text("09:15 ngày 12/06/2026")
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.locator("#past")).to_contain_text("09:15 ngày 12/06/2026")
    assert "as_of=2026-06-12T02:15:00.000Z" in page.url


def test_a_moment_to_come_is_refused(visit: Visit, worker: MockWorker) -> None:
    worker.now = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
    page = visit()
    page.locator(".moment-button").click()
    page.get_by_label("Ngày", exact=True).fill("2026-07-15")
    page.get_by_label("Giờ", exact=True).fill("23:00")
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("đã qua")
    assert "as_of" not in page.url


def test_a_moment_that_is_none_is_told_as_the_worker_says_it(visit: Visit, guard: Guard) -> None:
    guard.expected = ["400"]
    page = visit("?as_of=yesterday", ready=".failed")
    expect(page.locator(".failed")).to_contain_text("yesterday")


# -- signing in ------------------------------------------------------------------------------------


def test_where_reading_is_closed_one_signs_in(
    visit: Visit, worker: MockWorker, guard: Guard
) -> None:
    guard.expected = ["401"]
    worker.closed_to_all = True
    page = visit(ready=".failed")
    page.locator(".failed").get_by_role("button", name="Đăng nhập").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Mã truy cập").fill("guess")
    dialog.get_by_role("button", name="Đăng nhập").click()
    expect(dialog).to_contain_text("không đúng")
    dialog.get_by_label("Mã truy cập").fill(TOKEN)
    dialog.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator(".view-map")).to_be_visible()
    expect(page.locator("#who")).to_have_text("Lê Thị Hoa")
    assert TOKEN not in page.url


def test_who_only_reads_is_not_asked_to_sign_in(visit: Visit) -> None:
    page = visit()
    expect(page.locator("#account")).to_be_hidden()
    page.get_by_role("link", name="Cảnh báo", exact=True).click()
    expect(page.locator("#account")).to_be_visible()  # there people act


# -- names from outside ----------------------------------------------------------------------------


@pytest.mark.parametrize("search", ["", "?view=ranking", f"?view=unit&unit={NONG_SON}"])
def test_a_name_is_text_whatever_it_says(visit: Visit, worker: MockWorker, search: str) -> None:
    worker.unit(NONG_SON)["name"] = TURNING
    worker.rows["H47.502"]["incident"] = EVIL
    page = visit(search)
    expect(page.get_by_text(EVIL, exact=True).first).to_be_attached()
    worker.set_figure(NONG_SON, 70, 100)  # it goes into the news and is spoken
    expect(page.locator("#spoken")).to_contain_text("<script>")
    spoken = page.locator("#spoken").inner_text()
    assert "\u202e" not in spoken
    assert spoken.endswith("70,0% (70/100)")
    assert page.evaluate("document.querySelectorAll('script, main img').length") == 1
    assert "Vùng xanh" in page.title()


# -- keyboard, screen readers ----------------------------------------------------------------------


def test_a_reader_with_a_keyboard_skips_to_the_content(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_focus_goes_to_a_view_that_was_chosen(visit: Visit) -> None:
    page = visit()
    page.get_by_role("link", name="Xếp hạng").press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_dialogs_have_no_serious_finding(visit: Visit, width: int, *, dark: bool) -> None:
    page = visit("?view=incidents", width, dark=dark, bypass_csp=True)  # axe writes styles
    page.locator("#sign").click()
    assert serious_findings(page) == []
    page.keyboard.press("Escape")
    page.goto(page.url.partition("?")[0] + "?as_of=2026-06-30T16:59:59.999Z")
    page.locator(".moment-button").click()
    assert serious_findings(page) == []


# -- the wall --------------------------------------------------------------------------------------


def test_a_wall_screen_goes_from_view_to_view(browser: Browser, worker: MockWorker) -> None:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.clock.install()
    page.goto(f"{worker.url}?kiosk=1")
    expect(page.locator(".view-map")).to_be_visible()
    expect(page.locator("#navigation")).to_be_hidden()
    page.clock.run_for(20_500)
    expect(page.locator(".view-ranking")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#kiosk-note")).to_contain_text("dừng")
    page.clock.run_for(60_000)
    expect(page.locator(".view-ranking")).to_be_visible()
    page.keyboard.press("Space")
    page.clock.run_for(20_500)
    expect(page.locator(".view-incidents")).to_be_visible()
    page.clock.run_for(20_500)
    expect(page.locator(".view-map")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#navigation")).to_be_visible()
    page.close()
