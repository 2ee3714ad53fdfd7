"""What of sheetgpt and of the programs around it is here, for a report of a fault."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from sheetgpt._version import VERSION
from sheetgpt.checkpoint import cache
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.engines import ENGINES
from sheetgpt.engines.room import installed_memory
from sheetgpt.errors import EngineError, EngineMissing
from sheetgpt.xlsx.limits import MEMORY, SECONDS, STRANGERS

#: Packages, if the installation does not say which it needs (a copy of the sources).
PACKAGES = ("click", "formulas", "numpy", "orjson", "rich", "tokenizers", "xlsxwriter")


@dataclass(frozen=True)
class Health:
    """Versions by package, engines by name (with what is wrong, if anything), caches, limits."""

    version: str
    python: str
    system: str
    processors: int
    memory: int | None
    packages: dict[str, str]
    engines: dict[str, str]
    cache: dict[str, str | float]
    limits: dict[str, int | float]

    @property
    def document(self) -> dict[str, object]:
        """As JSON has it."""
        return {"schema": "sheetgpt.doctor/1", **asdict(self)}


def doctor(*, progress: Progress = quiet) -> Health:
    """Look at everything; nothing is changed, and no path of the user's but the cache is told."""
    engines = {}
    for name, engine in ENGINES.items():
        progress(f"Looking for {name}")
        try:
            engines[name] = engine.available()
        except EngineMissing as error:
            engines[name] = f"missing: {error}"
        except EngineError as error:
            engines[name] = f"broken: {error}"
    return Health(
        VERSION,
        platform.python_version(),
        platform.platform(),
        os.cpu_count() or 1,
        installed_memory(),
        {name: _version(name) for name in _packages()},
        engines,
        {"folder": str(cache.folder()), "bytes": cache.size(), "limit": cache.limit()},
        {"memory": MEMORY, "seconds": SECONDS, **asdict(STRANGERS)},
    )


def _packages() -> list[str]:
    try:
        needed = [text for text in requires("sheetgpt") or () if "extra" not in text]
    except PackageNotFoundError:
        return [*PACKAGES]
    return sorted(re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in needed)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
