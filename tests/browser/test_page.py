"""The page in a real browser, against a stand-in for a worker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Tab, chromium_tab, find_chromium
from tests.browser.look import ROWS, look
from tests.browser.mock_worker import EVIL, MockWorker, mock_worker

pytestmark = pytest.mark.browser

NONG_SON = "H47.519"
LOADED = "!!document.querySelector('#rows > tr')"
NAMES = "[...document.querySelectorAll('#rows .unit-name')].map(n => n.textContent)"


@pytest.fixture(autouse=True)
def chromium() -> str:
    found = find_chromium()
    if found is None:
        message = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture
def worker() -> Iterator[MockWorker]:
    with mock_worker() as started:
        yield started


def in_page(
    worker: MockWorker,
    check: Callable[[Tab], Coroutine[Any, Any, None]],
    search: str = "",
    ready: str = LOADED,
) -> None:
    """Runs a check in a fresh browser once the page is ready."""

    async def run() -> None:
        executable = find_chromium()
        assert executable
        async with chromium_tab(executable) as tab:
            await tab.open(worker.url + search, 1440, 900)
            await tab.until(ready)
            await check(tab)

    asyncio.run(run())


def text_of(unit: str, part: str) -> str:
    return f"document.querySelector('[data-unit=\"{unit}\"] {part}').textContent"


def test_all_units_at_desk_and_phone_width_light_and_dark(
    worker: MockWorker, tmp_path: Path
) -> None:
    cells = asyncio.run(look(worker.url, shots=tmp_path, unit="Nông Sơn"))
    assert len(cells) == 18
    assert {shot.name for shot in tmp_path.iterdir()} == {
        "desk-light.png",
        "desk-dark.png",
        "phone-light.png",
        "phone-dark.png",
    }


def test_a_figure_is_rounded_down_and_shown_with_its_parts(worker: MockWorker) -> None:
    worker.set_figure(NONG_SON, 8_999, 10_000, "yellow")

    async def check(tab: Tab) -> None:
        assert await tab.evaluate(text_of(NONG_SON, ".percent")) == "89,9%"
        assert await tab.evaluate(text_of(NONG_SON, ".numerator")) == "8.999/10.000"
        assert await tab.evaluate(text_of(NONG_SON, ".zone-mark")) == "Vàng"

    in_page(worker, check)


def test_a_unit_without_data_has_no_figure(worker: MockWorker) -> None:
    async def check(tab: Tab) -> None:
        assert await tab.evaluate(text_of("H47.516", ".percent")) == "–"
        assert await tab.evaluate(text_of("H47.516", ".zone-mark")) == "Chưa có dữ liệu"
        assert await tab.evaluate("document.querySelector('[data-unit=\"H47\"]')") is None
        assert await tab.evaluate("document.getElementById('province').textContent") == "Quảng Nam"

    in_page(worker, check)


def test_a_name_is_text_whatever_it_says(worker: MockWorker) -> None:
    next(u for u in worker.content["units"] if u["unit_id"] == NONG_SON)["name"] = EVIL
    worker.unit("H47.502")["incident"] = EVIL

    async def check(tab: Tab) -> None:
        assert await tab.evaluate(text_of(NONG_SON, ".unit-name")) == EVIL
        worker.set_figure(NONG_SON, 70, 100, "red")  # it goes into the news and is spoken
        await tab.until("document.getElementById('spoken').textContent.includes('<script>')")
        assert await tab.evaluate("document.title") == "Vùng xanh · Quảng Nam"
        assert await tab.evaluate("document.querySelectorAll('script, main img').length") == 1
        assert not tab.complaints

    in_page(worker, check)


def test_a_change_of_zone_is_shown_and_spoken(worker: MockWorker) -> None:
    worker.set_figure(NONG_SON, 70, 77, "green")

    async def check(tab: Tab) -> None:
        assert await tab.evaluate("document.getElementById('news').hidden")
        worker.set_figure(NONG_SON, 70, 78, "yellow")
        await tab.until("!document.getElementById('news').hidden")
        told = "Nông Sơn: Xanh → Vàng, 89,7% (70/78)"
        assert await tab.evaluate("document.getElementById('spoken').textContent") == told
        assert told in await tab.evaluate("document.getElementById('news-list').textContent")
        assert await tab.evaluate(text_of(NONG_SON, ".percent")) == "89,7%"

    in_page(worker, check)


def test_an_unchanged_answer_is_304_and_stays_on_the_page(worker: MockWorker) -> None:
    async def check(tab: Tab) -> None:
        async with asyncio.timeout(60):
            while worker.asked[304] < 2:
                await asyncio.sleep(0.1)
        assert worker.asked[200] == 1
        assert await tab.evaluate(f"{ROWS}.length") == 18
        assert await tab.evaluate("document.body.dataset.live") == "live"

    in_page(worker, check)


def test_a_lost_connection_is_said_and_takes_the_colours(worker: MockWorker) -> None:
    async def check(tab: Tab) -> None:
        worker.failing = True
        await tab.until("document.body.dataset.live === 'lost'")
        warning = await tab.evaluate("document.getElementById('warning').innerText")
        assert "Mất kết nối" in warning
        assert "503" in warning
        grey = "getComputedStyle(document.getElementById('units')).filter"
        assert "grayscale(1)" in await tab.evaluate(grey)
        worker.failing = False
        await tab.until("document.body.dataset.live === 'live'")
        assert await tab.evaluate("document.getElementById('warning').hidden")
        assert await tab.evaluate(grey) == "none"

    in_page(worker, check)


def test_old_data_are_not_called_live(worker: MockWorker) -> None:
    worker.content["data_to"] = (datetime.now(UTC) - timedelta(minutes=20)).isoformat()

    async def check(tab: Tab) -> None:
        assert await tab.evaluate("document.body.dataset.live") == "stale"
        warning = await tab.evaluate("document.getElementById('warning').innerText")
        assert "20 phút" in warning

    in_page(worker, check)


def test_sorting_is_in_the_address_and_on_the_heading(worker: MockWorker) -> None:
    async def check(tab: Tab) -> None:
        await tab.evaluate("document.querySelector('[data-sort=overdue]').click()")
        assert await tab.evaluate("location.search") == "?sort=overdue"
        sorted_by = "document.querySelector('th.overdue').getAttribute('aria-sort')"
        assert await tab.evaluate(sorted_by) == "descending"
        numbers = await tab.evaluate(
            "[...document.querySelectorAll('#rows .overdue')].map(c => c.textContent)"
        )
        known = [int(number) for number in numbers if number != "–"]
        assert known == sorted(known, reverse=True)
        assert numbers[-1] == "–"
        await tab.evaluate("document.querySelector('[data-sort=overdue]').click()")
        assert await tab.evaluate("location.search") == "?sort=overdue&dir=up"
        await tab.evaluate("document.querySelector('[data-sort=name]').click()")
        names = await tab.evaluate(NAMES)
        assert names[0] == "Bắc Trà My"
        assert names.index("Đại Lộc") > names.index("Duy Xuyên")  # Đ comes after D

    in_page(worker, check)


def test_filters_are_in_the_address_and_hold_after_loading_again(worker: MockWorker) -> None:
    async def filter_(tab: Tab) -> None:
        await tab.evaluate("document.querySelector('.tile[data-zone=yellow]').click()")
        await tab.evaluate("document.querySelector('.tile[data-zone=red]').click()")
        assert await tab.evaluate("location.search") == "?zone=yellow,red"
        zones = (
            "[...new Set([...document.querySelectorAll('#rows > tr')].map(r => r.dataset.zone))]"
        )
        assert sorted(await tab.evaluate(zones)) == ["red", "yellow"]

    in_page(worker, filter_)

    async def found(tab: Tab) -> None:
        assert await tab.evaluate(NAMES) == ["Nông Sơn"]
        assert await tab.evaluate("document.querySelector('[name=q]').value") == "nong  SON"
        await tab.evaluate("document.getElementById('clear').click()")
        assert await tab.evaluate("location.search") == ""
        assert await tab.evaluate(f"{ROWS}.length") == 18

    in_page(worker, found, "?q=nong%20%20SON")


def test_a_filter_that_nothing_fits_says_so(worker: MockWorker) -> None:
    async def check(tab: Tab) -> None:
        assert await tab.evaluate("document.getElementById('units').hidden")
        assert "Không có đơn vị" in await tab.evaluate("document.getElementById('none').innerText")

    in_page(worker, check, "?q=nowhere", "!document.getElementById('none').hidden")


def test_english_on_choice_kept_in_the_address(worker: MockWorker) -> None:
    worker.set_figure(NONG_SON, 8_999, 10_000, "yellow")

    async def check(tab: Tab) -> None:
        assert await tab.evaluate("document.documentElement.lang") == "vi"
        await tab.evaluate("document.querySelector('[data-lang=en]').click()")
        assert await tab.evaluate("location.search") == "?lang=en"
        assert await tab.evaluate("document.documentElement.lang") == "en"
        assert await tab.evaluate(text_of(NONG_SON, ".percent")) == "89.9%"
        assert await tab.evaluate(text_of(NONG_SON, ".zone-mark")) == "Yellow"

    in_page(worker, check)


def test_another_definition_and_window_can_be_shown(worker: MockWorker) -> None:
    status = worker.unit(NONG_SON)
    figure = {"definition": "index@9", "window": "30d", "numerator": 1, "denominator": 8}
    status["figures"].append(figure | {"ratio": 0.125})

    async def check(tab: Tab) -> None:
        assert await tab.evaluate(text_of(NONG_SON, ".percent")) == "12,5%"
        assert await tab.evaluate(text_of(NONG_SON, ".zone-mark")) == "Xanh"  # by the primary one
        assert await tab.evaluate(text_of("H47.502", ".percent")) == "–"
        await tab.evaluate(
            "(() => { const s = document.querySelector('[name=definition]');"
            " s.value = 'resolved@1'; s.dispatchEvent(new Event('change')); })()"
        )
        assert await tab.evaluate("location.search") == ""

    in_page(worker, check, "?definition=index@9")

    async def window(tab: Tab) -> None:
        early = status["resolved"]["7d"]["early"]
        assert await tab.evaluate(text_of(NONG_SON, ".early")) == str(early)
        assert "7 ngày" in await tab.evaluate(
            "document.querySelector('.groups .resolved').innerText"
        )

    in_page(worker, window, "?window=7d")


def test_both_languages_say_the_same_things(worker: MockWorker) -> None:
    async def check(tab: Tab) -> None:
        differing = await tab.evaluate(
            """import('/page/words.js').then(({ LANGUAGES: { vi, en } }) => {
                 const keys = (o, at = '') => Object.entries(o).flatMap(([k, v]) =>
                   typeof v === 'object' ? keys(v, `${at}${k}.`) : [`${at}${k}:${typeof v}`]);
                 const [a, b] = [new Set(keys(vi)), new Set(keys(en))];
                 return [...a.symmetricDifference(b)];
               })"""
        )
        assert differing == []
        used = await tab.evaluate(
            "[...document.querySelectorAll('[data-word]')].every(n => n.textContent.trim())"
        )
        assert used

    in_page(worker, check)


def test_a_reader_with_a_keyboard_reaches_everything(worker: MockWorker) -> None:
    async def check(tab: Tab) -> None:
        reached: list[str] = []
        for _ in range(40):
            for kind in ("rawKeyDown", "keyUp"):
                await tab.send(
                    "Input.dispatchKeyEvent", type=kind, key="Tab", windowsVirtualKeyCode=9
                )
            here = "(n => n.dataset.sort || n.dataset.zone || n.name || n.className || n.tagName)"
            reached.append(await tab.evaluate(f"{here}(document.activeElement)"))
        for wanted in ("skip", "green", "q", "definition", "window", "ratio", "paused"):
            assert wanted in reached

    in_page(worker, check)
