"""The page in a real browser before two real workers on a real Kafka."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import serious_findings
from tests.browser.conftest import Guard, Visit
from tests.browser.live_province import (
    ACTOR,
    GREEN,
    HARMLESS,
    HELD_BY_NOBODY,
    HISTORY,
    NASTY,
    RECOVERED,
    RED,
    RETURNING,
    TOKEN,
    TOLD_LATE,
    TURNING,
    YELLOW,
    ZONES,
    LiveProvince,
    LiveWorker,
    ended,
    live_province,
)
from tests.commands import PATIENCE_S
from vungxanh.local_kafka import LocalKafka

pytestmark = pytest.mark.browser

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# The wall clock of the browser when a unit's shape first has another zone than now.
WATCH = """(unit) => {
  const zone = () => document.querySelector(`.map-unit[data-unit="${unit}"]`)?.dataset.zone;
  const before = zone();
  new MutationObserver(() => { if (zone() !== before) window.turnedAt ??= Date.now(); }).observe(
    document.body, { subtree: true, childList: true, attributes: true },
  );
  window.sameDocument = true;
}"""


@pytest.fixture(scope="module")
def province(kafka: LocalKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProvince]:
    with live_province(kafka, tmp_path_factory.mktemp("live")) as made:
        yield made


@pytest.fixture
def worker(province: LiveProvince) -> LiveWorker:
    """In place of the stand-in: `visit` and `guard` are of this one's page."""
    return province.here


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Real workers on a busy machine may take their time."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


def shape(page: Page, unit_id: str) -> Locator:
    return page.locator(f'.map-unit[data-unit="{unit_id}"]')


def figure(page: Page, unit_id: str) -> Locator:
    """Numerator and denominator in the ranking."""
    return page.locator(f'tr[data-unit="{unit_id}"] td.numerator')


def choose_moment(page: Page, moment: datetime, known: str) -> None:
    """By the dialog; `known` is the label of the choice."""
    page.locator(".moment-button").click()
    page.get_by_label("Ngày", exact=True).fill(f"{moment.astimezone(ZONE):%Y-%m-%d}")
    page.get_by_label("Giờ", exact=True).fill(f"{moment.astimezone(ZONE):%H:%M}")
    page.get_by_label(known).check()
    page.get_by_role("button", name="Xem", exact=True).click()


