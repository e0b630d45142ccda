"""A real browser with Playwright: Debian's Chromium, nothing downloaded.

`worker` is a stand-in for a worker; `visit` opens its page. After each test, whatever the console
complained of and whatever was asked of another host fails it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import find_chromium
from tests.browser.mock_worker import MockWorker, mock_worker

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"]
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests; each test has pages of its own."""
    executable = find_chromium()
    if executable is None:
        message = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def worker() -> Iterator[MockWorker]:
    """A stand-in that listens."""
    with mock_worker() as started:
        yield started


class Guard:
    """Notes what a page complains of and asks for; `expected` parts of complaints are no fault."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.expected: list[str] = []

    def watch(self, page: Page) -> None:
        """From now on."""
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{message.text} {message.location.get('url', '')}")
                if message.type in ("error", "warning")
                else None
            ),
        )

    def check(self) -> None:
        """Raises AssertionError for a complaint that is not expected, or another host."""
        faults = [c for c in self.complaints if not any(part in c for part in self.expected)]
        assert faults == []
        assert self.hosts <= {self.host}

    def _asked(self, url: str) -> None:
        if not url.startswith(("blob:", "data:")):
            self.hosts.add(urlsplit(url).netloc)


@pytest.fixture
def guard(worker: MockWorker) -> Iterator[Guard]:
    """Checked when the test is over."""
    watching = Guard(urlsplit(worker.url).netloc)
    yield watching
    watching.check()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[tuple[bool, bool], BrowserContext]:
    """By dark and touch: a context is a window to Chromium and takes a second to open.

    Each stand-in has a port of its own, so tests share nothing that is kept by origin.
    """
    return {
        (dark, touch): browser.new_context(
            color_scheme="dark" if dark else "light", has_touch=touch, locale="vi-VN"
        )
        for dark in (False, True)
        for touch in (False, True)
    }


@pytest.fixture
def visit(
    browser: Browser,
    worker: MockWorker,
    guard: Guard,
    contexts: dict[tuple[bool, bool], BrowserContext],
) -> Iterator[Visit]:
    """`visit(search, width, height, dark)` opens the page and waits until a view stands."""
    own: list[BrowserContext] = []
    pages: list[Page] = []

    def opened(
        search: str = "",
        width: int = 1440,
        height: int = 900,
        *,
        dark: bool = False,
        ready: str = "main > .view",
        **more: object,
    ) -> Page:
        touch = width < 600
        if more:
            context = browser.new_context(
                color_scheme="dark" if dark else "light",
                has_touch=touch,
                locale="vi-VN",
                **more,  # type: ignore[arg-type]
            )
            own.append(context)
        else:
            context = contexts[dark, touch]
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        guard.watch(page)
        page.goto(worker.url + search)
        if ready:
            page.wait_for_selector(ready)
        return page

    yield opened
    for page in pages:
        page.close()
    for context in own:
        context.close()
    for context in contexts.values():
        context.clear_cookies()
