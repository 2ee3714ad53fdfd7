"""All that decides on a workbook beside its model and its prompt.

A further option is a line in `Changes` or `Choices`, a field of `Options` and what that decides;
one that a workbook keeps is read back in `options_in`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, cast, get_args

import numpy as np

from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Config
from sheetgpt.checkpoint.precision import PRECISIONS, Precision
from sheetgpt.errors import InputError
from sheetgpt.estimate import Storage
from sheetgpt.layout.switches import is_switch
from sheetgpt.layout.workbook import NOTHING
from sheetgpt.template.load import Templates, load_templates
from sheetgpt.verification.contents import as_text, text
from sheetgpt.verification.model import capacity_in
from sheetgpt.verification.vocabulary import cuts_special
from sheetgpt.xlsx.bulk import has_unnamed_cells
from sheetgpt.xlsx.limits import Limits
from sheetgpt.xlsx.read import read

DEFAULT_PROMPT = "Mike is quick. He moves"
DEFAULT_MODEL = "tiny"
#: Above this many weights the defaults favour speed and size over comfort.
LARGE_MODEL = 5_000_000
#: The room for prompts unless asked for: the attention patterns of the embedded model fit a screen.
USUAL_CAPACITY = Capacity(tokens=16, chars=64, rounds=16)
#: What is left out of large models unless asked for: a second pass doubles the work.
LARGE_WITHOUT = ("switches",)
#: In `without`: leave nothing out.
NONE = "none"
#: How a file is compressed: in the least time, or to the least size.
Compression = Literal["fast", "small"]
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)


class Changes(TypedDict, total=False):
    """What a workbook is built with and `reprompt` may change; None is as if it was not given."""

    tokens: int | None
    chars: int | None
    rounds: int | None
    settings: Mapping[str, object] | None
    templates: str | Path | None
    special_tokens: bool | None


class Choices(Changes, total=False):
    """The same, and what stays as it was built."""

    precision: Precision
    compression: Compression | None
    cell_refs: bool | None
    without: str | Sequence[str] | None


@dataclass(frozen=True)
class Options:
    """All that decides on a workbook; what is None depends on the size of the model.

    `tokens`, `chars` and `rounds` are the room for prompts. `settings` gives values to cells by
    their names. `templates` is a folder. `precision` is float32, float16 or int8, `compression`
    fast or small; `cell_refs` gives every weight's cell its name. `without` names optional parts
    to leave out, as a list or with commas between, or `none`. With `special_tokens`, those such as
    <|endoftext|> are cut out of a prompt whole; otherwise they are ordinary text in it.
    """

    tokens: int | None = None
    chars: int | None = None
    rounds: int | None = None
    settings: Mapping[str, object] | None = None
    templates: str | Path | None = None
    precision: Precision = "float32"
    compression: Compression | None = None
    cell_refs: bool | None = None
    without: str | Sequence[str] | None = None
    special_tokens: bool | None = None

    def changed(self, **changes: Unpack[Changes]) -> Options:
        """The same with what was asked for; settings that are not named keep their values."""
        given: dict[str, Any] = {k: value for k, value in changes.items() if value is not None}
        if self.settings:
            given["settings"] = {**self.settings, **given.get("settings", {})}
        return replace(self, **given)

    def capacity(self, config: Config) -> Capacity:
        """The room for prompts: what was asked for, else the usual within the model."""
        usual = USUAL_CAPACITY
        return replace(
            usual,
            tokens=min(usual.tokens, config.n_positions) if self.tokens is None else self.tokens,
            chars=usual.chars if self.chars is None else self.chars,
            rounds=usual.rounds if self.rounds is None else self.rounds,
        )

    def storage(self, n_weights: int) -> Storage:
        """How the cells are stored; raises InputError for a word that means nothing."""
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise InputError(f"There is no precision {self.precision}; choose of {known}.")
        if self.compression not in (None, *COMPRESSIONS):
            known = ", ".join(COMPRESSIONS)
            raise InputError(f"There is no compression {self.compression}; choose of {known}.")
        large = n_weights > LARGE_MODEL
        return Storage(
            self.precision,
            self.compression or ("fast" if large else "small"),
            not large if self.cell_refs is None else self.cell_refs,
        )

    def left_out(self, templates: Templates, n_weights: int) -> list[str]:
        """The optional parts to leave out: those asked for, and those too large for the model.

        `none` among them leaves out nothing but what is asked for. Raises InputError for a part
        that does not exist.
        """
        known = templates.wiring.parts
        without = self.without or ()
        words = [
            name.strip() for name in (without.split(",") if isinstance(without, str) else without)
        ]
        asked = [name for name in words if name not in ("", NONE, NOTHING)]
        if n_weights > LARGE_MODEL and NONE not in words:
            asked += [name for name in LARGE_WITHOUT if name in known]
        if unknown := [name for name in asked if name not in known]:
            raise InputError(
                f"There is no part {unknown[0]} to leave out; there are {', '.join(known)}, "
                f"and {NONE}."
            )
        return [name for name in known if name in asked]

    def values(self) -> dict[str, str]:
        """The settings as they are typed into cells; raises InputError for what no cell takes."""
        return {name: _typed(name, value) for name, value in (self.settings or {}).items()}

    def read_templates(self) -> Templates:
        """The templates to build from; raises TemplateError."""
        return load_templates(None if self.templates is None else Path(self.templates))


def options_in(path: Path, forms: Book, templates: Templates, limits: Limits) -> Options:
    """The options that a workbook was built with, read back from its file.

    `forms` holds its tabs Start, constants and about. The compression is not kept: None.
    """
    capacity = capacity_in(forms)
    return Options(
        tokens=capacity.tokens,
        chars=capacity.chars,
        rounds=capacity.rounds,
        settings=_settings_in(path, forms, templates, limits),
        precision=cast(Precision, text(forms, "precision")),  # checked when it is used
        cell_refs=not has_unnamed_cells(path),
        without=[NONE, *text(forms, "left_out").split(", ")],
        special_tokens=cuts_special(forms),
    )


def _settings_in(path: Path, forms: Book, templates: Templates, limits: Limits) -> dict[str, str]:
    """What the cells to type into hold in a workbook, the prompt left out."""
    names = [name for name in forms.names if name in templates.entries or is_switch(name)]
    book = read(path, only={forms.names[name].sheet for name in names}, limits=limits)
    return {name: ",".join(map(as_text, book.get(forms.names[name]).flat)) for name in names}


def _typed(name: str, value: object) -> str:
    """A value as one types it: numbers in digits, switches as 1 and 0, several with commas."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, Real):
        return repr(float(value)).removesuffix(".0")
    if isinstance(value, list | tuple | np.ndarray):
        return ",".join(_typed(name, item) for item in value)
    raise InputError(f"{name} cannot be set to {value!r}; give a number, or a list for switches.")
