"""What is said when something goes wrong that nothing else has a sentence for.

Only `--debug` shows where it happened. No library is imported here, so that this also speaks for an
installation that does not start.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress

from sheetgpt.printed import on_one_line

#: Exit codes: bad input, a fault of sheetgpt itself, and those that shells give a program that
#: Ctrl-C, a closed pipe or SIGTERM has ended.
BAD_INPUT, FAULT, INTERRUPTED, PIPE_CLOSED, TERMINATED = 2, 3, 130, 141, 143
#: Shows the traceback of a fault; read from the command line as it is, wherever it stands.
DEBUG = "--debug"


def last_resort(error: BaseException) -> int:
    """Say on stderr that a command has failed, and give its exit code."""
    with suppress(OSError, ValueError):  # nobody may be there to read it
        if DEBUG in sys.argv:
            traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        return PIPE_CLOSED
    code, sentence = _sentence(error)
    with suppress(OSError, ValueError):
        print(f"Error: {sentence}", file=sys.stderr, flush=True)
    return code


def _sentence(error: BaseException) -> tuple[int, str]:
    if isinstance(error, MemoryError):
        return BAD_INPUT, "There is not enough memory for this; use a smaller model or less room."
    if isinstance(error, OSError) and error.strerror:
        what = on_one_line(os.fsdecode(error.filename)) if error.filename else "The system refuses"
        return BAD_INPUT, f"{what}: {error.strerror}."
    what = f"{type(error).__name__}: {on_one_line(error)}"[:300].rstrip(". ")
    return FAULT, (
        f"This is a fault of sheetgpt ({what}); please report it with the command, its file, what "
        f"`sheetgpt doctor` prints, and what {DEBUG} adds to this message."
    )
