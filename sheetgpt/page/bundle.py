"""The program of the page: the modules of `web/src/` joined into one classic script.

    python -m sheetgpt.page.bundle

A page that is opened from a file may not load modules, so the script has none: each module comes
after those that it imports from, without its import and export words, all in one function. For
that, what a module defines has a name of its own in the whole program. Users need no tools for
this, and neither do developers; the result is kept in `web/built/`.
"""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

WEB = Path(__file__).parent / "web"
SOURCES, BUILT = WEB / "src", WEB / "built"
#: Programs by the module that they start with.
PROGRAMS = {"page.js": "main.js", "recalculate.js": "recalculate.js"}
SCRIPT_HEAD = "// Made of sheetgpt/page/web/src by python -m sheetgpt.page.bundle.\n"

_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"\./([\w.]+)";\n', re.MULTILINE)
_OTHER_IMPORT = re.compile(r"^import .*|^export (?:default|\{|\*).*", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_DEFINED = re.compile(
    r"^(?:async )?(?:function\*?|class|const|let) (\w+|\{[^}]*\}|\[[^\]]*\])", re.MULTILINE
)


def program(start: str, sources: Path = SOURCES) -> str:
    """The text of the program that begins with a module.

    Raises ValueError for modules that import in a circle or in another way than by name, and for
    a name that two modules define.
    """
    texts: dict[str, str] = {}
    imports: dict[str, list[str]] = {}
    todo = [start]
    while todo:
        name = todo.pop()
        if name in texts:
            continue
        texts[name] = (sources / name).read_text(encoding="utf-8")
        imports[name] = [*dict.fromkeys(_IMPORT.findall(texts[name]))]
        todo += imports[name]
    try:
        order = list(TopologicalSorter(dict(sorted(imports.items()))).static_order())
    except CycleError as error:
        raise ValueError(f"Modules import in a circle: {' -> '.join(error.args[1])}.") from error
    parts, owners = [], dict[str, str]()
    for name in order:
        body = _IMPORT.sub("", texts[name])
        if odd := _OTHER_IMPORT.search(body):
            raise ValueError(f"{name}: {odd[0]!r} is more than names from a module beside it.")
        body = _EXPORT.sub("", body)
        for match in _DEFINED.finditer(body):
            for word in re.findall(r"\w+", match[1]):
                if word in owners:
                    raise ValueError(f"{name} and {owners[word]} both define {word}.")
                owners[word] = name
        parts.append(f"// ---- {name}\n{body.strip()}\n")
    return SCRIPT_HEAD + '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


def styles(sources: Path = SOURCES) -> str:
    """The style sheet."""
    return (sources / "page.css").read_text(encoding="utf-8")


def built() -> dict[str, str]:
    """Every built file by name, made anew."""
    return {
        **{name: program(start) for name, start in PROGRAMS.items()},
        "page.css": styles(),
    }


def main() -> None:
    """Write `web/built/`."""
    BUILT.mkdir(exist_ok=True)
    for name, text in built().items():
        (BUILT / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
