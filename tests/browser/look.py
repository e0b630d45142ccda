"""Looks at the page of a worker in a real browser, and says what is wrong with it.

    python -m tests.browser.look http://127.0.0.1:8080/ [--shots FOLDER] [--unit "Nông Sơn"]

`look` is the same for tests: it raises AssertionError where the page is not as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.chromium import Tab, chromium_tab, find_chromium

SIZES = {"desk": (1440, 1000), "phone": (390, 844)}
ROWS = "[...document.querySelectorAll('#rows > tr')].filter(r => r.getClientRects().length)"


async def look(url: str, shots: Path | None = None, unit: str | None = None) -> list[list[str]]:
    """Checks the page at a worker's root address at desk and phone width, light and dark.

    Returns the text of each cell of each row. `unit` must be the name of one of them. PNGs go to
    `shots`: `desk-light.png` and so on.
    """
    executable = find_chromium()
    assert executable, "no Chromium on this machine"
    cells: list[list[str]] = []
    for size in SIZES:
        for dark in (False, True):
            async with chromium_tab(executable) as tab:
                cells = await _check(tab, url, size, dark)
                if shots is not None:
                    name = f"{size}-{'dark' if dark else 'light'}.png"
                    await tab.screenshot(shots / name)
    names = [row[0] for row in cells]
    assert unit is None or any(unit in name for name in names), f"{unit} is not among {names}"
    return cells


async def _check(tab: Tab, url: str, size: str, dark: bool) -> list[list[str]]:
    width, height = SIZES[size]
    await tab.open(url, width, height, dark)
    await tab.until("!!document.querySelector('#rows > tr')")
    expected: list[dict[str, Any]] = json.loads(
        await tab.evaluate(
            "fetch('api/units').then(r => r.json()).then(c => JSON.stringify(c.units))"
        )
    )
    wanted = [unit["unit_id"] for unit in expected if unit["status"] or unit["kind"] != "province"]
    shown = await tab.evaluate(f"{ROWS}.map(r => r.dataset.unit)")
    assert sorted(shown) == sorted(wanted), f"rows {shown}, units {wanted}"
    text: list[list[str]] = await tab.evaluate(
        f"{ROWS}.map(r => [...r.cells].map(c => c.innerText))"
    )
    for row in text:
        assert all(cell.strip() for cell in row), f"an empty cell in {row}"
    across = await tab.evaluate("document.documentElement.scrollWidth")
    assert across <= width, f"{across} px wide in a window of {width}"
    assert not tab.complaints, tab.complaints
    hosts = {urlsplit(asked).netloc for asked in tab.requests}
    assert hosts == {urlsplit(url).netloc}, f"asked other hosts: {hosts}"
    return text


def main() -> int:
    """0: the page is as it should be; 1: it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--shots", type=Path, help="a folder for screenshots")
    parser.add_argument("--unit", help="the name of a unit that must be there")
    asked = parser.parse_args()
    if asked.shots:
        asked.shots.mkdir(parents=True, exist_ok=True)
    try:
        cells = asyncio.run(look(asked.url, asked.shots, asked.unit))
    except AssertionError as error:
        print(f"{asked.url}: {error}", file=sys.stderr)
        return 1
    print(f"{asked.url}: {len(cells)} units, nothing to complain of")
    return 0


if __name__ == "__main__":
    sys.exit(main())
