"""Tables of a TOML file: which keys and which kinds of values are right.

Everything that is wrong is collected, each problem with its place, and said at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from reprlib import repr
from typing import Any, NamedTuple

from sheetgpt.errors import TemplateError

#: A table of a TOML file as it was read: nothing is known of its values yet.
Table = Mapping[str, Any]


@dataclass
class Problems:
    """Collects everything that is wrong with the templates."""

    lines: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Note a problem, once; `where` is file and place."""
        line = f"{where}: {what}"
        if line not in self.lines:
            self.lines.append(line)

    @contextmanager
    def at(self, where: str, *errors: type[Exception]) -> Iterator[None]:
        """Turn these errors, raised in the `with` block, into a problem at this place."""
        try:
            yield
        except errors as error:
            self.add(where, str(error))

    def raise_any(self, folder: str) -> None:
        """Raise TemplateError with all problems, if there are any."""
        if self.lines:
            count = len(self.lines)
            head = f"The templates in {folder} have {count} problem{'s' if count > 1 else ''}:"
            raise TemplateError("\n  ".join([head, *self.lines]))


class Kind(NamedTuple):
    """A kind of value: its name in a message and how to tell it."""

    words: str
    fits: Callable[[Any], bool]


def _list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(x, kind) for x in value)


TEXT = Kind("a text", lambda value: isinstance(value, str))
TEXTS = Kind("a list of texts", _list_of(str))
VALUE = Kind("a text or a number", lambda value: isinstance(value, str | int | float))
WHOLE = Kind("a whole number", lambda value: type(value) is int)
TRUE = Kind("true", lambda value: value is True)
TABLE = Kind("a table", lambda value: isinstance(value, dict))
TABLES = Kind("a list of tables", _list_of(dict))
TEXT_TABLE = Kind(
    "a table of texts",
    lambda value: isinstance(value, dict) and all(isinstance(x, str) for x in value.values()),
)
NAMES = Kind("a name or a list of names", lambda value: TEXT.fits(value) or TEXTS.fits(value))


def one_of(*words: str) -> Kind:
    """One of these texts."""
    return Kind(f"one of {', '.join(words)}", lambda value: value in words)


def entries(
    table: Table,
    where: str,
    problems: Problems,
    required: Mapping[str, Kind],
    optional: Mapping[str, Kind] | None = None,
) -> dict[str, Any]:
    """What stands under known keys with values of the right kind; all else is a problem."""
    known = {**required, **(optional or {})}
    out = {}
    for key, value in table.items():
        if key not in known:
            problems.add(where, f"unknown key '{key}' (known: {', '.join(sorted(known))})")
        elif not known[key].fits(value):
            problems.add(where, f"'{key}' must be {known[key].words}, not {repr(value)}")
        else:
            out[key] = value
    for key in required:
        if key not in table:
            problems.add(where, f"'{key}' is missing")
    return out
