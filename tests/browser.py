"""A headless Chromium for tests, by way of its driver, in the terms of WebDriver; skipped where there is none.

Nothing in here waits for ever: each answer has its time, and whatever happens all that was started ends.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium, or no driver for it (Debian: chromium, chromium-driver)"
)
SECONDS = 60  # for the driver to start, and for each answer
ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run --disable-sync"
    " --disable-background-networking --disable-component-update --force-device-scale-factor=1"
).split()
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's number in WebDriver
on_loopback = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # whatever proxy is set


class Browser:
    """A window. `folder` is for its profile and for what the driver has to say."""

    def __init__(self, folder: Path, size: tuple[int, int] = (1280, 900)) -> None:
        self._said = folder / "driver.txt"
        with self._said.open("w") as said:
            # A session of its own (the system's): by that all that Chromium starts can be found again.
            self._process = subprocess.Popen(
                [str(DRIVER), "--port=0"], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        try:
            self._url = f"http://127.0.0.1:{self._port()}"
            width, height = size
            arguments = [*ARGUMENTS, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}"]
            wanted = {
                "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
                "goog:loggingPrefs": {"browser": "ALL"},
                "timeouts": {"pageLoad": SECONDS * 1000, "script": SECONDS * 1000},
            }
            made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self._url += f"/session/{made['sessionId']}"
        except BaseException:
            self.kill()
            raise

    def _port(self) -> int:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            found = re.search(r"started successfully on port (\d+)", self._said.read_text())
            if found:
                return int(found[1])
            time.sleep(0.05)
        raise RuntimeError(f"chromedriver does not start: {self._said.read_text()}")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with on_loopback(request, timeout=SECONDS + 10) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(json.load(error)["value"]["message"]) from None

    def open(self, url: str) -> float:
        """Opens a page; the seconds till it had loaded."""
        start = time.perf_counter()
        self._ask("POST", "/url", {"url": url})
        return time.perf_counter() - start

    def run(self, script: str, *args: Any) -> Any:
        """What a function with this body returns in the page."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": args})

    def until(self, script: str, seconds: float = 30.0) -> Any:
        """Runs a script till what it returns is true, and returns that."""
        deadline = time.monotonic() + seconds
        while not (found := self.run(script)):
            assert time.monotonic() < deadline, f"not true after {seconds} s: {script}"
            time.sleep(0.1)
        return found

    def element(self, selector: str) -> Any:
        """The first element that a selector finds."""
        return self._ask("POST", "/element", {"using": "css selector", "value": selector})

    def click(self, selector: str) -> None:
        """Clicks on an element as a user does: it must be there to be seen."""
        self._ask("POST", f"/element/{self.element(selector)[ELEMENT]}/click", {})

    def hover(self, selector: str) -> None:
        """Moves the mouse to the middle of an element, which is scrolled to."""
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center', inline: 'center'})", selector)
        move = {"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": self.element(selector)}
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [move]}
        self._ask("POST", "/actions", {"actions": [mouse]})

    def picture(self) -> bytes:
        """What the window shows, as a PNG."""
        return base64.b64decode(self._ask("GET", "/screenshot"))

    def said(self) -> list[str]:
        """What the console has said since it was last asked."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def close(self) -> None:
        """Ends Chromium, and its driver."""
        try:
            with contextlib.suppress(OSError):  # the driver may be dead
                self._ask("DELETE", "")
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends whatever is still there of what was started."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        deadline = time.monotonic() + 10
        while (left := self.left()) and time.monotonic() < deadline:
            for number in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            time.sleep(0.02)

    def left(self) -> list[int]:
        """The processes that are still there of those that were started."""
        found = []
        for number in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
            with contextlib.suppress(OSError):
                running = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
                if running and os.getsid(int(number)) == self._process.pid:
                    found.append(int(number))
        return found


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()
