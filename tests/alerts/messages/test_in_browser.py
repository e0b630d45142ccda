"""The HTML of messages in a real browser: on a telephone and at a desk, light and dark."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alerts.messages.composer import Composer
from alerts.messages.samples import NAMES, sample
from tests.alerts.messages.test_escaping import named
from tests.browser.chromium import Tab, chromium_tab, find_chromium, run_apart

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 1280)
SHOWN = ("opened", "warned", "digest-province", "several")
LOUD = """[...document.querySelectorAll('p, h1, h2, li, span, a')].filter(one => {
  const shade = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(part => {
      const light = part / 255;
      return light <= 0.03928 ? light / 12.92 : ((light + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = one;
  const through = () => /rgba\\(.*, 0\\)/.test(getComputedStyle(ground).backgroundColor);
  while (through()) ground = ground.parentElement;
  const pair = [getComputedStyle(one).color, getComputedStyle(ground).backgroundColor].map(shade);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < 4.5;
}).map(one => one.textContent.slice(0, 40))"""  # less contrast than WCAG AA asks of texts


async def _check(tab: Tab, file: Path, width: int, dark: bool) -> None:
    await tab.resize(width, 844, dark)
    wide = await tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{file.name} is {wide} px wide on {width} px"
    assert await tab.evaluate("innerWidth") == width
    assert await tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == dark
    assert await tab.evaluate(LOUD) == [], f"{file.name}, {'dark' if dark else 'light'}"
    small = await tab.evaluate(
        "[...document.querySelectorAll('a')].filter(a => a.getClientRects()[0].height < 44).length"
    )
    assert small == 0, "a button that is hard to hit with a finger"
    assert tab.requests == [file.as_uri()]
    assert tab.complaints == []


async def _look(folder: Path) -> None:
    executable = find_chromium()
    assert executable
    composer = Composer()
    long_name = "Ủy-ban-nhân-dân-" * 12
    messages = {name: sample(name) for name in NAMES}
    messages |= {f"{name}-long": named(sample(name), long_name) for name in SHOWN}
    shots = os.environ.get("MESSAGE_SHOTS")
    async with chromium_tab(executable) as tab:
        for name, content in messages.items():
            file = folder / f"{name}.html"
            file.write_text(composer.compose(content).html, "utf-8")
            tab.requests.clear()
            await tab.open(file.as_uri(), WIDTHS[0], 844)
            for width in WIDTHS:
                for dark in (False, True):
                    await _check(tab, file, width, dark)
                    if shots and name in SHOWN and width != WIDTHS[0]:
                        shot = f"{name}-{width}-{'dark' if dark else 'light'}.png"
                        await tab.screenshot(Path(shots) / shot)


def test_every_message_fits_reads_well_and_asks_for_nothing(tmp_path: Path) -> None:
    if find_chromium() is None:
        assert not os.environ.get("CI"), "CI has no Chromium"
        pytest.skip("no Chromium on this machine")
    run_apart(_look(tmp_path))
