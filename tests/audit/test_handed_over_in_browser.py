"""The pages that are handed over, on paper and on a telephone: no id, number or instant breaks."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from audit.comparison_page import comparison_page
from audit.explanation_page import Document, explanation_page
from audit.reporting.files import report_page
from audit.reporting.report import Row, Table
from audit.reporting.sheet import sheet
from audit.reporting.words import Writing
from indicators.definitions import Count
from indicators.explain import explain
from indicators.facts import Fact
from indicators.known import Question
from indicators.versus import side, versus
from indicators.windows import read_window
from schemas.status import Outcomes
from tests.audit.test_report import an_origin
from tests.browser.chromium import Tab, chromium_tab, find_chromium, run_apart
from tests.indicators.telling import VIET_NAM, at, fact

pytestmark = pytest.mark.browser

SCREENS = (500, 1200)
PORTRAIT, LANDSCAPE = 680, 1032  # CSS px between the margins of A4
BROKEN = """[...document.querySelectorAll(%r)].filter(one => {
  const range = document.createRange();
  range.selectNodeContents(one);
  const lines = [...range.getClientRects()].filter(box => box.width).map(box => box.top);
  return new Set(lines.map(top => Math.round(top / 4))).size > 1;
}).map(one => one.textContent)"""  # what takes more than one line
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


async def pages(tab: Tab) -> int:
    """How many sheets of paper it takes."""
    printed = await tab.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    return len(re.findall(rb"/Type /Page\b(?!s)", base64.b64decode(printed["data"])))


async def look(folder: Path, html: str, whole: str, paper: int, most_pages: int) -> None:
    """On each screen and on paper: what `whole` selects stands on one line, nothing sticks out."""
    executable = find_chromium()
    assert executable
    file = folder / "page.html"
    file.write_text(html, "utf-8")
    async with chromium_tab(executable) as tab:
        await tab.open(file.as_uri(), SCREENS[0], 900)
        for width in SCREENS:
            await tab.resize(width, 900)
            assert await tab.evaluate(BROKEN % whole) == [], f"on {width} px"
            assert await tab.evaluate(TOO_WIDE) <= 0, f"wider than {width} px"
        await tab.resize(paper, 900)
        await tab.send("Emulation.setEmulatedMedia", media="print")
        assert await tab.evaluate(BROKEN % whole) == [], "on paper"
        assert await tab.evaluate(TOO_WIDE) <= 0, "wider than the paper"
        assert await pages(tab) <= most_pages
        assert tab.complaints == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_report_of_eighteen_units_is_one_sheet_of_paper(tmp_path: Path, language: Any) -> None:
    rows = tuple(
        Row(
            f"H47.{502 + n}",
            "Huyện Đại Lộc" if n else "Trung tâm Phục vụ hành chính công tỉnh",
            n + 1,
            2 if n < 2 else 1,
            "yellow",
            12_345,
            13_456,
            Outcomes(10_000, 2_345, 1_111),
            1_234,
            Count(100, 100),
        )
        for n in range(18)
    )
    total = rows[0]._replace(unit_id="", name="", place=None, tied=0, zone=None)
    writing = Writing(language, VIET_NAM)
    made = sheet(Table(rows, (), (), total), an_origin(), writing)
    whole = "td:not(.name), tr:nth-child(n + 2) td.name, dd span"
    run_apart(look(tmp_path, report_page(made, writing), whole, LANDSCAPE, 1))


def a_history(name: str, events: int, end: float) -> list[Fact]:
    """A dossier with many events, told with milliseconds, as the logs of a portal are."""
    steps = [
        fact("processing", 2.001 + n / 60, event_id=f"{name}/task-{10_000 + n}")._replace(
            offset=1_000 + n
        )
        for n in range(events)
    ]
    received = fact("received", 1, due=30, event_id=f"{name}/received")
    ended = fact("completed", end, event_id=f"{name}/completed-of-the-one-stop-desk-of-the-ward")
    return [received, *steps, ended]


WINDOW = read_window("7d", VIET_NAM)
HISTORIES = {
    f"000.00.18.H47-230415-{n:04}": a_history(f"000.00.18.H47-230415-{n:04}", 30, 40.5 + n)
    for n in range(13)
}
WHOLE = ".at, .record, .n, .figure b, dl.head dt, code span"


def document() -> Document:
    command = "vungxanh explain H47.502 --as-of 2024-01-13T21:00:00.123+00:00 --window 7d"
    return Document("Tam Kỳ", VIET_NAM, WINDOW.start(at(100)), "dossier-events", command, "x 1")


def test_an_explanation_breaks_no_number(tmp_path: Path) -> None:
    """And a dossier with many events leaves no sheet half empty: by itself each takes two."""
    question = Question("resolved@1", WINDOW, at(100), VIET_NAM)
    page = explanation_page(explain("H47.502", HISTORIES, question, 3), document())
    run_apart(look(tmp_path, page, WHOLE, PORTRAIT, 20))


def test_a_comparison_breaks_no_number(tmp_path: Path) -> None:
    a = Question("resolved@1", WINDOW, at(25), VIET_NAM)
    b = a._replace(at=at(100))
    found = versus(*(side("H47.502", HISTORIES, one, 3) for one in (a, b)))
    page = comparison_page(found, document(), WINDOW.start(at(100)))
    run_apart(look(tmp_path, page, WHOLE, PORTRAIT, 10))
