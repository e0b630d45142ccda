"""A headless Chromium, driven through its DevTools protocol. Only what the checks need."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 60.0  # against hanging only
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


def find_chromium() -> str | None:
    """The browser of this machine; `CHROMIUM` names another. None: there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page in the browser, and all that it asked for or complained of."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._listener = asyncio.create_task(self._listen())
        self.complaints: list[str] = []  # errors and warnings of the console, failed loads
        self.requests: list[str] = []  # addresses asked for

    async def send(self, method: str, **params: object) -> dict[str, Any]:
        """One command and its result."""
        number = len(self._answers) + 1
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(asyncio.shield(self._answers[number]), PATIENCE_S)

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page, awaited if it is a promise."""
        answer = await self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Waits for a JavaScript condition to hold in the page."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.evaluate(script):
                await asyncio.sleep(0.05)

    async def open(self, url: str, width: int, height: int, dark: bool = False) -> None:
        """Loads an address in a window of this size."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.send(f"{domain}.enable")
        await self.resize(width, height, dark)
        await self.send("Page.navigate", url=url)
        await self.until("location.href !== 'about:blank' && document.readyState === 'complete'")

    async def resize(self, width: int, height: int, dark: bool = False) -> None:
        """Another window for what is loaded, or is going to be."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])

    async def screenshot(self, path: Path, whole: bool = True) -> None:
        """A PNG of the page, by default in its whole length."""
        answer = await self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    async def close(self) -> None:
        """Leaves the browser running."""
        self._listener.cancel()
        await self._socket.close()

    async def _listen(self) -> None:
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                self._answer(told)
            else:
                self._note(told["method"], told["params"])

    def _answer(self, told: dict[str, Any]) -> None:
        waiting = self._answers[told["id"]]
        if "error" in told:
            waiting.set_exception(AssertionError(str(told["error"])))
        else:
            waiting.set_result(told["result"])

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.complaints.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")


@asynccontextmanager
async def chromium_tab(executable: str) -> AsyncIterator[Tab]:
    """A fresh browser with one empty page, ended afterwards."""
    folder = tempfile.mkdtemp(prefix="chromium-")
    process = await asyncio.create_subprocess_exec(
        executable,
        *FLAGS,
        f"--user-data-dir={folder}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = await _port(Path(folder), process)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                pages = [page for page in await response.json() if page["type"] == "page"]
            async with session.ws_connect(
                pages[0]["webSocketDebuggerUrl"], max_msg_size=0
            ) as socket:
                tab = Tab(socket)
                yield tab
                await tab.send("Browser.close")
                await tab.close()
    finally:
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
        shutil.rmtree(folder, ignore_errors=True)  # its children may still be writing


async def _port(folder: Path, process: asyncio.subprocess.Process) -> int:
    """The port of the DevTools, which the browser writes down once it listens."""
    written = folder / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE_S):
        while not (written.exists() and written.read_text().count("\n")):
            if process.returncode is not None:
                raise AssertionError(f"Chromium ended at once with {process.returncode}")
            await asyncio.sleep(0.05)
    return int(written.read_text().split()[0])


def run_apart(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs it in a thread of its own: while Playwright has a browser, a loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()
