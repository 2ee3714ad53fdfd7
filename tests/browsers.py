"""A real browser without a window, driven by WebDriver BiDi, which Chromium and Firefox share.

Firefox speaks it by itself, Chromium through chromedriver. So one small client on a WebSocket
serves both, with real keys and clicks, and nothing has to be downloaded.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from sheetgpt.engines.browser import CHROMIUM_OPTIONS

#: Keys by their names in WebDriver.
KEYS = {
    "Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "Space": " ", "F2": "\ue032",
    "Down": "\ue015", "Up": "\ue013", "Right": "\ue014", "Left": "\ue012", "Delete": "\ue017",
    "PageDown": "\ue00f", "Home": "\ue011", "End": "\ue010", "Control": "\ue009", "Shift": "\ue008",
    "F4": "\ue034", "F6": "\ue036",
}  # fmt: skip
START = 60.0


class Browser:
    """One tab of a browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._count = socket, 0
        #: Addresses that the tab asked for, and what the console said.
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.tab = ""

    def begin(self) -> None:
        """Find the tab, and listen."""
        self.tab = self.send("browsingContext.getTree")["contexts"][0]["context"]
        events = ["network.beforeRequestSent", "log.entryAdded"]
        self.send("session.subscribe", events=events)

    def send(self, method: str, /, **parameters: Any) -> Any:
        """A command and its result."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=120))
            if message.get("id") == self._count:
                assert message["type"] == "success", message
                return message["result"]
            self._event(message)

    def _event(self, message: dict[str, Any]) -> None:
        if message.get("method") == "network.beforeRequestSent":
            self.requests.append(message["params"]["request"]["url"])
        elif message.get("method") == "log.entryAdded":
            entry = message["params"]
            if entry["level"] in ("error", "warn"):
                self.complaints.append(str(entry["text"]))

    def open(self, address: str, width: int = 1366, height: int = 768) -> None:
        """Load a page in a window of that size."""
        size = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self.tab, viewport=size)
        self.send("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def value(self, expression: str) -> Any:
        """What an expression gives, through JSON; promises are waited for."""
        result = self.send(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((v) => JSON.stringify(v ?? null))",
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

    def wait(self, condition: str, seconds: float = START) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.value(f"Boolean({condition})"):
            assert time.monotonic() < end, (condition, self.value("document.body.dataset.error"))
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Press keys one after the other: a name of KEYS, a character, or `Control+Home`."""
        actions = []
        for key in keys:
            parts = [KEYS.get(part, part) for part in key.split("+")] if len(key) > 1 else [key]
            actions += [{"type": "keyDown", "value": part} for part in parts]
            actions += [{"type": "keyUp", "value": part} for part in reversed(parts)]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.send("input.performActions", context=self.tab, actions=[source])

    def click(self, x: float, y: float) -> None:
        """Click at a place of the window."""
        actions = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        source = {"type": "pointer", "id": "mouse", "actions": actions}
        self.send("input.performActions", context=self.tab, actions=[source])

    def click_on(self, selector: str, words: str = "") -> None:
        """Click in the middle of the first element of a selector that holds some words."""
        x, y = self.value(
            f"""(() => {{ const found = [...document.querySelectorAll({selector!r})];
            const one = found.find((e) => e.textContent.includes({json.dumps(words)}));
            one.scrollIntoView({{ block: "nearest", inline: "nearest" }});
            const box = one.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()"""
        )
        self.click(x, y)

    def drag(self, start: tuple[int, int], end: tuple[int, int], moves: int = 10) -> None:
        """A finger that is put down, moved and taken away."""
        (x, y), (to_x, to_y) = start, end
        actions: list[dict[str, Any]] = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
        ]
        for i in range(1, moves + 1):
            at = {"x": x + (to_x - x) * i // moves, "y": y + (to_y - y) * i // moves}
            actions.append({"type": "pointerMove", "duration": 20, **at})
        actions.append({"type": "pointerUp", "button": 0})
        source = {
            "type": "pointer",
            "id": "finger",
            "parameters": {"pointerType": "touch"},
            "actions": actions,
        }
        self.send("input.performActions", context=self.tab, actions=[source])

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file in an input element."""
        result = self.send(
            "script.evaluate",
            expression=f"document.querySelector({selector!r})",
            target={"context": self.tab},
            awaitPromise=False,
        )
        node = {"sharedId": result["result"]["sharedId"]}
        self.send("input.setFiles", context=self.tab, element=node, files=[str(file)])

    def picture(self, path: Path | None = None) -> bytes:
        """A picture of the window as PNG."""
        data = base64.b64decode(
            self.send("browsingContext.captureScreenshot", context=self.tab)["data"]
        )
        if path is not None:
            path.write_bytes(data)
        return data


@contextmanager
def running(name: str, folder: Path) -> Iterator[Browser]:
    """A browser by name, `chromium` or `firefox`; the test is skipped where it is missing."""
    programs = {"chromium": ("chromium", "chromedriver"), "firefox": ("firefox-esr",)}[name]
    if missing := [program for program in programs if not shutil.which(program)]:
        packages = "chromium chromium-driver" if name == "chromium" else "firefox-esr"
        pytest.skip(f"{missing[0]} is missing: `apt install {packages}`")
    start = _chromium if name == "chromium" else _firefox
    with start(folder) as address, connect(address, max_size=None, open_timeout=START) as socket:
        browser = Browser(socket)
        if name == "firefox":
            browser.send("session.new", capabilities={})
        browser.begin()
        try:
            yield browser
        finally:
            browser.send("session.end")


def _said(process: subprocess.Popen[str], pattern: str) -> str:
    """What a program says on its way up."""
    assert process.stdout
    for line in process.stdout:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"{process.args!r} ended without a word of {pattern}")


@contextmanager
def _started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def _firefox(folder: Path) -> Iterator[str]:
    profile = folder / "firefox"
    profile.mkdir()
    command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile)]
    with _started([*command, "--remote-debugging-port", "0"]) as process:
        yield _said(process, r"BiDi listening on (ws://\S+)") + "/session"


@contextmanager
def _chromium(folder: Path) -> Iterator[str]:
    arguments = [*CHROMIUM_OPTIONS, "--no-sandbox", f"--user-data-dir={folder / 'chromium'}"]
    options = {"binary": shutil.which("chromium"), "args": arguments}
    wanted = {"webSocketUrl": True, "goog:chromeOptions": options}
    with _started(["chromedriver", "--port=0"]) as process:
        port = _said(process, r"successfully on port (\d+)")
        body = json.dumps({"capabilities": {"alwaysMatch": wanted}}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/session", body, method="POST")
        with urllib.request.urlopen(request, timeout=START) as answer:
            yield json.load(answer)["value"]["capabilities"]["webSocketUrl"]
