"""The comparison that is handed over: complete, in Vietnamese, self-contained, escaped."""

from __future__ import annotations

from typing import get_args

import pytest

from audit import explanation_words as words
from audit.comparison_page import comparison_page
from audit.explanation_page import Document, Writing
from indicators.known import Question
from indicators.versus import side, versus
from indicators.windows import read_window
from schemas.comparison import By, Change
from tests.audit.test_explain_page import HOSTILE, read, without_words
from tests.indicators.telling import VIET_NAM, at, fact

WINDOW = read_window("7d", VIET_NAM)


def page(unit: str = "u", name: str = "Sở Y tế", dossier: str = "D", event: str = "e") -> str:
    received = fact("received", 1, due=30)
    histories = {
        f"{dossier}-back": [
            received,
            fact("completed", 20, event_id=event),
            fact("voided", 60, voids=event),
        ],
        f"{dossier}-open": [fact("received", 1, due=50)],
        f"{dossier}-out": [fact("completed", -80, due=20, event_id=f"{event}2")],
        f"{dossier}-same": [received],
        f"{dossier}-none": [fact("completed", 3)],
    }
    a = Question("strict@1", WINDOW, at(45), VIET_NAM, at(44))
    b = a._replace(at=at(100), known=None)
    found = versus(side(unit, histories, a, 3), side(unit, histories, b, 3))
    start = WINDOW.start(at(45))
    document = Document(name, VIET_NAM, start, "dossier-events", f"run {unit}", "x")
    return comparison_page(found, document, WINDOW.start(at(100)))


def test_both_figures_and_every_dossier() -> None:
    text = read(page()).all_text
    for said in (
        "Đối chiếu hai số liệu giải quyết hồ sơ đúng hạn",
        "Số liệu A 66,66 % (2 đúng hạn trên 3 hồ sơ được tính)",
        "11/01/2024 20:00:00, chỉ gồm các bản ghi nhận được đến lúc đó",
        "Số liệu B 0,00 % (0 đúng hạn trên 3 hồ sơ được tính)",
        "theo mọi bản ghi có đến nay",
        "từ 07/01/2024 04:00:00 đến trước 14/01/2024 04:00:00",
        "Đúng hạn (tử số): −2 · Được tính (mẫu số): 0",
        "Được tính như nhau ở A và B 1",
        "Không tính ở A, được tính ở B: 1 hồ sơ D-open tử số 0, mẫu số +1; khác nhau do thời gian",
        "A: không được tính: Đang giải quyết, chưa quá hạn · Hẹn trả: 12/01/2024 02:00:00",
        "B: Quá hạn (quy tắc R6)",
        "Được tính ở A, không tính ở B: 1 hồ sơ D-out tử số −1, mẫu số −1",
        "B: không được tính: Kết thúc trước kỳ tính",
        "1 hồ sơ D-back tử số −1, mẫu số 0; khác nhau do các sự kiện dưới đây",
        "Đã xử lý xong: đã bị thu hồi, không tính (B) 10/01/2024 20:00:00",
        "Thu hồi sự kiện đã ghi e : chưa có trong dữ liệu ghi nhận đến lúc đó (A)",
        "Nguồn: dossier-events",
        "run u",
    ):
        assert said in text
    assert "D-same" not in text
    assert "D-none" not in text


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
    assert "@media print" in page()


def test_all_has_words() -> None:
    assert set(words.CHANGES) == set(get_args(Change))
    assert set(words.BY) == set(get_args(By))


def test_another_copy_of_an_event_is_said_to_be_one() -> None:
    early, late = (fact("completed", hour)._replace(offset=int(hour)) for hour in (20, 50))
    received, asked = fact("received", 1, due=30), Question("strict@1", WINDOW, at(99), VIET_NAM)
    a, b = (side("u", {"D": [received, copy]}, asked, 3) for copy in (early, late))
    document = Document("u", VIET_NAM, 0, "x", "x", "x")
    text = read(comparison_page(versus(a, b), document, 0)).all_text
    assert "Đã xử lý xong: ở A là một bản ghi khác" in text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1, "+1"), (-2, "−2"), (1234, "+1.234"), (-1234, "−1.234")]
)
def test_differences(number: int, text: str) -> None:
    assert Writing(VIET_NAM).difference(number) == text
