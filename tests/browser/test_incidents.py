"""The view of incidents in a real browser: who holds them, what was told, what people may do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from schemas.notification import OUTCOMES, RecordKind, Why
from schemas.step import STEP_KINDS
from tests.browser import mock_answers_incidents as made_up
from tests.browser.axe import serious_findings
from tests.browser.conftest import Guard, Visit
from tests.browser.mock_province import iso
from tests.browser.mock_worker import EVIL, MockWorker
from tests.browser.word_checks import assert_same_shape, assert_words_for

pytestmark = pytest.mark.browser

INCIDENTS = "?view=incidents"
UNHELD = "H47.511/resolved@1/2"
PHUOC_SON = "Phước Sơn"
TAY_GIANG = "Tây Giang"


class Deeds:
    """What a page sent, and what it is answered."""

    def __init__(self, page: Page) -> None:
        self.sent: list[tuple[str, str, Any]] = []  # method, path, body
        self.status, self.body = 201, '{"silence_id": "act-122"}'
        for path in ("**/acknowledge", "**/api/silences", "**/api/silences/*"):
            page.route(path, self._answer)

    def _answer(self, route: Route) -> None:
        asked = route.request
        if asked.method == "GET":
            route.continue_()
            return
        assert (asked.headers["content-type"]) == "application/json"
        self.sent.append(
            (asked.method, unquote(urlsplit(asked.url).path), json.loads(asked.post_data or ""))
        )
        route.fulfill(status=self.status, content_type="application/json", body=self.body)


@pytest.fixture
def acting(visit: Visit, worker: MockWorker) -> Callable[..., tuple[Page, Deeds]]:
    """The page of somebody who may act."""

    def opened(search: str = INCIDENTS) -> tuple[Page, Deeds]:
        worker.directory["access"] |= {"may_act": True, "who": "Lê Thị Hoa"}
        page = visit(search)
        return page, Deeds(page)

    return opened


def kinds_of(union: object) -> Iterable[str]:
    """All texts of a union of Literals."""
    for part in get_args(union):
        yield from [part] if isinstance(part, str) else kinds_of(part)


@pytest.mark.parametrize(
    ("table", "members"),
    [
        ("whys", [why.value for why in Why]),
        ("outcomes", list(OUTCOMES)),
        ("kinds", sorted({*STEP_KINDS, *kinds_of(RecordKind)} - {"acknowledge"})),
        ("kinds", ["acknowledge", "silence", "unsilence"]),
    ],
)
def test_every_reason_outcome_and_kind_has_words(
    plain_page: Page, table: str, members: list[str]
) -> None:
    assert_words_for(plain_page, "incidents", table, members)


def test_both_languages_say_the_same_things(plain_page: Page) -> None:
    assert_same_shape(plain_page, "incidents")


def test_open_ones_come_first_with_who_holds_them(visit: Visit) -> None:
    page = visit(INCIDENTS)
    cards = page.locator(".incident-card")
    names = cards.locator("h3").all_inner_texts()
    assert names == [PHUOC_SON, TAY_GIANG, "Đại Lộc", PHUOC_SON, TAY_GIANG]
    expect(cards.nth(0)).to_contain_text("Chưa ai nhận")
    expect(cards.nth(1)).to_contain_text(re.compile(r"Trần Văn Bình nhận lúc \d\d:\d\d ngày"))
    expect(cards.nth(1)).to_contain_text("tạm ngừng đến")
    expect(cards.nth(2)).to_contain_text("kéo dài 3 ngày")
    expect(page.locator(".view-head h2")).to_have_text("Cảnh báo (2)")


def test_steps_are_told_in_order_with_their_figures(visit: Visit) -> None:
    steps = visit(INCIDENTS).locator(".incident-card").first.locator(".steps li")
    assert steps.locator("b").all_inner_texts() == [
        "Rời vùng xanh",
        "Xấu đi: từ vàng xuống đỏ",
        "Nhắc lại",
        "Chuyển lên cấp trên",
    ]
    expect(steps.nth(0)).to_contain_text("89,9% (741/824)")
    expect(steps.nth(3)).to_contain_text("cấp 2")


def test_a_step_leads_to_the_dossiers_behind_it_as_known_then(visit: Visit) -> None:
    page = visit(INCIDENTS)
    page.locator(".steps a").first.click()
    expect(page.locator(".explain-head")).to_be_visible()
    query = urlsplit(page.url).query
    assert "view=explain" in query
    assert "known=then" in query
    assert "unit=H47.511" in query
    assert "as_of=" in query


def test_what_was_told_to_whom_and_why_is_told_in_words(visit: Visit) -> None:
    card = visit(INCIDENTS).locator(".incident-card").first
    card.locator("summary", has_text="Đã báo cho ai, vì sao (5)").click()
    rows = card.locator(".decisions tbody tr")
    expect(rows).to_have_count(5)
    newest = rows.nth(0).locator("td").all_inner_texts()
    assert newest == [
        "Chuyển lên cấp trên",
        "không có",
        "Không gửi",
        "chưa khai người nhận cho đơn vị này",
        "",
    ]
    expect(rows.nth(1)).to_contain_text(
        re.compile(r"Lỗi, sẽ gửi lại.*kênh gửi bị lỗi; đến .*; lần thử 2; timed out", re.DOTALL)
    )
    expect(rows.nth(2)).to_contain_text("ngoài giờ làm việc, chờ đến giờ; đến")
    expect(rows.nth(4)).to_contain_text("báo lần đầu")


def test_who_may_not_act_is_told_how_to(visit: Visit) -> None:
    page = visit(INCIDENTS)
    expect(page.get_by_role("button", name="Nhận xử lý")).to_have_count(0)
    expect(page.get_by_role("button", name="Báo trở lại")).to_have_count(0)
    page.locator(".sign-hint button").click()
    expect(page.locator("#sign-dialog")).to_be_visible()


def test_taking_an_incident_on(
    acting: Callable[..., tuple[Page, Deeds]], worker: MockWorker
) -> None:
    page, deeds = acting()
    page.locator(".incident-card").first.get_by_role("button", name="Nhận xử lý").click()
    dialog = page.get_by_role("dialog", name=f"Nhận xử lý cảnh báo của {PHUOC_SON}")
    dialog.get_by_label("Lời nhắn").fill("  xử lý ngay ")
    dialog.get_by_role("button", name="Nhận xử lý").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".said-done")).to_have_text("Đã ghi nhận.")
    expected = ("POST", f"/api/incidents/{UNHELD}/acknowledge", {"reason": "xử lý ngay"})
    assert deeds.sent == [expected]
    # What came of it is shown once the step has been written.
    taken_on = made_up.incidents()
    taken_on[0] |= {"acknowledged_by": "Lê Thị Hoa", "acknowledged_at": iso(made_up.NOW)}
    worker.overrides["/api/incidents"] = {"incidents": taken_on[:2], "next": None}
    worker.push("step", {"unit_id": "H47.511", "kind": "acknowledged"})
    expect(page.locator(".incident-card").first).to_contain_text("Lê Thị Hoa nhận lúc")
    first = page.locator(".incident-card").first
    expect(first.get_by_role("button", name="Nhận xử lý")).to_have_count(0)


def test_a_refusal_is_told_in_the_servers_words_and_can_be_tried_again(
    acting: Callable[..., tuple[Page, Deeds]], guard: Guard
) -> None:
    guard.expected.append("409")
    page, deeds = acting()
    deeds.status, deeds.body = 409, json.dumps({"error": f"closed already {EVIL}"})
    page.locator(".incident-card").first.get_by_role("button", name="Nhận xử lý").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Nhận xử lý").click()
    expect(dialog.get_by_role("alert")).to_have_text(f"Không thực hiện được: closed already {EVIL}")
    deeds.status, deeds.body = 202, "{}"
    dialog.get_by_role("button", name="Nhận xử lý").click()
    expect(dialog).to_have_count(0)
    assert [body for _, _, body in deeds.sent] == [{}, {}]


def test_silencing_needs_a_reason_and_says_of_what_and_how_long(
    acting: Callable[..., tuple[Page, Deeds]], worker: MockWorker
) -> None:
    page, deeds = acting()
    page.locator(".incident-card").nth(1).get_by_role("button", name="Tạm ngừng báo").click()
    dialog = page.get_by_role("dialog", name="Tạm ngừng báo")
    assert dialog.get_by_label("Phạm vi").locator("option").all_inner_texts() == [
        "Chỉ Tây Giang",
        "Tây Giang và mọi đơn vị trực thuộc",
        "Mọi đơn vị",
    ]
    dialog.get_by_label("Phạm vi").select_option("Tây Giang và mọi đơn vị trực thuộc")
    dialog.get_by_label("Trong bao lâu").select_option("1 ngày")
    dialog.get_by_label("Lý do").fill("   ")
    dialog.get_by_role("button", name="Tạm ngừng báo").click()
    expect(dialog.get_by_role("alert")).to_have_text("Hãy ghi lý do.")
    assert deeds.sent == []
    dialog.get_by_label("Lý do").fill("bảo trì")
    before = worker.time()
    dialog.get_by_role("button", name="Tạm ngừng báo").click()
    expect(dialog).to_have_count(0)
    [(method, path, body)] = deeds.sent
    assert (method, path) == ("POST", "/api/silences")
    assert (body["scope"], body["reason"]) == ("H47.504/*", "bảo trì")
    day = datetime.fromisoformat(body["until"]) - before
    assert abs(day - timedelta(days=1)) < timedelta(minutes=1)


def test_escape_closes_a_dialog_and_gives_the_focus_back(
    acting: Callable[..., tuple[Page, Deeds]],
) -> None:
    page, deeds = acting()
    button = page.locator(".incident-card").first.get_by_role("button", name="Nhận xử lý")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Lời nhắn")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert deeds.sent == []


def test_silences_in_force_can_be_lifted(
    acting: Callable[..., tuple[Page, Deeds]], worker: MockWorker
) -> None:
    page, deeds = acting()
    rows = page.locator(".silences li")
    expect(rows.nth(0)).to_contain_text("Chỉ Tây Giang")
    expect(rows.nth(0)).to_contain_text("chuyển hệ thống một cửa")
    expect(rows.nth(1)).to_contain_text("Quảng Nam và mọi đơn vị trực thuộc")
    worker.overrides["/api/silences"] = {"silences": made_up.silences()[1:]}
    rows.nth(0).get_by_role("button", name="Báo trở lại").click()
    expect(rows).to_have_count(1)
    assert deeds.sent == [("DELETE", "/api/silences/act-120", {})]


def test_the_incidents_of_one_unit(visit: Visit, worker: MockWorker) -> None:
    page = visit(f"{INCIDENTS}&unit=H47.504")
    assert page.locator(".incident-card h3").all_inner_texts() == [TAY_GIANG, TAY_GIANG]
    expect(page.locator(".of-unit")).to_contain_text("Chỉ của đơn vị Tây Giang")
    page.get_by_role("link", name="Xem mọi đơn vị").click()
    expect(page.locator(".incident-card")).to_have_count(5)


def test_more_of_the_past_on_demand(visit: Visit, worker: MockWorker) -> None:
    closed = made_up.incidents()[2]
    many = [closed | {"incident_id": f"H47.506/resolved@1/{n}"} for n in range(30)]
    page_ = {"incidents": many[:20], "next": "more"}
    worker.overrides["/api/incidents"] = page_
    page = visit(INCIDENTS)
    worker.overrides["/api/incidents"] = {"incidents": many, "next": None}
    page.get_by_role("link", name="Xem thêm").click()
    expect(page.locator(".past-incidents .incident-card")).to_have_count(30)
    assert "past=70" in page.url
    limits = [query["limit"] for path, query, _ in worker.asked if query.get("state") == "closed"]
    assert limits == ["20", "70"]


def test_a_past_instant_shows_what_was_open_and_known_then(visit: Visit) -> None:
    opened = made_up.NOW - timedelta(days=2, hours=3)
    page = visit(f"{INCIDENTS}&as_of={iso(opened + timedelta(minutes=20))}")
    cards = page.locator(".incident-card")
    assert cards.locator("h3").all_inner_texts() == [TAY_GIANG, "Đại Lộc", PHUOC_SON, TAY_GIANG]
    expect(cards.first).to_contain_text("Chưa ai nhận")  # taken on after 41 minutes
    expect(cards.first.locator(".steps li")).to_have_count(1)
    expect(page.get_by_role("button", name="Nhận xử lý")).to_have_count(0)
    in_between = made_up.NOW - timedelta(days=7)
    page = visit(f"{INCIDENTS}&as_of={iso(in_between)}")
    first = page.locator(".incident-card").first
    expect(first).to_contain_text("Đại Lộc")
    expect(first.locator(".zone-mark").first).to_have_text("Vàng")  # improved, not closed yet


def test_one_whose_opening_is_no_longer_kept(visit: Visit, worker: MockWorker) -> None:
    first = made_up.incidents()[0] | {"opened_at": None, "steps": [], "decisions": []}
    worker.overrides["/api/incidents"] = {"incidents": [first], "next": None}
    card = visit(INCIDENTS).locator(".incident-card").first
    expect(card).to_contain_text("không còn lưu")
    expect(card.locator(".zone-mark").first).to_have_text("Đỏ")


def test_no_incidents_at_all(visit: Visit, worker: MockWorker) -> None:
    worker.overrides["/api/incidents"] = {"incidents": [], "next": None}
    worker.overrides["/api/silences"] = {"silences": []}
    page = visit(INCIDENTS)
    assert page.locator(".none").all_inner_texts() == [
        "Không có cảnh báo nào đang mở.",
        "Không có lệnh tạm ngừng nào.",
        "Chưa có cảnh báo nào đã đóng.",
    ]


def test_a_new_incident_comes_by_itself(visit: Visit, worker: MockWorker) -> None:
    worker.overrides["/api/incidents"] = {"incidents": [], "next": None}
    page = visit(INCIDENTS)
    expect(page.locator(".incident-card")).to_have_count(0)
    del worker.overrides["/api/incidents"]
    worker.push("step", {"unit_id": "H47.511", "kind": "opened"})
    expect(page.locator(".incident-card").first).to_contain_text(PHUOC_SON)


def test_names_and_reasons_are_text_whatever_they_say(visit: Visit, worker: MockWorker) -> None:
    worker.unit("H47.511")["name"] = EVIL
    found = made_up.incidents()
    found[0]["acknowledged_by"] = EVIL
    found[0]["steps"][1] |= {"author": EVIL, "reason": EVIL, "kind": EVIL}
    found[0]["decisions"][0] |= {"recipient": EVIL, "detail": EVIL, "why": EVIL, "channel": EVIL}
    worker.overrides["/api/incidents"] = {"incidents": found[:1], "next": None}
    silence = made_up.silences()[0] | {"author": EVIL, "reason": EVIL, "scope": EVIL}
    worker.overrides["/api/silences"] = {"silences": [silence]}
    page = visit(INCIDENTS)
    card = page.locator(".incident-card").first
    expect(card.locator("h3")).to_have_text(EVIL)
    expect(card.locator(".steps li").nth(1)).to_contain_text(f"“{EVIL}”")
    expect(page.locator(".silences .scope")).to_have_text(f"Chỉ {EVIL}")
    assert page.locator("main :is(script, img)").count() == 0
    assert page.title() != "caught"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_nothing_is_wider_than_a_phone(visit: Visit, lang: str) -> None:
    page = visit(f"{INCIDENTS}&lang={lang}", 390, 844)
    page.locator(".incident-card details summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_read_it(visit: Visit, worker: MockWorker, width: int, dark: bool) -> None:
    worker.directory["access"] |= {"may_act": True, "who": "Lê Thị Hoa"}
    page = visit(INCIDENTS, width, dark=dark, bypass_csp=True)
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    assert serious_findings(page) == []
    page.locator(".incident-card").first.get_by_role("button", name="Tạm ngừng báo").click()
    assert serious_findings(page) == []
