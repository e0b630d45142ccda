"""The explanation that is handed over: complete, in Vietnamese, self-contained, escaped."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from audit import explanation_words as words
from audit.explanation_page import Document, Writing, explanation_page
from indicators.definitions import DEFINITIONS
from indicators.dossier import Flag
from indicators.explain import explain
from indicators.known import Question
from indicators.windows import read_window
from schemas.event import EventType
from schemas.explanation import Counted, EventRole, Reason, Rule
from schemas.instants import read_instant
from tests.indicators.telling import VIET_NAM, at, fact

HOSTILE = "<script>alert('x')</script> \"&\u202e"


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def all_text(self) -> str:
        return " ".join(" ".join(self.text).split())


def page(unit: str = "u", name: str = "Sở Y tế", dossier: str = "D", event: str = "e") -> str:
    histories = {
        f"{dossier}-late": [
            fact("received", 1, due=30, event_id=event),
            fact("due_changed", 31, due=50),
            fact("completed", 45),
        ],
        f"{dossier}-back": [
            fact("received", 1, due=30),
            fact("supplement_requested", 2),
            fact("supplement_completed", 3),
            fact("completed", 20, event_id=f"{event}2"),
            fact("voided", 21, voids=f"{event}2"),
        ],
        f"{dossier}-open": [fact("received", 1, due=999)],
    }
    window = read_window("7d", VIET_NAM)
    question = Question("strict@1", window, at(100), VIET_NAM, at(90))
    found = explain(unit, histories, question, 3)
    document = Document(name, VIET_NAM, window.start(at(100)), "dossier-events", f"run {unit}", "x")
    return explanation_page(found, document)


def read(html: str) -> Seen:
    seen = Seen()
    seen.feed(html)
    seen.close()
    assert seen.open == []
    return seen


def without_words(tags: list[str]) -> list[str]:
    """The tags but for those of a command's words, which are as many as it has."""
    return [tag for tag in tags if tag != "span"]


def test_figure_dossiers_and_those_left_out() -> None:
    text = read(page()).all_text
    for said in (
        "Giải trình tỷ lệ giải quyết hồ sơ đúng hạn",
        "0,00 % (0 đúng hạn trên 2 hồ sơ được tính)",
        "7 ngày gần nhất (7d): từ 07/01/2024 04:00:00 đến trước 14/01/2024 04:00:00",
        "13/01/2024 18:00:00, chỉ gồm các bản ghi nhận được đến lúc đó",
        "Trễ hạn: 1 hồ sơ D-late quy tắc R3",
        "Quá hạn: 1 hồ sơ D-back quy tắc R1",
        "Hẹn trả: 11/01/2024 06:00:00 · Kết thúc: 11/01/2024 21:00:00 (đã xử lý xong)",
        "Lưu ý: ngày hẹn trả bị đổi sau khi đã qua hạn",
        "Tạm dừng: từ 10/01/2024 02:00:00 đến 10/01/2024 03:00:00",
        "Đã xử lý xong (đã bị thu hồi, không tính)",
        "Đang giải quyết, chưa quá hạn : 1 hồ sơ D-open",
        "Nguồn: dossier-events",
        "run u",
    ):
        assert said in text


def test_nothing_from_outside_is_markup() -> None:
    plain, hostile = read(page()), read(page(HOSTILE, HOSTILE, HOSTILE, HOSTILE))
    assert without_words(hostile.tags) == without_words(plain.tags)
    assert "script" not in hostile.tags
    assert hostile.all_text.count("<script>") >= 6


def test_nothing_is_fetched() -> None:
    seen = read(page())
    names = {name for name, _ in seen.attributes}
    assert not names & {"src", "href", "srcset", "action", "style"}
    assert not any(name.startswith("on") for name in names)
    assert "default-src 'none'; style-src 'unsafe-inline'" in dict(seen.attributes).values()
    assert "url(" not in page()
    assert "@import" not in page()


def test_all_has_words() -> None:
    assert set(words.REASONS) == set(get_args(Reason))
    assert set(words.RULES) == set(get_args(Rule))
    assert set(words.COUNTED_AS) == set(words.COUNTED_MEANS) == set(get_args(Counted))
    assert set(words.ROLES) == set(get_args(EventRole))
    assert set(words.TYPES) == set(get_args(EventType))
    assert set(words.FLAGS) == set(get_args(Flag))
    assert set(words.DEFINITIONS) == set(DEFINITIONS)
    assert words.definition_text("x@1") == "x@1"
    assert words.window_text("half") == "từ đầu nửa năm"
    assert words.window_text("decade") == "decade"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2026-06-30T17:00:00+07:00", "30/06/2026 17:00:00"),
        ("2026-06-30T17:00:00.250+07:00", "30/06/2026 17:00:00,250"),
        ("2026-06-30T17:00:00.000001+07:00", "30/06/2026 17:00:00,000001"),
        ("2026-06-30T23:59:59.999999+07:00", "hết ngày 30/06/2026"),
        ("2026-06-30T17:00:00Z", "01/07/2026 00:00:00"),
    ],
)
def test_instants(instant: str, text: str) -> None:
    assert Writing(ZoneInfo("Asia/Ho_Chi_Minh")).instant(read_instant(instant)) == text


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (0, 0, "không có"),
        (8_999_999, 10_000_000, "89,99 %"),
        (9, 10, "90,00 %"),
        (1, 1, "100,00 %"),
    ],
)
def test_a_percentage_is_cut(numerator: int, denominator: int, text: str) -> None:
    assert Writing(VIET_NAM).percent(numerator, denominator) == text
