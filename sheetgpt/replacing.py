"""Write beside a file, then rename: what stands there is whole at every moment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: What is written beside a file carries its name, the number of the process that writes, and this.
ENDING = ".part"


@contextmanager
def replacing(target: Path, others: tuple[str, ...] = ()) -> Iterator[Path]:
    """A new file beside `target`, of this process alone, which takes its place in the end.

    When the block fails, `target` stays as it was. The new file is removed then, and in any case
    those that are `beside` it with `others` as endings; what processes that were killed have left
    there goes first. Raises OSError as the file system does.
    """
    _remove_abandoned(target, (ENDING, *others))
    unfinished = beside(target, ENDING)
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        for ending in (ENDING, *others):
            with suppress(OSError):  # mostly there is none, or not even its folder
                beside(target, ending).unlink()


def beside(target: Path, ending: str) -> Path:
    """The name of a file beside another that only this process uses."""
    return target.with_name(f"{target.name}.{os.getpid()}{ending}")


def _remove_abandoned(target: Path, endings: tuple[str, ...]) -> None:
    """Remove what writers of `target` left beside it that do not run any more."""
    ending = "|".join(map(re.escape, endings))
    # Twice for what was written beside such a file itself.
    pattern = re.compile(rf"{re.escape(target.name)}\.(\d+)(?:{ending})(?:\.\1(?:{ending}))?")
    with suppress(OSError):  # the folder may not be there yet
        for path in target.parent.iterdir():
            if (found := pattern.fullmatch(path.name)) and not _runs(int(found[1])):
                with suppress(OSError):
                    path.unlink()


def _runs(process: int) -> bool:
    """Whether a process runs; on Windows, where files in use cannot be removed, none counts."""
    if os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
