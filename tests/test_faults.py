"""What goes wrong around a build: the file that was there stays whole, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sheetgpt

#: Ends the process, or lets the disk be full, as soon as XlsxWriter's part is written.
AT_SPLICE = """
import errno, os, signal, sys
from sheetgpt.xlsx import write
from sheetgpt.__main__ import main
def fault(*_):
    {fault}
# A shell's background jobs ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
write.splice = fault
main()
"""
KILLED, STOPPED = -signal.SIGKILL, 130
FULL = "raise OSError(errno.ENOSPC, 'No space left on device')"
FAULTS = {
    "kill -9": ("os.kill(os.getpid(), signal.SIGKILL)", KILLED, ""),
    "Ctrl-C": (
        "os.kill(os.getpid(), signal.SIGINT); import time; time.sleep(9)",
        STOPPED,
        "Stopped.",
    ),
    "disk full": (FULL, 2, "cannot be written: [Errno 28] No space left on device."),
}


class Room:
    """A folder with a workbook in it, and a folder for temporary files."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.folder, self.temporary = folder / "books", folder / "temporary"
        self.file = self.folder / "book.xlsx"
        self.temporary.mkdir()
        self.model = model
        sheetgpt.build("Ice is", model, self.file, tokens=2, chars=6, rounds=2)
        self.before = self.file.read_bytes()

    def start(
        self, prompt: str, program: tuple[str, ...] = ("-m", "sheetgpt")
    ) -> subprocess.Popen[str]:
        size = ("--tokens", "2", "--chars", "6", "--rounds", "2", "--model", str(self.model))
        command = [
            sys.executable,
            *program,
            "build",
            prompt,
            *size,
            "-o",
            str(self.file),
            "--force",
        ]
        environment = {**os.environ, "TMPDIR": str(self.temporary)}
        return subprocess.Popen(
            command,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )

    @property
    def left(self) -> set[Path]:
        return {*self.folder.iterdir(), *self.temporary.iterdir()} - {self.file}


@pytest.fixture
def room(tmp_path: Path, small_model: Path) -> Room:
    return Room(tmp_path, small_model)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_while_a_workbook_is_written(room: Room, name: str) -> None:
    fault, code, words = FAULTS[name]
    with room.start("She", ("-c", AT_SPLICE.format(fault=fault))) as process:
        said = process.communicate(timeout=120)[1]
    assert (process.returncode, words in said) == (code, True), said
    assert room.file.read_bytes() == room.before
    assert bool(room.left) is (code == KILLED)
    with room.start("She") as process:  # which removes what is left
        assert process.wait(120) == 0
    assert room.left == set()
    assert room.file.read_bytes() != room.before


@pytest.mark.slow
def test_two_builds_of_one_file(room: Room) -> None:
    with room.start("Ice is") as one, room.start("She") as other:
        assert (one.wait(120), other.wait(120)) == (0, 0)
    assert sheetgpt.verify(room.file).prompt in ("Ice is", "She")
    assert room.left == set()


def test_a_folder_that_nothing_can_be_written_to(small_model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(
        sheetgpt.WorkbookError, match=r"cannot be written: .*file takes no new files"
    ):
        sheetgpt.build("Ice", small_model, tmp_path / "file" / "a.xlsx", tokens=2, chars=4)
