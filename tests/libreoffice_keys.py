"""Use a workbook in a LibreOffice window with mouse and keyboard, and store what cells then show.

    PYTHON libreoffice_keys.py ENGINES SOFFICE FOLDER

For LibreOffice's own Python, as `uno_session.py` in the folder ENGINES. FOLDER/keys.json holds the
source and the acts, each a list: ["click", key held, across, down, sheet, row, col] at these parts
of the width and height of a cell, ["type", text], ["press", keys], and ["wait", sheet, row, col,
text] until the cell shows the text.
FOLDER/seen.json becomes a list of [sheet in the window, text of the cell] for each wait.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uno

WIDTH, HEIGHT = 1366, 768
#: Seconds to wait for a window, and for a cell to show what it should.
PATIENCE = 60.0
#: What a new profile is told: to paste over what is there, as it does after the first question.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Input">
<prop oor:name="ReplaceCellsWarning" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="ShowTipOfTheDay" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""
#: Accessible objects that hold few children: the tree is searched below these alone.
FEW = 100


def main(engines: str, soffice: str, folder: Path) -> None:
    """Do what FOLDER/keys.json asks."""
    sys.path.insert(0, engines)
    request = json.loads((folder / "keys.json").read_text())
    seen = []
    with screen() as display, window(soffice, folder, request["source"], display) as document:
        person = Person(document, display)
        for act, *rest in request["acts"]:
            found = getattr(person, act)(*rest)
            if act == "wait":
                seen.append(found)
        document.close(True)
    (folder / "seen.json").write_text(json.dumps(seen))


@contextmanager
def screen() -> Iterator[str]:
    """A screen that nobody sees; gives its name."""
    size = f"{WIDTH}x{HEIGHT}x24"
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        try:
            yield f":{server.stdout.readline().decode().strip()}"
        finally:
            server.terminate()


@contextmanager
def window(soffice: str, folder: Path, source: str, display: str) -> Iterator[Any]:
    """The document in a window that fills the screen, with a new profile."""
    from uno_session import START_AGAIN, connect  # noqa: PLC0415  # another program's module

    pipe = f"pipe,name=sheetgpt-{os.getpid()}"
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS)
    command = [
        soffice,
        f"-env:UserInstallation={profile.as_uri()}",
        f"--accept={pipe};urp;",
        *("--norestore", "--nologo", "--nodefault", "--nofirststartwizard"),
    ]
    process = started(command, display)
    while True:
        if process.poll() == START_AGAIN:
            process = started(command, display)
        elif process.poll() is not None:
            sys.exit("soffice ended before it was ready.")
        with suppress(uno.getClass("com.sun.star.connection.NoConnectException")):
            desktop = connect(pipe)
            break
        time.sleep(0.1)
    try:
        document = desktop.loadComponentFromURL(source, "_blank", 0, ())
        document.CurrentController.Frame.ContainerWindow.setPosSize(0, 0, WIDTH, HEIGHT, 15)
        yield document
        desktop.terminate()
        process.wait(PATIENCE)
    finally:  # a question that nobody has answered keeps it open
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def started(command: list[str], display: str) -> subprocess.Popen[bytes]:
    """A process on a screen, in a group of its own, that says nothing."""
    around = {**os.environ, "DISPLAY": display, "SAL_USE_VCLPLUGIN": "gen"}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=around, stdout=quiet, stderr=quiet, start_new_session=True)


class Person:
    """Acts on the window of a document with mouse and keyboard alone; reads cells to compare."""

    def __init__(self, document: Any, display: str) -> None:
        self.document, self.display = document, display
        ids = self._xdotool("search", "--sync", "--onlyvisible", "--name", "LibreOffice Calc")
        self._xdotool("windowfocus", "--sync", ids.split()[-1])

    def click(self, held: str, across: float, down: float, sheet: str, row: int, col: int) -> None:
        """Click somewhere in a cell of the tab in the window, with a key held down or none."""
        assert self._active() == sheet, f"the window shows {self._active()}, not {sheet}"
        table = _tables(self.document.CurrentController.Frame.ComponentWindow)
        # of merged cells only the first has a place, so their columns are looked for in row 0
        column, line = (
            table.getAccessibleCellAt(*at).getAccessibleContext() for at in ((0, col), (row, 0))
        )
        x = column.getLocationOnScreen().X + int(across * column.getSize().Width)
        y = line.getLocationOnScreen().Y + int(down * line.getSize().Height)
        keys = ["keydown", held] if held else []
        after = ["keyup", held] if held else []
        self._xdotool("mousemove", str(x), str(y), *keys, "click", "1", *after)

    def type(self, text: str) -> None:
        """Type a text, letter by letter."""
        self._xdotool("type", "--delay", "20", text)

    def press(self, keys: str) -> None:
        """Press some keys together, such as ctrl+c."""
        self._xdotool("key", keys)

    def wait(self, sheet: str, row: int, col: int, text: str) -> tuple[str, str]:
        """Until the window shows this tab and the cell this text, or no more patience is left."""
        cell = self.document.Sheets.getByName(sheet).getCellByPosition(col, row)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and (self._active(), cell.String) != (sheet, text):
            time.sleep(0.1)
        return self._active(), cell.String

    def _active(self) -> str:
        return str(self.document.CurrentController.ActiveSheet.Name)

    def _xdotool(self, *words: str) -> str:
        around = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(["xdotool", *words], env=around, capture_output=True, check=True,
                              timeout=PATIENCE)  # fmt: skip
        return done.stdout.decode()


def _tables(component: Any) -> Any:
    """The accessible table of cells in a window."""
    waiting = [component.getAccessibleContext()]
    while waiting:
        context = waiting.pop()
        if hasattr(context, "getAccessibleCellAt"):
            return context
        if context.getAccessibleChildCount() < FEW:
            children = range(context.getAccessibleChildCount())
            waiting += [context.getAccessibleChild(i).getAccessibleContext() for i in children]
    sys.exit("the window has no table of cells.")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
