"""The view of the monitor's own state in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from schemas.dead_letter import Reason
from tests.browser.axe import serious_findings
from tests.browser.conftest import Visit
from tests.browser.mock_worker import EVIL, MockWorker
from tests.browser.word_checks import assert_same_shape, assert_words_for

pytestmark = pytest.mark.browser

MONITOR = "?view=monitor"
RESULTS = ["folded", "duplicate", "dead_letter", "forwarded"]


def ill(worker: MockWorker) -> dict[str, Any]:
    """A monitor of which much is wrong."""
    state = worker.monitor()
    state["partitions"][3] |= {"owner": None, "clock": None, "lag": None}
    state["partitions"][5]["lag"] = 12_345
    state["workers"].append(
        state["workers"][0]
        | {"worker_id": "worker-2", "alive": False, "telling": True, "partitions": []}
    )
    state["stale_units"] = [{"unit_id": "H47.504", "since": "2026-06-11T01:00:00.000Z"}]
    state["notifier"] = {"worker_id": None, "waiting": 7, "failed_last_hour": 2}
    return state


def test_every_dead_letter_has_its_reason_in_words(plain_page: Page) -> None:
    assert_words_for(plain_page, "monitor", "reasons", [reason.value for reason in Reason])
    assert_words_for(plain_page, "monitor", "kinds", RESULTS)
    assert_same_shape(plain_page, "monitor")


def test_a_monitor_that_is_well(visit: Visit) -> None:
    page = visit(MONITOR)
    expect(page.locator(".health")).to_have_text("✓Hệ thống hoạt động bình thường.")
    tiles = page.locator(".monitor-tiles .tile b")
    assert tiles.all_inner_texts()[1:] == ["0", "1 trên 1", "4"]
    partitions = page.get_by_role("region", name="Phân vùng").first
    expect(partitions.locator("tbody tr")).to_have_count(8)
    expect(page.locator(".workers tbody tr")).to_contain_text("đang chạy, gửi tin")
    letters = page.get_by_role("region", name="Bản ghi không dùng được, theo lý do").first
    assert letters.locator("tbody tr th").all_inner_texts() == [
        "Không đúng dạng sự kiện",
        "Không phải JSON",
    ]


def test_what_is_wrong_is_said_first_in_sentences(visit: Visit, worker: MockWorker) -> None:
    worker.overrides["/api/monitor"] = ill(worker)
    page = visit(MONITOR)
    expect(page.locator(".health p")).to_contain_text("Có 6 việc cần xem")
    assert page.locator(".health li").all_inner_texts() == [
        "Phân vùng 3 không có máy nào phụ trách: số liệu các đơn vị ở đó đứng yên.",
        "Máy không còn trả lời: worker-2.",
        "Còn 12.345 bản ghi chưa xử lý.",
        "1 đơn vị không có dữ liệu mới lâu hơn thường lệ.",
        "Không có máy nào phụ trách gửi tin.",
        "2 tin không gửi được trong một giờ qua.",
    ]
    gone = page.locator(".workers tbody tr").nth(1)
    expect(gone).to_contain_text("không trả lời")
    expect(gone).not_to_contain_text("gửi tin")


def test_it_moves_by_itself(visit: Visit, worker: MockWorker) -> None:
    page = visit(MONITOR)
    expect(page.locator(".health.well")).to_be_visible()
    worker.push("monitor", ill(worker))
    expect(page.locator(".health.ill")).to_be_visible()
    worker.push("monitor", worker.monitor())
    expect(page.locator(".health.well")).to_be_visible()


def test_a_silent_unit_is_named_and_leads_to_its_view(visit: Visit, worker: MockWorker) -> None:
    worker.rows["H47.504"]["stale_since"] = "2026-06-11T01:00:00.000Z"
    page = visit(MONITOR)
    stale = page.get_by_role("region", name="Đơn vị không có dữ liệu mới").first
    expect(stale).to_contain_text("08:00 ngày 11/06/2026")
    stale.get_by_role("link", name="Tây Giang").click()
    expect(page.locator(".unit-head h2")).to_contain_text("Tây Giang")


def test_the_past_still_shows_the_monitor_of_now(visit: Visit) -> None:
    page = visit(f"{MONITOR}&as_of=2026-06-30T17:00:00.000Z")
    expect(page.locator(".view-head")).to_contain_text("luôn cho thấy tình trạng lúc này")


def test_an_installation_without_data_and_without_a_notifier(
    visit: Visit, worker: MockWorker
) -> None:
    state = worker.monitor() | {"data_to": None, "notifier": None}
    state["dead_letters"] = {"total": 0, "by_reason": {}}
    for partition in state["partitions"]:
        partition |= {"clock": None, "lag": None}
    worker.overrides["/api/monitor"] = state
    page = visit(MONITOR)
    expect(page.locator(".health li")).to_have_text("Chưa có dữ liệu nào.")
    expect(page.locator(".monitor-tiles .tile b").first).to_have_text("–")
    expect(page.get_by_text("Không có bản ghi nào bị loại.")).to_be_visible()
    expect(page.get_by_text("không gửi tin cho ai")).to_be_visible()


def test_names_of_workers_are_text_whatever_they_say(visit: Visit, worker: MockWorker) -> None:
    state = ill(worker)
    state["workers"][1] |= {"worker_id": EVIL, "url": EVIL, "version": EVIL}
    state["dead_letters"]["by_reason"] = {EVIL: 4}
    worker.overrides["/api/monitor"] = state
    page = visit(MONITOR)
    expect(page.locator(".workers tbody th").nth(1)).to_have_text(EVIL)
    assert page.locator("main :is(script, img)").count() == 0
    assert page.title() != "caught"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_nothing_is_wider_than_a_phone(visit: Visit, worker: MockWorker, lang: str) -> None:
    worker.overrides["/api/monitor"] = ill(worker)
    page = visit(f"{MONITOR}&lang={lang}", 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_read_it(visit: Visit, worker: MockWorker, width: int, dark: bool) -> None:
    worker.overrides["/api/monitor"] = ill(worker)
    assert serious_findings(visit(MONITOR, width, dark=dark, bypass_csp=True)) == []
