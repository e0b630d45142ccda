"""Looks at every view of a worker's page in a real browser, and says what is wrong with it.

    python -m tests.browser.look http://127.0.0.1:8080/ [--shots FOLDER] [--unit "Nông Sơn"]

`look` is the same for tests: it raises AssertionError where the page is not as it should be.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.axe import serious_findings
from tests.browser.chromium import find_chromium

SIZES = {"phone": (390, 844), "desk": (1440, 900), "wall": (1920, 1080)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"]
VIEWS = {
    "map": "",
    "ranking": "?view=ranking",
    "unit": "?view=unit&unit={unit}",
    "explain": "?view=explain&unit={unit}",
    "incidents": "?view=incidents",
    "monitor": "?view=monitor",
}


def look(
    browser: Browser,
    url: str,
    shots: Path | None = None,
    unit: str | None = None,
    sizes: Collection[str] = tuple(SIZES),
) -> int:
    """Checks each view at a worker's root address at these widths, light and dark.

    `unit` must be the name of one of the units. PNGs go to `shots`: `map-desk-light.png` and so
    on. Returns how many pages were looked at.
    """
    asked = unit_id_of(browser, url, unit)
    looked = 0
    for scheme in ("light", "dark"):
        page = browser.new_page(
            color_scheme="dark" if scheme == "dark" else "light", locale="vi-VN"
        )
        seen = _Seen(page)
        for name, search in VIEWS.items():
            for size in sizes:
                width, height = SIZES[size]
                page.set_viewport_size({"width": width, "height": height})
                page.goto("about:blank")  # what axe does to the page before is complained of late
                seen.forget()
                _check(page, seen, url, search.format(unit=quote(asked)), width)
                if shots is not None:
                    page.screenshot(path=shots / f"{name}-{size}-{scheme}.png", full_page=True)
                looked += 1
        page.close()
    return looked


def unit_id_of(browser: Browser, url: str, name: str | None) -> str:
    """The id of the unit of this name, or of any; AssertionError where there is none."""
    page = browser.new_page()
    try:
        page.goto(url)
        page.wait_for_selector("main > .view")
        units = page.evaluate("fetch('api/directory').then((r) => r.json()).then((d) => d.units)")
    finally:
        page.close()
    found = [u["unit_id"] for u in units if name in (None, u["name"]) and u["parent_id"]]
    assert found, f"{name or 'a unit'} is not among {[u['name'] for u in units]}"
    return str(found[-1])


class _Seen:
    """What a page complained of and asked for since it was last told to forget."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._said)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def forget(self) -> None:
        self.complaints.clear()
        self.hosts.clear()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def _check(page: Page, seen: _Seen, url: str, search: str, width: int) -> None:
    page.goto(url + search)
    page.wait_for_selector("main > .view")
    expect(page.locator("body")).to_have_attribute("data-live", "live")
    page.wait_for_load_state("load")
    across = page.evaluate("document.documentElement.scrollWidth")
    assert across <= width, f"{search}: {across} px wide in a window of {width}"
    assert not seen.complaints, f"{search}: {seen.complaints}"
    assert seen.hosts == {urlsplit(url).netloc}, f"{search}: asked others: {seen.hosts}"
    findings = serious_findings(page)
    assert not findings, f"{search} at {width}: {findings}"


def main() -> int:
    """0: the page is as it should be; 1: it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--shots", type=Path, help="a folder for screenshots")
    parser.add_argument("--unit", help="the name of a unit that must be there")
    asked = parser.parse_args()
    if asked.shots:
        asked.shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        executable = find_chromium()
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            looked = look(browser, asked.url, asked.shots, asked.unit)
        except AssertionError as error:
            print(f"{asked.url}: {error}", file=sys.stderr)
            return 1
        finally:
            browser.close()
    print(f"{asked.url}: {looked} pages, nothing to complain of")
    return 0


if __name__ == "__main__":
    sys.exit(main())
