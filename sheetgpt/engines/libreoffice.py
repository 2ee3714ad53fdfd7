"""LibreOffice, run headless with a throw-away profile and read over UNO.

UNO belongs to the Python that LibreOffice was packaged for, so `uno_session.py` runs as a
process of its own and hands the values over in files.

LibreOffice has no boolean cells, only numbers shown as TRUE and FALSE, and in array formulas not
even those: booleans come back as 1.0 and 0.0.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.engines.process import ANSWERING, patience, run, said
from sheetgpt.engines.program import Program
from sheetgpt.engines.session import answers, ask
from sheetgpt.errors import EngineMissing

#: Rows and columns from the release notes of 7.4; memory measured with it on GPT-2 small.
PROGRAM = Program("LibreOffice 7.4+", cell_memory=40)

_MAC = Path("/Applications/LibreOffice.app/Contents")
_SYSTEM_PYTHON = Path("/usr/bin/python3")

_MISSING = (
    "LibreOffice{part} is not installed: `apt install libreoffice-calc python3-uno` on Debian "
    "and Ubuntu, or the package from libreoffice.org."
)

#: LibreOffice's error numbers and their names in Excel (formula/errorcodes.hxx). Any other, such
#: as Err:502 for a wrong argument, becomes #VALUE!, as in the .xlsx files that it saves.
_ERRORS = {
    503: "#NUM!",
    519: "#VALUE!",
    521: "#NULL!",
    523: "#NUM!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
    32767: "#N/A",
}


def available() -> str:
    """The version of LibreOffice; EngineMissing if it or its UNO bridge is not there."""
    program = soffice()
    python(program)
    return " ".join(said("LibreOffice", [program, "--version"]).split()[:2])


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Load read-only, recalculate hard and read; see `sheetgpt.engines.Engine`."""
    program = soffice()
    session = Path(__file__).with_name("uno_session.py")
    with TemporaryDirectory(prefix="sheetgpt-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        ask(folder, path.resolve().as_uri(), areas)
        run(
            "LibreOffice",
            [python(program), str(session), program, temporary],
            seconds=patience(path),
            # A virtual environment's packages are not for another Python.
            environment={"TMPDIR": temporary, "PYTHONPATH": "", "PYTHONNOUSERSITE": "1"},
        )
        return answers("LibreOffice", folder, areas, lambda code: _ERRORS.get(code, "#VALUE!"))


def soffice() -> str:
    """The program; EngineMissing if it is not there."""
    for name in ("soffice", "libreoffice", str(_MAC / "MacOS/soffice")):
        if found := shutil.which(name):
            return str(Path(found).resolve())
    raise EngineMissing(_MISSING.format(part=""))


def python(program: str) -> str:
    """The Python that can `import uno`: LibreOffice's own, else the system's."""
    for own in (Path(program).with_name("python"), _MAC / "Resources/python", _SYSTEM_PYTHON):
        if own.exists() and _succeeds([str(own), "-c", "import uno"]):
            return str(own)
    raise EngineMissing(_MISSING.format(part="'s Python bridge (UNO)"))


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=ANSWERING)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
