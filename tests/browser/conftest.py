"""A real browser with Playwright: Debian's Chromium, nothing downloaded.

`worker` is a stand-in for a worker; `visit` opens its page. After each test, whatever the console
complained of and whatever was asked of another host fails it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.chromium import find_chromium
from tests.browser.mock_worker import MockWorker, mock_worker

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"]
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests."""
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
    """Notes what pages complain of and ask for; `expected` parts of complaints are no fault."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.expected: list[str] = []
        self._listening: list[tuple[Page, str, Callable[..., None]]] = []

    def watch(self, page: Page) -> None:
        """From now on."""
        self._listen(page, "pageerror", lambda error: self.complaints.append(str(error)))
        self._listen(page, "request", lambda request: self._asked(request.url))
        self._listen(page, "console", self._said)

    def leave(self) -> None:
        """The pages are looked at no more: others may have them."""
        for page, what, listener in self._listening:
            page.remove_listener(what, listener)
        self._listening.clear()

    def check(self) -> None:
        """Raises AssertionError for a complaint that is not expected, or another host."""
        faults = [c for c in self.complaints if not any(part in c for part in self.expected)]
        assert faults == []
        assert self.hosts <= {self.host}

    def _listen(self, page: Page, what: str, listener: Callable[..., None]) -> None:
        page.on(what, listener)  # type: ignore[call-overload]
        self._listening.append((page, what, listener))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _asked(self, url: str) -> None:
        if not url.startswith(("blob:", "data:")):
            self.hosts.add(urlsplit(url).netloc)


@pytest.fixture
def guard(worker: MockWorker) -> Iterator[Guard]:
    """Checked when the test is over."""
    watching = Guard(urlsplit(worker.url).netloc)
    yield watching
    watching.check()


class Pages:
    """Pages that tests have one after the other: a new one costs three times what a visit does.

    Each stand-in has a port of its own, so tests share nothing that is kept by origin. A page comes
    back empty; one that a test does not give back, because it failed on the way, is not used again.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[tuple[tuple[str, Any], ...], BrowserContext] = {}
        self._free: dict[BrowserContext, list[Page]] = {}

    def take(self, **options: Any) -> Page:
        """An empty page in a context with these options, which have to be hashable."""
        key = tuple(sorted(options.items()))
        if key not in self._contexts:
            self._contexts[key] = self._browser.new_context(**options)
        context = self._contexts[key]
        free = self._free.setdefault(context, [])
        page = free.pop() if free else context.new_page()
        page.bring_to_front()
        return page

    def give_back(self, page: Page) -> None:
        """Leaves nothing in it of what a test may have done to it."""
        page.unroute_all()
        page.emulate_media(media="null")
        page.goto("about:blank")
        page.mouse.move(0, 0)
        page.context.clear_cookies()
        self._free[page.context].append(page)


@pytest.fixture(scope="session")
def pages(browser: Browser) -> Pages:
    return Pages(browser)


@pytest.fixture
def visit(pages: Pages, worker: MockWorker, guard: Guard) -> Iterator[Visit]:
    """`visit(search, width, height, dark)` opens the page and waits until a view stands."""
    taken: list[Page] = []

    def opened(
        search: str = "",
        width: int = 1440,
        height: int = 900,
        *,
        dark: bool = False,
        ready: str = "main > .view",
        **more: object,
    ) -> Page:
        page = pages.take(
            color_scheme="dark" if dark else "light",
            has_touch=width < 600,
            locale="vi-VN",
            **more,
        )
        taken.append(page)
        page.set_viewport_size({"width": width, "height": height})
        guard.watch(page)
        page.goto(worker.url + search)
        if ready:
            page.wait_for_selector(ready)
        return page

    yield opened
    guard.leave()
    for page in taken:
        pages.give_back(page)


@pytest.fixture(scope="session")
def plain_page(browser: Browser) -> Iterator[Page]:
    """The page before a stand-in of its own, for trying the page's modules: nothing is done in it.

    Words and figures come from files that are alike in every view.
    """
    with mock_worker() as worker:
        page = browser.new_page()
        guard = Guard(urlsplit(worker.url).netloc)
        guard.watch(page)
        page.goto(worker.url)
        page.wait_for_selector("main > .view")
        yield page
        page.close()
        guard.check()