def tab_to(page: Page, selector: str) -> None:
    """As somebody without a mouse gets there."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"no way to {selector} by the Tab key")


def test_the_map_colours_the_right_units(visit: Visit, province: LiveProvince) -> None:
    province.receive(GREEN)
    page = visit()
    expect(page.locator("body")).to_have_attribute("data-live", "live")
    expect(page.locator(".map-unit")).to_have_count(18)
    for unit_id in page.locator(".map-unit").evaluate_all("all => all.map((a) => a.dataset.unit)"):
        zone = ZONES.get(unit_id, "grey")
        expect(shape(page, unit_id)).to_have_attribute("data-zone", zone)
        expect(shape(page, unit_id).locator("path")).to_have_attribute("fill", f"url(#map-{zone})")


def test_units_of_both_workers_are_shown_in_all_depth(visit: Visit, province: LiveProvince) -> None:
    for owner in (province.here, province.there):
        units = province.of(owner, (GREEN, YELLOW, RED, NASTY))  # one of each partition
        assert units
        for unit_id in units:
            [(on_time, late, _)] = HISTORY[unit_id]
            whole = on_time + late
            page = visit(f"?view=unit&unit={unit_id}")
            expect(page.locator(".figure-parts")).to_have_text(
                f"{on_time} trên {whole} hồ sơ đúng hạn"
            )
            expect(page.locator(".unit-view > .card")).to_have_count(10)
            expect(page.locator(".unit-view > .notice")).to_have_count(0)
            page.get_by_role("link", name="Vì sao có số này?").first.click()
            expect(page.locator(".dossier-row")).to_have_count(whole)


def test_both_languages(visit: Visit) -> None:
    page = visit(f"?view=unit&unit={YELLOW}")
    expect(page.locator(".figure-line")).to_contain_text("85,0%")
    expect(page.locator(".figure-line .zone-mark")).to_have_text("Vàng")
    page.get_by_role("link", name="EN, English").click()
    expect(page.locator(".figure-line")).to_contain_text("85.0%")
    expect(page.locator(".figure-line .zone-mark")).to_have_text("Yellow")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".figure-line")).to_contain_text("85.0%")


VIEWS = ["", "?view=ranking", f"?view=unit&unit={RED}", f"?view=explain&unit={RED}"]


@pytest.mark.parametrize("search", [*VIEWS, "?view=incidents", "?view=monitor"])
def test_no_serious_finding(visit: Visit, search: str) -> None:
    page = visit(search, bypass_csp=True)  # axe writes styles
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    assert serious_findings(page) == []


@pytest.mark.parametrize(
    "search",
    [
        "",
        "?view=ranking",
        "?view=incidents",
        *(f"?view={v}&unit={NASTY}" for v in ("unit", "explain")),
    ],
)
def test_a_name_is_text_whatever_it_says(visit: Visit, search: str) -> None:
    page = visit(search)
    expect(page.locator("main").get_by_text(HARMLESS).first).to_be_attached()
    assert not set("\u202e\u2067\u200f") & set(page.locator("body").text_content() or "")
    assert page.locator("main :is(script, img)").count() == 0
    assert page.locator("script").count() == 1


def test_from_the_map_to_a_dossier_and_by_its_link_again(visit: Visit) -> None:
    page = visit()
    shape(page, RED).locator("path").click()
    expect(page.locator(".figure-parts")).to_have_text("10 trên 20 hồ sơ đúng hạn")
    page.get_by_role("link", name="Vì sao có số này?").first.click()
    page.get_by_role("link", name=re.compile("^Trễ hạn")).click()
    expect(page.locator(".dossier-row")).to_have_count(10)
    page.locator(f'.dossier-row[data-dossier="{RED}-8-19"]').click()
    expect(page.locator(".dossier-detail")).to_have_attribute("data-counted", "late")
    expect(page.locator(".dossier-detail tbody tr")).to_have_count(2)
    shown = page.locator(".dossier-detail").inner_text()
    linked = visit(f"?{page.url.partition('?')[2]}")
    expect(linked.locator(".dossier-detail tbody tr")).to_have_count(2)
    assert linked.locator(".dossier-detail").inner_text() == shown
    for _ in ("the dossier", "the late ones"):
        page.go_back()
    expect(page.locator(".dossier-row")).to_have_count(20)
    page.go_back()
    expect(page.locator(".view-unit")).to_be_visible()
    page.go_back()
    expect(page.locator(".view-map")).to_be_visible()


def test_from_the_map_to_a_dossier_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    expect(page.locator(".map-unit")).to_have_count(18)
    tab_to(page, f'.map-unit[data-unit="{RED}"]')
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator(".figure-parts")).to_have_text("10 trên 20 hồ sơ đúng hạn")
    tab_to(page, "main a.button.main")
    page.keyboard.press("Enter")
    expect(page.locator(".dossier-row")).to_have_count(20)
    tab_to(page, ".dossier-row")
    page.keyboard.press("Enter")
    expect(page.locator(".dossier-detail tbody tr")).to_have_count(2)
    expect(page.locator(".dossier-row").first).to_be_focused()


# -- the past --------------------------------------------------------------------------------------


def test_a_past_moment_by_dialog_link_and_back(visit: Visit, province: LiveProvince) -> None:
    page = visit()
    expect(shape(page, RECOVERED)).to_have_attribute("data-zone", "green")
    choose_moment(page, province.now - timedelta(days=10), "Biết đến nay")
    expect(shape(page, RECOVERED)).to_have_attribute("data-zone", "red")
    expect(shape(page, YELLOW)).to_have_attribute("data-zone", "grey")  # its ends came later
    linked = visit(f"?{page.url.partition('?')[2]}")
    expect(shape(linked, RECOVERED)).to_have_attribute("data-zone", "red")
    linked.get_by_role("button", name="Về hiện tại").click()
    expect(shape(linked, RECOVERED)).to_have_attribute("data-zone", "green")


def test_what_arrives_late_changes_what_is_known_now_of_the_past(
    visit: Visit, province: LiveProvince
) -> None:
    late = ended(TOLD_LATE, "told-late", province.now - timedelta(days=12), late=True)
    page = visit("?view=ranking")
    expect(figure(page, TOLD_LATE)).to_have_text("10/10")
    province.publish(*late)
    expect(figure(page, TOLD_LATE)).to_have_text("10/11")
    moment = province.now - timedelta(days=10)
    choose_moment(page, moment, "Biết lúc đó")
    expect(figure(page, TOLD_LATE)).to_have_text("10/10")
    choose_moment(page, moment, "Biết đến nay")
    expect(figure(page, TOLD_LATE)).to_have_text("10/11")
    page.get_by_role("link", name="Duy Xuyên").click()
    expect(page.locator(".figure-parts")).to_have_text("10 trên 11 hồ sơ đúng hạn")


# -- news ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["here", "there"])
def test_an_event_turns_a_unit_without_loading(
    visit: Visit, province: LiveProvince, owner: str
) -> None:
    unit_id = province.of(getattr(province, owner), TURNING)[0]
    page = visit()
    expect(shape(page, unit_id)).to_have_attribute("data-zone", "green")
    page.evaluate(WATCH, unit_id)
    dossier = province.end_late(unit_id)
    expect(shape(page, unit_id)).to_have_attribute("data-zone", "yellow")
    expect(page.locator(".news li")).to_contain_text("Xanh → Vàng, 81,8% (9/11)")
    assert page.evaluate("window.sameDocument")
    [*_, event] = province.here.get(f"api/dossiers/{unit_id}/{dossier}")["events"]
    arrived = datetime.fromisoformat(event["arrived_at"]).timestamp()
    print(f"{unit_id} ({owner}): turned {page.evaluate('turnedAt') / 1000 - arrived:.2f} s after")


def test_who_signs_in_takes_an_incident_on(visit: Visit) -> None:
    page = visit(f"?view=incidents&unit={HELD_BY_NOBODY}")
    card = page.locator(".incident-card.open")
    expect(card).to_contain_text("Chưa ai nhận")
    expect(card.get_by_role("button", name="Nhận xử lý")).to_have_count(0)
    page.locator("#sign").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Mã truy cập").fill(TOKEN)
    dialog.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator("#who")).to_have_text(ACTOR)
    page.evaluate("window.sameDocument = true")
    card.get_by_role("button", name="Nhận xử lý").click()
    dialog.get_by_label("Lời nhắn").fill("đang xử lý")
    dialog.get_by_role("button", name="Nhận xử lý").click()
    expect(card).to_contain_text(re.compile(rf"{ACTOR} nhận lúc \d\d:\d\d"))
    expect(card.locator(".steps li").last).to_contain_text("đang xử lý")
    expect(card.get_by_role("button", name="Nhận xử lý")).to_have_count(0)
    assert page.evaluate("window.sameDocument")
    assert page.evaluate("document.cookie") == ""


def test_the_page_lives_on_when_its_worker_was_killed(
    visit: Visit, province: LiveProvince, guard: Guard
) -> None:
    guard.expected = ["net::ERR_", "503"]
    province.receive(RETURNING)
    page = visit()
    body = page.locator("body")
    expect(body).to_have_attribute("data-live", "live")
    page.evaluate("window.sameDocument = true")
    province.here.kill()
    expect(body).to_have_attribute("data-live", "lost")
    expect(page.locator("#warning")).to_contain_text("Mất kết nối")
    expect(shape(page, RETURNING)).to_have_attribute("data-zone", "green")  # the last one known
    province.here.start()
    expect(body).to_have_attribute("data-live", "live", timeout=PATIENCE_S * 1_000)
    expect(page.locator("#missing")).to_be_hidden(timeout=PATIENCE_S * 1_000)
    province.end_late(RETURNING)
    expect(shape(page, RETURNING)).to_have_attribute(
        "data-zone", "yellow", timeout=PATIENCE_S * 1_000
    )
    assert page.evaluate("window.sameDocument")
