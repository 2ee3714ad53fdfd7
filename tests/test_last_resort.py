"""Whatever happens: a sentence, an exit code that means it, and output that is safe to print."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sheetgpt import cli
from sheetgpt.printed import in_json, on_one_line, printable

SHEETGPT = [sys.executable, "-m", "sheetgpt"]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ZeroDivisionError("division by zero"), 3, "fault of sheetgpt (ZeroDivisionError: divis"),
        (RecursionError("too deep\n::error::"), 3, "(RecursionError: too deep\\n::error::)"),
        (EOFError("no more"), 3, "fault of sheetgpt (EOFError: no more)"),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "no"), 3, "UnicodeEncode"),
        (MemoryError(), 2, "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device", "/x\x1b"), 2, "/x\\x1b: No space left"),
        (OSError(errno.EMFILE, "Too many open files"), 2, "The system refuses: Too many open"),
        (BrokenPipeError(), 141, ""),
        (KeyboardInterrupt(), 130, "Stopped."),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_error_that_nothing_foresaw(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    words: str,
    debug: bool,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sheetgpt.predict", fail)
    monkeypatch.setattr(sys, "argv", ["sheetgpt", "predict", "a", *["--debug"] * debug])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    err = capsys.readouterr().err
    assert stop.value.code == code
    assert words in err
    assert ("Traceback" in err) == (debug and code != 130)


def test_an_installation_that_is_broken(tmp_path: Path) -> None:
    (tmp_path / "rich").mkdir()
    (tmp_path / "rich" / "__init__.py").write_text("raise ImportError('half of rich is missing')")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])
    done = subprocess.run(
        SHEETGPT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 3
    assert done.stderr.startswith("Error: This is a fault of sheetgpt (ImportError: half of rich")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("arguments", [["--json"], []])
def test_a_stdout_of_any_encoding(encoding: str, arguments: list[str]) -> None:
    done = subprocess.run(
        [*SHEETGPT, "predict", "’👍 é", "--top", "1", *arguments],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    text = done.stdout.decode(encoding)
    if arguments:
        assert json.loads(text)["prompt"] == "’👍 é"
    else:
        assert ("👍" if encoding == "utf-8" else r"\U0001f44d") in text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_under_the_report() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*SHEETGPT, "predict", "a"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "Error: The system refuses: No space left on device.",
    )


def test_nobody_reads_the_report() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*SHEETGPT, "predict", "a"], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert (done.returncode, "Error" in done.stderr) == (141, False)


def test_odd_names_in_messages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "a\n::error::\x1b[2J\u202e\udcff.xlsx"
    for arguments in (
        ["verify", name],
        ["verify", "x", "--engine", name],
        [name],
        ["prompt", name, "a"],
    ):
        monkeypatch.setattr(sys, "argv", ["sheetgpt", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = "".join(capsys.readouterr())
        assert stop.value.code == 2
        assert "\n::error" not in said
        assert "\x1b" not in said
        assert r"a\n::error::\x1b[2J" in said


def test_what_is_escaped() -> None:
    text = "a\tb\n\x85\u2028é👍\ud83d"
    assert printable(text) == "a\\tb\n\\x85\\u2028é👍\\ud83d"
    assert on_one_line(text) == "a\\tb\\n\\x85\\u2028é👍\\ud83d"
    assert json.loads(in_json(json.dumps(text, ensure_ascii=False))) == text
